"""Tiny models made on the spot."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

Make = Callable[..., onnx.ModelProto]


def _port(name: str, shape: Any, kind: int = TensorProto.FLOAT) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, kind, shape)


@pytest.fixture
def make() -> Make:
    """make(nodes, inputs, outputs, tables, opset) -> model; inputs and outputs are {name: shape or (shape, kind)}."""

    def build(
        nodes: list[onnx.NodeProto],
        inputs: dict[str, Any],
        outputs: dict[str, Any],
        tables: dict[str, Any] | None = None,
        opset: int = 17,
        functions: list[onnx.FunctionProto] | None = None,
        domains: tuple[str, ...] = (),
    ) -> onnx.ModelProto:
        def ports(said: dict[str, Any]) -> list[onnx.ValueInfoProto]:
            return [_port(n, *s) if isinstance(s, tuple) else _port(n, s) for n, s in said.items()]

        graph = helper.make_graph(
            nodes, "g", ports(inputs), ports(outputs), [numpy_helper.from_array(np.asarray(t), n) for n, t in (tables or {}).items()]
        )
        opsets = [helper.make_opsetid("", opset), *(helper.make_opsetid(d, 1) for d in domains)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=8, functions=functions or [])

    return build


@pytest.fixture
def dense(make: Make) -> onnx.ModelProto:
    """A product with a 64 x 64 table and a Relu; the first size is free."""
    table = np.random.default_rng(0).standard_normal((64, 64)).astype(np.float32)
    nodes = [helper.make_node("MatMul", ["x", "w"], ["h"]), helper.make_node("Relu", ["h"], ["y"])]
    return make(nodes, {"x": ["batch", 64]}, {"y": ["batch", 64]}, {"w": table})


@pytest.fixture
def dense_file(dense: onnx.ModelProto, tmp_path: Path) -> Path:
    path = tmp_path / "dense.onnx"
    path.write_bytes(dense.SerializeToString())
    return path


@pytest.fixture
def endless_file(make: Make, tmp_path: Path) -> Path:
    """A loop of 2^62 turns: a valid model that never answers."""
    body = helper.make_graph(
        [helper.make_node("Identity", ["ci"], ["co"]), helper.make_node("Mul", ["v", "k"], ["vo"])],
        "b",
        [_port("i", [], TensorProto.INT64), _port("ci", [], TensorProto.BOOL), _port("v", None)],
        [_port("co", [], TensorProto.BOOL), _port("vo", None)],
        [numpy_helper.from_array(np.array(1.0001, np.float32), "k")],
    )
    model = make(
        [helper.make_node("Loop", ["t", "c", "x"], ["y"], body=body)],
        {"x": ["batch", 4]},
        {"y": ["batch", 4]},
        {"t": np.array(2**62, np.int64), "c": np.array(True)},
    )
    path = tmp_path / "endless.onnx"
    path.write_bytes(model.SerializeToString())
    return path


@pytest.fixture
def pool_file(make: Make, tmp_path: Path) -> Path:
    """An ordinary 3x3 stride-2 pool with free picture size; at 1 x 1 it ends onnxruntime 1.32 with a signal."""
    node = helper.make_node("MaxPool", ["x"], ["y"], kernel_shape=[3, 3], strides=[2, 2])
    model = make([node], {"x": [1, 64, "height", "width"]}, {"y": [1, 64, "h2", "w2"]}, opset=9)
    path = tmp_path / "pool.onnx"
    path.write_bytes(model.SerializeToString())
    return path
