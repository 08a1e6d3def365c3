"""The table of rented machines: every priced offer as coded columns, and the kinds of machine they are."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from advisor.catalog.packed import npz_bytes
from catalogs.build.tables import number, rows

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from catalogs.build.tables import Row

_AZURE = re.compile(r"^Standard_([A-Z]+)\d+(?:-\d+)?([a-z]*)(?:_[A-Z0-9]+)?(?:_(v\d+))?$")
_WEAKEST = ("unknown", "neon", "sve+i8mm", "avx2", "avx512", "avx512+vnni", "amx")
# The family table names one seller differently.
_FAMILY_SELLER = {"hetzner": "hcloud"}
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


def seller_of_family(provider: str) -> str:
    """The seller's name in the family table."""
    return _FAMILY_SELLER.get(provider, provider)


def family_name(t: Row) -> tuple[str, str]:
    """Provider and family of a machine type, as the family table is keyed."""
    return seller_of_family(t["provider"]), family_of(t["provider"], t["instance_type"]).lower()


@dataclass(frozen=True, slots=True)
class Names:
    """What the names of rented machines stand for: accelerators by (name, memory hint), processors by (seller, family)."""

    accelerators: dict[tuple[str, str], str]
    families: dict[tuple[str, str], Row]

    def family(self, t: Row) -> Row | None:
        """The processor of a machine type, `None` if its family is unknown."""
        return self.families.get(family_name(t))

    def chip_of(self, t: Row) -> str:
        """The chip of a machine type's accelerator; '' where there is none or none of ours."""
        name, memory = t["accelerator"], t["accelerator_memory_gib"]
        if not name:
            return ""
        hint = str(int(float(memory))) if memory else ""
        known = self.accelerators
        return known.get((name, hint)) or known.get((name, "")) or _nearest_memory(name, memory, known)


def names() -> Names:
    """Read from the sources.

    An accelerator's hint is '' where a name stands for one size only. Of several processors that a family may be served
    by, the weakest counts, so that we never promise too much.
    """
    weakest: dict[tuple[str, str], Row] = {}
    for f in rows("cloud_cpu_families"):
        key = (f["provider"], f["family"].lower())
        if key not in weakest or _strength(f) < _strength(weakest[key]):
            weakest[key] = f
    aliases = {(a["alias"], a["memory_gb_hint"]): a["chip_id"] for a in rows("chip_aliases") if a["alias_type"] == "accelerator"}
    return Names(aliases, weakest)


def _strength(f: Row) -> tuple[int, float]:
    ghz = number(f["cpu_speed_ghz"])
    return _WEAKEST.index(f["isa_exposed"]), ghz if ghz > 0 else 0.0


def build(path: Path) -> tuple[dict[str, object], int]:
    """Writes offers.npz; returns facts for the report and the number of offers."""
    known, types, prices, regions = names(), rows("instance_types"), rows("prices"), rows("regions")
    sources = [s["source_id"] for s in rows("sources")]
    type_row = {(t["provider"], t["instance_type"]): i for i, t in enumerate(types)}
    region_row = {(r["provider"], r["region"]): i for i, r in enumerate(regions)}
    kept = [p for p in prices if number(p["usd_per_hour_on_demand"]) > 0 and (p["provider"], p["region"]) in region_row]
    unknown = {(t["provider"], t["instance_type"]) for t in types if t["accelerator"] and not known.chip_of(t)}
    judged = [_judged(p, (p["provider"], p["instance_type"]) in unknown) for p in kept]
    lists = {
        "reason": [why for _, why in judged], "flags": [p["flags"] for p in kept], "date": [p["as_of"] for p in kept],
        "spot_use": [p["spot_usable"] for p in kept],
    }  # fmt: skip
    words = {name: sorted(set(column)) for name, column in lists.items()}
    arrays: dict[str, np.ndarray] = {
        "type_row": np.array([type_row[p["provider"], p["instance_type"]] for p in kept], dtype=np.uint16),
        "region_row": np.array([region_row[p["provider"], p["region"]] for p in kept], dtype=np.uint8),
        "usd_per_hour": np.array([number(p["usd_per_hour_on_demand"]) for p in kept]),
        "usd_per_hour_spot": np.array([number(p["usd_per_hour_spot"]) for p in kept], dtype=np.float32),
        "usable": np.array([_USABLE[u] for u, _ in judged], dtype=np.uint8),
        **{f"{name}_code": _codes(column, words[name]) for name, column in lists.items()},
        "source_code": _codes([p["source_id"] for p in kept], sources),
        "reasons": np.array(words["reason"]), "flags": np.array(words["flags"]), "dates": np.array(words["date"]),
        "spot_uses": np.array(words["spot_use"]), "sources": np.array(sources), **_region_columns(regions), **_type_columns(types, known),
    }  # fmt: skip
    save(path, arrays)
    spot = np.isfinite(arrays["usd_per_hour_spot"])
    return {
        "prices read": len(prices), "prices kept": len(kept), "prices without a positive amount or region (dropped)": len(prices) - len(kept),
        **{f"usable {word}": int(np.sum(arrays["usable"] == code)) for word, code in _USABLE.items()},
        "usable no because the accelerator is none of ours (see unresolved)": sum(j != (p["usable"], p["usable_reason"]) for j, p in zip(judged, kept, strict=True)),
        "with a spot price (shown beside, never the headline)": int(np.sum(spot)),
        "of these, spot not usable": int(sum(p["spot_usable"] == "no" for p, s in zip(kept, spot, strict=True) if s)),
        "machine types": len(types), "types without a known CPU family": sum(known.family(t) is None for t in types),
        "families served by several processors (the weakest counts)": sum(n > 1 for n in Counter((f["provider"], f["family"].lower()) for f in rows("cloud_cpu_families")).values()),
    }, len(kept)  # fmt: skip


def _judged(p: Row, unknown_chip: bool) -> tuple[str, str]:
    """Whether an offer may be advised, and why not: a machine with an accelerator that we do not know never is."""
    if not unknown_chip:
        return p["usable"], p["usable_reason"]
    return "no", ";".join(filter(None, (p["usable_reason"], "accelerator_unknown")))


def _region_columns(regions: list[Row]) -> dict[str, np.ndarray]:
    return {
        "region_provider": np.array([r["provider"] for r in regions]), "region_name": np.array([r["region"] for r in regions]),
        "region_country": np.array([r["country_iso2"] for r in regions]),
        "region_in_eu": np.array([r["eu_member"] == "yes" for r in regions]),
        "region_in_eea": np.array([r["eea_member"] == "yes" for r in regions]),
        "region_open": np.array([r["owner_can_use"].startswith("yes") for r in regions]),
        "region_special": np.array([r["special_region"] for r in regions]),
        "region_access": np.array([r["owner_can_use"] for r in regions]),
    }  # fmt: skip


def _type_columns(types: list[Row], known: Names) -> dict[str, np.ndarray]:
    family = [known.family(t) or {} for t in types]
    words = {
        "type_provider": [t["provider"] for t in types],
        "type_name": [t["instance_type"] for t in types],
        "type_arch": [t["arch"] for t in types],
        "type_chip": [known.chip_of(t) or ("unresolved" if t["accelerator"] else "") for t in types],
        "type_status": [t["type_status"] for t in types],
        "type_cpu_chip": [f.get("chip_id", "") for f in family],
        "type_isa": [f.get("isa_exposed", "unknown") for f in family],
    }
    numbers = {
        "type_vcpus": [number(t["vcpus"]) for t in types],
        "type_memory_gib": [number(t["memory_gib"]) for t in types],
        "type_chips": [number(t["accelerator_count"]) for t in types],
        "type_chip_gib": [number(t["usable_gib_total"]) if t["usable_gib_total"] else number(t["accelerator_memory_gib"]) for t in types],
        "type_ghz": [number(f.get("cpu_speed_ghz", "")) for f in family],
        "type_vcpus_per_core": [number(f.get("vcpus_per_core", "")) for f in family],
    }
    notes = sorted({t["type_note"] for t in types})
    return {
        "type_note_code": _codes([t["type_note"] for t in types], notes),
        "notes": np.array(notes),
        **{k: np.array(v) for k, v in words.items()},
        **{k: np.array(v, dtype=np.float64) for k, v in numbers.items()},
    }


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
    """Writes a table of offers; its bytes depend on the arrays alone."""
    path.write_bytes(npz_bytes(arrays))
