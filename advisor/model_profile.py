"""Facts read from a model file without running it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Final

from advisor.schema_check import check, read_json

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

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
    """What the file says. `gmacs` and `activations_millions` hold for the sizes in `inputs`; `None` = not to be told.

    `inputs` have numbers for free sizes where they were given or settled, else words. `params_millions` counts weights,
    `weight_bytes` what they take as stored, `layers` the operators that multiply, `operators` all by name. `precision`
    is fp32, fp16, bf16, int8, int4, fp64 or mixed. `warnings` are plain sentences. `operator_types` are what a runtime has to
    know: functions of the model's own looked into, and the domain before a name where it is not ONNX's
    ("com.microsoft:Gelu"); empty where they were not read. `work` is the work by class of operator
    (`advisor.operator_classes.COLUMNS`; what is not named is none), empty where it is not to be told.
    """

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
    warnings: tuple[str, ...] = ()
    operator_types: tuple[str, ...] = ()
    work: Mapping[str, float] = field(default_factory=dict)

    @property
    def free_sizes(self) -> tuple[str, ...]:
        """Names of the sizes that the file leaves open."""
        return tuple(dict.fromkeys(name for port in self.inputs for name in port.free))

    def to_json(self) -> dict[str, Any]:
        """P.json as plain values."""
        ports = {
            side: [{"name": p.name, "dtype": p.dtype, "shape": list(p.shape)} for p in value]
            for side, value in (("inputs", self.inputs), ("outputs", self.outputs))
        }
        lists = {name: list(getattr(self, name)) for name in ("external_files", "warnings", "operator_types")}
        return {"format": FORMAT, **asdict(self), **ports, **lists}


def from_json(document: Mapping[str, Any]) -> ModelProfile:
    """The profile in a parsed P.json.

    Raises:
        AdvisorError: a field is missing or does not fit.
    """
    check(document, "profile")

    def ports(side: str) -> tuple[Port, ...]:
        return tuple(Port(p["name"], p["dtype"], tuple(p["shape"])) for p in document[side])

    return ModelProfile(
        name=document["name"],
        sha256=document["sha256"],
        size_bytes=document["size_bytes"],
        opset=document["opset"],
        producer=document["producer"],
        inputs=ports("inputs"),
        outputs=ports("outputs"),
        params_millions=document["params_millions"],
        weight_bytes=document["weight_bytes"],
        gmacs=document["gmacs"],
        activations_millions=document["activations_millions"],
        layers=document["layers"],
        operators=dict(document["operators"]),
        precision=document["precision"],
        external_files=tuple(document.get("external_files", ())),
        warnings=tuple(document.get("warnings", ())),
        operator_types=tuple(document.get("operator_types", ())),
        work=dict(document.get("work", {})),
    )


def read(path: Path) -> ModelProfile:
    """The profile in a P.json file.

    Raises:
        AdvisorError: the file cannot be read or does not fit.
    """
    return from_json(read_json(path, "the facts of a model (P.json)"))
