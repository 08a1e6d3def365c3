"""Where a number comes from and how sure it is.

Every number a person sees is an `Estimate` or a row of the ledger made from one: a value with a low and a high
end, a basis, a source and a date. Unknown is `None`; it never becomes zero.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class Basis(StrEnum):
    """How we came to know a number (the four kinds of the ledger)."""

    MEASURED = "measured"
    PUBLISHED = "published"
    ESTIMATED = "estimated"
    YOURS = "yours"


# From most to least trustworthy; a figure made of several is only as good as its weakest part.
_TRUST = (Basis.MEASURED, Basis.YOURS, Basis.PUBLISHED, Basis.ESTIMATED)


def weakest(*bases: Basis) -> Basis:
    """The least trustworthy of several bases: what a figure made of all of them may claim."""
    return max(bases, key=_TRUST.index)


@dataclass(frozen=True, slots=True)
class Source:
    """Where a fact was read: a short title and the day it was true (ISO date, `None` if the source has none)."""

    title: str
    as_of: str | None = None


@dataclass(frozen=True, slots=True)
class Estimate:
    """A likely value with the ends of its 80 % range, in the unit its field names.

    Raises:
        ValueError: if low <= likely <= high does not hold.
    """

    low: float
    likely: float
    high: float
    basis: Basis
    source: Source

    def __post_init__(self) -> None:
        if not self.low <= self.likely <= self.high:
            msg = f"an estimate needs low <= likely <= high, not {self.low}, {self.likely}, {self.high}"
            raise ValueError(msg)

    def scaled(self, factor: float) -> Estimate:
        """The same estimate in another unit or for several units; `factor` must not be negative."""
        return Estimate(self.low * factor, self.likely * factor, self.high * factor, self.basis, self.source)


def together(parts: Iterable[Estimate]) -> Estimate:
    """The sum of several estimates, their ends added up; as trustworthy as the weakest and oldest, whose source it names.

    Raises:
        ValueError: there are none.
    """
    each = tuple(parts)
    basis = weakest(*(e.basis for e in each))
    source = min((e.source for e in each if e.basis is basis), key=lambda s: s.as_of or "")
    return Estimate(sum(e.low for e in each), sum(e.likely for e in each), sum(e.high for e in each), basis, source)


def exactly(value: float, basis: Basis, source: Source) -> Estimate:
    """An estimate without a range: what the owner typed, or a list price on its own day."""
    return Estimate(value, value, value, basis, source)
