"""Times published architectures with our own runtime: python -m catalogs.build.networks.own_timings [SECONDS].

Published times of processors come from other runtimes, whose costs of one kind of operator beside another are not ours: costs
learned from PyTorch's compiler miss onnxruntime's times by 13 to 36 % (middle), four totals by 9 %. So one or two models of each
family of the timm library are exported with random weights and timed here, on one thread, by processor time (others on the
machine then count little). Writes catalogs/sources/own_timings.csv.xz.
"""

from __future__ import annotations

import csv
import io
import lzma
import random
import re
import sys
import tempfile
import time
import warnings
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import onnx
import onnxruntime
import torch

from advisor.benchmark.machine import describe
from advisor.benchmark.operator_work import graph_work
from advisor.benchmark.sizes import shapes_in
from advisor.operator_classes import COLUMNS
from catalogs.build.tables import SOURCES, rows

if TYPE_CHECKING:
    from collections.abc import Mapping

HEADER: Final = ("model", "input_shape", "chip", "threads", "runtime", "date", "latency_ms", "gmacs", "activations_millions", *COLUMNS)
TABLE: Final = SOURCES / "own_timings.csv.xz"
SEED: Final = 5
# GMACs and millions of parameters of the models that are tried: what an owner's computer answers within a second.
_GMACS: Final = (0.05, 6.0)
_MOST_PARAMS: Final = 95.0
_MANY: Final = 4
# Of all calls, the share that is quicker than the time we keep: disturbed calls lie above.
_QUIET: Final = 0.2


def chosen() -> list[Mapping[str, str]]:
    """One model of each family of the timm library, two of a large family."""
    families: dict[str, list[tuple[float, Mapping[str, str]]]] = {}
    for r in rows("model_work"):
        gmacs = sum(float(r[c]) for c in COLUMNS if c.startswith("macs_") and c != "macs_pool") / 1000
        if r["table"] == "timm" and _GMACS[0] < gmacs < _GMACS[1] and float(r["params_millions"]) < _MOST_PARAMS:
            family = re.match("[a-z]+", r["model"])
            families.setdefault(family[0] if family else r["model"], []).append((gmacs, r))
    draw = random.Random(SEED)
    out = []
    for _, found in sorted(families.items()):
        ordered = [r for _, r in sorted(found, key=lambda f: f[0])]
        out += draw.sample(ordered, 1 if len(ordered) < _MANY else 2)
    return out


def exported(model: str, shape: str, path: Path) -> None:
    """The model as an ONNX file for one input."""
    import timm

    size = [int(x) for x in re.findall(r"\d+", shape)]
    try:
        network = timm.create_model(model, pretrained=False, exportable=True, img_size=size[-1]).eval()
    except TypeError:
        network = timm.create_model(model, pretrained=False, exportable=True).eval()
    torch.onnx.export(network, (torch.randn(1, *size),), str(path), opset_version=17, dynamo=False, input_names=["x"], output_names=["y"])


def timed(path: Path, seconds: float) -> float:
    """Processor time of one call on one thread [s]."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    port = session.get_inputs()[0]
    feed = {port.name: np.random.default_rng(0).random(port.shape, dtype=np.float32)}
    for _ in range(2):
        session.run(None, feed)
    taken: list[float] = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or len(taken) < 5:
        start = time.process_time()
        session.run(None, feed)
        taken.append(time.process_time() - start)
    return float(np.quantile(taken, _QUIET))


def line(model: str, shape: str, path: Path, seconds: float) -> list[str] | None:
    """A row of the table; `None` where the file's work cannot be counted."""
    file = onnx.load(path)
    port = file.graph.input[0]
    sizes = shapes_in(file, {port.name: tuple(d.dim_value for d in port.type.tensor_type.shape.dim)})
    work = graph_work(file.graph, sizes.get)
    if work is None:
        return None
    day, runtime = datetime.now(UTC).date().isoformat(), f"onnxruntime {onnxruntime.__version__}"
    facts = (work.gmacs, work.activations_millions, *(work.classes[c] for c in COLUMNS))
    return [model, shape, describe().cpu, "1", runtime, day, f"{timed(path, seconds) * 1000:.4g}", *(f"{x:.4g}" for x in facts)]


def main(arguments: list[str]) -> None:
    """Writes the table."""
    seconds = float(arguments[0]) if arguments else 1.5
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    out = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.onnx"
        for r in chosen():
            try:
                exported(r["model"], r["input_shape"], path)
                found = line(r["model"], r["input_shape"], path, seconds)
            except (RuntimeError, ValueError, onnxruntime.capi.onnxruntime_pybind11_state.Fail) as why:
                sys.stdout.write(f"left out: {r['model']} {r['input_shape']}: {str(why)[:80]}\n")
                continue
            if found is not None:
                out.append(found)
                sys.stdout.write(f"{found[0]} {found[1]}: {found[6]} ms\n")
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADER)
    writer.writerows(out)
    TABLE.write_bytes(lzma.compress(text.getvalue().encode(), preset=9))


if __name__ == "__main__":
    main(sys.argv[1:])
