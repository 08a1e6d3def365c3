"""How long answers wait, as transforms on a grid of time: random arrivals alone or in groups, and even ones.

See `advisor.waiting` for the method, its sources and what is made of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from advisor.spread import on_grid

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from advisor.spread import Spread

    Floats = NDArray[np.float64]
    Complexes = NDArray[np.complex128]

# Newton's steps towards the root of even arrivals.
_NEARINGS: Final = 8


@dataclass(frozen=True, slots=True)
class Grid:
    """What a table is made from: `k` machines over `loads` (m,); transforms (m, f) on grids of `cells` (m,) with `places` each.

    `service` is that of one machine, `fast` the service of one k times as fast and `rest` what is left of it in its midst;
    `first` is the first of k rests to end, `mate` the same where one of the k has just begun. `step` is the mean of `fast` in
    cells, `times` its points in cells.
    """

    k: int
    places: int
    loads: Floats
    cells: Floats
    step: Floats
    times: Floats
    shares: Floats
    service: Complexes
    fast: Complexes
    rest: Complexes
    first: Complexes
    mate: Complexes


def grid_of(spread: Spread, k: int, loads: Floats, cells: Floats, places: int) -> Grid:
    """The spread's times on the grids."""
    service = on_grid(spread, 1.0, cells, places)
    transform, rest = np.fft.rfft(service), _rests(service)
    step, times, shares = spread.mean / k / cells, np.array(spread.times) / k / cells[:, None], np.array(spread.shares)
    if k == 1:
        after = np.fft.rfft(rest)
        return Grid(k, places, loads, cells, step, times, shares, transform, transform, after, after, transform)
    fast, left = on_grid(spread, 1.0 / k, cells, places), _left(rest)
    first, mate = _steps(left**k), _steps(_left(service) * left ** (k - 1))
    transforms = (np.fft.rfft(x) for x in (fast, _rests(fast), first, mate))
    return Grid(k, places, loads, cells, step, times, shares, transform, *transforms)


def in_groups(g: Grid, alone: float) -> tuple[Floats, Complexes, Complexes]:
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


def even(g: Grid) -> tuple[Floats, Complexes, Complexes]:
    """The same as `in_groups`, where gaps are made of two exponential stages."""
    # One stage is geometric on the grid, with the mean of half a gap; `on` is its chance to go on.
    on = 1 - 1 / (1 + g.step / g.loads / 2)
    z = on.copy()
    for _ in range(_NEARINGS):
        powers = g.shares * np.exp(np.log(z)[:, None] * g.times)
        root = np.sqrt(powers.sum(axis=1))
        slope = (powers * g.times).sum(axis=1) / (2 * root * z)
        below = 1 + (1 - on) * root
        z -= (z - on / below) / (1 + on * (1 - on) * slope / below**2)
    turn = np.exp(2j * np.pi * np.arange(g.places // 2 + 1) / g.places)
    o = on[:, None]
    wait = np.ones_like(g.fast)
    turn = turn[1:]
    wait[:, 1:] = (1 - turn) * (1 - z[:, None] * turn) / ((1 - o * turn) ** 2 - (1 - o) ** 2 * g.fast[:, 1:])
    # At the first place both sides are zero; their slopes say what all waits sum up to, and that is one.
    wait[:, 1:] *= ((2 * (1 - on) * on - (1 - on) ** 2 * g.step) / (1 - z))[:, None]
    nobody = np.clip(np.fft.irfft(wait, g.places)[:, :1], 0.0, 1 - 1e-9)
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
