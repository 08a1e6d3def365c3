"""The five written designs: what goes where, and when each may be asked for at all.

private: what is confidential here, the rest there. overflow: the usual days here, the peak there. failover: one side works, the other
steps in for the hours in which the first stands still. hard: a small model here, the hard cases there. learn: the
model learns there and answers here. Each side is sized and priced for its own share by the same code as the pure ways.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from advisor.evidence import Basis, Estimate
from advisor.options.bought import bought
from advisor.options.edge import too_small
from advisor.options.field import field_of
from advisor.options.hybrids.joining import Design, Half, cheapest, mixed, sound_half
from advisor.options.hybrids.outside import outsides
from advisor.options.hybrids.parts import covered, ground, hours_of, over_the_usual, part_of, without_peak
from advisor.options.hybrids.worth import least_score
from advisor.options.owned import existing
from advisor.options.places import Places
from advisor.options.rules import QUICKEST_SWITCH_S
from advisor.options.weighing import burdens
from advisor.units import DAYS_PER_YEAR, HOURS_PER_DAY

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from advisor.options.field import Field
    from advisor.options.group import Group
    from advisor.options.setting import Setting

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

_DAY_S: Final = 86400.0
_MONEY: Final = frozenset({"rule.upfront", "rule.monthly"})
# Above this share of further calls nearly every unit goes out, and there is nothing left to sort.
_MOST_HARD: Final = 0.5


def private(setting: Setting, field: Field | None, here: Sequence[Group], there: Sequence[Group]) -> Iterator[Group]:
    """Private work here, the rest there: only where the owner told which share must stay."""
    case = setting.case
    share = case.confidential_share
    if share is None or not 0 < share < 1 or case.stay == "on-site":
        return
    inside = ground(setting, part_of(case, share, stay="on-site", needs_large_model=False))
    outside = ground(setting, part_of(case, 1 - share))
    yield from _pairs(setting, Design("private", "route.private"), _insides(inside), outsides(outside, field), here, there)


def overflow(setting: Setting, field: Field | None, here: Sequence[Group], there: Sequence[Group]) -> Iterator[Group]:
    """The usual days here, what a rare peak brings beyond them there."""
    case = setting.case
    extra = over_the_usual(case)
    if extra is None or case.rare_peak is None or case.traffic_from == "internet" or case.stay == "on-site":
        return
    outside = outsides(ground(setting, extra), field, min(case.rare_peak.days_per_year / DAYS_PER_YEAR, 1.0))
    yield from _pairs(setting, Design("overflow", "route.overflow"), _insides(ground(setting, without_peak(case))), outside, here, there)


def failover(setting: Setting, field: Field | None, here: Sequence[Group], there: Sequence[Group]) -> Iterator[Group]:
    """The work here, with a standby there in place of a spare machine: only where an outage must be shorter than a delivery."""
    case = setting.case
    if case.is_batch or case.stay == "on-site" or case.traffic_from == "internet" or case.confidential_share:
        return
    if case.longest_outage_s >= setting.judged("replacement.quickest_days").likely * _DAY_S:
        return
    days = setting.judged("replacement.usual_days").scaled(1 / DAYS_PER_YEAR)
    share = _product(setting.judged("failure.per_year"), days)
    halves = [Half(g, rows) for g in here if len(rows := _with_a_spare(setting, g, here, there))]
    if not halves:
        return
    outside = ground(setting, hours_of(case, share.likely))
    design = Design(
        "failover",
        "route.failover",
        "here",
        share,
        without=(("T02", "zero.standby"),),
        roles=(None, "steps in"),
        cautions=("caution.standby-there",),
    )
    yield from _pairs(setting, design, halves, outsides(outside, field, share.likely), here, there)


def standby_here(setting: Setting, field: Field | None, here: Sequence[Group], there: Sequence[Group]) -> Iterator[Group]:
    """The work there, with a machine here for the hours in which the line is down: only where no switch of lines is quick enough."""
    case = setting.case
    if case.is_batch or case.stay == "on-site" or case.traffic_from == "internet" or case.confidential_share:
        return
    if case.longest_outage_s >= QUICKEST_SWITCH_S:
        return
    share = setting.judged("outage.line_hours_a_year").scaled(1 / (DAYS_PER_YEAR * HOURS_PER_DAY))
    inside = ground(setting, hours_of(case, share.likely, needs_large_model=False))
    small = ("caution.standby-small",) if too_small(setting) else ()
    design = Design("standby", "route.standby", "there", roles=("steps in", None), cautions=("caution.standby-here", *small))
    yield from _pairs(setting, design, _insides(inside), outsides(ground(setting, covered(case)), field), here, there)


def hard_cases(setting: Setting, field: Field | None, here: Sequence[Group], there: Sequence[Group]) -> Iterator[Group]:
    """A small model here, the hard cases there: where a large text model is asked for and a small one is at hand, or a
    further model is called for some of the work only."""
    case = setting.case
    if case.is_batch or case.stay == "on-site" or case.traffic_from == "internet" or case.confidential_share:
        return
    if too_small(setting):
        share = setting.judged("hybrid.hard_share")
        # Each side has to bear the most it may get; it is paid for what it is likely to get.
        inside = ground(setting, part_of(case, 1 - share.likely, busiest=1 - share.low, needs_large_model=False))
        outside = ground(setting, part_of(case, share.likely, busiest=share.high))
        design = Design("hard", "route.hard", "slowest", share, cautions=("caution.hard-share",))
        yield from _pairs(setting, design, _insides(inside), outsides(outside, field), here, there)
    elif (told := _share_of_further_models(setting)) is not None:
        yield from _pairs(setting, *_by_further_models(setting, told), here, there)


def _share_of_further_models(setting: Setting) -> float | None:
    """The share of the work that needs a further model, where the owner told one that lets it be sorted."""
    steps = setting.work.steps
    if len(steps) < 2 or setting.work.text is not None:
        return None
    share = max(s.calls for s in steps[1:])
    return share if share <= _MOST_HARD else None


def _by_further_models(setting: Setting, share: float) -> tuple[Design, list[Half], Iterator[Group]]:
    """The first model here for all of the work, the further ones there for their share of it."""
    work = setting.work
    first = replace(ground(setting, part_of(setting.case, 1.0)), work=replace(work, steps=work.steps[:1]))
    rest = tuple(replace(s, calls=s.calls / share) for s in work.steps[1:])
    there = replace(
        ground(setting, part_of(setting.case, share)),
        work=replace(work, steps=rest, operators=()),
        own=None,
        own_guess=None,
        places=Places(),
    )
    return Design("hard", "route.further", "both"), _insides(first), outsides(there, field_of(there), own_model=True)


def _insides(setting: Setting) -> list[Half]:
    """What may work in the building, a few of the best of each kind."""
    return [sound_half(g) for g in (existing(setting), bought(setting)) if g is not None]


def _pairs(
    setting: Setting,
    design: Design,
    insides: Sequence[Half],
    outside: Iterator[Group],
    here: Sequence[Group],
    there: Sequence[Group],
) -> Iterator[Group]:
    if not any(len(half.rows) for half in insides):
        return
    far = [sound_half(g) for g in outside]
    for inside in insides:
        for other in far:
            found = mixed(setting, design, inside, other, here, there)
            if found is not None:
                yield found


def _with_a_spare(setting: Setting, group: Group, here: Sequence[Group], there: Sequence[Group]) -> Ints:
    """Rows that buy a spare and break no rule but the budget, where doing without the spare can beat what there is on either side.

    The far side costs something too; this bound only saves the work where nothing can come of it.
    """
    spare, lost = (_paid_for(group, code) for code in ("T02", "T21"))
    ok = spare > 0
    for removal in group.removals:
        if removal.rule not in _MONEY:
            ok &= ~removal.mask
    if setting.case.prefer in (None, "cheapest"):
        # No work is lost either where another side steps in.
        least = min(least_score(setting, here), least_score(setting, there))
        ok &= burdens(setting, group) - spare - lost < least
    return cheapest(group, np.flatnonzero(ok))


def _paid_for(group: Group, code: str) -> Floats:
    """What one part of the bill comes to [USD], shape (n,)."""
    lines = (x for x in group.bills.lines if x.code == code and x.has_amount())
    return np.asarray(sum((np.nan_to_num(x.amounts(group.n)) for x in lines), np.zeros(group.n)))


def _product(a: Estimate, b: Estimate) -> Estimate:
    """Two judged figures multiplied; the ends are those of both at once, as we do not know how they hang together."""
    return Estimate(a.low * b.low, a.likely * b.likely, a.high * b.high, Basis.ESTIMATED, a.source)
