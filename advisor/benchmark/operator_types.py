"""Which operator types a model asks of its runtime: those of the standard, of branches and bodies, and inside functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from onnx import ModelProto, NodeProto

_STANDARD: Final = ("", "ai.onnx")
_GRAPH, _GRAPHS = 5, 10


def operator_types(model: ModelProto) -> tuple[str, ...]:
    """Sorted names, with the domain before those that are not ONNX's own ("com.microsoft:Gelu").

    A function of the model's own is looked into and not named: a runtime takes it apart.
    """
    functions = {(f.domain, f.name): f for f in model.functions}
    found: set[str] = set()
    opened: set[tuple[str, str]] = set()
    waiting: list[Iterable[NodeProto]] = [model.graph.node]
    while waiting:
        for node in waiting.pop():
            key = (node.domain, node.op_type)
            if key not in functions:
                found.add(node.op_type if node.domain in _STANDARD else f"{node.domain}:{node.op_type}")
            elif key not in opened:
                opened.add(key)
                waiting.append(functions[key].node)
            for a in node.attribute:
                if a.type == _GRAPH:
                    waiting.append(a.g.node)
                elif a.type == _GRAPHS:
                    waiting.extend(g.node for g in a.graphs)
    return tuple(sorted(found))
