"""Writes catalogs/sources/model_work.csv.xz: python -m catalogs.build.networks [timm|aihub|ncnn ...]."""

from __future__ import annotations

import csv
import importlib
import io
import lzma
import pkgutil
import sys
import warnings
from typing import TYPE_CHECKING

import torch

from advisor.operator_classes import COLUMNS, WINOGRAD
from catalogs.build.networks import accelerator_zoo, image_models
from catalogs.build.networks.accelerator_zoo.approximations import APPROXIMATE
from catalogs.build.networks.benchncnn.benchncnn_models import benchncnn_models
from catalogs.build.networks.counting import counted
from catalogs.build.tables import SOURCES, rows

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterator

    from catalogs.build.networks.counting import Operator

HEADER = ("table", "model", "component", "input_shape", "params_millions", *COLUMNS, WINOGRAD, "note")
TABLE = SOURCES / "model_work.csv.xz"


def totals(operators: Counter[Operator]) -> dict[str, float]:
    """Millions of MACs and of numbers moved by class, operators, weights."""
    out = dict.fromkeys((*COLUMNS, WINOGRAD), 0.0)
    for (kind, macs, read, written, weights, narrow, short), times in operators.items():
        column = f"macs_{kind}_narrow" if narrow else f"macs_{kind}"
        if column in out:
            out[column] += macs * times / 1e6
        out[f"moved_{kind}"] += (read + written) * times / 1e6
        out[WINOGRAD] += macs * times / 1e6 if short else 0.0
        out["operators"] += times
        out["once"] += weights * times / 1e6
    return out


def per_input(one: dict[str, float], two: dict[str, float]) -> dict[str, float]:
    """What grows with the batch, by column; what does not is done `once`."""
    out = {c: max(two[c] - one[c], 0.0) for c in (*COLUMNS, WINOGRAD)}
    out["once"] = one["once"] + sum(max(one[c] - out[c], 0.0) for c in COLUMNS if c.startswith("moved_"))
    out["operators"] = one["operators"]
    return out


def line(table: str, model: str, component: str, shape: str, network: torch.nn.Module, work: dict[str, float], note: str = "") -> list[str]:
    """A row of the table; `note` says where it rests on a judgement."""
    size = sum(p.numel() for p in network.parameters()) / 1e6
    return [table, model, component, shape, f"{size:.5g}", *(f"{work[c]:.4g}" for c in (*COLUMNS, WINOGRAD)), note]


def image_lines() -> Iterator[list[str]]:
    """Rows of the timm library."""
    for model, shape in image_models.jobs({(r["model"], r["input_shape"]) for r in rows("timm_public")}):
        try:
            for network, one, two in image_models.built(model, shape):
                yield line("timm", model, "", shape, network, per_input(totals(counted(network, one)), totals(counted(network, two))))
        except RuntimeError as why:
            sys.stdout.write(f"left out: {model} {shape}: {str(why)[:80]}\n")


def accelerator_lines() -> Iterator[list[str]]:
    """Rows of the zoo of small accelerators."""
    listed = {(r["model"], r["component"]): r["input_shape"] for r in rows("aihub_public")}
    for module in pkgutil.iter_modules(accelerator_zoo.__path__):
        catalogue = getattr(importlib.import_module(f"{accelerator_zoo.__name__}.{module.name}"), "catalogue", None)
        for (model, component), build in (catalogue() if catalogue else {}).items():
            with torch.device("meta"):
                network, inputs = build()
            shape = listed.get((model, component)) or "x".join(map(str, inputs[0].shape))
            yield line("aihub", model, component, shape, network, totals(counted(network.eval(), *inputs)), APPROXIMATE.get((model, component), ""))


def benchmark_lines() -> Iterator[list[str]]:
    """Rows of the ncnn benchmark."""
    shapes = {r["model"]: r["input_shape"] for r in rows("ncnn_models")}
    for model, build in benchncnn_models(shapes).items():
        network, inputs = build()
        yield line("ncnn", model, "", shapes[model], network, totals(counted(network, *inputs)))


LINES = {"timm": image_lines, "aihub": accelerator_lines, "ncnn": benchmark_lines}


def main(chosen: list[str]) -> None:
    """Counts the chosen tables (all without arguments) and keeps the rows of the others."""
    warnings.filterwarnings("ignore")
    kept = [[r.get(c, "") for c in HEADER] for r in rows("model_work")] if chosen and TABLE.exists() else []
    every = [r for r in kept if r[0] not in chosen]
    for name in chosen or LINES:
        every += LINES[name]()
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADER)
    writer.writerows(sorted(every, key=lambda r: (*r[:4], float(r[4]))))
    TABLE.write_bytes(lzma.compress(text.getvalue().encode(), preset=9 | lzma.PRESET_EXTREME))
    sys.stdout.write(f"{len(every)} models counted.\n")


if __name__ == "__main__":
    main(sys.argv[1:])
