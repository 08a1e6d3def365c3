"""How much faster one graphics chip is than another by their data sheets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from advisor.forecast.evidence import number

if TYPE_CHECKING:
    from collections.abc import Mapping

    from advisor.forecast.evidence import Row

# Spread (log) of machines of one kind around what their data sheets' ratio says: published cards among each other.
SHEET_SPREAD: Final = 0.25


def ratios(specs: Mapping[str, Row], new: str, old: str) -> tuple[float, float]:
    """Log time on a new chip over an old one, for arithmetic (cores x clock, the 32-bit peak) and for memory; NaN where not told.

    Tensor peaks are not used: makers state them with different sums (16 or 32 bit), so two cards' figures do not compare.
    """
    a, b = specs.get(new), specs.get(old)
    if a is None or b is None:
        return float("nan"), float("nan")
    arithmetic, memory = (float(np.log(number(b[k]) / number(a[k]))) for k in ("fp32_tflops", "memory_bandwidth_gbps"))
    return arithmetic, memory
