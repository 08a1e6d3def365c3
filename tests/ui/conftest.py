"""A window with a made-up outside: no clock, no network, no real benchmark, a throw-away folder."""

from __future__ import annotations

import sys
import threading
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest
from shiboken6 import isValid

from ui import jobs, shots, theme
from ui.lasting_none import keep_none_alive
from ui.shell import Shell

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from PySide6.QtWidgets import QApplication
    from pytestqt.qtbot import QtBot

    from ui.outside import Outside

FAKE_CHILD = Path(__file__).parent / "fake_benchmark.py"


@pytest.fixture(scope="session")
def qapp_args() -> list[str]:
    return ["edgewise-tests", "-platform", "offscreen"]


@pytest.fixture(scope="session", autouse=True)
def none_lives() -> None:
    """As the program does before its first window."""
    keep_none_alive()


@pytest.fixture(autouse=True)
def nothing_left_behind(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fails a test that leaves a thread or a process running."""
    threads = set(threading.enumerate())
    begun: list[jobs.Work] = []
    start = jobs.start
    monkeypatch.setattr(jobs, "start", lambda *given: begun.append(start(*given)) or begun[-1])
    yield
    assert [t for t in threading.enumerate() if t not in threads and not t.daemon] == []
    assert [w for w in begun if isValid(w) and w.isRunning()] == []
    assert [p for p in psutil.Process().children(recursive=True) if p.status() != psutil.STATUS_ZOMBIE] == []


@pytest.fixture
def dressed(qapp: QApplication) -> Iterator[QApplication]:
    """The program with its bundled font and the light theme."""
    shots.bundled_font(qapp)
    theme.apply(qapp, "light", 100)
    yield qapp
    theme.apply(qapp, "light", 100)


@pytest.fixture
def benchmark_command() -> Callable[[], list[str]]:
    """A small script that speaks the benchmark's protocol."""
    return lambda: [sys.executable, str(FAKE_CHILD)]


@pytest.fixture
def outside(tmp_path: Path, benchmark_command: Callable[[], list[str]]) -> Outside:
    return replace(shots.still_outside(tmp_path / "home"), benchmark_command=benchmark_command)


@pytest.fixture
def window(qtbot: QtBot, dressed: QApplication, outside: Outside) -> Shell:
    shell = Shell(outside)
    qtbot.addWidget(shell)
    with qtbot.waitActive(shell):
        shell.show()
        shell.activateWindow()
    return shell
