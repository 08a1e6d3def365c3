"""A model's work as a kind of machine feels it: each class of operator as so many plain multiply-accumulates.

A depthwise convolution or a GELU costs another multiple of a plain convolution on a processor than on an accelerator. The
multiples are learned at build time (`advisor.forecast.learn_work`) and turn counted work into the three totals that every
forecast of one call is made from. Without counted work the totals stand as they are, and the range stays wide.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from advisor.forecast.work import GROUPS, PRODUCTS, grouped
from advisor.operator_classes import COLUMNS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from advisor.forecast.tables import Speeds
    from advisor.forecast.values import Workload

    Floats = NDArray[np.float64]

UNITS: Final = ("cpu", "gpu", "npu")
_OPERATORS: Final = tuple(GROUPS).index("operators")
# Where a model's GMACs are not told, they are guessed from its size: of 2,042 public models with both facts the middle one
# has 0.21 GMACs for a million parameters, four in five lie between 0.09 and 1.07 (timm, ncnn, models tables, 2026-11-23).
GMACS_PER_MILLION: Final = 0.2
UNTOLD_DOUBT: Final = 5.0


@dataclass(frozen=True, slots=True)
class Totals:
    """Work of one call: GMACs, millions of activations, operators; `doubt` is the factor by which they may be off either way."""

    gmacs: float
    activations: float
    operators: float
    doubt: float = 1.0

    @property
    def parts(self) -> tuple[float, float, float]:
        """GMACs, millions of activations, operators."""
        return self.gmacs, self.activations, self.operators


def totals(work: Workload, speeds: Speeds) -> Totals:
    """The plain totals, by the public models' relation where the file does not tell."""
    gmacs, doubt = (work.gmacs, 1.0) if work.gmacs else (max(work.params_millions * GMACS_PER_MILLION, 1e-4), UNTOLD_DOUBT)
    size = work.params_millions if work.params_millions > 0 else 5 * gmacs
    usual = np.exp(
        speeds.value("fill.constant") + speeds.value("fill.by_gmacs") * np.log(gmacs) + speeds.value("fill.by_params") * np.log(size)
    )
    activations = work.activations_millions if work.activations_millions is not None else float(usual)
    operators = work.classes.get("operators") or speeds.value("fill.operators")
    return Totals(gmacs, activations, operators, doubt)


def felt(work: Workload, plain: Totals, speeds: Speeds, unit: str) -> Totals:
    """The totals as `unit`, one of UNITS, feels them."""
    weights = weights_of(speeds, unit)
    if not work.classes:
        moved = plain.activations * speeds.value(f"work.{unit}.usual_moved")
        return Totals(plain.gmacs, moved, plain.operators * weights[_OPERATORS], plain.doubt)
    parts = weights * grouped(vector(work.classes))
    moved = float(parts[PRODUCTS:_OPERATORS].sum() + parts[_OPERATORS + 1 :].sum())
    return Totals(float(parts[:PRODUCTS].sum()) / 1000, moved, float(parts[_OPERATORS]))


def vector(classes: Mapping[str, float]) -> Floats:
    """Work by `COLUMNS`, shape (31,)."""
    return np.array([classes.get(c, 0.0) for c in COLUMNS])


def weights_of(speeds: Speeds, unit: str) -> Floats:
    """What a unit of each group costs beside a plain one, shape (10,)."""
    return np.array([speeds.value(f"work.{unit}.{g}") for g in GROUPS])
