"""Computers in the building: the ones the owner has, and the ones that can be bought."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

from advisor.advice import Kind, Part
from advisor.cost import Line, Origin, left_out, nothing, stated
from advisor.evidence import Basis
from advisor.forecast import REACH_NO, REACH_SPECIALIST, machines_from_builds, machines_from_owned
from advisor.load import UNEVENNESS, heap_hours, hours_free_a_day, machines_for_heap, peak_rate, sized
from advisor.options.group import HERE, Group, Looks, Removal
from advisor.options.rules import about_money, about_office, about_people
from advisor.options.setting import energy_line, own_time_lines, slug
from advisor.units import DAYS_PER_YEAR, HOURS_PER_DAY, SECONDS_PER_HOUR
from advisor.work import unit_times

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from advisor.catalog import Build, Catalog, OwnedClass
    from advisor.evidence import Estimate
    from advisor.forecast import Machines
    from advisor.need import Owned
    from advisor.options.setting import Setting
    from advisor.work import UnitTimes

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

_DAY_S: Final = 86400.0
_HALF_DAY_S: Final = 43200.0
_OFFICE_DAY_HOURS: Final = 12.0
# A computer left on for the job waits before it starts and before it switches itself off.
_WAIT_BEFORE_OFF_HOURS: Final = 0.5
_NIGHT_HOURS: Final = 8.0


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
    days = limit_s / _DAY_S
    free = np.asarray(free_hours, dtype=np.float64)
    return np.asarray(np.minimum(np.floor(days) * free + np.minimum((days % 1) * HOURS_PER_DAY, free), limit_s / SECONDS_PER_HOUR))


def existing(setting: Setting) -> Group | None:
    """The owner's own computers, one candidate each; `None` where there are none or no model of the owner's runs."""
    case, catalog = setting.case, setting.catalog
    owned = case.owned
    if not owned or not setting.work.steps:
        return None
    n = len(owned)
    classes = tuple(catalog.owned_class(o.what, o.memory_gb) for o in owned)
    times = unit_times(setting.work, machines_from_owned(owned, classes, catalog), setting.own, setting.own_guess)
    free = np.array([hours_free_a_day(o.free, case.open_hours_per_day) for o in owned])
    limit = np.inf if case.limit_s is None else case.limit_s
    d = duty(setting, times, free, limit)
    shut = np.array([_is_shut(setting, o.free) for o in owned])
    same = np.array([sum(p.what == o.what for p in owned) for o in owned])
    work_share = 1 / np.maximum(d.units, 1)
    busy_w = np.array([c.busy_w.likely for c in classes])
    kwh_low, kwh, kwh_high = (_owned_kwh(setting, owned, classes, d.busy_hours_per_year, end) for end in ("low", "likely", "high"))
    doubt_low, doubt_high = np.minimum(kwh_low / kwh, 1.0), np.maximum(kwh_high / kwh, 1.0)
    setup, upkeep = (setting.own_hours(p) for p in ("hours.setup.edge_existing", "hours.upkeep.edge_existing"))
    watch = setting.judged("hours.watch")
    bills = setting.bills(
        n,
        (
            energy_line(setting, kwh, doubt_low, doubt_high),
            *own_time_lines(setting, setup, upkeep, watch),
            left_out("T21", "left_out.lost_work"),
        ),
        {"T01": "zero.owned", "T02": "zero.no_spare_owned", "T11": "left_out.owned_failure", "T20": "zero.no_line_needed", **_COMMON},
    )
    removals = (
        *about_people(setting, n),
        *about_office(setting, n),
        Removal("rule.memory", ~times.fits),
        Removal("rule.hours-free", shut),
        Removal("rule.too-slow", ~d.enough),
        Removal("rule.too-few-machines", d.units > same),
        Removal("rule.power", _power_broken(setting, busy_w * d.units)),
        Removal("rule.quality", np.full(n, _too_small(setting))),
        *about_money(setting, bills),
    )

    def looks(i: int) -> Looks:
        o = owned[i]
        count = max(int(d.units[i]), 1)
        cautions = ["caution.free-nights"] if o.free == "nights" else []
        if not times.measured[i]:
            cautions.append("caution.not-measured")
        return Looks(
            o.what,
            (Part("does the work", o.gpu_chip_id or o.chip_id or classes[i].id, o.what, count * case.sites, "own"),),
            None,
            "lock.none",
            tuple(cautions),
            Basis.MEASURED if times.measured[i] else Basis.ESTIMATED,
            times.why(i),
            times.told(i),
        )

    names = _distinct([slug(o.what) for o in owned])
    return Group(
        Kind.EDGE_EXISTING,
        lambda i: f"edge_existing:{names[i]}",
        bills,
        removals,
        d.p50,
        d.p_likely,
        d.p_low,
        d.p_high,
        limit,
        d.utilisation * work_share * d.units,
        np.full(n, setup.likely),
        np.full(n, upkeep.likely + watch.likely),
        kwh,
        flagged=np.zeros(n, dtype=bool),
        far=np.full(n, HERE),
        sends_out=False,
        looks=looks,
    )


@lru_cache(maxsize=16)
def _buildable(catalog: Catalog, owned: tuple[Owned, ...]) -> tuple[tuple[Build, ...], Machines]:
    builds = catalog.builds(owned)
    return builds, machines_from_builds(builds, catalog)


def bought(setting: Setting) -> Group | None:
    """Devices that can be bought and really run the model, alone or in a host; `None` without a model to run."""
    case, catalog = setting.case, setting.catalog
    if not setting.work.steps:
        return None
    builds, machines = _buildable(catalog, case.owned)
    n = len(builds)
    if n == 0:
        return None
    times = unit_times(setting.work, machines, setting.own, setting.own_guess)
    limit = np.inf if case.limit_s is None else case.limit_s
    d = duty(setting, times, 24.0, limit)
    count = np.maximum(d.units, 1) * case.sites
    spare = 1.0 if case.longest_outage_s < setting.judged("replacement.quickest_days").likely * _DAY_S else 0.0
    price = np.array([b.price.likely for b in builds])
    p_low = np.array([b.price.low / b.price.likely for b in builds])
    p_high = np.array([b.price.high / b.price.likely for b in builds])
    idle = np.array([b.idle_w.likely for b in builds])
    load = np.array([b.load_w.likely for b in builds])
    w_low = np.array([(b.idle_w.low + b.load_w.low) / (b.idle_w.likely + b.load_w.likely) for b in builds])
    w_high = np.array([(b.idle_w.high + b.load_w.high) / (b.idle_w.likely + b.load_w.likely) for b in builds])
    on_hours = _on_hours(setting)
    busy_hours = np.minimum(d.busy_hours_per_year / np.maximum(d.units, 1), on_hours)
    kwh = (idle * on_hours + (load - idle) * busy_hours) / 1000 * count
    fail = setting.judged("failure.per_year")
    setup, upkeep, watch = _edge_hours(setting)
    # A chip with a runtime of its own needs the model converted first, by somebody who can.
    convert = np.where(times.reach == REACH_SPECIALIST, setting.judged("hours.conversion").likely, 0.0)

    def origin(i: int) -> Origin:
        return Origin(builds[i].price.basis, builds[i].price.source.title, builds[i].price.source.as_of)

    years = case.years
    bills = setting.bills(
        n,
        (
            Line("T01", "upfront", "line.device", count.astype(float), "devices", price, p_low, p_high, origin),
            *(
                (Line("T02", "upfront", "line.spare", spare, "devices", price, p_low, p_high, origin),)
                if spare
                else (nothing("T02", "zero.spare"),)
            ),
            left_out("T03", "left_out.mount"),
            energy_line(setting, kwh, w_low, w_high),
            Line(
                "T11",
                "once-later",
                "line.failure",
                count * fail.likely * years,
                "devices",
                price,
                fail.low / fail.likely,
                fail.high / fail.likely * p_high,
                stated(Basis.ESTIMATED, fail.source.title, fail.source.as_of),
            ),
            *own_time_lines(setting, setup, upkeep, watch, convert),
            left_out("T21", "left_out.lost_work"),
        ),
        {"T20": "zero.no_line_needed", **_COMMON},
    )
    removals = (
        *about_people(setting, n),
        *about_office(setting, n),
        Removal("rule.memory", ~times.fits),
        Removal("rule.software-reach", times.reach >= REACH_NO),
        Removal("rule.hours-free", np.array([b.host_purchase == "own" and _is_shut(setting, b.host_free) for b in builds])),
        Removal("rule.no-forecast", ~np.isfinite(times.likely)),
        Removal("rule.too-slow", ~d.enough),
        Removal("rule.too-few-machines", d.units > _hosts(builds, case.owned)),
        Removal("rule.power", _power_broken(setting, np.array([b.max_w for b in builds]) * d.units)),
        Removal("rule.quality", np.full(n, _too_small(setting))),
        *about_money(setting, bills),
    )

    def looks(i: int) -> Looks:
        b = builds[i]
        cautions = [*b.cautions]
        if times.reach[i] == REACH_SPECIALIST:
            cautions.append("caution.specialist")
        if case.place != "indoors":
            cautions.append(f"caution.place.{case.place}")
        parts = [Part("does the work", b.device_id, b.device_name, int(count[i]), "buy")]
        if b.host_id:
            parts.append(Part("holds it", b.host_id, b.host_name, int(count[i]), b.host_purchase))
        if spare:
            parts.append(Part("spare on the shelf", b.device_id, b.device_name, 1, "buy"))
        return Looks(b.name, tuple(parts), None, b.lock_in, tuple(cautions), Basis.ESTIMATED, times.why(i), times.told(i))

    return Group(
        Kind.EDGE_NEW,
        lambda i: f"edge_new:{builds[i].id}",
        bills,
        removals,
        d.p50,
        d.p_likely,
        d.p_low,
        d.p_high,
        limit,
        d.utilisation,
        setup.likely + convert,
        np.full(n, upkeep.likely + watch.likely),
        kwh,
        flagged=np.zeros(n, dtype=bool),
        far=np.full(n, HERE),
        sends_out=False,
        looks=looks,
    )


_COMMON: Final = {
    "T05": "zero.in_electricity",
    "T06": "zero.cooling",
    "T09": "left_out.it_firm",
    "T10": "zero.care",
    "T12": "zero.cash_view",
    "T13": "zero.residual",
    "T14": "zero.nothing_rented",
    "T15": "zero.nothing_rented",
    "T16": "zero.no_pay_per_use",
    "T17": "zero.no_data_out",
    "T18": "zero.nothing_rented",
    "T19": "zero.storage",
    "T23": "left_out.retraining",
    "T24": "left_out.training_staff",
    "T25": "zero.licences",
    "T26": "zero.tax",
    "T27": "left_out.exit",
    "T28": "zero.discount",
    "T29": "zero.price_change",
}


def _hosts(builds: tuple[Build, ...], owned: tuple[Owned, ...]) -> Floats:
    """How many of each the site can hold: a card in an owned computer needs one computer each."""
    return np.array([sum(o.what == b.host_name for o in owned) if b.host_purchase == "own" else np.inf for b in builds])


def _edge_hours(setting: Setting) -> tuple[Estimate, Estimate, Estimate]:
    sites = setting.case.sites
    setup, upkeep = (setting.own_hours(p) for p in ("hours.setup.edge_new", "hours.upkeep.edge_new"))
    # Every further site has to be visited and looked at by itself; the first one carries the learning.
    more = 1 + setting.judged("hours.setup.further_site").likely * (sites - 1)
    return setup.scaled(more), upkeep.scaled(more), setting.judged("hours.watch").scaled(more)


def _owned_kwh(setting: Setting, owned: Sequence[Owned], classes: Sequence[OwnedClass], busy_hours: Floats, end: str) -> Floats:
    """Electricity of owned computers for the job, all sites [kWh a year]; `end`: low, likely or high.

    Whether a computer would be on without the job is not told. One that others use by day is; one that is free at night
    is switched on for the job; one that is always free may stand there switched on or off.
    """
    case = setting.case
    days = case.days_per_year
    waits = {"low": 0.0, "likely": _WAIT_BEFORE_OFF_HOURS, "high": _NIGHT_HOURS if case.is_batch else case.open_hours_per_day}[end]
    part = {"low": 0.0, "likely": 0.5, "high": 1.0}[end]
    out = []
    for o, c, busy in zip(owned, classes, busy_hours.tolist(), strict=True):
        idle_w, busy_w = getattr(c.idle_w, end), getattr(c.busy_w, end)
        extra = max(busy_w - idle_w, 0.1 * busy_w)
        if o.free == "office-hours":
            watt_hours = busy * extra
        elif o.free == "nights" or case.is_batch:
            watt_hours = busy * busy_w + waits * days * idle_w
        else:
            watt_hours = busy * extra + part * case.open_hours_per_day * days * idle_w
        out.append(watt_hours / 1000 * case.sites)
    return np.array(out)


def _is_shut(setting: Setting, free: str | None) -> bool:
    """Whether a machine that is free only at times keeps people waiting who need an answer at other times."""
    case = setting.case
    if case.is_batch or case.limit_s is None or case.limit_s >= _HALF_DAY_S:
        return False
    return free == "nights" or (free == "office-hours" and case.open_hours_per_day > _OFFICE_DAY_HOURS)


def _on_hours(setting: Setting) -> float:
    """Hours a year that a machine bought for the job is switched on."""
    case = setting.case
    if case.is_batch:
        return case.days_per_year * min(24.0, (case.limit_s or _DAY_S) / SECONDS_PER_HOUR)
    if case.arrivals in ("steady",) or case.open_hours_per_day >= 20:
        return DAYS_PER_YEAR * case.open_hours_per_day * case.days_per_year / DAYS_PER_YEAR
    return DAYS_PER_YEAR * HOURS_PER_DAY


def _power_broken(setting: Setting, watts: Floats) -> NDArray[np.bool_]:
    limit = setting.case.power_limit_w
    if limit is None:
        # Off the mains without a stated limit we cannot promise anything that draws more than a lamp.
        limit = np.inf if setting.case.power == "mains" else 30.0
    return np.asarray(~(watts <= limit))


def _too_small(setting: Setting) -> bool:
    """Whether the owner wants a large text model and names a small one to run at home."""
    text = setting.work.text
    return setting.case.needs_large_model and text is not None and text.params_billions < 30


def _distinct(names: list[str]) -> list[str]:
    seen: dict[str, int] = {}
    out = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        out.append(name if seen[name] == 1 else f"{name}-{seen[name]}")
    return out
