"""Words and numbers as the owner reads them: the phrase book of one language and its way to write figures.

`say` fills a phrase; the other methods write a quantity with its unit, rounded to two digits that mean something.
Nothing here knows a source: `advisor.explain.figures` enters what is written into the ledger.
"""

from __future__ import annotations

import math
from datetime import date
from typing import TYPE_CHECKING, Final

from advisor.words import english, english_plan, english_turns

if TYPE_CHECKING:
    from collections.abc import Mapping

NBSP: Final = "\u00a0"
_BOOKS: Final[dict[str, tuple[Mapping[str, str], ...]]] = {
    "en": (
        english.VERDICTS,
        english.FACTS,
        english.REASONS,
        english.TIMES,
        english.RULES,
        english.SHORT,
        english.CAUTIONS,
        english.LOCK_IN,
        english.ROUTES,
        english.BILL,
        english.PARTS,
        english.WHY,
        english_plan.TASKS,
        english_plan.KINDS,
        english_plan.RISKS,
        english_plan.STEPS,
        english_plan.PLAN,
        english_plan.LAW,
        english_plan.ASSUMED,
        english_plan.SECTIONS,
        english_plan.KNOWN,
        english_plan.NIST,
        english_turns.TURNS,
    ),
}
LANGUAGES: Final = tuple(_BOOKS)
# What a hundredth of the currency is called, where English has a word for it.
_COINS: Final = {**dict.fromkeys(("EUR", "USD", "CAD", "AUD", "NZD"), ("cent", "cents")), "GBP": ("penny", "pence")}
_MINUTE, _HOUR, _DAY = 60.0, 3600.0, 86400.0
_SHORTEST: Final = 0.001


class Words:
    """The words of one language.

    Raises:
        KeyError: on `say` with a key the phrase book lacks; a defect of ours.
    """

    def __init__(self, language: str, currency: str) -> None:
        self.language = language
        self.currency = currency
        self._book = {k: v for part in _BOOKS[language] for k, v in part.items()}

    def has(self, key: str) -> bool:
        """Whether the phrase book has this key."""
        return key in self._book

    def say(self, key: str, **places: str) -> str:
        """The phrase with its places filled."""
        return self._book[key].format(**places)

    # ---- figures -------------------------------------------------------------------------------------------------

    def number(self, value: float, digits: int = 2) -> str:
        """A number with so many digits that mean something; whole numbers from a thousand on keep their marks."""
        return _plain(rounded(value, digits))

    def exact(self, value: float) -> str:
        """A number as it was told, without rounding."""
        return _plain(value)

    def money(self, value: float, digits: int = 2) -> str:
        """An amount rounded to what means something: "€1,200", "€0.31"; tiny ones are "less than €0.01"."""
        if value and abs(value) < 0.005:
            return f"less than{NBSP}{self.cents(0.01)}"
        # Below ten the cents say something, and the bill shows them too.
        shown = rounded(value, digits) if abs(value) >= 9.995 else round(value, 2)
        places = 0 if abs(shown) >= 10 or shown == 0 else 2
        return self._money(shown, places)

    def cents(self, value: float) -> str:
        """An amount to the cent."""
        return self._money(value, 2)

    def fine(self, value: float) -> str:
        """A unit price with as many places as it needs."""
        if value == 0 or abs(value) >= 0.095:
            return self.cents(value)
        places = min(9, 1 - math.floor(math.log10(abs(value))))
        return self._money(round(value, places), places)

    def small_price(self, value: float) -> str:
        """What one unit of work costs: in cents where that is clearer."""
        coins = _COINS.get(self.currency)
        if coins and 0 < value < 0.995:
            small = rounded(value * 100, 2)
            if small < 0.01:
                return f"less than{NBSP}0.01{NBSP}{coins[1]}"
            return f"{_plain(small)}{NBSP}{coins[0] if small == 1 else coins[1]}"
        return self.fine(rounded(value, 2)) if value < 1 else self.money(value)

    def _money(self, value: float, places: int) -> str:
        from babel.numbers import format_currency, get_currency_symbol

        sign = get_currency_symbol(self.currency, locale="en")
        # A currency written in letters keeps a space from its number.
        pattern = f"¤{NBSP if sign[-1].isalpha() else ''}#,##0" + ("." + "0" * places if places else "")
        text: str = format_currency(abs(value), self.currency, pattern, locale="en", currency_digits=False)
        return ("−" if value < 0 else "") + text

    def span(self, low: float, high: float, unit: str) -> str:
        """ "0.9 to 4 hours" in a unit already chosen."""
        a, b = _plain(low), _plain(high)
        return f"{a}{NBSP}{unit}" if a == b else f"{a} to {b}{NBSP}{unit}"

    def time(self, seconds: float) -> str:
        """A length of time in the unit that a person would use."""
        if seconds < _SHORTEST:
            return f"less than{NBSP}{_SHORTEST}{NBSP}seconds"
        size, unit = _time_unit(seconds)
        value = rounded(seconds / size, 2)
        return f"{_plain(value)}{NBSP}{_many(unit, value)}"

    def time_range(self, low: float, high: float) -> str:
        """Two lengths of time, in one unit where both read well in it."""
        if high < _SHORTEST:
            return self.time(high)
        size, unit = _time_unit(low)
        top, top_unit = _time_unit(high)
        if unit != top_unit and high / size > 120:
            return f"{self.time(low)} to {self.time(high)}"
        if unit != top_unit and low / top >= 0.1:
            size, unit = top, top_unit
        a, b = rounded(low / size, 2), rounded(high / size, 2)
        return self.span(a, b, _many(unit, b))

    def exact_time(self, seconds: float) -> str:
        """A length of time the owner named, not rounded."""
        for size, unit in ((_DAY, "day"), (_HOUR, "hour"), (_MINUTE, "minute")):
            value = seconds / size
            if value >= 1 and abs(value - round(value)) < 1e-9:
                return f"{_plain(round(value))}{NBSP}{_many(unit, round(value))}"
        value = round(seconds, 6)
        return f"{_plain(value)}{NBSP}{_many('second', value)}"

    def hours(self, value: float) -> str:
        """Hours of work."""
        if value < 0.995:
            minutes = max(5 * round(value * 12), 5)
            return f"{minutes}{NBSP}minutes"
        shown = rounded(value, 2) if value >= 10 else round(value, 1)
        return f"{_plain(shown)}{NBSP}{_many('hour', shown)}"

    def count(self, value: float, name: str, digits: int | None = None) -> str:
        """A number of things: "400 photos", "1 photo", "500 times 1,000 words"."""
        shown = value if digits is None else rounded(value, digits)
        if any(c.isdigit() for c in name):
            return f"{_plain(shown)}{NBSP}times{NBSP}{name}"
        return f"{_plain(shown)}{NBSP}{name if shown == 1 else self.plural(name)}"

    def years(self, value: float) -> str:
        """A number of years, or of months where it is less than one."""
        if value < 1 and abs(value * 12 - round(value * 12)) < 1e-9:
            return f"{_plain(round(value * 12))}{NBSP}{_many('month', round(value * 12))}"
        return f"{_plain(value)}{NBSP}{_many('year', value)}"

    def of_hundred(self, share: float) -> str:
        """A share as "83 of 100"; never all or none of them, as nobody can know that."""
        if share > 0.99:
            return f"more than{NBSP}99{NBSP}of{NBSP}100"
        return f"{max(round(share * 100), 1)}{NBSP}of{NBSP}100"

    def country(self, code: str) -> str:
        """What a country is called; its two letters where we have no word for it."""
        from babel import Locale

        name = Locale(self.language).territories.get(code, code)
        return str(name)

    def plural(self, name: str) -> str:
        """The plural of a unit of work: its head noun is the word before "of", else the last one."""
        head, of, rest = name.partition(" of ")
        stem, space, last = head.rpartition(" ")
        if last.endswith("y") and last[-2:-1] not in "aeiou":
            last = last[:-1] + "ies"
        elif last.endswith(("x", "ch", "sh", "ss")):
            last += "es"
        elif not last.endswith("s"):
            last += "s"
        return f"{stem}{space}{last}{of}{rest}"

    def day(self, iso: str) -> str:
        """A date in words: "25 November 2026", "November 2026"; a year stays what it is."""
        year, _, month = iso.partition("-")
        if month.isdigit() and 1 <= int(month) <= 12:
            return f"{_MONTHS[int(month) - 1]}{NBSP}{year}"
        try:
            d = date.fromisoformat(iso)
        except ValueError:
            return iso
        return f"{d.day}{NBSP}{_MONTHS[d.month - 1]}{NBSP}{d.year}"


_MONTHS: Final = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def rounded(value: float, digits: int) -> float:
    """`value` with so many digits that mean something."""
    if not value or not math.isfinite(value):
        return value
    places = digits - 1 - math.floor(math.log10(abs(value)))
    out = round(value, places)
    return float(out)


def _plain(value: float) -> str:
    if float(value).is_integer():
        return f"{int(value):,}"
    text = f"{value:,.10f}".rstrip("0").rstrip(".")
    # Digits behind the tenth say nothing to a person.
    return text if text not in ("0", "-0") else f"{value:.2g}"


def _time_unit(seconds: float) -> tuple[float, str]:
    if seconds < 100:
        return 1.0, "second"
    if seconds < 100 * _MINUTE:
        return _MINUTE, "minute"
    if seconds < 48 * _HOUR:
        return _HOUR, "hour"
    return _DAY, "day"


def _many(unit: str, value: float) -> str:
    return unit if value == 1 else unit + "s"
