"""What is taken where the owner said nothing, out of its rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from advisor.catalog.rows import Default, SampleWorkload
from advisor.catalog.text_table import number
from advisor.evidence import Source

if TYPE_CHECKING:
    from collections.abc import Iterable

    from advisor.catalog.text_table import Row


def defaults(rows: Iterable[Row]) -> dict[str, Default]:
    """Values for blank fields, by path."""
    return {
        r["path"]: Default(r["path"], r["value"], number(r["low"]), number(r["high"]), r["unit"], Source(r["source"], r["as_of"]))
        for r in rows
    }


def sample_workloads(rows: Iterable[Row]) -> tuple[SampleWorkload, ...]:
    """One typical job for each task."""
    return tuple(
        SampleWorkload(
            r["id"],
            r["task"],
            r["unit"],
            r["name"],
            r["model"],
            number(r["params_millions"]),
            number(r["gmacs"]),
            number(r["activations_millions"]),
            r["precision"] or None,
            number(r["params_billions"]),
            number(r["prompt_tokens"]),
            number(r["output_tokens"]),
            number(r["context_tokens"]),
            float(r["input_kb"]),
            float(r["output_kb"]),
            float(r["units_small"]),
            float(r["units_typical"]),
            float(r["units_busy"]),
            r["volume_source"],
            Source(r["source"], r["as_of"]),
        )
        for r in rows
    )
