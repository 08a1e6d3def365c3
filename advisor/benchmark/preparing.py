"""Turns what was read out of the owner's files into inputs of the model: resized, ordered, cut into single answers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from advisor.benchmark import refusals
from advisor.benchmark.decoding import Arrays, Decoded, Picture, Rows, Sound, Text, bad_sample, number
from advisor.benchmark.made_up import numpy_kind
from advisor.problems import AdvisorError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from advisor.benchmark.made_up import Feed
    from advisor.model_profile import Port

_FLOATS: Final = frozenset({"float", "float16", "double", "bfloat16"})
_WHOLE: Final = frozenset({"int64", "int32"})
_RATE_WORD: Final = re.compile(r"^sr$|sample_?rate|sampling", re.IGNORECASE)
_WAVE_WORD: Final = re.compile(r"wav|audio|speech|sound|signal|pcm|samples", re.IGNORECASE)
_STATE_WORD: Final = re.compile(r"state|hidden|cell|cache|past|^h\d*$|^c\d*$", re.IGNORECASE)
_IDS_WORD: Final = re.compile(r"ids|token|text|word|input", re.IGNORECASE)
# Word pieces of common tokenizers in English: four letters each, as the makers of two of them say (OpenAI, "What are
# tokens and how to count them"; Google, "Understand and count tokens"). Other languages take more.
_LETTERS_A_PIECE: Final = 4


def answers_in(decoded: Decoded, ports: Sequence[Port]) -> int:
    """How many single answers the file is good for: the rows of a table, else one."""
    if isinstance(decoded, Rows) and _is_by_row(ports):
        return max(len(decoded.cells) // _together(ports), 1)
    return 1


def prepare(name: str, decoded: Decoded, ports: Sequence[Port], which: int = 0) -> Feed:
    """The inputs that the file gives for its answer `which`; others of the model's inputs are left to be made up.

    Args:
        name: of the file, to be named where it does not fit.
        ports: the model's inputs, free sizes as words or settled ones as numbers.

    Raises:
        AdvisorError: NEEDS_SAMPLE.
    """
    try:
        match decoded:
            case Arrays(by_name):
                return _arrays(name, by_name, ports)
            case Rows():
                return _row(name, decoded, ports, which)
            case Text(words):
                return _text(name, words, ports)
            case Picture(pixels):
                return _picture(name, pixels, ports)
            case Sound(wave, rate):
                return _sound(name, wave, rate, ports)
    except (ValueError, TypeError) as error:
        raise AdvisorError(bad_sample(name, f"does not fit the model ({refusals.shown(str(error), 80)})")) from None


def sizes_of_text(decoded: Decoded, ports: Sequence[Port]) -> dict[str, int]:
    """Free sizes that a text settles though its words are not fed: its length in word pieces, an estimate."""
    if not isinstance(decoded, Text):
        return {}
    pieces = max(round(len(decoded.words.strip()) / _LETTERS_A_PIECE), 1)
    return {d: pieces for p in ports if _takes_ids(p) for d in p.shape[-1:] if isinstance(d, str)}


def _takes_ids(port: Port) -> bool:
    return port.dtype in _WHOLE and len(port.shape) in (1, 2) and bool(_IDS_WORD.search(port.name))


def _first(ports: Sequence[Port], fits: Callable[[Port], bool]) -> Port | None:
    return next((p for p in ports if fits(p)), None)


def _as_port(values: NDArray[Any], port: Port) -> NDArray[Any]:
    values = values.astype(numpy_kind(port.dtype))
    # A single picture or row for a model that takes several together.
    if values.ndim == len(port.shape) - 1:
        values = values[None]
    return values


def _arrays(name: str, by_name: Mapping[str, NDArray[Any]], ports: Sequence[Port]) -> Feed:
    if set(by_name) == {""} or (len(by_name) == 1 and len(ports) == 1):
        if len(ports) != 1:
            raise AdvisorError(bad_sample(name, f"holds one table, but the model has {len(ports)} inputs"))
        by_name = {ports[0].name: next(iter(by_name.values()))}
    feed: Feed = {}
    for port in ports:
        if port.dtype == "sequence":
            tables = _list_of_tables(by_name, port.name)
            if tables:
                feed[port.name] = tables
                continue
        if port.name in by_name:
            known = port.dtype not in ("sequence", "optional", "map", "unknown")
            feed[port.name] = _as_port(by_name[port.name], port) if known else by_name[port.name]
        elif port.dtype != "optional":
            raise AdvisorError(bad_sample(name, f"has nothing for the input “{refusals.shown(port.name, 40)}”"))
    return feed


def _list_of_tables(by_name: Mapping[str, NDArray[Any]], name: str) -> Any:
    """The tables `name[0]`, `name[1]` and so on; or the parts of `name` along its first axis."""
    parts: dict[int, NDArray[Any]] = {}
    for key, table in by_name.items():
        if at := re.fullmatch(re.escape(name) + r"\[(\d+)\]", key):
            parts[int(at[1])] = table
    return [parts[i] for i in sorted(parts)] or list(by_name.get(name, ()))


def _is_by_row(ports: Sequence[Port]) -> bool:
    return all(len(p.shape) <= 2 for p in ports)


def _together(ports: Sequence[Port]) -> int:
    """Rows that the model takes at once: one where it leaves that open."""
    sizes = {p.shape[0] for p in ports if len(p.shape) == 2 and isinstance(p.shape[0], int)}
    return max((int(s) for s in sizes), default=1) or 1


def _row(name: str, table: Rows, ports: Sequence[Port], which: int) -> Feed:
    import numpy as np

    if not _is_by_row(ports):
        if len(ports) != 1:
            raise AdvisorError(bad_sample(name, f"holds one table, but the model has {len(ports)} inputs"))
        return {ports[0].name: _as_port(_numbers(name, table.cells), ports[0])}
    count = _together(ports)
    rows = table.cells[which * count : (which + 1) * count]
    if len(rows) < count:
        raise AdvisorError(bad_sample(name, f"has {len(rows)} lines, but the model takes {count} at once"))
    if len(ports) > 1:
        return _columns(name, table, rows, ports)
    port = ports[0]
    wide = port.shape[-1] if port.shape else 1
    if isinstance(wide, int) and wide != len(rows[0]) and len(port.shape) == 2:
        do = f"Keep the {wide} columns that the model takes, in its order, and take out the others."
        raise AdvisorError(bad_sample(name, f"has {len(rows[0])} columns, but the model takes {wide}", do))
    cells = np.asarray(rows, dtype=object) if port.dtype == "string" else _numbers(name, rows)
    if len(port.shape) < 2:
        cells = cells[0] if count == 1 else cells.reshape(-1)
    return {port.name: _as_port(cells, port)}


def _columns(name: str, table: Rows, rows: Sequence[tuple[str, ...]], ports: Sequence[Port]) -> Feed:
    """One column for each input, found by its name."""
    import numpy as np

    names = table.names or ()
    feed: Feed = {}
    for port in ports:
        if port.name not in names:
            do = "Write a first line with a name over each column: the names of the model's inputs."
            raise AdvisorError(bad_sample(name, f"has no column called “{refusals.shown(port.name, 40)}”", do))
        at = names.index(port.name)
        column = [(r[at],) for r in rows]
        cells = np.asarray(column, dtype=object) if port.dtype == "string" else _numbers(name, column)
        feed[port.name] = _as_port(cells if len(port.shape) == 2 else cells.reshape(-1), port)
    return feed


def _numbers(name: str, rows: Sequence[tuple[str, ...]]) -> NDArray[Any]:
    import numpy as np

    read = [[number(c) for c in r] for r in rows]
    odd = next((c for r, cells in zip(read, rows, strict=True) for n, c in zip(r, cells, strict=True) if n is None), None)
    if odd is not None:
        raise AdvisorError(bad_sample(name, f"is not a table of numbers: one cell says “{refusals.shown(odd, 30)}”"))
    return np.asarray(read, dtype=np.float64)


def _text(name: str, words: str, ports: Sequence[Port]) -> Feed:
    import numpy as np

    port = _first(ports, lambda p: p.dtype == "string")
    if port is not None:
        return {port.name: np.full([1] * len(port.shape), words, dtype=object)}
    if not any(_takes_ids(p) for p in ports):
        raise AdvisorError(bad_sample(name, "is a text, but the model takes none"))
    # We have no list of the model's word pieces: the text gives the length, the pieces themselves are made up.
    return {}


def _picture(name: str, pixels: NDArray[Any], ports: Sequence[Port]) -> Feed:
    """Pixels between 0 and 1 (0 to 255 for whole numbers), in the model's order of axes and, where it is fixed, its size."""
    import numpy as np
    from PIL import Image

    port = _first(ports, lambda p: len(p.shape) in (3, 4) and not _STATE_WORD.search(p.name))
    if port is None:
        raise AdvisorError(bad_sample(name, "is a picture, but the model takes none"))
    shape = port.shape
    channels_last = shape[-1] in (1, 3, 4)
    height, width = (shape[-3], shape[-2]) if channels_last else (shape[-2], shape[-1])
    channels = shape[-1] if channels_last else shape[-3]
    picture = Image.fromarray(pixels)
    if isinstance(height, int) and isinstance(width, int) and (height, width) != pixels.shape[:2]:
        picture = picture.resize((width, height))
    mode = {1: "L", 4: "RGBA"}.get(channels if isinstance(channels, int) else 3, "RGB")
    read = np.asarray(picture.convert(mode), dtype=np.float32)
    whole = port.dtype in ("uint8", "int8")
    values: NDArray[Any] = read.reshape(*read.shape[:2], -1) / (1 if whole else 255)
    return {port.name: _as_port(values if channels_last else values.transpose(2, 0, 1), port)}


def _length_axis(port: Port) -> int | None:
    """The axis that runs along a sound: the only one besides the count of inputs that is not one; `None` if there is no such."""
    axes = [i for i, d in enumerate(port.shape) if d != 1]
    if len(axes) > 1 and axes[0] == 0 and isinstance(port.shape[0], str):
        axes = axes[1:]
    return axes[0] if len(axes) == 1 else None


def _sound(name: str, wave: NDArray[Any], rate: int, ports: Sequence[Port]) -> Feed:
    """The wave itself; it is cut or filled with silence where the model fixes the length, and its rate told where asked."""
    import numpy as np

    floats = [p for p in ports if p.dtype in _FLOATS and 1 <= len(p.shape) <= 3 and not _STATE_WORD.search(p.name)]
    port = _first(floats, lambda p: bool(_WAVE_WORD.search(p.name))) or (floats[0] if floats else None)
    at = None if port is None else _length_axis(port)
    if port is None or at is None:
        do = "Give the form that the model takes as a .npz file: one table for each input."
        raise AdvisorError(bad_sample(name, "is a sound, but the model does not take plain sound", do))
    length = port.shape[at]
    if isinstance(length, int):
        wave = np.pad(wave[:length], (0, max(length - len(wave), 0)))
    feed: Feed = {port.name: wave.reshape([-1 if i == at else 1 for i in range(len(port.shape))]).astype(numpy_kind(port.dtype))}
    for other in ports:
        if _RATE_WORD.search(other.name) and other.dtype in (*_WHOLE, *_FLOATS):
            feed[other.name] = np.full([1] * len(other.shape), rate).astype(numpy_kind(other.dtype))
    return feed
