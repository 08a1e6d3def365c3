"""The prices an answer rests on, as the owner can go through them with a quote or a bill in hand."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Final

from advisor.catalog.ageing import State, state_of
from advisor.quotes import Listed, listed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from advisor.advice import Option
    from advisor.catalog import Catalog
    from advisor.evidence import Estimate

POWER: Final = "money.electricity_per_kwh"
WORK: Final = "money.staff_hour"
MOBILE: Final = "site.mobile_price_per_gb"
_AT_MOST: Final = 12


@dataclass(frozen=True, slots=True)
class Price:
    """A price that can be replaced: its name for people, ours for one `unit` in the owner's currency, its day and age.

    `amount` (in `currency`) is `None` where we have none. `is_rent`: of a machine, by the hour; it may be typed by the month or
    with a term.
    """

    price_of: str
    name: str
    amount: float | None
    unit: str
    as_of: str | None
    age: State
    currency: str
    is_rent: bool = False


def behind(options: Iterable[Option], catalog: Catalog, currency: str, today: date) -> tuple[Price, ...]:
    """The prices in the bills of these options, each once: of the first one, then of the first of each kind, then of the rest."""
    kinds = set[str]()
    ranked = []
    for i, o in enumerate(options):
        ranked.append(((i > 0, not o.feasible, o.kind in kinds, i), o))
        kinds.add(o.kind)
    ways = [o for _, o in sorted(ranked, key=lambda pair: pair[0])]
    names = dict.fromkeys(n for o in ways for line in o.cost.lines if line.amount for n in line.price_of)
    found = (named(n, catalog, currency, today) for n in names)
    # Each is looked up among 100,000 offers: no more of them than are shown.
    return tuple(islice((p for p in found if p is not None), _AT_MOST))


def named(price_of: str, catalog: Catalog, currency: str, today: date) -> Price | None:
    """The price of this name (`advisor.quotes`), `None` if the catalog has none or it is a tariff."""
    one = listed(catalog, price_of)
    return None if one is None else _shown(one, catalog, currency, today)


def tariffs(catalog: Catalog, country: str, currency: str, today: date, *, mobile: bool) -> tuple[Price, ...]:
    """Electricity, an hour of work, and a gigabyte by mobile where the line is one, as the country's figures say."""
    return tuple(_tariffs(catalog, country, currency, today, mobile=mobile))


def _tariffs(catalog: Catalog, country: str, currency: str, today: date, *, mobile: bool) -> Iterator[Price]:
    rate = catalog.exchange(currency)[0]

    def one(price_of: str, name: str, e: Estimate, unit: str, kind: str) -> Price:
        return Price(price_of, name, e.likely * rate, unit, e.source.as_of, state_of(kind, e.source.as_of or "", today), currency)

    yield one(POWER, "Electricity", catalog.electricity_for(country), "kilowatt-hour", "electricity")
    yield one(WORK, "Work of your own people", catalog.hour_of_work(country), "hour", "fact")
    if mobile:
        yield one(MOBILE, "Data on your mobile plan", catalog.mobile_per_gb(country), "gigabyte", "fact")


def _shown(one: Listed, catalog: Catalog, currency: str, today: date) -> Price:
    rate = catalog.exchange(currency)[0]
    age = state_of(one.kind, one.as_of or "", today)
    amount = one.usd * rate if one.usd > 0 else None
    return Price(one.price_of, one.name, amount, one.unit, one.as_of, age, currency, one.row >= 0)
