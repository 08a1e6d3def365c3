"""The catalogs on this computer: the one that came with the program, and those taken over since, each in its own folder.

    <data folder>/catalogs/2026.12.01-3f0c9a7b21de/   a catalog, never changed once it has its name
    <data folder>/catalogs/pointer.json               which one counts, which ones came before it, the newest ever had
    <data folder>/catalogs/roots/2.root.json          newer keys, signed by the ones before
    <data folder>/catalogs/lock                       held while something is changed

A switch is one file given its name; a crash before that leaves the catalog that was. A folder that is damaged, or lacks
what this program needs, is passed over: the catalog of the program is always the last resort.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from advisor.catalog_updates import refusals
from advisor.catalog_updates.versions import number_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

FORMAT: Final = "edgewise/catalog-pointer/1"
INDEX: Final = "catalog.json"
_NAME: Final = re.compile(r"20\d{2}\.\d{2}\.\d{2}(?:\.\d{1,2})?-[0-9a-f]{12}", re.ASCII)
_ROOT: Final = re.compile(r"([1-9]\d{0,3})\.root\.json", re.ASCII)
_REMEMBERED: Final = 50
_ROOT_BYTES: Final = 512 * 2**10


@dataclass(frozen=True, slots=True)
class State:
    """`current` and `before` (latest first) are folder names, `None` the program's own catalog; `newest` was ever had."""

    current: str | None = None
    before: tuple[str | None, ...] = ()
    newest: str | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """A catalog that can be read: its folder, version and day, and whether it came with the program or counts now."""

    folder: Path
    version: str
    day: str
    is_bundled: bool
    is_current: bool


@dataclass(frozen=True, slots=True)
class Shelf:
    """`home` is the user's data folder, `bundled` the folder of the catalog that came with the program."""

    home: Path
    bundled: Path

    @property
    def folder(self) -> Path:
        """Where catalogs that were taken over lie."""
        return self.home / "catalogs"

    # ---- which one counts ----------------------------------------------------------------------------------------

    def current(self) -> Path:
        """The folder of the catalog that counts; always one that can be read, as long as the program itself is whole."""
        name = self._counting(self.state())
        return self.bundled if name is None else self.folder / name

    def passed_over(self) -> str | None:
        """The version that should count but is damaged or not for this program; `None` if all is well."""
        state = self.state()
        return version_of(state.current) if state.current is not None and not self._is_sound(state.current) else None

    def kept(self) -> tuple[Kept, ...]:
        """Every catalog one can go back to, newest first."""
        state = self.state()
        now = self._counting(state)
        found = []
        for name in dict.fromkeys((now, *state.before, state.newest, None)):
            folder = self.bundled if name is None else self.folder / name
            index = _index(folder)
            if index is not None and (name is None or self._is_sound(name)):
                found.append(Kept(folder, str(index["version"]), str(index["date"]), name is None, name == now))
        return tuple(sorted(found, key=lambda k: number_of(k.version) or 0, reverse=True))

    def before(self) -> Path | None:
        """The folder of the catalog that `back` would let count; `None` if there is none before."""
        state = self.state()
        now = self._counting(state)
        if now is None:
            return None
        to, _ = self._one_before(state, now)
        return self.bundled if to is None else self.folder / to

    def _one_before(self, state: State, now: str) -> tuple[str | None, tuple[str | None, ...]]:
        """The latest one before `now` that can be read, and those before it."""
        rest = list(state.before[state.before.index(now) + 1 :] if now in state.before else state.before)
        while rest and rest[0] is not None and not self._is_sound(rest[0]):
            rest.pop(0)
        to = rest.pop(0) if rest else None
        return to, tuple(rest)

    def state(self) -> State:
        """What the pointer says; nothing, if there is none or it is damaged."""
        try:
            found = json.loads((self.folder / "pointer.json").read_text(encoding="utf-8"))
            if found["format"] != FORMAT:
                return State()
            before = tuple(_name(b) for b in found["before"])
            return State(_name(found["current"]), before, _name(found["newest"]))
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return State()

    def _counting(self, state: State) -> str | None:
        for name in (state.current, *state.before):
            if name is None or self._is_sound(name):
                return None if name is not None and self._is_overtaken(name) else name
        return None

    def _is_overtaken(self, name: str) -> bool:
        """The program was updated since, and brought a newer catalog than this one."""
        return (number_of(self.bundled_version()) or 0) > _number(name)

    def bundled_version(self) -> str:
        """The version of the catalog that came with the program."""
        index = _index(self.bundled)
        return str(index["version"]) if index else ""

    def newest(self) -> str:
        """The version of the newest catalog ever had; nothing older is taken over."""
        state, own = self.state(), self.bundled_version()
        had = version_of(state.newest) if state.newest else own
        return max(own, had, key=lambda v: number_of(v) or 0)

    def _is_sound(self, name: str) -> bool:
        """Whole to the last byte, in the form this program reads, with every table this program needs."""
        folder, own = self.folder / name, _index(self.bundled)
        index = _index(folder)
        if index is None or (own is not None and (index["schema"] != own["schema"] or not set(own["files"]) <= set(index["files"]))):
            return False
        try:
            return name == folder_name(str(index["version"]), index["files"]) and all(
                hashlib.sha256((folder / file).read_bytes()).hexdigest() == facts["sha256"] for file, facts in index["files"].items()
            )
        except (OSError, KeyError, TypeError, AttributeError, ValueError):
            return False

    # ---- changing it -----------------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Nobody else changes the shelf meanwhile; a crash lets go of it.

        Raises:
            AdvisorError: somebody else does, or the folder does not take it.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            file = (self.folder / "lock").open("ab")
        except OSError as error:
            raise _refused(self.folder, error) from None
        with file:
            if not _lock(file.fileno()):
                raise refusals.busy()
            self._sweep()
            yield

    def put(self, files: Mapping[str, bytes], roots: Mapping[int, bytes]) -> None:
        """Add this catalog and let it count. Call it inside `alone`, with files that were checked.

        Raises:
            AdvisorError: the disk does not take it; then the catalog that counted still does.
        """
        index = json.loads(files[INDEX])
        name = folder_name(str(index["version"]), index["files"])
        state = self.state()
        now = self._counting(state)
        try:
            if not self._is_sound(name):
                self._write_folder(name, files)
            for version, content in roots.items():
                (self.folder / "roots").mkdir(exist_ok=True)
                write_whole(self.folder / "roots" / f"{version}.root.json", content)
            before = state.before if now == name else (now, *(b for b in state.before if b != now))
            newest = max(state.newest, name, key=_number) if state.newest else name
            self._point(State(name, tuple(b for b in before if b != name)[:_REMEMBERED], newest))
        except OSError as error:
            raise _refused(self.folder, error) from None

    def back(self) -> Path:
        """Let the catalog before this one count again; its folder. Call it inside `alone`.

        Raises:
            AdvisorError: there is none, or the disk does not take the change.
        """
        state = self.state()
        now = self._counting(state)
        if now is None:
            raise refusals.nothing_before()
        to, rest = self._one_before(state, now)
        try:
            self._point(State(to, rest, state.newest))
        except OSError as error:
            raise _refused(self.folder, error) from None
        return self.bundled if to is None else self.folder / to

    def roots(self) -> dict[int, bytes]:
        """Newer root files accepted before, by version; they are checked again at every use."""
        found = {}
        with contextlib.suppress(OSError):
            for path in sorted((self.folder / "roots").iterdir()):
                if (version := _ROOT.fullmatch(path.name)) and path.is_file() and path.stat().st_size <= _ROOT_BYTES:
                    found[int(version[1])] = path.read_bytes()
        return found

    def _write_folder(self, name: str, files: Mapping[str, bytes]) -> None:
        draft = Path(tempfile.mkdtemp(prefix=".new-", dir=self.folder))
        for file, content in files.items():
            _write_through(draft / file, content)
        _sync_folder(draft)
        target = self.folder / name
        if target.exists():
            # Damaged, or half of an older attempt; out of the way in one step.
            target.replace(self.folder / f".old-{name}-{draft.name[5:]}")
        draft.chmod(0o755)
        draft.replace(target)
        _sync_folder(self.folder)

    def _point(self, state: State) -> None:
        facts = {"format": FORMAT, "current": state.current, "before": state.before, "newest": state.newest}
        write_whole(self.folder / "pointer.json", (json.dumps(facts, indent=1) + "\n").encode())

    def _sweep(self) -> None:
        """What crashes left behind."""
        for path in self.folder.glob(".*"):
            if path.name.startswith((".new-", ".old-")) and path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            elif path.suffix == ".part":
                with contextlib.suppress(OSError):
                    path.unlink()


def version_of(name: str | None) -> str:
    """The version in the name of a folder."""
    return (name or "").rpartition("-")[0]


def folder_name(version: str, files: Mapping[str, Mapping[str, Any]]) -> str:
    """The name of a catalog's folder: its version and the start of its fingerprint, as `Catalog.sha256` works it out."""
    text = "\n".join(f"{file} {facts['sha256']}" for file, facts in sorted(files.items()))
    return f"{version}-{hashlib.sha256(text.encode()).hexdigest()[:12]}"


def write_whole(path: Path, content: bytes) -> None:
    """Write a file in one step; at every moment it is the old one or the new one.

    Raises:
        OSError: the disk does not take it; the old one is untouched.
    """
    draft = path.with_name(f".{path.name}.part")
    _write_through(draft, content)
    draft.replace(path)
    _sync_folder(path.parent)


def _write_through(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    if sys.platform != "win32":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _lock(handle: int) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _index(folder: Path) -> dict[str, Any] | None:
    try:
        found = json.loads((folder / INDEX).read_text(encoding="utf-8"))
        is_one = isinstance(found["files"], dict) and "schema" in found and "version" in found and "date" in found
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    return found if is_one else None


def _name(value: object) -> str | None:
    if value is None or (isinstance(value, str) and _NAME.fullmatch(value)):
        return value
    raise ValueError(value)


def _number(name: str) -> int:
    return number_of(version_of(name)) or 0


def _refused(folder: Path, error: OSError) -> Exception:
    return refusals.no_access(folder.name, error.strerror or "the disk refused it")
