"""What it means for a forecast that sources differ on a fact of a chip: a wider range, and the smallest memory."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from advisor.catalog import Chip

# The column of chips.csv behind each fact of `Chip`.
BANDWIDTH = "memory_bandwidth_gbps"
MEMORY = "memory_gb"


def slower_or_faster(chip: Chip, **power: float) -> tuple[float, float]:
    """The range that contradictions leave on a speed that goes with these facts to these powers, as factors low and high."""
    down = up = 0.0
    for fact, exponent in power.items():
        low, high = chip.doubt(fact)
        down += (exponent * math.log(low)) ** 2
        up += (exponent * math.log(high)) ** 2
    return math.exp(-math.sqrt(down)), math.exp(math.sqrt(up))


def widened(low: float, high: float, doubt: tuple[float, float]) -> tuple[float, float]:
    """A range of factors on a speed with a further, independent doubt: deviations add in squares on the scale of logarithms."""
    return (
        math.exp(-math.hypot(math.log(min(low, 1.0)), math.log(doubt[0]))),
        math.exp(math.hypot(math.log(max(high, 1.0)), math.log(doubt[1]))),
    )


def widened_time(low: float, high: float, doubt: tuple[float, float]) -> tuple[float, float]:
    """`widened` for factors on a time: where the chip may be faster, the time may be shorter."""
    return widened(low, high, (1 / doubt[1], 1 / doubt[0]))


def sure_memory_gb(chip: Chip) -> float | None:
    """The memory that every source grants it [GB]; a model that needs more may not fit."""
    return None if chip.memory_gb is None else chip.memory_gb * chip.doubt(MEMORY)[0]
