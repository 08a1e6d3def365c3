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

    from onnx import ModelProto

    from advisor.model_profile import Port

_BATCH_WORD: Final = re.compile(r"batch|^bsz?$|^bs$", re.IGNORECASE)
_AMOUNT_WORD: Final = re.compile(
    r"seq|len|time|step|frame|sample|point|token|word|char|box|roi|node|edge|height|width|^h$|^w$|^t$|^s$|^l$|past|cache", re.IGNORECASE
)
_STATE_WORD: Final = re.compile(r"state|hidden|cell|^h\d*$|^c\d*$|^h_?[0n]$|^c_?[0n]$", re.IGNORECASE)
_MEMORY_WORD: Final = re.compile(_STATE_WORD.pattern + r"|cache|past", re.IGNORECASE)
_COLOUR_WORD: Final = re.compile(r"channel|colou?r|^c$|^ch$", re.IGNORECASE)
_COLOURS: Final = 3
# Inputs that are not a single table.
_BUILT: Final = frozenset({"sequence", "optional", "map", "unknown"})
_RATE_WORD: Final = re.compile(r"^sr$|sample_?rate|sampling", re.IGNORECASE)
_USUAL_SAMPLE_RATE: Final = 16_000
# Operators that hand ids on unchanged, on the way from an input to the table they point into.
_PASS: Final = frozenset({"Cast", "Reshape", "Squeeze", "Unsqueeze", "Identity", "Flatten", "Transpose", "Slice", "Expand", "Concat"})
_TAKES_SHAPE: Final = {"Reshape": 1, "Expand": 1, "Tile": 1, "ConstantOfShape": 0, "Resize": 3}


@dataclass(frozen=True, slots=True)
class Input:
    """One input: its element type, the sizes used, which axes count inputs handled together, how values are made.

    `fill` is `uniform` (0 to 1), `ids` (whole numbers below `high`), `ones`, `zeros`, `value` (`high` itself), `text`, or
    `none` (left out unless a sample holds it).
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
        if port.dtype == "optional" and not (sample and port.name in sample):
            # An input that may be left out is left out.
            settled.append((port, (), ()))
            continue
        if not (sample and port.name in sample) and (port.dtype in _BUILT or not ranked):
            raise AdvisorError(refusals.needs_sample(name, (), _how_built(port)))
        if sample and port.name in sample:
            given = sample[port.name]
            _check_fit(port, given, ranked=ranked and port.dtype not in _BUILT)
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
            elif _is_colour(port, axis):
                shape.append(_COLOURS)
            else:
                ask.append(size)
        settled.append((port, tuple(shape), tuple(batch)))
    if ask:
        raise AdvisorError(refusals.needs_sample(name, tuple(dict.fromkeys(ask))))
    return tuple(_with_values(port, shape, axes, settled, model) for port, shape, axes in settled)


def _how_built(port: Port) -> str:
    said = f"We cannot tell how its input “{refusals.shown(port.name, 40)}” is built."
    if port.dtype == "sequence":
        said += f" It is a list: call its tables {refusals.shown(port.name, 40)}[0], {refusals.shown(port.name, 40)}[1] and so on."
    return said


def _check_fit(port: Port, given: Shape, *, ranked: bool) -> None:
    if not ranked or (len(given) == len(port.shape) and all(isinstance(d, str) or d == g for d, g in zip(port.shape, given, strict=True))):
        return
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


def _is_colour(port: Port, axis: int) -> bool:
    """Whether a free size is the count of colours of a picture: three unless told otherwise."""
    return len(port.shape) == 4 and axis in (1, 3) and bool(_COLOUR_WORD.search(str(port.shape[axis])))


def _with_values(
    port: Port, shape: Shape, axes: tuple[int, ...], others: list[tuple[Port, Shape, tuple[int, ...]]], model: ModelProto
) -> Input:
    if port.dtype in _BUILT:
        return Input(port.name, port.dtype, shape, axes, "none")
    if port.dtype == "string":
        return Input(port.name, port.dtype, shape, axes, "text")
    if port.dtype in ("float", "float16", "double", "bfloat16"):
        # What a model remembers of earlier answers is zero at the start.
        return Input(port.name, port.dtype, shape, axes, "zeros" if _MEMORY_WORD.search(port.name) else "uniform")
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
