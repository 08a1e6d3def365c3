"""Computers that can be bought and really run the model, alone or in a host."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from advisor.advice import Kind, Part
from advisor.catalog.operators import RUNS
from advisor.cost import Line, Origin, left_out, nothing, stated
from advisor.evidence import Basis, together
from advisor.forecast import REACH_NO, REACH_SPECIALIST, machines_from_builds
from advisor.options.duty import DAY_S, duty
from advisor.options.edge import ZERO_PARTS, is_shut, power_broken, too_small
from advisor.options.group import HERE, Group, Looks, Removal
from advisor.options.operators import about_software, cautions, falls_short, levels
from advisor.options.own_effort import down_here, effort
from advisor.options.power_lines import busy_by_year, power_lines
from advisor.options.rent_lines import it_firm
from advisor.options.retraining import about_retraining, is_asked
from advisor.options.rules import about_money, about_office, about_people
from advisor.options.setting import both, own_time_lines
from advisor.units import DAYS_PER_YEAR, HOURS_PER_DAY, MONTHS_PER_YEAR, SECONDS_PER_HOUR
from advisor.work import unit_times

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from advisor.catalog import Build, Catalog
    from advisor.evidence import Estimate
    from advisor.forecast import Machines
    from advisor.need import Owned
    from advisor.options.setting import Setting

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]


@lru_cache(maxsize=16)
def _buildable(catalog: Catalog, owned: tuple[Owned, ...]) -> tuple[tuple[Build, ...], Machines]:
    builds = catalog.builds(owned)
    return builds, machines_from_builds(builds, catalog)


@lru_cache(maxsize=16)
def _levels(catalog: Catalog, owned: tuple[Owned, ...], operators: tuple[str, ...]) -> Ints:
    return levels(catalog, _buildable(catalog, owned)[1], operators)


@lru_cache(maxsize=16)
def _prices(
    catalog: Catalog, owned: tuple[Owned, ...], typed: tuple[tuple[str, Estimate], ...]
) -> tuple[tuple[Estimate, ...], Floats, Floats, Floats]:
    """What each build costs [USD], at the owner's prices where they typed one: as a whole, likely, and its ends as factors."""
    own = dict(typed)
    paid = tuple(together(own.get(name, ours) for name, ours in b.priced) for b in _buildable(catalog, owned)[0])
    price, low, high = _columns((p.likely, p.low / p.likely, p.high / p.likely) for p in paid)
    return paid, price, low, high


@lru_cache(maxsize=16)
def _power(catalog: Catalog, owned: tuple[Owned, ...]) -> tuple[Floats, Floats, Floats, Floats]:
    """What each build draws [W], resting and busy, and the ends of both as factors."""

    def both(b: Build, end: str) -> float:
        return float(getattr(b.idle_w, end) + getattr(b.load_w, end))

    rows = _buildable(catalog, owned)[0]
    likely, load, low, high = _columns(
        (b.idle_w.likely, b.load_w.likely, both(b, "low") / both(b, "likely"), both(b, "high") / both(b, "likely")) for b in rows
    )
    return likely, load, low, high


def _columns(rows: Iterable[tuple[float, ...]]) -> Floats:
    """Numbers by column, shared between answers and so read-only."""
    columns = np.array(list(rows)).T.copy()
    columns.setflags(write=False)
    return columns


def bought(setting: Setting) -> Group | None:
    """Devices that can be bought and really run the model, alone or in a host; `None` without a model to run."""
    case, catalog = setting.case, setting.catalog
    if not setting.work.steps:
        return None
    builds, machines = _buildable(catalog, case.owned)
    n = len(builds)
    if n == 0:
        return None
    times = unit_times(setting.work, machines, setting.own, setting.own_guess, setting.places.device_runs([b.device_id for b in builds]))
    # Where the model was timed it ran.
    software = np.where(times.measured, RUNS, _levels(catalog, case.owned, setting.work.operators))
    limit = np.inf if case.limit_s is None else case.limit_s
    d = duty(setting, times, 24.0, limit)
    count = np.maximum(d.units, 1) * case.sites
    spare = 1.0 if case.longest_outage_s < setting.judged("replacement.quickest_days").likely * DAY_S else 0.0
    paid, price, p_low, p_high = _prices(catalog, case.owned, tuple(setting.quotes.prices.items()))
    idle, load, w_low, w_high = _power(catalog, case.owned)
    on_hours = _on_hours(setting)
    # By each year's work; a machine cannot be busy for longer than it is on.
    busy = [np.minimum(b / np.maximum(d.units, 1), on_hours) for b in busy_by_year(setting, d.busy_hours_per_year)]
    years = setting.demand.years
    kwh = [(idle * on_hours + (load - idle) * b) / 1000 * count * y.share for b, y in zip(busy, years, strict=True)]
    setup, upkeep, watch = _edge_hours(setting)
    # A chip with a runtime of its own needs the model converted first, by somebody who can.
    convert = np.where(times.reach == REACH_SPECIALIST, setting.judged("hours.conversion").likely, 0.0)

    def origin(i: int) -> Origin:
        source = paid[i].source
        return Origin(paid[i].basis, source.title, source.as_of, "device", tuple(name for name, _ in builds[i].priced))

    own = effort(
        setting, "edge_new", down_here(setting, spare=bool(spare)), places=case.sites, convert=convert, rents=not is_asked(setting)
    )
    bills = setting.bills(
        n,
        (
            Line("T01", "upfront", "line.device", count.astype(float), "devices", price, p_low, p_high, origin),
            *(
                (Line("T02", "upfront", "line.spare", spare, "devices", price, p_low, p_high, origin),)
                if spare
                else (nothing("T02", "zero.spare"),)
            ),
            _fittings(setting),
            *power_lines(setting, kwh, w_low, w_high),
            *it_firm(setting, count * (case.years * MONTHS_PER_YEAR)),
            *_when_it_breaks(setting, count, price, p_low, p_high),
            *own_time_lines(setting, setup, upkeep, watch, convert),
            *own.lines,
        ),
        ZERO_PARTS,
    )
    removals = (
        *about_people(setting, n),
        *about_office(setting, n),
        Removal("rule.memory", ~times.fits),
        Removal("rule.software-reach", times.reach >= REACH_NO),
        about_software(software),
        Removal("rule.hours-free", np.array([b.host_purchase == "own" and is_shut(setting, b.host_free) for b in builds])),
        Removal("rule.no-forecast", ~np.isfinite(times.likely)),
        Removal("rule.too-slow", ~d.enough),
        Removal("rule.too-few-machines", d.units > _hosts(builds, case.owned)),
        Removal("rule.power", power_broken(setting, np.array([b.max_w for b in builds]) * np.maximum(d.units, 1))),
        Removal("rule.quality", np.full(n, too_small(setting))),
        *about_retraining(setting, times),
        *about_money(setting, bills),
    )

    def looks(i: int) -> Looks:
        b = builds[i]
        beside = [*b.cautions, *cautions(software, i)]
        if all(name in setting.quotes.prices for name, _ in b.priced):
            beside = [c for c in beside if c != "caution.old-price"]
        if times.reach[i] == REACH_SPECIALIST:
            beside.append("caution.specialist")
        if case.power != "mains":
            beside.append("caution.own_supply")
        if case.place != "indoors":
            beside.append(f"caution.place.{case.place}")
        parts = [Part("does the work", b.device_id, b.device_name, int(count[i]), "buy")]
        if b.host_id:
            parts.append(Part("holds it", b.host_id, b.host_name, int(count[i]), b.host_purchase))
        if spare:
            parts.append(Part("spare on the shelf", b.device_id, b.device_name, 1, "buy"))
        short = falls_short(setting, machines, i) if software[i] != RUNS else ()
        basis = Basis.MEASURED if times.measured[i] else Basis.ESTIMATED
        return Looks(b.name, tuple(parts), None, b.lock_in, tuple(beside), basis, times.why(i), times.told(i), short)

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
        np.sum(kwh, axis=0) / setting.demand.duration,
        flagged=np.zeros(n, dtype=bool),
        far=np.full(n, HERE),
        sends_out=False,
        looks=looks,
        other_hours=own.hours,
        queue=d.queue,
    )


def _hosts(builds: tuple[Build, ...], owned: tuple[Owned, ...]) -> Floats:
    """How many of each the site can hold: a card in an owned computer needs one computer each."""
    return np.array([sum(o.what == b.host_name for o in owned) if b.host_purchase == "own" else np.inf for b in builds])


def _fittings(setting: Setting) -> Line:
    """T03: cameras, cables, mount, case and battery, at the owner's price for each place."""
    case = setting.case
    if case.fittings_per_site is None:
        return left_out("T03", "left_out.mount")
    if not case.fittings_per_site:
        return nothing("T03", "zero.T03")
    told = stated(Basis.YOURS, "your answer")
    return Line("T03", "upfront", "line.fittings", float(case.sites), "places", setting.money.usd(case.fittings_per_site), 1.0, 1.0, told)


def _when_it_breaks(setting: Setting, count: Ints, price: Floats, p_low: Floats, p_high: Floats) -> tuple[Line, Line]:
    """T10 and T11: a care contract that replaces what breaks, else what breaks weighed with how often it does."""
    years, fail, care = setting.case.years, setting.judged("failure.per_year"), setting.judged("care.share_per_year")
    if setting.case.care_contract:
        ends = both((care.low / care.likely, care.high / care.likely), (p_low, p_high))
        origin = stated(Basis.ESTIMATED, care.source.title, care.source.as_of)
        paid = Line("T10", "yearly", "line.care", care.likely * years, "of the price", price * count, *ends, origin)
        return paid, nothing("T11", "zero.care_replaces")
    origin = stated(Basis.ESTIMATED, fail.source.title, fail.source.as_of)
    ends = both((fail.low / fail.likely, fail.high / fail.likely), (p_low, p_high))
    broken = Line(
        "T11", "once-later", "line.failure", np.asarray(count * (fail.likely * years), dtype=np.float64), "devices", price, *ends, origin
    )
    return nothing("T10", "zero.care"), broken


def _edge_hours(setting: Setting) -> tuple[Estimate, Estimate, Estimate]:
    sites = setting.case.sites
    setup, upkeep = (setting.own_hours(p) for p in ("hours.setup.edge_new", "hours.upkeep.edge_new"))
    # Every further site has to be visited and looked at by itself; the first one carries the learning.
    more = 1 + setting.judged("hours.setup.further_site").likely * (sites - 1)
    # An IT firm that is paid for it looks after the machines in place of the owner's people.
    kept = 0.0 if setting.case.it_firm_per_month is not None else more
    return setup.scaled(more), upkeep.scaled(kept), setting.judged("hours.watch").scaled(more)


def _on_hours(setting: Setting) -> float:
    """Hours a year that a machine bought for the job is switched on."""
    case = setting.case
    if case.is_batch:
        return case.days_per_year * min(24.0, (case.limit_s or DAY_S) / SECONDS_PER_HOUR)
    if case.arrivals in ("steady",) or case.open_hours_per_day >= 20:
        return DAYS_PER_YEAR * case.open_hours_per_day * case.days_per_year / DAYS_PER_YEAR
    return DAYS_PER_YEAR * HOURS_PER_DAY
