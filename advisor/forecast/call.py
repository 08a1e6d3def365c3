"""One call of a model that is not a text model, on many machines at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from advisor.forecast.felt import Totals, felt, totals
from advisor.forecast.memory import Spill, fits, spill
from advisor.forecast.tables import NARROWEST, Speeds
from advisor.forecast.values import (
    MEASURED_HERE,
    MEASURED_THERE,
    REACH_YES,
    REFUSED,
    SMALL_NUMBERS,
    TIERS,
    Bools,
    Floats,
    Forecast,
    Ints,
    Machines,
    OwnRun,
    Workload,
)  # fmt: skip

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

# The part of the owner's surprise that holds elsewhere too. Public rows: models stray 0.23 (log) from their fit and share
# half of that between processors; the owner's machine itself strays 0.35 to 0.65 from its guess, which says nothing of
# others; our runtime beside the published ones may add 0.25 that all share. (0.5 x 0.23^2 + 0.25^2) over the sum: 0.15 to
# 0.4, and less for other kinds of chip.
CARRIED: Final = 0.25
CARRIED_ELSEWHERE: Final = 0.1
MOST_CARRIED: Final = 3.0
_HALF_NUMBERS: Final = ("fp16", "bf16", "float16")
# A batch of 32-bit numbers does twice the arithmetic work and moves twice the bytes of one with 16-bit numbers.
FULL_NUMBERS: Final = 2.0


def forecast_call(
    work: Workload, m: Machines, own: OwnRun | None, own_machine_guess: float | None, there: Mapping[int, OwnRun]
) -> Forecast:
    """Times of one call; see `advisor.forecast.forecast`."""
    speeds = m.speeds
    plain = totals(work, speeds)
    on_processor, on_accelerator = (felt(work, plain, speeds, unit) for unit in ("cpu", "npu"))
    gmacs, activations, operators = (
        np.where(m.is_processor, a, np.where(m.is_accelerator, b, c))
        for a, b, c in zip(on_processor.parts, on_accelerator.parts, plain.parts, strict=True)
    )
    reading = np.nan_to_num(work.weight_bytes / 1e9 / m.bandwidth_gbps, nan=0.0)
    likely = np.maximum(gmacs / m.speed + activations / m.stream, reading) + operators * m.operator_s
    low = np.maximum(likely * m.low / plain.doubt, reading * 0.7)
    high = np.maximum(likely * m.high * plain.doubt, reading * 1.3)
    likely, low, high = _precision(work.precision, m, speeds, likely, low, high)
    low, likely, high = (x * carried(m, own, own_machine_guess) for x in (low, likely, high))
    again = spill(work, m)
    low, likely, high = low + again.low, likely + again.likely, high + again.high
    measured = m.this_one & (own is not None)
    if own is not None:
        low, likely, high = (np.where(measured, value, x) for value, x in ((own.low_s, low), (own.likely_s, likely), (own.high_s, high)))
    elsewhere = np.zeros(m.n, dtype=bool)
    for row, run in there.items():
        low[row], likely[row], high[row], elsewhere[row] = run.low_s, run.likely_s, run.high_s, True
    measured = measured | elsewhere
    low, high = np.minimum(low, likely), np.maximum(high, likely)
    throughput = _throughput(work, m, felt(work, plain, speeds, "gpu"), measured, low, likely, high, again)
    runs = {**(dict.fromkeys(np.flatnonzero(m.this_one).tolist(), own) if own is not None else {}), **there}
    for row, run in runs.items():
        if run.per_s is not None:
            # What was tried in heaps stands as it was measured, but never below one call after the other.
            for end in throughput[1:]:
                end[row] = np.fmax(end[row], run.per_s)
    tier = np.where(np.isfinite(likely), m.tier, REFUSED)
    tier = np.where(measured, np.where(elsewhere, MEASURED_THERE, MEASURED_HERE), tier)
    blank = np.full(m.n, np.nan)
    return Forecast(
        low,
        likely,
        high,
        *throughput,
        blank,
        blank,
        blank,
        blank,
        blank,
        blank,
        # Where it ran it fits.
        elsewhere | fits(work, m, plain.activations),
        np.where(elsewhere, REACH_YES, m.reach),
        tier,
        measured,
        keys(tier),
        again.told(sentences(tier, m.note)),
    )


def _precision(precision: str, m: Machines, speeds: Speeds, likely: Floats, low: Floats, high: Floats) -> tuple[Floats, Floats, Floats]:
    """Smaller numbers: a gain on processors as published, no promise on graphics chips but a lower low end."""
    if precision in SMALL_NUMBERS:
        gain = speeds.kinds["cpu.int8"]
        middle, most = max(gain.value, 1.0), max(gain.high, 1.0)
        return np.where(m.is_processor, likely / middle, likely), low / most, high
    if precision in _HALF_NUMBERS:
        return likely, low / 1.3, high
    return likely, low, high


def carried(m: Machines, own: OwnRun | None, guess: float | None) -> Floats:
    """Factor on time that the owner's surprise brings to other machines: most to processors, less to other kinds."""
    if own is None or not guess or not np.isfinite(guess):
        return np.ones(m.n)
    surprise = np.clip(np.log((own.as_is_s or own.likely_s) / guess), -np.log(MOST_CARRIED), np.log(MOST_CARRIED))
    factor: Floats = np.exp(np.where(m.is_processor, CARRIED, CARRIED_ELSEWHERE) * surprise)
    return factor


def _throughput(
    work: Workload,
    m: Machines,
    batched: Totals,
    measured: Bools,
    low: Floats,
    likely: Floats,
    high: Floats,
    again: Spill,
) -> tuple[Floats, Floats, Floats]:
    """Calls a second when work never runs out. One call after the other is the least; batches and idle cores add to it."""
    full = 1.0 if work.precision in (*_HALF_NUMBERS, *SMALL_NUMBERS) else FULL_NUMBERS
    with np.errstate(divide="ignore", invalid="ignore"):
        batch = 1 / (full * (batched.gmacs / m.burst_speed + batched.activations / m.burst_stream))
    # What overlaps is the work; weights that are read again stand in line.
    one = np.where(measured, 1 / likely, 1 / ((likely - again.likely) / m.gain + again.likely))
    best = np.where(measured, 1 / low, 1 / ((low - again.low) / m.gain_high + again.low))
    middle = np.fmax(one, np.where(measured, np.nan, batch))
    # Batches need a program that gathers them: the low end is without.
    return 1 / high, middle, np.fmax(np.fmax(best, middle), np.where(measured, np.nan, batch * NARROWEST))


_KEYS: Final = {
    "measured-here": "why.measured",
    "measured-there": "why.measured-there",
    "same-chip-fit": "why.chip-fit",
    "family-fit": "why.processor-class",
    "spec-ratio": "why.chip-class",
    "class-guess": "why.owned-class",
    "refused": "why.none",
}
_TOLD: Final = {
    "measured-here": "We measured your model on this computer.",
    "measured-there": "Your model was measured on a machine of this very kind.",
    "same-chip-fit": "Worked out from {}.",
    "family-fit": "Worked out from {}.",
    "spec-ratio": "Worked out from {}.",
    "class-guess": "A guess from {}.",
    "refused": "We know too little about this machine to say. A test run on it would settle it.",
}


def keys(tier: Ints) -> Callable[[int], str]:
    """The key of the words for how machine i was forecast."""
    return lambda i: _KEYS[TIERS[int(tier[i])]]


def sentences(tier: Ints, note: NDArray[Any]) -> Callable[[int], str]:
    """The sentence for how machine i was forecast."""
    return lambda i: _TOLD[TIERS[int(tier[i])]].format(note[i])
