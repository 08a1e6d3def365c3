"""What was taken for granted: every blank we filled, every price and rate the bill rests on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from advisor.advice import Assumption
from advisor.evidence import Basis
from advisor.explain.figures import Figures, Origin
from advisor.words import NBSP

if TYPE_CHECKING:
    from collections.abc import Iterator

    from advisor.case import Filled
    from advisor.findings import Findings

# Blanks that mean nothing where a whole batch has to be ready and nobody waits for an answer.
_OF_ANSWERS = ("speed.percentile", "load.busiest_hour_share")
_SECONDS = {"ms": 0.001, "minutes": 60.0}


def assumptions(f: Figures, found: Findings) -> tuple[Assumption, ...]:
    """Every assumption with the ledger row it stands in."""
    return tuple(_all(f, found))


def _all(f: Figures, found: Findings) -> Iterator[Assumption]:
    s, say = found.setting, f.words.say
    case = s.case
    for x in case.filled:
        if case.is_batch and x.field.startswith(_OF_ANSWERS):
            continue
        what = say(f"field.{x.field}")
        id = f"assume.{x.field}"
        key = "assumed.unsure" if x.field in case.unsure else "assumed"
        yield Assumption(x.field, say(key, what=what, value=_value(f, id, x)), id)
    if case.electricity_per_kwh is None and case.power == "mains":
        e = s.electricity
        price = f.text(
            "assume.electricity", e.likely * f.rate.rate, f"{f.rate.currency}/kWh", f.words.fine(e.likely * f.rate.rate),
            _origin(e.basis, e), e.low * f.rate.rate, e.high * f.rate.rate,
        )  # fmt: skip
        yield Assumption("money.electricity_per_kwh", say("assumed.electricity", price=price), "assume.electricity")
    w = s.wage
    hour = f.money("assume.staff_hour", w.likely, _origin(w.basis, w), w.low, w.high)
    yield Assumption(
        "money.staff_hour", say("assumed.wage" if case.staff_hour is None else "assumed.wage.yours", price=hour), "assume.staff_hour"
    )
    if f.rate.currency != "USD":
        rate = f.text(
            "assume.exchange",
            f.rate.rate,
            f"{f.rate.currency}/USD",
            f.words.fine(round(f.rate.rate, 3)),
            Origin(Basis.PUBLISHED, f.rate.source, f.rate.as_of),
        )
        yield Assumption("money.currency", say("assumed.exchange", rate=rate), "assume.exchange")
    yield _tax(f, found)
    lost = sum(s.catalog.left_out.values())
    if lost:
        rows = f.count("catalog.left_out", lost, "row", Origin(Basis.ESTIMATED, "the check of the price catalog"))
        yield Assumption("catalog", say("assumed.left_out", rows=rows), "catalog.left_out")


def _tax(f: Figures, found: Findings) -> Assumption:
    """That prices are without tax, and the country's usual rate where we know it; or the rate that was asked for and added."""
    case, catalog = found.setting.case, found.setting.catalog
    country = case.country
    if case.with_tax:
        tax = catalog.tax_rate(country)
        if tax is None:
            return Assumption("money", f.words.say("assumed.tax_unknown"), "")
        percent = f"{f.words.exact(round(tax.likely * 100, 4))}{NBSP}%"
        rate_added = f.text("assume.tax", tax.likely, "", percent, _origin(tax.basis, tax))
        return Assumption("money.with_tax", f.words.say("assumed.tax", rate=rate_added), "assume.tax")
    rows = (r for r in catalog.table("vat") if r["country"] == country and r["item"] == "vat_standard" and r["value"])
    row = next(rows, None)
    if row is None or float(row["value"]) <= 0:
        return Assumption("money", f.words.say("assumed.no_tax"), "")
    rate = float(row["value"])
    shown = f.text(
        "assume.vat", rate, "%", f"{f.words.exact(rate)}{NBSP}%", Origin(Basis.PUBLISHED, row["source"], row["source_date"] or None)
    )
    return Assumption("money", f.words.say("assumed.no_tax.vat", country=f.words.country(country), rate=shown), "assume.vat")


def _origin(basis: Basis, e: object) -> Origin:
    from advisor.evidence import Estimate

    assert isinstance(e, Estimate)
    return Origin(basis, e.source.title, e.source.as_of)


def _value(f: Figures, id: str, x: Filled) -> str:
    words, origin = f.words, Origin(x.basis, x.source.title, x.source.as_of)
    if isinstance(x.value, bool):
        return words.say("word.yes" if x.value else "word.no")
    if isinstance(x.value, str):
        key = next((k for k in (f"word.{x.field}.{x.value}", f"word.{x.value}") if words.has(k)), None)
        return words.say(key) if key else f.quoted(id, x.value, origin)
    if x.unit in _SECONDS:
        seconds = x.value * _SECONDS[x.unit]
        return f.text(id, seconds, "s", words.exact_time(seconds), origin)
    unit = x.unit[:-1] if x.value == 1 and x.unit in ("sites", "calls", "years") else x.unit
    return f.text(id, x.value, x.unit, f"{words.exact(x.value)}{NBSP}{unit}", origin, x.low, x.high)
