"""The one file an update comes in: a zip with exactly one way to write it.

Every byte of a bundle follows from its members (name, method, packed bytes); `read` writes it again and compares. So
nothing can hide between the members or in the headers, and a single changed bit is seen before anything is unpacked.
All limits hold before the bytes they limit are read.
"""

from __future__ import annotations

import re
import stat
import struct
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from advisor.catalog_updates import refusals

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

BUNDLE_BYTES: Final = 48 * 2**20
MEMBER_BYTES: Final = 32 * 2**20
TOTAL_BYTES: Final = 96 * 2**20
METADATA_BYTES: Final = 512 * 2**10
MEMBERS: Final = 150
RATIO: Final = 100
_RATIO_FROM: Final = 64 * 2**10

METADATA: Final = "metadata/"
TARGETS: Final = "targets/"
_NAME: Final = re.compile(
    r"metadata/(?:[1-9][0-9]{0,3}\.root|timestamp|snapshot|targets)\.json|targets/(?!(?:con|prn|aux|nul|com\d|lpt\d)\.)"
    r"[a-z0-9][a-z0-9_]{0,59}\.(?:csv|npz|json)",
    re.ASCII,
)
STORED: Final = 0
DEFLATED: Final = 8
# 1 January 1980, the first day a zip knows: a bundle tells nothing of the clock it was made by.
_DAY: Final = 33
_MADE_BY: Final = 20
_LOCAL: Final = struct.Struct("<4s5H3I2H")
_CENTRAL: Final = struct.Struct("<4s6H3I5H2I")
_END: Final = struct.Struct("<4s4H2IH")


@dataclass(frozen=True, slots=True)
class Member:
    """A packed file: how it is packed, its checksum and size when unpacked, its packed bytes."""

    method: int
    crc: int
    size: int
    packed: bytes


def pack(content: bytes, *, squeeze: bool = True) -> Member:
    """A member for this content, deflated if that makes it smaller."""
    crc = zlib.crc32(content)
    if squeeze:
        deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
        smaller = deflate.compress(content) + deflate.flush()
        if len(smaller) < len(content) and len(content) <= max(_RATIO_FROM, len(smaller) * RATIO):
            return Member(DEFLATED, crc, len(content), smaller)
    return Member(STORED, crc, len(content), content)


def write(members: Mapping[str, Member]) -> bytes:
    """The only file these members make."""
    body, index = bytearray(), bytearray()
    for name, m in sorted(members.items()):
        encoded = name.encode("ascii")
        facts = (_MADE_BY, 0, m.method, 0, _DAY, m.crc, len(m.packed), m.size, len(encoded), 0)
        index += _CENTRAL.pack(b"PK\x01\x02", _MADE_BY, *facts, 0, 0, 0, 0, len(body)) + encoded
        body += _LOCAL.pack(b"PK\x03\x04", *facts) + encoded + m.packed
    return bytes(body + index + _END.pack(b"PK\x05\x06", 0, 0, len(members), len(members), len(index), len(body), 0))


def read(path: Path) -> dict[str, Member]:
    """The members of a bundle by name; nothing is unpacked yet.

    Raises:
        AdvisorError: no bundle, cut, too large, with a strange name, or not written as we write it.
    """
    name = path.name or str(path)
    try:
        facts = path.stat()
        if not stat.S_ISREG(facts.st_mode):
            raise refusals.no_bundle(name)
        if facts.st_size > BUNDLE_BYTES:
            raise refusals.too_large(name, f"more than {BUNDLE_BYTES >> 20} MB")
        with path.open("rb") as file:
            # It may have grown since; then its end does not fit.
            whole = file.read(BUNDLE_BYTES)
    except (OSError, ValueError):
        raise refusals.missing(name) from None
    if not whole.startswith(b"PK"):
        raise refusals.no_bundle(name)
    members = _members(whole, name)
    if write(members) != whole:
        raise refusals.tampered(name)
    return members


def _members(whole: bytes, name: str) -> dict[str, Member]:
    if len(whole) < _END.size:
        raise refusals.cut(name)
    mark, _, _, _, count, length, start, _ = _END.unpack_from(whole, len(whole) - _END.size)
    if mark != b"PK\x05\x06" or start + length + _END.size != len(whole):
        raise refusals.cut(name)
    if count > MEMBERS:
        raise refusals.too_large(name, f"more than {MEMBERS} files")
    found: dict[str, Member] = {}
    at, total, room = start, 0, start
    for _ in range(count):
        if at + _CENTRAL.size > len(whole):
            raise refusals.cut(name)
        mark, _, _, _, method, _, _, crc, packed, size, name_size, _, _, _, _, outside, local = _CENTRAL.unpack_from(whole, at)
        if mark != b"PK\x01\x02":
            raise refusals.tampered(name)
        inner = whole[at + _CENTRAL.size : at + _CENTRAL.size + name_size].decode("latin-1")
        if not _NAME.fullmatch(inner) or inner in found or stat.S_ISLNK(outside >> 16):
            raise refusals.bad_name(name)
        if size > (METADATA_BYTES if inner.startswith(METADATA) else MEMBER_BYTES):
            raise refusals.too_large(name, f"{inner} would be {size >> 10} kB")
        if size > max(_RATIO_FROM, packed * RATIO):
            raise refusals.too_large(name, f"{inner} would grow more than {RATIO} times when unpacked")
        total += size
        if total > TOTAL_BYTES:
            raise refusals.too_large(name, f"more than {TOTAL_BYTES >> 20} MB when unpacked")
        room -= packed
        if room < 0:
            # Members that share their bytes would need far more memory than the file has.
            raise refusals.tampered(name)
        begin = local + _LOCAL.size + name_size
        found[inner] = Member(method, crc, size, whole[begin : begin + packed])
        at += _CENTRAL.size + name_size
    return found


def unpack(member: Member, name: str) -> bytes:
    """What a member holds; never more than it says.

    Raises:
        AdvisorError: it holds something else than it says.
    """
    content: bytes | None = None
    if member.method == STORED:
        content = member.packed
    elif member.method == DEFLATED:
        inflate = zlib.decompressobj(-15)
        try:
            content = inflate.decompress(member.packed, member.size + 1)
            if not inflate.eof or inflate.unused_data or inflate.unconsumed_tail:
                content = None
        except zlib.error:
            content = None
    if content is None or len(content) != member.size or zlib.crc32(content) != member.crc:
        raise refusals.tampered(name)
    return content


def names(members: Iterable[str], folder: str) -> tuple[str, ...]:
    """The names in one folder of the bundle, without the folder."""
    return tuple(sorted(m.removeprefix(folder) for m in members if m.startswith(folder)))
