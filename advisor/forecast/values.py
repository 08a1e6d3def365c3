"""What a forecast is asked and what it answers. Seconds, GB (10^9 bytes), GMACs (1 MAC = 2 FLOPs)."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from advisor.evidence import Basis

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from advisor.forecast.tables import Speeds
    from advisor.spread import Spread

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

REACH_YES: Final = 0
REACH_SPECIALIST: Final = 1
REACH_NO: Final = 2

# How a figure was reached, from the surest to none at all; a forecast's `tier` is a row of this.
TIERS: Final = ("measured-here", "measured-there", "same-chip-fit", "family-fit", "spec-ratio", "class-guess", "refused")
MEASURED_HERE, MEASURED_THERE, SAME_CHIP, FAMILY, SPEC, CLASS, REFUSED = range(7)


SMALL_NUMBERS: Final = ("int8", "int4", "uint8")


@dataclass(frozen=True, slots=True)
class Workload:
    """One call of a model at batch 1. `gmacs` `None` = unknown; weights in bytes as stored.

    `classes` is the work by class of operator (`advisor.operator_classes.COLUMNS`), empty where it is not known.
    `seen_bytes`: the most memory that its process took when it was measured; `None` = never run.
    """

    gmacs: float | None
    params_millions: float
    activations_millions: float | None
    weight_bytes: float
    precision: str
    classes: Mapping[str, float] = field(default_factory=dict)
    seen_bytes: float | None = None


@dataclass(frozen=True, slots=True)
class TextWorkload:
    """One call of a text model.

    `active_billions`: the part that works on each word, of a model made of parts (a mixture of experts); `None`: all of it.
    """

    params_billions: float
    prompt_tokens: int
    output_tokens: int
    context_tokens: int
    active_billions: float | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Machines:
    """n machines as columns, shape (n,); NaN where nothing is known.

    One call: `speed` GMACs/s, `stream` millions of activations/s, `operator_s` seconds for each operator; `low` and `high` are
    the factors of the 80 % range on time. Work without a pause: `burst_speed` and `burst_stream` (batches), or
    `gain` times the single call. Small accelerators: `room_mb` of 8-bit weights on the chip and `link_gbps` over which a larger
    model is read again, with their ends. Text: `words_gbps` (memory speed reached when writing), `words_step_s` (launches of
    each word) and `prompt_speed` (GMACs/s when reading), each with low and high as factors of speed. `memory_gb` holds one
    model, `text_gb` a model spread over all cards. `is_accelerator` marks
    small accelerators, which need a converted model; `this_one` the computer that was measured; `chip` is the chip that
    the speed is of, '' where its make is unknown. `note` names the published rows nearest to it, `words_note` those on text;
    `speeds` are the learned numbers they all rest on.
    """

    speed: Floats
    stream: Floats
    operator_s: Floats
    low: Floats
    high: Floats
    burst_speed: Floats
    burst_stream: Floats
    gain: Floats
    gain_high: Floats
    words_gbps: Floats
    words_step_s: Floats
    words_low: Floats
    words_high: Floats
    prompt_speed: Floats
    prompt_low: Floats
    prompt_high: Floats
    side_by_side: Floats
    memory_gb: Floats
    text_gb: Floats
    bandwidth_gbps: Floats
    room_low_mb: Floats
    room_mb: Floats
    room_high_mb: Floats
    link_low: Floats
    link_gbps: Floats
    link_high: Floats
    tier: Ints
    words_tier: Ints
    reach: Ints
    is_processor: Bools
    is_accelerator: Bools
    this_one: Bools
    chip: NDArray[Any]
    note: NDArray[Any]
    words_note: NDArray[Any]
    speeds: Speeds

    def __repr__(self) -> str:
        return f"Machines(n={self.n})"

    @property
    def n(self) -> int:
        """How many machines."""
        return len(self.speed)

    def rows(self, which: Ints) -> Machines:
        """These machines only, in this order."""
        columns = {f.name: getattr(self, f.name)[which] for f in fields(self) if f.name != "speeds"}
        return Machines(**columns, speeds=self.speeds)


@dataclass(frozen=True, slots=True)
class OwnRun:
    """The owner's model as measured on one machine: time of one call [s], from the best to the worst round.

    `copy` names the slimmer copy that the times are of ('' for the model itself); `as_is_s` is then the likely time of the
    model itself, the only one that says something of other machines. `spread`: how its calls differed, `None` where they were
    too few to tell. `per_s`: calls a second when work never runs out, as measured; `None` where that was not tried.
    """

    low_s: float
    likely_s: float
    high_s: float
    p95_s: float | None
    copy: str = ""
    as_is_s: float | None = None
    spread: Spread | None = None
    per_s: float | None = None


@dataclass(frozen=True, slots=True)
class Forecast:
    """Times for one call on n machines [s], shape (n,); NaN where refused. `throughput_*` in calls per second.

    `first_word_*` [s] and `words_per_s_*` (tokens a second of one request) are for text models, else NaN. `reach`: 0 runs
    as it is, 1 after conversion by a specialist, 2 not at all. `tier` is a row of TIERS. `why(i)`: key of the words that
    say how figure i was reached; `told(i)`: the same as a plain English sentence that names the nearest published rows.
    """

    latency_low: Floats
    latency_likely: Floats
    latency_high: Floats
    throughput_low: Floats
    throughput_likely: Floats
    throughput_high: Floats
    first_word_low: Floats
    first_word_likely: Floats
    first_word_high: Floats
    words_per_s_low: Floats
    words_per_s_likely: Floats
    words_per_s_high: Floats
    fits: Bools
    reach: Ints
    tier: Ints
    measured: Bools
    why: Callable[[int], str]
    told: Callable[[int], str]

    def basis(self, i: int) -> Basis:
        """Measured on this very machine, or estimated; a published row is never sold as more than an estimate here."""
        return Basis.MEASURED if self.measured[i] else Basis.ESTIMATED
