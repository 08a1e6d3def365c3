"""A private folder for what a job makes, gone when the job is: also where its process was ended at once.

The owner of a folder holds a lock in it as long as it lives; a folder whose lock is free has lost its owner and is swept
away by whoever looks next (the asking side does so after each job).
"""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_NAME: Final = "edgewise-copies-"
_LOCK: Final = "lock"


@contextlib.contextmanager
def private_folder() -> Iterator[Path]:
    """An empty folder that no other user may look into; removed at the end with all that is in it."""
    sweep()
    folder, lock = _held_folder()
    try:
        yield folder
    finally:
        os.close(lock)
        shutil.rmtree(folder, ignore_errors=True)


def _held_folder() -> tuple[Path, int]:
    while True:
        folder = Path(tempfile.mkdtemp(prefix=_NAME))
        lock = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        # Another job may have swept the folder in the moment before it was held.
        if _hold(lock) and (folder / _LOCK).exists():
            return folder, lock
        os.close(lock)


def sweep() -> None:
    """Removes the folders of ours that nobody holds any more."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_NAME}*"):
        with contextlib.suppress(OSError):
            if _is_ours(folder):
                _remove_if_left(folder)


def _is_ours(folder: Path) -> bool:
    about = folder.lstat()
    return stat.S_ISDIR(about.st_mode) and (sys.platform == "win32" or about.st_uid == os.getuid())


def _remove_if_left(folder: Path) -> None:
    """Removes the folder if its lock is free. One without a lock is being made or removed just now, and is left alone."""
    lock = os.open(folder / _LOCK, os.O_RDWR)
    is_open = True
    try:
        if not _hold(lock):
            return
        if sys.platform == "win32":
            # Windows removes no file that is open.
            os.close(lock)
            is_open = False
        shutil.rmtree(folder, ignore_errors=True)
    finally:
        if is_open:
            os.close(lock)


def _hold(lock: int) -> bool:
    if sys.platform == "win32":
        import msvcrt

        try:
            msvcrt.locking(lock, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
    import fcntl

    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
