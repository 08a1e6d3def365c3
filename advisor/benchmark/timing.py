"""Honest timing of something that can be called again and again; the clock is handed in.

The rule is fixed beforehand and the same for all (pyperf, doc/run_benchmark.rst: automatic stopping makes runs less
comparable): warm up until two windows agree or the time for it is gone, then sample for a set time.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

NANOSECONDS: Final = 1_000_000_000
_WINDOW: Final = 5
_AGREE: Final = 0.10
_MOST_SAMPLES: Final = 20_000


@dataclass(frozen=True, slots=True)
class Timed:
    """Samples in nanoseconds, those of the warm-up kept apart."""

    samples_ns: tuple[int, ...]
    warm_up_ns: tuple[int, ...]

    @property
    def is_steady(self) -> bool:
        """Whether the medians of the first and second half agree within 10 %; too few samples cannot tell."""
        half = len(self.samples_ns) // 2
        if half < _WINDOW:
            return True
        return _agree(median(self.samples_ns[:half]), median(self.samples_ns[half:]))

    @property
    def median_ms(self) -> float:
        """Median of the samples [ms]."""
        return median(self.samples_ns) / 1e6


def one(run: Callable[[], object], clock: Callable[[], int]) -> int:
    """Time of one call [ns]."""
    start = clock()
    run()
    return clock() - start


def _agree(before: float, after: float) -> bool:
    return abs(after - before) <= _AGREE * max(before, 1)


def is_warm(samples: Sequence[int]) -> bool:
    """Whether the medians of the last two windows of five agree within 10 %."""
    if len(samples) < 2 * _WINDOW:
        return False
    return _agree(median(samples[-2 * _WINDOW : -_WINDOW]), median(samples[-_WINDOW:]))


def timed(run: Callable[[], object], clock: Callable[[], int], seconds: float, warm_up_seconds: float, least: int = 3) -> Timed:
    """Samples of `run` over `seconds` after a warm-up of at most `warm_up_seconds` (0: none), never fewer than `least`."""
    warm: list[int] = []
    end = clock() + int(warm_up_seconds * NANOSECONDS)
    while warm_up_seconds > 0 and not is_warm(warm) and (not warm or clock() < end):
        warm.append(one(run, clock))
    samples: list[int] = []
    end = clock() + int(seconds * NANOSECONDS)
    while (clock() < end or len(samples) < least) and len(samples) < _MOST_SAMPLES:
        samples.append(one(run, clock))
    return Timed(tuple(samples), tuple(warm))
