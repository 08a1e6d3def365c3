"""How much one answer's time differs from the next on the same quiet machine: measured, or a usual one of the catalog.

A spread is a list of times with their shares, beside the likely time (the middle one of one call). Machines differ by
their likely time; the spread goes along with the model.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

# Kept of many samples: the slow tenth one by one as far as there is room, as it decides the percentiles; the rest in bins.
_BULK: Final = 0.9
_BULK_BINS: Final = 150
_TAIL_POINTS: Final = 150
_USUAL_POINTS: Final = 200
# Cells of the grid on which parts of a unit are added.
_CELLS: Final = 4096
# Parts of a unit are told apart to this share of it; one below half of it changes nothing that could be seen.
_SMALLEST_PART: Final = 0.05
_P95: Final = NormalDist().inv_cdf(0.95)


@dataclass(frozen=True, slots=True, repr=False)
class Spread:
    """Times of one unit of work in multiples of the likely one, rising, and the share of the units that each stands for."""

    times: tuple[float, ...]
    shares: tuple[float, ...]

    def __repr__(self) -> str:
        return f"Spread({len(self.times)} times, mean {self.mean:.3g}, squared variation {self.squared_variation:.3g})"

    @property
    def mean(self) -> float:
        """The mean time: above 1 where some answers take much longer."""
        return _moments(self)[0]

    @property
    def squared_variation(self) -> float:
        """Squared coefficient of variation (variance over the square of the mean)."""
        return _moments(self)[1]

    @property
    def skewness(self) -> float:
        """Third central moment over the cube of the deviation: large where a few answers take very much longer."""
        return _moments(self)[2]

    def quantile(self, q: float) -> float:
        """The time within which a share `q` of the units is done, when nobody waits."""
        return _quantile(self, q)


def steady() -> Spread:
    """Every unit takes the same time."""
    return Spread((1.0,), (1.0,))


def usual(p95_times: float, stall_share: float, stall_times: float) -> Spread:
    """A log-normal around 1 whose 95th percentile is `p95_times`, and a share of stalls that take `stall_times`."""
    sigma = np.log(max(p95_times, 1.0)) / _P95
    middle = (np.arange(_USUAL_POINTS) + 0.5) / _USUAL_POINTS
    bulk = np.exp(sigma * np.array([NormalDist().inv_cdf(x) for x in middle.tolist()]))
    weights = np.full(_USUAL_POINTS, (1 - stall_share) / _USUAL_POINTS)
    return _kept(np.append(bulk, stall_times), np.append(weights, stall_share))


def of_samples(samples: Sequence[float]) -> Spread:
    """The spread of measured times, in multiples of their middle one.

    Raises:
        ValueError: there is no sample, or one is not above zero.
    """
    times = np.asarray(samples, dtype=np.float64)
    if not len(times) or not np.all(times > 0):
        msg = "a spread needs samples above zero"
        raise ValueError(msg)
    return _kept(times / np.median(times), np.full(len(times), 1 / len(times)))


def of_unit(parts: Sequence[tuple[Spread, float, float]]) -> Spread:
    """The spread of a unit that is made of independent parts: their variances add up.

    Args:
        parts: of each its spread, its part of the unit's likely time, and how many calls it is made of.
    """
    whole = sum(part for _, part, _ in parts)
    if not whole > 0 or not np.isfinite(whole):
        return parts[0][0]
    # In twentieths, so that a little more or less input does not make another spread, with tables of its own.
    step = min(_SMALLEST_PART, max(part for _, part, _ in parts) / whole)
    rough = [(s, round(part / whole / step), max(1, round(calls))) for s, part, calls in parts]
    total = sum(n for _, n, _ in rough)
    return _of_unit(tuple((s, n / total, calls) for s, n, calls in rough if n))


@lru_cache(maxsize=64)
def _of_unit(parts: tuple[tuple[Spread, float, int], ...]) -> Spread:
    if len(parts) == 1 and parts[0][2] == 1:
        return parts[0][0]
    # Room for the sum: its mean, ten deviations, and the slowest single call of all.
    mean = sum(s.mean * part for s, part, _ in parts)
    variance = sum(s.squared_variation * (s.mean * part) ** 2 / calls for s, part, calls in parts)
    slowest = max(s.times[-1] * part / calls for s, part, calls in parts)
    cell = (mean + 10 * np.sqrt(variance) + 2 * slowest) / _CELLS
    product = np.ones(_CELLS // 2 + 1, dtype=np.complex128)
    for s, part, calls in parts:
        product *= np.fft.rfft(on_grid(s, part / calls, np.array([cell]), _CELLS)[0]) ** calls
    chance = np.maximum(np.fft.irfft(product, _CELLS), 0.0)
    seen = np.flatnonzero(chance > 1e-12)
    # A time of zero would be no answer at all.
    return _kept(np.maximum(seen, 0.5) * cell, chance[seen] / chance[seen].sum())


def on_grid(spread: Spread, scale: float, cells: Floats, n: int) -> Floats:
    """The spread's times `scale`-fold on grids 0, c, 2c, ... of `n` places, one for each cell width: shape (len(cells), n).

    A time between two places is shared by both, so that the mean stays as it is.
    """
    at = np.array(spread.times) * scale / cells[:, None]
    low = np.minimum(at.astype(np.int64), n - 2)
    over = np.clip(at - low, 0.0, 1.0)
    shares = np.array(spread.shares)
    rows = np.arange(len(cells))[:, None] * n
    size = len(cells) * n
    below = np.bincount((rows + low).ravel(), ((1 - over) * shares).ravel(), size)
    above = np.bincount((rows + low + 1).ravel(), (over * shares).ravel(), size)
    return np.asarray(below + above, dtype=np.float64).reshape(len(cells), n)


def _kept(times: Floats, weights: Floats) -> Spread:
    """At most `_BULK_BINS + 2 * _TAIL_POINTS` points with the same mean: bins of near times, the slowest one by one."""
    order = np.argsort(times, kind="stable")
    times, weights = times[order], weights[order] / weights.sum()
    if len(times) > _BULK_BINS + 2 * _TAIL_POINTS:
        below = np.cumsum(weights) - weights / 2
        bins = np.floor(below / _BULK * _BULK_BINS)
        tail = below >= _BULK
        bins[tail] = _BULK_BINS + np.floor((below[tail] - _BULK) / (1 - _BULK) * _TAIL_POINTS)
        bins[-_TAIL_POINTS:] = bins[-1] + np.arange(_TAIL_POINTS)
        _, group = np.unique(bins, return_inverse=True)
        summed = np.asarray(np.bincount(group, weights), dtype=np.float64)
        times, weights = np.bincount(group, weights * times) / summed, summed
    return Spread(tuple(times.tolist()), tuple(weights.tolist()))


@lru_cache(maxsize=256)
def _moments(spread: Spread) -> tuple[float, float, float]:
    times, shares = np.array(spread.times), np.array(spread.shares)
    mean = float(times @ shares)
    variance = float((times - mean) ** 2 @ shares)
    third = float((times - mean) ** 3 @ shares)
    return mean, variance / mean**2, third / variance**1.5 if variance > 0 else 0.0


@lru_cache(maxsize=512)
def _quantile(spread: Spread, q: float) -> float:
    shares = np.array(spread.shares)
    return float(np.interp(q, np.cumsum(shares) - shares / 2, spread.times))
