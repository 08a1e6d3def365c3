"""Learn there, answer here: the model is trained again on a machine rented for hours, and works in the building."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from advisor.advice import Kind
from advisor.catalog.ageing import kind_of_rent
from advisor.cost import Line, Origin
from advisor.evidence import Basis
from advisor.options.field import distance, offer_id, offer_looks
from advisor.options.group import Group, Removal
from advisor.options.hybrids.joining import Design, Half, cheapest, mixed
from advisor.options.hybrids.outside import few
from advisor.options.rent_lines import ZERO_PARTS
from advisor.options.retraining import hours_of_one, is_asked
from advisor.options.rules import about_line, about_people, about_place
from advisor.options.setting import both

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from advisor.options.field import Field
    from advisor.options.group import Looks
    from advisor.options.setting import Setting

# Training again is this design's own: what else speaks against a machine here stays in force.
_DONE_AWAY: Final = "rule.retraining"
_MONEY: Final = frozenset({"rule.upfront", "rule.monthly"})


def learn_there(setting: Setting, field: Field | None, here: Sequence[Group], there: Sequence[Group]) -> Iterator[Group]:
    """The answers here, the training there: only where the owner trains a model of their own again."""
    if not is_asked(setting) or setting.case.stay == "on-site" or setting.case.confidential_share:
        return
    halves = [Half(g, rows) for g in here if len(rows := _but_for_training(g))]
    rented = trained(setting, field) if halves and field is not None else None
    if rented is None:
        return
    outside = Half(rented, cheapest(rented, np.flatnonzero(rented.feasible())))
    for inside in halves:
        found = mixed(setting, _DESIGN, inside, outside, here, there)
        if found is not None:
            yield found


# The rent is a part of the training in the bill (T23): there the machine is paid, and it would be wrong to say that none is rented.
_IN_RETRAINING: Final = tuple((code, "zero.in_retraining") for code in ("T14", "T15", "T18"))
_DESIGN: Final = Design(
    "learn", "route.learn", "here", without=_IN_RETRAINING, trains=True, roles=(None, "trains the model"), cautions=("caution.learn",)
)


def _but_for_training(group: Group) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """The cheapest rows that break no rule but the one on training, and perhaps the budget, which is judged on the whole."""
    ok = np.ones(group.n, dtype=bool)
    for removal in group.removals:
        if removal.rule != _DONE_AWAY and removal.rule not in _MONEY:
            ok &= ~removal.mask
    return cheapest(group, np.flatnonzero(ok))


def trained(setting: Setting, field: Field) -> Group | None:
    """A few machines to rent for the training alone: hours for each time the model is trained again, nothing in between."""
    case, picked = setting.case, few(setting, field, any_speed=True)
    if picked is None or len(picked.rows) == 0:
        return None
    n = len(picked.rows)
    each = hours_of_one(setting, picked.unit(picked.times.per_s))
    times = (case.retrainings_per_year or 0.0) * case.years
    passes = setting.judged("retrain.passes")
    doubt = both((passes.low / passes.likely, passes.high / passes.likely), (picked.price_low, picked.price_high))

    def origin(i: int) -> Origin:
        row = int(picked.rows[i])
        offers = picked.offers
        name = (f"machine:{offer_id(picked, i)}",)
        typed = picked.own_at(i)
        if typed is not None:
            return Origin(Basis.YOURS, typed.price.source.title, typed.price.source.as_of, "", name)
        return Origin(Basis.PUBLISHED, offers.source_title(row), offers.as_of_text(row), kind_of_rent(offers.provider_text(row)), name)

    rent = Line("T23", "yearly", "line.retraining_rent", each * times, "hours", picked.price, *doubt, origin)
    bills = setting.bills(n, (rent,), {**ZERO_PARTS, **dict(_IN_RETRAINING), "T17": "zero.model_back"})
    offers = picked.offers

    def looks(i: int) -> Looks:
        return replace(offer_looks(setting, picked, i, 1), lock_in="lock.none")

    removals = (
        *about_people(setting, n),
        *about_line(_waiting(setting), n),
        *about_place(setting, offers.country[picked.rows], offers.in_eu[picked.rows]),
        Removal(_DONE_AWAY, each > setting.judged("retrain.most_hours").likely),
    )
    nothing = np.zeros(n)
    return Group(
        Kind.CLOUD_BATCH,
        lambda i: f"cloud_batch:{offer_id(picked, i)}:on-demand",
        bills,
        removals,
        nothing,
        nothing,
        nothing,
        nothing,
        np.inf,
        nothing,
        np.full(n, setting.own_hours("hours.setup.cloud_batch").likely),
        np.full(n, setting.judged("hours.watch").likely),
        np.full(n, np.nan),
        flagged=picked.flagged,
        far=distance(setting, picked),
        sends_out=True,
        looks=looks,
    )


def _waiting(setting: Setting) -> Setting:
    """The ground for rules on the line: training waits for it, so only a line that is never there stands in the way."""
    return replace(setting, case=replace(setting.case, speed_of="batch", offline=False, mobile_gb_per_month=None))
