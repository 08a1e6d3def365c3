"""Services that are paid by use, out of their rows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from advisor.catalog.rows import Service, TextService
from advisor.catalog.text_table import number
from advisor.evidence import Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from advisor.catalog.text_table import Row


def services(rows: Sequence[Row]) -> tuple[Service, ...]:
    """Vision, reading, speech, embedding and translation services with a price."""
    # A service that bills its answers apart would look too cheap by its input alone.
    two_part = {(r["provider"], r["service_model"]) for r in rows if "output" in r["unit"]}
    return tuple(
        Service(
            f"{r['provider']}:{_service_name(r['service_model']).replace(' ', '-')}",
            r["task"],
            r["provider"],
            _service_name(r["service_model"]),
            r["unit"],
            float(r["usd_per_unit"]),
            r["retires_on"] if re.fullmatch(r"\d{4}-\d{2}-\d{2}", r["retires_on"] or "") else None,
            r["caution"],
            Source(r["source"], r["as_of"] or None),
        )
        for r in rows
        if float(r["usd_per_unit"] or 0) > 0 and (r["provider"], r["service_model"]) not in two_part
    )


def text_services(rows: Iterable[Row]) -> tuple[TextService, ...]:
    """Hosted text models by size class."""
    return tuple(
        TextService(
            f"{r['provider']}:{r['model'].split('/')[-1]}",
            r["provider"],
            r["model"].split("/")[-1],
            r["size_class"],
            float(r["usd_per_1m_input"]),
            float(r["usd_per_1m_output"]),
            number(r["context_tokens"]),
            r["eu_hosting"] == "yes",
            r["retires_on"] or None,
            r["caution"],
            Source(r["source"], r["as_of"] or None),
        )
        for r in rows
    )


def _service_name(path: str) -> str:
    """The name behind the address of a model; a slash between words is part of a name."""
    return path if " " in path else path.rsplit("/", 1)[-1]
