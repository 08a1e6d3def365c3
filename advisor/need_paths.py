"""Places in a NEED.json: dotted paths such as `load.units_per_day` or `site.owned[0].free`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_STEP: Final = re.compile(r"([^.\[\]]+)|\[(\d+)\]")


def places(document: Mapping[str, Any], path: str) -> tuple[str, ...]:
    """The path with the places of its list filled in; nothing where the part that would hold it was not told."""
    head, has_list, tail = path.partition("[]")
    if has_list:
        return tuple(f"{head}[{i}]{tail}" for i in range(len(value_at(document, head) or ())))
    above = path.rpartition(".")[0]
    # The large groups may be left out as a whole; a peak or a batch that is left out is none.
    return (path,) if above.count(".") == 0 or value_at(document, above) is not None else ()


def plain_path(path: str) -> str:
    """The path without its places in lists: the same for every computer of a firm."""
    return re.sub(r"\[\d*\]", "", path)


def _steps(path: str) -> list[str | int]:
    return [name or int(place) for name, place in _STEP.findall(path)]


def value_at(document: Mapping[str, Any], path: str) -> Any:
    """What a document holds at a path such as `site.owned[0].free`; `None` where a part of the way is missing."""
    found: Any = document
    for step in _steps(path):
        if found is None or (isinstance(step, str) and step not in found):
            return None
        found = found[step]
    return found


def with_value(document: Mapping[str, Any], path: str, value: Any) -> dict[str, Any]:
    """A copy of a document with another value at a path."""
    changed: dict[str, Any] = _put(document, _steps(path), value)
    return changed


def _put(inner: Any, steps: list[str | int], value: Any) -> Any:
    if not steps:
        return value
    step, *rest = steps
    if isinstance(step, int):
        return [_put(x, rest, value) if i == step else x for i, x in enumerate(inner)]
    return {**(inner or {}), step: _put((inner or {}).get(step), rest, value)}
