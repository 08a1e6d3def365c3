"""Rebuilds the catalog: python -m catalogs.build [FOLDER]."""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

from catalogs.build import offers, speeds
from catalogs.build.tables import number, rows, write

VERSION = "2026.11.23"
DATE = "2026-11-23"
SCHEMA = 1

# Tables that are kept as they are: name in the catalog, source, columns ('*' = all).
PLAIN = {
    "chips": ("chips", (
        "chip_id", "name", "vendor", "kind", "class", "fp32_tflops", "fp16_tflops", "bf16_tflops", "int8_tops", "memory_gb",
        "memory_bandwidth_gbps", "tdp_w", "cores", "threads", "base_ghz", "simd", "fp32_flops_per_cycle_core", "supported_runtimes",
        "small_business_access", "perf_basis", "source", "as_of", "recommendable", "recommend_reason",
    )),
    "devices": ("devices", (
        "device_id", "name", "vendor", "form", "chip_ids", "memory_gb", "price_usd", "price_low_usd", "price_high_usd", "price_as_of",
        "price_basis", "idle_w", "typical_load_w", "max_w", "power_basis", "needs_host", "host_kind", "price_age", "notes", "source",
        "recommendable", "recommend_reason",
    )),
    "sources": ("sources", "*"),
    "hosted_services": ("hosted_services", "*"),
    "hosted_text": ("hosted_classes", "*"),
    "serverless": ("serverless", "*"),
    "electricity": ("electricity", "*"),
    "carbon": ("carbon", "*"),
    "fx": ("fx", "*"),
    "price_drift": ("price_drift", "*"),
    "labour": ("labour", "*"),
    "failure": ("failure", "*"),
    "outage": ("outage", "*"),
    "upkeep": ("upkeep", "*"),
    "mobile": ("mobile", "*"),
    "vat": ("vat", "*"),
    "volumes": ("volumes", "*"),
    "cost_parts": ("tco_components", "*"),
    "governance": ("governance_map", "*"),
    "checks": ("local_checks", "*"),
    "defaults": ("defaults", "*"),
    "owned_classes": ("owned_classes", "*"),
    "sample_workloads": ("sample_workloads", "*"),
}  # fmt: skip


def main(folder: Path) -> None:
    """Builds every table into `folder`, then catalog.json and REPORT.md."""
    folder.mkdir(parents=True, exist_ok=True)
    files: dict[str, int] = {}
    for name, (source, columns) in PLAIN.items():
        table = rows(source)
        write(folder / f"{name}.csv", list(table[0]) if columns == "*" else columns, table)
        files[f"{name}.csv"] = len(table)
    report: dict[str, Any] = {"offers": offers.build(folder / "offers.npz")}
    files["offers.npz"] = int(report["offers"]["prices kept"])
    files["round_trips.npz"] = _round_trips(folder / "round_trips.npz")
    report["speeds"], files["chip_speeds.csv"] = speeds.build(folder / "chip_speeds.csv")
    files["speed_classes.csv"] = int(report["speeds"]["kinds of numbers"])
    index = {
        "schema": SCHEMA, "version": VERSION, "date": DATE,
        "files": {name: {"sha256": _sha(folder / name), "rows": count} for name, count in sorted(files.items())},
    }  # fmt: skip
    (folder / "catalog.json").write_text(json.dumps(index, indent=1) + "\n", encoding="utf-8", newline="\n")
    (folder / "REPORT.md").write_text(_report(report), encoding="utf-8", newline="\n")


def _round_trips(path: Path) -> int:
    """Round trips between a country (mean over its cities) and a provider's region, in milliseconds."""
    seen: dict[tuple[str, str, str], list[tuple[float, float, float]]] = {}
    for r in rows("network_city_region"):
        key = (r["country"], r["provider"], r["region"])
        seen.setdefault(key, []).append((number(r["value"]), number(r["low"]), number(r["high"])))
    keys = sorted(seen)
    values = np.array([[np.mean([v[0] for v in seen[k]]), min(v[1] for v in seen[k]), max(v[2] for v in seen[k])] for k in keys])
    offers.save(
        path,
        {
            "country": np.array([k[0] for k in keys]), "provider": np.array([k[1] for k in keys]),
            "region": np.array([k[2] for k in keys]), "ms": np.round(values, 1).astype(np.float32),
        },
    )  # fmt: skip
    return len(keys)


def _sha(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _report(report: dict[str, Any]) -> str:
    lines = ["# What was built, what was dropped and why", "", "Written by `make catalogs`.", ""]
    for part, facts in report.items():
        lines += [f"## {part}", ""]
        lines += [f"- {key}: {value}" for key, value in facts.items()]
        lines.append("")
    return "\n".join(lines)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent.parent)
