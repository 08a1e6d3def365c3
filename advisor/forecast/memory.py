"""Whether a model finds room, and what it costs where a small chip has to read it again at every answer.

A model that does not fit a machine's memory is refused. One that does not fit the memory on a small accelerator itself still
runs, in another class: its weights come over a link at every answer (learned in `advisor.forecast.learn_memory`), so it is
slower, less sure, and the sentence says so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from advisor.catalog import Chip
    from advisor.forecast.learned import Known
    from advisor.forecast.tables import Speeds
    from advisor.forecast.values import Bools, Floats, Machines, Workload

# Weights are held once, and again while they are read.
WEIGHT_ROOM: Final = 1.3
# Bytes of one number that a layer hands on; 16-bit numbers are counted as 32-bit ones, since not every step takes them.
NUMBER_BYTES: Final = 4.0
# The program that runs the model, without it: Python and its runtime, measured at 66 MB (2026-11) and rounded up [GB].
PROGRAM_GB: Final = 0.1
# Names among the learned numbers: MB of 8-bit weights that a chip holds, GB/s over which it reads the others, the same where
# nobody published it, and what the connector of a host lets through.
ROOM: Final = "npu.room."
LINK: Final = "npu.link."
ANY_LINK: Final = "npu.link"
HOST: Final = "host.link."
READ_AGAIN: Final = "Your model is larger than the memory on the chip itself, so it is read again for every answer: slower, and less sure."
MAY_BE_READ_AGAIN: Final = "Your model may be too large for the memory on the chip itself; then every answer takes longer."


class Spill(NamedTuple):
    """Seconds that reading the weights again adds to an answer, shape (n,) each; 0 where they fit or nobody knows."""

    low: Floats
    likely: Floats
    high: Floats

    def told(self, sentence: Callable[[int], str]) -> Callable[[int], str]:
        """The sentences with what the reading means to the owner."""

        def with_reading(i: int) -> str:
            if self.likely[i] > 0:
                return f"{sentence(i)} {READ_AGAIN}"
            return f"{sentence(i)} {MAY_BE_READ_AGAIN}" if self.high[i] > 0 else sentence(i)

        return with_reading


def needed_gb(work: Workload, activations_millions: float) -> float:
    """Memory that one call takes [GB]: as its process was seen to take, else a bound of weights, layers and the program.

    The bound counts everything that the layers hand on, of which only a part is alive at once. What was seen covers runs
    of several calls side by side too, so the smaller of the two is enough; the weights are needed in any case.
    """
    bound = (work.weight_bytes * WEIGHT_ROOM + NUMBER_BYTES * 1e6 * activations_millions) / 1e9 + PROGRAM_GB
    return bound if work.seen_bytes is None else min(bound, max(work.seen_bytes, work.weight_bytes) / 1e9)


def fits(work: Workload, m: Machines, activations_millions: float) -> Bools:
    """Machines whose memory holds one call; unknown memory holds nothing."""
    return np.asarray(m.memory_gb >= needed_gb(work, activations_millions), dtype=bool)


def spill(work: Workload, m: Machines) -> Spill:
    """What reading the weights again adds on each machine. Around the chip's limit it hangs on the network, so the ends differ."""
    # On these chips a weight is an 8-bit number.
    gb = work.params_millions / 1000
    size = work.params_millions

    def reading(limit: Floats, speed: Floats) -> Floats:
        with np.errstate(invalid="ignore"):
            return np.where(size > limit, gb / speed, 0.0)

    return Spill(reading(m.room_high_mb, m.link_high), reading(m.room_mb, m.link_gbps), reading(m.room_low_mb, m.link_low))


def spill_seconds(kinds: Mapping[str, Known], chip: str, params_millions: float) -> float:
    """Seconds an answer spends reading weights again where a chip's numbers were published; 0 where they fit or nobody knows."""
    room, link = kinds.get(ROOM + chip), kinds.get(LINK + chip)
    if room is None or link is None or not params_millions > room.value:
        return 0.0
    return params_millions / 1000 / link.value


def small_memory(speeds: Speeds, chip: Chip, host_id: str | None) -> dict[str, Any]:
    """Columns for an accelerator with little memory of its own on the chip; empty where its size is not known.

    A chip without memory beside it reads over its host's connector, which may be slower than where it was published.
    """
    room, link = speeds.kinds.get(ROOM + chip.id), speeds.kinds.get(LINK + chip.id, speeds.kinds.get(ANY_LINK))
    if room is None or link is None:
        return {}
    low, likely, high = link.low, link.value, link.high
    host = speeds.kinds.get(HOST + (host_id or ""))
    if host is not None and not chip.memory_gb:
        low, likely, high = min(low, host.low), min(likely, host.value), min(high, host.high)
    return {
        "room_low_mb": room.low, "room_mb": room.value, "room_high_mb": room.high,
        "link_low": low, "link_gbps": likely, "link_high": high,
    }  # fmt: skip
