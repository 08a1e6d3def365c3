"""Chips and computers out of their rows."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from advisor.catalog.rows import Chip, OwnedClass, Speed
from advisor.catalog.text_table import number
from advisor.evidence import Basis, Estimate, Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from advisor.catalog.text_table import Row


def chips(rows: Iterable[Row], ranges: Mapping[tuple[str, str], Estimate]) -> dict[str, Chip]:
    """Chips by id, with the facts of `chip_ranges` on which sources differ."""
    doubts: dict[str, list[tuple[str, float, float]]] = {}
    for (chip_id, fact), said in ranges.items():
        doubts.setdefault(chip_id, []).append((fact, said.low / said.likely, said.high / said.likely))
    return {
        r["chip_id"]: Chip(
            r["chip_id"],
            r["name"],
            r["kind"],
            r["class"],
            number(r["fp32_tflops"]),
            number(r["fp16_tflops"]),
            number(r["int8_tops"]),
            number(r["memory_gb"]),
            number(r["memory_bandwidth_gbps"]),
            number(r["tdp_w"]),
            number(r["cores"]),
            number(r["base_ghz"]),
            r["simd"],
            r["supported_runtimes"],
            r["recommendable"] == "yes",
            r["as_of"],
            tuple(doubts.get(r["chip_id"], ())),
        )
        for r in rows
    }


def chip_ranges(rows: Iterable[Row]) -> dict[tuple[str, str], Estimate]:
    """Facts of chips on which sources differ, by chip and column of chips.csv: lowest, used and highest."""
    return {
        (r["chip_id"], r["fact"]): Estimate(
            float(r["low"]), float(r["used"]), float(r["high"]), Basis.PUBLISHED, Source(r["values"], r["as_of"])
        )
        for r in rows
    }


def speeds(rows: Iterable[Row]) -> dict[tuple[str, str], Speed]:
    """Fitted speeds by chip and unit."""
    return {
        (r["chip_id"], r["unit"]): Speed(
            r["chip_id"],
            r["unit"],
            float(r["gmacs_per_s"]),
            float(r["overhead_s"]),
            float(r["log_spread"]),
            int(r["rows"]),
            r["sources"],
        )
        for r in rows
    }


def owned_classes(rows: Iterable[Row]) -> tuple[OwnedClass, ...]:
    """Typical machines by kind and year."""

    def estimate(r: Row, what: str) -> Estimate:
        low, likely, high = (float(r[f"{what}_{end}"]) for end in ("low", "likely", "high"))
        return Estimate(low, likely, high, Basis.ESTIMATED, Source(r["source"], r["as_of"]))

    return tuple(
        OwnedClass(
            r["id"],
            tuple(w for w in r["words"].split("|") if w),
            int(r["year_from"]),
            int(r["year_to"]),
            int(r["cores"]),
            estimate(r, "gflops"),
            float(r["bandwidth_gbps"]),
            estimate(r, "idle_w"),
            estimate(r, "busy_w"),
            float(r["memory_gb"]),
            r["takes_card"] == "yes",
            float(r["card_w"]),
            r["m2_slot"] == "yes",
        )
        for r in rows
    )


def owned_class(known: Sequence[OwnedClass], what: str, memory_gb: float | None) -> OwnedClass:
    """The typical machine that the owner's own words fit best: kind first, then year ("old" counts as before 2016)."""
    text = f" {what.lower()} "
    found = re.search(r"\b(19|20)\d{2}\b", text)
    year = int(found[0]) if found else (2013 if re.search(r"\bold\b|\balt", text) else 2019)
    fitting = [c for c in known if any(w in text for w in c.words)]
    # "till PC" is a till first and a PC second: the most particular word wins.
    first = next((c.words for c in fitting), ())
    best = next((c for c in fitting if c.words == first and c.year_from <= year <= c.year_to), fitting[0] if fitting else known[-1])
    return best if memory_gb is None else replace(best, memory_gb=memory_gb)
