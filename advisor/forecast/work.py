"""What a model has to do, by class of operator: counted from its architecture, not timed (catalogs/sources/model_work.csv.xz).

Each row holds millions of multiply-accumulates (MACs) and millions of numbers moved for one input, by class of operator, the
number of operators, and the numbers moved once a call however large the batch (weights, position tables).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from advisor.forecast.evidence import number
from advisor.operator_classes import COLUMNS, MACS, MOVED, WINOGRAD

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
# A usual model's totals: logarithms are taken beside them, so that the level and the powers are learned apart.
_USUAL: Final = (500.0, 30.0, 100.0)
# Shares of the work below this are all alike.
_LITTLE: Final = 0.01
# What a convolution costs by Winograd's algorithm, beside its plain MACs: 4 of 9 to 1 of 4 of the products, and the turning there
# and back (Lavin & Gray 2016); judged: 0.4 to 0.7 do as well on the published processors, families left out.
_WINOGRAD_COST: Final = 0.6
# A row whose parameters are this far (log) from what the file tells is another model of the same name.
_SAME_SIZE: Final = 0.2


class Counted:
    """Counted work of every model we could build."""

    def __init__(self, tables: Tables) -> None:
        self.rows: dict[tuple[str, str, str], list[tuple[str, float, Floats]]] = {}
        for r in tables("model_work"):
            values = np.array([*(float(r[c]) for c in COLUMNS), number(r.get(WINOGRAD))])
            self.rows.setdefault((r["table"], r["model"], r["component"]), []).append(
                (r["input_shape"], number(r["params_millions"]), values)
            )

    def operators(self, table: str, row: Row) -> float:
        """Operators of one call; NaN where the model was not counted."""
        work = self.of(table, row)
        return float("nan") if work is None else float(work[COLUMNS.index("operators")])

    def of(self, table: str, row: Row) -> Floats | None:
        """Work of one input, shape (len(COLUMNS) + 1,), last what Winograd shortens (NaN = not counted).

        `None` where the model was not counted or is of another size.
        """
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
    values = work[: len(COLUMNS)].copy()
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


def totals(work: Floats, form: str) -> Floats:
    """Four columns for each number format: MACs of wide convolutions and the rest, of narrow ones, all numbers moved, operators."""
    macs, moved, operators = _totals(work)
    narrow = _narrow(work)
    return _in_format([max(macs - narrow, 1e-3), narrow, _MOVED_COST / 5 * moved, _OPERATOR_COST * operators], form)


def plain(work: Floats, form: str) -> Floats:
    """Three columns for each number format: MACs, narrow ones counted twice, all numbers moved, operators."""
    macs, moved, operators = _totals(work)
    return _in_format([macs + _narrow(work), _MOVED_COST / 5 * moved, _OPERATOR_COST * operators], form)


def _in_format(values: list[float], form: str) -> Floats:
    out = np.full((len(FORMS), len(values)), 1e-6)
    out[FORMS.index(form)] += values
    return out.ravel()


def _narrow(work: Floats) -> float:
    return float(work[COLUMNS.index("macs_conv_narrow")] + work[COLUMNS.index("macs_pointwise_narrow")])


def powers(work: Floats, form: str) -> Floats:
    """One, logarithms of the three totals beside a usual model's, and for each format but floats: one, and log MACs a number moved."""
    macs, moved, operators = np.log(np.maximum(_totals(work), 1e-6) / _USUAL)
    other = np.zeros((len(FORMS) - 1, 2))
    if form != FORMS[0]:
        other[FORMS.index(form) - 1] = 1.0, macs - moved
    return np.array([1.0, macs, moved, operators, *other.ravel()])


def _totals(work: Floats) -> Floats:
    """Millions of MACs (Winograd's at their share), of numbers moved with the weights, and operators."""
    cut = len(MACS)
    macs = work[: cut - 1].sum() - (1 - _WINOGRAD_COST) * np.nan_to_num(work[len(COLUMNS) :]).sum()
    return np.array([macs, work[cut : len(COLUMNS) - 2].sum() + work[len(COLUMNS) - 1], work[len(COLUMNS) - 2]])


def shares(work: Floats) -> Floats:
    """What a model is like, from `fine` columns (n, k): logs of its totals and of each class's share of them."""
    cut = len(MACS)
    macs, moved = work[:, :cut], work[:, cut:-2]
    parts = [np.log(part / part.sum(axis=1, keepdims=True) + _LITTLE) for part in (macs[:, :-1], moved)]
    out: Floats = np.column_stack([np.log(macs.sum(axis=1)), np.log(moved.sum(axis=1)), np.log(work[:, -2:]), *parts])
    return out


def kinds_of_work(work: Floats) -> Floats:
    """Log shares of what runs unlike plain convolutions: depthwise and linear MACs, and numbers moved by other than simple functions."""
    place = {c: i for i, c in enumerate(COLUMNS)}
    macs, moved = work[: len(MACS) - 1].sum() + 1e-6, work[len(MACS) : len(COLUMNS) - 2].sum() + 1e-6
    slow = sum(work[place[f"moved_{k}"]] for k in ("smooth", "norm", "softmax", "scores", "masked_scores"))
    return np.log(np.array([work[place["macs_depthwise"]] / macs, work[place["macs_linear"]] / macs, slow / moved]) + _LITTLE)


FORMS: Final = ("float", "a8", "a16")


def form_of(precision: str, model: str) -> str:
    """The number format of a row."""
    if "a16" in precision and precision != "w16a16":
        return "a16"
    return "a8" if "a8" in precision or precision == "int8" or "int8" in model else "float"
