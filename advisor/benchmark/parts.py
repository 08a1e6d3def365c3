"""Every part of an ONNX file, wherever it stands: graphs inside steps, functions, what training left behind, and their tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from onnx import ModelProto, TensorProto


def parts(model: ModelProto) -> Iterator[Any]:
    """Every graph and function in the file, those inside others and those of training too."""
    waiting: list[Any] = [model.graph, *model.functions]
    for step in model.training_info:
        waiting += [step.initialization, step.algorithm]
    while waiting:
        part = waiting.pop()
        yield part
        # By what is there, not by the type it states: a runtime may look at either.
        for a in _attributes(part):
            waiting += [*([a.g] if a.HasField("g") else ()), *a.graphs]


def _attributes(part: Any) -> Iterator[Any]:
    yield from getattr(part, "attribute_proto", ())
    for node in part.node:
        yield from node.attribute


def tensors(model: ModelProto) -> Iterator[TensorProto]:
    """Every table in the file: any of them may name another file."""
    for part in parts(model):
        sparse = list(getattr(part, "sparse_initializer", ()))
        yield from getattr(part, "initializer", ())
        for a in _attributes(part):
            if a.HasField("t"):
                yield a.t
            yield from a.tensors
            sparse += [*([a.sparse_tensor] if a.HasField("sparse_tensor") else ()), *a.sparse_tensors]
        for one in sparse:
            yield one.values
            yield one.indices
