"""The classes of operator by which work is counted: from a model file, from published architectures, and in learned costs.

Counts are for one call of one input: `macs_*` in millions of multiply-accumulates, `moved_*` in millions of numbers read and
written, `operators` in steps, `once` in millions of numbers that are read once a call however large the batch (weights).
"""

from __future__ import annotations

from typing import Final

MACS: Final = ("conv", "conv_narrow", "pointwise", "pointwise_narrow", "grouped", "depthwise", "linear", "matmul", "attention", "pool")
MOVED: Final = (
    "conv", "pointwise", "grouped", "depthwise", "linear", "matmul", "attention", "scores", "masked_scores", "batch_norm", "norm",
    "cheap", "smooth", "binary", "softmax", "pool", "reduce", "move", "resize",
)  # fmt: skip
COLUMNS: Final = (*(f"macs_{k}" for k in MACS), *(f"moved_{k}" for k in MOVED), "operators", "once")
# MACs, counted above too, that Winograd's algorithm shortens: dense 3x3 convolutions of stride one.
WINOGRAD: Final = "winograd"
# A convolution with fewer channels than this on one side leaves a matrix unit half empty.
NARROW: Final = 64
