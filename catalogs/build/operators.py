"""What each runtime makes of each ONNX operator: one row for each pair, from lists that tell many at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catalogs.build.tables import rows, write

if TYPE_CHECKING:
    from pathlib import Path

    from catalogs.build.tables import Row

COLUMNS = ("runtime", "operator", "support", "condition", "source", "as_of")


def support() -> list[Row]:
    """A row for each runtime and operator; `*` stands for every operator without a row of its own."""
    table = [
        {"runtime": runtime, "operator": operator, **{c: r[c] for c in COLUMNS[2:]}}
        for r in rows("operator_support")
        for runtime in r["runtimes"].split("|")
        for operator in r["operators"].split()
    ]
    return sorted(table, key=lambda r: (r["runtime"], r["operator"]))


def build(folder: Path) -> tuple[dict[str, object], dict[str, int]]:
    """Writes operator_support.csv; returns facts for the report and rows by file."""
    table = support()
    write(folder / "operator_support.csv", COLUMNS, table)
    facts: dict[str, object] = {"lists read": len(rows("operator_support"))}
    for runtime in sorted({r["runtime"] for r in table}):
        here = [r for r in table if r["runtime"] == runtime]
        counts = {word: sum(r["support"] == word for r in here) for word in ("yes", "partly", "no", "unknown")}
        facts[runtime] = ", ".join(f"{n} {word}" for word, n in counts.items() if n)
    return facts, {"operator_support.csv": len(table)}
