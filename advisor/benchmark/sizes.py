"""The size of every result in a graph, for inputs whose sizes are known; nothing is run but arithmetic on sizes.

ONNX's own inference comes first. It gives up where a model works its sizes out itself (a padding that depends on the picture,
say), so what it left open is followed step by step: small whole-number results are worked out and handed on.
"""

from __future__ import annotations

from contextlib import suppress
from math import prod
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from advisor.benchmark.parts import tensors

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray
    from onnx import GraphProto, ModelProto, NodeProto, TypeProto

    from advisor.benchmark.arithmetic import Shape

# Tensors larger than this are not needed to follow sizes and are left out of inference.
_SMALL: Final = 1024
# Steps that work sizes out. Any other step's values are not needed; its sizes are inferred.
_WORDS: Final = (
    "Shape Size Gather Concat Unsqueeze Squeeze Slice Cast Add Sub Mul Div Mod Neg Abs Equal Less Greater LessOrEqual GreaterOrEqual "
    "And Or Not Where ConstantOfShape Range Reshape Flatten Transpose Expand Tile Identity Constant ReduceProd ReduceSum ReduceMax "
    "ReduceMin Min Max Floor Ceil Round Sqrt Split GatherElements ScatterND ScatterElements CumSum"
)
_SIZE_STEPS: Final = frozenset(_WORDS.split())
_MOST_STEPS: Final = 200_000


def inlined(model: ModelProto) -> ModelProto:
    """The model with its own functions unfolded."""
    if not model.functions:
        return model
    import onnx.inliner

    unfolded: ModelProto = onnx.inliner.inline_local_functions(model)
    return unfolded


def port_type(kind: TypeProto) -> tuple[str, tuple[int | str, ...] | None]:
    """Element type and sizes of an input or output. Sizes are `None` where not even their number is known."""
    import onnx

    which = kind.WhichOneof("value")
    if which != "tensor_type":
        return {"sequence_type": "sequence", "optional_type": "optional", "map_type": "map"}.get(which or "", "unknown"), None
    t = kind.tensor_type
    known = t.elem_type in onnx.TensorProto.DataType.values()
    word = onnx.TensorProto.DataType.Name(t.elem_type).lower() if known else "unknown"
    if not t.HasField("shape"):
        return word, None
    return word, tuple(d.dim_value if d.HasField("dim_value") and d.dim_value >= 0 else d.dim_param for d in t.shape.dim)


def shapes_in(model: ModelProto, shapes: Mapping[str, Shape]) -> dict[str, Shape]:
    """Every size that can be told in the graph and its branches, for the given input sizes."""
    import onnx

    light = onnx.ModelProto()
    light.CopyFrom(_without_weights(inlined(model)))
    for value in light.graph.input:
        if value.name in shapes and value.type.HasField("tensor_type"):
            value.type.tensor_type.ClearField("shape")
            for size in shapes[value.name]:
                value.type.tensor_type.shape.dim.add().dim_value = size
    # What the file says of inner and outer results was written for its free sizes and may disagree with ours.
    light.graph.ClearField("value_info")
    for out in light.graph.output:
        if out.type.HasField("tensor_type"):
            out.type.tensor_type.ClearField("shape")
    found = {t.name: tuple(t.dims) for t in tensors(model) if t.name}
    try:
        inferred = onnx.shape_inference.infer_shapes(light, check_type=False, strict_mode=False, data_prop=True)
    except Exception:  # noqa: BLE001 -- the library raises its own and protobuf's errors; any of them means "not to be told"
        return dict(shapes)
    types: dict[str, TypeProto] = {}
    waiting = [inferred.graph]
    while waiting:
        graph = waiting.pop()
        for value in (*graph.input, *graph.value_info, *graph.output):
            dims = port_type(value.type)[1]
            if dims is not None and all(isinstance(d, int) for d in dims):
                found[value.name] = tuple(int(d) for d in dims)
                types[value.name] = value.type
        waiting.extend(a.g for n in graph.node for a in n.attribute if a.type == 5)
    if any(o and o not in found for n in inferred.graph.node for o in n.output):
        _Following(inferred, found, types).follow()
    return found


class _Following:
    """Goes through a graph once, from inputs to outputs, adding what inference left open to `found`."""

    def __init__(self, model: ModelProto, found: dict[str, Shape], types: dict[str, TypeProto]) -> None:
        import onnx

        self.graph: GraphProto = model.graph
        self.found, self.types = found, types
        self.opsets = {o.domain or "": o.version for o in model.opset_import}
        self.ir = model.ir_version
        self.values: dict[str, NDArray[Any]] = {}
        for t in self.graph.initializer:
            self.types[t.name] = onnx.helper.make_tensor_type_proto(t.data_type, t.dims)
            if prod(t.dims) <= _SMALL and t.data_location != onnx.TensorProto.EXTERNAL:
                # A table of a kind that does not exist has no values; nothing can be followed through it.
                with suppress(KeyError, TypeError, ValueError):
                    self.values[t.name] = onnx.numpy_helper.to_array(t)

    def follow(self) -> None:
        """Adds every size that can be followed."""
        for node in self.graph.node if len(self.graph.node) <= _MOST_STEPS else ():
            if any(o and o not in self.found for o in node.output):
                self._infer(node)
            if node.op_type in _SIZE_STEPS and node.domain in ("", "ai.onnx"):
                self._work_out(node)

    def _infer(self, node: NodeProto) -> None:
        import onnx

        if any(i and i not in self.types for i in node.input):
            return
        try:
            schema = onnx.defs.get_schema(node.op_type, self.opsets.get(node.domain, 1), node.domain)
            known = {i: onnx.numpy_helper.from_array(self.values[i]) for i in node.input if i in self.values}
            inputs = {i: self.types[i] for i in node.input if i}
            opsets = [onnx.helper.make_opsetid(d, v) for d, v in self.opsets.items()]
            told = onnx.shape_inference.infer_node_outputs(schema, node, inputs, known, opset_imports=opsets, ir_version=self.ir)
        except Exception:  # noqa: BLE001 -- whatever the library cannot tell stays unknown
            return
        for name, kind in told.items():
            dims = port_type(kind)[1]
            if dims is not None and all(isinstance(d, int) for d in dims):
                self.found[name] = tuple(int(d) for d in dims)
                self.types[name] = kind

    def _work_out(self, node: NodeProto) -> None:
        """Values of a step whose inputs are known and small and whose results are small."""
        if any(prod(self.found.get(o, (_SMALL + 1,))) > _SMALL for o in node.output if o):
            return
        if node.op_type == "Shape" and node.input[0] in self.found:
            ends = {a.name: a.i for a in node.attribute}
            self.values[node.output[0]] = np.array(self.found[node.input[0]][ends.get("start", 0) : ends.get("end")], dtype=np.int64)
        elif all(not i or i in self.values for i in node.input):
            from onnx.reference import ReferenceEvaluator

            feed = {i: self.values[i] for i in node.input if i}
            try:
                results = ReferenceEvaluator(node, opsets=self.opsets).run(None, feed)
            except Exception:  # noqa: BLE001 -- a step that cannot be worked out stays unknown
                return
            for name, value in zip(node.output, results, strict=False):
                if isinstance(value, np.ndarray | np.generic) and np.size(value) <= _SMALL:
                    self.values[name] = np.asarray(value)


def _without_weights(model: ModelProto) -> ModelProto:
    """The model with its large tables declared as inputs: sizes stay, gigabytes do not travel."""
    import onnx

    if not any(prod(t.dims) > _SMALL for t in model.graph.initializer):
        return model
    light = onnx.ModelProto()
    light.ir_version = max(model.ir_version, 4)
    light.opset_import.extend(model.opset_import)
    graph: Any = light.graph
    graph.name = model.graph.name
    graph.node.extend(model.graph.node)
    graph.output.extend(model.graph.output)
    graph.sparse_initializer.extend(model.graph.sparse_initializer)
    declared = {i.name for i in model.graph.input}
    graph.input.extend(model.graph.input)
    for t in model.graph.initializer:
        if prod(t.dims) <= _SMALL and t.data_location != onnx.TensorProto.EXTERNAL:
            graph.initializer.append(t)
        elif t.name not in declared:
            graph.input.append(onnx.helper.make_tensor_value_info(t.name, t.data_type, list(t.dims)))
    return light
