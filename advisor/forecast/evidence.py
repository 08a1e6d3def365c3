"""Published latencies as columns to learn from: one point a row, with the work it stands for.

Rows are taken only where their flags say that they stand for one plain chip answering one call at a time: no
variants, no repeats, no batches, no figures of another scenario or derived from one. Runtimes are told apart in a few
classes, because a tuned engine and a framework on the same chip differ more than two chips do.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from advisor.forecast.work import Counted

Row = Mapping[str, str]
Tables = Callable[[str], Sequence[Row]]
Floats = NDArray[np.float64]
Texts = NDArray[Any]

# First word that fits wins; the order puts the engine before the suite that drove it.
_ENGINES: Final = (
    ("onnxruntime", ("onnxruntime", "onnx runtime")),
    ("tensorrt", ("tensorrt", "jetpack", "jetson", "nvidia inference", "cuda 1")),
    ("ncnn-vulkan", ("ncnn-vulkan",)),
    ("ncnn", ("ncnn",)),
    ("openvino", ("openvino",)),
    ("tflite", ("tflite", "tf lite", "armnn", "xnnpack")),
    ("framework", ("torch", "tensorflow", "tf ", "mxnet", "paddle", "reference")),
)
_SMALL_NUMBERS: Final = ("int8", "int4", "w8a8", "w8a16", "w4a16", "mixed")
_VERSION: Final = re.compile(r"\bv?(\d+(?:\.\d+)*)\b")
_SEVERAL: Final = re.compile(r"\bcluster\b", re.IGNORECASE)
FRAMES: Final = ("fps", "inferences/s", "img/s")


@dataclass(frozen=True, slots=True)
class Points:
    """n published calls at batch 1, columns of shape (n,). `setup` names the chip with its thread count or GPU.

    GMACs, millions of activations and parameters, operators that take time (NaN where unknown), seconds.
    """

    chip: Texts
    unit: Texts
    setup: Texts
    engine: Texts
    precision: Texts
    threads: Floats
    model: Texts
    gmacs: Floats
    activations: Floats
    params: Floats
    operators: Floats
    seconds: Floats
    source: Texts

    @property
    def n(self) -> int:
        """How many."""
        return len(self.seconds)

    def where(self, mask: NDArray[np.bool_]) -> Points:
        """The points that `mask` picks."""
        return Points(*(getattr(self, name)[mask] for name in self.__slots__))


def engine_of(runtime: str) -> str:
    """The class a runtime belongs to, 'other' if none of ours."""
    text = runtime.lower() + " "
    return next((name for name, words in _ENGINES if any(w in text for w in words)), "other")


def number(text: str | None) -> float:
    """A number, NaN where the source is empty or no number."""
    try:
        return float(text) if text else float("nan")
    except ValueError:
        return float("nan")


class Key(NamedTuple):
    """What a published figure is a figure of. Two rows of one model tell of the same thing only where all of it is alike."""

    chip: str
    unit: str
    runtime: str
    version: str
    precision: str
    batch: str


def key_of(row: Row) -> Key:
    """The key of a published row; a batch of '' is one that nobody tells, which is not a batch of one."""
    version = "+".join(_VERSION.findall(row["runtime"]))
    runtime = " ".join(_VERSION.sub("", row["runtime"]).lower().replace(",", " ").split())
    batch = number(row["batch"])
    return Key(
        row["chip_id_catalog"] or row["chip_id"],
        row["device_kind"],
        runtime,
        version,
        row["precision"].lower(),
        f"{batch:g}" if np.isfinite(batch) else "",
    )


def usable(row: Row) -> bool:
    """Whether a published row stands for one plain chip, read once, with nothing odd about it."""
    return (
        row["row_use"].startswith("direct")
        and row["weigh"] != "0"
        and not row["device_variant"]
        and not row["quality_flag"]
        and row["inferred"] not in ("1", "1.0", "True")
        and not number(row["device_count"]) > 1
        # Several computers working as one that the source counts as one device.
        and not _SEVERAL.search(f"{row['device']} {row['host']}")
    )


def single_call(row: Row) -> bool:
    """Whether a usable row's latency is that of one call after the other: a batch of one, nobody else asking."""
    return usable(row) and row["scenario"] == "single-stream" and number(row["batch"]) == 1 and number(row["latency_ms"]) > 0


def single_frames(row: Row) -> bool:
    """Whether a usable row's throughput is that of a stream of single inputs: a batch of one, told so, none of it guessed."""
    return (
        usable(row)
        and row["scenario"] == "single-stream"
        and number(row["batch"]) == 1
        and row["throughput_unit"] in FRAMES
        and number(row["throughput"]) > 0
    )


def points(tables: Tables, counted: Counted) -> Points:
    """Every usable single call: published, ncnn and timm processor rows. Rows without a catalog chip keep their own name."""
    out: list[tuple[Any, ...]] = []
    costs = {m["model_id"]: m for m in tables("models_public")}
    for r in tables("published_public"):
        seconds = number(r["latency_ms"]) / 1000
        gmacs = number(r["gmacs"] or costs.get(r["model_id"], {}).get("gmacs", ""))
        if not (single_call(r) and gmacs > 0):
            continue
        chip = r["chip_id_catalog"] or r["chip_id"]
        params = number(r["params_millions"] or costs.get(r["model_id"], {}).get("params_millions", ""))
        out.append(
            (
                chip,
                r["device_kind"],
                f"{chip}|{r['device_kind']}",
                engine_of(r["runtime"]),
                _precision(r["precision_norm"]),
                number(r["threads"]),
                r["model_id"],
                gmacs,
                np.nan,
                params,
                np.nan,
                seconds,
                r["source"].split(" ")[0],
            )
        )
    for r in tables("ncnn_public"):
        seconds = number(r["latency_ms"]) / 1000
        if r["quality_flag"] or not seconds > 0:
            continue
        unit = "cpu" if r["runtime"] == "ncnn-cpu" else "gpu"
        chip = r["chip_id_catalog"] or r["chip_id"]
        precision = "int8" if "int8" in r["model"] else "float"
        out.append(
            (
                chip,
                unit,
                r["config_id"],
                r["runtime"].replace("-cpu", ""),
                precision,
                number(r["threads"]),
                r["model"],
                number(r["gmacs"]),
                number(r["activations_millions"]),
                number(r["params_millions"]),
                counted.operators("ncnn", r),
                seconds,
                "Tencent/ncnn",
            )
        )
    for r in tables("timm_public"):
        seconds = number(r["latency_ms"]) / 1000
        if r["quote_as_latency"] != "yes" or not seconds > 0 or not number(r["gmacs"]) > 0:
            continue
        chip = r["chip_id_catalog"] or r["chip_id"]
        out.append(
            (
                chip,
                "cpu",
                f"{chip}|cpu",
                "compiled",
                "float",
                np.nan,
                r["model"],
                number(r["gmacs"]),
                number(r["activations_millions"]),
                number(r["params_millions"]),
                counted.operators("timm", r),
                seconds,
                "huggingface/pytorch-image-models",
            )
        )
    columns = list(zip(*out, strict=True))
    numeric = (5, 7, 8, 9, 10, 11)
    return Points(*(np.array(c, dtype=np.float64) if i in numeric else np.array(c) for i, c in enumerate(columns)))


def _precision(text: str) -> str:
    return "int8" if text in _SMALL_NUMBERS else "float"


@dataclass(frozen=True, slots=True)
class Filler:
    """Activations from GMACs and parameters: log A = a + b log GMACs + c log params, with the spread of its error (log)."""

    constant: float
    by_gmacs: float
    by_params: float
    spread: float
    operators: float

    def activations(self, gmacs: Floats, params: Floats) -> Floats:
        """Millions of activations; a model of unknown size counts as one with 5 million parameters a GMAC."""
        size = np.where(np.isfinite(params) & (params > 0), params, 5 * gmacs)
        filled: Floats = np.exp(self.constant + self.by_gmacs * np.log(gmacs) + self.by_params * np.log(size))
        return filled


def filler(p: Points, tables: Tables) -> Filler:
    """The relation between a model's facts, learned on every public model that has them all."""
    rows = {(r["model"], r["input_shape"]): r for r in tables("timm_public")}
    rows.update({(r["model"], r["input_shape"]): r for r in tables("ncnn_public")})
    facts = np.array([[number(r["gmacs"]), number(r["params_millions"]), number(r["activations_millions"])] for r in rows.values()])
    facts = np.log(facts[np.isfinite(facts).all(axis=1) & (facts > 0).all(axis=1)])
    design = np.column_stack([np.ones(len(facts)), facts[:, 0], facts[:, 1]])
    k = np.linalg.lstsq(design, facts[:, 2], rcond=None)[0]
    spread = float(np.std(facts[:, 2] - design @ k))
    return Filler(float(k[0]), float(k[1]), float(k[2]), spread, float(np.nanmedian(p.operators)))


def filled(p: Points, f: Filler) -> Points:
    """The same points with activations and operators estimated where the source has none."""
    activations = np.where(np.isfinite(p.activations), p.activations, f.activations(p.gmacs, p.params))
    operators = np.where(np.isfinite(p.operators), p.operators, f.operators)
    values = {name: getattr(p, name) for name in p.__slots__} | {"activations": activations, "operators": operators}
    return Points(**values)
