"""Prices that the owner read on a quote or a bill: they count in place of ours.

A price goes by its name: `device:<device id>`, `machine:<provider>:<type>:<region>`, `service:<id>` (text models:
`service:<id>:in` and `:out`), `function:<id>:computing`, `:processor` and `:calls`, `data-out`. The lines of a bill carry
the names of the prices in them (that of a tariff is its own field of NEED.json, such as `money.electricity_per_kwh`), so
every figure of a list that counts can be put right by whoever has a better one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from advisor.catalog import TextService
from advisor.catalog.ageing import AGEING, DAYS_A_YEAR, days_old, kind_of_rent
from advisor.catalog.builds import device_price
from advisor.catalog.names import model_name, provider_name
from advisor.evidence import Basis, Estimate, Source
from advisor.problems import AdvisorError, Problem
from advisor.units import HOURS_PER_MONTH

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from advisor.catalog import Catalog
    from advisor.need import Quote

TYPED: Final = "the price you typed"
DATA_OUT: Final = "data-out"
MILLION: Final = 1e6


@dataclass(frozen=True, slots=True)
class Listed:
    """A price of the catalog that can be replaced: its name for people, ours in USD for one `unit`, its day and kind of price.

    `row` is the offer's row for a rented machine, -1 for everything else.
    """

    price_of: str
    name: str
    usd: float
    unit: str
    as_of: str | None
    kind: str
    row: int = -1


@dataclass(frozen=True, slots=True)
class Rent:
    """An owner's price of a rented machine [USD an hour] at a row of the offers; `bound_months` 0 is one without a term."""

    row: int
    price: Estimate
    bound_months: int


@dataclass(frozen=True, slots=True)
class Quotes:
    """The owner's prices in USD: by name, and those of rented machines."""

    prices: Mapping[str, Estimate] = field(default_factory=dict)
    rents: tuple[Rent, ...] = ()

    def price(self, price_of: str, ours: Estimate) -> Estimate:
        """The owner's price of this name, else ours."""
        return self.prices.get(price_of, ours)

    def usd(self, price_of: str, ours: float) -> float:
        """The owner's price of this name, else ours [USD]."""
        own = self.prices.get(price_of)
        return ours if own is None else own.likely

    def source(self, ours: Source, *prices_of: str) -> tuple[Basis, Source]:
        """What a figure made of these prices rests on: the owner's word only if each of them is theirs."""
        own = [self.prices[p].source for p in prices_of if p in self.prices]
        return (Basis.YOURS, own[0]) if own and len(own) == len(prices_of) else (Basis.PUBLISHED, ours)


def listed(catalog: Catalog, price_of: str) -> Listed | None:
    """The price of this name, `None` if the catalog has none."""
    kind, _, id = price_of.partition(":")
    if price_of == DATA_OUT:
        d = catalog.default("cloud.egress_usd_per_gb")
        return Listed(price_of, "Data sent out of a cloud", float(d.value), "gigabyte", d.source.as_of, "data out")
    match kind:
        case "device":
            return _device(catalog, price_of, id)
        case "machine":
            return _machine(catalog, price_of, id)
        case "service":
            return _service(catalog, price_of, id)
        case "function":
            return _function(catalog, price_of, id)
    return None


def read(quotes: Sequence[Quote], catalog: Catalog, currency: str, today: date) -> Quotes:
    """The owner's prices in USD.

    Args:
        currency: of a quote that names none.

    Raises:
        AdvisorError: a quote names no price we know, a day to come, or a term for what has none.
    """
    problems = [p for i, q in enumerate(quotes) for p in _faults(q, f"money.quotes[{i}]", catalog, today)]
    if problems:
        raise AdvisorError(problems)
    prices: dict[str, Estimate] = {}
    rents = []
    for q in quotes:
        found = listed(catalog, q.price_of)
        assert found is not None
        rate, _ = catalog.exchange(q.currency or currency)
        usd = q.amount / rate / (HOURS_PER_MONTH if q.per == "month" else 1.0)
        low, high = _doubt(found.kind, q.seen_on, today)
        price = Estimate(usd * low, usd, usd * high, Basis.YOURS, Source(TYPED, q.seen_on))
        if found.row >= 0:
            rents.append(Rent(found.row, price, q.bound_months or 0))
        else:
            prices[q.price_of] = price
    return Quotes(prices, tuple(rents))


def _doubt(kind: str, seen_on: str | None, today: date) -> tuple[float, float]:
    """How far the price may be off over the years it is paid, as factors: a device is paid once, at the price of a fresh quote."""
    days = days_old(seen_on or "", today) or 0
    rule = AGEING[kind]
    if kind == "device" and rule.state(days) == "fresh":
        return 1.0, 1.0
    return rule.factors(days / DAYS_A_YEAR)


def _faults(q: Quote, path: str, catalog: Catalog, today: date) -> Iterator[Problem]:
    found = listed(catalog, q.price_of)
    if found is None:
        yield Problem(
            "BAD_FIELD",
            f"{path}.price_of",
            f"We know no price called {q.price_of}.",
            "So we cannot tell what your price is for.",
            "Use a name from price_of in the bill of an answer, such as device:raspberry-pi-5.",
        )
        return
    if (q.per is not None or q.bound_months is not None) and found.row < 0:
        yield Problem(
            "BAD_FIELD",
            f"{path}.{'per' if q.per is not None else 'bound_months'}",
            f"{found.name} is not rented by the hour or the month.",
            "Its price would be taken for another one.",
            "Leave this field out.",
        )
    days = days_old(q.seen_on, today) if q.seen_on else 0
    if days is None or days < 0:
        yield Problem(
            "BAD_FIELD",
            f"{path}.seen_on",
            f"{q.seen_on} is not a day that is over." if days is not None else f"{q.seen_on} is not a day.",
            "We say beside each price how old it is.",
            "Write the day of the quote or bill as in 2026-11-20.",
        )


def _device(catalog: Catalog, price_of: str, id: str) -> Listed | None:
    row = next((r for r in catalog.devices if r["device_id"] == id), None)
    if row is None or not (row["price_usd"] or (row["price_low_usd"] and row["price_high_usd"])):
        return None
    price = device_price(catalog, row)
    return Listed(price_of, row["name"], price.likely, "piece", price.source.as_of, "device")


def _machine(catalog: Catalog, price_of: str, id: str) -> Listed | None:
    provider, _, rest = id.partition(":")
    machine, _, region = rest.rpartition(":")
    o = catalog.offers
    type_row = o.type_row_of(provider, machine)
    if type_row is None:
        return None
    rows = np.flatnonzero(o.type_row == type_row)
    rows = rows[o.region_name[o.region_row[rows]] == region]
    if not len(rows):
        return None
    row = int(rows[np.argmax(o.usable[rows])])
    place = o.place_text(row)
    name = f"{provider_name(provider)} {machine}" + (f" in {place}" if place else "")
    return Listed(price_of, name, float(o.usd_per_hour[row]), "hour", o.as_of_text(row), kind_of_rent(provider), row)


def _service(catalog: Catalog, price_of: str, id: str) -> Listed | None:
    plain = catalog.service(id)
    if plain is not None and not isinstance(plain, TextService):
        name = f"{provider_name(plain.provider)} {plain.name}"
        return Listed(price_of, name, plain.usd_per_unit, plain.unit, plain.source.as_of, "hosted service")
    model, _, side = id.rpartition(":")
    text = catalog.service(model)
    if not isinstance(text, TextService) or side not in ("in", "out"):
        return None
    usd = text.usd_per_1m_in if side == "in" else text.usd_per_1m_out
    unit = "million tokens in" if side == "in" else "million tokens out"
    name = f"{model_name(text.model)} ({provider_name(text.provider)})"
    return Listed(price_of, name, usd, unit, text.source.as_of, "hosted service")


def _function(catalog: Catalog, price_of: str, id: str) -> Listed | None:
    name, _, part = id.rpartition(":")
    f = next((f for f in catalog.functions if f.id == name), None)
    if f is None:
        return None
    parts = {
        "computing": (f.usd_per_gb_s, "gigabyte-second"),
        "processor": (f.usd_per_vcpu_s, "processor-second"),
        "calls": (f.usd_per_request * MILLION, "million calls"),
    }
    usd, unit = parts.get(part, (0.0, ""))
    return Listed(price_of, f.name, usd, unit, f.source.as_of, "function") if usd > 0 else None
