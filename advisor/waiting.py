"""How long an answer takes when others wait too: quantiles of waiting plus service at k machines, as tables in closed form.

All times are multiples of the likely time of one unit, so that one table serves every machine. It is worked out once for
a spread, a number of machines and a way of arriving, over all loads, and read by interpolation.

One machine: exact up to the grid. Waiting is a sum of rests of service times whose number is geometric (Pollaczek-Khinchine;
for even gaps by the roots of the Erlang denominator), added up by Fourier transform. k machines: an arrival waits with the
chance that it has when service is exponential (exact there, hardly moved by the spread); who waits meets the first of k rests
to end, and from then on one machine k times as fast. Where a few answers take very much longer, the other machines go on
meanwhile, and no formula from moments holds (Gupta, Dai, Harchol-Balter & Zwart 2010, "On the inapproximability of M/G/K",
Queueing Systems 64, 5-48); there, and where gaps are not random, a short play of the queue bends the table.

Sources: Tijms, van Hoorn & Federgruen (1981), "Approximations for the steady-state probabilities in the M/G/c queue",
Advances in Applied Probability 13, 186-206; Chaudhry & Templeton (1983), "A First Course in Bulk Queues" (groups);
Kleinrock (1975), "Queueing Systems" 1, section 8 (roots). How near it comes: tests/advisor/test_waiting.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

from advisor.queue_simulation import STRETCHES, drawn, run_up_of, scale, waits_of
from advisor.wait_transforms import even, grid_of, in_groups

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from advisor.spread import Spread

    Floats = NDArray[np.float64]
    Complexes = NDArray[np.complex128]

# Loads of the tables: close together where the first answers begin to wait, then even in the logarithm of the idle share, as
# waits grow with its inverse. The first is an idle machine.
BUSIEST: Final = 0.97
LOADS: Final = np.concatenate(
    (
        [0, 0.005, 0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.07, 0.08, 0.09, 0.1, 0.12, 0.14, 0.16, 0.18],
        1 - np.exp(np.linspace(np.log(0.8), np.log(1 - BUSIEST), 26)),
    )
)
# Numbers of machines with a table of their own; between two of them the line between them, beyond the last its own.
MACHINES: Final = np.array([1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 24, 32, 48, 64, 96, 128, 256, 512])
# Places of the grid, and how many mean waits it holds beside the slowest answer (e^-14 of the waits are longer).
_PLACES: Final = 2048
_WAITS_HELD: Final = 14.0
# A spread with stalls: this skewed and this varied, the formula for k machines strays by more than a tenth (tests/bench_queue.py).
_SKEWED: Final = 6.0
_VARIED: Final = 0.4
# Where the table is bent: loads that are played, stretches side by side (all there are where stalls are rare), answers of each and
# the longest run-up before them; seeded, so that a table is always the same.
_PLAYED_LOADS: Final = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)
_SIDE_BY_SIDE: Final = 64
_PLAYED: Final = 384
_RUN_UP: Final = 256
_PLAYED_SEED: Final = 1
_SHARED_LUCK: Final = (0.5, 0.8)
# More machines are bent as so many; there is less and less to bend.
_MOST_BENT: Final = 16
# A wait that hardly is one, in likely times.
_TOO_LITTLE: Final = 0.02
# From here on the queue is hardly ever empty, and the formula holds again.
_HEAVY: Final = 0.95


@dataclass(frozen=True, slots=True)
class Table:
    """Over LOADS, in likely times: the q-quantile and the median of what is asked, of an answer or of the wait alone.

    `bends` (2, m) is what a play of the queue made of the waits in each; `None` where none was needed.
    """

    quantile: Floats
    middle: Floats
    bends: Floats | None

    def at(self, load: Floats) -> tuple[Floats, Floats]:
        """Quantile and median at loads below 1, shape (n,) each; beyond the table waits grow as the inverse of the idle share."""
        columns = (self.quantile, self.middle)
        quantile, middle = (np.interp(load, LOADS, c) for c in columns)
        grown = (1 - BUSIEST) / np.maximum(1 - load, 1e-12)
        if np.any(grown > 1):
            quantile, middle = (c[0] + (x - c[0]) * np.maximum(grown, 1.0) for c, x in zip(columns, (quantile, middle), strict=True))
        return quantile, middle


def answer_times(
    spread: Spread, machines: Floats, load: Floats, unevenness: float, q: float, *, wait_only: bool = False
) -> tuple[Floats, Floats]:
    """Quantile and median of the time to answer in likely times, shape (n,) each; infinite at a load of 1 and more.

    Args:
        spread: of the service times.
        machines: how many work side by side, shape (n,), whole numbers from 1.
        load: share of the time that they are busy, shape (n,); NaN where unknown.
        unevenness: squared coefficient of variation of the gaps between arrivals: 1 random, below 1 even (two exponential
            stages, 0.5), above 1 in groups (geometric, (1 + unevenness) / 2 at once on average).
        q: the share of the answers.
        wait_only: without the service itself.
    """
    quantile, middle = np.full_like(load, np.inf), np.full_like(load, np.inf)
    quantile[np.isnan(load)] = middle[np.isnan(load)] = np.nan
    known = np.flatnonzero(load < 1)
    place = np.interp(machines[known], MACHINES, np.arange(len(MACHINES)))
    low = place.astype(np.int64)
    for row in np.flatnonzero(np.bincount(low)).tolist():
        at = np.flatnonzero(low == row)
        here, over = known[at], place[at] - row
        found = table(spread, unevenness, int(MACHINES[row]), q, wait_only=wait_only).at(load[here])
        if np.any(over):
            more = table(spread, unevenness, int(MACHINES[row + 1]), q, wait_only=wait_only).at(load[here])
            found = (found[0] + over * (more[0] - found[0]), found[1] + over * (more[1] - found[1]))
        quantile[here], middle[here] = found
    return quantile, middle


@lru_cache(maxsize=512)
def table(spread: Spread, unevenness: float, machines: int, q: float, *, wait_only: bool = False) -> Table:
    """The table of one number of machines."""
    k, loads = machines, LOADS[1:]
    # Roughly how long those wait who wait (Allen-Cunneen).
    waits = spread.mean * max(unevenness + spread.squared_variation, 0.5) / 2 / (k * (1 - loads))
    cells = (1.05 * spread.times[-1] + _WAITS_HELD * waits) / _PLACES
    grid = grid_of(spread, k, loads, cells, _PLACES)
    chance, wait, quick = even(grid) if unevenness < 1 else in_groups(grid, 2 / (1 + unevenness))
    # Nobody waits, or waits as the transform says.
    own: Complexes | float = 1.0 if wait_only else grid.service
    summed = _summed((1 - chance[:, None] + chance[:, None] * wait) * own)
    straight = []
    for share in (q, 0.5):
        found = _quantiles(summed, cells, share)
        column = np.append(0.0, np.where(chance > 1 - share, found, 0.0)) if wait_only else np.append(spread.quantile(share), found)
        # More load never means less waiting; what the grid says otherwise is its own coarseness.
        straight.append(np.maximum.accumulate(column))
    bends = None
    if k > 1 and (unevenness != 1 or _has_stalls(spread)):
        bends = table(spread, unevenness, _MOST_BENT, q, wait_only=wait_only).bends if k > _MOST_BENT else None
        if bends is None:
            known = np.append(spread.quantile(q), _quantiles(_summed(quick * grid.service), cells, q))
            bends = _bends(straight, known, spread, unevenness, k, q, wait_only=wait_only)
        straight = [np.maximum.accumulate(c[0] + (c - c[0]) * b) for c, b in zip(straight, bends, strict=True)]
    return Table(straight[0], straight[1], bends)


def _summed(transform: Complexes) -> Floats:
    return np.asarray(np.cumsum(np.fft.irfft(transform, _PLACES), axis=1))


def _has_stalls(spread: Spread) -> bool:
    return spread.skewness > _SKEWED and spread.squared_variation > _VARIED


def _bends(columns: list[Floats], known: Floats, spread: Spread, unevenness: float, k: int, q: float, *, wait_only: bool) -> Floats:
    """By how much a short play of the queue differs from the columns of a table above an idle machine's time.

    The luck of the play is taken out by a queue whose times are known: `known` are the exact q-quantiles where one machine
    waits for the answers of one k times as fast. Under heavy load both wait for the same reasons.
    """
    loads = len(_PLAYED_LOADS)
    run_up = min(run_up_of(spread, unevenness, k, _PLAYED_LOADS[-1]), max(_RUN_UP, 4 * k))
    wide = STRETCHES if _has_stalls(spread) else _SIDE_BY_SIDE
    services, gaps = (x[:, :wide] for x in drawn(spread, unevenness, _PLAYED_SEED, run_up + _PLAYED))
    scaled = np.concatenate([gaps * scale(services, gaps, k, load) for load in _PLAYED_LOADS], axis=1)
    everywhere = np.tile(services, loads)

    def by_load(times: Floats) -> Floats:
        return np.moveaxis(times[run_up:].reshape(_PLAYED, loads, wide), 1, 0).reshape(loads, -1)

    waits = waits_of(everywhere, scaled, k)
    times = by_load(waits if wait_only else waits + everywhere)
    luck = np.interp(_PLAYED_LOADS, LOADS, known) / np.quantile(by_load(waits_of(everywhere / k, scaled, 1) + everywhere), q, axis=1)
    luck = luck ** np.interp(_PLAYED_LOADS, _SHARED_LUCK, (0.0, 1.0))
    out = []
    for column, share in zip(columns, (q, 0.5), strict=True):
        # Above what an idle machine takes; nothing there, or hardly anything, leaves nothing to compare.
        more = np.quantile(times, share, axis=1) * luck - column[0]
        ours = np.interp(_PLAYED_LOADS, LOADS, column) - column[0]
        factors = np.clip(np.maximum(more, 0.0) / np.maximum(ours, _TOO_LITTLE), 0.2, 5.0)
        out.append(np.interp(LOADS, (0.0, *_PLAYED_LOADS, _HEAVY), (1.0, *np.where(ours > _TOO_LITTLE, factors, 1.0), 1.0)))
    return np.array(out)


def _quantiles(summed: Floats, cells: Floats, q: float) -> Floats:
    """The q-quantile of each row of summed chances; a chance is spread evenly around its place."""
    at = np.argmax(summed >= q, axis=1)
    rows = np.arange(len(cells))
    below = np.where(at > 0, summed[rows, at - 1], 0.0)
    here = np.maximum(summed[rows, at] - below, 1e-15)
    return np.asarray(np.maximum(at - 0.5 + (q - below) / here, 0.0) * cells)
