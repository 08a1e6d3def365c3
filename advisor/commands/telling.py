"""What is said to the person at the command line: short lines, one plain line for a refusal, no traceback."""

from __future__ import annotations

import contextlib
import json
import sys
import traceback
from datetime import datetime
from typing import TYPE_CHECKING, Final

from advisor.commands.places import home
from advisor.problems import AdvisorError, ExitCode, Problem
from advisor.store import Store

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TextIO

_BAR: Final = 24


def say(text: str = "") -> None:
    """One line on standard output."""
    _write(sys.stdout, text + "\n")


def warn(text: str) -> None:
    """One line on standard error."""
    _write(sys.stderr, text + "\n")


def _write(stream: TextIO | None, text: str) -> None:
    # None: a program without a console. A closed pipe has nobody to tell. A console that lacks a letter gets "?".
    if stream is None:
        return
    encoding = getattr(stream, "encoding", None) or "utf-8"
    with contextlib.suppress(BrokenPipeError):
        stream.write(text.encode(encoding, "replace").decode(encoding))
        stream.flush()


class Progress:
    """One line on a terminal that is written over; on anything else nothing."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._is_shown = self._stream is not None and self._stream.isatty()
        self._longest = 0

    def show(self, share: float, text: str) -> None:
        """The share done (0 to 1) and what is being done."""
        if self._is_shown:
            done = round(share * _BAR)
            line = f"[{'#' * done}{'.' * (_BAR - done)}] {text}"
            self._longest = max(self._longest, len(line))
            _write(self._stream, "\r" + line.ljust(self._longest))

    def clear(self) -> None:
        """Take the line away."""
        if self._longest:
            _write(self._stream, "\r" + " " * self._longest + "\r")
            self._longest = 0


def tell_problems(problems: Sequence[Problem], *, as_json: bool) -> None:
    """What stands in the way: the first in one line, or all of them as JSON."""
    if as_json:
        warn(json.dumps({"problems": [p.to_json() for p in problems]}, ensure_ascii=True))
        return
    more = len(problems) - 1
    rest = f" ({more} more; --json-errors lists all.)" if more else ""
    warn(" ".join(problems[0].sentence().split()) + rest)


def tell_defect(error: BaseException, *, as_json: bool, debug: bool) -> None:
    """A fault of ours: the details go into the log, the person hears where it is."""
    details = "".join(traceback.format_exception(error))
    log = Store(home()).log_file
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("a", encoding="utf-8", errors="backslashreplace") as file:
            file.write(f"{datetime.now().astimezone().isoformat(timespec='seconds')} ERROR command line\n{details}")
        where = f"The details are in {log}."
    except OSError:
        where = "The details could not be saved; add --debug to see them."
    tell_problems(
        (Problem("DEFECT", "", "This program has a fault and stopped.", f"Nothing of yours was changed. {where}", "Send them to us."),),
        as_json=as_json,
    )
    if debug:
        warn(details.rstrip())


def stopped() -> AdvisorError:
    """The person pressed Ctrl-C."""
    problem = Problem("CANCELLED", "", "You stopped it.", "Nothing was written.", "Start it again when it suits you.")
    return AdvisorError(problem, ExitCode.STOPPED)
