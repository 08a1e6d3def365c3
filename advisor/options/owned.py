"""The computers the owner has."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

from advisor.advice import Kind, Part
from advisor.catalog.operators import RUNS
from advisor.evidence import Basis
from advisor.forecast import machines_from_owned
from advisor.load import hours_free_a_day
from advisor.options.duty import duty
from advisor.options.edge import ZERO_PARTS, is_shut, power_broken, too_small
from advisor.options.group import HERE, Group, Looks, Removal
from advisor.options.operators import about_software, cautions, falls_short, levels
from advisor.options.own_effort import down_here, effort
from advisor.options.power_lines import busy_by_year, power_lines
from advisor.options.retraining import about_retraining, is_asked
from advisor.options.rules import about_money, about_office, about_people
from advisor.options.setting import own_time_lines, slug
from advisor.work import unit_times

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from advisor.catalog import Catalog, OwnedClass
    from advisor.forecast import Machines
    from advisor.need import Owned
    from advisor.options.setting import Setting

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

# A computer left on for the job waits before it starts and before it switches itself off.
_WAIT_BEFORE_OFF_HOURS: Final = 0.5


_NIGHT_HOURS: Final = 8.0


@lru_cache(maxsize=16)
def _machines(catalog: Catalog, owned: tuple[Owned, ...], classes: tuple[OwnedClass, ...]) -> Machines:
    return machines_from_owned(owned, classes, catalog)


def existing(setting: Setting) -> Group | None:
    """The owner's own computers, one candidate each; `None` where there are none or no model of the owner's runs."""
    case, catalog = setting.case, setting.catalog
    owned = case.owned
    if not owned or not setting.work.steps:
        return None
    n = len(owned)
    classes = tuple(catalog.owned_class(o.what, o.memory_gb) for o in owned)
    machines = _machines(catalog, owned, classes)
    times = unit_times(setting.work, machines, setting.own, setting.own_guess, setting.places.owned_runs())
    # Where the model was timed it ran.
    software = np.where(times.measured, RUNS, levels(catalog, machines, setting.work.operators))
    free = np.array([hours_free_a_day(o.free, case.open_hours_per_day) for o in owned])
    limit = np.inf if case.limit_s is None else case.limit_s
    d = duty(setting, times, free, limit)
    shut = np.array([is_shut(setting, o.free) for o in owned])
    same = np.array([sum(p.what == o.what for p in owned) for o in owned])
    work_share = 1 / np.maximum(d.units, 1)
    busy_w = np.array([c.busy_w.likely for c in classes])
    busy = list(zip(busy_by_year(setting, d.busy_hours_per_year), setting.demand.years, strict=True))
    power = {end: [_owned_kwh(setting, owned, classes, hours, end) * y.share for hours, y in busy] for end in ("low", "likely", "high")}
    kwh_low, kwh, kwh_high = (np.sum(power[end], axis=0) for end in ("low", "likely", "high"))
    doubt_low, doubt_high = np.minimum(kwh_low / kwh, 1.0), np.maximum(kwh_high / kwh, 1.0)
    setup, upkeep = (setting.own_hours(p) for p in ("hours.setup.edge_existing", "hours.upkeep.edge_existing"))
    watch = setting.judged("hours.watch")
    own = effort(setting, "edge_existing", down_here(setting, spare=False), places=case.sites, rents=not is_asked(setting))
    bills = setting.bills(
        n,
        (
            *power_lines(setting, power["likely"], doubt_low, doubt_high),
            *own_time_lines(setting, setup, upkeep, watch),
            *own.lines,
        ),
        {
            **ZERO_PARTS,
            "T01": "zero.owned",
            "T02": "zero.no_spare_owned",
            "T03": "zero.owned",
            "T09": "zero.it_firm_owned",
            "T10": "zero.care_owned",
            "T11": "left_out.owned_failure",
        },
    )
    removals = (
        *about_people(setting, n),
        *about_office(setting, n),
        Removal("rule.memory", ~times.fits),
        about_software(software),
        Removal("rule.hours-free", shut),
        Removal("rule.too-slow", ~d.enough),
        Removal("rule.too-few-machines", d.units > same),
        Removal("rule.power", power_broken(setting, busy_w * d.units)),
        Removal("rule.quality", np.full(n, too_small(setting))),
        *about_retraining(setting, times),
        *about_money(setting, bills),
    )

    def looks(i: int) -> Looks:
        o = owned[i]
        count = max(int(d.units[i]), 1)
        beside = [*(["caution.free-nights"] if o.free == "nights" else []), *cautions(software, i)]
        if not times.measured[i]:
            beside.append("caution.not-measured")
        elif setting.own is not None and setting.own.copy:
            beside.append("caution.copy")
        return Looks(
            o.what,
            (Part("does the work", o.gpu_chip_id or o.chip_id or classes[i].id, o.what, count * case.sites, "own"),),
            None,
            "lock.none",
            tuple(beside),
            Basis.MEASURED if times.measured[i] else Basis.ESTIMATED,
            times.why(i),
            times.told(i),
            falls_short(setting, machines, i) if software[i] != RUNS else (),
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
        kwh / setting.demand.duration,
        flagged=np.zeros(n, dtype=bool),
        far=np.full(n, HERE),
        sends_out=False,
        looks=looks,
        other_hours=own.hours,
        queue=d.queue,
    )


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


def _distinct(names: list[str]) -> list[str]:
    seen: dict[str, int] = {}
    out = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        out.append(name if seen[name] == 1 else f"{name}-{seen[name]}")
    return out
