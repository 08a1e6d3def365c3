"""Chips and devices: who may still be advised, and the ranges where sources do not agree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from advisor.catalog.operators import runtimes_of
from catalogs.build.offers import names, seller_of_family
from catalogs.build.operators import support
from catalogs.build.tables import number, rows, write

if TYPE_CHECKING:
    from pathlib import Path

    from catalogs.build.tables import Row

# How a device is connected to its host, by its form; what sits on a Raspberry Pi 5 talks over its PCIe connector
# (raspberrypi/documentation, AI HAT+). A whole computer needs no host.
LINKS = {"m.2 card": "M.2", "graphics card": "PCIe", "pcie card": "PCIe", "usb accelerator": "USB", "edge box": "board connector"}
NO_LINK = "none"
RANGE_COLUMNS = ("chip_id", "fact", "low", "used", "high", "values", "left_aside", "left_aside_because", "as_of")


def chips() -> list[Row]:
    """Every chip; one whose facts do not carry an advice any more is no longer recommendable, and says why."""
    ways, told = _ways(), {r["runtime"] for r in support()}
    return [_kept_or_not(_with_memory(c), _chip_lacks(c, ways, told)) for c in rows("chips")]


def _with_memory(c: Row) -> Row:
    """The chip with the memory that lies on it, where only a page of its maker told of it: a fact kept by hand."""
    found = next((r for r in rows("on_chip_memory") if r["chip_id"] == c["chip_id"]), None)
    if found is None or c["on_chip_memory_mb"]:
        return c
    return {**c, "on_chip_memory_mb": found["on_chip_memory_mb"], "source": f"{c['source']}; memory on the chip: {found['source']}"}


def devices() -> list[Row]:
    """Every device, likewise."""
    known = {c["chip_id"]: c for c in chips()}
    return [_linked(_kept_or_not(d, _device_lacks(d, known))) for d in rows("devices")]


def _linked(row: Row) -> Row:
    """A device that may be advised, with the link to its host; of the others it is not told."""
    return {**row, "host_link": _link(row) if row["recommendable"] == "yes" else ""}


def _link(d: Row) -> str:
    if d["needs_host"] != "True":
        return NO_LINK
    return "PCIe" if d["host_kind"] == "Raspberry Pi 5" else LINKS.get(d["form"], "")


def _kept_or_not(row: Row, lacks: list[str]) -> Row:
    if row["recommendable"] != "yes" or not lacks:
        return row
    return {**row, "recommendable": "no", "recommend_reason": "not known any more: " + ", ".join(lacks)}


def _ways() -> set[str]:
    """Chips that can be had: in a device with a price, or in a machine that is rented out and may be advised."""
    out = {c for d in rows("devices") if _price(d) > 0 for c in d["chip_ids"].split("|")}
    usable = {
        (p["provider"], p["instance_type"]) for p in rows("prices") if p["usable"] != "no" and number(p["usd_per_hour_on_demand"]) > 0
    }
    types = {(t["provider"], t["instance_type"]): t for t in rows("instance_types")}
    known = names()
    out |= {known.chip_of(types[key]) for key in usable}
    # Which of a family's processors one gets is not told; each of them can be had where the seller can.
    sellers = {seller_of_family(provider) for provider, _ in usable}
    out |= {f["chip_id"] for f in rows("cloud_cpu_families") if f["provider"] in sellers}
    hosts = [a for a in rows("chip_aliases") if a["alias_type"] == "instance_family_cpu"]
    return out | {a["chip_id"] for a in hosts if seller_of_family(a["publisher"]) in sellers}


def _price(device: Row) -> float:
    return number(device["price_usd"] or device["price_low_usd"])


def _chip_lacks(c: Row, ways: set[str], told: set[str]) -> list[str]:
    runtimes = runtimes_of(c["supported_runtimes"])
    lacks = [] if runtimes else ["a runtime"]
    if not told.issuperset(runtimes):
        lacks.append("what its runtimes can run")
    if c["kind"] == "gpu":
        lacks += [what for what, name in (("its memory", "memory_gb"), ("its memory speed", "memory_bandwidth_gbps")) if not c[name]]
    if c["chip_id"] not in ways:
        lacks.append("a price or a rent")
    return lacks


def _device_lacks(d: Row, known: dict[str, Row]) -> list[str]:
    lacks = [] if _price(d) > 0 else ["its price"]
    if not (d["typical_load_w"] or d["max_w"]):
        lacks.append("its power")
    if d["needs_host"] == "True" and not (d["host_kind"] and _link(d)):
        lacks.append("its host and the link to it")
    # A card in a slot works by its chip alone; of a whole computer one chip that runs the model is enough.
    if not any(known[c]["recommendable"] == "yes" for c in d["chip_ids"].split("|") if c in known):
        lacks.append("a chip that runs a model")
    return lacks


def ranges() -> list[Row]:
    """A range for each fact on which sources are more than 3 % apart; a source known to be wrong is left aside by name."""
    wrong = {(w["chip_id"], w["field"], w["said_by"]): w["reason"] for w in rows("distrusted")}
    day = {c["chip_id"]: c["as_of"] for c in rows("chips")}
    out = []
    for c in rows("contradictions"):
        said = [tuple(part.rsplit("=", 1)) for part in c["values"].split("; ")]
        aside = [(by, v) for by, v in said if (c["chip_id"], c["field"], by) in wrong]
        kept = [float(v) for by, v in said if (by, v) not in aside]
        used = float(c["used_in_chips_csv"])
        out.append(
            {
                "chip_id": c["chip_id"], "fact": c["field"], "low": f"{min(*kept, used):g}", "used": f"{used:g}",
                "high": f"{max(*kept, used):g}", "values": c["values"], "left_aside": "; ".join(by for by, _ in aside),
                "left_aside_because": "; ".join(wrong[c["chip_id"], c["field"], by] for by, _ in aside), "as_of": day[c["chip_id"]],
            }
        )  # fmt: skip
    return sorted(out, key=lambda r: (r["chip_id"], r["fact"]))


def build(folder: Path) -> tuple[dict[str, object], dict[str, int]]:
    """Writes chips.csv, devices.csv and chip_ranges.csv; returns facts for the report and rows by file."""
    tables: dict[str, tuple[list[str], list[Row]]] = {
        "chips.csv": (list(rows("chips")[0]), chips()),
        "devices.csv": ([*rows("devices")[0], "host_link"], devices()),
        "chip_ranges.csv": (list(RANGE_COLUMNS), ranges()),
    }
    for name, (columns, table) in tables.items():
        write(folder / name, columns, table)
    said = tables["chip_ranges.csv"][1]
    facts: dict[str, object] = {"chips": len(tables["chips.csv"][1]), "devices": len(tables["devices.csv"][1])}
    for name in ("chips", "devices"):
        before, after = rows(name), tables[f"{name}.csv"][1]
        lost = [b[next(iter(b))] for b, a in zip(before, after, strict=True) if b["recommendable"] != a["recommendable"]]
        facts[f"{name} that may be advised"] = sum(a["recommendable"] == "yes" for a in after)
        facts[f"{name} that the source recommends and we do not"] = lost or "none"
    facts["facts on which sources are more than 3 % apart (kept as a range)"] = len(said)
    facts["of these, with a source left aside that is known to be wrong"] = sum(bool(r["left_aside"]) for r in said)
    return facts, {name: len(table) for name, (_, table) in tables.items()}
