"""Numbers, money, times and dates as the owner writes them, and the reading of what the owner types.

A number that can be read two ways ("1,234" is a thousand and more in one country, a little over one in another)
is never guessed: the caller asks.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date, datetime

    from babel import Locale


@dataclass(frozen=True, slots=True)
class TwoWays:
    """A typed number with two readings."""

    large: float
    small: float


@cache
def locale(name: str) -> Locale:
    """The Babel locale of a system name such as `de_DE`; English where Babel does not know it."""
    from babel import Locale, UnknownLocaleError

    try:
        return Locale.parse(name)
    except (UnknownLocaleError, ValueError):
        return Locale("en")


_SPACES = re.compile(r"[\s\u00a0\u202f'’]")


def read_number(text: str) -> float | TwoWays | None:
    """The number in `text`; `None` if it is none, `TwoWays` if a person could have meant two numbers.

    Points and commas are both taken: the last mark of two kinds is the decimal one; a mark that stands several
    times parts thousands. One mark followed by exactly three digits is open.
    """
    bare = _SPACES.sub("", text)
    if not re.fullmatch(r"[+-]?[0-9][0-9.,]*|[+-]?[.,][0-9]+", bare):
        return None
    marks = [c for c in bare if c in ".,"]
    if not marks:
        return float(bare)
    last = marks[-1]
    if len(set(marks)) == 2:
        first = marks[0]
        whole, _, rest = bare.rpartition(last)
        return float(f"{whole.replace(first, '')}.{rest}") if last not in whole and _thousands(whole, first) else None
    if len(marks) > 1:
        return float(bare.replace(last, "")) if _thousands(bare, last) else None
    whole, _, rest = bare.partition(last)
    as_decimal = float(f"{whole or '0'}.{rest or '0'}")
    if len(rest) == 3 and whole.lstrip("+-").isdigit() and 1 <= len(whole.lstrip("+-")) <= 3 and whole.lstrip("+-0"):
        return TwoWays(float(whole + rest), as_decimal)
    return as_decimal


def _thousands(text: str, mark: str) -> bool:
    return re.fullmatch(rf"[+-]?[0-9]{{1,3}}(?:{re.escape(mark)}[0-9]{{3}})*", text) is not None


def number_as_typed(value: float, name: str) -> str:
    """A number without marks between thousands."""
    from babel.numbers import format_decimal

    return str(format_decimal(value, "0.############", locale=locale(name)))


def plain_number(value: float, name: str) -> str:
    """A number for a field: no marks between thousands, so that it can never be read two ways."""
    shown = number_as_typed(value, name)
    # "2.125" in a field would be open again: one more nought settles it.
    return shown + "0" if isinstance(read_number(shown), TwoWays) else shown


def number(value: float, name: str) -> str:
    """A number to be read: thousands parted as in the owner's country."""
    from babel.numbers import format_decimal

    return str(format_decimal(value, "#,##0.######", locale=locale(name)))


def money(value: float, currency: str, name: str) -> str:
    """An amount with its currency, cents only where there are some."""
    from babel.numbers import format_currency

    whole = float(value).is_integer()
    return str(format_currency(value, currency, format="¤¤ #,##0" if whole else "¤¤ #,##0.00", currency_digits=False, locale=locale(name)))


def day(value: date | datetime, name: str) -> str:
    """A date in words."""
    from babel.dates import format_date

    return str(format_date(value, "long", locale=locale(name)))


def read_day(text: str, name: str) -> date | None:
    """The day in `text`, as in 2026-11-20 or as people of this country write it; `None` if it is none."""
    from datetime import date

    from babel.dates import parse_date

    try:
        return date.fromisoformat(text)
    except ValueError:
        pass
    try:
        found = parse_date(text, locale=locale(name), format="short")
    except (ValueError, IndexError, KeyError):
        return None
    # "20.11." has no year, and "20.11.26" means this century.
    found = found if found.year > 99 else found.replace(year=found.year + 2000)
    return found if found.year > 1999 else None


def loose_day(iso: str, name: str) -> str:
    """A day, a month or a year as a source gives it, in words."""
    from datetime import date

    from babel.dates import format_date

    parts = iso.split("-")
    if len(parts) == 2:
        return str(format_date(date(int(parts[0]), int(parts[1]), 1), "MMMM y", locale=locale(name)))
    return day(date.fromisoformat(iso), name) if len(parts) == 3 else iso


def short_day(value: date, name: str) -> str:
    """A day for a field, as people of this country write it, with the whole year."""
    from babel.dates import format_date, get_date_format

    pattern = get_date_format("short", locale=locale(name)).pattern
    return str(format_date(value, pattern if "yyyy" in pattern else re.sub("y+", "yyyy", pattern), locale=locale(name)))


def price(value: float, currency: str, name: str) -> str:
    """A price of one of something, with as many digits as mean something: below a cent more of them."""
    if value >= 1:
        return money(round(value, 2), currency, name)
    from babel.numbers import format_decimal

    return f"{currency} {format_decimal(float(f'{value:.3g}'), '0.############', locale=locale(name))}"


def countries(name: str, codes: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Code and name of countries in the owner's language, sorted by name."""
    names = locale(name).territories
    return tuple(sorted(((code, str(names.get(code, code))) for code in codes), key=lambda pair: pair[1].casefold()))


def currencies(name: str, codes: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Code and name of currencies, sorted by code."""
    names = locale(name).currencies
    return tuple((code, f"{code} – {names.get(code, code)}") for code in sorted(codes))


def currency_of(country: str) -> str | None:
    """The currency of a country today, if known."""
    from babel.numbers import get_territory_currencies

    found = get_territory_currencies(country)
    return str(found[0]) if found else None


def how_long(seconds: float) -> str:
    """A time still to wait, in words; rounded so that it does not flicker."""
    if seconds < 8:
        return "a few seconds left"
    if seconds < 90:
        return f"about {round(seconds / 5) * 5} seconds left"
    return f"about {round(seconds / 60)} minutes left"
