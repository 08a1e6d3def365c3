"""Figures on their way into words: each is written out once and entered into the ledger with its source.

No sentence is made from a bare number. A method here returns the words of a figure and leaves its ledger row behind.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from advisor.evidence import Basis

if TYPE_CHECKING:
    from advisor.cost import Money
    from advisor.ledger import Ledger
    from advisor.words import Words


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a figure comes from."""

    basis: Basis
    source: str
    as_of: str | None = None


YOURS = Origin(Basis.YOURS, "your answers")
OURS = Origin(Basis.ESTIMATED, "our calculation, from the figures in this list")


@dataclass(frozen=True, slots=True)
class Figures:
    """Writes figures in one language and currency. Amounts come in US dollars, times in seconds, as everywhere inside."""

    words: Words
    ledger: Ledger
    rate: Money

    def text(
        self, id: str, value: float | str, unit: str, shown: str, origin: Origin, low: float | None = None, high: float | None = None
    ) -> str:
        """Any figure that is already written out."""
        return self.ledger.note(id, value, unit, shown, origin.basis, origin.source, origin.as_of, low, high)

    def money(self, id: str, usd: float, origin: Origin, low: float | None = None, high: float | None = None) -> str:
        """An amount of US dollars in the owner's currency, rounded to what means something."""
        r = self.rate.rate
        ends = (None, None) if low is None or high is None else (low * r, high * r)
        return self.text(id, usd * r, self.rate.currency, self.words.money(usd * r), origin, *ends)

    def money_range(self, id: str, low: float, likely: float, high: float, origin: Origin) -> str:
        """The range of an amount: "€890 to €1,600"; one amount where both ends read the same."""
        a, b = self.words.money(low * self.rate.rate), self.words.money(high * self.rate.rate)
        shown = a if a == b else f"{a} to {b}"
        r = self.rate.rate
        return self.text(id, likely * r, self.rate.currency, shown, origin, low * r, high * r)

    def price(self, id: str, usd: float, origin: Origin) -> str:
        """What one piece of work costs."""
        value = usd * self.rate.rate
        return self.text(id, value, self.rate.currency, self.words.small_price(value), origin)

    def time(self, id: str, seconds: float, origin: Origin, low: float | None = None, high: float | None = None) -> str:
        """A length of time."""
        return self.text(id, seconds, "s", self.words.time(seconds), origin, low, high)

    def time_range(self, id: str, low: float, likely: float, high: float, origin: Origin) -> str:
        """The range of a length of time."""
        return self.text(id, likely, "s", self.words.time_range(low, high), origin, low, high)

    def hours(self, id: str, hours: float, origin: Origin, low: float | None = None, high: float | None = None) -> str:
        """Hours of work."""
        return self.text(id, hours, "hours", self.words.hours(hours), origin, low, high)

    def count(self, id: str, value: float, name: str, origin: Origin, digits: int | None = None) -> str:
        """A number of things."""
        return self.text(id, value, name, self.words.count(value, name, digits), origin)

    def quoted(self, id: str, text: str, origin: Origin) -> str:
        """Words of a source or of the owner; entered only if there is a figure in them."""
        return self.text(id, text, "", text, origin) if any(c.isdigit() for c in text) else text
