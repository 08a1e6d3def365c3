"""Forecasts in bulk from the owner's measured machine to machines with published rows, few rows, or a data sheet only.

Two ways: the counted work of the model (placing.py, counted.py) and surfaces of its facts (surfaces.py). Ranges come from model
families left out, and from like machines forecast as if they were new.
"""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import numpy as np

from advisor.forecast.accuracy import packed
from advisor.forecast.answers import Answer
from advisor.forecast.counted import Rooflines
from advisor.forecast.placing import counted_case
from advisor.forecast.published import Known, kind_of, table_of
from advisor.forecast.surfaces import case

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from advisor.forecast.evidence import Row, Tables


def run(requests: Path, known: Path, specs: Path | None, withhold: Path | None, out: Path, catalog_folder: Path) -> int:
    """Answers every request from the published rows kept in `catalog_folder`/sources; returns how many.

    Rows of `withhold` are dropped before anything is learned. Raises OSError where a file cannot be read or written.
    """
    return answer_all(requests, known, specs, withhold, out, packed(catalog_folder / "sources"))


def answer_all(requests: Path, known: Path, specs: Path | None, withhold: Path | None, out: Path, tables: Tables) -> int:
    """The same from any tables."""
    published = Known(tables, _rows(withhold) if withhold else ())
    lines = Rooflines(published)
    sheet = {r["chip_id"]: r for r in _rows(specs)} if specs else {}
    given: dict[str, list[Row]] = {}
    for r in _rows(known):
        given.setdefault(r["case_id"], []).append(r)
    cases: dict[str, list[Row]] = {}
    every = _rows(requests)
    for r in every:
        cases.setdefault(r["case_id"], []).append(r)
    answers: dict[str, Answer] = {}
    for id, asked in cases.items():
        answers.update(_answered(lines, asked, given.get(id, []), sheet))
    with out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("request_id", "latency_ms", "low_ms", "high_ms", "basis", "tier", "neighbours"))
        for r in every:
            a = answers[r["request_id"]]
            numbers = [f"{v:.6g}" if np.isfinite(v) else "" for v in (a.likely, a.low, a.high)]
            writer.writerow((r["request_id"], *numbers, "refused" if a.tier == "refused" else "estimated", a.tier, a.neighbours))
    return len(every)


def _answered(lines: Rooflines, asked: Sequence[Row], given: Sequence[Row], sheet: Mapping[str, Row]) -> dict[str, Answer]:
    """One case, by request. Counted work is heard first, surfaces where it has no answer.

    For small accelerators surfaces are heard first: a model's surprise there is nearly the same on all, so little is left to count.
    """
    refused = Answer(np.nan, np.nan, np.nan, "refused", "")

    def smooth() -> dict[str, Answer]:
        found = zip((r["request_id"] for r in asked), case(lines.known, asked, given, sheet), strict=True)
        return {id: a for id, a in found if np.isfinite(a.likely)}

    def counted() -> dict[str, Answer]:
        return counted_case(lines, asked, given, sheet)

    ways = (smooth, counted) if table_of(kind_of(asked[0])) == "aihub" else (counted, smooth)
    answers = ways[0]()
    if len(answers) < len(asked):
        answers = {**ways[1](), **answers}
    return {r["request_id"]: answers.get(r["request_id"], refused) for r in asked}


def _rows(path: Path) -> list[Row]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))
