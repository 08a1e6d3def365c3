"""The tables and the chart: all ways side by side, the bill, what is not in it, every figure with its source."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from advisor.advice import HEADLINE_OF, Bar, Chart, Governance, LedgerRow, Table
from advisor.evidence import Basis
from advisor.explain import case_words
from advisor.explain.figures import OURS, Figures, Origin
from advisor.explain.options import PLAIN_WAY, way_name
from advisor.explain.verdict import ROLE
from advisor.units import MONTHS_PER_YEAR
from advisor.words import NBSP

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from advisor.advice import CostLine, Option
    from advisor.explain.verdict import BestWords
    from advisor.findings import Findings
    from advisor.recommend import Candidate

_DASH = "—"
_MOST_ROWS = 8


def shown_ways(f: Figures, found: Findings) -> tuple[Candidate, ...]:
    """The ways in the table: the best of each kind, then further good ones with another name, then the nearest impossible ones."""
    choice = found.choice
    out: list[Candidate] = []
    names: set[str] = set()
    for c in choice.listed:
        name = way_name(f.words, c)
        first_of_kind = all(o.kind is not c.kind for o in out)
        if name not in names and (first_of_kind or len(out) < _MOST_ROWS - len(choice.near)):
            out.append(c)
            names.add(name)
    # The first of each kind comes first in `listed`; among the rest the better score.
    heads = [c for i, c in enumerate(out) if all(o.kind is not c.kind for o in out[:i])]
    rest = sorted((c for c in out if c not in heads), key=lambda c: (c.score, c.id))
    return (*heads, *rest[: max(_MOST_ROWS - len(heads) - len(choice.near), 0)], *choice.near)


def compare(f: Figures, found: Findings, options: Sequence[Option]) -> tuple[Table, Chart | None]:
    """All ways side by side, and their costs as bars."""
    say, case = f.words.say, found.setting.case
    years = case_words.years(f, case)
    rows, bars = [], []
    by_id = {o.id: o for o in options}
    for k, c in enumerate(shown_ways(f, found), start=1):
        g, i = c.group, c.row
        option = by_id[c.id]
        best = found.choice.best is not None and c.id == found.choice.best.id
        cost_id = "best.total" if best else f"way.{k}.total"
        low, likely, high = g.bills.lows[i], g.bills.totals[i], g.bills.highs[i]
        cost = f.money(cost_id, likely, OURS, low, high)
        span = f.money_range(f"{cost_id}.range", low, likely, high, OURS)
        hours = f.hours("best.upkeep" if best else f"way.{k}.upkeep", g.upkeep_hours_per_month[i], _hours_origin(found))
        looks = g.looks(i)
        wait = _DASH
        if np.isfinite(g.p_likely[i]):
            ends = min(g.p_low[i], g.p_likely[i]), max(g.p_high[i], g.p_likely[i])
            wait = f.time("best.time" if best else f"way.{k}.time", g.p_likely[i], Origin(looks.basis, looks.speed_told), *ends)
        name = f.quoted(f"way.{k}.name", option.name, OURS)
        if option.feasible:
            r = f.rate.rate
            bars.append(Bar(name, ROLE[HEADLINE_OF[g.kind]], round(low * r, 2), round(likely * r, 2), round(high * r, 2), cost))
        verdict = say("verdict.best") if best else say("verdict.possible") if option.feasible else _short_no(f, c)
        rows.append((name, cost, span, wait, hours, verdict))
    because = found.choice.none_because
    if (plain := by_id.get(PLAIN_WAY)) is not None:
        cost = f.money("plain-way.total", float(plain.cost.total) / f.rate.rate, OURS)
        hours = f.hours("plain-way.upkeep", plain.upkeep_hours_per_month or 0.0, _hours_origin(found))
        verdict = say("verdict.best" if because == "plain-way" else "verdict.possible")
        rows.append((plain.name, cost, _DASH, _DASH, hours, verdict))
    stands = because is not None and because != "plain-way"
    nothing = f.money("no-change.total", 0.0, OURS)
    rows.append((say("name.no-change"), nothing, _DASH, _DASH, _DASH, say("verdict.best" if stands else "verdict.possible")))
    taxed = case.with_tax and found.setting.catalog.tax_rate(case.country) is not None
    tax = say("table.options.tax" if taxed else "table.options.no_tax")
    note = (
        say("table.options.note.batch", years=years, tax=tax)
        if case.is_batch
        else say("table.options.note", share=_cap(case_words.share(f, case)), years=years, tax=tax)
    )
    columns = tuple(say(f"col.{c}") for c in ("way", "cost", "range", "time", "hours", "verdict"))
    table = Table(say("table.options"), columns, tuple(rows), (1, 2, 3, 4), note)
    if not bars:
        return table, None
    return table, Chart(say("chart.title", years=years), say("chart.alt"), found.setting.money.currency, tuple(bars))


def _hours_origin(found: Findings) -> Origin:
    e = found.setting.judged("hours.upkeep.edge_new")
    return Origin(e.basis, e.source.title, e.source.as_of)


def _short_no(f: Figures, c: Candidate) -> str:
    said = dict.fromkeys(f.words.say(f"short.{r.removeprefix('rule.')}") for r in c.group.broken(c.row))
    return f.words.say("verdict.not", why=", ".join(tuple(said)[:2]))


def _cap(text: str) -> str:
    return text[0].upper() + text[1:]


def bill(f: Figures, best: BestWords, option: Option) -> tuple[Table, Table]:
    """The bill line by line, and the parts that are not in it with the reason."""
    say, words = f.words.say, f.words
    rows, missing = [], []
    seen: dict[str, int] = {}
    for line in option.cost.lines:
        counted = line.amount is not None and (line.amount != 0 or (line.quantity and line.unit_price))
        if not counted and not (line.amount is None and line.quantity):
            missing.append((line.code, *_split(line.text)))
            continue
        seen[line.code] = seen.get(line.code, 0) + 1
        key = f"bill.{line.code}" if seen[line.code] == 1 else f"bill.{line.code}.{seen[line.code]}"
        rows.append(_bill_row(f, key, line))
    total = f.text("bill.total", float(option.cost.total), option.cost.currency, words.cents(float(option.cost.total)), OURS)
    span = f.text(
        "bill.total.range",
        float(option.cost.total),
        option.cost.currency,
        _span(f, option.cost),
        OURS,
        float(option.cost.low),
        float(option.cost.high),
    )
    for name in ("upfront", "running", "end", *(("undiscounted",) if option.cost.discount else ())):
        part = float(getattr(option.cost, name))
        shown = f.text(f"bill.{name}", part, option.cost.currency, words.cents(part), OURS)
        rows.append(("", say(f"bill.part.{name}"), "", "", shown, ""))
    rows.append(("", say("col.together"), "", "", total, span))
    columns = tuple(say(f"col.{c}") for c in ("code", "what", "quantity", "price", "amount", "range"))
    reasons = Table("", tuple(say(f"col.{c}") for c in ("code", "what", "reason")), tuple(missing))
    note = say("table.bill.note.tax" if _has_tax(option) else "table.bill.note")
    return Table(say("table.bill"), columns, tuple(rows), (2, 3, 4, 5), note), reasons


def _has_tax(option: Option) -> bool:
    return any(line.code == "T26" and line.amount for line in option.cost.lines)


def by_year(f: Figures, option: Option) -> Table:
    """The same bill year by year, as it is paid; the first day apart."""
    say, words, cost = f.words.say, f.words, option.cost

    def amount(id: str, value: Decimal) -> str:
        return f.text(id, float(value), cost.currency, words.cents(float(value)), OURS)

    first = amount("years.first", cost.upfront)
    rows = [(say("years.first_day"), first, _DASH, first)]
    for y in cost.years:
        id = f"years.{y.year}"
        when = say("years.year", number=str(y.year))
        if y.months < MONTHS_PER_YEAR:
            when = say("years.part", number=str(y.year), months=words.count(round(y.months, 1), "month"))
        when = f.text(f"{id}.name", y.year, "", when, OURS)
        low, high = float(y.low), float(y.high)
        span = f.text(f"{id}.range", float(y.amount), cost.currency, _span(f, y), OURS, low, high)
        rows.append((when, amount(f"{id}.amount", y.amount), span, amount(f"{id}.so_far", y.cumulative)))
    columns = tuple(say(f"col.{c}") for c in ("when", "amount", "range", "so_far"))
    note = say("table.years.note.discount" if cost.discount else "table.years.note")
    return Table("", columns, tuple(rows), (1, 2, 3), note)


def _bill_row(f: Figures, key: str, line: CostLine) -> tuple[str, ...]:
    words = f.words
    origin = Origin(line.basis, line.source, line.as_of)
    text = line.text
    if line.basis is Basis.YOURS and line.price_of:
        text = f"{text} ({words.say('bill.price_yours', day=words.day(line.as_of)) if line.as_of else words.say('bill.price_typed')})"
    elif line.age is not None:
        raised = "bill.price_raised" if line.code in ("T01", "T02") else "bill.price_guessed"
        phrase = "bill.price_of" if line.basis is Basis.PUBLISHED else raised
        age = words.say(f"age.{line.age}")
        text = f"{text} ({words.say(phrase, day=words.day(line.as_of), age=age) if line.as_of else age})"
    quantity = _DASH
    if line.quantity is not None:
        number = words.number(line.quantity, 3)
        quantity = f.text(f"{key}.quantity", line.quantity, line.unit, f"{number}{NBSP}{_unit(number, line.unit)}".strip(), OURS)
    if line.amount is None:
        return line.code, line.text, quantity, _DASH, _DASH, _DASH
    currency = f.rate.currency
    price = f.text(f"{key}.price", line.unit_price, currency, words.fine(line.unit_price), origin) if line.unit_price else _DASH
    low, high = float(line.low or 0), float(line.high or 0)
    amount = f.text(f"{key}.amount", float(line.amount), currency, words.cents(float(line.amount)), origin, low, high)
    span = f.text(f"{key}.range", float(line.amount), currency, _span(f, line), origin, low, high)
    return line.code, text, quantity, price, amount, span


def _unit(number: str, unit: str) -> str:
    return unit.removesuffix("s") if number == "1" and unit.endswith("s") else unit


def _span(f: Figures, x: object) -> str:
    low, high = (f.words.money(float(getattr(x, end) or 0)) for end in ("low", "high"))
    return low if low == high else f"{low} to {high}"


def _split(text: str) -> tuple[str, str]:
    name, _, reason = text.partition(": ")
    return name, reason


def governance(f: Figures, rows: Sequence[Governance]) -> Table:
    """Who does what, one row for each outcome of the framework."""
    say = f.words.say
    found: dict[str, dict[str, str]] = {}
    for g in rows:
        topic, _, does = g.text.partition(": ")
        found.setdefault(g.nist_id, {"topic": topic})[g.done_by] = does
    origin = Origin(Basis.PUBLISHED, "NIST AI Risk Management Framework")
    return Table(
        "",
        (say("col.point"), say("col.topic"), say("col.program"), say("col.owner")),
        tuple(
            (id, *(f.quoted(f"governance.{id}.{part}", x.get(part, _DASH), origin) for part in ("topic", "program", "you")))
            for id, x in found.items()
        ),
    )


def ledger(f: Figures, rows: Sequence[LedgerRow]) -> Table:
    """Every figure, what it stands for and where it comes from."""
    say = f.words.say
    columns = tuple(say(f"col.{c}") for c in ("figure", "stands_for", "how", "source", "as_of"))
    lines = tuple((r.text_form, r.id, say(f"basis.{r.basis}"), r.source, r.as_of or _DASH) for r in rows)
    return Table("", columns, lines, grouped=(2, 3, 4))
