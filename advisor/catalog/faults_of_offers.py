"""What is wrong with the cells of the big tables of rented machines: offers, with their machine types and regions, and round trips."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from advisor.catalog.ageing import read_day
from advisor.catalog.faults import Cell, bad_numbers, rows_outside, rows_twice
from advisor.catalog.schema import FAR_FROM_NEIGHBOURS, OFFER_CODES, OFFER_WORDS, OFFERS, PRICE_FLAGS, SPOT_OVER_ON_DEMAND

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from advisor.catalog.columns import Column

    Bools = NDArray[np.bool_]
    Ints = NDArray[np.int64]

_COUNTRY: Final = re.compile(r"([A-Z]{2})?$")
_SLOWEST_MS: Final = 5000
ONE: Final = {"offer": "offer", "type": "machine type", "region": "region"}


@dataclass(frozen=True, slots=True)
class BadOffers:
    """Rows of the offers (or of their machine types or regions, see `level`) whose cell in `column` is bad."""

    column: str
    rows: Ints
    what: str
    level: str = "offer"


def offer_faults(a: Mapping[str, NDArray[Any]], today: str) -> list[BadOffers]:
    """Every bad cell of the table of offers, as arrays.

    Raises:
        ValueError: columns are missing or of different lengths.
    """
    _whole(a)
    out: list[BadOffers] = []

    def bad(column: str, mask: NDArray[np.bool_], what: str, level: str = "offer") -> None:
        if mask.any():
            out.append(BadOffers(column, np.flatnonzero(mask).astype(np.int64), what, level))

    for name, column in OFFERS.items():
        mask = np.zeros(len(a[name]), dtype=bool)
        mask[[i for i, _ in bad_numbers(column, a[name])]] = True
        what = (
            "has a flag that we do not know."
            if column.allowed
            else "has no price above zero."
            if name == "usd_per_hour"
            else _range(column)
        )
        bad(name, mask, what, _level(name))
    within: dict[str, Bools] = {}
    for name, words in OFFER_CODES.items():
        within[name] = np.ones(len(a[name]), dtype=bool)
        within[name][rows_outside(a[name], len(a[words]))] = False
        bad(name, ~within[name], f"points to none of the {words.replace('_', ' ')}.", _level(name))
    for name, known in OFFER_WORDS.items():
        bad(name, ~np.isin(a[name], known), "is a word that we do not know.", "type")
    countries = np.array([_COUNTRY.match(str(c)) is None for c in a["region_country"].tolist()])
    bad("region_country", countries, "is no country of two letters.", "region")

    def told(code: str, words: str, test: Sequence[bool]) -> Bools:
        """Which offers carry a word of a list for which `test` holds."""
        if not any(test):
            return np.zeros(len(a[code]), dtype=bool)
        codes = np.where(within[code], a[code], 0).astype(np.int64)
        return np.array(test, dtype=bool)[codes] & within[code]

    days = [str(d) for d in a["dates"].tolist()]
    bad("date_code", told("date_code", "dates", [read_day(d) is None for d in days]), "has no day.")
    late = [read_day(d) is not None and d > today[: len(d)] for d in days]
    bad("date_code", told("date_code", "dates", late), f"has a day after {today}.")
    unknown = [not set(str(f).split(";")) <= PRICE_FLAGS for f in a["flags"].tolist()]
    bad("flags_code", told("flags_code", "flags", unknown), "has a flag that we do not know.")
    silent = told("reason_code", "reasons", [not r for r in a["reasons"].tolist()])
    bad("reason_code", silent & (a["usable"] == 1), "asks for caution and does not say why.")
    price, spot = a["usd_per_hour"].astype(np.float64), a["usd_per_hour_spot"].astype(np.float64)
    bad("usd_per_hour_spot", spot > price * SPOT_OVER_ON_DEMAND * (1 + 1e-6), "is dearer than the price on demand.")
    twice = np.zeros(len(price), dtype=bool)
    twice[rows_twice([a["type_row"], a["region_row"]], np.ones(len(price), dtype=bool))] = True
    bad("type_row", twice, "occurs twice.")
    far = _far_from_neighbours(a["type_row"], price, (a["usable"] == 1) | (a["usable"] == 2))
    bad("usd_per_hour", far, f"is more than {FAR_FROM_NEIGHBOURS:g} times off the same machine in other regions.")
    return out


def _range(column: Column) -> str:
    if column.name == "usd_per_hour":
        return "has no price above zero."
    return f"is not a number above {column.low:g} and up to {column.high:g}{f' {column.unit}' if column.unit else ''}."


def _whole(a: Mapping[str, NDArray[Any]]) -> None:
    lengths = {"offer": len(a["type_row"]), "type": len(a["type_name"]), "region": len(a["region_name"])}
    for name in (*OFFERS, *OFFER_CODES, *OFFER_WORDS, "type_provider", "type_chip", "type_cpu_chip", "region_provider", "region_country",
                 "region_in_eu", "region_in_eea", "region_open", "region_special"):  # fmt: skip
        if name not in a or len(a[name]) != lengths[_level(name)]:
            raise ValueError(name)


def _level(column: str) -> str:
    """Whether a column is one over offers, over machine types or over regions."""
    if column in ("type_row", "region_row"):
        return "offer"
    return "type" if column.startswith("type_") else "region" if column.startswith("region_") else "offer"


def _far_from_neighbours(kind: NDArray[Any], price: NDArray[np.float64], offered: Bools) -> Bools:
    """Prices more than four times above or below the middle of the same machine in other regions; of two, both."""
    far = np.zeros(len(price), dtype=bool)
    rows = np.flatnonzero(offered & (price > 0) & np.isfinite(price))
    if not len(rows):
        return far
    rows = rows[np.argsort(kind[rows], kind="stable")]
    start = np.flatnonzero(np.diff(kind[rows], prepend=-1))
    wide = np.maximum.reduceat(price[rows], start) > np.minimum.reduceat(price[rows], start) * FAR_FROM_NEIGHBOURS
    for first, end in zip(start[wide], np.append(start[1:], len(rows))[wide], strict=True):
        here = rows[first:end]
        p, n = np.sort(price[here]), end - first
        lower, upper = p[(n - 1) // 2], p[n // 2]
        far[here] = (price[here] > lower * FAR_FROM_NEIGHBOURS) | (price[here] < upper / FAR_FROM_NEIGHBOURS)
    return far


def trip_faults(a: Mapping[str, NDArray[Any]]) -> list[Cell]:
    """Every bad row of the table of round trips: likely, low and high in milliseconds."""
    ms = a["ms"]
    names = [a[n] for n in ("country", "provider", "region")]
    if {ms.shape} != {(*words.shape, 3) for words in names}:
        raise ValueError(ms.shape)
    likely, low, high = ms.T
    with np.errstate(invalid="ignore"):
        fine = (low > 0) & (low <= likely) & (likely <= high) & (high < _SLOWEST_MS)
    out = [Cell(i, "ms", "is no range of milliseconds.") for i in np.flatnonzero(~fine).tolist()]
    return out + [Cell(i, "country", "is the same way as another row.") for i in _repeats(names)]


def _repeats(columns: Sequence[NDArray[Any]]) -> list[int]:
    """Rows whose words in all columns are those of another one."""
    steps = max(len(columns[0]) - 1, 0)
    higher, same = np.zeros(steps, dtype=bool), np.ones(steps, dtype=bool)
    for words in columns:
        higher |= same & (words[1:] > words[:-1])
        same &= words[1:] == words[:-1]
    # In a table that rises from row to row, as ours does, nothing can occur twice.
    if higher.all():
        return []
    keys = list(zip(*(words.tolist() for words in columns), strict=True))
    often = Counter(keys)
    return [i for i, key in enumerate(keys) if often[key] > 1]


def unsound_offers(a: Mapping[str, NDArray[Any]], faults: Iterable[BadOffers]) -> Bools:
    """The offers that rest on a bad cell of their own, of their machine type or of their region."""
    mask = np.zeros(len(a["type_row"]), dtype=bool)
    for f in faults:
        if f.level == "offer":
            mask[f.rows] = True
        else:
            mask |= np.isin(a[f"{f.level}_row"].astype(np.int64), f.rows)
    return mask
