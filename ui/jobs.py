"""Work that must not stop the window: in a thread of our own, results handed over in the window's thread."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QThread, Signal

from advisor.problems import AdvisorError, Problem

if TYPE_CHECKING:
    from collections.abc import Callable

_log = logging.getLogger(__name__)


def defect(what: str) -> Problem:
    """What to say when the program itself is at fault."""
    return Problem("DEFECT", "", what, "This is a fault of ours, not yours. Your answers are safe.", "Look at the log, or try again.")


class Work(QThread):
    """Runs one task. Lives in the window's thread, so its slots are called there, whoever emits the signals."""

    _came = Signal(bool, object)

    def __init__(self, task: Callable[[], Any], parent: QObject, done: Callable[[Any], None], failed: Callable[[Any], None]) -> None:
        super().__init__(parent)
        self._task, self._done, self._fail = task, done, failed
        self._came.connect(self._hand_over)

    def run(self) -> None:
        try:
            self._came.emit(True, self._task())
        except AdvisorError as error:
            self._came.emit(False, error.problems)
        except Exception:  # noqa: BLE001 - a thread has nobody above it to tell
            _log.exception("work in the background failed")
            self._came.emit(False, (defect("Something went wrong while we worked this out."),))

    def _hand_over(self, good: bool, result: object) -> None:
        (self._done if good else self._fail)(result)


def start(task: Callable[[], Any], parent: QObject, done: Callable[[Any], None], failed: Callable[[Any], None]) -> Work:
    """Begin `task`; exactly one of `done` and `failed` is called later, in the window's thread."""
    work = Work(task, parent, done, failed)
    work.finished.connect(work.deleteLater)
    work.start()
    return work
