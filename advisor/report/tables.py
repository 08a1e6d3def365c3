"""How a table is set: widths of the columns, what must not be torn apart, and rows that share a long text.

Text extracted from a page mixes the lines of neighbouring cells, so a number that is torn over two lines can no
longer be found again. A cell is therefore a list of chunks between which lines may break; a chunk with a digit
in it is never broken.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from advisor.report.fonts import text_width

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from advisor.advice import Table

NBSP: Final = "\u00a0"
# A zero-width space lets a word without a space go on in the next line.
BREAK: Final = "\u200b"
# How an unknown value is written in a cell.
DASH: Final = "—"
_UNKNOWN: Final = frozenset({"", DASH})
_LONG_WORD: Final = 18
_SLACK: Final = 0.05
_GROUP_ROWS: Final = 20
_GROUP_TEXT: Final = 12
_LONGEST_GLUED: Final = 60
_SPACES: Final = re.compile(r"[ ]+")
_DIGIT: Final = re.compile(r"\d")

Chunks = tuple[str, ...]


class Glue:
    """Knows the texts that must stay on one line (figures with their units, names with a number in them)."""

    def __init__(self, forms: Iterable[str]) -> None:
        wanted = {_SPACES.sub(" ", f.replace(NBSP, " ")).strip() for f in forms}
        kept = sorted((f for f in wanted if " " in f and _DIGIT.search(f) and len(f) <= _LONGEST_GLUED), key=len, reverse=True)
        body = "|".join(r"[ \u00a0]".join(re.escape(word) for word in f.split(" ")) for f in kept)
        self._forms = re.compile(rf"(?<![\w])(?:{body})(?![\w])") if kept else None

    def chunks(self, text: str) -> Chunks:
        """The text in pieces that stay whole; lines may break only between them."""
        if self._forms is not None:
            text = self._forms.sub(lambda m: m.group().replace(" ", NBSP), text)
        return tuple(part for part in _SPACES.split(text) if part)


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its cells, or one cell over the whole width (`span`); `strong` for the sum of a bill."""

    cells: tuple[Chunks, ...]
    span: bool = False
    strong: bool = False


@dataclass(frozen=True, slots=True)
class SetTable:
    """A table ready to be set: widths in points, type size in points, `right` the right-aligned columns."""

    widths: tuple[float, ...]
    size: float
    right: tuple[int, ...]
    header: tuple[Chunks, ...]
    rows: tuple[Row, ...]


def set_table(table: Table, glue: Glue, width: float, size: float, padding: float) -> SetTable | None:
    """Lays a table out in `width` points at type size `size`, with `padding` points right and left of every cell.

    Rows of a different length than the header are filled up or cut. A table without columns gives `None`.
    """
    count = len(table.columns)
    if not count:
        return None
    rows = [tuple((*row, *("",) * count)[:count]) for row in table.rows]
    shared = tuple(c for c in table.grouped if c < count) or _shared_columns(rows, count)
    kept = [c for c in range(count) if c not in shared]
    header = tuple(glue.chunks(table.columns[c]) for c in kept)
    out: list[Row] = []
    if shared:
        groups: dict[tuple[str, ...], list[tuple[str, ...]]] = {}
        for row in rows:
            groups.setdefault(tuple(row[c] for c in shared), []).append(row)
        for values, members in groups.items():
            known = [f"{table.columns[c]}: {v}" for c, v in zip(shared, values, strict=True) if v.strip() not in _UNKNOWN]
            title = " · ".join(known) or DASH
            out.append(Row((glue.chunks(title),), span=True))
            out += [Row(tuple(glue.chunks(row[c]) for c in kept)) for row in members]
    else:
        for i, row in enumerate(rows):
            strong = i > 0 and i == len(rows) - 1 and not row[0].strip() and any(row)
            out.append(Row(tuple(glue.chunks(cell) for cell in row), strong=strong))
    right = tuple(kept.index(c) for c in table.numeric if c in kept)
    widths, smaller = _widths(header, out, width, size, padding)
    room = [w - 2 * padding for w in widths]
    broken = tuple(_broken(row, room, width - 2 * padding, smaller) for row in out)
    return SetTable(widths, smaller, right, _broken(Row(header, strong=True), room, width, smaller).cells, broken)


def _shared_columns(rows: Sequence[tuple[str, ...]], count: int) -> tuple[int, ...]:
    """Columns better written once above the rows that share them: a long text that repeats, and what goes with it."""
    if len(rows) < _GROUP_ROWS:
        return ()
    distinct = [len({row[c] for row in rows}) for c in range(count)]
    length = [sum(len(row[c]) for row in rows) / len(rows) for c in range(count)]
    anchors = [c for c in range(1, count) if distinct[c] * 3 <= len(rows) and length[c] >= _GROUP_TEXT]
    if not anchors:
        return ()
    anchor = max(anchors, key=lambda c: length[c])
    return tuple(c for c in range(1, count) if c == anchor or len({(row[anchor], row[c]) for row in rows}) <= 1.5 * distinct[anchor] + 2)


def _widths(header: tuple[Chunks, ...], rows: Sequence[Row], width: float, size: float, padding: float) -> tuple[tuple[float, ...], float]:
    """Column widths that sum to `width`: wide enough for every unbroken chunk if that can be, else at smaller type."""
    columns = range(len(header))
    cells = [row for row in rows if not row.span]
    whole = [0.0 for _ in columns]
    least = [0.0 for _ in columns]
    for row in (Row(header, strong=True), *cells):
        for c in columns:
            chunks = row.cells[c]
            whole[c] = max(whole[c], text_width(" ".join(chunks), 1, semibold=row.strong))
            parts = [p for chunk in chunks for p in _pieces(chunk)]
            least[c] = max([least[c], *(text_width(p, 1, semibold=row.strong) for p in parts)])
    room = width - 2 * padding * len(header)
    for smaller in (size, size * 0.92, size * 0.85):
        need = [w * smaller for w in least]
        if sum(need) <= room:
            break
    wish = [w * smaller for w in whole]
    if sum(need) > room:
        inner = [room * n / sum(need) for n in need]
    elif sum(wish) <= room:
        # What is left over goes to the columns with words, in proportion; figures stay close together.
        inner = [w + (room - sum(wish)) * w / sum(wish) if sum(wish) else room / len(wish) for w in wish]
    else:
        # A square root, so that one very long text does not starve the others.
        hunger = [max(w - n, 0.0) ** 0.5 for w, n in zip(wish, need, strict=True)]
        inner = [n + (room - sum(need)) * h / sum(hunger) for n, h in zip(need, hunger, strict=True)]
        inner = _without_waste(inner, wish)
    return tuple(i + 2 * padding for i in inner), smaller


def _without_waste(inner: list[float], wish: list[float]) -> list[float]:
    """Takes back what a column got beyond its longest line and gives it to those that still wrap."""
    spare = sum(max(i - w, 0.0) for i, w in zip(inner, wish, strict=True))
    short = sum(max(w - i, 0.0) for i, w in zip(inner, wish, strict=True))
    if not spare or not short:
        return inner
    return [w if i >= w else i + spare * (w - i) / short for i, w in zip(inner, wish, strict=True)]


def _pieces(chunk: str) -> list[str]:
    """What of a chunk must stay whole: all of it if it holds a figure of sane length, else runs of a long word."""
    if len(chunk) <= _LONG_WORD or (_DIGIT.search(chunk) and len(chunk) <= _LONGEST_GLUED):
        return [chunk]
    return [chunk[i : i + _LONG_WORD] for i in range(0, len(chunk), _LONG_WORD)]


def _broken(row: Row, room: Sequence[float], whole_width: float, size: float) -> Row:
    """The row with a possible line break inside every chunk that is wider than its column."""
    limits = [whole_width] if row.span else room
    # Widths are sums of many small numbers: a column as wide as its text must count as wide enough.
    cells = tuple(
        tuple(part for chunk in chunks for part in _fitted(chunk, limit + _SLACK, size, semibold=row.strong))
        for chunks, limit in zip(row.cells, limits, strict=True)
    )
    return Row(cells, row.span, row.strong)


def _fitted(chunk: str, limit: float, size: float, *, semibold: bool) -> Chunks:
    """The chunk as it is if it fits, else in its words, else with a break anywhere."""
    if text_width(chunk, size, semibold=semibold) <= limit:
        return (chunk,)
    words = chunk.split(NBSP)
    if len(words) > 1:
        return tuple(part for word in words for part in _fitted(word, limit, size, semibold=semibold))
    return (breakable(chunk, 1),)


def breakable(text: str, every: int = _LONG_WORD) -> str:
    """The text with a place for a line break every so many characters of a word that has more than that."""

    def cut(match: re.Match[str]) -> str:
        word = match.group()
        return BREAK.join(word[i : i + every] for i in range(0, len(word), every))

    return re.sub(rf"[^\s\u00a0]{{{every + 1},}}", cut, text)
