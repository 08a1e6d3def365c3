"""One bill year by year: what falls in each year of the horizon, exact to the cent, before any discount."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Final

import numpy as np

from advisor.advice import CostYear
from advisor.units import MONTHS_PER_YEAR

if TYPE_CHECKING:
    from collections.abc import Iterable

    from advisor.advice import CostLine
    from advisor.cost import Line

CENT: Final = Decimal("0.01")
# The part of a bill that weighs later payments less; years are told as they are paid.
DISCOUNT: Final = "T28"


def in_cents(amount: float) -> Decimal:
    """An amount rounded half up to the cent."""
    # Adding nothing turns a minus nought into a plain one.
    return Decimal(repr(float(amount))).quantize(CENT, ROUND_HALF_UP) + Decimal(0)


def summed(lines: Iterable[CostLine]) -> Decimal:
    """The sum of the amounts that are known, to the cent."""
    return sum((x.amount for x in lines if x.amount is not None), Decimal(0)).quantize(CENT)


def year_lengths(years: float) -> list[float]:
    """The years of a horizon: whole ones, and the part of the last that counts (as in `advisor.load.demand`)."""
    whole = int(years + 1e-9)
    rest = years - whole
    return [1.0] * whole + ([rest] if rest > 1e-9 else [])


def by_year(pairs: Iterable[tuple[Line, CostLine]], i: int, upfront: Decimal, years: float) -> tuple[CostYear, ...]:
    """What candidate `i` costs in each year after the first day, as it is paid.

    Each line's amount is cut in whole cents where the years end (what is reached by then, rounded, less what was reached before), so
    that the years and the first day are exactly the undiscounted total. Ranges add in squares, as in `advisor.cost.Bills`.

    Args:
        pairs: each line with its amounts in the owner's currency.
        upfront: what is paid on the first day.
        years: the horizon.
    """
    lengths = year_lengths(years)
    amounts = [Decimal(0)] * len(lengths)
    down, up = np.zeros(len(lengths)), np.zeros(len(lengths))
    for line, told in pairs:
        if told.amount is None or told.low is None or told.high is None or line.when == "upfront" or line.code == DISCOUNT:
            continue
        parts = line.parts(i, lengths)
        before, reached = Decimal(0), 0.0
        for k, part in enumerate(parts):
            reached += part
            last = k == len(parts) - 1
            after = told.amount if last else (told.amount * Decimal(repr(reached))).quantize(CENT, ROUND_HALF_UP)
            amounts[k] += after - before
            before = after
        down += np.square(float(told.amount - told.low) * np.array(parts))
        up += np.square(float(told.high - told.amount) * np.array(parts))
    out, so_far = [], upfront
    for k, amount in enumerate(amounts):
        so_far += amount
        low = min(in_cents(float(amount) - float(np.sqrt(down[k]))), amount)
        high = max(in_cents(float(amount) + float(np.sqrt(up[k]))), amount)
        out.append(CostYear(k + 1, round(lengths[k] * MONTHS_PER_YEAR, 6), amount.quantize(CENT), low, high, so_far.quantize(CENT)))
    return tuple(out)
