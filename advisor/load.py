"""How busy it gets: from units of work to machines needed and the time people wait.

The live answer uses closed forms for a queue with measured service times and k servers (`advisor.waiting`); arrays run
over candidates. All times in seconds, rates per second.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from advisor.units import DAYS_PER_YEAR, HOURS_PER_DAY, SECONDS_PER_HOUR
from advisor.waiting import answer_times

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from advisor.case import Case
    from advisor.spread import Spread

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

# Above this share of the time busy, waiting grows without bound for small slips; capacity is planned below it.
BUSY_AT_MOST: Final = 0.8
# How uneven arrivals are: squared coefficient of variation of the gaps between them (1 = random, as people come).
UNEVENNESS: Final = {"steady": 0.5, "daytime": 1.0, "evenings": 1.0, "bursty": 4.0, "batch": 1.0}
# Doublings of the least number before we say that no number of machines keeps the limit.
_MOST_DOUBLINGS = 6


@dataclass(frozen=True, slots=True)
class Year:
    """One year of the horizon: the part of it that counts (the last may be cut), its work, its busiest hour."""

    share: float
    units: float
    busiest_hour_units: float
    rare_hour_units: float


@dataclass(frozen=True, slots=True)
class Demand:
    """Work over the horizon; `heap_units` is one batch (one day's units where no batch is named), else 0."""

    years: tuple[Year, ...]
    heap_units: float
    heaps_per_year: float
    rare_days_per_year: float

    @property
    def units(self) -> float:
        """All units of work over the horizon."""
        return sum(y.units for y in self.years)

    @property
    def peak_hour_units(self) -> float:
        """The busiest ordinary hour of the whole horizon."""
        return max(y.busiest_hour_units for y in self.years)

    @property
    def rare_hour_units(self) -> float:
        """The busiest hour of a rare peak day (0 where there are none)."""
        return max(y.rare_hour_units for y in self.years)

    @property
    def duration(self) -> float:
        """Length of the horizon in years."""
        return sum(y.share for y in self.years)


def demand(case: Case) -> Demand:
    """The work in `case`, year by year, growing once a year."""
    years = []
    left, i = case.years, 0
    rare = case.rare_peak
    rare_days = rare.days_per_year if rare else 0.0
    while left > 1e-9:
        share = min(1.0, left)
        growth = (1 + case.growth) ** i
        per_year = case.units_per_day * case.days_per_year
        if rare:
            # A heap may be more than the rare day; then the rare day adds nothing.
            per_year += max(rare.units_per_day - case.units_per_day, 0.0) * rare_days
        years.append(
            Year(
                share,
                per_year * growth * share,
                case.busiest_hour_units * growth,
                (rare.busiest_hour_units if rare else 0.0) * growth,
            ),
        )
        left -= 1
        i += 1
    if case.batch is not None:
        heap, heaps = case.batch.units, case.batch.times_per_year
    elif case.is_batch:
        heap, heaps = case.units_per_day, case.days_per_year
    else:
        heap, heaps = 0.0, 0.0
    # The heap grows like everything else; capacity is planned for the largest one.
    return Demand(tuple(years), heap * max(1.0, (1 + case.growth) ** (len(years) - 1)), heaps, rare_days)


@dataclass(frozen=True, slots=True)
class Sizing:
    """Units (machines) needed and what they then do; arrays over candidates. `enough` is false where no number helps."""

    units: Ints
    utilisation: Floats
    p50_s: Floats
    p_s: Floats
    enough: NDArray[np.bool_]


def response_quantile(
    likely_s: Floats, spread: Spread, units: Floats, rate: Floats, unevenness: float, q: float, *, wait_only: bool = False
) -> tuple[Floats, Floats]:
    """The time within which a share `q` of the answers comes, waiting included, and the median; infinite where overloaded."""
    with np.errstate(divide="ignore", invalid="ignore"):
        load = np.where(np.isfinite(likely_s), rate * likely_s * spread.mean / units, np.nan)
        quantile, middle = answer_times(spread, units, load, unevenness, q, wait_only=wait_only)
        return likely_s * quantile, likely_s * middle


def sized(
    likely_s: Floats,
    spread: Spread,
    rate: float,
    unevenness: float,
    q: float,
    limit_s: Floats | float | None,
    *,
    wait_only: bool = False,
) -> Sizing:
    """The fewest machines that keep the limit in the busiest hour and stay below `BUSY_AT_MOST`.

    Args:
        likely_s: likely time for one unit of work on one machine [s], shape (n,).
        spread: of the times around it.
        rate: units of work per second in the busiest hour, all machines together.
        unevenness: squared coefficient of variation of the gaps between arrivals (see `advisor.waiting.answer_times`).
        q: share of the answers that must keep the limit, 0.5 to 1 (1 is taken as 0.999).
        limit_s: the owner's limit less what the network takes, shape (n,) or one number; `None` = nobody waits.
        wait_only: the limit, and the times told, are of the wait without the unit's own time.
    """
    q = min(q, 0.999)
    least = np.maximum(1, np.ceil(rate * likely_s * spread.mean / BUSY_AT_MOST - 1e-9))
    units = least.copy()
    rates = np.full_like(likely_s, rate)
    quantile, middle = response_quantile(likely_s, spread, units, rates, unevenness, q, wait_only=wait_only)
    if limit_s is not None:
        limit = np.broadcast_to(np.asarray(limit_s, dtype=np.float64), likely_s.shape)
        alone = 0.0 if wait_only else spread.quantile(q)
        could = (alone * likely_s <= limit) & np.isfinite(likely_s)
        rows, few = np.flatnonzero((quantile > limit) & could), units.copy()

        def waited(at: Ints, machines: Floats) -> Floats:
            return response_quantile(likely_s[at], spread, machines, rates[at], unevenness, q, wait_only=wait_only)[0]

        grown = rows
        for _ in range(_MOST_DOUBLINGS):
            few[rows], units[rows] = units[rows], units[rows] * 2
            quantile[rows] = waited(rows, units[rows])
            rows = rows[quantile[rows] > limit[rows]]
            if not len(rows):
                break
        # Between too few and enough lies the fewest; found exactly, or more work could seem to need fewer machines.
        rows = grown[quantile[grown] <= limit[grown]]
        while len(rows := rows[units[rows] - few[rows] > 1]):
            between = np.floor((few[rows] + units[rows]) / 2)
            waits = waited(rows, between)
            kept = waits <= limit[rows]
            units[rows[kept]], quantile[rows[kept]] = between[kept], waits[kept]
            few[rows[~kept]] = between[~kept]
        if len(grown):
            middle[grown] = response_quantile(
                likely_s[grown], spread, units[grown], rates[grown], unevenness, q, wait_only=wait_only
            )[1]  # fmt: skip
        enough = quantile <= limit
    else:
        enough = np.isfinite(quantile)
    utilisation = rates * likely_s * spread.mean / units
    return Sizing(_whole(units), utilisation, np.minimum(middle, quantile), quantile, enough & np.isfinite(likely_s))


# More machines than any firm could have; a larger number would not fit into a whole number.
_MOST_MACHINES: Final = 1e15


def _whole(units: Floats) -> Ints:
    return np.where(np.isfinite(units), np.minimum(units, _MOST_MACHINES), 0).astype(np.int64)


def heap_hours(units: float, throughput_per_s: Floats, machines: Floats | Ints | float = 1) -> Floats:
    """Hours to work through a heap of units at a steady throughput."""
    with np.errstate(divide="ignore"):
        return np.asarray(units / (throughput_per_s * machines) / SECONDS_PER_HOUR)


def machines_for_heap(units: float, throughput_per_s: Floats, hours: Floats | float) -> Ints:
    """Machines needed to work through a heap in time."""
    with np.errstate(divide="ignore", invalid="ignore"):
        need = np.ceil(heap_hours(units, throughput_per_s) / hours - 1e-9)
    return _whole(np.maximum(1, need))


def machines_for_rate(rate: float, service_s: Floats) -> Ints:
    """Machines that stay below `BUSY_AT_MOST` at a rate of work, however long people wait."""
    return _whole(np.maximum(1, np.ceil(rate * service_s / BUSY_AT_MOST)))


def hours_free_a_day(free: str | None, open_hours_per_day: float) -> float:
    """Hours a day that an owned machine can give to the job. `nights`: outside opening hours, at least 8."""
    if free == "nights":
        return max(8.0, 24 - open_hours_per_day)
    if free == "office-hours":
        return min(10.0, open_hours_per_day)
    return 24.0


def peak_rate(case: Case, d: Demand, *, per_site: bool, rare: bool = True) -> float:
    """Units of work per second in the busiest hour of the horizon, at one site or over all."""
    hour = max(d.peak_hour_units, d.rare_hour_units) if rare else d.peak_hour_units
    return hour / (case.sites if per_site else 1) / SECONDS_PER_HOUR


def asleep_share(case: Case, d: Demand, idle_s: float) -> float:
    """The share of all answers that find a function asleep: the gap before them was longer than it stays awake.

    Quiet hours count as much as the busy one: each year has its busiest hour and spreads the rest of its day over the other open
    hours. The first answer after a closed night always waits. Random gaps, or as `UNEVENNESS` says.

    Args:
        idle_s: how long a function stays awake without work [s].
    """
    asleep = 0.0
    for year in d.years:
        day = year.units / max(year.share * case.days_per_year, 1e-9)
        hours = max(case.open_hours_per_day - 1, 0.0)
        busy = min(year.busiest_hour_units, day) if hours else day
        quiet = (day - busy) / hours if hours else 0.0
        woken = busy * _longer(busy, idle_s, case) + hours * quiet * _longer(quiet, idle_s, case)
        if (HOURS_PER_DAY - case.open_hours_per_day) * SECONDS_PER_HOUR > idle_s:
            woken += min(1.0, day) * (1 - woken / max(day, 1e-9))
        asleep += year.units * min(woken / max(day, 1e-9), 1.0)
    return asleep / max(d.units, 1e-9)


def _longer(units_per_hour: float, idle_s: float, case: Case) -> float:
    """The chance that nothing comes for `idle_s` before an answer."""
    unevenness = UNEVENNESS[case.arrivals]
    mean = units_per_hour * idle_s / SECONDS_PER_HOUR
    if unevenness < 1:
        return (1 + 2 * mean) * math.exp(-2 * mean)
    first = 2 / (1 + unevenness)
    return first * math.exp(-first * mean)


def data_gb_per_month(case: Case, d: Demand) -> float:
    """Data sent out each month in the heaviest year, per site, if all inputs leave the site [GB]."""
    year = max((y.units / y.share for y in d.years), default=0.0)
    return year / 12 / case.sites * case.input_kb / 1e6


def busiest_upload_mbps(case: Case, d: Demand) -> float:
    """Upload in the busiest hour, per site, if all inputs leave the site [Mbit/s]."""
    return peak_rate(case, d, per_site=True) * case.input_kb * 8 / 1000


def days_in(d: Demand) -> float:
    """Calendar days of the horizon."""
    return d.duration * DAYS_PER_YEAR
