"""What is wrong with the cells of a table, by row and column. The check names them, loading leaves their rows out."""

from __future__ import annotations

import math
import re
import zipfile
import zlib
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from advisor.catalog.ageing import read_day

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

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
_YEAR: Final = re.compile(r"(?:19|20)\d{2}|launch")
# Below this many possible keys, ticking off those that occur is quicker than sorting.
_FEW_KEYS: Final = 5_000_000


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
            outside = rows_outside(codes, len(words))
            found += [Cell(i, column.name, "is a code that stands for nothing.") for i in outside]
            wrong = _all_wrong(column, words, today)
            if wrong and not outside:
                bad = np.array([w in wrong for w in words])[codes]
                found += [Cell(i, column.name, wrong[words[codes[i]]]) for i in np.flatnonzero(bad).tolist()]
        else:
            values = packed.column(column.name)
            found += [Cell(i, column.name, _wrong_number(column, v, f"{v:g}")) for i, v in bad_numbers(column, values)]
    if table.amounts and not found:
        day, excuse = (np.array([bool(w) for w in packed.words(c)])[packed.codes(c)] for c in (table.dated, table.excuse))
        priced = np.isfinite(packed.numbers(table.amounts[0]))
        found += [Cell(i, table.dated, "is empty.") for i in np.flatnonzero(priced & ~day & ~excuse).tolist()]
    if table.key and not found:
        offered = packed.numbers(table.flag) > 0 if table.flag else np.ones(len(packed), dtype=bool)
        found += [Cell(i, table.key[0], "the same row occurs twice.") for i in rows_twice([packed.column(c) for c in table.key], offered)]
    return sorted(found, key=lambda c: c.row)


def rows_outside(codes: NDArray[Any], count: int) -> list[int]:
    """Rows whose code points to none of `count` words."""
    if len(codes) and int(codes.min()) >= 0 and int(codes.max()) < count:
        return []
    rows: list[int] = np.flatnonzero((codes < 0) | (codes >= count)).tolist()
    return rows


def bad_numbers(column: Column, values: NDArray[Any]) -> list[tuple[int, float]]:
    """Rows whose number is not one that the column allows, with that number."""
    # Most columns are fine as a whole; of NaN the smaller and the greater know nothing.
    least, most = (float(f.reduce(values)) if len(values) else math.nan for f in (np.fmin, np.fmax))
    low_enough = least > 0 if column.above else least >= column.low
    if low_enough and most <= column.high and most < math.inf and not (column.needed and np.isnan(values).any()):
        return []
    inside = (values > 0 if column.above else values >= column.low) & (values <= column.high) & np.isfinite(values)
    fine = inside if column.needed else inside | np.isnan(values)
    return [(i, float(values[i])) for i in np.flatnonzero(~fine).tolist()]


def rows_twice(columns: Sequence[NDArray[Any]], among: Bools) -> list[int]:
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
