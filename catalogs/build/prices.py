"""Priced rows of pay-per-use models and services: hosted_prices.npz."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from advisor.catalog.packed import npz_bytes, packed
from catalogs.build.tables import rows

if TYPE_CHECKING:
    from pathlib import Path

USABLE = {"no": 0, "caution": 1, "yes": 2}
_WORDS = (
    "provider", "service_model", "task", "unit", "limits", "source", "as_of", "row_kind", "seller_kind", "region_in_id", "life",
    "retires_on", "retires_basis", "alias_of", "usable_reason",
)  # fmt: skip


def build(path: Path) -> tuple[dict[str, object], int]:
    """Writes the table; returns facts for the report and the number of rows."""
    table = rows("hosted_api")
    kept = [r for r in table if r["usd_per_unit"] and float(r["usd_per_unit"]) > 0]
    reasons = [_undated(r["usable"], r["as_of"], r["usable_reason"]) for r in kept]
    columns = {
        "usd_per_unit": np.array([float(r["usd_per_unit"]) for r in kept]),
        "usable": np.array([USABLE[u] for u, _ in reasons], dtype=np.uint8),
        **{name: [r[name] for r in kept] for name in _WORDS},
        "usable_reason": [why for _, why in reasons],
    }
    path.write_bytes(npz_bytes(packed(columns)))
    return {
        "rows read": len(table), "rows kept": len(kept), "rows without a price above zero (dropped)": len(table) - len(kept),
        "undated rows that are now caution at best": sum(not r["as_of"] and r["usable"] == "yes" for r in kept),
        **{f"usable {word}": sum(u == word for u, _ in reasons) for word in USABLE},
    }, len(kept)  # fmt: skip


def _undated(usable: str, day: str, reason: str) -> tuple[str, str]:
    """A price of no day is no sound one: caution at best."""
    if day:
        return usable, reason
    return ("caution" if usable == "yes" else usable), ";".join(filter(None, (reason, "" if "undated" in reason else "undated")))
