"""Published latencies and throughputs, one row a measurement: latencies.npz.

`use` says what a row may serve for. Only `direct` rows are a latency that may be shown for the same chip, runtime, precision
and batch; a `batch` row is the time of a whole batch, the others teach a forecast at most.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from advisor.catalog.packed import npz_bytes, packed
from catalogs.build.tables import rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from catalogs.build.tables import Row

NUMBERS = (
    "params_millions", "gmacs", "activations_millions", "batch", "threads", "device_count", "latency_ms", "latency_low_ms",
    "latency_high_ms", "throughput", "power_w", "weigh",
)  # fmt: skip
WORDS = (
    "file", "source", "source_commit", "source_ref", "as_of", "device", "chip_in_source", "chip_id", "device_kind", "device_variant",
    "host", "model", "model_id", "task", "input_shape", "precision", "precision_norm", "runtime", "scenario", "latency_kind",
    "throughput_unit", "power_kind", "use", "flags", "licence", "notes",
)  # fmt: skip
_APACHE, _BSD = "Apache-2.0", "BSD-3-Clause"
_UNIT_OF_NCNN = {"ncnn-cpu": "cpu", "ncnn-vulkan": "gpu"}


def build(path: Path) -> tuple[dict[str, object], int]:
    """Writes the table; returns facts for the report and the number of rows."""
    chips = {(m["file"], m["chip_id_in_file"], m["device_kind"]): m["chip_id_catalog"] for m in rows("chip_id_map")}
    readers: dict[str, tuple[str, Callable[[Row], Row]]] = {
        "published": ("published_public", _published), "timm": ("timm_public", _timm), "aihub": ("aihub_public", _aihub),
        "aihub_llm": ("aihub_llm", _aihub_text), "ncnn": ("ncnn_public", _ncnn),
    }  # fmt: skip
    table: list[Row] = []
    for name, (source, read) in readers.items():
        for r in rows(source):
            row = {"file": name, **read(r)}
            told = r.get("chip_id_catalog")
            row["chip_id"] = chips.get((source, row["chip_in_source"], row["device_kind"]), "") if told is None else told
            table.append(row)
    dropped = sum(not _measured(r) for r in table)
    kept = [r for r in table if _measured(r)]
    columns = {
        **{n: np.array([_number(r.get(n, "")) for r in kept], dtype=np.float32) for n in NUMBERS},
        **{n: [r.get(n, "") for r in kept] for n in WORDS},
    }
    path.write_bytes(npz_bytes(packed(columns)))
    return {
        "rows read": len(table), "rows kept": len(kept),
        "rows without a latency or a throughput above zero (dropped)": dropped,
        **{f"from {n}": sum(r["file"] == n for r in kept) for n in readers},
        "of chips that chips.csv lacks (teach a forecast, never advised)": sum(not r["chip_id"] for r in kept),
        **{f"use: {use}": sum(r["use"] == use for r in kept) for use in sorted({r["use"] for r in kept})},
    }, len(kept)  # fmt: skip


def _measured(r: Row) -> bool:
    return any(_number(r.get(n, "")) > 0 for n in ("latency_ms", "throughput", "latency_low_ms"))


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")


def _flags(*parts: str) -> str:
    return "; ".join(p for p in parts if p)


def _copy(r: Row, names: Iterable[str]) -> Row:
    return {n: r[n] for n in names}


def _published(r: Row) -> Row:
    multi = r["threads"] if r["threads"] and not r["threads"].isdigit() else ""
    return {
        **_copy(r, (
            "source", "source_ref", "as_of", "device", "device_kind", "device_variant", "device_count", "host", "model", "model_id", "task",
            "params_millions", "gmacs", "input_shape", "precision", "precision_norm", "runtime", "scenario", "batch", "threads",
            "latency_ms", "latency_kind", "throughput", "throughput_unit", "power_w", "power_kind", "licence", "weigh",
        )),
        "source_commit": r["source_commit_or_date"], "chip_in_source": r["chip_id"], "use": r["row_use"],
        "flags": _flags(r["quality_flag"], f"threads: {multi}" if multi else ""), "notes": r["notes"],
    }  # fmt: skip


def _plain(r: Row, kind: str) -> Row:
    """What the files of one publisher have in common."""
    return {
        **_copy(r, ("source", "device", "model", "task", "params_millions", "input_shape", "precision", "runtime", "batch", "throughput",
                    "throughput_unit")),
        "source_commit": r["commit"], "as_of": r["date"], "chip_in_source": r["chip_id"], "device_kind": kind, "device_count": "1",
        "weigh": "1",
    }  # fmt: skip


def _timm(r: Row) -> Row:
    single = r["quote_as_latency"] == "yes"
    return {
        **_plain(r, "gpu" if r["chip_id"].startswith("nvidia") else "cpu"), **_copy(r, ("gmacs", "activations_millions", "latency_ms")),
        "scenario": "single-stream" if single else "batch", "latency_kind": "mean" if single else "time of one batch",
        "use": "direct" if single else "batch: never a single latency", "licence": _APACHE,
        "flags": "" if r["gmacs_basis"] == "as published" else r["gmacs_basis"],
    }  # fmt: skip


def _aihub(r: Row) -> Row:
    return {
        **_plain(r, r["compute_unit"].lower()), **_copy(r, ("gmacs", "activations_millions", "latency_ms")), "model_id": r["component"],
        "scenario": "single-stream", "latency_kind": "as published", "use": "direct", "licence": _BSD,
        "notes": f"layers on npu {r['layers_npu']}, gpu {r['layers_gpu']}, cpu {r['layers_cpu']}",
    }  # fmt: skip


def _aihub_text(r: Row) -> Row:
    return {
        **_plain(r, "npu"), "model_id": r["component"], "latency_low_ms": r["ttft_ms_min"], "latency_high_ms": r["ttft_ms_max"],
        "scenario": "text", "latency_kind": "first token, shortest to longest prompt", "use": "direct", "licence": _BSD,
        "notes": f"context {r['context_length']} tokens",
    }  # fmt: skip


def _ncnn(r: Row) -> Row:
    suspect, repeat = r["quality_flag"].startswith("suspect"), r["quality_flag"].startswith("repeat")
    return {
        **_plain(r, _UNIT_OF_NCNN[r["runtime"]]), **_copy(r, ("gmacs", "activations_millions", "latency_ms", "threads")),
        "latency_low_ms": r["latency_ms_min"], "latency_high_ms": r["latency_ms_max"], "scenario": "single-stream",
        "latency_kind": "mean", "use": "check-only" if suspect else "direct", "weigh": "0" if repeat else "1",
        "flags": r["quality_flag"], "licence": _BSD, "notes": r["config_id"],
    }  # fmt: skip
