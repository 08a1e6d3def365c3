"""How many machines a site needs, how long they run and how fast they answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from advisor.load import UNEVENNESS, heap_hours, machines_for_heap, peak_rate, sized
from advisor.queue_simulation import Queued
from advisor.units import HOURS_PER_DAY, SECONDS_PER_HOUR

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from advisor.case import Case
    from advisor.load import Sizing
    from advisor.options.network import Spread as Way
    from advisor.options.setting import Setting
    from advisor.work import UnitTimes

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]


DAY_S: Final = 86400.0


@dataclass(frozen=True, slots=True)
class Duty:
    """What n machines do at one site: how many are needed, how long they run, how fast they answer.

    `queue(i)` is the busiest hour of machine `i`, to be played through; `None` for heaps, which nobody queues for.
    """

    units: Ints
    enough: NDArray[np.bool_]
    p50: Floats
    p_likely: Floats
    p_low: Floats
    p_high: Floats
    utilisation: Floats
    busy_hours_per_year: Floats
    queue: Callable[[int], Queued] | None


def duty(setting: Setting, times: UnitTimes, free_hours: Floats | float, limit_s: float) -> Duty:
    """Sizes machines at each site for the busiest hour (or the heap) of the horizon."""
    case, d = setting.case, setting.demand
    years = max(d.duration, 1e-9)
    units_per_year = d.units / years / case.sites
    if case.is_batch and case.limit_s is not None:
        heap = d.heap_units / case.sites
        hours = np.minimum(limit_s / SECONDS_PER_HOUR, _hours_until(limit_s, free_hours))
        units = machines_for_heap(heap, times.per_s, hours)
        took = heap_hours(heap, times.per_s, units)
        spread_low, spread_high = times.low / times.likely, times.high / times.likely
        seconds = took * SECONDS_PER_HOUR * np.maximum(1.0, (limit_s / SECONDS_PER_HOUR) / np.maximum(hours, 1e-9))
        return Duty(
            units,
            np.isfinite(took) & (took <= hours * 1.0001),
            seconds,
            seconds,
            seconds * spread_low,
            seconds * spread_high,
            took / np.maximum(hours, 1e-9),
            units_per_year / times.per_s / SECONDS_PER_HOUR,
            None,
        )
    # Answers come one by one: batches, which only a heap allows, make no machine less busy.
    busy = units_per_year * times.alone_s / SECONDS_PER_HOUR
    a = answers(case, times, peak_rate(case, d, per_site=True))
    return Duty(a.size.units, a.enough, a.p50, a.p_likely, a.p_low, a.p_high, a.size.utilisation, busy, a.queue)


@dataclass(frozen=True, slots=True)
class Answers:
    """How n machines (with as many beside them as are needed) answer in the busiest hour [s], the way to them included."""

    size: Sizing
    enough: NDArray[np.bool_]
    p50: Floats
    p_likely: Floats
    p_low: Floats
    p_high: Floats
    queue: Callable[[int], Queued]


def answers(case: Case, times: UnitTimes, rate: float, way: Way | None = None, slower: Floats | float = 1.0) -> Answers:
    """The fewest machines that keep the case's limit at `rate` units a second, and how fast they then answer.

    Args:
        case: its limit, percentile and way of arriving.
        times: of one unit on each machine, shape (n,).
        rate: units a second in the busiest hour, all machines together.
        way: what the line adds to each answer; `None`: the machine stands in the house.
        slower: how many times as long all takes, where a part of the machine is somebody else's.
    """
    q, unevenness = case.percentile / 100, UNEVENNESS[case.arrivals]
    likely, spread, apart = times.queued_s * slower, times.spread, times.first_word is not None
    low, middle, high = (np.zeros(len(likely)),) * 3 if way is None else (way.low, way.likely, way.high)
    # A text model answers many at once; the wait for a place comes on top of the first word.
    own = times.first_word if times.first_word is not None and case.speed_of == "first-word" else (times.low, times.likely, times.high)
    ends = [x * slower for x in own]
    beside = middle + ends[1] if apart else middle
    size = sized(likely, spread, rate, unevenness, q, None if case.limit_s is None else case.limit_s - beside, wait_only=apart)
    if apart:
        p_low, p_high = ends[0] + size.p_s + low, ends[2] + size.p_s + high
    else:
        p_low = size.p_s * np.minimum(ends[0] / ends[1], 1.0) + low
        p_high = size.p_s * np.maximum(ends[2] / ends[1], 1.0) + high

    def queue(i: int) -> Queued:
        return Queued(float(likely[i]), max(int(size.units[i]), 1), rate, spread, unevenness, q, float(beside[i]), apart)

    p = size.p_s + beside
    return Answers(size, size.enough & np.isfinite(p), size.p50_s + beside, p, np.minimum(p_low, p), np.maximum(p_high, p), queue)


def _hours_until(limit_s: float, free_hours: Floats | float) -> Floats:
    """Machine hours inside the limit: whole days give their free hours, a part of a day at most its own length."""
    days = limit_s / DAY_S
    free = np.asarray(free_hours, dtype=np.float64)
    return np.asarray(np.minimum(np.floor(days) * free + np.minimum((days % 1) * HOURS_PER_DAY, free), limit_s / SECONDS_PER_HOUR))
