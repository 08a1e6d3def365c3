"""What may be opened: a look at a file before anything reads it as a model.

Only `stat` and the first and last bytes are used; nothing is unpacked, unpickled or parsed. A model's other files must lie
in its own folder as plain files (the rule of the ONNX project since its CVE-2022-25882 and CVE-2024-27318).
"""

from __future__ import annotations

import errno
import os
import re
import stat
from pathlib import Path
from typing import Final

from advisor.benchmark import refusals
from advisor.problems import AdvisorError

# protobuf refuses messages of 2 GiB and more.
LARGEST_MODEL: Final = 2**31 - 1
_LOOK: Final = 4096
# Words that stand in nearly every ONNX file and together in hardly any other.
_MODEL_WORDS: Final = (
    b"Conv",
    b"MatMul",
    b"Gemm",
    b"Relu",
    b"Add",
    b"Reshape",
    b"weight",
    b"bias",
    b"pytorch",
    b"ai.onnx",
    b"kernel_shape",
)
_WORDS_ENOUGH: Final = 2
# Fields of ModelProto that hold a number, and that hold bytes (onnx/onnx.proto of ONNX 1.23).
_NUMBERS: Final = frozenset({1, 5})
_TEXTS: Final = frozenset({2, 3, 4, 6, 7, 8, 14, 20, 25, 26})
_MOST_FIELDS: Final = 100_000

_PYTORCH: Final = "Ask whoever made it to save it as ONNX (in PyTorch: torch.onnx.export)."
_TENSORFLOW: Final = "Ask whoever made it to save it as ONNX (with the tool tf2onnx)."
# (where, bytes, what it is, what to do)
_SIGNS: Final[tuple[tuple[int, bytes, str, str], ...]] = (
    (0, b"\x89HDF\r\n\x1a\n", "a Keras or HDF5 file", _TENSORFLOW),
    (4, b"TFL3", "a TensorFlow Lite model", _TENSORFLOW),
    (4, b"ORTM", "a model in the short ORT form", "Choose the .onnx file that it was made from."),
    (0, b"GGUF", "a GGUF text model", "Choose “a text model” instead and give its size."),
    (0, b"ggml", "a GGML text model", "Choose “a text model” instead and give its size."),
    (0, b"version https://git-lfs", "only a pointer left by Git, not the model itself", "Run “git lfs pull”, or download the big file."),
    (0, b"\x1f\x8b", "a packed file (gzip)", "Unpack it and choose the .onnx file inside."),
    (0, b"7z\xbc\xaf\x27\x1c", "a packed file (7z)", "Unpack it and choose the .onnx file inside."),
    (0, b"Rar!", "a packed file (rar)", "Unpack it and choose the .onnx file inside."),
    (0, b"\xfd7zXZ", "a packed file (xz)", "Unpack it and choose the .onnx file inside."),
    (0, b"BZh", "a packed file (bzip2)", "Unpack it and choose the .onnx file inside."),
    (0, b"\x28\xb5\x2f\xfd", "a packed file (zstd)", "Unpack it and choose the .onnx file inside."),
    (257, b"ustar", "a packed file (tar)", "Unpack it and choose the .onnx file inside."),
    (0, b"%PDF", "a PDF document", ""),
    (0, b"\x89PNG", "a picture", ""),
    (0, b"\xff\xd8\xff", "a picture", ""),
    (0, b"GIF8", "a picture", ""),
    (0, b"RIFF", "a sound, film or picture file", ""),
    (4, b"ftyp", "a film or picture file", ""),
    (0, b"\x7fELF", "a program", ""),
    (0, b"MZ", "a program", ""),
    (0, b"\x93NUMPY", "a table of numbers (NumPy)", "Choose the model itself; this may serve as its sample input."),
    (0, b"SQLite format 3", "a database", ""),
    (0, b"PAR1", "a table (Parquet)", ""),
    (0, b"\xd0\xcf\x11\xe0", "an office document", ""),
    (0, b"\x80\x02", "a Python pickle", _PYTORCH),
    (0, b"\x80\x03", "a Python pickle", _PYTORCH),
    (0, b"\x80\x04", "a Python pickle", _PYTORCH),
    (0, b"\x80\x05", "a Python pickle", _PYTORCH),
)


def check_file(path: Path) -> None:
    """Nothing, if `path` may be handed to the process that reads models.

    Raises:
        AdvisorError: NO_ACCESS, NOT_A_MODEL, DAMAGED or TOO_BIG.
    """
    name = path.name or str(path)
    size, head, tail, fields = _look(path, name)
    if size == 0:
        raise AdvisorError(refusals.damaged(name, "It is empty."))
    kind = _kind(head, size)
    if kind is not None:
        raise AdvisorError(refusals.not_a_model(name, *kind))
    if fields is not None and not _fields_of_onnx(fields):
        raise AdvisorError(refusals.not_a_model(name, "a file of another program (such as TensorFlow or Caffe)"))
    if size > LARGEST_MODEL:
        raise AdvisorError(refusals.too_big(name, "is larger than 2 GB, more than one ONNX file can hold"))
    if not head.strip(b"\0") or head.startswith(b"\0" * 16):
        raise AdvisorError(refusals.damaged(name, "Its beginning is blank."))
    if not _starts_like_onnx(head):
        if sum(word in head + tail for word in _MODEL_WORDS) >= _WORDS_ENOUGH:
            raise AdvisorError(refusals.damaged(name, "Its beginning was overwritten or lost."))
        raise AdvisorError(refusals.not_a_model(name, "not a model that we know"))


def _look(path: Path, name: str) -> tuple[int, bytes, bytes, tuple[tuple[int, int], ...] | None]:
    """Size, first and last bytes, and the top fields (see `_fields`) of a plain file."""
    # O_NONBLOCK: a pipe put in the file's place after the look must not make us wait for a writer.
    try:
        about = path.stat()
        _check_kind(about.st_mode, name)
        if os.name == "posix" and not about.st_mode & 0o444:
            raise AdvisorError(refusals.no_access(name, "nobody has leave to read it"))
        flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        handle = os.open(path, flags)
        try:
            about = os.fstat(handle)
            _check_kind(about.st_mode, name)
            head = os.read(handle, _LOOK)
            os.lseek(handle, max(about.st_size - _LOOK, 0), os.SEEK_SET)
            return about.st_size, head, os.read(handle, _LOOK), _fields(handle, about.st_size)
        finally:
            os.close(handle)
    except FileNotFoundError:
        why = "it points to a file that is gone" if path.is_symlink() else "there is no such file"
        raise AdvisorError(refusals.no_access(name, why)) from None
    except PermissionError:
        raise AdvisorError(refusals.no_access(name, "you have no leave to read it")) from None
    except (OSError, ValueError) as error:
        if getattr(error, "errno", None) == errno.ELOOP:
            why = "it points to itself"
        else:
            why = (getattr(error, "strerror", None) or "its name cannot be used").lower()
        raise AdvisorError(refusals.no_access(name, why)) from None


def _check_kind(mode: int, name: str) -> None:
    if stat.S_ISDIR(mode):
        raise AdvisorError(refusals.not_a_model(name, "a folder", "Open the folder and choose the .onnx file inside."))
    if not stat.S_ISREG(mode):
        raise AdvisorError(refusals.not_a_model(name, "not a plain file (a pipe or a device)"))


def _kind(head: bytes, size: int) -> tuple[str, str] | None:
    """What else the file is, if its first bytes say so."""
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        if b"data.pkl" in head or b"archive/" in head or b".pt" in head[:200]:
            return "a PyTorch file", _PYTORCH
        if b"config.json" in head and b"keras" in head:
            return "a Keras file", _TENSORFLOW
        return "a packed file (zip)", "Unpack it and choose the .onnx file inside."
    for where, sign, kind, advice in _SIGNS:
        if head[where : where + len(sign)] == sign:
            return kind, advice
    if len(head) >= 9 and head[8:9] == b"{" and 2 <= int.from_bytes(head[:8], "little") <= max(size, 2) and head[9:10] in (b'"', b"}"):
        return "a file of weights only (safetensors)", _PYTORCH
    return _text_kind(head)


def _text_kind(head: bytes) -> tuple[str, str] | None:
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype html", b"<html")):
        return "a web page", "Download the model again; you may have to sign in first."
    if start.startswith((b"<?xml", b"<net ")):
        return "a text file (XML)", "Choose the .onnx file; an OpenVINO .xml file was made from one."
    try:
        text = head.decode("utf-16" if head[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8")
    except UnicodeDecodeError as error:
        if error.start < len(head) - 4 or head[:2] in (b"\xff\xfe", b"\xfe\xff"):
            return None
        text = head[: error.start].decode("utf-8")
    if text and all(c.isprintable() or c in "\t\r\n\f" for c in text):
        return "a text file", ""
    return None


def _fields(handle: int, size: int) -> tuple[tuple[int, int], ...] | None:
    """Number and wire type of each top field, if the file is a protobuf message from the first byte to the last; else `None`.

    Wire types: protobuf.dev, "Encoding" (0 varint, 1 eight bytes, 2 length and bytes, 5 four bytes).
    """
    found: dict[tuple[int, int], None] = {}
    at = 0
    for _ in range(_MOST_FIELDS):
        if at == size:
            return tuple(found)
        os.lseek(handle, at, os.SEEK_SET)
        here = os.read(handle, 20)
        tag, used = _varint(here, 0)
        value, after = _varint(here, used)
        if tag is None or tag >> 3 == 0:
            return None
        step = {0: after, 1: used + 8, 2: after + (value or 0), 5: used + 4}.get(tag & 7)
        if step is None or (tag & 7 in (0, 2) and value is None) or at + step > size:
            return None
        found[tag >> 3, tag & 7] = None
        at += step
    return tuple(found)


def _fields_of_onnx(fields: tuple[tuple[int, int], ...]) -> bool:
    """Whether these can be the top fields of a model: known ones as ONNX writes them; unknown ones only beside a graph."""
    if any(kind != (0 if number in _NUMBERS else 2) for number, kind in fields if number in _NUMBERS | _TEXTS):
        return False
    return all(number in _NUMBERS | _TEXTS for number, _ in fields) or ((7, 2) in fields and (8, 2) in fields)


def _starts_like_onnx(head: bytes) -> bool:
    """Whether the bytes can be the start of a ModelProto: a known field with the wire type that ONNX gives it.

    Field numbers and types: onnx/onnx.proto of ONNX 1.23, message ModelProto.
    """
    tag, at = _varint(head, 0)
    if tag is None:
        return False
    number, kind = tag >> 3, tag & 7
    if not ((number in _NUMBERS and kind == 0) or (number in _TEXTS and kind == 2)):
        return False
    value, at = _varint(head, at)
    if value is None:
        return len(head) < 12
    if kind == 0:
        if number == 1 and not 1 <= value <= 1000:
            return False
        following, _ = _varint(head, at)
        return following is None or following >> 3 in _NUMBERS | _TEXTS
    return value < 2**31


def _varint(data: bytes, at: int) -> tuple[int | None, int]:
    value = 0
    for i in range(10):
        if at + i >= len(data):
            return None, at
        byte = data[at + i]
        value |= (byte & 0x7F) << 7 * i
        if byte < 0x80:
            return value, at + i + 1
    return None, at


def check_part(model: Path, location: str) -> Path:
    """The file that a model's `location` names, if it lies in the model's own folder as a plain file of its own.

    Raises:
        AdvisorError: UNSAFE or MISSING_PART.
    """
    name, said = model.name, refusals.shown(location)
    folder = Path(os.path.abspath(model)).parent  # noqa: PTH100 -- resolve() would follow links, which is what we look for
    if "://" in location or location.startswith("file:"):
        raise AdvisorError(refusals.unsafe(name, f"an address outside its folder ({said})"))
    if not location or location.startswith(("/", "\\", "~", "*")) or re.match(r"^[A-Za-z]:", location) or "\0" in location:
        raise AdvisorError(refusals.unsafe(name, f"a file outside its folder ({said})"))
    parts = re.split(r"[/\\]", location)
    if ".." in parts:
        raise AdvisorError(refusals.unsafe(name, f"a file outside its folder ({said})"))
    here = folder
    for part in parts:
        here = here / part
        if here.is_symlink():
            raise AdvisorError(refusals.unsafe(name, f"a file through a link ({said})"))
    try:
        about = here.stat()
    except OSError:
        raise AdvisorError(refusals.missing_part(name, (location,))) from None
    if not stat.S_ISREG(about.st_mode):
        raise AdvisorError(refusals.unsafe(name, f"something that is not a plain file ({said})"))
    if about.st_nlink > 1:
        raise AdvisorError(refusals.unsafe(name, f"a file that also lies elsewhere (a hard link, {said})"))
    return here
