"""Facts read from a model file without running it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

FORMAT: Final = "edgewise/profile/1"


@dataclass(frozen=True, slots=True)
class Port:
    """An input or output: name, element type, sizes (a word stands for a free size)."""

    name: str
    dtype: str
    shape: tuple[int | str, ...]

    @property
    def free(self) -> tuple[str, ...]:
        """The free sizes as `name` of the dimension, or `input[i]` where the file gives it no name."""
        return tuple(d if isinstance(d, str) and d else f"{self.name}[{i}]" for i, d in enumerate(self.shape) if not isinstance(d, int))


@dataclass(frozen=True, slots=True)
class ModelProfile:
    """What the file says. `gmacs` and `activations_millions` hold for the sizes in `inputs`; `None` = not to be told."""

    name: str
    sha256: str
    size_bytes: int
    opset: int
    producer: str
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    params_millions: float
    weight_bytes: float
    gmacs: float | None
    activations_millions: float | None
    layers: int
    operators: Mapping[str, int]
    precision: str
    external_files: tuple[str, ...] = ()

    @property
    def free_sizes(self) -> tuple[str, ...]:
        """Names of the sizes that the file leaves open."""
        return tuple(dict.fromkeys(name for port in self.inputs for name in port.free))

    def to_json(self) -> dict[str, Any]:
        """P.json as plain values."""
        out: dict[str, Any] = {"format": FORMAT, **asdict(self)}
        return out


def from_json(document: Mapping[str, Any]) -> ModelProfile:
    """The profile in a parsed P.json."""
    ports = {side: tuple(Port(p["name"], p["dtype"], tuple(p["shape"])) for p in document[side]) for side in ("inputs", "outputs")}
    rest = {k: v for k, v in document.items() if k not in ("format", "inputs", "outputs", "external_files")}
    return ModelProfile(**rest, **ports, external_files=tuple(document.get("external_files", ())))
