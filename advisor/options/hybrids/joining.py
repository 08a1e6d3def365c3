"""Two halves as one way: the best few of each side with each other, with one bill, one pair of hours and a written rule."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from advisor.advice import Kind
from advisor.cost import Bills, joined, nothing
from advisor.evidence import Basis
from advisor.options.duty import DAY_S
from advisor.options.group import HERE, Group, Looks
from advisor.options.hybrids.worth import Side, beats_both
from advisor.options.own_effort import down_here, down_there, effort, other_side_steps_in
from advisor.options.rules import about_money
from advisor.options.setting import both, own_time_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from advisor.advice import Part
    from advisor.cost import Line
    from advisor.evidence import Estimate
    from advisor.options.setting import Setting

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]

# The best few of each side are enough: a mix of two poor halves never wins.
EACH_SIDE: Final = 4
# Hours and lost work are those of the mix, not of its two sides one after the other; tax and discount follow from all lines.
_OF_BOTH: Final = ("T07", "T08", "T21", "T22", "T24", "T26", "T27", "T28")
# What leaves the house, and over which line, only the outside can tell.
_OUTSIDE_TELLS: Final = ("T16", "T17", "T20")
# What is paid for the time in which a machine is rented.
_RENTED: Final = frozenset({"T09", "T14", "T18", "T19"})
# What is paid outside in step with the work that goes there.
_BY_USE: Final = frozenset({"T14", "T16", "T17", "T18", "T20"})


@dataclass(frozen=True, slots=True)
class Design:
    """One written design.

    `name` stands in the ids, `routing` is the phrase key of its rule. `led_by` says which side gives the usual answer: "here",
    "there", "slowest" where both do, or "both" where one answer passes through both. `share` is the judged share of the
    work that goes out, `None` where the owner told it. `without` are parts of the bill that the design does away with, with the
    phrase that says why; `trains`: the far side only trains the model. `roles` rename what the two sides do.
    """

    name: str
    routing: str
    led_by: str = "slowest"
    share: Estimate | None = None
    without: tuple[tuple[str, str], ...] = ()
    trains: bool = False
    roles: tuple[str | None, str | None] = (None, None)
    cautions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Half:
    """A side of a mix and those of its rows that may be part of one."""

    group: Group
    rows: Ints


def sound_half(group: Group, most: int = EACH_SIDE) -> Half:
    """The cheapest feasible candidates by money; a flagged price only where there is no other."""
    ok = group.feasible()
    if (ok & ~group.flagged).any():
        ok &= ~group.flagged
    return Half(group, cheapest(group, np.flatnonzero(ok), most))


def cheapest(group: Group, rows: Ints, most: int = EACH_SIDE) -> Ints:
    """The cheapest of some rows by their bill; of equal ones the nearest, then the first by id, so that the order of rows means nothing."""
    totals = np.round(group.bills.totals[rows], 6)
    if len(rows) > most:
        rows, totals = rows[totals <= (edge := np.partition(totals, most - 1)[most - 1])], totals[totals <= edge]
    order = sorted(zip(totals.tolist(), group.far[rows].tolist(), map(group.ids, rows.tolist()), rows.tolist(), strict=True))
    return np.array([row for *_, row in order[:most]], dtype=np.int64)


def mixed(
    setting: Setting, design: Design, inside: Half, outside: Half, pure_here: Sequence[Group], pure_there: Sequence[Group]
) -> Group | None:
    """All pairs of two halves that beat both pure designs; `None` where none does.

    A judged share is no reason to advise a mix: it has to pay at the high end of the share, too.
    """
    i, j = np.repeat(inside.rows, len(outside.rows)), np.tile(outside.rows, len(inside.rows))
    if not len(i):
        return None
    more = 1.0 if design.share is None else design.share.high / design.share.likely
    at_most = _group(setting, design, inside.group, outside.group, i, j, more)
    keep = beats_both(setting, at_most, pure_here, pure_there)
    # A mix that breaks the budget is no help beside a pure way that keeps it.
    if any(_can(side) for side in (pure_here, pure_there)):
        keep &= at_most.feasible()
    if not keep.any():
        return None
    return _group(setting, design, inside.group, outside.group, i[keep], j[keep], 1.0)


def _can(side: Sequence[Group]) -> bool:
    return side.is_any_feasible if isinstance(side, Side) else any(g.feasible().any() for g in side)


def _group(setting: Setting, design: Design, inside: Group, outside: Group, i: Ints, j: Ints, more: float) -> Group:
    n = len(i)
    watch = setting.judged("hours.watch")
    plan = setting.own_hours("hours.setup.hybrid")
    setup = np.maximum(plan.likely, np.maximum(inside.setup_hours[i], outside.setup_hours[j]))
    # Answers are watched once, whichever side gave them.
    upkeep = inside.upkeep_hours_per_month[i] + outside.upkeep_hours_per_month[j] - watch.likely
    usual = setting.own_hours("hours.upkeep.edge_new")
    each_month = usual.scaled(float(upkeep[0] - watch.likely) / usual.likely)
    away = (*(code for code, _ in design.without), *(() if design.trains else ("T23",)))
    bills_there = _by_use(_without(outside.bills, *_OF_BOTH, *away), design.share, more)
    pair = joined(_without(inside.bills, *_OF_BOTH, "T23", *_OUTSIDE_TELLS, *away), i, bills_there, j)
    # A model of one's own is trained once for both sides.
    asked = effort(setting, "hybrid", _down(setting, design), places=setting.case.sites, rents=not design.trains)
    hours = own_time_lines(setting, plan, each_month, watch, setup - plan.likely)
    gone = tuple(nothing(code, why) for code, why in design.without)
    bills = setting.bills(n, (*pair.lines, *gone, *hours, *asked.lines), {"T26": "zero.tax", "T28": "zero.discount"})
    rows = list(zip(i.tolist(), j.tolist(), strict=True))

    def looks(k: int) -> Looks:
        return _looks(design, inside.looks(rows[k][0]), outside.looks(rows[k][1]))

    lead = _lead(design.led_by, inside, outside, i, j)
    return Group(
        Kind.HYBRID,
        lambda k: f"hybrid:{design.name}:{inside.ids(rows[k][0])}+{outside.ids(rows[k][1])}",
        bills,
        about_money(setting, bills),
        lead("p50"),
        lead("p_likely"),
        lead("p_low"),
        lead("p_high"),
        inside.limit_s,
        outside.utilisation[j] if design.led_by == "there" else inside.utilisation[i],
        setup,
        upkeep,
        inside.energy_kwh_per_year[i],
        flagged=outside.flagged[j],
        far=np.full(n, HERE),
        sends_out=True,
        looks=looks,
        other_hours=asked.hours,
    )


def _down(setting: Setting, design: Design) -> Estimate | None:
    """Hours a year that a mix stands still while work comes: those of the side that answers, if the other does not step in."""
    if design.trains:
        spare = setting.case.longest_outage_s < setting.judged("replacement.quickest_days").likely * DAY_S
        return down_here(setting, spare=spare)
    if design.led_by in ("here", "there"):
        return other_side_steps_in() if not setting.case.is_batch else None
    return down_there(setting)


def _lead(led_by: str, inside: Group, outside: Group, i: Ints, j: Ints) -> Callable[[str], Floats]:
    """The times of the mix from those of its sides."""

    def of(name: str) -> Floats:
        here, there = getattr(inside, name)[i], getattr(outside, name)[j]
        match led_by:
            case "here":
                return np.asarray(here)
            case "there":
                return np.asarray(there)
            case "both":
                return np.asarray(here + there)
            case _:
                return np.asarray(np.maximum(here, there))

    return of


def _looks(design: Design, left: Looks, right: Looks) -> Looks:
    first, second = (right, left) if design.led_by == "there" else (left, right)
    role_here, role_there = design.roles
    here = tuple(_named(p, role_here) for p in left.parts if not (("T02", "zero.standby") in design.without and p.role.startswith("spare")))
    there = tuple(_named(p, role_there) for p in right.parts)
    measured = left.basis is Basis.MEASURED and (right.basis is Basis.MEASURED or design.led_by == "here")
    return Looks(
        f"{first.name} + {second.name}",
        (*there, *here) if design.led_by == "there" else (*here, *there),
        design.routing,
        left.lock_in if design.led_by == "here" else right.lock_in,
        tuple(dict.fromkeys((*design.cautions, *left.cautions, *right.cautions))),
        Basis.MEASURED if measured else Basis.ESTIMATED,
        first.speed_why,
        first.speed_told,
        tuple(sorted({*left.falls_short, *right.falls_short})),
    )


def _named(part: Part, role: str | None) -> Part:
    return replace(part, role=role) if role is not None and part.role == "does the work" else part


def _without(bills: Bills, *codes: str) -> Bills:
    return Bills(bills.n, tuple(x for x in bills.lines if x.code not in codes))


def _by_use(bills: Bills, share: Estimate | None, more: float) -> Bills:
    """What is paid by use, with the doubt of a judged share; `more` times as much of it."""
    if share is None:
        return bills
    doubt = (share.low / share.likely, share.high / share.likely)

    def doubted(x: Line) -> Line:
        if x.code not in _BY_USE or not x.has_amount():
            return x
        low, high = both((x.low, x.high), doubt)
        return replace(_times(x, more), low=low, high=high)

    return Bills(bills.n, tuple(doubted(x) for x in bills.lines))


def for_part_of_the_time(bills: Bills, share: float) -> Bills:
    """The bill of a machine that is rented for a share of the time only: its rent and the lines that follow from the rent."""
    return Bills(bills.n, tuple(_times(x, share) if x.code in _RENTED and x.has_amount() else x for x in bills.lines))


def _times(x: Line, factor: float) -> Line:
    # The small lines are a share of the rent: it is the rent that becomes less, not the share.
    if x.code == "T18":
        return replace(x, unit_price=np.asarray(x.unit_price) * factor)
    return replace(x, quantity=np.asarray(x.quantity) * factor)
