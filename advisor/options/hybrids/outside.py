"""The far side of a mix: services, functions, and a few of the best machines to rent."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from advisor.catalog import USABLE_YES
from advisor.options.hybrids.joining import for_part_of_the_time
from advisor.options.network import reach_of
from advisor.options.payperuse import functions, hosted
from advisor.options.rented import all_month
from advisor.options.rules import about_place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from advisor.options.field import Field
    from advisor.options.group import Group
    from advisor.options.setting import Setting

    Ints = NDArray[np.int64]

# Machines looked at for a mix: those cheapest by the hour and those cheapest for the work they get through.
_EACH_LIST: Final = 12


def paid_by_use(there: Setting) -> Iterator[Group]:
    """Services and functions for the work of the far side."""
    for group in (hosted(there), functions(there)):
        if group is not None:
            yield group


def outsides(there: Setting, field: Field | None, time_share: float = 1.0, *, own_model: bool = False) -> Iterator[Group]:
    """All far sides; a machine is rented all month, or for `time_share` of the time where it is needed only then.

    `own_model`: only those that run a model of the owner's; a service would answer with its own.
    """
    yield from (g for g in paid_by_use(there) if not own_model or g.looks(0).parts[0].purchase == "serverless")
    rented = all_month(there, few(there, field)) if field is not None else None
    if rented is None:
        return
    yield rented if time_share >= 1 else replace(rented, bills=for_part_of_the_time(rented.bills, time_share))


def few(setting: Setting, field: Field, *, any_speed: bool = False) -> Field | None:
    """The few offers that may be part of a mix: sound, allowed to stand where they stand, quick enough, and cheap.

    Cheap by the hour, and cheap for what they get through: the one suits little work and the other much. The owner's
    own prices are always among them. `any_speed`: nobody waits for the work.
    """
    case = setting.case
    # Whoever is bound to a machine for months has it for the whole job, not for a part of it.
    n, own = len(field.rows), tuple(r for r in field.own if not r.bound_months)
    typed = np.array([k for k in range(n - len(field.own), n) if not field.bound_months[k]], dtype=np.int64)
    rows, offers = field.rows, field.offers
    ok = (offers.usable[rows] == USABLE_YES) & np.isfinite(field.unit(field.times.likely))
    if not any_speed and case.limit_s is not None and not case.is_batch and case.speed_of != "first-word":
        ok &= field.unit(field.times.likely) <= case.limit_s
    for removal in about_place(setting, offers.region_country, offers.region_in_eu):
        ok &= ~field.in_region(removal.mask)
    ok[n - len(field.own) :] = False
    found = np.flatnonzero(ok)
    cheap_hour = _least(found, field.price[found])
    cheap_work = _least(found, field.price[found] / field.unit(field.times.per_s)[found])
    picked = np.concatenate([np.union1d(cheap_hour, cheap_work), typed]).astype(np.int64)
    if not len(picked):
        return None
    return replace(
        field,
        rows=rows[picked],
        kind_of=field.kind_of[picked],
        reach=reach_of(setting, offers.region_row[rows[picked]]),
        price=field.price[picked],
        price_low=field.price_low[picked],
        price_high=field.price_high[picked],
        own=own,
    )


def _least(rows: Ints, values: NDArray[np.float64]) -> Ints:
    """The rows with the least values; of equal ones the first."""
    if len(rows) > _EACH_LIST:
        edge = np.partition(values, _EACH_LIST - 1)[_EACH_LIST - 1]
        rows, values = rows[values <= edge], values[values <= edge]
    return rows[np.lexsort((rows, values))][:_EACH_LIST]
