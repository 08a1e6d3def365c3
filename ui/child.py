"""A benchmark process run by the window: one job in, events out, ended with all that it started.

The window speaks `advisor.benchmark.protocol` and never imports onnxruntime.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QProcess, QTimer, Signal

from advisor.benchmark import scratch
from advisor.benchmark.client import end_tree, problem_from_exit, result_of
from advisor.benchmark.protocol import Failed, Finished, Job, Progress, Warned, job_line, parse_event
from advisor.problems import AdvisorError, Problem

if TYPE_CHECKING:
    from collections.abc import Callable

_log = logging.getLogger(__name__)
_POLITE_MS: Final = 250
# The process watches its own time; we step in only when that has failed.
_GRACE_S: Final = 5.0


class Child(QObject):
    """One job in a process of its own. Exactly one of `finished`, `failed` and `cancelled` comes at the end."""

    progressed = Signal(float, str)
    warned = Signal(str)
    finished = Signal(object)
    failed = Signal(object)
    cancelled = Signal()

    def __init__(self, job: Job, command: Callable[[], list[str]], parent: QObject) -> None:
        super().__init__(parent)
        self._job = job
        self._over = False
        self._process = QProcess(self)
        self._process.readyReadStandardOutput.connect(self._read)
        self._process.finished.connect(self._ended)
        self._process.errorOccurred.connect(self._broke)
        self._late = QTimer(self, singleShot=True)
        self._late.timeout.connect(self._too_late)
        program, *arguments = command()
        self._process.started.connect(lambda: self._process.write(job_line(job)))
        self._process.start(program, arguments)
        self._late.start(int((job.limits.total_s + _GRACE_S) * 1000))

    @property
    def pid(self) -> int:
        """The process number; 0 when it does not run."""
        return int(self._process.processId())

    def cancel(self) -> None:
        """End the process and everything it started; `cancelled` follows at once."""
        if not self._over:
            self._over = True
            self._end()
            self.cancelled.emit()

    def _end(self) -> None:
        self._late.stop()
        if self._process.state() == QProcess.ProcessState.NotRunning:
            return
        pid = self.pid
        self._process.closeWriteChannel()
        if not self._process.waitForFinished(_POLITE_MS):
            end_tree(pid)
            self._process.kill()
            self._process.waitForFinished(2000)
        # Ended at once, it could not clear up after itself.
        scratch.sweep()

    def _fail(self, problems: tuple[Problem, ...]) -> None:
        if not self._over:
            self._over = True
            self._end()
            self.failed.emit(problems)

    def _too_late(self) -> None:
        name = Path(self._job.path).name
        self._fail((Problem("TOO_SLOW", name, f"{name} was not done in time.", "We stopped it.", "Try again, or go on without the test."),))

    def _read(self) -> None:
        while not self._over and self._process.canReadLine():
            event = parse_event(bytes(self._process.readLine().data()))
            match event:
                case Progress(_, share, text):
                    self.progressed.emit(share, text)
                case Warned(_, text, advice):
                    self.warned.emit(f"{text} {advice}".strip())
                case Finished(result):
                    self._deliver(result)
                case Failed(problems, _):
                    self._fail(problems)
                case _:
                    pass

    def _deliver(self, result: object) -> None:
        try:
            value = result_of(self._job, result)  # type: ignore[arg-type]
        except AdvisorError as error:
            _log.warning("the benchmark process gave a result that does not fit: %s", error)
            self._fail((problem_from_exit(Path(self._job.path).name, 0),))
            return
        self._over = True
        self._end()
        self.finished.emit(value)

    def _ended(self, code: int, _status: object) -> None:
        self._read()
        if not self._over:
            _log.warning("the benchmark process ended without a word, code %s", code)
            self._fail((problem_from_exit(Path(self._job.path).name, code),))

    def _broke(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            self._fail(
                (
                    Problem(
                        "DEFECT",
                        "",
                        "The test program did not start.",
                        "A part of the installation is missing.",
                        "Install the program again.",
                    ),
                )
            )
