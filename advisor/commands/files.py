"""Reading the owner's files and writing results: whole or not at all, and never over an input."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from advisor.problems import AdvisorError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable


def target_problems(option: str, path: Path, inputs: Iterable[Path] = ()) -> list[Problem]:
    """What keeps `path`, given as `option`, from being written; nothing is written to find out."""
    try:
        if any(_is_same(path, one) for one in inputs):
            return [_problem(option, f"{option} names one of the files we read.", "It would be lost.", "Choose another name.")]
        if path.is_dir():
            return [_problem(option, f"{path} is a folder.", "We need the name of a file.", f"Give {option} a file name.")]
        if not path.parent.is_dir():
            what = f"{option} points into a folder that does not exist ({path.parent})."
            return [_problem(option, what, "", "Make the folder first, or choose another one.")]
        if _is_special(path):
            return []
        if not os.access(path.parent, os.W_OK):
            return [_problem(option, f"We may not write in the folder {path.parent}.", "", "Choose a folder of your own.")]
    except (OSError, ValueError):
        return [_problem(option, f"{option} is a name that no file can have.", "", "Choose a name of letters and digits.")]
    return []


def _is_same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return False


def _is_special(path: Path) -> bool:
    """A device or pipe, such as /dev/stdout: written to directly, never replaced."""
    return path.exists() and not path.is_file()


def _problem(field: str, what: str, meaning: str, do: str) -> Problem:
    return Problem("NO_ACCESS", field, what, meaning, do)


class Draft:
    """A result on the disk that does not have its name yet.

    Raises:
        AdvisorError: the folder or the disk does not take it; an older file is untouched.
    """

    def __init__(self, option: str, path: Path, content: bytes) -> None:
        self._option = option
        # A link stays a link: what it points to is replaced.
        self._target = Path(os.path.realpath(path))
        self._part: Path | None = None
        try:
            if _is_special(path):
                path.write_bytes(content)
                return
            handle, name = tempfile.mkstemp(prefix=".edgewise-", suffix=".part", dir=self._target.parent)
            self._part = Path(name)
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            _usual_leave(self._part)
        except OSError as error:
            self.drop()
            raise self._refused(error) from None

    def keep(self) -> None:
        """Give it its name.

        Raises:
            AdvisorError: the name cannot be taken.
        """
        if self._part is None:
            return
        try:
            self._part.replace(self._target)
        except OSError as error:
            self.drop()
            raise self._refused(error) from None
        self._part = None

    def drop(self) -> None:
        """Take it away again."""
        if self._part is not None:
            with contextlib.suppress(OSError):
                self._part.unlink(missing_ok=True)

    def _refused(self, error: OSError) -> AdvisorError:
        what = f"We could not write {self._target.name} in {self._target.parent} ({error.strerror or 'the disk refused it'})."
        return AdvisorError(_problem(self._option, what, "", "Choose another folder, or make room on the disk."))


def _usual_leave(path: Path) -> None:
    # A temporary file is for us alone; a result may be read as any new file of this user may.
    if os.name == "posix":
        mask = os.umask(0)
        os.umask(mask)
        path.chmod(0o666 & ~mask)


def write(option: str, path: Path, content: bytes) -> None:
    """Write one result in one step.

    Raises:
        AdvisorError: the folder or the disk does not take it; an older file is untouched.
    """
    Draft(option, path, content).keep()


def refuse(problems: Iterable[Problem]) -> None:
    """Nothing, if there are none.

    Raises:
        AdvisorError: carrying all of them.
    """
    found = tuple(problems)
    if found:
        raise AdvisorError(found)
