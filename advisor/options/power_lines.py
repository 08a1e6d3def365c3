"""T04 and T06: electricity of machines in the building by each year's work, and what it takes to cool them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from advisor.catalog.ageing import AGEING
from advisor.cost import Line, left_out, nothing, stated
from advisor.evidence import Basis
from advisor.options.setting import both

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from advisor.options.setting import Setting

    Floats = NDArray[np.float64]


def busy_by_year(setting: Setting, mean: Floats) -> tuple[Floats, ...]:
    """Busy hours a year in each year of the horizon, from their mean: they follow the work."""
    d = setting.demand
    all_years = d.units / d.duration
    return tuple(mean * (y.units / y.share / all_years) for y in d.years)


def power_lines(setting: Setting, kwh: Sequence[Floats], doubt_low: Floats | float, doubt_high: Floats | float) -> tuple[Line, Line]:
    """Electricity at the wall and cooling; off the mains the owner makes the power, at a cost we do not know.

    Args:
        kwh: of each year of the horizon, shape (n,) each.
        doubt_low: the low end of the watts as a factor; `doubt_high` the high end.
    """
    total = np.sum(kwh, axis=0)
    if setting.case.power != "mains":
        return left_out("T04", "left_out.own_supply", total, "kWh"), nothing("T06", "zero.cooling")
    price, share = setting.electricity, setting.judged("power.cooling_share")
    # Power of one's own may cost nothing; nothing has no range.
    ends = (price.low / price.likely, price.high / price.likely) if price.likely else (1.0, 1.0)
    moving = AGEING["electricity"].yearly * setting.case.years / 2
    ahead = (1 / (1 + moving), 1 + moving) if price.likely else (1.0, 1.0)
    low, high = both((doubt_low, doubt_high), ends, ahead)
    cool_low, cool_high = both((share.low / share.likely, share.high / share.likely), (low, high))
    origin = stated(price.basis, price.source.title, price.source.as_of, "electricity", ("money.electricity_per_kwh",))
    cooled = stated(Basis.ESTIMATED, share.source.title, share.source.as_of)

    def spread(i: int) -> list[float]:
        return [float(k[i]) for k in kwh]

    power = Line("T04", "monthly", "line.electricity", total, "kWh", price.likely, low, high, origin, spread=spread)
    cooling = Line("T06", "monthly", "line.cooling", total * share.likely, "kWh", price.likely, cool_low, cool_high, cooled, spread=spread)
    return replace(power, if_nothing="zero.free_power"), replace(cooling, if_nothing="zero.free_power")
