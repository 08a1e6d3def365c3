"""Machines rented at a spot price: cheap, and taken away at any moment. Only for heaps of work that have time to start again.

The list holds averages of a day, not quotes, so a spot price is always flagged: it never wins while its kind has a sound
price. Of reserved machines the list holds no terms at all; only a quote of the owner's own makes one (`advisor.quotes`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from advisor.advice import Kind
from advisor.catalog import USABLE_YES
from advisor.cost import Origin
from advisor.evidence import Basis
from advisor.options.group import Group, Looks
from advisor.options.own_effort import down_there, effort
from advisor.options.rent_lines import ZERO_PARTS, rent_hours, rent_lines
from advisor.options.rules import about_money
from advisor.options.setting import both, own_time_lines

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from advisor.options.field import Field
    from advisor.options.setting import Setting

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

# More than a few would only push the sound prices off the list.
_SHOWN: Final = 3
# Work that is taken away half-way and begun anew must still be ready in time.
_TIMES_THE_WORK: Final = 2.0
_BUDGET: Final = frozenset({"rule.upfront", "rule.monthly"})


def on_spot(setting: Setting, field: Field, on_demand: Group) -> Group | None:
    """The few cheapest spot prices of the machines that do the same heap on demand (`on_demand`, over the same rows)."""
    picked = _picked(setting, field, on_demand)
    if not len(picked):
        return None
    n, offers, rows = len(picked), field.offers, field.rows[picked]
    again = setting.judged("spot.redone_share")
    hours = _hours(on_demand)[picked] * (1 + again.likely)
    doubt = ((1 + again.low) / (1 + again.likely), (1 + again.high) / (1 + again.likely))
    moved = [setting.moved("spot", offers.as_of_text(row)) for row in rows.tolist()]
    low, high = both(doubt, (np.array([a for a, _ in moved]), np.array([b for _, b in moved])))
    spot = replace(
        field,
        rows=rows,
        kind_of=field.kind_of[picked],
        price=offers.usd_per_hour_spot[rows],
        price_low=np.asarray(low),
        price_high=np.asarray(high),
        own=(),
    )

    def origin(i: int) -> Origin:
        row = int(rows[i])
        return Origin(Basis.PUBLISHED, f"{offers.source_title(row)} ({offers.spot_text(row)})", offers.as_of_text(row), "spot")

    lines = [replace(x, text="line.rent_spot", origin=origin) if x.text == "line.rent" else x for x in rent_lines(setting, spot, hours)]
    setup, upkeep, watch = rent_hours(setting, "cloud_batch")
    own = effort(setting, "cloud_batch", down_there(setting))
    bills = setting.bills(n, (*lines, *own_time_lines(setting, setup, upkeep, watch), *own.lines), ZERO_PARTS)

    def looks(i: int) -> Looks:
        same = on_demand.looks(int(picked[i]))
        parts = tuple(replace(p, purchase="spot") for p in same.parts)
        return replace(same, parts=parts, cautions=("caution.spot", *same.cautions))

    slower = 1 + again.likely
    return Group(
        Kind.CLOUD_BATCH,
        lambda i: f"{on_demand.ids(int(picked[i])).removesuffix(':on-demand')}:spot",
        bills,
        about_money(setting, bills),
        on_demand.p50[picked] * slower,
        on_demand.p_likely[picked] * slower,
        on_demand.p_low[picked],
        on_demand.p_high[picked] * (1 + again.high),
        on_demand.limit_s,
        on_demand.utilisation[picked] * slower,
        on_demand.setup_hours[picked],
        on_demand.upkeep_hours_per_month[picked],
        on_demand.energy_kwh_per_year[picked],
        flagged=np.ones(n, dtype=bool),
        far=on_demand.far[picked],
        sends_out=True,
        looks=looks,
        other_hours=own.hours,
    )


def _hours(g: Group) -> Floats:
    """Hours rented, as they stand in the bill."""
    return next(np.broadcast_to(np.asarray(x.quantity, dtype=np.float64), (g.n,)) for x in g.bills.lines if x.text == "line.rent")


def _picked(setting: Setting, field: Field, on_demand: Group) -> Ints:
    """Rows with a usable spot price that no rule but the budget removes, with time to start again; the cheapest few."""
    offers, rows = field.offers, field.rows
    ok = offers.spot_usable[rows] & (offers.usable[rows] == USABLE_YES)
    ok &= on_demand.p_likely * _TIMES_THE_WORK <= on_demand.limit_s
    # The owner's quote is of another way to pay.
    ok[len(rows) - len(field.own) :] = False
    for removal in on_demand.removals:
        if removal.rule not in _BUDGET:
            ok &= ~removal.mask
    found = np.flatnonzero(ok)
    costs = (_hours(on_demand)[found] * offers.usd_per_hour_spot[rows[found]]).round(9)
    if len(found) > _SHOWN:
        edge = np.partition(costs, _SHOWN - 1)[_SHOWN - 1]
        found, costs = found[costs <= edge], costs[costs <= edge]
    order = sorted(zip(costs.tolist(), on_demand.far[found].tolist(), map(on_demand.ids, found.tolist()), found.tolist(), strict=True))
    return np.array([row for *_, row in order[:_SHOWN]], dtype=np.int64)
