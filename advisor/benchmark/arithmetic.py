"""Multiplications that a graph needs for one answer, and the numbers that its layers hand on.

`gmacs` counts multiply-adds of convolutions, matrix products and recurrent layers; `activations` counts the numbers
that those layers put out (the convention of fvcore's ActivationCountAnalysis, which published tables follow).
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from onnx import NodeProto

Shape = tuple[int, ...]
# Operators whose products are counted; everything else is free in this count.
_CONV: Final = frozenset({"Conv", "FusedConv", "ConvInteger", "QLinearConv", "NhwcConv", "NhwcFusedConv"})
_TRANSPOSED: Final = frozenset({"ConvTranspose"})
_MATMUL: Final = frozenset({"MatMul", "MatMulInteger", "QLinearMatMul", "FusedMatMul", "DynamicQuantizeMatMul", "MatMulIntegerToFloat"})
_GEMM: Final = frozenset({"Gemm", "QGemm", "FusedGemm"})
RECURRENT: Final = {"RNN": 1, "GRU": 3, "LSTM": 4, "DynamicQuantizeLSTM": 4}
ATTENTION: Final = frozenset({"Attention", "MultiHeadAttention", "GroupQueryAttention"})
CONVOLUTIONS: Final = _CONV | _TRANSPOSED
COUNTED: Final = CONVOLUTIONS | _MATMUL | _GEMM | frozenset(RECURRENT) | ATTENTION | {"Einsum", "MatMulNBits"}
# Where the weight stands among an operator's inputs when it is not the second.
WEIGHT_AT: Final = {"QLinearConv": 3, "QLinearMatMul": 3, "QGemm": 3}


def attribute(node: NodeProto, name: str, default: Any) -> Any:
    """The value of a node's attribute: int, float, list of ints, or text."""
    for a in node.attribute:
        if a.name == name:
            match a.type:
                case 1:
                    return a.f
                case 2:
                    return a.i
                case 3:
                    return a.s.decode("utf-8", "replace")
                case 7:
                    return list(a.ints)
                case _:
                    return default
    return default


def node_macs(node: NodeProto, inputs: Sequence[Shape | None], outputs: Sequence[Shape | None]) -> tuple[int, int] | None:
    """Multiply-adds and numbers put out by one counted node; `None` if a shape that is needed is not known.

    Formulas: convolution out x (C_in/group) x kernel; product (..., M, K) x (K, N) -> M K N each; recurrent layer
    steps x batch x directions x gates x hidden x (input + hidden); attention 2 x query x key x width.
    """
    op = node.op_type
    try:
        counted = _macs(node, op, inputs, outputs)
    except (IndexError, TypeError, ZeroDivisionError):
        return None
    out = outputs[0] if outputs else None
    if counted is None or out is None:
        return None
    return counted, prod(out)


def _macs(node: NodeProto, op: str, inputs: Sequence[Shape | None], outputs: Sequence[Shape | None]) -> int | None:
    x, out = inputs[0], outputs[0]
    w = inputs[WEIGHT_AT.get(op, 1)] if len(inputs) > 1 else None
    if op in _CONV:
        return None if out is None or w is None else prod(out) * prod(w[1:])
    if op in _TRANSPOSED:
        return None if x is None or w is None else prod(x) * prod(w[1:])
    if op in _MATMUL:
        return None if out is None or x is None else prod(out) * x[-1]
    if op in _GEMM:
        # K of (M, K) x (K, N), whichever way the first table lies.
        return None if out is None or x is None else prod(out) * (prod(x) // out[0])
    if op == "MatMulNBits":
        return None if out is None else prod(out) * int(attribute(node, "K", 0))
    if op in RECURRENT:
        if x is None or w is None:
            return None
        hidden = int(attribute(node, "hidden_size", 0)) or w[1] // RECURRENT[op]
        return x[0] * x[1] * w[0] * RECURRENT[op] * hidden * (x[2] + hidden)
    if op in ATTENTION:
        return _attention(node, op, inputs)
    if op == "Einsum":
        return _einsum(str(attribute(node, "equation", "")), inputs)
    return 0


def _attention(node: NodeProto, op: str, inputs: Sequence[Shape | None]) -> int | None:
    q = inputs[0]
    if q is None:
        return None
    if op == "Attention" and node.domain == "com.microsoft":
        # One matrix makes query, key and value from the input: (B, S, H) x (H, 3H), then two products of S x S x H.
        w = inputs[1]
        return None if w is None else q[0] * q[1] * w[0] * w[1] + 2 * q[0] * q[1] * q[1] * (w[1] // 3)
    k = inputs[1] if len(inputs) > 1 and inputs[1] is not None else q
    if len(q) == 4:
        return 2 * q[0] * q[1] * q[2] * k[2] * q[3]
    return 2 * q[0] * q[1] * k[1] * q[2]


def _einsum(equation: str, inputs: Sequence[Shape | None]) -> int | None:
    terms = equation.replace(" ", "").split("->")[0].split(",")
    if len(terms) < 2:
        return 0
    if "." in equation or any(s is None or len(s) != len(t) for t, s in zip(terms, inputs, strict=True)):
        return None
    sizes = {letter: size for t, s in zip(terms, inputs, strict=True) if s is not None for letter, size in zip(t, s, strict=True)}
    return prod(sizes.values())


def traced_macs(events: Iterable[Mapping[str, Any]]) -> tuple[int, int] | None:
    """Multiply-adds and numbers put out in one answer, from onnxruntime's own record of it (optimisations off).

    `events` are the entries of its profile: operator and the sizes that really went in and out, loops and all.
    """
    from onnx import NodeProto

    macs = numbers = 0
    for event in events:
        said = event.get("args", {})
        if said.get("op_name") not in COUNTED or "input_type_shape" not in said:
            continue
        shapes = [[tuple(next(iter(t.values()))) for t in said[side]] for side in ("input_type_shape", "output_type_shape")]
        one = node_macs(NodeProto(op_type=said["op_name"]), shapes[0], shapes[1])
        if one is None or said["op_name"] in ("Einsum", "MatMulNBits"):
            return None  # these need more than sizes to be counted
        macs, numbers = macs + one[0], numbers + one[1]
    return macs, numbers
