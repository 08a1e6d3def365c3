"""What to feed a model: the size of each input, and values for it.

Sizes come from the file, from the owner (`--size`), from a sample, or from common knowledge (one input at a time).
A free size that says how much there is to do (height, width, length) is asked for and never set to 1: doing so gave
times up to 543 times too small when tried on 41 real models.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from math import prod
from typing import TYPE_CHECKING, Any, Final

from advisor.benchmark import refusals
from advisor.benchmark.arithmetic import Shape, attribute
from advisor.problems import AdvisorError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from numpy.typing import NDArray
    from onnx import ModelProto

    from advisor.model_profile import Port

Feed = dict[str, "NDArray[Any]"]

_BATCH_WORD: Final = re.compile(r"batch|^bsz?$|^bs$", re.IGNORECASE)
_AMOUNT_WORD: Final = re.compile(
    r"seq|len|time|step|frame|sample|point|token|word|char|box|roi|node|edge|height|width|^h$|^w$|^t$|^s$|^l$|past|cache", re.IGNORECASE
)
_STATE_WORD: Final = re.compile(r"state|hidden|cell|^h\d*$|^c\d*$|^h_?[0n]$|^c_?[0n]$", re.IGNORECASE)
_RATE_WORD: Final = re.compile(r"^sr$|sample_?rate|sampling", re.IGNORECASE)
_USUAL_SAMPLE_RATE: Final = 16_000
# Operators that hand ids on unchanged, on the way from an input to the table they point into.
_PASS: Final = frozenset({"Cast", "Reshape", "Squeeze", "Unsqueeze", "Identity", "Flatten", "Transpose", "Slice", "Expand", "Concat"})
_TAKES_SHAPE: Final = {"Reshape": 1, "Expand": 1, "Tile": 1, "ConstantOfShape": 0, "Resize": 3}
_PICTURES: Final = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".webp"})
_MOST_SAMPLES: Final = 8


@dataclass(frozen=True, slots=True)
class Input:
    """One input: its element type, the sizes used, which axes count inputs handled together, how values are made.

    `fill` is `uniform` (0 to 1), `ids` (whole numbers below `high`), `ones`, `zeros`, `value` (`high` itself) or
    `text`.
    """

    name: str
    dtype: str
    shape: Shape
    batch_axes: tuple[int, ...]
    fill: str
    high: int = 2

    def to_json(self) -> dict[str, Any]:
        """Plain values, for a step's settings."""
        return asdict(self)


def input_from_json(said: Mapping[str, Any]) -> Input:
    """The input that `to_json` wrote."""
    return Input(said["name"], said["dtype"], tuple(said["shape"]), tuple(said["batch_axes"]), said["fill"], said["high"])


def plan(
    name: str, model: ModelProto, ports: Iterable[tuple[Port, bool]], sizes: Mapping[str, int], sample: Mapping[str, Shape] | None
) -> tuple[Input, ...]:
    """The inputs with every size settled. `ports` gives each input and whether the number of its sizes is known.

    Raises:
        AdvisorError: NEEDS_SAMPLE naming the sizes to give; BAD_FIELD for a size the model does not have.
    """
    ports = tuple(ports)
    _check_sizes(tuple(p for p, _ in ports), sizes)
    ask: list[str] = []
    settled: list[tuple[Port, Shape, tuple[int, ...]]] = []
    firsts = {p.shape[0] for p, _ in ports if len(p.shape) >= 2 and isinstance(p.shape[0], str)}
    for port, ranked in ports:
        if port.dtype in ("sequence", "optional", "map", "unknown") or not (ranked or (sample and port.name in sample)):
            raise AdvisorError(refusals.needs_sample(name, (), f"We cannot tell how its input “{refusals.shown(port.name, 40)}” is built."))
        if sample and port.name in sample:
            given = sample[port.name]
            fits = not ranked or (
                len(given) == len(port.shape) and all(isinstance(d, str) or d == g for d, g in zip(port.shape, given, strict=True))
            )
            if not fits:
                wants = " x ".join(str(d) for d in port.shape)
                raise AdvisorError(
                    Problem(
                        "NEEDS_SAMPLE",
                        refusals.shown(port.name),
                        f"The sample for “{refusals.shown(port.name, 40)}” is {' x '.join(map(str, given))}.",
                        f"The model wants {wants or 'a single number'}.",
                        "Choose a sample of that size.",
                    )
                )
            axes = (0,) if ranked and port.shape and isinstance(port.shape[0], str) and _is_batch(port, 0, firsts) else ()
            settled.append((port, given, axes))
            continue
        shape: list[int] = []
        batch: list[int] = []
        for axis, size in enumerate(port.shape):
            given_size = _given(port, axis, size, sizes)
            if isinstance(size, str) and _is_batch(port, axis, firsts):
                batch.append(axis)
            if isinstance(size, int):
                shape.append(size)
            elif given_size is not None:
                shape.append(given_size)
            elif axis in batch:
                shape.append(1)
            else:
                ask.append(size)
        settled.append((port, tuple(shape), tuple(batch)))
    if ask:
        raise AdvisorError(refusals.needs_sample(name, tuple(dict.fromkeys(ask))))
    return tuple(_with_values(port, shape, axes, settled, model) for port, shape, axes in settled)


def _check_sizes(ports: tuple[Port, ...], sizes: Mapping[str, int]) -> None:
    known = {n for p in ports for i, d in enumerate(p.shape) if isinstance(d, str) for n in (d, f"{p.name}[{i}]")}
    for said, size in sizes.items():
        if said not in known and not any(said in re.split(r"\s*\+\s*", k) for k in known):
            free = ", ".join(refusals.shown(k, 40) for k in sorted(known)[:8]) or "none: all its sizes are fixed"
            raise AdvisorError(
                Problem("BAD_FIELD", "size", f"The model has no free size called {refusals.shown(said, 40)}.", "", f"It has: {free}.")
            )
        if size < 1:
            raise AdvisorError(Problem("BAD_FIELD", "size", f"The size {refusals.shown(said, 40)} is {size}.", "", "Give 1 or more."))


def _given(port: Port, axis: int, size: int | str, sizes: Mapping[str, int]) -> int | None:
    if isinstance(size, int):
        return size
    if f"{port.name}[{axis}]" in sizes:
        return sizes[f"{port.name}[{axis}]"]
    if size in sizes:
        return sizes[size]
    # Exporters write sums into names: "past_sequence_length + 1".
    parts = re.split(r"\s*\+\s*", size)
    if len(parts) > 1 and all(p.isdigit() or p in sizes for p in parts):
        return sum(int(p) if p.isdigit() else sizes[p] for p in parts)
    return None


def _is_batch(port: Port, axis: int, firsts: set[str]) -> bool:
    """Whether a free size is the count of inputs handled together."""
    word = str(port.shape[axis])
    own_word = not word.startswith(f"{port.name}[")
    if own_word and _BATCH_WORD.search(word):
        return True
    if own_word and _AMOUNT_WORD.search(word):
        return False
    if axis == 1 and len(port.shape) == 3 and not own_word and _STATE_WORD.search(port.name):
        return True
    return axis == 0 and (len(port.shape) >= 2 or word in firsts)


def _with_values(
    port: Port, shape: Shape, axes: tuple[int, ...], others: list[tuple[Port, Shape, tuple[int, ...]]], model: ModelProto
) -> Input:
    if port.dtype == "string":
        return Input(port.name, port.dtype, shape, axes, "text")
    if port.dtype in ("float", "float16", "double", "bfloat16"):
        return Input(port.name, port.dtype, shape, axes, "uniform")
    if port.dtype == "bool":
        return Input(port.name, port.dtype, shape, axes, "ones")
    word = port.name.lower()
    if _RATE_WORD.search(word):
        return Input(port.name, port.dtype, shape, axes, "value", _USUAL_SAMPLE_RATE)
    if "len" in word and prod(shape) <= 64:
        longest = max((d for p, s, a in others if p.name != port.name for i, d in enumerate(s) if i not in a), default=1)
        return Input(port.name, port.dtype, shape, axes, "value", longest)
    if "mask" in word:
        return Input(port.name, port.dtype, shape, axes, "ones")
    if "type" in word or "segment" in word:
        return Input(port.name, port.dtype, shape, axes, "zeros")
    if _gives_shape(port.name, model):
        return Input(port.name, port.dtype, shape, axes, "ones")
    if port.dtype in ("uint8", "int8") and len(shape) >= 3:
        return Input(port.name, port.dtype, shape, axes, "ids", 128)
    return Input(port.name, port.dtype, shape, axes, "ids", _table_rows(port.name, model) or 2)


def _gives_shape(name: str, model: ModelProto) -> bool:
    return any(
        node.op_type in _TAKES_SHAPE and name in list(node.input)[_TAKES_SHAPE[node.op_type] : _TAKES_SHAPE[node.op_type] + 1]
        for node in model.graph.node
    )


def _table_rows(name: str, model: ModelProto) -> int | None:
    """Rows of the smallest table that this input's numbers point into (an embedding's vocabulary)."""
    tables = {t.name: tuple(t.dims) for t in model.graph.initializer}
    carried, rows = {name}, []
    for node in model.graph.node:
        if node.op_type in _PASS and carried & set(node.input):
            carried.update(node.output)
        elif node.op_type == "Gather" and len(node.input) > 1 and node.input[1] in carried and node.input[0] in tables:
            table = tables[node.input[0]]
            axis = int(attribute(node, "axis", 0))
            rows.append(table[axis] if -len(table) <= axis < len(table) else 1)
    return max(min(rows), 1) if rows else None


def bytes_of(inputs: Iterable[Input]) -> int:
    """Memory that the values of all inputs take; an axis without anything counts as one, as numpy does."""
    return sum(prod(max(d, 1) for d in i.shape) * {"double": 8, "int64": 8, "uint64": 8, "string": 50}.get(i.dtype, 4) for i in inputs)


def made_up(inputs: Iterable[Input], seed: int, batch: int | None = None) -> Feed:
    """Values for the inputs, the same for the same seed; `batch` of them together where given."""
    import numpy as np

    rng = np.random.default_rng(seed)
    feed: Feed = {}
    for one in inputs:
        shape = tuple(batch if batch is not None and axis in one.batch_axes else size for axis, size in enumerate(one.shape))
        match one.fill:
            case "uniform":
                values: NDArray[Any] = rng.random(shape, dtype=np.float32)
            case "ids":
                values = rng.integers(0, max(one.high, 1), shape)
            case "value":
                values = np.full(shape, one.high)
            case "text":
                feed[one.name] = np.full(shape, "a", dtype=object)
                continue
            case "zeros":
                values = np.zeros(shape)
            case _:
                values = np.ones(shape)
        feed[one.name] = np.asarray(values).astype(_numpy_kind(one.dtype))
    return feed


def _numpy_kind(dtype: str) -> Any:
    import numpy as np
    import onnx

    if dtype == "string":
        return np.dtype(object)
    return onnx.helper.tensor_dtype_to_np_dtype(onnx.TensorProto.DataType.Value(dtype.upper()))


def samples(path: Path, ports: tuple[Port, ...]) -> tuple[Feed, ...]:
    """Up to eight sample inputs out of a file or folder: .npz, .npy, .csv, .txt, pictures.

    Raises:
        AdvisorError: NO_ACCESS or NEEDS_SAMPLE.
    """
    if not path.exists():
        raise AdvisorError(refusals.no_access(path.name or str(path), "there is no such file"))
    files = sorted(p for p in path.iterdir() if p.is_file() and not p.name.startswith(".")) if path.is_dir() else [path]
    if not path.is_dir() and not path.is_file():
        raise AdvisorError(_bad_sample(path, "is not a plain file"))
    files = [f for f in files if f.suffix.lower() in (".npz", ".npy", ".csv", ".txt") or f.suffix.lower() in _PICTURES][:_MOST_SAMPLES]
    if not files:
        raise AdvisorError(_bad_sample(path, "holds no sample that we can read"))
    return tuple(_sample(f, ports) for f in files)


def _bad_sample(path: Path, what: str) -> Problem:
    return Problem(
        "NEEDS_SAMPLE",
        refusals.shown(path.name),
        f"{refusals.shown(path.name)} {what}.",
        "",
        "Choose a .npz file with one table for each input, a .npy or .csv table, or pictures.",
    )


def _sample(file: Path, ports: tuple[Port, ...]) -> Feed:
    import numpy as np

    kind = file.suffix.lower()
    try:
        if kind == ".npz":
            with np.load(file, allow_pickle=False) as archive:
                found = {k: archive[k] for k in archive.files}
        elif kind == ".npy":
            found = {"": np.load(file, allow_pickle=False)}
        elif kind == ".csv":
            found = {"": _table(file)}
        elif kind == ".txt":
            found = {"": np.array([file.read_text(encoding="utf-8")], dtype=object)}
        else:
            found = {"": _picture(file, ports[0])}
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 -- readers of damaged archives, tables and pictures raise errors of many kinds
        raise AdvisorError(_bad_sample(file, f"could not be read as a sample ({refusals.shown(str(error), 80)})")) from None
    if set(found) == {""} or (len(found) == 1 and len(ports) == 1):
        if len(ports) != 1:
            raise AdvisorError(_bad_sample(file, f"holds one table, but the model has {len(ports)} inputs"))
        found = {ports[0].name: next(iter(found.values()))}
    missing = [p.name for p in ports if p.name not in found]
    if missing:
        raise AdvisorError(_bad_sample(file, f"has nothing for the input “{refusals.shown(missing[0], 40)}”"))
    return {p.name: _as_port(found[p.name], p) for p in ports}


def _as_port(values: NDArray[Any], port: Port) -> NDArray[Any]:
    values = values.astype(_numpy_kind(port.dtype))
    # A single picture or row for a model that takes several together.
    if values.ndim == len(port.shape) - 1:
        values = values[None]
    return values


def _table(file: Path) -> NDArray[Any]:
    import csv

    import numpy as np

    with file.open(encoding="utf-8-sig", newline="") as text:
        rows = [r for r in csv.reader(text) if r]

    def numbers(row: list[str]) -> list[float] | None:
        try:
            return [float(cell) for cell in row]
        except ValueError:
            return None

    body = rows[1:] if rows and numbers(rows[0]) is None else rows
    read = [numbers(r) for r in body[:1024]]
    if not read or any(r is None or len(r) != len(read[0] or []) for r in read):
        msg = "it is not a table of numbers"
        raise ValueError(msg)
    return np.asarray(read, dtype=np.float64)


def _picture(file: Path, port: Port) -> NDArray[Any]:
    """Pixels between 0 and 1, in the model's order of axes and, where the model fixes it, in its size."""
    import numpy as np
    from PIL import Image

    shape = port.shape
    if len(shape) not in (3, 4):
        msg = "the model takes no pictures"
        raise ValueError(msg)
    channels_last = shape[-1] in (1, 3, 4)
    height, width = (shape[-3], shape[-2]) if channels_last else (shape[-2], shape[-1])
    channels = shape[-1] if channels_last else shape[-3]
    with Image.open(file) as opened:
        picture = opened.convert("L" if channels == 1 else "RGB")
        if isinstance(height, int) and isinstance(width, int):
            picture = picture.resize((width, height))
        pixels = np.asarray(picture, dtype=np.float32)
    whole = port.dtype in ("uint8", "int8")
    values: NDArray[Any] = pixels.reshape(*pixels.shape[:2], -1) / (1 if whole else 255)
    values = values if channels_last else values.transpose(2, 0, 1)
    return values[None] if len(shape) == 4 else values
