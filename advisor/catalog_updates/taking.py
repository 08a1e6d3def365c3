"""Taking an update over, in two steps: `prepare` checks everything and changes nothing, `accept` lets the catalog count."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from advisor import catalog, catalog_check
from advisor.catalog_updates import changes, container, flips, refusals, trust
from advisor.catalog_updates.shelf import INDEX, folder_name, version_of
from advisor.catalog_updates.versions import number_of
from advisor.problems import AdvisorError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import date

    from advisor.catalog_updates.shelf import Shelf
    from advisor.problems import Problem


@dataclass(frozen=True, slots=True)
class Proposal:
    """A catalog that may be taken over, and what would change. `is_current`: it is the one that counts already."""

    release: trust.Release
    name: str
    version: str
    is_current: bool
    changes: changes.Changes
    looked: flips.Looked


def prepare(
    path: Path,
    shelf: Shelf,
    today: date,
    *,
    saved: Iterable[Path] = (),
    root: bytes | None = None,
    check: Callable[[Path], tuple[Problem, ...]] = catalog_check.check,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> Proposal:
    """Everything about the update in `path`; nothing in the user's folder is changed. `saved`: files of saved answers.

    Raises:
        AdvisorError: with the one reason why it is not taken.
    """
    name = path.name or str(path)
    release = trust.verify(container.read(path), name, today, shipped=root or _root(), kept=shelf.roots())
    version, index = _index(release, name)
    _check_age(name, version, index, shelf)
    _check_form(release.files, index, shelf, name)
    now = catalog.load(shelf.current())
    with TemporaryDirectory(prefix="edgewise-") as scratch:
        for file, content in release.files.items():
            (Path(scratch) / file).write_bytes(content)
        new = _load(Path(scratch), name, check)
        differences = changes.compare(now, new)
        is_current = (new.version, new.sha256) == (now.version, now.sha256)
        looked = flips.Looked() if is_current else flips.look(saved, now, new, today, progress)
    return Proposal(release, name, version, is_current, differences, looked)


def accept(proposal: Proposal, shelf: Shelf) -> Path:
    """Let the catalog count; its folder. The one before stays.

    Raises:
        AdvisorError: the disk does not take it, or a newer one was taken over meanwhile; then nothing was changed.
    """
    with shelf.alone():
        index = json.loads(proposal.release.files[INDEX])
        _check_age(proposal.name, proposal.version, index, shelf)
        shelf.put(proposal.release.files, proposal.release.roots)
    return shelf.current()


def roll_back(shelf: Shelf) -> catalog.Catalog:
    """Let the catalog before this one count again.

    Raises:
        AdvisorError: there is none, or the disk does not take the change.
    """
    if shelf.current() == shelf.bundled:
        raise refusals.nothing_before()
    with shelf.alone():
        return catalog.load(shelf.back())


def _root() -> bytes:
    return trust.ROOT_FILE.read_bytes()


def _index(release: trust.Release, name: str) -> tuple[str, dict[str, Any]]:
    try:
        index = json.loads(release.files[INDEX])
        files, version = index["files"], str(index["version"])
        fits = set(files) == set(release.files) - {INDEX} and all(isinstance(f["sha256"], str) for f in files.values())
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise refusals.other_form(name) from None
    if not fits or number_of(version) != release.number:
        raise refusals.other_form(name)
    return version, index


def _check_age(name: str, version: str, index: Mapping[str, Any], shelf: Shelf) -> None:
    newest = shelf.newest()
    mine, theirs = number_of(version) or 0, number_of(newest) or 0
    if mine < theirs:
        raise refusals.older(name, version, newest)
    if mine > theirs:
        return
    state = shelf.state()
    had = {folder_name(newest, _files(shelf.bundled))} if newest == shelf.bundled_version() else set()
    had |= {state.newest} if state.newest and version_of(state.newest) == newest else set()
    if folder_name(version, index["files"]) not in had:
        raise refusals.same_number(name, version)


def _files(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / INDEX).read_text(encoding="utf-8"))["files"]
    return found


def _check_form(files: Mapping[str, bytes], index: Mapping[str, Any], shelf: Shelf, name: str) -> None:
    try:
        needed = set(_files(shelf.bundled))
    except (OSError, ValueError, KeyError):
        needed = set()
    if index.get("schema") != catalog.SCHEMA or not needed <= set(files):
        raise refusals.other_form(name)


def _load(folder: Path, name: str, check: Callable[[Path], tuple[Problem, ...]]) -> catalog.Catalog:
    try:
        faults = check(folder)
    except AdvisorError as error:
        faults = error.problems
    if faults:
        raise refusals.unsound(name, faults[0].what_happened, len(faults) - 1)
    return catalog.load(folder)
