"""What the tests of the report share: reading a PDF back."""

from __future__ import annotations

import io
import json
import re
import unicodedata
from typing import TYPE_CHECKING

from pypdf import PdfReader

from tests.builders import a_need

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from advisor.advice import Report

NEED = json.dumps(a_need().to_json(), ensure_ascii=False).encode()


def reader(pdf: Path) -> PdfReader:
    """The PDF, read wholly into memory."""
    return PdfReader(io.BytesIO(pdf.read_bytes()))


def squeezed(text: str) -> str:
    """The text without any white space and without the marks that allow or forbid a line break."""
    return re.sub(r"[\s\u00a0\u200b\u00ad]+", "", unicodedata.normalize("NFKC", text))


def text_of(pdf: Path) -> str:
    """All the text of all pages, squeezed, without the page feet."""
    return squeezed("".join(page.extract_text() for page in reader(pdf).pages))


def sentences(report: Report) -> Iterator[str]:
    """Every text of the report that must stand on paper, table cells included."""
    yield from (report.title, report.firm, report.date, report.verdict, report.confidence, report.confidence_why)
    for fact in report.facts:
        yield from (fact.label, fact.value, fact.note)
    for section in report.sections:
        yield from (section.title, *section.paragraphs, *section.bullets, *section.steps)
        if section.table:
            yield from (section.table.title, section.table.note)
            for row in section.table.rows:
                yield from row
        if section.chart:
            yield from (section.chart.title, *(bar.text for bar in section.chart.bars))
