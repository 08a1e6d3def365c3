"""Reads an ONNX file's graph without running it: is it whole, is it safe, and what is in it.

Runs only in the benchmark's own process: reading a hostile file may take for ever or end the process. Weights in
other files are never opened, only their sizes looked at.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from math import prod
from typing import TYPE_CHECKING, Final

from advisor.benchmark import refusals
from advisor.benchmark.arithmetic import COUNTED, Shape
from advisor.benchmark.containment import check_part
from advisor.benchmark.operator_types import operator_types
from advisor.benchmark.operator_work import graph_work
from advisor.benchmark.parts import parts, tensors
from advisor.benchmark.sizes import inlined, port_type, shapes_in
from advisor.model_profile import ModelProfile, Port
from advisor.problems import AdvisorError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from onnx import FunctionProto, GraphProto, ModelProto, NodeProto, TensorProto, ValueInfoProto

# Deeper or larger than any model a converter writes; unfolding grows without bound beyond it.
_DEEPEST_FUNCTION: Final = 64
_DEEPEST_BRANCH: Final = 32
_MOST_NODES: Final = 2_000_000
_NEWEST_IR: Final = 13
_DOMAINS: Final = frozenset({"", "ai.onnx", "ai.onnx.ml", "com.microsoft", "com.microsoft.nchwc", "com.microsoft.experimental"})
_PART_KEYS: Final = frozenset({"location", "offset", "length", "checksum", "basepath"})
_MADE_FOR_ONE_MACHINE: Final = frozenset({"EPContext"})


def read(path: Path, memory_bytes: int) -> ModelProto:
    """The model in a file, its other files not loaded, after all checks that need no running.

    Raises:
        AdvisorError: DAMAGED, INVALID, UNSUPPORTED, UNSAFE, MISSING_PART or TOO_BIG.
    """
    import onnx
    from google.protobuf.message import DecodeError  # type: ignore[import-untyped]

    name = path.name
    model = onnx.ModelProto()
    try:
        model.ParseFromString(path.read_bytes())
    except DecodeError as error:
        # The library follows parts inside parts to a fixed depth, as onnxruntime does.
        if "depth" in str(error).lower():
            raise AdvisorError(refusals.unsupported(name, "branches inside branches, too deep to follow")) from None
        raise AdvisorError(refusals.damaged(name)) from None
    if not model.HasField("graph") and not model.opset_import:
        raise AdvisorError(refusals.not_a_model(name, "not an ONNX model, though it begins like one"))
    if not _is_text(model):
        raise AdvisorError(refusals.damaged(name))
    if not model.HasField("graph") or not model.graph.node:
        raise AdvisorError(refusals.malformed(name, "it holds no work to do"))
    if not model.graph.output:
        raise AdvisorError(refusals.malformed(name, "it gives no answer"))
    _check_versions(model, name)
    _check_functions(model, name)
    _check_graph(model.graph, name, set())
    _check_tensors(model, path, memory_bytes)
    return model


def _is_text(model: ModelProto) -> bool:
    """Whether every name in the file is text; the library hands over plain bytes where a name was garbled."""

    def names() -> Iterator[object]:
        yield from (model.producer_name, model.producer_version, model.domain)
        yield from (o.domain for o in model.opset_import)
        for f in model.functions:
            yield from (f.name, f.domain, *f.input, *f.output, *f.attribute, *(o.domain for o in f.opset_import))
        for part in parts(model):
            for port in (*getattr(part, "input", ()), *getattr(part, "output", ()), *getattr(part, "value_info", ())):
                if not isinstance(port, str):
                    yield port.name
                    yield from (d.dim_param for d in port.type.tensor_type.shape.dim)
            yield from (t.name for t in getattr(part, "initializer", ()))
            for node in part.node:
                yield from (node.name, node.op_type, node.domain, *node.input, *node.output, *(a.name for a in node.attribute))
        for t in tensors(model):
            yield from (x for e in t.external_data for x in (e.key, e.value))

    return all(isinstance(n, str) for n in names())


def _check_versions(model: ModelProto, name: str) -> None:
    import onnx

    newest = onnx.defs.onnx_opset_version()
    if any(opset.version < 1 for opset in model.opset_import):
        raise AdvisorError(refusals.malformed(name, "it names an operator set that cannot be"))
    if model.ir_version > max(_NEWEST_IR, onnx.IR_VERSION):
        raise AdvisorError(refusals.unsupported(name, f"a newer file form (version {model.ir_version})"))
    own = {f.domain for f in model.functions}
    for opset in model.opset_import:
        if opset.domain in ("", "ai.onnx") and opset.version > newest:
            raise AdvisorError(refusals.unsupported(name, f"operator set {opset.version}, newer than any we know"))
    for node in _nodes(model.graph):
        if node.op_type in _MADE_FOR_ONE_MACHINE:
            raise AdvisorError(refusals.unsupported(name, "a part made ready for one particular machine"))
        if node.domain not in _DOMAINS and node.domain not in own:
            what = f"a part of its maker's own ({refusals.shown(node.domain, 40)}:{refusals.shown(node.op_type, 40)})"
            raise AdvisorError(refusals.unsupported(name, what))


def _nodes(graph: GraphProto) -> Iterator[NodeProto]:
    waiting = [graph]
    while waiting:
        for node in waiting.pop().node:
            yield node
            for a in node.attribute:
                if a.type == 5:
                    waiting.append(a.g)
                elif a.type == 10:
                    waiting.extend(a.graphs)


def _check_functions(model: ModelProto, name: str) -> None:
    """Functions must not call themselves, nest too deep, or unfold to more steps than any real model has."""
    table = {(f.domain, f.name): f for f in model.functions}
    if len({(f.domain, f.name, f.overload) for f in model.functions}) < len(model.functions):
        raise AdvisorError(refusals.malformed(name, "two of its functions have the same name"))
    for part in parts(model):
        for n in part.node:
            called = table.get((n.domain, n.op_type))
            if called is not None and (len(n.input) > len(called.input) or len(n.output) > len(called.output)):
                raise AdvisorError(refusals.malformed(name, "a step gives one of its functions more than that takes"))
    size: dict[tuple[str, str], tuple[int, int]] = {}
    open_now: set[tuple[str, str]] = set()

    def calls(function: FunctionProto) -> Iterable[tuple[str, str]]:
        return ((n.domain, n.op_type) for n in function.node if (n.domain, n.op_type) in table)

    for first in table:
        # Depth first with an own stack: chains may be longer than Python's.
        stack = [first]
        while stack:
            key = stack[-1]
            if key in size:
                stack.pop()
                continue
            open_now.add(key)
            waiting = [c for c in calls(table[key]) if c not in size]
            if any(c in open_now for c in waiting):
                raise AdvisorError(refusals.malformed(name, "one of its functions calls itself"))
            if waiting:
                stack.append(waiting[0])
                continue
            inner = [size[c] for c in calls(table[key])]
            size[key] = (len(table[key].node) + sum(s for s, _ in inner), 1 + max((d for _, d in inner), default=0))
            open_now.discard(key)
            stack.pop()
    if max((d for _, d in size.values()), default=0) > _DEEPEST_FUNCTION:
        raise AdvisorError(refusals.unsupported(name, "functions inside functions, too deep to unfold"))
    total = sum(size.get((n.domain, n.op_type), (1, 0))[0] for n in _nodes(model.graph))
    if total > _MOST_NODES:
        raise AdvisorError(refusals.unsupported(name, f"functions that unfold to {total:.2g} steps"))


def _check_graph(graph: GraphProto, name: str, outside: set[str], depth: int = 0) -> None:
    """Names are given once, every input exists, and no step waits for itself (Kahn 1962, topological order)."""
    if depth > _DEEPEST_BRANCH:
        raise AdvisorError(refusals.unsupported(name, "branches inside branches, too deep to follow"))
    import onnx

    names = [i.name for i in graph.input]
    if len(set(names)) < len(names):
        raise AdvisorError(refusals.malformed(name, "two inputs have the same name"))
    known_types = set(onnx.TensorProto.DataType.values())
    for port in (*graph.input, *graph.output):
        if port.type.HasField("tensor_type") and port.type.tensor_type.elem_type not in known_types:
            raise AdvisorError(refusals.malformed(name, "it uses a kind of number that does not exist"))
        for dim in port.type.tensor_type.shape.dim if port.type.HasField("tensor_type") else ():
            if dim.HasField("dim_value") and dim.dim_value < -1:
                raise AdvisorError(refusals.malformed(name, "an input or output has a size below zero"))
    made: set[str] = set()
    for node in graph.node:
        for out in node.output:
            if out and out in made:
                raise AdvisorError(refusals.malformed(name, "two steps write the same result"))
            made.add(out)
    given = outside | set(names) | {t.name for t in graph.initializer} | {s.values.name for s in graph.sparse_initializer}
    inside = [(node, {i for i in node.input if i} | _used_inside(node)) for node in graph.node]
    all_there = given | made
    for _, needs in inside:
        if not needs <= all_there:
            raise AdvisorError(refusals.malformed(name, "a step waits for a result that nothing makes"))
    if any(o.name not in all_there for o in graph.output):
        raise AdvisorError(refusals.malformed(name, "nothing in it makes its answer"))
    _check_order(inside, given, name)
    for node in graph.node:
        for a in node.attribute:
            for inner in [a.g] if a.type == 5 else a.graphs:
                _check_graph(inner, name, all_there, depth + 1)


def _used_inside(node: NodeProto) -> set[str]:
    """Names that a node's branches and bodies take from outside."""
    used: set[str] = set()
    waiting = [(a.g, frozenset[str]()) for a in node.attribute if a.type == 5]
    while waiting:
        graph, known = waiting.pop()
        here = known | {i.name for i in graph.input} | {t.name for t in graph.initializer} | {o for n in graph.node for o in n.output}
        used |= {i for n in graph.node for i in n.input if i and i not in here}
        used |= {o.name for o in graph.output if o.name and o.name not in here}
        waiting.extend((a.g, here) for n in graph.node for a in n.attribute if a.type == 5)
    return used


def _check_order(steps: list[tuple[NodeProto, set[str]]], given: set[str], name: str) -> None:
    have = set(given)
    late: list[tuple[NodeProto, set[str]]] = []
    for node, needs in steps:
        if needs <= have:
            have.update(node.output)
        else:
            late.append((node, needs))
    waiting_for = {i: needs - have for i, (_, needs) in enumerate(late)}
    used_by: dict[str, list[int]] = {}
    for i, needs in waiting_for.items():
        for need in needs:
            used_by.setdefault(need, []).append(i)
    ready = [i for i, needs in waiting_for.items() if not needs]
    done = 0
    while ready:
        done += 1
        for out in late[ready.pop()][0].output:
            for i in used_by.pop(out, ()):
                waiting_for[i].discard(out)
                if not waiting_for[i]:
                    ready.append(i)
    if done < len(late):
        raise AdvisorError(refusals.malformed(name, "its steps wait for each other in a circle"))


def _item_bits(kind: int) -> int | None:
    """Bits of one element of an ONNX type; `None` for text and unknown types."""
    import onnx

    if kind in (onnx.TensorProto.UINT4, onnx.TensorProto.INT4, getattr(onnx.TensorProto, "FLOAT4E2M1", -1)):
        return 4
    try:
        size = onnx.helper.tensor_dtype_to_np_dtype(kind).itemsize * 8
    except (KeyError, TypeError, ValueError):
        return None
    return None if kind == onnx.TensorProto.STRING else int(size)


def _check_tensors(model: ModelProto, path: Path, memory_bytes: int) -> None:
    import onnx

    name, total, missing = path.name, 0, []
    for t in tensors(model):
        if any(d < 0 for d in t.dims):
            raise AdvisorError(refusals.malformed(name, "a table of weights has a size below zero"))
        bits = _item_bits(t.data_type)
        wanted = None if bits is None else (prod(t.dims) * bits + 7) // 8
        if t.data_location == onnx.TensorProto.EXTERNAL:
            try:
                total += _check_external(t, path, wanted)
            except AdvisorError as error:
                if error.problems[0].code != "MISSING_PART":
                    raise
                missing.append(next((e.value for e in t.external_data if e.key == "location"), ""))
        elif wanted is not None and t.HasField("raw_data"):
            if len(t.raw_data) != wanted:
                raise AdvisorError(refusals.malformed(name, "a table of weights is not as big as it says"))
            total += wanted
        elif wanted is not None:
            held = len(t.float_data) or len(t.int32_data) or len(t.int64_data) or len(t.double_data) or len(t.uint64_data)
            if prod(t.dims) > max(held, 0) * 8 and prod(t.dims) > 0:
                raise AdvisorError(refusals.malformed(name, "a table of weights is not as big as it says"))
            total += wanted
    if missing:
        raise AdvisorError(refusals.missing_part(name, tuple(dict.fromkeys(missing))))
    if total > memory_bytes:
        raise AdvisorError(refusals.too_big(name, f"needs {refusals.gigabytes(total)} of memory for its weights alone", memory_bytes))


def _check_external(t: TensorProto, path: Path, wanted: int | None) -> int:
    name = path.name
    keys = [e.key for e in t.external_data]
    said = {e.key: e.value for e in t.external_data}
    part = check_part(path, said.get("location", ""))
    if len(set(keys)) < len(keys) or not set(keys) <= _PART_KEYS:
        raise AdvisorError(refusals.malformed(name, "it describes its second file in an unknown way"))
    try:
        offset, length = int(said.get("offset", 0)), int(said.get("length", wanted or 0))
    except ValueError:
        raise AdvisorError(refusals.malformed(name, "it describes its second file in an unknown way")) from None
    if offset < 0 or length < 0 or offset + length > part.stat().st_size:
        raise AdvisorError(refusals.damaged(part.name, "It is shorter than the model says."))
    if wanted is not None and length != wanted:
        raise AdvisorError(refusals.malformed(name, "a table of weights is not as big as it says"))
    return length


def profile(model: ModelProto, path: Path, shapes: Mapping[str, Shape] | None = None) -> ModelProfile:
    """The facts of a model that `read` gave; work is counted for the input `shapes` where they are given."""
    import onnx

    tables = list(tensors(model))
    weights = {t.name for t in model.graph.initializer}
    params = sum(prod(t.dims) for t in model.graph.initializer if t.data_type != onnx.TensorProto.STRING and prod(t.dims) > 1)
    weight_bytes = sum(prod(t.dims) * (_item_bits(t.data_type) or 0) / 8 for t in model.graph.initializer)
    operators = Counter(n.op_type for n in _nodes(model.graph))
    work = None
    if shapes is not None:
        lookup = shapes_in(model, shapes)
        work = graph_work(inlined(model).graph, lookup.get)
    return ModelProfile(
        name=refusals.as_text(path.name),
        sha256=_sha256(path),
        size_bytes=path.stat().st_size,
        opset=max((o.version for o in model.opset_import if o.domain in ("", "ai.onnx")), default=0),
        producer=refusals.shown(f"{model.producer_name} {model.producer_version}".strip()),
        inputs=tuple(_port(i, (shapes or {}).get(i.name)) for i in model.graph.input if i.name not in weights),
        outputs=tuple(_port(o, None) for o in model.graph.output),
        params_millions=params / 1e6,
        weight_bytes=float(weight_bytes),
        gmacs=None if work is None else work.gmacs,
        activations_millions=None if work is None else work.activations_millions,
        layers=sum(n for op, n in operators.items() if op in COUNTED),
        operators=dict(sorted(operators.items())),
        precision=_precision(model, operators),
        external_files=tuple(sorted({e.value for t in tables for e in t.external_data if e.key == "location"})),
        operator_types=operator_types(model),
        work={} if work is None else {k: float(f"{v:.6g}") for k, v in work.classes.items() if v},
    )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def free_name(port: str, at: int, said: str, twice: bool) -> str:
    """What a free size is called: the file's word for it, or `input[2]` where the file has no word of its own."""
    nameless = not said.strip() or said.strip() in ("?", "None", "-1") or twice
    return f"{port}[{at}]" if nameless else said.strip()


def _port(value: ValueInfoProto, shape: Shape | None) -> Port:
    kind, dims = port_type(value.type)
    sizes: tuple[int | str, ...] = tuple(shape) if shape is not None else dims_named(value.name, dims or ())
    return Port(value.name, kind, sizes)


def dims_named(name: str, dims: Iterable[int | str]) -> tuple[int | str, ...]:
    """Sizes as numbers, or as the names of the free ones."""
    dims = tuple(dims)
    return tuple(d if isinstance(d, int) else free_name(name, i, d, dims.count(d) > 1) for i, d in enumerate(dims))


def _precision(model: ModelProto, operators: Mapping[str, int]) -> str:
    """fp32, fp16, bf16 or int8 if nearly all weights are of it, else mixed; fp32 for a model without weights."""
    import onnx

    kinds: Counter[str] = Counter()
    words = {
        onnx.TensorProto.FLOAT: "fp32",
        onnx.TensorProto.DOUBLE: "fp64",
        onnx.TensorProto.FLOAT16: "fp16",
        onnx.TensorProto.BFLOAT16: "bf16",
        onnx.TensorProto.INT8: "int8",
        onnx.TensorProto.UINT8: "int8",
        onnx.TensorProto.INT4: "int4",
        onnx.TensorProto.UINT4: "int4",
    }
    for t in model.graph.initializer:
        if t.data_type in words:
            kinds[words[t.data_type]] += prod(t.dims)
    if not kinds:
        return "fp32"
    word, most = kinds.most_common(1)[0]
    if word in ("int8", "int4") and not any("Quant" in op or "Integer" in op or op.startswith("Q") or "NBits" in op for op in operators):
        return "fp32"
    return word if most >= 0.75 * sum(kinds.values()) else "mixed"
