"""Reads the owner's own files: arrays, tables, text, pictures and sound, out of their bytes."""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from advisor.benchmark import refusals
from advisor.problems import AdvisorError, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

PICTURES: Final = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".webp"})
KINDS: Final = frozenset({".npz", ".npy", ".csv", ".txt", ".wav"}) | PICTURES
_MOST_ROWS: Final = 4096


@dataclass(frozen=True, slots=True)
class Arrays:
    """Tables by input name; a lone one without a name has ''."""

    by_name: Mapping[str, NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Rows:
    """A table: names of its columns, where it has a line of names, and the cells as written."""

    names: tuple[str, ...] | None
    cells: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Text:
    """A text as written."""

    words: str


@dataclass(frozen=True, slots=True)
class Picture:
    """Pixels 0 to 255, shape (height, width, 3)."""

    pixels: NDArray[Any]


@dataclass(frozen=True, slots=True)
class Sound:
    """One channel between -1 and 1, shape (samples,), and samples a second."""

    wave: NDArray[Any]
    rate: int


Decoded = Arrays | Rows | Text | Picture | Sound


def bad_sample(name: str, what: str, do: str = "") -> Problem:
    """A sample that cannot be used; `what` follows its name."""
    return Problem(
        "NEEDS_SAMPLE",
        refusals.shown(name),
        f"{refusals.shown(name)} {what}.",
        "",
        do or "Choose a .npz file with one table for each input, a .npy or .csv table, a .txt text, a .wav sound, or pictures.",
    )


def decode(file: Path, body: bytes) -> Decoded:
    """What is in the file, by the ending of its name.

    Raises:
        AdvisorError: NEEDS_SAMPLE where it cannot be read.
    """
    import warnings

    try:
        with warnings.catch_warnings():
            # A picture of more pixels than Pillow likes is refused, not warned of.
            warnings.simplefilter("error")
            return _decoded(file.suffix.lower(), body)
    except (MemoryError, AdvisorError):
        raise
    except Exception as error:  # noqa: BLE001 -- readers of damaged files raise what they like
        raise AdvisorError(bad_sample(file.name, f"could not be read as a sample ({refusals.shown(str(error), 80)})")) from None


def _decoded(kind: str, body: bytes) -> Decoded:
    import numpy as np

    if kind == ".npz":
        with np.load(io.BytesIO(body), allow_pickle=False) as archive:
            return Arrays({k: archive[k] for k in archive.files})
    if kind == ".npy":
        return Arrays({"": np.load(io.BytesIO(body), allow_pickle=False)})
    if kind == ".csv":
        return _rows(body.decode("utf-8-sig"))
    if kind == ".txt":
        return Text(body.decode("utf-8-sig"))
    if kind == ".wav":
        return _sound(body)
    from PIL import Image

    with Image.open(io.BytesIO(body)) as opened:
        return Picture(np.asarray(opened.convert("RGB"), dtype=np.uint8))


def _rows(text: str) -> Rows:
    import csv

    first = text.partition("\n")[0]
    # Programs set to languages with a decimal comma write semicolons.
    apart = ";" if first.count(";") > first.count(",") else "\t" if first.count("\t") > first.count(",") else ","
    rows = [tuple(c.strip() for c in r) for r in csv.reader(io.StringIO(text, newline=""), delimiter=apart) if any(c.strip() for c in r)]
    if not rows:
        msg = "it is empty"
        raise ValueError(msg)
    if any(len(r) != len(rows[0]) for r in rows):
        msg = "its lines have different numbers of cells"
        raise ValueError(msg)
    named = len(rows) > 1 and all(number(c) is None for c in rows[0] if c)
    body = rows[1:] if named else rows
    return Rows(rows[0] if named else None, tuple(body[:_MOST_ROWS]))


def number(cell: str) -> float | None:
    """The number in a cell, with a decimal point or comma; `None` for anything else."""
    for written in (cell, cell.replace(",", ".") if cell.count(",") == 1 else cell):
        try:
            return float(written)
        except ValueError:
            continue
    return None


def _sound(body: bytes) -> Sound:
    """A WAV file: whole numbers of 8 to 32 bits or broken ones of 32; several channels become their mean.

    Form: Microsoft's "Multimedia Programming Interface and Data Specifications 1.0" (1991), RIFF WAVE.
    """
    import numpy as np

    if body[:4] != b"RIFF" or body[8:12] != b"WAVE":
        msg = "it is not a WAV sound"
        raise ValueError(msg)
    at, about, data = 12, None, b""
    while at + 8 <= len(body):
        name, size = body[at : at + 4], struct.unpack_from("<I", body, at + 4)[0]
        if name == b"fmt ":
            about = struct.unpack_from("<HHIIHH", body, at + 8)
            if about[0] == 0xFFFE:
                # The long form tells the true kind further on.
                about = (struct.unpack_from("<H", body, at + 8 + 24)[0], *about[1:])
        elif name == b"data":
            data = body[at + 8 : at + 8 + size]
        at += 8 + size + size % 2
    if about is None or not data or not about[1] or not about[2]:
        msg = "it holds no sound"
        raise ValueError(msg)
    kind, channels, rate, _, _, bits = about
    wave: NDArray[Any]
    width = bits // 8
    data = data[: len(data) // (width * channels) * width * channels] if width else b""
    if kind == 3 and bits == 32:
        wave = np.frombuffer(data, "<f4").astype(np.float32)
    elif kind == 1 and bits in (8, 16, 32):
        raw = np.frombuffer(data, {8: "u1", 16: "<i2", 32: "<i4"}[bits]).astype(np.float32)
        wave = (raw - 128) / 128 if bits == 8 else raw / np.float32(2 ** (bits - 1))
    elif kind == 1 and bits == 24:
        three = np.frombuffer(data, np.uint8).reshape(-1, 3).astype(np.int32)
        whole = (three[:, 0] << 8 | three[:, 1] << 16 | three[:, 2] << 24) >> 8
        wave = whole.astype(np.float32) / np.float32(2**23)
    else:
        msg = "its kind of WAV is packed; save it as plain PCM"
        raise ValueError(msg)
    return Sound(np.asarray(wave.reshape(-1, channels).mean(axis=1), dtype=np.float32), rate)
