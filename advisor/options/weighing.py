"""What ways are weighed by: the bill, the hours of the owner's people, the owner's wish and the chance to be too slow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from advisor.units import MONTHS_PER_YEAR

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from advisor.case import Case
    from advisor.options.group import Group
    from advisor.options.setting import Setting

    Floats = NDArray[np.float64]

# A time longer than any horizon [s], where none is known.
_NEVER: Final = 1e12


def burdens(setting: Setting, g: Group) -> Floats:
    """Bill plus own hours [USD], shape (n,); hours are in the bill already where the owner named their cost."""
    if setting.case.staff_hour is not None:
        return g.bills.totals
    return g.bills.totals + setting.wage.likely * hours_of(setting.case, g)


def hours_of(case: Case, g: Group) -> Floats:
    """Hours of the owner's people over the horizon, shape (n,)."""
    return g.setup_hours + g.upkeep_hours_per_month * case.years * MONTHS_PER_YEAR


def scores(setting: Setting, g: Group) -> Floats:
    """What is compared, shape (n,): the burden, bent to the owner's wish, times one plus the chance to miss the speed."""
    base = wished(setting.case, g, burdens(setting, g), g.bills.totals, g.p_likely)
    return np.asarray(base * (2 - g.speed_met()))


def wished(case: Case, g: Group, burden: Floats, money: Floats, latency: Floats) -> Floats:
    """The burden [USD], or what the owner would rather have little of, with the burden to break ties."""
    match case.prefer:
        case "cheapest":
            return np.asarray(money + 1e-6 * burden)
        case "fastest":
            return np.asarray(np.where(np.isfinite(latency), latency, _NEVER) + 1e-9 * burden)
        case "least-upkeep":
            return np.asarray(g.upkeep_hours_per_month.reshape(-1, *([1] * (burden.ndim - 1))) + 1e-6 * burden)
        case "most-private":
            return burden * (1e6 if g.sends_out else 1.0)
        case _:
            return burden
