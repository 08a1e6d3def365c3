"""The table of rented machines: every priced offer as coded columns, and the kinds of machine they are."""

from __future__ import annotations

import io
import re
import zipfile
from typing import TYPE_CHECKING

import numpy as np

from catalogs.build.tables import number, rows

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from catalogs.build.tables import Row

_AZURE = re.compile(r"^Standard_([A-Z]+)\d+(?:-\d+)?([a-z]*)(?:_[A-Z0-9]+)?(?:_(v\d+))?$")
_USABLE = {"no": 0, "caution": 1, "yes": 2}


def family_of(provider: str, instance_type: str) -> str:
    """The name a provider's CPU family goes by in the family table: `c5` of `c5.large`, `DASv5` of `Standard_D16as_v5`."""
    if provider == "aws":
        return instance_type.split(".")[0]
    if provider == "azure":
        found = _AZURE.match(instance_type)
        return f"{found[1]}{found[2].upper()}{found[3] or ''}" if found else ""
    if provider == "gcp":
        return instance_type.split("-")[0]
    return re.sub(r"\d.*", "", instance_type)


def chips_by_alias() -> dict[tuple[str, str], str]:
    """chip_id by (alias, memory hint); the hint is '' where a name stands for one size only."""
    return {(a["alias"], a["memory_gb_hint"]): a["chip_id"] for a in rows("chip_aliases") if a["alias_type"] == "accelerator"}


def build(path: Path) -> dict[str, object]:
    """Writes offers.npz and returns counts for the report."""
    families = {(f["provider"], f["family"].lower()): f for f in rows("cloud_cpu_families")}
    aliases = chips_by_alias()
    chips = {c["chip_id"]: c for c in rows("chips")}
    types, prices = rows("instance_types"), rows("prices")
    regions = rows("regions")
    sources = [s["source_id"] for s in rows("sources")]
    no_chip: dict[str, int] = {}

    def chip_of(t: Row) -> str:
        name, memory = t["accelerator"], t["accelerator_memory_gib"]
        if not name:
            return ""
        hint = str(int(float(memory))) if memory else ""
        chip = aliases.get((name, hint)) or aliases.get((name, "")) or _nearest_memory(name, memory, aliases)
        if not chip:
            no_chip[name] = no_chip.get(name, 0) + 1
        return chip or "unresolved"

    family = [families.get((t["provider"], family_of(t["provider"], t["instance_type"]).lower())) for t in types]
    type_columns = {
        "type_provider": [t["provider"] for t in types],
        "type_name": [t["instance_type"] for t in types],
        "type_arch": [t["arch"] for t in types],
        "type_chip": [chip_of(t) for t in types],
        "type_status": [t["type_status"] for t in types],
        "type_cpu_chip": [(f or {}).get("chip_id", "") for f in family],
        "type_isa": [(f or {}).get("isa_exposed", "unknown") for f in family],
    }
    type_numbers = {
        "type_vcpus": [number(t["vcpus"]) for t in types],
        "type_memory_gib": [number(t["memory_gib"]) for t in types],
        "type_chips": [number(t["accelerator_count"]) for t in types],
        "type_chip_gib": [number(t["usable_gib_total"]) if t["usable_gib_total"] else number(t["accelerator_memory_gib"]) for t in types],
        "type_ghz": [number((f or {}).get("cpu_speed_ghz", "")) for f in family],
        "type_vcpus_per_core": [number((f or {}).get("vcpus_per_core", "")) for f in family],
    }
    type_row = {(t["provider"], t["instance_type"]): i for i, t in enumerate(types)}
    region_row = {(r["provider"], r["region"]): i for i, r in enumerate(regions)}
    kept = [p for p in prices if number(p["usd_per_hour_on_demand"]) > 0 and (p["provider"], p["region"]) in region_row]
    reasons = sorted({p["usable_reason"] for p in kept})
    flags = sorted({p["flags"] for p in kept})
    dates = sorted({p["as_of"] for p in kept})
    arrays: dict[str, np.ndarray] = {
        "type_row": np.array([type_row[p["provider"], p["instance_type"]] for p in kept], dtype=np.uint16),
        "region_row": np.array([region_row[p["provider"], p["region"]] for p in kept], dtype=np.uint8),
        "usd_per_hour": np.array([number(p["usd_per_hour_on_demand"]) for p in kept]),
        "usd_per_hour_spot": np.array([number(p["usd_per_hour_spot"]) for p in kept], dtype=np.float32),
        "usable": np.array([_USABLE[p["usable"]] for p in kept], dtype=np.uint8),
        "reason_code": _codes([p["usable_reason"] for p in kept], reasons),
        "flags_code": _codes([p["flags"] for p in kept], flags),
        "date_code": _codes([p["as_of"] for p in kept], dates),
        "source_code": _codes([p["source_id"] for p in kept], sources),
        "reasons": np.array(reasons), "flags": np.array(flags), "dates": np.array(dates), "sources": np.array(sources),
        "region_provider": np.array([r["provider"] for r in regions]), "region_name": np.array([r["region"] for r in regions]),
        "region_country": np.array([r["country_iso2"] for r in regions]),
        "region_in_eu": np.array([r["eu_member"] == "yes" for r in regions]),
        "region_open": np.array([r["owner_can_use"].startswith("yes") for r in regions]),
        **{k: np.array(v) for k, v in type_columns.items()},
        **{k: np.array(v, dtype=np.float64) for k, v in type_numbers.items()},
    }  # fmt: skip
    save(path, arrays)
    unknown_chip = sorted({c for c in type_columns["type_chip"] if c not in ("", "unresolved") and c not in chips})
    return {
        "prices read": len(prices), "prices kept": len(kept), "prices without a positive amount or region (dropped)": len(prices) - len(kept),
        "machine types": len(types), "types without a known CPU family": sum(f is None for f in family),
        "accelerator names without a chip (machines never advised)": no_chip, "chip ids not in chips.csv": unknown_chip,
    }  # fmt: skip


def _nearest_memory(name: str, memory: str, aliases: dict[tuple[str, str], str]) -> str:
    """A shared name (A100: 40 or 80 GB) without an exact memory: the smaller chip, so that we never promise too much."""
    sizes = sorted((float(m), c) for (n, m), c in aliases.items() if n == name and m)
    if not sizes:
        return ""
    if memory:
        return min(sizes, key=lambda s: abs(s[0] - float(memory)))[1]
    return sizes[0][1]


def _codes(values: Sequence[str], vocabulary: Sequence[str]) -> np.ndarray:
    row = {v: i for i, v in enumerate(vocabulary)}
    return np.array([row[v] for v in values], dtype=np.uint8 if len(vocabulary) < 256 else np.uint16)


def save(path: Path, arrays: dict[str, np.ndarray]) -> None:
    """An npz whose bytes depend on the arrays alone (no clock in the archive)."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, array in arrays.items():
            buffer = io.BytesIO()
            np.lib.format.write_array(buffer, array, allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy", (1980, 1, 1, 0, 0, 0)), buffer.getvalue(), zipfile.ZIP_DEFLATED, 9)
