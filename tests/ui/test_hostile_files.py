"""Odd and hostile files before the window: each ends in an answer, the window lives and nothing is left running."""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from PySide6.QtWidgets import QWidget

from advisor.benchmark.client import job_command, measure_job, profile_job
from advisor.benchmark.protocol import Limits
from tests.benchmark.odd_files import CASES
from ui.child import Child

if TYPE_CHECKING:
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from advisor.benchmark.protocol import Job

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform == "win32", reason="some of the files are POSIX's")]


def outcome(qtbot: QtBot, window: QWidget, job: Job) -> tuple[str, float]:
    """The code of the refusal or OK, and the longest time that the window was not looked after [ms]."""
    child = Child(job, job_command, window)
    told: list[str] = []
    child.finished.connect(lambda _: told.append("OK"))
    child.failed.connect(lambda problems: told.append(problems[0].code))
    slowest, before = 0.0, time.perf_counter()
    end = before + 60
    while not told and time.perf_counter() < end:
        qtbot.wait(10)
        now = time.perf_counter()
        slowest, before = max(slowest, 1000 * (now - before)), now
    assert len(told) == 1
    child.deleteLater()
    return told[0], slowest


def test_every_odd_file_is_answered_and_the_window_lives(qtbot: QtBot, tmp_path: Path) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    wrong, slowest = {}, 0.0
    for case in CASES:
        (tmp_path / case.id).mkdir()
        path = case.make(tmp_path / case.id)
        code, late = outcome(qtbot, window, profile_job(path))
        slowest = max(slowest, late)
        # Reading alone refuses what can be seen without running; anything else is a fault of ours.
        if code not in (*case.expect, "OK") or (case.how != "run" and code == "OK"):
            wrong[case.id] = code
        assert window.isVisible()
    sys.stdout.write(f"\n{len(CASES)} files before the window, other answers: {wrong}; longest without a look: {slowest:.0f} ms\n")
    assert not wrong


@pytest.mark.parametrize("id", ["window_larger_than_the_picture", "loop_without_an_end", "loop_that_keeps_everything", "spread_out"])
def test_a_model_that_dies_hangs_or_swells_is_explained(id: str, qtbot: QtBot, tmp_path: Path) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    case = next(c for c in CASES if c.id == id)
    code, _ = outcome(qtbot, window, replace(measure_job(case.make(tmp_path), seconds=1), limits=Limits(20, 4)))
    assert code in case.expect
    assert window.isVisible()
