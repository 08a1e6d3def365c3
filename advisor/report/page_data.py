"""The report as the plain values that the page template draws. Nothing in them is ever read as markup."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from advisor.advice import Confidence, report_from_json
from advisor.report.charts import chart_svg
from advisor.report.fonts import ASSETS, shortened
from advisor.report.glyphs import MARK, Glyphs
from advisor.report.tables import Glue, breakable, set_table
from advisor.report.wording import Wording, wording

if TYPE_CHECKING:
    from collections.abc import Mapping

    from advisor.advice import Advice, Chart, Report, Section, Table

# A4 less the margins of the template, in points.
TEXT_WIDTH: Final = 595.28 - 2 * 62.0
_OWNER_TABLE: Final = 9.3
_ANNEX_TABLE: Final = 8.0
_PADDING: Final = 5.0
# At the size of the verdict this many letters still fit on a line.
_LONGEST_WHOLE: Final = 32
# The sections of the first page, in the order they come in the report.
ANNEX: Final = "annex"
FIRST_PAGE: Final = frozenset({"why", "relax", "changes", "first-steps"})


@dataclass(frozen=True, slots=True)
class PageData:
    """`document` goes to the template as JSON; `replaced` are characters that no font has."""

    document: dict[str, Any]
    replaced: tuple[str, ...]


def running(text: str) -> list[str]:
    """Running text as the words it is set in; only one that would not fit on a line may be broken."""
    return [w if len(w) <= _LONGEST_WHOLE else breakable(w) for w in text.split(" ") if w]


def light_palette() -> dict[str, str]:
    """The light colours of the design tokens, by role; charts use the muted text colour where nothing is run."""
    colours: dict[str, str] = json.loads((ASSETS / "tokens.json").read_text(encoding="utf-8"))["light"]
    return {**colours, "none": colours["text_muted"]}


def page_data(advice: Advice, attachments: Mapping[str, bytes]) -> PageData:
    """Everything the template draws, in reading order, for one answer and the files that go inside."""
    glyphs = Glyphs()
    report = _cleaned(advice.report, glyphs)
    words = wording(advice.provenance.language)
    palette = light_palette()
    setter = _Setter(Glue([*(r.text_form for r in advice.ledger), *_names(advice)]), palette, words)
    drawn = [s for s in report.sections if _has_content(s)]
    owner = [s for s in drawn if s.part != ANNEX]
    document = {
        "title": report.title or report.verdict or report.firm or "Edgewise",
        "firm": report.firm,
        "firm_line": breakable(report.firm),
        "date": report.date,
        "verdict": running(report.verdict),
        "confidence": breakable(report.confidence),
        "confidence_why": running(report.confidence_why),
        "foot": " — ".join(t for t in (shortened(report.firm, 190, 8), report.date, shortened(report.footer, 150, 8)) if t),
        "role": report.role if report.role in words.roles else "none",
        "tone": "good" if advice.confidence in (Confidence.SURE, Confidence.FAIRLY_SURE) else "caution",
        "facts": [{k: setter.glue.chunks(breakable(v)) for k, v in asdict(fact).items()} for fact in report.facts],
        "first": [setter.section(s) for s in owner if s.id in FIRST_PAGE],
        "owner": [setter.section(s) for s in owner if s.id not in FIRST_PAGE],
        "annex": [setter.section(s) for s in drawn if s.part == ANNEX],
        "inside": {"title": words.inside_title, "text": words.inside, "files": _files_inside(attachments, words)},
        "replaced": words.replaced.format(mark=MARK) if glyphs.replaced else "",
        "page": words.page,
        "language": advice.provenance.language,
        "palette": palette,
        "padding": _PADDING,
    }
    return PageData(document, glyphs.replaced)


def _cleaned(report: Report, glyphs: Glyphs) -> Report:
    def clean(value: Any) -> Any:
        if isinstance(value, str):
            return glyphs.clean(value)
        if isinstance(value, dict):
            return {k: clean(v) for k, v in value.items()}
        if isinstance(value, (list, tuple)):
            return tuple(clean(v) for v in value)
        return value

    return report_from_json({"report": clean(asdict(report))})


def _names(advice: Advice) -> list[str]:
    """Names with a number in them, and sources: they too must not be torn apart."""
    out = [row.source for row in advice.ledger]
    for option in advice.options:
        out += [option.id, option.name]
        for part in option.parts:
            out += [part.what, part.catalog_id, part.region or "", part.provider or ""]
    return out + [g.nist_id for g in advice.governance]


def _has_content(section: Section) -> bool:
    table, chart = section.table, section.chart
    words = (*section.paragraphs, *section.bullets, *section.steps)
    return any(words) or bool(table and table.rows and table.columns) or bool(chart and chart.bars)


@dataclass(frozen=True, slots=True)
class _Setter:
    """What every section is set with."""

    glue: Glue
    palette: Mapping[str, str]
    words: Wording

    def section(self, section: Section) -> dict[str, Any]:
        return {
            "title": breakable(section.title),
            **{k: [running(t) for t in getattr(section, k) if t] for k in ("paragraphs", "bullets", "steps")},
            "table": self._table(section.table, _ANNEX_TABLE if section.part == ANNEX else _OWNER_TABLE),
            "chart": self._chart(section.chart),
        }

    def _table(self, table: Table | None, size: float) -> dict[str, Any] | None:
        if table is None or not table.rows:
            return None
        laid_out = set_table(table, self.glue, TEXT_WIDTH, size, _PADDING)
        if laid_out is None:
            return None
        return {"title": breakable(table.title), "note": breakable(table.note), **asdict(laid_out)}

    def _chart(self, chart: Chart | None) -> dict[str, Any] | None:
        if chart is None:
            return None
        bars = tuple(b for b in chart.bars if all(math.isfinite(v) for v in (b.low, b.likely, b.high)))
        if not bars:
            return None
        return {
            "title": breakable(chart.title),
            "alt": chart.alt or chart.title or self.words.roles["none"],
            "svg": chart_svg(replace(chart, bars=bars), self.glue, self.palette, TEXT_WIDTH).decode("utf-8"),
            "legend": [{"colour": self.palette[r], "text": t} for r, t in self.words.roles.items() if any(b.role == r for b in bars)],
        }


def _kind_of_file(name: str) -> str:
    """`M-2.json` and `M.json` are files of one kind, called `M.json`."""
    stem, _, ending = name.partition(".")
    return f"{stem.partition('-')[0].rstrip('0123456789')}.{ending}"


def _files_inside(attachments: Mapping[str, bytes], words: Wording) -> list[dict[str, str]]:
    kinds = {_kind_of_file(name) for name in attachments}
    return [{"name": name, "text": text} for name, text in words.files.items() if name in kinds]


def file_description(name: str, language: str) -> str:
    """What an attached file holds, for the list of attachments that a PDF reader shows."""
    words = wording(language)
    return words.files.get(_kind_of_file(name), words.other_file)
