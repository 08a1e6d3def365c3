"""How many machines a site needs, how long they run and how fast they answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from advisor.load import UNEVENNESS, heap_hours, machines_for_heap, peak_rate, sized
from advisor.units import HOURS_PER_DAY, SECONDS_PER_HOUR

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from advisor.options.setting import Setting
    from advisor.work import UnitTimes

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]


DAY_S: Final = 86400.0


@dataclass(frozen=True, slots=True)
class Duty:
    """What n machines do at one site: how many are needed, how long they run, how fast they answer."""

    units: Ints
    enough: NDArray[np.bool_]
    p50: Floats
    p_likely: Floats
    p_low: Floats
    p_high: Floats
    utilisation: Floats
    busy_hours_per_year: Floats


def duty(setting: Setting, times: UnitTimes, free_hours: Floats | float, limit_s: float) -> Duty:
    """Sizes machines at each site for the busiest hour (or the heap) of the horizon."""
    case, d = setting.case, setting.demand
    years = max(d.duration, 1e-9)
    units_per_year = d.units / years / case.sites
    busy = units_per_year / times.per_s / SECONDS_PER_HOUR
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
            busy,
        )
    q = case.percentile / 100
    rate = peak_rate(case, d, per_site=True)
    service = 1 / times.per_s if times.first_word is not None else times.likely
    slow = 1.25 * times.likely if times.first_word is None else service
    limit = None if case.limit_s is None else limit_s
    if times.first_word is not None:
        # A text model answers many at once; the wait for a place comes on top of the first word.
        low, likely, high = times.first_word
        size = sized(
            service, service, rate, UNEVENNESS[case.arrivals], q, None if limit is None else np.maximum(limit - likely + service, 1e-9)
        )
        wait = np.maximum(size.p_s - service, 0.0)
        if case.speed_of != "first-word":
            low, likely, high = times.low, times.likely, times.high
        p50, p_likely, p_low, p_high = likely, likely + wait, low + wait, high + wait
        enough = size.enough if limit is None else size.enough & (p_likely <= limit)
        return Duty(size.units, enough & np.isfinite(likely), p50, p_likely, p_low, p_high, size.utilisation, busy)
    size = sized(service, slow, rate, UNEVENNESS[case.arrivals], q, limit)
    low = size.p_s * np.minimum(times.low / times.likely, 1.0)
    high = size.p_s * np.maximum(times.high / times.likely, 1.0)
    return Duty(size.units, size.enough, size.p50_s, size.p_s, low, high, size.utilisation, busy)


def _hours_until(limit_s: float, free_hours: Floats | float) -> Floats:
    """Machine hours inside the limit: whole days give their free hours, a part of a day at most its own length."""
    days = limit_s / DAY_S
    free = np.asarray(free_hours, dtype=np.float64)
    return np.asarray(np.minimum(np.floor(days) * free + np.minimum((days % 1) * HOURS_PER_DAY, free), limit_s / SECONDS_PER_HOUR))
