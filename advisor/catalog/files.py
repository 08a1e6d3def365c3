"""The files of a catalog: catalog.json tells of each its fingerprint; a file that is not that one is refused whole."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from advisor.problems import AdvisorError, Problem

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA = 1


def read_index(folder: Path) -> tuple[str, str, dict[str, tuple[str, int]]]:
    """Version and day of the catalog in `folder`, and of each file its fingerprint and rows.

    Raises:
        AdvisorError: there is no catalog, or it is of a schema this version does not know.
    """
    try:
        index = json.loads((folder / "catalog.json").read_text(encoding="utf-8"))
        files = {name: (str(f["sha256"]), int(f["rows"])) for name, f in index["files"].items()}
        version, day, schema = str(index["version"]), str(index["date"]), int(index["schema"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise AdvisorError(damaged(folder.name or "catalogs", "catalog.json")) from None
    if schema != SCHEMA:
        raise AdvisorError(
            Problem(
                "CATALOG",
                "catalog.json",
                f"This catalog has the form {schema}; this program reads the form {SCHEMA}.",
                "Reading it could give wrong prices.",
                "Install the catalog that came with this version.",
            ),
        )
    return version, day, files


def read_file(folder: Path, name: str, sha256: str) -> bytes:
    """The bytes of a file.

    Raises:
        AdvisorError: it is missing, or its fingerprint is another one.
    """
    try:
        content = (folder / name).read_bytes()
        if hashlib.sha256(content).hexdigest() == sha256:
            return content
    except OSError:
        pass
    raise AdvisorError(damaged(folder.name, name))


def damaged(where: str, name: str) -> Problem:
    """What is said of a file that is missing, was changed or cannot be read."""
    return Problem(
        "CATALOG",
        name,
        f"The price catalog in {where} is damaged: {name} is missing or was changed.",
        "We do not give advice on prices we cannot trust.",
        "Install the program again, or go back to the catalog before.",
    )
