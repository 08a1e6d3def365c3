"""What a model has to do, by class of operator: counted from its architecture, not timed (catalogs/sources/model_work.csv.xz).

Each row holds millions of multiply-accumulates (MACs) and millions of numbers moved for one input, by class of operator, the
number of operators, and the numbers moved once a call however large the batch (weights, position tables).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from advisor.forecast.evidence import number
from advisor.operator_classes import COLUMNS, MACS, MOVED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from advisor.forecast.evidence import Row, Tables

    Floats = NDArray[np.float64]

# Coarser classes, where a machine has a few dozen rows only and batch norm is folded into the convolution before it.
GROUPS: Final[Mapping[str, tuple[str, ...]]] = {
    "conv": ("macs_conv", "macs_conv_narrow"),
    "pointwise": ("macs_pointwise", "macs_pointwise_narrow"),
    "grouped": ("macs_grouped",),
    "depthwise": ("macs_depthwise",),
    "matrix": ("macs_linear", "macs_matmul", "macs_attention"),
    "moved_by_products": tuple(f"moved_{k}" for k in ("conv", "pointwise", "grouped", "depthwise", "linear", "matmul", "attention")),
    "moved_cheap": ("moved_cheap", "moved_binary", "moved_pool", "moved_move"),
    "moved_smooth": tuple(f"moved_{k}" for k in ("smooth", "norm", "softmax", "scores", "masked_scores", "reduce", "resize")),
    "operators": ("operators",),
    "once": ("once",),
}
# Of these groups the first hold products, in millions of MACs.
PRODUCTS: Final = 5
_PLACE: Final = {c: i for i, c in enumerate(COLUMNS)}
# Rough cost of a unit beside one million MACs, so that all columns start from like sizes: numbers moved, operators, weights.
_MOVED_COST: Final = 100.0
_OPERATOR_COST: Final = 10.0
COARSE_SCALE: Final = np.array([1.0] * PRODUCTS + [_MOVED_COST / 5] * 3 + [_OPERATOR_COST, _MOVED_COST / 5])
# A row whose parameters are this far (log) from what the file tells is another model of the same name.
_SAME_SIZE: Final = 0.2


class Counted:
    """Counted work of every model we could build."""

    def __init__(self, tables: Tables) -> None:
        self.rows: dict[tuple[str, str, str], list[tuple[str, float, Floats]]] = {}
        for r in tables("model_work"):
            values = np.array([float(r[c]) for c in COLUMNS])
            self.rows.setdefault((r["table"], r["model"], r["component"]), []).append(
                (r["input_shape"], number(r["params_millions"]), values)
            )

    def operators(self, table: str, row: Row) -> float:
        """Operators of one call; NaN where the model was not counted."""
        work = self.of(table, row)
        return float("nan") if work is None else float(work[COLUMNS.index("operators")])

    def of(self, table: str, row: Row) -> Floats | None:
        """Work of one input, shape (len(COLUMNS),); `None` where the model was not counted or is of another size."""
        component = (row.get("component") or "") if table == "aihub" else ""
        found = self.rows.get((table, row["model"], component), [])
        if table == "timm":
            found = [f for f in found if f[0] == row["input_shape"]]
        if not found:
            return None
        size = number(row.get("params_millions"))
        if not size > 0:
            return found[0][2]
        off, best = min(((abs(float(np.log(f[1] / size))), i) for i, f in enumerate(found)), default=(np.inf, 0))
        return found[best][2] if off <= _SAME_SIZE or table == "ncnn" else None


def fine(work: Floats, batch: float) -> Floats:
    """Columns for a machine with many rows: every class, per input; what is done once a call is shared by the batch."""
    values = work.copy()
    values[-2:] /= batch
    scale = np.concatenate([np.ones(len(MACS)), np.full(len(MOVED), _MOVED_COST), [_OPERATOR_COST, _MOVED_COST]])
    out: Floats = values * scale + 1e-6
    return out


FINE_GROUPS: Final = (len(MACS), len(MACS) + len(MOVED))


def grouped(work: Floats) -> Floats:
    """Work by `GROUPS`, shape (10,)."""
    return np.array([sum(work[_PLACE[c]] for c in columns) for columns in GROUPS.values()])


def coarse(work: Floats, form: str) -> Floats:
    """Columns for a machine with few rows: coarse classes, once for each number format (float, 8 bit, 8 bit with 16-bit activations)."""
    values = grouped(work) * COARSE_SCALE
    out = np.full((len(FORMS), len(GROUPS)), 1e-6)
    out[FORMS.index(form)] += values
    return out.ravel()


FORMS: Final = ("float", "a8", "a16")


def form_of(precision: str, model: str) -> str:
    """The number format of a row."""
    if "a16" in precision and precision != "w16a16":
        return "a16"
    return "a8" if "a8" in precision or precision == "int8" or "int8" in model else "float"
