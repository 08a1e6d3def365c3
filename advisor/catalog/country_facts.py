"""What differs from country to country: money, power, wages, mobile data and the grid's carbon."""

from __future__ import annotations

from typing import TYPE_CHECKING

from advisor.catalog.text_table import number
from advisor.evidence import Basis, Estimate, Source
from advisor.problems import AdvisorError, Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from advisor.catalog.text_table import Row

# Figures on what an hour of work costs, the best first, with what an old one is worth today (low, likely, high).
_WAGES = {
    "hourly_labour_cost": (0.6, 1.0, 1.6),
    "hourly_labour_cost_2017": (0.8, 1.3, 2.0),
    "hourly_compensation_manufacturing_2010": (0.7, 1.3, 2.2),
}


def exchange(fx: Sequence[Row], currency: str) -> tuple[float, Source]:
    """How many of `currency` one US dollar buys.

    Raises:
        AdvisorError: the currency has no rate.
    """
    for r in fx:
        if r["currency"] == currency and number(r["per_usd"]):
            return float(r["per_usd"]), Source(r["source"], r["as_of"])
    raise AdvisorError(
        Problem(
            "BAD_FIELD",
            "money.currency",
            f"We have no exchange rate for {currency}.",
            "Prices in the catalog are in US dollars.",
            "Use one of: " + ", ".join(sorted(r["currency"] for r in fx)) + ".",
        ),
    )


def currency_of(fx: Sequence[Row], country: str) -> str:
    """The currency of a country; US dollars where it has none that we can convert."""
    from babel.numbers import get_territory_currencies

    known = {r["currency"] for r in fx if number(r["per_usd"])}
    return next((c for c in get_territory_currencies(country) if c in known), "USD")


def electricity(table: Sequence[Row], country: str) -> Estimate | None:
    """USD per kWh for a small firm: business rows first, homes next."""
    rows = [r for r in table if r["country_iso2"] == country and r["usable"] != "no" and number(r["usd_per_kwh"])]
    if not rows:
        return None
    best = min(rows, key=lambda r: (r["consumer"] == "household", -int(float(r["year"] or 0))))
    value = float(best["usd_per_kwh"])
    # Small firms pay more than the middle-sized ones the statistics count; households somewhat more still.
    low, high = (0.8, 1.1) if best["consumer"] == "household" else (0.9, 1.4)
    return Estimate(value * low, value, value * high, Basis.PUBLISHED, Source(best["source"], best["as_of"] or None))


def hour_of_work(labour: Sequence[Row], fx: Sequence[Row], country: str) -> Estimate | None:
    """USD per hour that the firm's own people cost: today's figure, else an older one with a wide range."""
    found = {r["item"]: r for r in labour if r["country"] == country and r["item"] in _WAGES and number(r["value"])}
    for item, (low, likely, high) in _WAGES.items():
        if item in found:
            r = found[item]
            rate = 1.0 if r["unit"].startswith("USD") else 1 / exchange(fx, r["unit"][:3])[0]
            value = float(r["value"]) * rate
            source = Source(r["source"], r["source_date"] or None)
            return Estimate(value * low, value * likely, value * high, Basis.PUBLISHED if likely == 1 else Basis.ESTIMATED, source)
    return None


def mobile_per_gb(mobile: Sequence[Row], country: str) -> Estimate:
    """USD per GB on a mobile plan: the middle plan of the country, cheapest to dearest as the range; else the world's.

    A country of which only a floor is known gets that floor as its low end.
    """
    rows = [r for r in mobile if r["item"] == "mobile_data" and r["unit"] == "USD/GB"]
    own = next((r for r in rows if r["country"] == country), None)
    if own is not None and number(own["value"]):
        value = float(own["value"])
        source = Source(own["source"], own["source_date"])
        return Estimate(number(own["low"]) or value * 0.3, value, number(own["high"]) or value * 5, Basis.PUBLISHED, source)
    world = next(r for r in rows if r["where"] and r["country"] == "world")
    floor = (number(own["low"]) if own is not None else None) or 0.0
    value = max(float(world["value"]), floor * 1.5)
    source = Source(f"the world's middle, as we have none for your country: {world['source']}", world["source_date"])
    return Estimate(floor or value * 0.1, value, value * 8, Basis.ESTIMATED, source)


def carbon(grids: Sequence[Row], country: str) -> Estimate | None:
    """Grams of CO2e per kWh of the country's grid."""
    for r in grids:
        if r["scope"] == "country" and r["code"] == country and number(r["gco2e_per_kwh"]):
            value = float(r["gco2e_per_kwh"])
            return Estimate(value * 0.7, value, value * 1.3, Basis.PUBLISHED, Source(r["source"], r["as_of"]))
    return None


def tax_rate(vat: Sequence[Row], country: str) -> Estimate | None:
    """The usual tax on what a firm buys, as a share of the price; `None` where the country has none that we know."""
    for r in vat:
        if r["item"] == "vat_standard" and r["country"] == country and number(r["value"]):
            # A country without a tax of the whole country (0 in the table) may have those of its states: unknown, not zero.
            value = float(r["value"]) / 100
            return Estimate(value, value, value, Basis.PUBLISHED, Source(r["source"], r["source_date"] or None))
    return None


def mains_outage(outages: Sequence[Row], country: str) -> Estimate | None:
    """Hours a year that the mains fail at a place: the newest figure of the country; an old or single one is wide."""
    rows = [r for r in outages if r["item"] == "mains_outage" and r["country"] == country and number(r["value"]) is not None]
    if not rows:
        return None
    newest = max(rows, key=lambda r: r["source_date"])
    value = float(newest["value"]) / 60
    low, high = ((number(newest[end]) or 0.0) / 60 for end in ("low", "high"))
    return Estimate(
        low or value * 0.4, value, high or value * 2.5, Basis.PUBLISHED, Source(newest["source"], newest["source_date"] or None)
    )
