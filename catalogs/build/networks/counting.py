"""Counts what a network's operators have to do, by class, while it runs on tensors that have a shape and no content."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

import torch
import torch.nn.functional
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_flatten

from advisor.operator_classes import NARROW

# Operators that only look at the same memory in another way, or make an empty one.
VIEWS = frozenset(
    "view _unsafe_view reshape permute transpose t expand slice unsqueeze squeeze select split split_with_sizes chunk alias detach "
    "as_strided unbind _reshape_alias narrow unfold diagonal lift_fresh empty zeros ones arange new_zeros new_empty empty_like zeros_like "
    "ones_like full scalar_tensor is_same_size _local_scalar_dense sym_size new_full full_like movedim view_as_real view_as_complex real "
    "imag _to_copy to dropout native_dropout linspace empty_strided new_empty_strided contiguous_ unsafe_split".split()
)
CLASSES = {
    "cheap": "relu clamp clamp_min clamp_max hardtanh leaky_relu threshold neg abs prelu _prelu_kernel relu6 maximum minimum",
    "smooth": "gelu silu sigmoid tanh hardswish hardsigmoid elu mish softplus exp log erf pow sqrt rsqrt sin cos log_sigmoid reciprocal "
    "log1p expm1 celu selu",
    "binary": "add sub mul div rsub addcmul addcdiv where lerp eq ne gt lt ge le logical_and logical_not bitwise_and masked_fill "
    "floor_divide remainder bitwise_not logical_or bitwise_or",
    "reduce": "mean sum amax amin max min var var_mean argmax cumsum topk sort std linalg_vector_norm prod any all argmin argsort",
}
CLASS_OF = {name: kind for kind, names in CLASSES.items() for name in names.split()}
# (class, MACs, numbers read, numbers written, weights read, narrow, Winograd's) of one operator.
Operator = tuple[str, int, int, int, int, bool, bool]
# Winograd's short cut serves 3x3 convolutions of stride one that read at least this many channels (ncnn's rule on most chips).
WINOGRAD_CHANNELS = 8
_plain_attention = torch.nn.functional.scaled_dot_product_attention
_counting: list[Counting] = []


class Counting(TorchDispatchMode):
    """Collects the operators that run while it is entered."""

    def __init__(self, model: torch.nn.Module) -> None:
        super().__init__()
        self.operators: Counter[Operator] = Counter()
        self._weights = {id(p) for p in (*model.parameters(), *model.buffers())}

    def __enter__(self) -> Counting:
        _counting.append(self)
        return super().__enter__()

    def __exit__(self, *raised: Any) -> None:
        _counting.pop()
        super().__exit__(*raised)

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        out = func(*args, **(kwargs or {}))
        name = str(func).split(".")[1].rstrip("_")
        if name not in VIEWS:
            inputs = [a for a in tree_flatten((args, kwargs))[0] if isinstance(a, torch.Tensor)]
            outputs = [o for o in tree_flatten(out)[0] if isinstance(o, torch.Tensor)]
            weights = sum(a.numel() for a in inputs if self._is_weight(a))
            read = sum(a.numel() for a in inputs) - weights
            kind, macs, narrow = work_of(name, args, outputs[0] if outputs else None, bool(weights))
            short = kind == "conv" and short_cut(args)
            self.operators[kind, macs, read, outputs[0].numel() if outputs else 0, weights, narrow, short] += 1
        return out

    def _is_weight(self, a: torch.Tensor) -> bool:
        return id(a) in self._weights or (a._is_view() and a._base is not None and id(a._base) in self._weights)


def work_of(name: str, args: Any, out: torch.Tensor | None, weighted: bool) -> tuple[str, int, bool]:
    """Class and MACs of one operator, and whether it is a narrow convolution."""
    if name == "convolution" and out is not None:
        x, kernel, turned, groups = args[0], args[1], args[6], args[8]
        area = math.prod(kernel.shape[2:])
        into, outof = (kernel.shape[0], kernel.shape[1] * groups) if turned else (kernel.shape[1] * groups, kernel.shape[0])
        macs = (x.numel() * outof if turned else out.numel() * into) * area // groups
        dense = "conv" if turned or area > 1 else "pointwise"
        kind = dense if groups == 1 or turned else "depthwise" if groups == into else "grouped"
        return kind, macs, kind in ("conv", "pointwise") and min(into, outof) < NARROW
    if name in ("mm", "addmm", "bmm", "baddbmm"):
        a, b = (args[1], args[2]) if name in ("addmm", "baddbmm") else (args[0], args[1])
        return "linear" if weighted else "matmul", a.numel() * b.shape[-1], False
    if "pool" in name:
        window = args[1] if len(args) > 1 and isinstance(args[1], (list, tuple)) and "adaptive" not in name else ()
        area = math.prod(window) if len(window) > 1 else (window[0] ** 2 if window else 0)
        return "pool", out.numel() * area if out is not None else 0, False
    for part, kind in (("batch_norm", "batch_norm"), ("softmax", "softmax"), ("upsample", "resize"), ("grid_sampl", "resize")):
        if part in name:
            return kind, 0, False
    if "norm" in name and "vector" not in name:
        return "norm", 0, False
    return CLASS_OF.get(name, "move"), 0, False


def short_cut(args: Any) -> bool:
    """Whether Winograd's algorithm serves this dense convolution (Lavin & Gray 2016, "Fast Algorithms for Convolutional Neural Networks")."""
    kernel, stride, dilation, turned = args[1], args[3], args[5], args[6]
    return (
        not turned
        and tuple(kernel.shape[2:]) == (3, 3)
        and set(stride) == {1}
        and set(dilation) == {1}
        and kernel.shape[1] >= WINOGRAD_CHANNELS
    )


def _marked_attention(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, *more: Any, **named: Any) -> torch.Tensor:
    """Attention as one operator: whether it is fused depends on the runtime, so its scores are kept apart."""
    if not _counting:
        return _plain_attention(q, k, v, *more, **named)
    queries = q.numel() // q.shape[-1]
    scores = queries * k.shape[-2]
    masked = named.get("attn_mask", more[0] if more else None) is not None
    macs, read, written = scores * (q.shape[-1] + v.shape[-1]), q.numel() + k.numel() + v.numel(), queries * v.shape[-1]
    _counting[-1].operators["attention", macs, read, written, 0, False, False] += 1
    _counting[-1].operators["masked_scores" if masked else "scores", 0, scores, scores, 0, False, False] += 1
    return q.new_empty(*q.shape[:-1], v.shape[-1])


torch.nn.functional.scaled_dot_product_attention = _marked_attention


def counted(model: torch.nn.Module, *inputs: torch.Tensor) -> Counter[Operator]:
    """The operators of one call."""
    counting = Counting(model)
    with torch.no_grad(), counting:
        model(*inputs)
    return counting.operators
