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
from advisor.spread import on_grid

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
# Newton's steps towards the root of even arrivals.
_NEARINGS: Final = 8


@dataclass(frozen=True, slots=True)
class Table:
    """Over LOADS, in likely times: the q-quantile and the median of an answer (wait and service), and of the wait alone.

    `bends` (4, m) is what a play of the queue made of the waits in each column; `None` where none was needed.
    """

    answer: Floats
    answer_middle: Floats
    wait: Floats
    wait_middle: Floats
    bends: Floats | None

    def at(self, load: Floats, *, wait_only: bool) -> tuple[Floats, Floats]:
        """Quantile and median at loads below 1, shape (n,) each; beyond the table waits grow as the inverse of the idle share."""
        columns = (self.wait, self.wait_middle) if wait_only else (self.answer, self.answer_middle)
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
        found = table(spread, unevenness, int(MACHINES[row]), q).at(load[here], wait_only=wait_only)
        if np.any(over):
            more = table(spread, unevenness, int(MACHINES[row + 1]), q).at(load[here], wait_only=wait_only)
            found = (found[0] + over * (more[0] - found[0]), found[1] + over * (more[1] - found[1]))
        quantile[here], middle[here] = found
    return quantile, middle


@dataclass(frozen=True, slots=True)
class _Grid:
    """What a table is made from: `k` machines over `loads` (m,); transforms (m, f) and chances (m, places) on grids of `cells` (m,).

    `fast` is the service of one machine k times as fast and `rest` what is left of it, `first` the first of k rests to end,
    `mate` the same where one of the k has just begun. `step` is the mean of `fast` in cells, `times` its points in cells.
    """

    k: int
    loads: Floats
    cells: Floats
    step: Floats
    times: Floats
    shares: Floats
    fast: Complexes
    rest: Complexes
    first: Complexes
    mate: Complexes


@lru_cache(maxsize=512)
def table(spread: Spread, unevenness: float, machines: int, q: float) -> Table:
    """The table of one number of machines."""
    k, loads = machines, LOADS[1:]
    # Roughly how long those wait who wait (Allen-Cunneen).
    waits = spread.mean * max(unevenness + spread.squared_variation, 0.5) / 2 / (k * (1 - loads))
    cells = (1.05 * spread.times[-1] + _WAITS_HELD * waits) / _PLACES
    service = on_grid(spread, 1.0, cells, _PLACES)
    fast = service if k == 1 else on_grid(spread, 1.0 / k, cells, _PLACES)
    rest = _rests(service)
    left = _left(rest)
    grid = _Grid(
        k,
        loads,
        cells,
        spread.mean / k / cells,
        np.array(spread.times) / k / cells[:, None],
        np.array(spread.shares),
        np.fft.rfft(fast),
        np.fft.rfft(rest if k == 1 else _rests(fast)),
        np.fft.rfft(rest if k == 1 else _steps(left**k)),
        np.fft.rfft(service if k == 1 else _steps(_left(service) * left ** (k - 1))),
    )
    chance, wait, one = _even(grid) if unevenness < 1 else _in_groups(grid, 2 / (1 + unevenness))
    # Nobody waits, or waits as the transform says.
    waited = (1 - chance)[:, None] + chance[:, None] * wait
    answer = np.cumsum(np.fft.irfft(waited * np.fft.rfft(service), _PLACES), axis=1)
    alone = np.cumsum(np.fft.irfft(waited, _PLACES), axis=1)
    columns = (
        (spread.quantile(q), _quantiles(answer, cells, q)),
        (spread.quantile(0.5), _quantiles(answer, cells, 0.5)),
        (0.0, np.where(chance > 1 - q, _quantiles(alone, cells, q), 0.0)),
        (0.0, np.where(chance > 0.5, _quantiles(alone, cells, 0.5), 0.0)),
    )
    # More load never means less waiting; what the grid says otherwise is its own coarseness.
    straight = [np.maximum.accumulate(np.append(idle, column)) for idle, column in columns]
    bends = None
    if k > 1 and (unevenness != 1 or _has_stalls(spread)):
        bends = table(spread, unevenness, _MOST_BENT, q).bends if k > _MOST_BENT else None
        if bends is None:
            quick = _quantiles(np.cumsum(np.fft.irfft(one * np.fft.rfft(service), _PLACES), axis=1), cells, q)
            bends = _bends(straight, np.append(spread.quantile(q), quick), spread, unevenness, k, q)
        straight = [np.maximum.accumulate(c[0] + (c - c[0]) * b) for c, b in zip(straight, bends, strict=True)]
    answer_q, answer_middle, wait_q, wait_middle = straight
    return Table(answer_q, answer_middle, wait_q, wait_middle, bends)


def _has_stalls(spread: Spread) -> bool:
    return spread.skewness > _SKEWED and spread.squared_variation > _VARIED


def _bends(columns: list[Floats], quick: Floats, spread: Spread, unevenness: float, k: int, q: float) -> Floats:
    """By how much a short play of the queue differs from the columns of a table above an idle machine's time.

    The luck of the play is taken out by a queue whose times are known: `quick` are the exact q-quantiles where one machine
    waits for the answers of one k times as fast. Under heavy load both wait for the same reasons.
    """
    run_up = min(run_up_of(spread, unevenness, k, _PLAYED_LOADS[-1]), max(_RUN_UP, 4 * k))
    wide = STRETCHES if _has_stalls(spread) else _SIDE_BY_SIDE
    services, gaps = (x[:, :wide] for x in drawn(spread, unevenness, _PLAYED_SEED, run_up + _PLAYED))
    scaled = np.concatenate([gaps * scale(services, gaps, k, load) for load in _PLAYED_LOADS], axis=1)
    waits = waits_of(np.tile(services, len(_PLAYED_LOADS)), scaled, k)[run_up:]
    answers = waits + np.tile(services[run_up:], len(_PLAYED_LOADS))
    beside = waits_of(np.tile(services / k, len(_PLAYED_LOADS)), scaled, 1)[run_up:] + np.tile(services[run_up:], len(_PLAYED_LOADS))
    shape = (_PLAYED, len(_PLAYED_LOADS), -1)
    both = [np.moveaxis(x.reshape(shape), 1, 0).reshape(len(_PLAYED_LOADS), -1) for x in (answers, waits, beside)]
    luck = np.interp(_PLAYED_LOADS, LOADS, quick) / np.quantile(both[2], q, axis=1)
    luck = luck ** np.interp(_PLAYED_LOADS, _SHARED_LUCK, (0.0, 1.0))
    out = []
    for column, (times, share) in zip(columns, ((both[0], q), (both[0], 0.5), (both[1], q), (both[1], 0.5)), strict=True):
        # Above what an idle machine takes; nothing there, or hardly anything, leaves nothing to compare.
        more = np.quantile(times, share, axis=1) * luck - column[0]
        ours = np.interp(_PLAYED_LOADS, LOADS, column) - column[0]
        factors = np.maximum(more, 0.0) / np.maximum(ours, _TOO_LITTLE)
        factors = np.where(ours > _TOO_LITTLE, np.clip(factors, 0.2, 5.0), 1.0)
        out.append(np.interp(LOADS, (0.0, *_PLAYED_LOADS, _HEAVY), (1.0, *factors, 1.0)))
    return np.array(out)


def _in_groups(g: _Grid, alone: float) -> tuple[Floats, Complexes, Complexes]:
    """The chance to wait, the transform of the wait of those who do, and that of all waits at one machine k times as fast.

    Groups come at random.

    Args:
        alone: the chance that an arrival is the last of its group; 1: each comes alone.
    """
    rho = g.loads[:, None]
    # Who waits stands behind a mate of the same group, or behind those who came before.
    behind = 1 - (1 - rho) * alone
    ladder = (1 - alone) * g.fast + rho * alone * g.rest
    start = ((1 - alone) * g.mate + rho * alone * g.first) / behind
    quick = (1 - behind) / (1 - ladder)
    return chance_in_groups(g.k, g.loads, alone), start * quick, quick


def chance_in_groups(k: int, loads: Floats, alone: float) -> Floats:
    """The chance to wait at k exponential machines, exact: the states below k by level crossing, the rest by the load.

    With `alone` 1 this is Erlang's formula C.
    """
    crossing = np.zeros_like(loads)
    state, free, at_once = np.ones_like(loads), np.zeros_like(loads), np.zeros_like(loads)
    for n in range(k):
        free += (k - n) * state
        at_once += state * (1 - (1 - alone) ** (k - n))
        crossing = (1 - alone) * crossing + state
        state = loads * k * alone * crossing / (n + 1)
    return np.asarray(np.clip(1 - at_once * k * (1 - loads) / free, 0.0, 1.0))


def _even(g: _Grid) -> tuple[Floats, Complexes, Complexes]:
    """The same as `_in_groups`, where gaps are made of two exponential stages."""
    # One stage is geometric on the grid, with the mean of half a gap; `on` is its chance to go on.
    on = 1 - 1 / (1 + g.step / g.loads / 2)
    z = on.copy()
    for _ in range(_NEARINGS):
        powers = g.shares * np.exp(np.log(z)[:, None] * g.times)
        root = np.sqrt(powers.sum(axis=1))
        slope = (powers * g.times).sum(axis=1) / (2 * root * z)
        below = 1 + (1 - on) * root
        z -= (z - on / below) / (1 + on * (1 - on) * slope / below**2)
    turn = np.exp(2j * np.pi * np.arange(_PLACES // 2 + 1) / _PLACES)
    o = on[:, None]
    wait = np.ones_like(g.fast)
    turn = turn[1:]
    wait[:, 1:] = (1 - turn) * (1 - z[:, None] * turn) / ((1 - o * turn) ** 2 - (1 - o) ** 2 * g.fast[:, 1:])
    # At the first place both sides are zero; their slopes say what all waits sum up to, and that is one.
    wait[:, 1:] *= ((2 * (1 - on) * on - (1 - on) ** 2 * g.step) / (1 - z))[:, None]
    nobody = np.clip(np.fft.irfft(wait, _PLACES)[:, :1], 0.0, 1 - 1e-9)
    alone = 1 - nobody[:, 0]
    if g.k == 1:
        return alone, (wait - nobody) / (1 - nobody), wait
    return np.clip(chance_even(g.k, g.loads) * alone / chance_even(1, g.loads), 0.0, 1.0), g.first * wait, wait


def chance_even(k: int, loads: Floats) -> Floats:
    """The chance to wait at k exponential machines with gaps of two stages, exact: states by stage, downwards from k."""
    stage = 2 * loads * k
    # From k on every further one in the line is `decay` times as likely: the smaller root of a quadratic.
    b = 2 * stage * k + k**2
    decay = (b - np.sqrt(b * b - 4 * k**2 * stage**2)) / (2 * k**2)
    two = np.ones_like(loads)
    one = (stage + k * (1 - decay)) / stage
    waiting = every = 1 / (1 - decay)
    for n in range(k - 1, -1, -1):
        before, two = two, (n + 1) * (one + two) / stage
        one = np.maximum(((stage + n) * two - (n + 1) * before) / stage, 0.0)
        every = every + two
        # All are shares of the sum so far, or they would grow beyond any number.
        one, two, waiting, every = one / every, two / every, waiting / every, every / every
    return np.asarray(waiting)


def _rests(chances: Floats) -> Floats:
    """What is left of a time that is looked at in its midst (its equilibrium distribution), on the same grid."""
    left = _left(chances)
    before = np.concatenate((np.zeros_like(left[:, :1]), left[:, :-1]), axis=1)
    return np.asarray((left + before) / (2 * left.sum(axis=1, keepdims=True)))


def _left(chances: Floats) -> Floats:
    """The chance to last longer than each place."""
    return np.asarray(np.clip(1 - np.cumsum(chances, axis=1), 0.0, 1.0))


def _steps(left: Floats) -> Floats:
    """The chances behind `_left`."""
    return np.asarray(-np.diff(left, axis=1, prepend=1.0))


def _quantiles(summed: Floats, cells: Floats, q: float) -> Floats:
    """The q-quantile of each row of summed chances; a chance is spread evenly around its place."""
    at = np.argmax(summed >= q, axis=1)
    rows = np.arange(len(cells))
    below = np.where(at > 0, summed[rows, at - 1], 0.0)
    here = np.maximum(summed[rows, at] - below, 1e-15)
    return np.asarray(np.maximum(at - 0.5 + (q - below) / here, 0.0) * cells)
