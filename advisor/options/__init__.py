"""Every way of doing the job: in the building, rented, paid per use, a mix. Rules remove ways and keep their reason.

`candidates` gives one `Group` for each kind of way, with thousands of candidates side by side in arrays; nothing is
chosen here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from advisor.options.bought import bought
from advisor.options.field import field_of
from advisor.options.group import FAR, HERE, NEAR, Group, Looks, Removal
from advisor.options.hybrids import mixes
from advisor.options.owned import existing
from advisor.options.payperuse import functions, hosted
from advisor.options.places import Places, places_of
from advisor.options.rented import all_month, by_the_hour
from advisor.options.rented_already import already_rented
from advisor.options.setting import Setting, electricity_price, hour_of_work
from advisor.options.spot import on_spot

if TYPE_CHECKING:
    from collections.abc import Iterator

    from advisor.options.field import Field

__all__ = [
    "FAR",
    "HERE",
    "NEAR",
    "Group",
    "Looks",
    "Places",
    "Removal",
    "Setting",
    "candidates",
    "electricity_price",
    "hour_of_work",
    "of_one_side",
    "places_of",
]


def candidates(setting: Setting) -> tuple[Group, ...]:
    """All candidates, grouped by kind; kinds that make no sense for this job are missing."""
    field = field_of(setting)
    pure = of_one_side(setting, field)
    return (*pure, *mixes(setting, field, pure))


def of_one_side(setting: Setting, field: Field | None) -> tuple[Group, ...]:
    """All candidates but the mixes; `field` is what may be rented (`field_of`)."""
    return tuple(g for g in _of_one_side(setting, field) if g is not None and g.n)


def _of_one_side(setting: Setting, field: Field | None) -> Iterator[Group | None]:
    yield existing(setting)
    yield bought(setting)
    yield already_rented(setting)
    yield hosted(setting)
    yield functions(setting)
    yield all_month(setting, field)
    hours = by_the_hour(setting, field)
    yield hours
    if field is not None and hours is not None:
        yield on_spot(setting, field, hours)
