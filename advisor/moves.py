"""How an answer is moved: the scale of a number, its ends, the values to try and what is near to what."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from advisor.case import Case
    from advisor.options import Setting

    Bound = float | Callable[[Setting], float]
    Value = float | str | bool | None

# A flip is known to this part of its value.
CLOSE_ENOUGH: Final = 0.005
# The kind is worked out again this part of the value before and after a flip.
ASIDE: Final = 0.02
# The least difference that is looked at, as a part of what counts like a doubling.
_GRAIN: Final = 1e-5


class Scale(StrEnum):
    """What is an equal step on the way of a number."""

    LOG = "log"
    """Times so much: amounts, sizes, lengths of time."""
    WHOLE = "whole"
    """As `LOG`, in whole numbers."""
    LINEAR = "linear"
    """So much more: nought and below are ordinary, or there is a top that cannot be passed."""
    SHARE = "share"
    """As `LINEAR`, from nought to one."""


def _always(_: Case) -> bool:
    return True


def _untold(_: Setting) -> float | None:
    return None


@dataclass(frozen=True, slots=True)
class Number:
    """A number that an owner answers.

    `shown` says how a value of it is written (`advisor.explain.turns`). `taken` is what counts where it was left open, in
    the unit of NEED.json; `None` where nothing is taken. `low` and `high` are the ends of what an owner could have; `hard`
    where the field takes nothing beyond them. `doubling` is the difference from nought (or, on a linear scale, from
    anywhere) that counts as much as twice the value; `is_money`: it is in US dollars. `reach`: how far is looked, the
    nearest first, as factors (`LOG`, `WHOLE`) or as parts of the way to the end. `when`: whether it makes sense.
    """

    path: str
    scale: Scale
    shown: str
    taken: Callable[[Setting], float | None] = _untold
    low: Bound = 1e-6
    high: Bound = 1e12
    doubling: float = 1.0
    is_money: bool = False
    reach: tuple[float, ...] = ()
    hard: bool = False
    when: Callable[[Case], bool] = _always


@dataclass(frozen=True, slots=True)
class Choice:
    """An answer that is chosen from a few; `taken` is the one that counts today, also where it was left open.

    `far` is the factor that another choice counts as (see `Chosen`).
    """

    path: str
    values: tuple[Value, ...]
    taken: Callable[[Case], Value] | None = None
    when: Callable[[Case], bool] = _always
    far: float = 2.0


@dataclass(frozen=True, slots=True)
class Chosen:
    """A choice of one case: the answer that counts today, and the other ones.

    `distance` compares with that of a number. Another wish or rule of the owner counts as a doubling, what is harder to
    change or hardly in doubt as more. Of an answer that was left open half of that counts (the root of the factor), and
    nothing where the owner is not sure: nobody knows which of the two it will be.
    """

    path: str
    now: Value
    others: tuple[Value, ...]
    distance: float


@dataclass(frozen=True, slots=True)
class Movable:
    """A number of one case, ready to be moved; `path` has the places in lists filled in."""

    row: Number
    path: str
    now: float
    low: float
    high: float
    doubling: float

    @property
    def is_log(self) -> bool:
        """Whether equal steps are equal factors."""
        return self.row.scale in (Scale.LOG, Scale.WHOLE)

    def ways(self) -> Iterator[tuple[float, ...]]:
        """The values to try upwards, then downwards; the nearest first, those beyond the ends left out."""
        for end, sign in ((self.high, 1), (self.low, -1)):
            if (end - self.now) * sign > 0:
                found = (self._far(r, end, sign) for r in self.row.reach or ((20.0,) if self.is_log else (1.0,)))
                yield tuple(dict.fromkeys(v for v in found if (v - self.now) * sign > 0))

    def _far(self, reach: float, end: float, sign: int) -> float:
        if not self.is_log:
            value = self.now + (end - self.now) * reach
        elif self.now > 0:
            value = self.now * reach**sign
        else:
            value = self.doubling * reach
        return self.fitted(min(value, end) if sign > 0 else max(value, end))

    def between(self, a: float, b: float) -> float | None:
        """A value half way from `a` to `b`; `None` where they are near enough to each other."""
        gap = abs(b - a)
        if gap <= max(CLOSE_ENOUGH * max(abs(a), abs(b)), self.doubling * _GRAIN):
            return None
        middle = self.fitted(math.sqrt(a * b) if self.is_log and a > 0 and b > 0 else (a + b) / 2)
        return middle if min(a, b) < middle < max(a, b) else None

    def aside(self, at: float, up: bool) -> tuple[float, float]:
        """The values 2 % before and after `at`; of whole numbers the last one before, and the last one within 2 %."""
        step = ASIDE * abs(at) * (1 if up else -1)
        before, after = at - step, at + step
        if self.row.scale is Scale.WHOLE:
            before, after = (
                (min(at - 1, round(before)), max(at, round(after))) if up else (max(at + 1, round(before)), min(at, round(after)))
            )
        if self.row.hard:
            after = min(max(after, self.low), self.high)
        return before, after

    def fitted(self, value: float) -> float:
        """The value as an owner could type it: a whole number, or five digits that mean something."""
        if self.row.scale is Scale.WHOLE:
            return round(value)
        if not value:
            return 0.0
        return float(round(value, 4 - math.floor(math.log10(abs(value)))))

    def distance(self, at: float) -> float:
        """How far away a value is, in factors (natural logarithm): twice as much is ln 2, and so is one `doubling` from nought."""
        if self.is_log and self.now > 0 and at > 0:
            return abs(math.log(at / self.now))
        away = abs(at - self.now) / self.doubling
        return math.log1p(away) if self.is_log else away * math.log(2)
