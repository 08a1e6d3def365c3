"""What is wrong with the cells of a table, by row and column. The check names them, loading leaves their rows out."""

from __future__ import annotations

import math
import re
import zipfile
import zlib
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from advisor.catalog.ageing import read_day
from advisor.catalog.schema import FAR_FROM_NEIGHBOURS, OFFER_CODES, OFFER_WORDS, OFFERS, PRICE_FLAGS, SPOT_OVER_ON_DEMAND

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from advisor.catalog.columns import Column, Table
    from advisor.catalog.packed import Packed
    from advisor.catalog.text_table import TextTable

    Bools = NDArray[np.bool_]
    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

# What reading a damaged or crafted file of arrays may raise.
UNREADABLE: Final = (
    KeyError, ValueError, TypeError, IndexError, OverflowError, OSError, EOFError, MemoryError, NotImplementedError, zipfile.BadZipFile,
    zlib.error,
)  # fmt: skip
_COUNTRY: Final = re.compile(r"([A-Z]{2})?$")
_YEAR: Final = re.compile(r"(?:19|20)\d{2}|launch")
# Below this many possible keys, ticking off those that occur is quicker than sorting.
_FEW_KEYS: Final = 5_000_000
_SLOWEST_MS: Final = 5000
ONE: Final = {"offer": "offer", "type": "machine type", "region": "region"}


@dataclass(frozen=True, slots=True)
class Cell:
    """A bad cell: row of the table (from 0), column, and what is wrong with it."""

    row: int
    column: str
    what: str


# ---- one cell --------------------------------------------------------------------------------------------------------


def _wrong(column: Column, cell: str, today: str) -> str:
    """What is wrong with one cell, '' if nothing."""
    if column.allowed and (cell or column.needed) and cell not in column.allowed:
        return f"is “{cell[:30]}”, which we do not know."
    if not cell.strip():
        return "is empty." if column.needed else ""
    if column.kind == "number":
        return _wrong_number(column, _float(cell), cell[:30])
    if column.kind == "day":
        if read_day(cell) is None:
            return f"is “{cell[:30]}”, not a day."
        return f"is {cell}, which is after {today}." if cell > today[: len(cell)] else ""
    if column.kind == "loose day":
        years = re.findall(r"(?:19|20)\d{2}", cell)
        if not _YEAR.search(cell):
            return f"is “{cell[:30]}”, which names no year."
        return f"is “{cell[:30]}”, which is after {today}." if any(y > today[:4] for y in years) else ""
    return ""


def _all_wrong(column: Column, cells: Sequence[str], today: str) -> dict[str, str]:
    """What is wrong with each of some cells that is not sound; each distinct one is looked at once, as most columns repeat a few."""
    if column.kind == "text" and not column.allowed:
        # Words are either there or not.
        return {} if not column.needed or all(map(str.strip, cells)) else {cell: "is empty." for cell in cells if not cell.strip()}
    distinct = set(cells)
    if column.kind == "number" and not column.allowed and _all_fine(column, distinct):
        return {}
    return {cell: what for cell in distinct if (what := _wrong(column, cell, today))}


def _all_fine(column: Column, cells: set[str]) -> bool:
    """Whether all cells are numbers within the limits; seen at once, as nearly always they are."""
    if column.needed and "" in cells:
        return False
    try:
        values = list(map(float, filter(None, cells)))
    except ValueError:
        return False
    if not values:
        return True
    least, most = min(values), max(values)
    low_enough = least > 0 if column.above else column.low <= least
    # A sum with a NaN in it is none.
    return low_enough and most <= column.high and -math.inf < least <= most < math.inf and not math.isnan(sum(values))


def _wrong_number(column: Column, value: float, said: str) -> str:
    if column.above and not 0 < value < math.inf:
        return f"is “{said}”, not a number above zero."
    if not (column.low <= value <= column.high and abs(value) < math.inf):
        return f"is “{said}”, not a number from {column.low:g} to {column.high:g}{f' {column.unit}' if column.unit else ''}."
    return ""


def _float(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


# ---- a table of text -------------------------------------------------------------------------------------------------


def table_faults(table: Table, rows: TextTable, today: str) -> list[Cell]:
    """Every bad cell of a table that has all declared columns; days after `today` (ISO) are bad."""
    ragged = set(rows.ragged)
    found = [Cell(i, "", "it has too many or too few cells.") for i in rows.ragged]
    for column in table.columns:
        cells = rows.column(column.name)
        wrong = _all_wrong(column, cells, today)
        if wrong:
            found += [Cell(i, column.name, wrong[cell]) for i, cell in enumerate(cells) if cell in wrong and i not in ragged]
    bad = {(c.row, c.column) for c in found}
    found += [c for c in _row_faults(table, rows) if (c.row, c.column) not in bad and c.row not in ragged]
    return sorted(found, key=lambda c: c.row)


def _row_faults(table: Table, rows: TextTable) -> Iterator[Cell]:
    def of(names: Sequence[str]) -> Iterator[tuple[str, ...]]:
        return zip(*map(rows.column, names), strict=True)

    # Each rule is first asked of whole columns, as nearly always it holds there.
    if table.amounts:
        days, priced = rows.column(table.dated), list(of(table.amounts))
        excused = rows.column(table.excuse) if table.excuse else [""] * len(rows)
        silent = [i for i, told in enumerate(zip(days, excused, strict=True)) if not any(told)]
        yield from (Cell(i, table.dated, "is empty.") for i in silent if any(priced[i]))
    if table.sourced and not all(map(str.strip, rows.column("source"))):
        for i, (told, source) in enumerate(zip(of(table.sourced), rows.column("source"), strict=True)):
            if any(told) and not source.strip():
                yield Cell(i, "source", "is empty.")
    for names in table.ordered:
        columns = [rows.column(n) for n in names]
        for i in _falling(columns):
            yield from _out_of_order(i, names, [cells[i] for cells in columns])
    for group in table.promises:
        for i, (advised, filled) in enumerate(zip(rows.column("recommendable"), of(group), strict=True)):
            if advised == "yes" and not any(filled):
                yield Cell(i, group[0], "is empty, and the row is recommended.")
    if table.key and len(set(of(table.key))) < len(rows):
        yield from _repeated(table, rows.column(table.flag) if table.flag else [""] * len(rows), of(table.key), set(rows.ragged))


def _repeated(table: Table, flags: Iterable[str], keys: Iterable[tuple[str, ...]], ragged: Collection[int]) -> Iterator[Cell]:
    seen: dict[tuple[str, ...], int] = {}
    for i, (key, used) in enumerate(zip(keys, flags, strict=True)):
        if used == "no" or i in ragged:
            continue
        first = seen.setdefault(key, i)
        if first != i:
            yield Cell(i, table.key[0], f"the same row as line {first + 2} ({', '.join(k for k in key if k)}).")


def _falling(columns: Sequence[Sequence[str]]) -> list[int]:
    """Rows in which a figure is less than the one before it; what is no finite figure is passed over."""
    filled = [cells for cells in columns if any(cells)]
    if len(filled) < 2:
        return []
    before = np.full(len(filled[0]), math.nan)
    fallen = np.zeros(len(before), dtype=bool)
    for cells in filled:
        figures = _figures(cells)
        fallen |= _less(figures, before)
        before = np.where(np.isfinite(figures), figures, before)
    rows: list[int] = np.flatnonzero(fallen).tolist()
    return rows


def _figures(cells: Sequence[str]) -> Floats:
    try:
        figures = np.array([float(cell) if cell else math.nan for cell in cells])
    except ValueError:
        figures = np.array([_float(cell) for cell in cells])
    figures[~np.isfinite(figures)] = math.nan
    return figures


def _less(after: Any, before: Any) -> Any:
    """Less by more than rounding; of what is not known nothing is."""
    return after < before - abs(before) * 1e-9


def _out_of_order(row: int, names: Sequence[str], cells: Sequence[str]) -> Iterator[Cell]:
    figures = [(n, v) for n, cell in zip(names, cells, strict=True) if cell and math.isfinite(v := _float(cell))]
    for (_, before), (name, after) in pairwise(figures):
        if _less(after, before):
            yield Cell(row, name, f"is {after:g}, less than the {before:g} before it.")


# ---- packed columns --------------------------------------------------------------------------------------------------


def packed_faults(table: Table, packed: Packed, today: str) -> list[Cell]:
    """Every bad cell of a packed table that has all declared columns."""
    found: list[Cell] = []
    for column in table.columns:
        if packed.is_words(column.name):
            words, codes = packed.words(column.name), packed.column(column.name)
            outside = _outside(codes, len(words))
            found += [Cell(i, column.name, "is a code that stands for nothing.") for i in outside]
            wrong = _all_wrong(column, words, today)
            if wrong and not outside:
                bad = np.array([w in wrong for w in words])[codes]
                found += [Cell(i, column.name, wrong[words[codes[i]]]) for i in np.flatnonzero(bad).tolist()]
        else:
            values = packed.column(column.name)
            found += [Cell(i, column.name, _wrong_number(column, v, f"{v:g}")) for i, v in _bad_numbers(column, values)]
    if table.amounts and not found:
        day, excuse = (np.array([bool(w) for w in packed.words(c)])[packed.codes(c)] for c in (table.dated, table.excuse))
        priced = np.isfinite(packed.numbers(table.amounts[0]))
        found += [Cell(i, table.dated, "is empty.") for i in np.flatnonzero(priced & ~day & ~excuse).tolist()]
    if table.key and not found:
        offered = packed.numbers(table.flag) > 0 if table.flag else np.ones(len(packed), dtype=bool)
        found += [Cell(i, table.key[0], "the same row occurs twice.") for i in _twice([packed.column(c) for c in table.key], offered)]
    return sorted(found, key=lambda c: c.row)


def _outside(codes: NDArray[Any], count: int) -> list[int]:
    """Rows whose code points to none of `count` words."""
    if len(codes) and int(codes.min()) >= 0 and int(codes.max()) < count:
        return []
    rows: list[int] = np.flatnonzero((codes < 0) | (codes >= count)).tolist()
    return rows


def _bad_numbers(column: Column, values: NDArray[Any]) -> list[tuple[int, float]]:
    # Most columns are fine as a whole; of NaN the smaller and the greater know nothing.
    least, most = (float(f.reduce(values)) if len(values) else math.nan for f in (np.fmin, np.fmax))
    low_enough = least > 0 if column.above else least >= column.low
    if low_enough and most <= column.high and most < math.inf and not (column.needed and np.isnan(values).any()):
        return []
    inside = (values > 0 if column.above else values >= column.low) & (values <= column.high) & np.isfinite(values)
    fine = inside if column.needed else inside | np.isnan(values)
    return [(i, float(values[i])) for i in np.flatnonzero(~fine).tolist()]


def _twice(columns: Sequence[NDArray[Any]], among: Bools) -> list[int]:
    """Rows of `among` whose codes in all columns are those of another one."""
    sizes = [int(codes.max(initial=0)) + 1 for codes in columns]
    size = math.prod(sizes)
    key = np.zeros(len(among), dtype=np.int32 if size < _FEW_KEYS else np.int64)
    for codes, count in zip(columns, sizes, strict=True):
        key = key * count + codes.astype(key.dtype)
    key = key if among.all() else key[among]
    if size < _FEW_KEYS and key.min(initial=0) >= 0:
        seen = np.zeros(size, dtype=bool)
        seen[key] = True
        if np.count_nonzero(seen) == len(key):
            return []
    _, which, each = np.unique(key, return_inverse=True, return_counts=True)
    twice: list[int] = np.flatnonzero(among)[each[which] > 1].tolist()
    return twice


# ---- offers ----------------------------------------------------------------------------------------------------------


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
        mask[[i for i, _ in _bad_numbers(column, a[name])]] = True
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
        within[name][_outside(a[name], len(a[words]))] = False
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
    twice[_twice([a["type_row"], a["region_row"]], np.ones(len(price), dtype=bool))] = True
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
