"""Writing a file as a whole or not at all."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, Final

from advisor.problems import AdvisorError, Problem

if TYPE_CHECKING:
    from pathlib import Path

_TRIES: Final = 100


def save_whole(content: bytes, path: Path) -> None:
    """Writes `content` to a new file beside `path`, waits until it is on the disk, then gives it its name.

    Whoever opens `path` sees the old file or the whole new one, also after a power cut.

    Raises:
        AdvisorError: NO_ACCESS, if the folder is missing, closed to us or full, or the file is open elsewhere.
    """
    part = None
    try:
        if path.is_dir():
            raise IsADirectoryError(path)
        part, handle = _new_file_beside(path)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
        _keep_folder_entry(path)
    except (OSError, ValueError) as error:  # a ValueError: a character that no file name may have
        raise AdvisorError(_problem(path, *_reason(error))) from error
    finally:
        if part is not None:
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)


def _new_file_beside(path: Path) -> tuple[Path, int]:
    for number in range(_TRIES):
        part = path.with_name(f".report-{os.getpid()}-{number}.part")
        try:
            return part, os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
        except FileExistsError:
            continue
    msg = f"{_TRIES} unfinished reports already lie in {path.parent}"
    raise OSError(msg)


def _keep_folder_entry(path: Path) -> None:
    """The new name too must reach the disk; Windows has no way to ask for it and does it by itself."""
    if os.name != "posix":
        return
    with contextlib.suppress(OSError):
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _reason(error: OSError | ValueError) -> tuple[str, str]:
    """What is in the way and what to do, by the kind of the error."""
    import errno

    if isinstance(error, ValueError):
        return "No file can have such a name.", "Choose a name of letters and digits."
    if isinstance(error, IsADirectoryError):
        return "That name is a folder.", "Give the report a file name, such as report.pdf."
    if isinstance(error, FileNotFoundError):
        return "The folder does not exist.", "Make the folder first, or choose another one."
    if isinstance(error, NotADirectoryError):
        return "A part of that path is a file, not a folder.", "Choose another folder."
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return "The disk is full.", "Make some room, or choose another disk."
    if error.errno == errno.ENAMETOOLONG:
        return "The file name is too long.", "Choose a shorter name."
    if error.errno == errno.EROFS:
        return "The disk can only be read.", "Choose another disk."
    if isinstance(error, PermissionError):
        return (
            "We may not write there, or the file is open in another program.",
            "Close the file if it is open, or choose a folder of your own.",
        )
    return "The disk did not take the file.", "Choose another folder and save again."


def _problem(path: Path, what_it_means: str, what_to_do: str) -> Problem:
    return Problem("NO_ACCESS", str(path), f"The report could not be saved as {path.name or path}.", what_it_means, what_to_do)
