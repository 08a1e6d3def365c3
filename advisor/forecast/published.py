"""Published times by machine and model, for forecasts in bulk: keys, facts, and what is withheld."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import numpy as np

from advisor.forecast.evidence import number
from advisor.forecast.work import Counted, form_of, kinds_of_work
from advisor.operator_classes import COLUMNS, MACS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from advisor.forecast.evidence import Row, Tables

    Floats = NDArray[np.float64]

_KEY: Final = ("source", "chip_id", "runtime", "precision", "batch", "model", "input_shape", "component", "config_id")
_FACTS: Final = ("gmacs", "activations_millions", "params_millions", "layers_total", "model_size_mb")
_TABLES: Final = ("timm_public", "aihub_public", "ncnn_public")
# Share of a network's layers that must have run on the unit itself.
ON_THE_UNIT: Final = 0.95


class Known:
    """Published times by machine and model: log seconds an item, and the models' facts."""

    def __init__(self, tables: Tables, withheld: Sequence[Row]) -> None:
        gone = {tuple(_text(r, k) for k in _KEY) for r in withheld}
        self.times: dict[str, dict[str, float]] = {}
        self.facts: dict[str, Floats] = {}
        self.kind: dict[str, str] = {}
        self.chip: dict[str, str] = {}
        self.counted = Counted(tables)
        self.work: dict[str, Floats | None] = {}
        self.form: dict[str, str] = {}
        self.batch: dict[tuple[str, str], float] = {}
        layers = {r["model"]: r["graph_layers"] for r in tables("ncnn_models")}
        repeats: dict[tuple[str, str], list[float]] = {}
        for name in _TABLES:
            rows = [r for r in tables(name) if tuple(_text(r, k) for k in _KEY) not in gone and _usable(name, r)]
            # The first of two runtimes of the same figure wins: they are read in the order the exam names them.
            rows.sort(key=lambda r: r["runtime"], reverse=True)
            for r in rows:
                row = {**r, "layers_total": layers.get(r["model"], "")} if name == "ncnn_public" else r
                machine, model = machine_of(row), model_of(row)
                at = (machine, model)
                if name == "aihub_public" and at in repeats:
                    continue
                repeats.setdefault(at, []).append(log_of(r))
                if model not in self.facts:
                    self.facts[model] = self.told(row)
                self.batch[at] = batch_of(r)
                if model not in self.work:
                    self.work[model], self.form[model] = self.work_of(row), form_of(r["precision"], r["model"])
                self.kind[machine], self.chip[machine] = kind_of(row), r["chip_id"]
        for (machine, model), values in repeats.items():
            self.times.setdefault(machine, {})[model] = float(np.median(values))

    def told(self, row: Row) -> Floats:
        """`facts_of` with what the counted work tells: GMACs and activations where the row does not, and shares."""
        facts, work = facts_of(row), self.work_of(row)
        if work is not None:
            facts[8:11] = kinds_of_work(work)
        if work is not None and np.isnan(facts[0]):
            facts[0] = np.log(work[: len(MACS)].sum() / 1000 + 1e-6)
            facts[1] = np.log(work[len(MACS) : len(COLUMNS) - 2].sum() / 2 + 1e-6)
            facts[6], facts[7] = facts[1] - facts[0], facts[2] - facts[0]
        return facts

    def work_of(self, row: Row) -> Floats | None:
        """What one input of a row's model asks for; `None` where it was not counted."""
        return self.counted.of(table_of(kind_of(row)), row)

    def alike(self, kind: str, times: Mapping[str, float], chip: str, name: str) -> list[tuple[float, str, float]]:
        """(spread, machine, log time over it) of machines of other chips, the evenest difference on a few known times first."""
        found = []
        for other, there in self.times.items():
            shared = [m for m in times if m in there]
            if self.kind[other] == kind and other != name and self.chip[other] != chip and len(shared) >= 2:
                off = np.array([times[m] - there[m] for m in shared])
                found.append((float(off.std(ddof=1)), other, float(off.mean())))
        return sorted(found)


def _text(row: Row, key: str) -> str:
    value = row.get(key) or ""
    return str(int(float(value))) if key == "batch" and value else value


def batch_of(r: Row) -> float:
    """How many inputs a time is of; one where it is not told."""
    batch = number(r["batch"])
    return batch if batch > 1 else 1.0


def log_of(r: Row) -> float:
    """Logarithm of a row's time an input [ms]."""
    return float(np.log(number(r["latency_ms"]) / batch_of(r)))


def table_of(kind: str) -> str:
    """The table of counted work for a kind of machine."""
    return "ncnn" if kind.startswith("ncnn") else kind.split()[0]


def _usable(table: str, r: Row) -> bool:
    if not number(r["latency_ms"]) > 0:
        return False
    if table != "aihub_public":
        return True
    on_unit = number(r["layers_npu"]) / max(number(r["layers_total"]), 1.0)
    return r["compute_unit"] == "NPU" and on_unit >= ON_THE_UNIT and r["runtime"] in ("qnn_dlc", "qnn_context_binary")


def kind_of(r: Row) -> str:
    """What may stand in for what: one table, one unit, one way of running."""
    runtime = r["runtime"]
    if runtime.startswith("pytorch"):
        return "timm cpu" if "-cpu" in runtime else "timm gpu " + ("compile" if "compile" in runtime else "eager")
    return runtime if runtime.startswith("ncnn") else "aihub npu"


def machine_of(r: Row) -> str:
    """The key of a machine: chip with its runtime and precision, or its configuration."""
    kind = kind_of(r)
    if kind.startswith("timm"):
        return f"{r['chip_id']}|{r['runtime']}|{r['precision']}"
    return (r.get("config_id") or r["chip_id"]) if kind.startswith("ncnn") else r["chip_id"]


def model_of(r: Row) -> str:
    """The key of a model: with its input where that differs, with component and precision where those do."""
    kind = kind_of(r)
    if kind.startswith("timm"):
        return f"{r['model']}@{r['input_shape']}"
    return r["model"] if kind.startswith("ncnn") else f"{r['model']}|{r.get('component') or ''}|{r['precision']}"


def facts_of(r: Row) -> Floats:
    """Logarithms of what the file tells (NaN where it does not), input size, room for shares of the work, and the number format."""
    values = [np.log(v) if (v := number(r.get(k))) > 0 else np.nan for k in _FACTS]
    sizes = [float(x) for x in re.findall(r"\d+", r.get("input_shape") or "")]
    precision = r["precision"] if kind_of(r) == "aihub npu" else ("int8" if "int8" in r["model"] else "float")
    return np.array(
        [*values, np.log(np.prod(sizes)) if sizes and min(sizes) > 0 else np.nan, values[1] - values[0], values[2] - values[0],
         np.nan, np.nan, np.nan, float("a16" in precision), float("a8" in precision or precision == "int8")]
    )  # fmt: skip


def family_of(model: str) -> str:
    """The first word of a model's name: its relatives are left out together when a range is judged."""
    found = re.match(r"[a-z]+", re.split(r"[_@|-]", model.lower())[0])
    return found[0] if found else model


def families_left_out(models: Sequence[str], folds: int) -> list[NDArray[np.bool_]]:
    """Masks of the models to leave out together: whole families, spread over at most so many folds."""
    families = np.array([family_of(m) for m in models])
    names = sorted(set(families.tolist()))
    return [np.isin(families, names[i::folds]) for i in range(min(folds, len(names)))]
