"""Big tables as columns in one file: numbers as they are, words as codes into a list of the distinct ones.

A column of words `x` is kept as `x` (codes) and `x.words` (the distinct words as UTF-8, one a line). Nothing is unpacked
before it is asked for.
"""

from __future__ import annotations

import io
import math
import zipfile
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Bools = NDArray[np.bool_]

_WORDS = ".words"
_END = ".npy"
# Where a member says how long its header is, and where that begins.
_LENGTH, _HEADER = slice(8, 10), 10


class Npz:
    """The arrays in the bytes of an npz, each unpacked when asked for and read-only.

    `np.load` reads every header as Python source and the rest piece by piece; most members have the same few headers, and
    are taken here in one piece each.
    """

    def __init__(self, content: bytes) -> None:
        self._file = zipfile.ZipFile(io.BytesIO(content))
        self.names = tuple(n.removesuffix(_END) for n in self._file.namelist())

    def __getitem__(self, name: str) -> NDArray[Any]:
        member = self._file.read(name + _END)
        start = _HEADER + int.from_bytes(member[_LENGTH], "little")
        dtype, shape, order = _header(member[:start])
        if dtype.itemsize * math.prod(shape) != len(member) - start:
            raise ValueError(name)
        return np.ndarray(shape, dtype, member, start, order=order)


@lru_cache(maxsize=256)
def _header(text: bytes) -> tuple[np.dtype[Any], tuple[int, ...], Literal["F", "C"]]:
    """Kind, shape and order of an array from its header.

    Raises:
        ValueError: it is none, or the array holds Python objects.
    """
    file = io.BytesIO(text)
    if np.lib.format.read_magic(file) != (1, 0):
        raise ValueError(text)
    shape, fortran, dtype = np.lib.format.read_array_header_1_0(file)
    if dtype.hasobject:
        raise ValueError(dtype)
    return dtype, shape, "F" if fortran else "C"


class Packed:
    """A table of columns read from the bytes of an npz; `rows` picks those that are kept."""

    def __init__(self, content: bytes, rows: Bools | None = None) -> None:
        self._file = Npz(content)
        self._content = content
        self.names = tuple(n for n in self._file.names if not n.endswith(_WORDS))
        self._rows = rows
        self._read: dict[str, NDArray[np.generic]] = {}
        self._lists: dict[str, tuple[str, ...]] = {}

    def __len__(self) -> int:
        return len(self.column(self.names[0]))

    def kept(self, rows: Bools) -> Packed:
        """The same table with these of its rows only."""
        return Packed(self._content, rows)

    def is_words(self, name: str) -> bool:
        """Whether a column holds words; else it holds numbers."""
        return name + _WORDS in self._file.names

    def column(self, name: str) -> NDArray[np.generic]:
        """A column as it is kept: numbers, or codes of words."""
        if name not in self._read:
            column = self._file[name]
            self._read[name] = column if self._rows is None else column[self._rows]
        return self._read[name]

    def numbers(self, name: str) -> Floats:
        """A column of numbers; NaN where the source is silent."""
        return self.column(name).astype(np.float64)

    def number(self, name: str, row: int) -> float:
        """One cell of a column of numbers, as it was written before it was packed."""
        cell = self.column(name)[row]
        return float(f"{cell:.7g}") if cell.dtype == np.float32 else float(cell)

    def codes(self, name: str) -> Ints:
        """A column of words as rows of `words(name)`."""
        return self.column(name).astype(np.int64)

    def words(self, name: str) -> tuple[str, ...]:
        """The distinct words of a column."""
        if name not in self._lists:
            self._lists[name] = tuple(str(self._file[name + _WORDS].data, "utf-8").split("\n"))
        return self._lists[name]

    def text(self, name: str, row: int) -> str:
        """One cell of a column of words."""
        return self.words(name)[int(self.column(name)[row])]

    def rows_where(self, name: str, word: str) -> Ints:
        """The rows in which a column of words says `word`."""
        known = self.words(name)
        return np.flatnonzero(self.codes(name) == known.index(word)) if word in known else np.zeros(0, dtype=np.int64)

    def row(self, row: int) -> dict[str, str | float]:
        """One row by column name."""
        return {n: self.text(n, row) if self.is_words(n) else self.number(n, row) for n in self.names}


def packed(columns: Mapping[str, Sequence[str] | Floats]) -> dict[str, NDArray[np.generic]]:
    """The arrays of a table: lists of words become codes and words, numbers stay as they are.

    Raises:
        ValueError: a word holds a line end.
    """
    arrays: dict[str, NDArray[np.generic]] = {}
    for name, column in columns.items():
        if isinstance(column, np.ndarray):
            arrays[name] = column
            continue
        words = sorted(set(column))
        if any("\n" in w for w in words):
            raise ValueError(name)
        row = {w: i for i, w in enumerate(words)}
        size = np.uint8 if len(words) < 2**8 else np.uint16 if len(words) < 2**16 else np.uint32
        arrays[name] = np.array([row[w] for w in column], dtype=size)
        arrays[name + _WORDS] = np.frombuffer("\n".join(words).encode(), dtype=np.uint8)
    return arrays


def npz_bytes(arrays: Mapping[str, NDArray[np.generic]]) -> bytes:
    """An npz whose bytes depend on the arrays alone (no clock in the archive)."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, array in arrays.items():
            buffer = io.BytesIO()
            np.lib.format.write_array(buffer, array, allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy", (1980, 1, 1, 0, 0, 0)), buffer.getvalue(), zipfile.ZIP_DEFLATED, 9)
    return out.getvalue()
