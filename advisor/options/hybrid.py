"""Mixes of here and there, each with a written rule for what goes where.

Two designs: confidential work here and the rest at a service, and the usual work here with the few peak days at a
service. Each side is sized and priced for its own share of the work by the same code as the pure ways.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from advisor.advice import Kind
from advisor.cost import Bills, joined
from advisor.evidence import Basis
from advisor.load import demand
from advisor.options.bought import bought
from advisor.options.group import HERE, Group, Looks, Removal
from advisor.options.owned import existing
from advisor.options.payperuse import functions, hosted
from advisor.options.rules import about_money
from advisor.options.setting import own_time_lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from advisor.case import Case
    from advisor.options.setting import Setting
    from advisor.queue_simulation import Queued

    Ints = NDArray[np.int64]

# The best few of each side are enough: a mix of two poor halves never wins.
_EACH_SIDE: Final = 4
# Hours are those of the mix, not of its two sides one after the other; the discount follows from all lines.
_OF_BOTH: Final = ("T07", "T08", "T22", "T28")
# What leaves the house, and over which line, only the outside can tell.
_OUTSIDE_TELLS: Final = ("T16", "T17", "T20")


def mixes(setting: Setting) -> Iterator[Group]:
    """The hybrid designs that this job calls for; none where one side can do it all as well."""
    if not setting.work.steps:
        return
    case = setting.case
    share = case.confidential_share
    if share is not None and 0 < share < 1 and case.stay != "on-site":
        here = _part(case, share, stay="on-site", needs_large_model=False)
        there = _part(case, 1 - share)
        yield from _paired(setting, here, there, "route.private", "private")
    if case.rare_peak is not None and case.traffic_from != "internet" and case.stay != "on-site":
        peak = case.rare_peak
        over = max(peak.busiest_hour_units - case.busiest_hour_units, 0.0)
        extra_a_year = max(peak.units_per_day - case.units_per_day, 0.0) * peak.days_per_year
        if over > 0 and extra_a_year > 0:
            here = replace(case, rare_peak=None, upfront_max=None, monthly_max=None)
            there = replace(
                case,
                rare_peak=None,
                units_per_day=extra_a_year / case.days_per_year,
                busiest_hour_units=over,
                upfront_max=None,
                monthly_max=None,
            )
            yield from _paired(setting, here, there, "route.overflow", "overflow")


def _part(case: Case, share: float, **changes: object) -> Case:
    """The case with a share of the work; the budget is judged on the whole."""
    peak, heap = case.rare_peak, case.batch
    part = replace(
        case,
        units_per_day=case.units_per_day * share,
        busiest_hour_units=case.busiest_hour_units * share,
        rare_peak=peak and replace(peak, units_per_day=peak.units_per_day * share, busiest_hour_units=peak.busiest_hour_units * share),
        batch=heap and replace(heap, units=heap.units * share),
        confidential_share=None,
        upfront_max=None,
        monthly_max=None,
    )
    return replace(part, **changes)  # type: ignore[arg-type]


def _paired(setting: Setting, case_here: Case, case_there: Case, routing: str, name: str) -> Iterator[Group]:
    here = replace(setting, case=case_here, demand=demand(case_here))
    there = replace(setting, case=case_there, demand=demand(case_there))
    for inside in (existing(here), bought(here)):
        for outside in (hosted(there), functions(there)):
            if inside is not None and outside is not None:
                yield from _joined(setting, inside, outside, routing, name)


def _best(group: Group, most: int) -> Ints:
    """The cheapest feasible candidates by money; a flagged price only where there is no other."""
    ok = group.feasible()
    if (ok & ~group.flagged).any():
        ok &= ~group.flagged
    rows = np.flatnonzero(ok)
    return rows[np.lexsort((rows, group.bills.totals[rows]))][:most]


def _without(bills: Bills, *codes: str) -> Bills:
    return Bills(bills.n, tuple(x for x in bills.lines if x.code not in codes))


def _joined(setting: Setting, inside: Group, outside: Group, routing: str, name: str) -> Iterator[Group]:
    a, b = _best(inside, _EACH_SIDE), _best(outside, _EACH_SIDE)
    if not len(a) or not len(b):
        return
    i, j = np.repeat(a, len(b)), np.tile(b, len(a))
    n = len(i)
    design, watch = setting.own_hours("hours.setup.hybrid"), setting.judged("hours.watch")
    setup = np.maximum(design.likely, np.maximum(inside.setup_hours[i], outside.setup_hours[j]))
    # Answers are watched once, whichever side gave them.
    upkeep = inside.upkeep_hours_per_month[i] + outside.upkeep_hours_per_month[j] - watch.likely
    usual = setting.own_hours("hours.upkeep.edge_new")
    each_month = usual.scaled(float(upkeep[0] - watch.likely) / usual.likely)
    both = joined(_without(inside.bills, *_OF_BOTH, *_OUTSIDE_TELLS), i, _without(outside.bills, *_OF_BOTH), j)
    hours = own_time_lines(setting, design, each_month, watch, setup - design.likely)
    bills = setting.bills(n, (*both.lines, *hours), {"T28": "zero.discount"})
    rows = list(zip(i.tolist(), j.tolist(), strict=True))

    def looks(k: int) -> Looks:
        left, right = inside.looks(rows[k][0]), outside.looks(rows[k][1])
        basis = Basis.MEASURED if left.basis is Basis.MEASURED and right.basis is Basis.MEASURED else Basis.ESTIMATED
        cautions = tuple(dict.fromkeys((*left.cautions, *right.cautions)))
        return Looks(
            f"{left.name} + {right.name}",
            (*left.parts, *right.parts),
            routing,
            right.lock_in,
            cautions,
            basis,
            left.speed_why,
            left.speed_told,
            tuple(sorted({*left.falls_short, *right.falls_short})),
        )

    def slowest(x: str) -> NDArray[np.float64]:
        return np.asarray(np.maximum(getattr(inside, x)[i], getattr(outside, x)[j]))

    def queue(k: int) -> Queued | None:
        # Only where the house is the slower side do its answers say when all are there.
        here, there = rows[k]
        slower = inside.p_likely[here] >= outside.p_likely[there]
        return inside.queue(here) if inside.queue is not None and slower else None

    yield Group(
        Kind.HYBRID,
        lambda k: f"hybrid:{name}:{inside.ids(rows[k][0])}+{outside.ids(rows[k][1])}",
        bills,
        tuple(Removal(r.rule, r.mask) for r in about_money(setting, bills)),
        slowest("p50"),
        slowest("p_likely"),
        slowest("p_low"),
        slowest("p_high"),
        inside.limit_s,
        inside.utilisation[i],
        setup,
        upkeep,
        inside.energy_kwh_per_year[i],
        flagged=outside.flagged[j],
        far=np.full(n, HERE),
        sends_out=True,
        looks=looks,
        queue=queue,
    )
