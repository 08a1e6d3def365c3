"""The report as a PDF: the words of the answer on paper, with everything it was worked out from inside the file.

The page is drawn by Typst from `assets/report/report.typ`. Words reach it as data, never as markup. The file is
made after PDF/UA-1 (tagged, so that it can be read aloud) and PDF/A-3a (keeps, and may carry files).
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

from advisor.report.attachments import attachments_for, ledger_csv, read_attachments
from advisor.report.fonts import ASSETS, font_files
from advisor.report.page_data import file_description, page_data
from advisor.report.saving import save_whole

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from advisor.advice import Advice

__all__ = ["STANDARDS", "PdfOutcome", "attachments_for", "ledger_csv", "read_attachments", "write_pdf"]

# PDF/A-3a and not 2a or 4: 2a forbids attached files, 4 cannot be joined with PDF/UA-1.
STANDARDS: Final = ("ua-1", "a-3a")
_TEMPLATE: Final = ASSETS / "report" / "report.typ"
_MIME_TYPES: Final = {".json": "application/json", ".csv": "text/csv"}


@dataclass(frozen=True, slots=True)
class PdfOutcome:
    """What was written. `standards` is empty if the words could only be set without them."""

    standards: tuple[str, ...]
    replaced: tuple[str, ...]
    pages: int


def write_pdf(advice: Advice, attachments: Mapping[str, bytes], path: Path) -> PdfOutcome:
    """Writes the report of `advice` to `path` with `attachments` inside, as a whole or not at all.

    The same advice and attachments give the same bytes; the date in the file is `provenance.today`.

    Raises:
        AdvisorError: NO_ACCESS, if the file cannot be written there.
    """
    data = page_data(advice, attachments)
    inputs = {
        "document": json.dumps(data.document, ensure_ascii=False),
        "files": json.dumps([_file_entry(n, b, advice.provenance.language) for n, b in attachments.items()], ensure_ascii=False),
    }
    moment = datetime.combine(date.fromisoformat(advice.provenance.today), time(12), tzinfo=UTC)
    pdf, standards = _compile(inputs, moment)
    save_whole(pdf, path)
    return PdfOutcome(standards, data.replaced, _pages(pdf))


def _file_entry(name: str, content: bytes, language: str) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "name": name,
        "mime": _MIME_TYPES.get(Path(name).suffix, "application/octet-stream"),
        "description": file_description(name, language),
    }
    try:
        return {**entry, "text": content.decode("utf-8")}
    except UnicodeDecodeError:
        return {**entry, "bytes": list(content)}


def _compile(inputs: dict[str, str], moment: datetime) -> tuple[bytes, tuple[str, ...]]:
    import typst

    with TemporaryDirectory(prefix="report-fonts-") as folder:
        # Typst takes folders only; a folder with just our files keeps the choice of fonts the same everywhere.
        for number, file in enumerate(font_files()):
            shutil.copyfile(file, Path(folder) / f"{number:02d}{file.suffix}")
        fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[folder])

        def compiled(standards: Sequence[Any]) -> bytes:
            # A compiler uses up the bytes of its template, so each compilation gets its own.
            compiler = typst.Compiler(_TEMPLATE.read_bytes(), root=folder, font_paths=fonts, sys_inputs=inputs)
            made = compiler.compile(format="pdf", pdf_standards=list(standards), timestamp=moment)
            return _bytes(made)

        try:
            return compiled(STANDARDS), STANDARDS
        except typst.TypstError:
            # A report that only lacks a seal is better than none; the outcome says so.
            return compiled(()), ()


def _bytes(made: object) -> bytes:
    if not isinstance(made, bytes):
        msg = f"Typst gave {type(made).__name__} instead of one PDF"
        raise TypeError(msg)
    return made


def _pages(pdf: bytes) -> int:
    import io

    from pypdf import PdfReader

    return len(PdfReader(io.BytesIO(pdf)).pages)
