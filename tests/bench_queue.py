"""How near the times to answer in closed form come to a played queue: `.venv/bin/python -m tests.bench_queue`."""

from __future__ import annotations

import sys
import time
from typing import Final

import numpy as np

from advisor.queue_simulation import Queued, play
from advisor.spread import Spread, of_samples, usual
from advisor.waiting import answer_times, table

LOADS: Final = tuple(round(0.1 * i, 1) for i in range(1, 10))
MACHINES: Final = (1, 2, 4, 8)
QUANTILES: Final = (0.5, 0.9, 0.95, 0.99)
_EVERY: Final = (np.arange(2000) + 0.5) / 2000


def _lognormal(variation: float) -> Spread:
    """A log-normal with this coefficient of variation, from evenly spread quantiles."""
    from scipy.stats import norm

    return of_samples(np.exp(np.sqrt(np.log1p(variation**2)) * norm.ppf(_EVERY)).tolist())


EXPONENTIAL: Final = of_samples((-np.log(1 - _EVERY)).tolist())
SPREADS: Final = {
    "nearly even, variation 0.05": _lognormal(0.05),
    "as measured, variation 0.25": _lognormal(0.25),
    "exponential": EXPONENTIAL,
    "log-normal, variation 1": _lognormal(1.0),
    "1 % stalls of 15 x": usual(1.25, 0.01, 15.0),
}
ARRIVALS: Final = {"random": 1.0, "even": 0.5, "in groups of 2.5": 4.0}


def miss(spread: Spread, machines: int, load: float, unevenness: float, q: float, seed: int = 1) -> tuple[float, float]:
    """How far the closed form lies from the played queue, and the standard error of the play, as shares of the played time."""
    formula = answer_times(spread, np.array([float(machines)]), np.array([load]), unevenness, q)[0][0]
    played = play(Queued(1.0, machines, load * machines / spread.mean, spread, unevenness, q, 0.0), seed)
    if played is None:
        raise AssertionError(machines, load)
    return float(formula / played.p_s - 1), played.error_s / played.p_s


def main() -> None:
    """Prints the largest miss for each spread, way of arriving and percentile, and what it takes."""
    say = sys.stdout.write
    for arrivals, unevenness in ARRIVALS.items():
        for name, spread in SPREADS.items():
            table.cache_clear()
            start = time.perf_counter()
            table(spread, unevenness, 1, 0.95)
            table(spread, unevenness, 4, 0.95)
            took = (time.perf_counter() - start) / 2
            start = time.perf_counter()
            told = []
            for q in QUANTILES:
                found = [(*miss(spread, k, load, unevenness, q), k, load) for k in MACHINES for load in LOADS]
                missed, error, k, load = max(found, key=lambda f: abs(f[0]))
                told.append(f"p{100 * q:g} {missed:+.1%} (error {error:.1%}, {k} machines, load {load})")
            each = (time.perf_counter() - start) / len(QUANTILES) / len(MACHINES) / len(LOADS)
            say(f"{arrivals}, {name}: {', '.join(told)}; a table takes {took * 1000:.1f} ms, a play {each * 1000:.0f} ms\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
