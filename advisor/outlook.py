"""What the coming years may bring: how far the work may grow, how much of a bill follows it, how far hours may lie off."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from advisor.advice import Kind

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from advisor.cost import Line
    from advisor.options import Group, Setting

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

# An 80 % range spans this many standard deviations of a normal distribution to each side.
TO_THE_END: Final = 1.2815515655446004
# Owners know their firm: a growth they told is taken as twice as sure as the usual one; our judgement.
_TOLD: Final = 0.5
# Nearly all work lost in a year; below that no growth is drawn.
_LEAST_GROWTH: Final = -0.9
# Parts of a bill that are paid by the piece of work, by the second of it or by the data it sends.
_BY_THE_PIECE: Final = frozenset({"T16", "T17", "T20"})
_RENT: Final = frozenset({"T14", "T18"})
# Parts of a bill that are hours of the owner's own people: always, or where the line says that they are the firm's own.
OWN_TIME: Final = frozenset({"T07", "T08", "T22"})
_OWN_TIME_TOO: Final = frozenset({"T23", "T24", "T27"})


def growth_range(setting: Setting) -> tuple[float, float, float]:
    """Low, likely and high growth of the work a year (0.05 = 5 %), an 80 % range around what the answer reckons with."""
    case, usual = setting.case, setting.judged("load.growth_percent_per_year")
    part = 1.0 if case.need.load.growth_percent_per_year is None else _TOLD
    low = case.growth - part * (usual.likely - usual.low) / 100
    return max(low, min(_LEAST_GROWTH, case.growth)), case.growth, case.growth + part * (usual.high - usual.likely) / 100


def grown(setting: Setting, growth: Floats | float) -> Floats:
    """All work of the horizon at another growth a year, as a share of what the answer reckons with."""

    def work(g: Floats | float) -> Floats:
        return np.asarray(sum(y.share * np.power(1 + np.asarray(g, dtype=np.float64), k) for k, y in enumerate(setting.demand.years)))

    return np.asarray(work(growth) / work(setting.case.growth))


def drawn_work(setting: Setting, z: Floats) -> Floats:
    """Work of the horizon in futures drawn with standard normal `z`, as a share of what the answer reckons with; the shape of `z`."""
    low, likely, high = growth_range(setting)
    width = np.where(z < 0, likely - low, high - likely) / TO_THE_END
    return grown(setting, np.maximum(likely + width * z, min(_LEAST_GROWTH, likely)))


@dataclass(frozen=True, slots=True)
class Paid:
    """What owners pay to others [USD]: an 80 % range, and the part that grows with the work (0 to 1); arrays of shape (n,)."""

    low: Floats
    likely: Floats
    high: Floats
    per_use: Floats


def paid(g: Group, rows: Ints) -> Paid:
    """What these candidates cost without the hours of the owner's people, which have a doubt of their own that all ways share."""
    codes = _BY_THE_PIECE | _RENT if g.kind is Kind.CLOUD_BATCH else _BY_THE_PIECE
    likely, down, up, per_use = (np.zeros(len(rows)) for _ in range(4))

    def of(value: Floats | float) -> Floats | float:
        return value[rows] if isinstance(value, np.ndarray) and value.shape == (g.n,) else value

    for line in g.bills.lines:
        if is_own_time(line) or not line.has_amount():
            continue
        amount = np.nan_to_num(np.asarray(of(line.quantity)) * of(line.unit_price))
        likely += amount
        # Independent lines, as in the bill itself: their deviations add in squares.
        low, high = of(line.low), of(line.high)
        down += np.square(amount * (1 - np.minimum(low, high)))
        up += np.square(amount * (np.maximum(low, high) - 1))
        if line.code in codes:
            per_use += amount
    share = np.where(likely > 0, np.clip(per_use / np.where(likely > 0, likely, 1.0), 0.0, 1.0), 0.0)
    return Paid(likely - np.sqrt(down), likely, likely + np.sqrt(up), share)


def is_own_time(line: Line) -> bool:
    """Whether a line is hours of the owner's own people."""
    return line.code in OWN_TIME or (line.own and line.code in _OWN_TIME_TOO)


def amount_at(line: Line, i: int) -> float:
    """The amount of one line in candidate `i`'s bill [USD]; 0 where it is not known."""
    amount = at(line.quantity, i) * at(line.unit_price, i)
    return amount if np.isfinite(amount) else 0.0


def at(value: Floats | float, i: int) -> float:
    """The value of candidate `i`."""
    return float(value) if np.ndim(value) == 0 else float(np.asarray(value)[i])
