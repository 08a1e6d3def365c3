"""For maintainers: keys, root files and bundles. Nothing here is used when a bundle is read.

The same folder, keys, version and day give the same bytes: the signatures are Ed25519, and no clock is read.
"""

from __future__ import annotations

import hashlib
import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from cryptography.hazmat.primitives.serialization import load_pem_private_key
from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import Metadata, MetaFile, Root, Snapshot, TargetFile, Targets, Timestamp

from advisor.catalog_updates import container
from advisor.catalog_updates.trust import PACKED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date
    from pathlib import Path

ROLES: Final = ("root", "timestamp", "snapshot", "targets")


def last_moment(day: date) -> datetime:
    """The end of a day: until then it counts."""
    return datetime(day.year, day.month, day.day, 23, 59, 59, tzinfo=UTC)


def new_keys() -> dict[str, CryptoSigner]:
    """A key for each role."""
    return {role: CryptoSigner.generate_ed25519() for role in ROLES}


def save_keys(keys: Mapping[str, CryptoSigner], folder: Path) -> None:
    """One file a key, readable by its owner alone.

    Raises:
        OSError: a key of that name is there, or the folder does not take it.
    """
    for role, key in keys.items():
        handle = os.open(folder / f"{role}.pem", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(key.private_bytes)


def load_keys(folder: Path) -> dict[str, CryptoSigner]:
    """The keys that `save_keys` wrote.

    Raises:
        OSError, ValueError, TypeError: a key is missing or cannot be read.
    """
    return {role: CryptoSigner(load_pem_private_key((folder / f"{role}.pem").read_bytes(), None)) for role in ROLES}


def root(keys: Mapping[str, CryptoSigner], expires: date, version: int = 1, before: CryptoSigner | None = None) -> bytes:
    """The root file for these keys; the root key of the one `before` signs it too."""
    signed = Root(version=version, expires=last_moment(expires), consistent_snapshot=False)
    for role, key in keys.items():
        signed.add_key(key.public_key, role)
    return _signed(signed, [keys["root"], *([before] if before else [])])


def bundle(files: Mapping[str, bytes], keys: Mapping[str, CryptoSigner], roots: Mapping[int, bytes], number: int, expires: date) -> bytes:
    """A bundle of these files. `roots`: every root file up to the one of these keys, by version."""
    last = last_moment(expires)
    packed = {name: container.pack(content) for name, content in files.items()}
    targets = Targets(version=number, expires=last)
    for name, content in sorted(files.items()):
        facts = TargetFile.from_data(name, content, ["sha256"])
        facts.unrecognized_fields["custom"] = {PACKED: hashlib.sha256(packed[name].packed).hexdigest()}
        targets.targets[name] = facts
    metadata = {f"{version}.root.json": content for version, content in roots.items()}
    metadata["targets.json"] = _signed(targets, [keys["targets"]])
    snapshot = Snapshot(version=number, expires=last)
    snapshot.meta = {name: MetaFile.from_data(_version(name, number), content, ["sha256"]) for name, content in sorted(metadata.items())}
    metadata["snapshot.json"] = _signed(snapshot, [keys["snapshot"]])
    timestamp = Timestamp(version=number, expires=last)
    timestamp.snapshot_meta = MetaFile.from_data(number, metadata["snapshot.json"], ["sha256"])
    metadata["timestamp.json"] = _signed(timestamp, [keys["timestamp"]])
    members = {container.METADATA + name: container.pack(content, squeeze=False) for name, content in metadata.items()}
    members |= {container.TARGETS + name: member for name, member in packed.items()}
    return container.write(members)


def _version(name: str, number: int) -> int:
    return number if name == "targets.json" else int(name.split(".")[0])


def _signed(signed: Root | Timestamp | Snapshot | Targets, keys: Sequence[CryptoSigner]) -> bytes:
    document: Metadata[Any] = Metadata(signed)
    for key in sorted(keys, key=lambda k: k.public_key.keyid):
        document.sign(key, append=True)
    return document.to_bytes()
