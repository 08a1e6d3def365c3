"""The bundled example: a small photo classifier made here, the same bytes every time."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

NAME: Final = "example-photo-classifier.onnx"
CLASSES: Final = 1000
# (times to widen, channels out, blocks, stride of the first): inverted residuals after Sandler et al. 2018,
# "MobileNetV2: Inverted Residuals and Linear Bottlenecks", table 2; the last stages are wider here.
_STAGES: Final = ((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 192, 3, 2), (6, 384, 1, 1))
_STEM, _HEAD, _SIZE = 32, 1536, 224


def sample_model(folder: Path) -> Path:
    """Writes the example model into `folder` (made where needed) and gives its path; an equal file is left alone."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / NAME
    body = model_bytes()
    if not (path.is_file() and hashlib.sha256(path.read_bytes()).digest() == hashlib.sha256(body).digest()):
        part = path.with_suffix(".part")
        part.write_bytes(body)
        part.replace(path)
    return path


def model_bytes() -> bytes:
    """The example model: photo `[batch, 3, 224, 224]` in, 1000 class scores out, about 4.5 million weights."""
    from onnx import TensorProto, helper

    build = _Builder()
    last = build.convolution("photo", 3, _STEM, 3, 2, clip=True)
    channels = _STEM
    for widen, out, blocks, stride in _STAGES:
        for i in range(blocks):
            last = build.block(last, channels, out, widen, stride if i == 0 else 1)
            channels = out
    last = build.convolution(last, channels, _HEAD, 1, 1, clip=True)
    build.add("GlobalAveragePool", [last], "pooled")
    build.add("Flatten", ["pooled"], "flat", axis=1)
    build.table("classes.w", build.drawn((_HEAD, CLASSES), _HEAD))
    build.table("classes.b", build.drawn((CLASSES,), CLASSES))
    build.add("Gemm", ["flat", "classes.w", "classes.b"], "scores")
    graph = helper.make_graph(
        build.nodes,
        "example photo classifier",
        [helper.make_tensor_value_info("photo", TensorProto.FLOAT, ["batch", 3, _SIZE, _SIZE])],
        [helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["batch", CLASSES])],
        build.tables,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8, producer_name="edgewise example")
    body: bytes = model.SerializeToString(deterministic=True)
    return body


class _Builder:
    """Nodes and weights in the order they are added; weights come from one seeded stream."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.tables: list[Any] = []
        self._state = 20_261_124

    def drawn(self, shape: tuple[int, ...], fan_in: int) -> NDArray[Any]:
        """Weights of variance 2 / fan_in (He et al. 2015), from a counter and a hash: the same on every computer.

        A generator of numpy's may change between versions; SplitMix64 (Steele, Lea & Flood 2014) will not.
        """
        import numpy as np

        count = int(np.prod(shape))
        with np.errstate(over="ignore"):
            z = np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(self._state)
            z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
            z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
            z = z ^ (z >> np.uint64(31))
        self._state += 1
        even = (z >> np.uint64(40)).astype(np.float32) / np.float32(2**24) - np.float32(0.5)
        # An even spread of width 1 has variance 1/12.
        return np.asarray(even * np.float32((24 / fan_in) ** 0.5), dtype=np.float32).reshape(shape)

    def table(self, name: str, values: NDArray[Any]) -> None:
        """A table of weights."""
        from onnx import numpy_helper

        self.tables.append(numpy_helper.from_array(values, name))

    def add(self, op: str, inputs: list[str], output: str, **attributes: Any) -> str:
        """One step; gives the name of its result."""
        from onnx import helper

        self.nodes.append(helper.make_node(op, inputs, [output], **attributes))
        return output

    def convolution(self, x: str, channels: int, out: int, kernel: int, stride: int, *, group: int = 1, clip: bool) -> str:
        """A convolution, cut to 0 to 6 after it where asked."""
        import numpy as np

        name = f"conv{len(self.nodes)}"
        self.table(f"{name}.w", self.drawn((out, channels // group, kernel, kernel), channels // group * kernel * kernel))
        self.table(f"{name}.b", self.drawn((out,), out * 100))
        pad = kernel // 2
        result = self.add(
            "Conv", [x, f"{name}.w", f"{name}.b"], f"{name}.y", kernel_shape=[kernel] * 2, strides=[stride] * 2, pads=[pad] * 4, group=group
        )
        if not clip:
            return result
        if not any(t.name == "zero" for t in self.tables):
            self.table("zero", np.asarray(0, dtype=np.float32))
            self.table("six", np.asarray(6, dtype=np.float32))
        return self.add("Clip", [result, "zero", "six"], f"{name}.z")

    def block(self, x: str, channels: int, out: int, widen: int, stride: int) -> str:
        """Widen, look at each channel by itself, narrow again, and add what went in where the sizes agree."""
        wide = channels * widen
        inner = self.convolution(x, channels, wide, 1, 1, clip=True) if widen > 1 else x
        inner = self.convolution(inner, wide, wide, 3, stride, group=wide, clip=True)
        inner = self.convolution(inner, wide, out, 1, 1, clip=False)
        return self.add("Add", [x, inner], f"{inner}.sum") if stride == 1 and channels == out else inner
