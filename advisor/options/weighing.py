"""What ways are weighed by: the bill, the hours of the owner's people, the owner's wish and the chance to be too slow.

Each is told of all candidates of a group or, given their `rows`, of a few.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from advisor.options.group import ALL
from advisor.units import MONTHS_PER_YEAR

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from advisor.case import Case
    from advisor.options.group import Group
    from advisor.options.setting import Setting

    Bools = NDArray[np.bool_]
    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

# A time longer than any horizon [s], where none is known.
_NEVER: Final = 1e12


def burdens(setting: Setting, g: Group, rows: Ints | slice = ALL) -> Floats:
    """Bill plus own hours [USD]; hours are in the bill already where the owner named their cost."""
    if setting.case.staff_hour is not None:
        return g.bills.totals[rows]
    return g.bills.totals[rows] + setting.wage.likely * _hours(setting.case, g, rows)


def hours_of(case: Case, g: Group, rows: Ints | slice = ALL) -> Floats:
    """Hours of the owner's people over the horizon."""
    return np.broadcast_to(_hours(case, g, rows), g.setup_hours[rows].shape)


def _hours(case: Case, g: Group, rows: Ints | slice) -> Floats:
    """The same, of shape (1,) where all candidates ask for as many (`advisor.options.group.alike`)."""
    setup, upkeep = (x[rows] for x in (g.setup_hours, g.upkeep_hours_per_month))
    other = g.other_hours if np.ndim(g.other_hours) == 0 else np.asarray(g.other_hours)[rows]
    if len(setup) and setup.strides == upkeep.strides == (0,) and np.ndim(other) == 0:
        setup, upkeep = setup[:1], upkeep[:1]
    return setup + other + upkeep * case.years * MONTHS_PER_YEAR


def scores(setting: Setting, g: Group, rows: Ints | slice = ALL) -> Floats:
    """What is compared: the burden, bent to the owner's wish, times one plus the chance to miss the speed."""
    return np.asarray(in_time_scores(setting, g, rows) * (2 - g.speed_met(rows)))


def in_time_scores(setting: Setting, g: Group, rows: Ints | slice = ALL) -> Floats:
    """The scores of ways that are surely in time: where they are not below nought, the least that a score can be, and half the most."""
    return wished(setting.case, g, burdens(setting, g, rows), g.bills.totals[rows], g.p_likely[rows], rows)


def least_score(setting: Setting, g: Group, ok: Bools) -> float:
    """The least score of the candidates that are `ok`; infinite where there are none."""
    return float(near_least(setting, g, ok)[1].min()) if ok.any() else float("inf")


def near_least(setting: Setting, g: Group, ok: Bools, weight: Floats | float = 1.0, within: float = 1e-9) -> tuple[Ints, Floats]:
    """The candidates of those that are `ok` whose score times its `weight` is the least or `within` this part of it, and those scores.

    The chance to be in time is asked only of ways whose score may be the least: it lies between `in_time_scores` and its double, so
    whoever starts above the score of one that was worked out needs no further look. There has to be one that is `ok`.
    """
    base = in_time_scores(setting, g)
    bound = np.where(ok, np.minimum(base, 2 * base) if base.min() < 0 else base, np.inf)
    bound *= weight

    def weighted(rows: Ints) -> Floats:
        return np.asarray(scores(setting, g, rows) * (weight if isinstance(weight, float) else weight[rows]))

    first = np.array([np.argmin(bound)])
    rows = np.flatnonzero((bound <= _close_to(float(weighted(first)[0]), within)) & ok)
    found = weighted(rows)
    equal = found <= _close_to(float(found.min()), within)
    return rows[equal], found[equal]


def _close_to(score: float, within: float) -> float:
    """The most that a score may be to count as near."""
    return max(score * (1 + within), score) + 1e-9


def wished(case: Case, g: Group, burden: Floats, money: Floats, latency: Floats, rows: Ints | slice = ALL) -> Floats:
    """The burden [USD], or what the owner would rather have little of, with the burden to break ties; first axis: candidates."""
    match case.prefer:
        case "cheapest":
            return np.asarray(money + 1e-6 * burden)
        case "fastest":
            return np.asarray(np.where(np.isfinite(latency), latency, _NEVER) + 1e-9 * burden)
        case "least-upkeep":
            return np.asarray(g.upkeep_hours_per_month[rows].reshape(-1, *([1] * (burden.ndim - 1))) + 1e-6 * burden)
        case "most-private":
            return burden * (1e6 if g.sends_out else 1.0)
        case _:
            return burden
