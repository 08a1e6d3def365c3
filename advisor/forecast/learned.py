"""The learned numbers as values: of kinds of machine, of single chips, and the errors they were judged by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Errors = dict[str, list[tuple[str, float]]]
Chips = Mapping[str, Mapping[str, str]]

# A chip's own rows count n / (n + this): one row moves the figure by a quarter of its departure, nine by three quarters.
SHRINK: Final = 3.0
# What an accelerator's speed was learned from: single answers, or frames a second of a filled pipeline.
OF_CALLS: Final = "published single calls"
OF_FRAMES: Final = "published frames a second"
# An 80 % range rests on 1.2816 standard deviations either side of a log-normal middle.
Z80: Final = 1.2816


@dataclass(frozen=True, slots=True)
class Known:
    """One learned number with its 80 % range, the rows or chips behind it and where they were read."""

    value: float
    low: float
    high: float
    rows: int
    source: str


@dataclass(frozen=True, slots=True)
class ChipSpeed:
    """One chip's unit: GMACs a second for one call with everything it has, cost of an empty call [s], spread (log)."""

    chip: str
    unit: str
    speed: float
    overhead: float
    spread: float
    departure: float
    rows: int
    sources: str
    basis: str


@dataclass(frozen=True, slots=True)
class Learned:
    """All of it: numbers of the kinds by name, chips by (chip, unit), and the log errors of chips left out by tier."""

    kinds: Mapping[str, Known]
    chips: Mapping[tuple[str, str], ChipSpeed]
    errors: Mapping[str, tuple[tuple[str, float], ...]]


def instruction_class(simd: str) -> str:
    """The class an instruction set belongs to: how many numbers one step works on, in four steps."""
    text = simd.lower()
    for name, words in (("avx512", ("avx512", "amx)", "amx")), ("sve", ("sve",)), ("avx2", ("avx2",)), ("neon", ("neon",))):
        if any(w in text for w in words) and not (name == "avx512" and "neon" in text):
            return name
    return "unknown"


def exact(value: float, rows: int) -> Known:
    """A learned number without a range of its own."""
    return Known(value, value, value, rows, "all public rows")


def ranged(values: Any, source: str) -> Known:
    """The median of some values, with their 80 % range."""
    v = np.asarray(values, dtype=np.float64)
    return Known(float(np.median(v)), float(np.quantile(v, 0.1)), float(np.quantile(v, 0.9)), len(v), source)


def balanced(errors: list[tuple[str, float]]) -> tuple[float, float]:
    """The 80 % range of log errors of a chip not seen before; every chip counts the same, however many rows it has.

    The 10th and 90th percentile of so few chips lie too close together, so they are stretched as Student's t is against
    the normal law: t(0.9, k - 1) sqrt(1 + 1/k) / z(0.9) for k chips, with t = z + (z^3 + z) / (4 (k - 1)).
    """
    names, code = np.unique([e[0] for e in errors], return_inverse=True)
    values = np.array([e[1] for e in errors])
    k = len(names)
    weight = 1.0 / np.bincount(code, minlength=k)[code]
    order = np.argsort(values)
    share = (np.cumsum(weight[order]) - weight[order] / 2) / weight.sum()
    stretch = (1 + (Z80**2 + 1) / (4 * max(k - 1, 1))) * np.sqrt(1 + 1 / k)
    return float(stretch * np.interp(0.1, share, values[order])), float(stretch * np.interp(0.9, share, values[order]))
