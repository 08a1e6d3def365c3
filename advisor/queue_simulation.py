"""A queue played through, answer by answer: first come, first served, at k machines, with the measured service times.

Nothing is approximated but chance itself: the same seed, spread and way of arriving give the same answers at every machine
and load, so that two machines differ only by what they are. Sources: Lindley (1952), "The theory of queues with a single
server"; Kiefer & Wolfowitz (1955), "On the theory of queues with many servers".
"""

from __future__ import annotations

import hashlib
import itertools
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from advisor.spread import Spread

    Floats = NDArray[np.float64]

# So many stretches are played side by side, each with a run-up that is left out, as a queue starts empty. Few answers each at
# first, then twice as many, until the percentile stands or the most is reached.
STRETCHES: Final = 128
_FIRST: Final = 128
MOST: Final = 1 << 19
_LONGEST_RUN_UP: Final = 2048
# At more machines hardly anybody waits, and a stretch is over before all of them are busy.
MOST_MACHINES: Final = 100
# The standard error of the percentile that is good enough, as a share of it.
GOOD_ENOUGH: Final = 0.01
_BATCHES: Final = 16
# Up to so many machines it is quicker to move one end to its place than to sort all.
_SORTED_BY_HAND: Final = 16


@dataclass(frozen=True, slots=True)
class Queued:
    """One kind of machine at work in its busiest hour, of which the `q`-quantile is asked.

    `likely_s` is the likely time of one unit on one of `machines` [s], `rate` the units that come each second and `unevenness`
    how (see `advisor.waiting`). `beside_s` comes on top of every answer [s]; with `wait_only` it holds the service as well.
    """

    likely_s: float
    machines: int
    rate: float
    spread: Spread
    unevenness: float
    q: float
    beside_s: float
    wait_only: bool = False

    @property
    def load(self) -> float:
        """The share of the time that the machines are busy."""
        return self.rate * self.likely_s * self.spread.mean / self.machines


@dataclass(frozen=True, slots=True)
class Played:
    """What the answers of a played queue took: median and asked quantile [s], its standard error [s], how many answers."""

    p50_s: float
    p_s: float
    error_s: float
    answers: int


def play(queue: Queued, seed: int, most: int = MOST) -> Played | None:
    """The queue played through; `None` where more comes than is done, or the line is too wide to play.

    Args:
        queue: what is played.
        seed: of the arrivals and the times.
        most: the most answers to play, run-ups left out.
    """
    load, q = queue.load, min(queue.q, 0.999)
    if not 0 <= load < 1 or queue.machines > MOST_MACHINES:
        return None
    # Loads are told apart to four digits: machines with the same load share what was played.
    middle, quantile, error, answers = _played(
        queue.spread, queue.unevenness, queue.machines, float(f"{load:.4g}"), q, queue.wait_only, seed, min(most, MOST)
    )
    beside, likely = queue.beside_s, queue.likely_s
    return Played(beside + likely * middle, beside + likely * quantile, likely * error, answers)


@lru_cache(maxsize=512)
def _played(
    spread: Spread, unevenness: float, machines: int, load: float, q: float, wait_only: bool, seed: int, most: int
) -> tuple[float, float, float, int]:
    """Median, q-quantile and its standard error, in likely times, and the number of answers they are of."""
    run_up = run_up_of(spread, unevenness, machines, load)
    length = _FIRST
    while True:
        services, gaps = drawn(spread, unevenness, seed, run_up + length)
        times = waits_of(services, gaps * scale(services, gaps, machines, load), machines)[run_up:]
        if not wait_only:
            times = times + services[run_up:]
        middle, quantile = np.quantile(times, (0.5, q))
        # Stretches know nothing of each other.
        each = times.reshape(length, _BATCHES, -1).swapaxes(0, 1).reshape(_BATCHES, -1)
        error = float(np.std(np.quantile(each, q, axis=1), ddof=1) / np.sqrt(_BATCHES))
        if error <= GOOD_ENOUGH * quantile or 2 * length * STRETCHES > most:
            return float(middle), float(quantile), error, times.size
        length *= 2


def run_up_of(spread: Spread, unevenness: float, machines: int, load: float) -> int:
    """How many answers it takes from an empty queue to the usual one: four times as long as it remembers, in steps of 64."""
    remembers = machines * (unevenness + spread.squared_variation) / (1 - load) ** 2
    return int(min(max(64 * np.ceil((4 * remembers + 4 * machines) / 64), 64), _LONGEST_RUN_UP))


def scale(services: Floats, gaps: Floats, machines: int, load: float) -> float:
    """What makes the drawn gaps those of `load`: exactly, or the luck of the mean would be felt more than all else."""
    return float(services.mean() / (gaps.mean() * machines * max(load, 1e-12)))


def drawn(spread: Spread, unevenness: float, seed: int, length: int) -> tuple[Floats, Floats]:
    """Service times in likely times and gaps before each arrival with mean 1, shape (length, STRETCHES) each.

    Longer ones begin with the same.
    """
    services, gaps = _drawn(spread, unevenness, seed, 1 << max(length - 1, 255).bit_length())
    return services[:length], gaps[:length]


@lru_cache(maxsize=8)
def _drawn(spread: Spread, unevenness: float, seed: int, length: int) -> tuple[Floats, Floats]:
    # A stream for each, or more answers would begin with others.
    of_service, of_gaps, of_groups = (_stream(seed, name) for name in ("service", "gaps", "groups"))
    shape = (length, STRETCHES)
    edges = np.cumsum(spread.shares)
    services = np.array(spread.times)[np.minimum(np.searchsorted(edges, of_service.random(shape), side="right"), len(edges) - 1)]
    if unevenness < 1:
        # Exponential stages; the mean gap is one.
        stages = round(1 / unevenness)
        return services, of_gaps.standard_exponential((*shape, stages)).sum(axis=2) / stages
    alone = 2 / (1 + unevenness)
    gaps = of_gaps.standard_exponential(shape) / alone
    return services, np.where(of_groups.random(shape) < alone, gaps, 0.0)


def _stream(seed: int, name: str) -> np.random.Generator:
    return np.random.default_rng(int.from_bytes(hashlib.sha256(f"{seed}:queue:{name}".encode()).digest()[:8], "big"))


def waits_of(services: Floats, gaps: Floats, machines: int) -> Floats:
    """How long each waits: services and the gap before each arrival in the same unit, shape (length, stretches)."""
    if machines == 1:
        # Lindley's recursion, unrolled: the work before an arrival less the time since, and never below nothing.
        work = np.zeros_like(services)
        np.cumsum(services[:-1] - gaps[1:], axis=0, out=work[1:])
        return np.asarray(work - np.minimum(np.minimum.accumulate(work, axis=0), 0.0))
    waits = np.empty_like(services)
    # When each machine is free, from the last arrival on; the first to be free comes first and takes the next.
    free = np.zeros((machines, services.shape[1]))
    if machines > _SORTED_BY_HAND:
        for wait, gap, service in zip(waits, gaps, services, strict=True):
            free -= gap
            np.maximum(free[0], 0.0, out=wait)
            np.add(wait, service, out=free[0])
            free.sort(axis=0)
        return waits
    rest = list(free)
    swap = np.empty_like(rest[0])
    for wait, gap, service in zip(waits, gaps, services, strict=True):
        free -= gap
        np.maximum(rest[0], 0.0, out=wait)
        # Its new end moves up past all that end sooner.
        np.add(wait, service, out=rest[0])
        for before, after in itertools.pairwise(rest):
            np.maximum(before, after, out=swap)
            np.minimum(before, after, out=before)
            after[:] = swap
    return waits
