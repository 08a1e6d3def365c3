"""The work of an ONNX graph by class of operator, for sizes that are all known.

A graph is written in smaller steps than it is run in: a GELU or a layer norm may be ten nodes. So steps without products that
hand their results straight to each other count as one: what moves is what such a group reads from outside and what others
read of it. That is what fusing runtimes do, and what counting a published architecture gives.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Final

from advisor.benchmark.arithmetic import ATTENTION, CONVOLUTIONS, COUNTED, RECURRENT, WEIGHT_AT, Shape, node_macs
from advisor.operator_classes import COLUMNS, NARROW

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from onnx import GraphProto, NodeProto

    Sizes = Callable[[str], Shape | None]

_CLASSES: Final = {
    "cheap": "Relu LeakyRelu Clip PRelu Neg Abs Max Min ThresholdedRelu Sign Floor Ceil Round Cast "
    "QuantizeLinear DequantizeLinear DynamicQuantizeLinear QLinearLeakyRelu QLinearAdd QLinearMul",
    "smooth": "Sigmoid Tanh HardSigmoid HardSwish Elu Selu Celu Gelu Mish Softplus Softsign Exp Log Erf Pow Sqrt Reciprocal Sin Cos "
    "FastGelu QuickGelu BiasGelu QLinearSigmoid",
    "binary": "Add Sub Mul Div Where Equal Less Greater LessOrEqual GreaterOrEqual And Or Not Xor Mod Sum Mean",
    "norm": "LayerNormalization InstanceNormalization GroupNormalization LpNormalization SkipLayerNormalization "
    "SimplifiedLayerNormalization RMSNormalization LRN MeanVarianceNormalization EmbedLayerNormalization GroupNorm",
    "batch_norm": "BatchNormalization",
    "softmax": "Softmax LogSoftmax QLinearSoftmax",
    "reduce": "ReduceMean ReduceSum ReduceMax ReduceMin ReduceL1 ReduceL2 ReduceProd ReduceSumSquare ReduceLogSumExp ArgMax ArgMin CumSum",
    "pool": "MaxPool AveragePool GlobalAveragePool GlobalMaxPool LpPool GlobalLpPool QLinearAveragePool QLinearGlobalAveragePool "
    "MaxRoiPool RoiAlign",
    "resize": "Resize Upsample GridSample",
}  # fmt: skip
_CLASS_OF: Final = {op: kind for kind, ops in _CLASSES.items() for op in ops.split()}
# Only another look at the same memory; the rest (transpose, concat, gather, ...) copies.
_VIEWS: Final = frozenset(
    ("Reshape", "Flatten", "Squeeze", "Unsqueeze", "Identity", "Shape", "Size", "Constant", "ConstantOfShape", "Range", "Dropout")
)
_MERGED: Final = ("norm", "softmax", "reduce", "smooth", "binary", "cheap", "batch_norm")
# Results this small are sizes being worked out, not answers.
_TINY: Final = 64
_WRITTEN: Final = "written"


class GroupedSteps:
    """Which steps of a graph hand their results straight to each other (union-find over nodes)."""

    def __init__(self, count: int) -> None:
        self.of = list(range(count))

    def root(self, i: int) -> int:
        """The group of step i."""
        while self.of[i] != i:
            self.of[i] = self.of[self.of[i]]
            i = self.of[i]
        return i

    def join(self, a: int, b: int) -> None:
        """Puts two steps into one group."""
        self.of[self.root(a)] = self.root(b)


@dataclass(frozen=True, slots=True)
class GraphWork:
    """Work of one call: `classes` by `COLUMNS`; `activations_millions` are the numbers that multiplying steps put out."""

    gmacs: float
    activations_millions: float
    classes: Mapping[str, float]


def graph_work(graph: GraphProto, sizes: Sizes) -> GraphWork | None:
    """Work of a graph; `None` if a needed size is unknown or a loop multiplies. Of two branches the dearer one counts."""
    found = _work(graph, sizes)
    if found is None:
        return None
    written = found.pop(_WRITTEN)
    classes = {k: v if k == "operators" else v / 1e6 for k, v in found.items()}
    return GraphWork(_products(found) / 1e9, written / 1e6, classes)


def _products(work: Mapping[str, float]) -> float:
    """Multiply-adds of all classes; what a pool looks at is only added up."""
    return sum(v for k, v in work.items() if k.startswith("macs_") and k != "macs_pool")


def _work(graph: GraphProto, sizes: Sizes) -> dict[str, float] | None:
    fixed = {t.name for t in graph.initializer} | {s.values.name for s in graph.sparse_initializer}
    nodes = [n for n in graph.node if not _made_of(n, fixed)]
    out = dict.fromkeys((*COLUMNS, _WRITTEN), 0.0)
    for node in nodes:
        if node.op_type in COUNTED and not _add_product(out, node, sizes, fixed):
            return None
        bodies = [a.g for a in node.attribute if a.type == 5]
        if bodies and not _add_branch(out, node, bodies, sizes):
            return None
    _add_rest(out, nodes, graph, sizes, fixed)
    return out


def _made_of(node: NodeProto, fixed: set[str]) -> bool:
    """Whether a step's result is known beforehand; such steps are done once when the model is loaded."""
    ready = bool(node.input) and all(not i or i in fixed for i in node.input) and not any(a.type in (5, 10) for a in node.attribute)
    if ready or node.op_type == "Constant":
        fixed.update(node.output)
        return True
    return False


def _add_branch(out: dict[str, float], node: NodeProto, bodies: Sequence[GraphProto], sizes: Sizes) -> bool:
    inner = [_work(body, sizes) for body in bodies]
    known = [w for w in inner if w is not None]
    if len(known) < len(inner) or (node.op_type != "If" and any(_products(w) for w in known)):
        return False
    for k, v in max(known, key=_products).items():
        out[k] += v
    return True


def _add_product(out: dict[str, float], node: NodeProto, sizes: Sizes, fixed: set[str]) -> bool:
    """Adds a step that multiplies; `False` where a size is unknown."""
    inputs = [sizes(i) if i else None for i in node.input]
    counted = node_macs(node, inputs, [sizes(o) if o else None for o in node.output])
    if counted is None:
        return False
    macs, written = counted
    kind, column = _product_class(node, inputs, fixed)
    out[f"macs_{column}"] += macs
    weights = [prod(s) for name, s in zip(node.input, inputs, strict=True) if name in fixed and s is not None]
    read = [prod(s) for name, s in zip(node.input, inputs, strict=True) if name and name not in fixed and s is not None]
    out[f"moved_{kind}"] += sum(read) + written
    out[_WRITTEN] += written
    out["once"] += sum(weights)
    # A recurrent layer takes its steps one after the other.
    steps = inputs[0][0] if node.op_type in RECURRENT and inputs[0] else 1
    out["operators"] += steps
    return True


def _product_class(node: NodeProto, inputs: Sequence[Shape | None], fixed: set[str]) -> tuple[str, str]:
    """Class of a step that multiplies, and the column of its products."""
    op = node.op_type
    if op in CONVOLUTIONS:
        x, w = inputs[0], inputs[WEIGHT_AT.get(op, 1)]
        if x is None or w is None or len(w) < 3:
            return "conv", "conv"
        if op == "ConvTranspose":
            return "conv", "conv_narrow" if min(w[0], w[1]) < NARROW else "conv"
        groups = max(x[1] // max(w[1], 1), 1)
        kind = ("conv" if prod(w[2:]) > 1 else "pointwise") if groups == 1 else "depthwise" if w[1] == 1 else "grouped"
        narrow = kind in ("conv", "pointwise") and min(w[0], w[1]) < NARROW
        return kind, f"{kind}_narrow" if narrow else kind
    if op in ATTENTION:
        return "attention", "attention"
    weighted = any(i in fixed for i in node.input) or op in RECURRENT
    return ("linear", "linear") if weighted else ("matmul", "matmul")


def _add_rest(out: dict[str, float], nodes: Sequence[NodeProto], graph: GraphProto, sizes: Sizes, fixed: set[str]) -> None:
    """Adds the steps without products: copies and pools one by one, the others in groups."""
    maker = {o: i for i, n in enumerate(nodes) for o in n.output if o}
    groups = GroupedSteps(len(nodes))
    kinds = [_CLASS_OF.get(n.op_type, "move") if n.op_type not in COUNTED | _VIEWS else "" for n in nodes]

    def is_merged(name: str) -> bool:
        return name in maker and kinds[maker[name]] in _MERGED

    # What each view looks at. In the order of the steps, so that a file whose steps turn in a circle is no trap.
    seen_as: dict[str, str] = {}
    for node in nodes:
        if node.op_type in _VIEWS and node.input:
            seen_as |= dict.fromkeys(node.output, seen_as.get(node.input[0], node.input[0]))
    reads = [[seen_as.get(i, i) for i in n.input if i] for n in nodes]
    for i, names in enumerate(reads):
        if kinds[i] in _MERGED:
            for name in names:
                if is_merged(name):
                    groups.join(i, maker[name])
    members: dict[int, list[int]] = {}
    for i, kind in enumerate(kinds):
        if kind and not any(a.type == 5 for a in nodes[i].attribute):
            members.setdefault(groups.root(i), []).append(i)
    readers: dict[str, set[int]] = {}
    for i, names in enumerate(reads):
        if nodes[i].op_type not in _VIEWS:
            for name in names:
                readers.setdefault(name, set()).add(groups.root(i))
    ends = {seen_as.get(o.name, o.name) for o in graph.output}
    for root, steps in members.items():
        made = {o for i in steps for o in nodes[i].output if o}
        read = {n for i in steps for n in reads[i]} - made
        given = {o for o in made if o in ends or readers.get(o, set()) - {root}}
        moved = sum(prod(s) for n in (*(read - fixed), *given) if (s := sizes(n)) is not None)
        kind = next(k for k in (*_MERGED, "pool", "resize", "move") if any(kinds[i] == k for i in steps))
        if moved <= _TINY:
            continue
        if kind == "pool":
            out["macs_pool"] += sum(_pooled(nodes[i], sizes) for i in steps)
        out[f"moved_{kind}"] += moved
        out["operators"] += max(len(given), 1)


def _pooled(node: NodeProto, sizes: Sizes) -> float:
    """Numbers that the windows of a pool look at."""
    window: list[int] | None = next((list(a.ints) for a in node.attribute if a.name == "kernel_shape"), None)
    put_out, read = sizes(node.output[0]), sizes(node.input[0])
    if window is None or put_out is None:
        return prod(read) if read is not None else 0
    return float(prod(put_out) * prod(window))
