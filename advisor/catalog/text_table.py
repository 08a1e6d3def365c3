"""A small table read from text: kept as columns, which are quick to check; a row becomes a dict when rows are first asked for."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, overload

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

Row = dict[str, str]


class TextTable(Sequence[Row]):
    """Rows by number, columns by name.

    `ragged` are the rows with too few or too many cells: what they lack is '', what they have too much is gone.
    """

    def __init__(self, names: Sequence[str], columns: Sequence[Sequence[str]], ragged: Sequence[int] = ()) -> None:
        self.names = tuple(names)
        self.ragged = tuple(ragged)
        self._columns = columns
        self._place = {name: i for i, name in enumerate(names)}

    def column(self, name: str) -> Sequence[str]:
        """The cells of a column from the first row to the last."""
        return self._columns[self._place[name]]

    def without(self, rows: Collection[int]) -> TextTable:
        """The same table less these rows."""
        keep = [i for i in range(len(self)) if i not in rows]
        place = {old: new for new, old in enumerate(keep)}
        return TextTable(self.names, [[c[i] for i in keep] for c in self._columns], [place[i] for i in self.ragged if i in place])

    @cached_property
    def _rows(self) -> tuple[Row, ...]:
        return tuple(dict(zip(self.names, cells, strict=True)) for cells in zip(*self._columns, strict=True))

    def __len__(self) -> int:
        return len(self._columns[0]) if self._columns else 0

    def __iter__(self) -> Iterator[Row]:
        return iter(self._rows)

    @overload
    def __getitem__(self, at: int) -> Row: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[Row, ...]: ...
    def __getitem__(self, at: int | slice) -> Row | tuple[Row, ...]:
        return self._rows[at]


def read_table(content: bytes) -> TextTable:
    """A table from the bytes of a CSV file in UTF-8, first its header; empty lines are no rows.

    Raises:
        UnicodeDecodeError, csv.Error: it is no well-formed table.
    """
    records = _records(content.decode("utf-8"))
    names = next(records, [])
    width, cells, sizes = len(names), list[str](), list[int]()
    # One list of all cells: a list for each row would be work for the collector of garbage.
    for record in records:
        size = len(record)
        if size != width:
            record = (record + [""] * width)[:width] if record else record
        if size:
            cells += record
            sizes.append(size)
    ragged = [] if sizes.count(width) == len(sizes) else [i for i, size in enumerate(sizes) if size != width]
    return TextTable(names, [cells[i::width] for i in range(width)], ragged)


def _records(text: str) -> Iterator[list[str]]:
    """The cells of each line as csv.reader gives them; it goes sign by sign, so it gets only what may need that."""
    if "\r" in text:
        yield from csv.reader(io.StringIO(text, newline=""), strict=True)
        return
    lines = iter(text.split("\n"))
    quoted: list[str] = []

    def from_here() -> Iterator[str]:
        # A cell may go on over several lines: the reader asks for those that follow.
        while (line := quoted.pop() if quoted else next(lines, None)) is not None:
            yield f"{line}\n"

    reader = csv.reader(from_here(), strict=True)
    for line in lines:
        if '"' in line:
            quoted.append(line)
            yield next(reader)
        else:
            yield line.split(",") if line else []


def number(text: str | None) -> float | None:
    """A cell that is a number; `None` where it is empty or none."""
    try:
        return float(text) if text else None
    except ValueError:
        return None
