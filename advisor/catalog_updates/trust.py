"""Who signed a bundle, and whether that still counts: The Update Framework's workflow on the members of one file.

The keys are those of a root file that came with the program (`root.json`), or of a newer one that the keys of the one
before have signed. Root signs the keys, timestamp the snapshot, snapshot the targets, targets every file of the catalog.
Beyond the framework's own rules, nothing that is not signed or fixed may stand in the metadata, so that every changed byte
is seen: canonical writing, no signature but the good ones, the packed bytes signed along with the unpacked ones.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

from securesystemslib.exceptions import StorageError
from tuf.api.exceptions import LengthOrHashMismatchError, RepositoryError
from tuf.api.metadata import Metadata, Root, Snapshot, Targets, Timestamp

from advisor.catalog_updates import refusals
from advisor.catalog_updates.container import METADATA, STORED, TARGETS, Member, names, unpack

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

ROOT_FILE: Final = Path(__file__).with_name("root.json")
PACKED: Final = "packed_sha256"
_ROTATIONS: Final = 64
_Kind = TypeVar("_Kind", Root, Timestamp, Snapshot, Targets)


@dataclass(frozen=True, slots=True)
class Release:
    """A bundle whose signatures hold: the number all its metadata carries, its files, and root files newer than ours."""

    number: int
    expires: str
    files: Mapping[str, bytes]
    roots: Mapping[int, bytes]


def verify(members: Mapping[str, Member], name: str, today: date, *, shipped: bytes, kept: Mapping[int, bytes]) -> Release:
    """What a bundle holds, if its signatures hold today. `kept`: root files accepted before, by version.

    Raises:
        AdvisorError: tampered, signed by another key, or expired.
    """
    moment = datetime(today.year, today.month, today.day, tzinfo=UTC)
    raw = {n: _metadata_bytes(members[METADATA + n], name) for n in names(members, METADATA)}
    offered = {int(n.split(".")[0]): content for n, content in raw.items() if n.endswith(".root.json")}
    root, current, newer = _newest_root(shipped, {**offered, **kept}, name)
    try:
        timestamp = _read(raw["timestamp.json"], Timestamp, name)
        snapshot = _read(raw["snapshot.json"], Snapshot, name)
        targets = _read(raw["targets.json"], Targets, name)
    except KeyError:
        raise refusals.tampered(name) from None
    documents: tuple[Metadata[Any], ...] = (timestamp, snapshot, targets)
    for document in documents:
        if not _is_signed(document, [root]):
            raise refusals.wrong_key(name)
    _check_chain(raw, offered, timestamp.signed, snapshot.signed, targets.signed, name)
    if offered.get(root.version) != current:
        raise refusals.wrong_key(name)
    if root.is_expired(moment):
        raise refusals.old_program()
    first = min((timestamp.signed, snapshot.signed, targets.signed), key=lambda s: s.expires)
    if first.is_expired(moment):
        raise refusals.expired(name, first.expires.date().isoformat())
    return Release(targets.signed.version, first.expires.date().isoformat(), _files(members, targets.signed, name), newer)


def _metadata_bytes(member: Member, name: str) -> bytes:
    if member.method != STORED:
        raise refusals.tampered(name)
    return unpack(member, name)


def _read(content: bytes, kind: type[_Kind], name: str) -> Metadata[_Kind]:
    try:
        document: Metadata[Any] = Metadata.from_bytes(content)
        is_ours = isinstance(document.signed, kind) and document.to_bytes() == content and not document.unrecognized_fields
    except (RepositoryError, StorageError, ValueError, TypeError, RecursionError):
        raise refusals.tampered(name) from None
    if not is_ours:
        raise refusals.tampered(name)
    return cast("Metadata[_Kind]", document)


def _is_signed(document: Metadata[Any], by: Iterable[Root]) -> bool:
    """Enough good signatures for each of these roots, and no other ones; in one order and one spelling."""
    good: set[str] = set()
    payload = document.signed_bytes
    for root in by:
        result = root.get_verification_result(document.signed.type, payload, document.signatures)
        if not result:
            return False
        good |= set(result.signed)
    plain = all(s.signature == s.signature.lower() and not s.unrecognized_fields for s in document.signatures.values())
    return plain and list(document.signatures) == sorted(good)


def _newest_root(shipped: bytes, later: Mapping[int, bytes], name: str) -> tuple[Root, bytes, dict[int, bytes]]:
    """The last root of the unbroken chain from the one that came with the program, and every link after that one."""
    root, current = _read(shipped, Root, name).signed, shipped
    newer: dict[int, bytes] = {}
    while (following := later.get(root.version + 1)) is not None and len(newer) < _ROTATIONS:
        document = _read(following, Root, name)
        if document.signed.version != root.version + 1 or not _is_signed(document, [root, document.signed]):
            raise refusals.wrong_key(name)
        root, current = document.signed, following
        newer[root.version] = following
    return root, current, newer


def _check_chain(
    raw: Mapping[str, bytes], roots: Mapping[int, bytes], timestamp: Timestamp, snapshot: Snapshot, targets: Targets, name: str
) -> None:
    """Each part is the one that the part above it names, all carry one number, and nothing else is there."""
    wanted = {"timestamp.json", "snapshot.json", *snapshot.meta}
    try:
        if set(raw) != wanted or any(meta.hashes is None or meta.length is None for meta in snapshot.meta.values()):
            raise refusals.tampered(name)
        if timestamp.snapshot_meta.hashes is None or timestamp.snapshot_meta.length is None:
            raise refusals.tampered(name)
        timestamp.snapshot_meta.verify_length_and_hashes(raw["snapshot.json"])
        for file, meta in snapshot.meta.items():
            meta.verify_length_and_hashes(raw[file])
    except LengthOrHashMismatchError:
        raise refusals.tampered(name) from None
    numbers = {timestamp.version, snapshot.version, targets.version, timestamp.snapshot_meta.version, snapshot.meta["targets.json"].version}
    if len(numbers) > 1 or targets.delegations is not None or any(snapshot.meta[f"{v}.root.json"].version != v for v in roots):
        raise refusals.tampered(name)


def _files(members: Mapping[str, Member], targets: Targets, name: str) -> dict[str, bytes]:
    if set(names(members, TARGETS)) != set(targets.targets):
        raise refusals.tampered(name)
    found: dict[str, bytes] = {}
    for file, signed in targets.targets.items():
        member = members[TARGETS + file]
        if (signed.custom or {}).get(PACKED) != hashlib.sha256(member.packed).hexdigest():
            raise refusals.tampered(name)
        content = unpack(member, name)
        try:
            signed.verify_length_and_hashes(content)
        except LengthOrHashMismatchError:
            raise refusals.tampered(name) from None
        found[file] = content
    return found
