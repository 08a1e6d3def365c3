"""Eight small graphs made here, whose times place this computer among the catalog's machines.

Each is one kind of work that models are made of. Weights are seeded, so the graphs are the same everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

_OPSET: Final = 17
_IR: Final = 8


@dataclass(frozen=True, slots=True)
class Graph:
    """A reference graph: its ONNX bytes, the shape of its input `x`, its work.

    `gmacs` are billions of multiply-adds, `gigabytes` what has to travel to and from memory. `places`: whether its time says how
    fast ordinary models run here; 8-bit numbers, recurrent layers and work too small to matter do not.
    """

    id: str
    onnx: bytes
    shape: tuple[int, ...]
    gmacs: float
    gigabytes: float | None = None
    places: bool = True

    def work(self) -> dict[str, float]:
        """Its work by class of operator; empty where its time places nothing."""
        import onnx

        from advisor.benchmark.operator_work import graph_work
        from advisor.benchmark.sizes import shapes_in

        model = onnx.load_from_string(self.onnx)
        found = graph_work(model.graph, shapes_in(model, {"x": self.shape}).get) if self.places else None
        return {} if found is None else {k: float(f"{v:.6g}") for k, v in found.classes.items() if v}


def graphs() -> tuple[Graph, ...]:
    """All reference graphs, the dearest about 10 ms on a desktop computer."""
    return tuple(make() for make in _MAKERS)


def _weights(shape: tuple[int, ...], seed: int) -> NDArray[Any]:
    import numpy as np

    return (np.random.default_rng(seed).standard_normal(shape) * 0.05).astype(np.float32)


def _graph(
    id: str,
    nodes: list[Any],
    shape: tuple[int, ...],
    tables: dict[str, Any],
    gmacs: float,
    gigabytes: float | None = None,
    *,
    places: bool = True,
) -> Graph:
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    graph = helper.make_graph(
        nodes,
        id,
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, None)],
        [numpy_helper.from_array(t, n) for n, t in tables.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=_IR)
    return Graph(id, model.SerializeToString(deterministic=True), shape, gmacs, gigabytes, places)


def _chain(op: str, depth: int, out: str = "y", **attributes: Any) -> list[Any]:
    """`depth` steps of `op` with a Relu after each, from `x` to `out`, weights `w0`, `w1` ..."""
    from onnx import helper

    nodes, last = [], "x"
    for i in range(depth):
        after = out if i == depth - 1 else f"r{i}"
        nodes += [helper.make_node(op, [last, f"w{i}"], [f"c{i}"], **attributes), helper.make_node("Relu", [f"c{i}"], [after])]
        last = after
    return nodes


def _convolution() -> Graph:
    c, size, depth = 64, 56, 4
    tables = {f"w{i}": _weights((c, c, 3, 3), i) for i in range(depth)}
    macs = depth * c * c * 9 * size * size
    return _graph("conv-3x3", _chain("Conv", depth, pads=[1, 1, 1, 1]), (1, c, size, size), tables, macs / 1e9)


def _depthwise() -> Graph:
    c, size, depth = 128, 56, 6
    tables = {f"w{i}": _weights((c, 1, 3, 3), i) for i in range(depth)}
    macs = depth * c * 9 * size * size
    return _graph("depthwise-3x3", _chain("Conv", depth, pads=[1, 1, 1, 1], group=c), (1, c, size, size), tables, macs / 1e9)


def _dense() -> Graph:
    n, rows, depth = 768, 128, 4
    tables = {f"w{i}": _weights((n, n), i) for i in range(depth)}
    return _graph("dense-768", _chain("MatMul", depth), (rows, n), tables, depth * rows * n * n / 1e9)


def _attention() -> Graph:
    from onnx import helper

    heads, steps, width = 8, 256, 64
    nodes = [
        helper.make_node("Transpose", ["x"], ["k"], perm=[0, 1, 3, 2]),
        helper.make_node("MatMul", ["x", "k"], ["s"]),
        helper.make_node("Softmax", ["s"], ["p"], axis=-1),
        helper.make_node("MatMul", ["p", "x"], ["y"]),
    ]
    return _graph("attention-256", nodes, (1, heads, steps, width), {}, 2 * heads * steps * steps * width / 1e9)


def _memory() -> Graph:
    # One row times a large matrix: every weight travels from memory and is used once.
    n = 4096
    macs = n * n
    return _graph("memory-64mb", _chain("MatMul", 1), (1, n), {"w0": _weights((n, n), 0)}, macs / 1e9, n * n * 4 / 1e9)


def _recurrent() -> Graph:
    from onnx import helper

    steps, width, hidden = 64, 128, 128
    nodes = [
        helper.make_node("LSTM", ["x", "w0", "w1"], ["h", "", ""], hidden_size=hidden),
        helper.make_node("Identity", ["h"], ["y"]),
    ]
    tables = {"w0": _weights((1, 4 * hidden, width), 0), "w1": _weights((1, 4 * hidden, hidden), 1)}
    return _graph("lstm-128", nodes, (steps, 1, width), tables, steps * 4 * hidden * (width + hidden) / 1e9, places=False)


def _int8() -> Graph:
    import numpy as np
    from onnx import helper

    n, rows, depth = 768, 128, 4
    nodes, last = [], "x"
    for i in range(depth):
        nodes += [
            helper.make_node("DynamicQuantizeLinear", [last], [f"q{i}", f"s{i}", f"z{i}"]),
            helper.make_node("MatMulInteger", [f"q{i}", f"w{i}", f"z{i}"], [f"m{i}"]),
            helper.make_node("Cast", [f"m{i}"], [f"f{i}"], to=1),
            helper.make_node("Mul", [f"f{i}", f"s{i}"], ["y" if i == depth - 1 else f"r{i}"]),
        ]
        last = f"r{i}"
    rng = np.random.default_rng(0)
    tables = {f"w{i}": rng.integers(-64, 64, (n, n), dtype=np.int8) for i in range(depth)}
    return _graph("dense-int8-768", nodes, (rows, n), tables, depth * rows * n * n / 1e9, places=False)


def _tiny() -> Graph:
    # Too little work to matter: what is left is the price of asking.
    return _graph("tiny", _chain("MatMul", 8), (1, 8), {f"w{i}": _weights((8, 8), i) for i in range(8)}, 8 * 64 / 1e9, places=False)


_MAKERS: Final[tuple[Callable[[], Graph], ...]] = (
    _convolution, _depthwise, _dense, _attention, _memory, _recurrent, _int8, _tiny,
)  # fmt: skip
