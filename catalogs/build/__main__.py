"""Rebuilds the catalog: python -m catalogs.build [FOLDER]."""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from advisor.catalog.packed import npz_bytes
from catalogs.build import hardware, latencies, offers, operators, prices, speeds, unresolved
from catalogs.build.tables import number, rows, source_text, write

if TYPE_CHECKING:
    from collections.abc import Callable

VERSION = "2026.11.24"
DATE = "2026-11-24"
SCHEMA = 1

# Tables that are kept as they are: name in the catalog and source.
PLAIN = {
    "aliases": "chip_aliases",
    "carbon": "carbon",
    "checks": "local_checks",
    "chip_id_map": "chip_id_map",
    "cold_start": "cold_start",
    "cpu_families": "cloud_cpu_families",
    "defaults": "defaults",
    "egress": "egress",
    "electricity": "electricity",
    "failure": "failure",
    "fx": "fx",
    "governance": "governance_map",
    "hosted_services": "hosted_services",
    "hosted_text": "hosted_classes",
    "labour": "labour",
    "mobile": "mobile",
    "models": "models_public",
    "network": "network",
    "noise_floor": "noise_floor",
    "outage": "outage",
    "owned_classes": "owned_classes",
    "preprocessing": "preproc",
    "price_drift": "price_drift",
    "regions": "regions",
    "runtimes": "runtimes",
    "sample_workloads": "sample_workloads",
    "serverless": "serverless",
    "sources": "sources",
    "upkeep": "upkeep",
    "vat": "vat",
    "volumes": "volumes",
}
# What was handed over and is no table of the catalog, with the reason.
LEFT_ASIDE = {
    "accelerators.json": "its spellings are in aliases.csv, its memory sizes in offers.npz",
    "aihub_llm, aihub_public, ncnn_public, published_public, timm_public": "rows of latencies.npz",
    "anchors": "what other people's predictors reach: for the documents, not for the calculation",
    "contradictions": "ranges in chip_ranges.csv, less the sources that are known to be wrong (distrusted.csv)",
    "crosscheck": "the figures on which sources agree within 3 %; the others are in chip_ranges.csv",
    "hosted_crosscheck": "15 prices at two dates: a change in time, not a contradiction; cross_check in hosted_text.csv tells of it",
    "host_links, model_sizes, on_chip_memory, text_models": "facts kept by hand that the learned speeds rest on (and a column of chips.csv)",
    "instance_types, prices": "columns of offers.npz",
    "model_work": "what the operators of public models have to do: counted by catalogs/build/networks, used by every forecast",
    "own_timings": "models timed by us with our own runtime: what each class of operator costs on processors, in speed_classes.csv",
    "ncnn_models": "its sizes stand in each row of latencies.npz",
    "network_city_region": "a mean for each country in round_trips.npz",
}  # fmt: skip


def main(folder: Path) -> None:
    """Builds every table into `folder`, then catalog.json and REPORT.md."""
    folder.mkdir(parents=True, exist_ok=True)
    files: dict[str, int] = {}
    report: dict[str, Any] = {}
    for part, build in PARTS.items():
        report[part], made = build(folder)
        files |= made
    seal(folder, files)
    (folder / "REPORT.md").write_text(_report(report, files), encoding="utf-8", newline="\n")


def seal(folder: Path, files: dict[str, int]) -> None:
    """Writes catalog.json: version, day, and the fingerprint and rows of each file."""
    index = {
        "schema": SCHEMA, "version": VERSION, "date": DATE,
        "files": {name: {"sha256": _sha(folder / name), "rows": count} for name, count in sorted(files.items())},
    }  # fmt: skip
    (folder / "catalog.json").write_text(json.dumps(index, indent=1) + "\n", encoding="utf-8", newline="\n")


def _plain(folder: Path) -> tuple[dict[str, object], dict[str, int]]:
    made, read = {}, 0
    for name, source in PLAIN.items():
        table = rows(source)
        read += len(table)
        # The same row written twice says nothing twice.
        table = list({tuple(r.values()): r for r in table}.values())
        write(folder / f"{name}.csv", list(table[0]), table)
        made[f"{name}.csv"] = len(table)
    kept = sum(made.values())
    return {"tables": len(made), "rows read": read, "rows kept": kept, "rows that stood twice (dropped)": read - kept}, made


def _speeds(folder: Path) -> tuple[dict[str, object], dict[str, int]]:
    facts, count = speeds.build(folder / "chip_speeds.csv")
    return facts, {"chip_speeds.csv": count, "speed_classes.csv": int(str(facts["kinds of numbers"]))}


def _network(folder: Path) -> tuple[dict[str, object], dict[str, int]]:
    """The distance model by pair of zones, and the round trips that it gives from each country."""
    model = json.loads(source_text("network_model.json"))
    table = [
        {"zones": zones, "intercept_ms": f"{a:.6g}", "ms_per_km": f"{b:.6g}", **_spread(model["Q"].get(zones))}
        for zones, (a, b) in sorted(model["M"].items())
    ]
    write(folder / "network_model.csv", ["zones", "intercept_ms", "ms_per_km", "ratio_p10", "ratio_p50", "ratio_p90", "pairs"], table)
    trips = _round_trips(folder / "round_trips.npz")
    facts = {
        "pairs of zones in the model": len(table),
        "round trips country to region": trips,
        "towns read": len(rows("network_city_region")),
    }
    return facts, {"network_model.csv": len(table), "round_trips.npz": trips}


def _spread(q: list[float] | None) -> dict[str, str]:
    names = ("ratio_p10", "ratio_p50", "ratio_p90", "pairs")
    return dict.fromkeys(names, "") if q is None else {n: f"{v:.6g}" for n, v in zip(names, q, strict=True)}


def _one(name: str, build: Callable[[Path], tuple[dict[str, object], int]]) -> Callable[[Path], tuple[dict[str, object], dict[str, int]]]:
    def run(folder: Path) -> tuple[dict[str, object], dict[str, int]]:
        facts, count = build(folder / name)
        return facts, {name: count}

    return run


def _cost_parts(path: Path) -> tuple[dict[str, object], int]:
    """The parts of a bill, each with the defaults that carry its range; a part without any is asked, looked up or left out."""
    defaults = {r["id"]: r["defaults"] for r in rows("cost_part_defaults")}
    table = [{**r, "defaults": defaults.pop(r["id"], "")} for r in rows("tco_components")]
    write(path, list(table[0]), table)
    return {"parts": len(table), "with defaults of their own": sum(bool(r["defaults"]) for r in table)}, len(table)


PARTS: dict[str, Callable[[Path], tuple[dict[str, object], dict[str, int]]]] = {
    "offers": _one("offers.npz", offers.build),
    "hosted prices": _one("hosted_prices.npz", prices.build),
    "published latencies": _one("latencies.npz", latencies.build),
    "hardware": hardware.build,
    "operators": operators.build,
    "unresolved names": _one("unresolved.csv", unresolved.build),
    "network": _network,
    "plain tables": _plain,
    "parts of a bill": _one("cost_parts.csv", _cost_parts),
    "speeds": _speeds,
}


def _round_trips(path: Path) -> int:
    """Round trips between a country (mean over its cities) and a provider's region, in milliseconds."""
    seen: dict[tuple[str, str, str], list[tuple[float, float, float]]] = {}
    for r in rows("network_city_region"):
        key = (r["country"], r["provider"], r["region"])
        seen.setdefault(key, []).append((number(r["value"]), number(r["low"]), number(r["high"])))
    keys = sorted(seen)
    values = np.array([[np.mean([v[0] for v in seen[k]]), min(v[1] for v in seen[k]), max(v[2] for v in seen[k])] for k in keys])
    arrays = {
        "country": np.array([k[0] for k in keys]), "provider": np.array([k[1] for k in keys]),
        "region": np.array([k[2] for k in keys]), "ms": np.round(values, 1).astype(np.float32),
    }  # fmt: skip
    path.write_bytes(npz_bytes(arrays))
    return len(keys)


def _sha(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _report(report: dict[str, Any], files: dict[str, int]) -> str:
    lines = ["# What was built, what was dropped and why", "", f"Written by `make catalogs`: {len(files)} tables.", ""]
    for part, facts in report.items():
        lines += [f"## {part[0].upper()}{part[1:]}", ""]
        lines += [f"- {key}: {value}" for key, value in facts.items()]
        lines.append("")
    lines += ["## Handed over, and no table of the catalog", ""]
    lines += [f"- {name}: {why}" for name, why in LEFT_ASIDE.items()]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent.parent)
