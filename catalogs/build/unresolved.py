"""Names that stand for no chip of ours, each with the reason: unresolved.csv. None of them is ever advised."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from catalogs.build.offers import family_name, names
from catalogs.build.tables import rows, write

if TYPE_CHECKING:
    from pathlib import Path

    from catalogs.build.tables import Row

COLUMNS = ("kind", "provider", "name", "rows", "reason", "nearest")


def accelerators() -> list[Row]:
    """Accelerators of rented machines."""
    known, found = names(), Counter[tuple[str, str]]()
    for t in rows("instance_types"):
        if t["accelerator"] and not known.chip_of(t):
            found[t["provider"], t["accelerator"]] += 1
    return [_row("accelerator", p, name, n, _why_not(name)) for (p, name), n in sorted(found.items())]


def _why_not(name: str) -> str:
    if name.startswith(("Xilinx", "AMD VU")):
        return "programmable logic or video card: runs no model file as it is"
    return "an old drawing card that chips.csv lacks"


def processors() -> list[Row]:
    """Processors of rented machines, by family."""
    known, found = names(), Counter[tuple[str, str]]()
    reasons: dict[tuple[str, str], str] = {}
    for t in rows("instance_types"):
        f = known.family(t)
        if f is None or not f["chip_id"]:
            key = family_name(t)
            found[key] += 1
            model = (f or {}).get("cpu_model", "")
            reasons[key] = (
                "no row of this family in the source of processors"
                if f is None
                else f"chips.csv lacks the processor {model}"
                if model
                else "the seller does not say which processor"
            )
    return [_row("cpu family", p, name, n, reasons[p, name]) for (p, name), n in sorted(found.items())]


def evidence() -> list[Row]:
    """Chips of published latencies."""
    return [
        _row(
            "evidence",
            m["file"],
            f"{m['chip_id_in_file']} {m['device_kind']}",
            int(m["rows"]),
            _evidence_reason(m),
            m["nearest_in_catalog"],
        )
        for m in rows("chip_id_map")
        if not m["chip_id_catalog"]
    ]


def _evidence_reason(m: Row) -> str:
    return "; ".join(filter(None, ("chips.csv lacks it" if m["match"] == "not in chips.csv" else m["match"], m["note"], m["flag"])))


def spellings() -> list[Row]:
    """Spellings that the alias table itself leaves open."""
    return [_row("alias", a["publisher"], a["alias"], 1, a["notes"]) for a in rows("chip_aliases") if not a["chip_id"]]


def _row(kind: str, provider: str, name: str, count: int, reason: str, nearest: str = "") -> Row:
    return {"kind": kind, "provider": provider, "name": name, "rows": str(count), "reason": reason, "nearest": nearest}


def build(path: Path) -> tuple[dict[str, object], int]:
    """Writes the table; returns facts for the report and the number of rows."""
    table = [*accelerators(), *spellings(), *processors(), *evidence()]
    write(path, COLUMNS, table)
    return {f"{k} without a chip": n for k, n in sorted(Counter(r["kind"] for r in table).items())}, len(table)
