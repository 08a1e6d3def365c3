"""One forecast in bulk, and how a range is drawn around it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from advisor.forecast.learned import Z80

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

# The range is never narrower than two runs of the same chip differ.
NARROWEST: Final = 1.12


@dataclass(frozen=True, slots=True)
class Answer:
    """One forecast: time of the batch with its range [ms], tier and the machines it rests on; NaN where refused."""

    likely: float
    low: float
    high: float
    tier: str
    neighbours: str


@dataclass(frozen=True, slots=True)
class Told:
    """Log times an item for the asked models, with the spread of the error (log, 80 % half-width), one for all or one each."""

    values: Floats
    half: Floats | float


def stretch(k: int) -> float:
    """How much wider a range read off k families must be: Student's t for one more draw, over the normal law."""
    return float((1 + (Z80**2 + 1) / (4 * max(k - 1, 1))) * np.sqrt(1 + 1 / max(k, 1)))


def answers_of(told: Told, batch: Floats, tier: str, neighbours: str) -> list[Answer]:
    """An answer for each asked model of a case, `batch` inputs each."""
    values = np.exp(told.values) * batch
    halves = np.broadcast_to(np.exp(np.maximum(told.half, np.log(NARROWEST))), values.shape)
    return [Answer(float(v), float(v / h), float(v * h), tier, neighbours) for v, h in zip(values, halves, strict=True)]
