"""Reads packed sources and writes small tables; text in, text out, the same bytes every time."""

from __future__ import annotations

import csv
import io
import lzma
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

SOURCES = Path(__file__).parent.parent / "sources"
Row = dict[str, str]


def source_text(name: str) -> str:
    """The text of a source, packed (`name.xz`) or plain."""
    packed = SOURCES / f"{name}.xz"
    if packed.exists():
        return lzma.decompress(packed.read_bytes()).decode("utf-8-sig")
    return (SOURCES / name).read_text(encoding="utf-8")


def rows(name: str) -> list[Row]:
    """The rows of a source table."""
    return list(csv.DictReader(io.StringIO(source_text(f"{name}.csv"))))


def write(path: Path, columns: Sequence[str], table: Iterable[Mapping[str, str]]) -> None:
    """Writes a CSV with these columns, LF line ends."""
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(table)
    path.write_text(out.getvalue(), encoding="utf-8", newline="\n")


def number(text: str) -> float:
    """A number, NaN where the source is empty; of several ("2.7/2.8") the smallest, so that we never promise too much."""
    return min(float(part) for part in text.split("/")) if text else float("nan")
