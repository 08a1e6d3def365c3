"""The files inside the report: what the answer was worked out from, and every figure with its source."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Final

from advisor.problems import AdvisorError, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from advisor.advice import Advice

LEDGER_COLUMNS: Final = ("id", "value", "unit", "text_form", "basis", "source", "as_of", "low", "high")
# A cell that a spreadsheet would take for a formula gets a quotation mark in front.
_FORMULA_STARTS: Final = ("=", "@", "\t", "\r")


def attachments_for(advice: Advice, inputs: Mapping[str, bytes]) -> dict[str, bytes]:
    """The owner's own files (`NEED.json`, `M.json`, `H.json`) and what we add: A.json, ledger.csv, provenance.json."""
    return {
        **inputs,
        "A.json": advice.to_bytes(),
        "ledger.csv": ledger_csv(advice),
        "provenance.json": (json.dumps(asdict(advice.provenance), ensure_ascii=False, indent=1) + "\n").encode(),
    }


def ledger_csv(advice: Advice) -> bytes:
    """The ledger as CSV (UTF-8, comma, header row); unknown is an empty cell."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(LEDGER_COLUMNS)
    for row in advice.ledger:
        writer.writerow([_cell(getattr(row, column)) for column in LEDGER_COLUMNS])
    return out.getvalue().encode("utf-8", "replace")


def _cell(value: object) -> object:
    if isinstance(value, str) and value.startswith(_FORMULA_STARTS):
        return f"'{value}"
    return "" if value is None else value


def read_attachments(pdf: Path) -> dict[str, bytes]:
    """The files inside a saved report, by name.

    Raises:
        AdvisorError: NO_ACCESS if the file cannot be read, NOT_A_REPORT if it is no report of ours.
    """
    import logging

    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    # What pypdf has to say about a file that is no PDF is not for the owner; we say it in our own words.
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)

    try:
        content = pdf.read_bytes()
    except OSError as error:
        raise AdvisorError(
            Problem(
                "NO_ACCESS", str(pdf), f"The file {pdf.name} could not be opened.",
                "It is not there, or we may not read it.", "Check the name, or copy the file to a folder of your own.",
            )
        ) from error  # fmt: skip
    try:
        found = {name: bodies[0] for name, bodies in PdfReader(io.BytesIO(content)).attachments.items() if bodies}
    # A damaged file can break the reader anywhere; every such failure means the same to the owner.
    except (PyPdfError, ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError, OSError) as error:
        raise AdvisorError(_not_a_report(pdf)) from error
    if "NEED.json" not in found:
        raise AdvisorError(_not_a_report(pdf))
    return found


def _not_a_report(pdf: Path) -> Problem:
    return Problem(
        "NOT_A_REPORT", str(pdf), f"The file {pdf.name} holds no answers of yours.",
        "Only a report that Edgewise saved carries them, and only while no other program has saved it anew.",
        "Choose the report as Edgewise saved it.",
    )  # fmt: skip
