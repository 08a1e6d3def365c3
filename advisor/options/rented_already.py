"""Machines the firm already pays for, with the share of them that is idle."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from advisor.advice import Kind, Part
from advisor.catalog.names import provider_name
from advisor.catalog.operators import RUNS
from advisor.evidence import Basis
from advisor.forecast import machines_from_offers
from advisor.load import heap_hours, peak_rate
from advisor.options.cloud_extras import data_out
from advisor.options.duty import answers
from advisor.options.group import HERE, Group, Looks, Removal
from advisor.options.network import reach_of
from advisor.options.operators import about_software, cautions, falls_short, levels
from advisor.options.own_effort import down_there, effort
from advisor.options.rent_lines import ZERO_PARTS, line_costs
from advisor.options.rules import about_line, about_money, about_people, about_place
from advisor.options.setting import own_time_lines
from advisor.units import SECONDS_PER_HOUR
from advisor.work import unit_times

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from advisor.catalog import Catalog
    from advisor.forecast import Machines
    from advisor.options.setting import Setting

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]


@lru_cache(maxsize=16)
def _machines(catalog: Catalog, types: tuple[int, ...]) -> Machines:
    return machines_from_offers(catalog, np.array(types))


def already_rented(setting: Setting) -> Group | None:
    """Machines the firm already pays for, with the share of them that is idle."""
    case, catalog = setting.case, setting.catalog
    if not case.rented or not setting.work.steps:
        return None
    rows = [(r, catalog.offers.type_row_of(r.provider, r.instance_type)) for r in case.rented]
    known = [(r, row) for r, row in rows if row is not None]
    if not known:
        return None
    n = len(known)
    share = np.array([r.spare_share or 0.0 for r, _ in known]).clip(1e-3, 1)
    types = np.array([row for _, row in known])
    machines = _machines(catalog, tuple(types.tolist()))
    times = unit_times(setting.work, machines, setting.own, setting.own_guess, setting.places.rented_runs(catalog.offers, types))
    # Where the model was timed it ran.
    software = np.where(times.measured, RUNS, levels(catalog, machines, setting.work.operators))
    reach = reach_of(setting, np.full(n, -1))
    limit = np.inf if case.limit_s is None else case.limit_s
    queue = None
    # Only the idle share of the machine is ours: work takes that much longer.
    if case.is_batch:
        heap = setting.demand.heap_units
        p_likely = heap_hours(heap, times.per_s * share) * SECONDS_PER_HOUR + heap * reach.upload_s
        p50, enough, utilisation = p_likely, p_likely <= limit, p_likely / limit
        p_low, p_high = p_likely * times.low / times.likely, p_likely * times.high / times.likely
    else:
        a = answers(case, times, peak_rate(case, setting.demand, per_site=False), reach.extra, 1 / share)
        p50, p_likely, p_low, p_high, queue = a.p50, a.p_likely, a.p_low, a.p_high, a.queue
        enough, utilisation = a.enough & (a.size.units <= 1), a.size.utilisation
    setup, upkeep = (setting.own_hours(x) for x in ("hours.setup.rented_already", "hours.upkeep.rented_already"))
    watch = setting.judged("hours.watch")
    reasons = {
        **ZERO_PARTS,
        "T14": "zero.already_paid",
        "T15": "zero.already_paid",
        "T18": "zero.already_paid",
        "T09": "zero.it_firm_owned",
        "T19": "zero.already_paid",
    }
    own = effort(setting, "rented_already", down_there(setting))
    sent = data_out(setting, tuple((r.provider, "") for r, _ in known), np.arange(n))
    lines = (sent, *line_costs(setting), *own_time_lines(setting, setup, upkeep, watch), *own.lines)
    bills = setting.bills(n, lines, reasons)
    blank = np.full(n, "")
    removals = (
        *about_people(setting, n),
        *about_line(setting, n),
        *about_place(setting, blank, np.zeros(n, dtype=bool)),
        Removal("rule.memory", ~times.fits),
        about_software(software),
        Removal("rule.too-slow", ~enough),
        *about_money(setting, bills),
    )

    def looks(i: int) -> Looks:
        r, _ = known[i]
        what = f"{provider_name(r.provider)} {r.instance_type}"
        return Looks(
            what,
            (Part("does the work", f"{r.provider}:{r.instance_type}", what, 1, "own", None, r.provider),),
            None,
            "lock.machine",
            ("caution.shared-machine", *cautions(software, i)),
            Basis.MEASURED if times.measured[i] else Basis.ESTIMATED,
            times.why(i),
            times.told(i),
            falls_short(setting, machines, i) if software[i] != RUNS else (),
        )

    return Group(
        Kind.CLOUD_INSTANCE,
        lambda i: f"cloud_instance:{known[i][0].provider}:{known[i][0].instance_type}:own",
        bills,
        removals,
        p50,
        p_likely,
        p_low,
        p_high,
        limit,
        utilisation,
        np.full(n, setup.likely),
        np.full(n, upkeep.likely + watch.likely),
        np.full(n, np.nan),
        flagged=np.zeros(n, dtype=bool),
        far=np.full(n, HERE),
        sends_out=True,
        looks=looks,
        other_hours=own.hours,
        queue=queue,
    )
