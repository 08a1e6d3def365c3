"""The words in which a table is declared: what a column may hold, and what holds for a whole table."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["text", "number", "day", "loose day"]
FLAGS: Final = frozenset({"yes", "caution", "no"})
YES_NO: Final = frozenset({"yes", "no"})


@dataclass(frozen=True, slots=True)
class Column:
    """What the cells of a column may be; an empty cell is unknown and allowed unless `needed`.

    A number lies in [low, high], above `low` where `above`. A day is written to the day, the month or the year and lies
    not in the future; a loose day only has to name a year. `of` is the column of another table that every name (`many`:
    every one of the names between these signs) has to stand in.
    """

    name: str
    kind: Kind = "text"
    unit: str = ""
    low: float = -math.inf
    high: float = math.inf
    above: bool = False
    needed: bool = False
    allowed: frozenset[str] = frozenset()
    of: str = ""
    many: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """What holds for a table.

    `key`: columns whose values together occur once (rows whose `flag` is "no" may repeat: they are never offered).
    `amounts`, `dated`, `excuse`: where an amount is filled, its day is too, unless the row excuses itself. `sourced`: a row
    with one of these filled names its source. `ordered`: numbers that do not fall from left to right. `promises`: of each of
    these groups a row that is recommended fills one. `price`: the kind of price in `ageing`, by which its rows grow old.
    """

    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    flag: str = ""
    amounts: tuple[str, ...] = ()
    dated: str = ""
    excuse: str = ""
    sourced: tuple[str, ...] = ()
    ordered: tuple[tuple[str, ...], ...] = ()
    promises: tuple[tuple[str, ...], ...] = ()
    price: str = "fact"

    def column(self, name: str) -> Column:
        """The column of this name."""
        return next(c for c in self.columns if c.name == name)


def text(*names: str) -> tuple[Column, ...]:
    """Columns of words that may be empty."""
    return tuple(Column(n) for n in names)


def told(*names: str) -> tuple[Column, ...]:
    """Columns of words that are always filled."""
    return tuple(Column(n, needed=True) for n in names)


def one_of(name: str, *words: str, needed: bool = True) -> tuple[Column]:
    """A column with these words only."""
    return (Column(name, needed=needed, allowed=frozenset(words)),)


def flag(name: str, words: frozenset[str] = FLAGS) -> tuple[Column]:
    """A column that says whether a row may be used."""
    return (Column(name, needed=True, allowed=words),)


def number(unit: str, *names: str, low: float = 0, high: float = math.inf, needed: bool = False) -> tuple[Column, ...]:
    """Columns of numbers from `low` to `high`."""
    return tuple(Column(n, "number", unit, low, high, needed=needed) for n in names)


def amount(unit: str, *names: str, high: float = math.inf, needed: bool = False) -> tuple[Column, ...]:
    """Columns of numbers above zero: prices, sizes, speeds."""
    return tuple(Column(n, "number", unit, 0, high, above=True, needed=needed) for n in names)


def day(*names: str, needed: bool = False, loose: bool = False) -> tuple[Column, ...]:
    """Columns of days that are over."""
    return tuple(Column(n, "loose day" if loose else "day", needed=needed) for n in names)


def refers(name: str, of: str, many: str = "", needed: bool = True) -> tuple[Column]:
    """A column of names that stand in a column of another table."""
    return (Column(name, needed=needed, of=of, many=many),)
