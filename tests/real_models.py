"""Real models of other people, fetched from their packages by the script that lies beside the project, with inputs of natural size."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from advisor.benchmark.inputs import Input

ROOT: Final = Path(__file__).resolve().parents[1]
SOURCE: Final = ROOT.parent / "shared" / "models"
KEPT: Final = ROOT / "out" / "models"


@dataclass(frozen=True)
class RealModel:
    """One model file: its natural sizes by input (empty where the file fixes them), and what is known to come of it."""

    name: str
    path: Path
    shapes: dict[str, tuple[int, ...]]
    expected: str
    inputs: str


def real_models(folder: Path = KEPT) -> tuple[RealModel, ...]:
    """The models, fetched on first use; none where the script is not here or nothing can be fetched."""
    if not (SOURCE / "fetch.py").exists():
        return ()
    if not any(folder.glob("*.onnx")):
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run([sys.executable, str(SOURCE / "fetch.py"), str(folder)], check=False, capture_output=True)
    with (SOURCE / "models.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    found = []
    for r in rows:
        path = folder / f"{r['name']}.onnx"
        if path.exists():
            shapes = {k: tuple(v) for k, v in json.loads(r["natural_shapes"] or "{}").items()}
            found.append(RealModel(r["name"], path, shapes, r["expected"], r["inputs"]))
    return tuple(found)


def natural_input(model: RealModel, target: Path) -> tuple[Input, ...]:
    """Writes values of the natural size into `target` (.npz) and gives the inputs they are for.

    Raises:
        AdvisorError: a size is free and not known, or the values cannot be made up.
    """
    import numpy as np

    from advisor.benchmark import graph
    from advisor.benchmark.inputs import plan
    from advisor.benchmark.looking import ports_of
    from advisor.benchmark.made_up import made_up

    read = graph.read(model.path, 2**40)
    ports = ports_of(read)
    inputs = plan(model.path.name, read, ports, {}, model.shapes or None)
    # Words as numpy's own text, which needs no pickle.
    np.savez(target, **{k: v.astype(str) if v.dtype.kind == "O" else v for k, v in made_up(inputs, 1).items()})
    return inputs
