"""The answer as plain values: options, the one we advise, why, and every number behind it.

`Advice` is what A.json holds. Its `report` is the same answer in words, tables and charts; the window and the PDF
show that report and nothing else, so they cannot disagree with each other or with the file.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from advisor.evidence import Basis

FORMAT: Final = "edgewise/advice/1"


class Kind(StrEnum):
    """The seven kinds of answer."""

    EDGE_EXISTING = "edge_existing"
    EDGE_NEW = "edge_new"
    CLOUD_API = "cloud_api"
    CLOUD_BATCH = "cloud_batch"
    CLOUD_INSTANCE = "cloud_instance"
    HYBRID = "hybrid"
    NONE = "none"


class Headline(StrEnum):
    """What the owner hears first."""

    EDGE = "edge"
    CLOUD = "cloud"
    HYBRID = "hybrid"
    NOT_YET = "not-yet"


HEADLINE_OF: Final = {
    Kind.EDGE_EXISTING: Headline.EDGE,
    Kind.EDGE_NEW: Headline.EDGE,
    Kind.CLOUD_API: Headline.CLOUD,
    Kind.CLOUD_BATCH: Headline.CLOUD,
    Kind.CLOUD_INSTANCE: Headline.CLOUD,
    Kind.HYBRID: Headline.HYBRID,
    Kind.NONE: Headline.NOT_YET,
}


class Confidence(StrEnum):
    """How sure we are of the choice (not of one number)."""

    SURE = "sure"
    FAIRLY_SURE = "fairly-sure"
    ROUGH = "rough"
    TOO_CLOSE = "too-close-to-call"


@dataclass(frozen=True, slots=True)
class Part:
    """One thing an option is made of. `purchase`: buy, own, on-demand, reserved, spot, pay-per-use, serverless."""

    role: str
    catalog_id: str
    what: str
    count: int
    purchase: str
    region: str | None = None
    provider: str | None = None


@dataclass(frozen=True, slots=True)
class Latency:
    """Time to answer in milliseconds; `low` and `high` are the 80 % range of `p95`."""

    p50: float | None
    p95: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class CostLine:
    """One line of the bill over the whole horizon: quantity x unit price = amount.

    `code` is the part T01..T29; `when`: upfront, monthly, yearly, once-later, end. An amount of zero says why in
    `text`; an amount of `None` was left out of the sum, and `text` says why. `quantity` and `unit_price` are `None` where
    they are not known or the amount is not a product. `age` says whether the price behind it is fresh, ageing, stale or
    undated, `None` where it is no price of a list; `price_of` names the prices in it (`advisor.quotes`).
    """

    code: str
    when: str
    text: str
    quantity: float | None
    unit: str
    unit_price: float | None
    amount: Decimal | None
    low: Decimal | None
    high: Decimal | None
    basis: Basis
    source: str = ""
    as_of: str | None = None
    age: str | None = None
    price_of: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CostYear:
    """One year of the bill, as it is paid: what comes after the first day, with what comes at the end in the last year.

    `months`: 12, or what counts of the last year; `cumulative`: reached by its end, the first day's money with it.
    """

    year: int
    months: float
    amount: Decimal
    low: Decimal
    high: Decimal
    cumulative: Decimal


@dataclass(frozen=True, slots=True)
class Cost:
    """The bill in the owner's currency; `total` is exactly the sum of its lines.

    `total` = `upfront` + `running` + `end` + `discount`; `undiscounted` is the same without `discount` (below zero, T28), and exactly
    `upfront` and the amounts of `years`.
    """

    currency: str
    upfront: Decimal
    monthly_average: Decimal
    total: Decimal
    low: Decimal
    high: Decimal
    per_unit: float
    lines: tuple[CostLine, ...]
    running: Decimal
    end: Decimal
    discount: Decimal
    undiscounted: Decimal
    years: tuple[CostYear, ...]


@dataclass(frozen=True, slots=True)
class Option:
    """One way to do the job, sized and priced, whether it is allowed or not."""

    id: str
    kind: Kind
    headline: Headline
    name: str
    parts: tuple[Part, ...]
    routing: str | None
    sends_inputs_out: bool
    feasible: bool
    why_not: tuple[str, ...]
    latency_ms: Latency
    speed_met_probability: float | None
    headroom: float | None
    busiest_hour_utilisation: float | None
    cost: Cost
    energy_kwh_per_year: float | None
    co2e_kg_per_year: float | None
    upkeep_hours_per_month: float | None
    lock_in: str
    basis: Basis
    win_share: float
    cautions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RefusedRule:
    """A rule of the owner that removed options, and how many."""

    rule: str
    removed_options: int
    text: str


@dataclass(frozen=True, slots=True)
class TurningPoint:
    """The value of one answer at which the advice changes. `direction`: up, down, or to (an answer that is not a number)."""

    input: str
    now: float | str | bool | None
    at: float | str | bool | None
    direction: str
    then_kind: Kind
    then_option_id: str
    text: str


@dataclass(frozen=True, slots=True)
class Relaxation:
    """Where nothing fits: an answer that would have to give way, from `now` to `to`, and what would then do.

    `with_input` names the answer that has to give way together with this one; `None` where this one alone is enough.
    """

    input: str
    now: float | str | bool | None
    to: float | str | bool
    then_kind: Kind
    then_option_id: str
    text: str
    with_input: str | None = None


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One number as it is shown, and where it comes from."""

    id: str
    value: float | str
    unit: str
    text_form: str
    basis: Basis
    source: str
    as_of: str | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Risk:
    """What can go wrong, and what to do about it."""

    text: str
    do: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do on Monday, every month, and when it goes wrong. `review_date` is an ISO date; `next_steps` follow the first three."""

    first_steps: tuple[str, ...]
    monitoring: tuple[str, ...]
    retraining_rule: str
    incident: tuple[str, ...]
    switch_off: tuple[str, ...]
    review_date: str
    next_steps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Governance:
    """One outcome of the NIST AI Risk Management Framework. `done_by`: program or you; `state`: done, open, asked."""

    nist_id: str
    text: str
    done_by: str
    state: str


@dataclass(frozen=True, slots=True)
class Assumption:
    """A blank we filled in: the field, the words, the ledger row it stands in."""

    field: str
    text: str
    ledger_id: str


@dataclass(frozen=True, slots=True)
class Provenance:
    """What the answer was worked out from; the same values give the same bytes."""

    app_version: str
    today: str
    language: str
    catalog_version: str
    catalog_sha256: str
    seed: int
    need_sha256: str
    measurement_sha256: str | None


@dataclass(frozen=True, slots=True)
class Readability:
    """School grade (Flesch-Kincaid) and longest sentence of the words we wrote."""

    grade: float | None
    longest_sentence_words: int


# ---- the report: the same answer as headings, sentences, tables and charts -------------------------------------


@dataclass(frozen=True, slots=True)
class Fact:
    """One of the large figures on the first page: what it is, its value, its range or reason."""

    label: str
    value: str
    note: str


@dataclass(frozen=True, slots=True)
class Table:
    """Text in rows and columns; numbers are already written out. `numeric` names the columns set right-aligned.

    On paper the columns in `grouped` are written once above the rows that share them.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: tuple[int, ...] = ()
    note: str = ""
    grouped: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a chart: its label, its colour role (edge, cloud, hybrid, none), its range, its words."""

    label: str
    role: str
    low: float
    likely: float
    high: float
    text: str


@dataclass(frozen=True, slots=True)
class Chart:
    """A bar chart; `alt` says in words what it shows, and a table with the same figures stands beside it."""

    title: str
    alt: str
    unit: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """One part of the report. `part`: owner (pages for the owner) or annex; `folded`: details hidden at first on screen."""

    id: str
    title: str
    part: str
    paragraphs: tuple[str, ...] = ()
    bullets: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    table: Table | None = None
    chart: Chart | None = None
    folded: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """All the words, in reading order."""

    title: str
    firm: str
    date: str
    verdict: str
    role: str
    confidence: str
    confidence_why: str
    facts: tuple[Fact, ...]
    sections: tuple[Section, ...]
    footer: str


@dataclass(frozen=True, slots=True)
class Advice:
    """The whole answer. `options[0]` is the one we advise."""

    headline: Headline
    none_because: str | None
    kind: Kind
    sentence: str
    confidence: Confidence
    reasons: tuple[str, ...]
    refused_rules: tuple[RefusedRule, ...]
    options: tuple[Option, ...]
    turning_points: tuple[TurningPoint, ...]
    ledger: tuple[LedgerRow, ...]
    assumptions: tuple[Assumption, ...]
    risks: tuple[Risk, ...]
    plan: Plan
    governance: tuple[Governance, ...]
    law_notes: tuple[str, ...]
    health: Mapping[str, Any] | None
    provenance: Provenance
    readability: Readability
    report: Report
    relaxations: tuple[Relaxation, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The contract's A.json as plain lists, dicts, numbers and text."""
        return {"format": FORMAT, **_plain(self)}

    def to_bytes(self) -> bytes:
        """A.json as UTF-8 text; the same advice gives the same bytes."""
        return (json.dumps(self.to_json(), ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode("utf-8")


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, StrEnum):
        return str(value)
    if isinstance(value, Mapping):
        return {k: _plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    if isinstance(value, float):
        return float(f"{value:.10g}")
    return value


def report_from_json(document: Mapping[str, Any]) -> Report:
    """The report inside a parsed A.json, so that a saved answer can be shown again without working it out."""
    r = document["report"]
    return Report(
        **{
            **r,
            "facts": tuple(Fact(**f) for f in r["facts"]),
            "sections": tuple(_section(s) for s in r["sections"]),
        },
    )


def _section(s: Mapping[str, Any]) -> Section:
    table, chart = s.get("table"), s.get("chart")
    return Section(
        id=s["id"],
        title=s["title"],
        part=s["part"],
        paragraphs=tuple(s["paragraphs"]),
        bullets=tuple(s["bullets"]),
        steps=tuple(s["steps"]),
        folded=s["folded"],
        table=Table(
            table["title"],
            tuple(table["columns"]),
            tuple(tuple(row) for row in table["rows"]),
            tuple(table["numeric"]),
            table["note"],
            tuple(table.get("grouped", ())),
        )
        if table
        else None,
        chart=Chart(chart["title"], chart["alt"], chart["unit"], tuple(Bar(**b) for b in chart["bars"])) if chart else None,
    )
