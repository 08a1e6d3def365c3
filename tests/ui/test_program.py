"""The program around the window: what it does when an answer cannot be worked out, when we are at fault, and at its start."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QPushButton

from advisor import flow
from advisor.problems import AdvisorError, Problem
from ui import crash, jobs
from ui.shell import Shell
from ui.shots import BAKERY, made_up_advice

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytestqt.qtbot import QtBot

    from advisor.advice import Advice
    from advisor.session import Session
    from ui.outside import Outside

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def with_advise(qtbot: QtBot, dressed: QApplication, outside: Outside) -> Callable[[Callable[[Session], Advice]], Shell]:
    def made(advise: Callable[[Session], Advice]) -> Shell:
        shell = Shell(replace(outside, advise=advise))
        qtbot.addWidget(shell)
        with qtbot.waitActive(shell):
            shell.show()
            shell.activateWindow()
        shell.session = BAKERY
        shell.way_back = [flow.START]
        shell.go(flow.RESULT)
        return shell

    return made


def test_an_answer_that_fails_is_told_and_can_be_tried_again(
    qtbot: QtBot, with_advise: Callable[[Callable[[Session], Advice]], Shell]
) -> None:
    tries: list[Session] = []

    def second_time(session: Session) -> Advice:
        tries.append(session)
        if len(tries) == 1:
            raise AdvisorError(Problem("DAMAGED", "", "The price list is damaged.", "", "Install the program again."))
        return made_up_advice(session)

    window = with_advise(second_time)
    qtbot.waitUntil(lambda: window.frame.summary.isVisible(), timeout=10000)
    assert "price list is damaged" in window.frame.summary.accessibleName()
    assert window.main_button.text().replace("&", "") == "Try again"
    window.main_button.setFocus()
    qtbot.keyClick(window.main_button, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.page.advice is not None, timeout=10000)
    assert window.main_button.text().replace("&", "") == "Save the report as PDF"
    assert not window.frame.summary.isVisible()


def test_a_fault_of_ours_is_told_without_its_details(
    qtbot: QtBot, with_advise: Callable[[Callable[[Session], Advice]], Shell], caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_: Session) -> Advice:
        raise ZeroDivisionError("inner details")

    window = with_advise(broken)
    qtbot.waitUntil(lambda: window.frame.summary.isVisible(), timeout=10000)
    assert "fault of ours" in window.frame.summary.accessibleName()
    assert "inner details" not in window.frame.summary.accessibleName()
    assert "inner details" in caplog.text
    caplog.clear()


def test_an_answer_for_old_answers_is_dropped(qtbot: QtBot, with_advise: Callable[[Callable[[Session], Advice]], Shell]) -> None:
    asked: list[Session] = []

    def slow_first(session: Session) -> Advice:
        asked.append(session)
        if len(asked) == 1:
            time.sleep(0.4)
            return replace(made_up_advice(session), sentence="old")
        return made_up_advice(session)

    window = with_advise(slow_first)
    window.change("speed")
    window.page.choice.set_value(60000.0)
    window.press_main()
    window.go(flow.RESULT)
    qtbot.waitUntil(lambda: window.page.advice is not None, timeout=10000)
    qtbot.wait(600)
    assert window.page.advice.sentence != "old"
    assert asked[-1].limit_ms == 60000.0


def test_what_a_left_page_says_does_not_reach_the_page_shown(
    qtbot: QtBot, with_advise: Callable[[Callable[[Session], Advice]], Shell]
) -> None:
    def late(_: Session) -> Advice:
        time.sleep(0.2)
        raise AdvisorError(Problem("DAMAGED", "", "The price list is damaged.", "", "Install the program again."))

    window = with_advise(late)
    window.back()
    result = window._frames[flow.RESULT].page
    qtbot.waitUntil(lambda: not result.findChildren(jobs.Work), timeout=10000)
    assert window.here == flow.START
    assert not window.frame.summary.isVisible()


def test_closing_waits_for_work_that_runs(with_advise: Callable[[Callable[[Session], Advice]], Shell]) -> None:
    done: list[bool] = []

    def slow(session: Session) -> Advice:
        time.sleep(0.3)
        done.append(True)
        return made_up_advice(session)

    window = with_advise(slow)
    window.close()
    assert done == [True]
    assert not window.isVisible()


def test_an_error_nobody_caught_is_logged_and_told(
    qtbot: QtBot, dressed: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    shown: list[crash.CrashDialog] = []
    monkeypatch.setattr(crash.CrashDialog, "exec", lambda dialog: shown.append(dialog))
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    crash.install(tmp_path / "edgewise.log")
    try:
        raise ValueError("inner details")
    except ValueError as error:
        sys.excepthook(type(error), error, error.__traceback__)
    (dialog,) = shown
    qtbot.addWidget(dialog)
    words = " ".join(label.text() for label in dialog.findChildren(QLabel))
    assert "fault of ours" in words
    assert "edgewise.log" in words
    assert "inner details" not in words
    dialog.copy.click()
    assert "inner details" in QApplication.clipboard().text()
    assert any(record.levelno == logging.CRITICAL for record in caplog.records)
    caplog.clear()


def test_the_installed_program_can_draw_every_page(tmp_path: Path) -> None:
    surroundings = os.environ | {"EDGEWISE_HOME": str(tmp_path / "home"), "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(
        [sys.executable, "-m", "ui", "--selftest"], capture_output=True, text=True, check=False, cwd=ROOT, env=surroundings
    )
    assert (done.returncode, done.stdout) == (0, f"{len(flow.PAGES)} pages drawn\n")
    assert "Traceback" not in done.stderr


def test_a_failure_can_be_copied_for_whoever_helps(qtbot: QtBot, window: Shell) -> None:
    log = window.outside.store.log_file
    log.parent.mkdir(parents=True)
    log.write_text("first line\nlast line of the log\n", encoding="utf-8")
    window.go("speed")
    window._say((Problem("DEFECT", "", "It stopped.", "A fault of ours.", "Try again."),))
    button = next(b for b in window.frame.summary.findChildren(QPushButton) if b.text() == "Copy details")
    qtbot.keyClick(button, Qt.Key.Key_Space)
    told = QApplication.clipboard().text()
    assert told.startswith("DEFECT: It stopped. A fault of ours. Try again.")
    assert "program " in told
    assert told.endswith("last line of the log")


def test_a_missing_answer_is_no_failure(window: Shell) -> None:
    window.go("speed")
    field = next(f.path for f in window.frame.page.fields())
    window._say((Problem("MISSING_FIELD", field, "Choose one.", "", "Choose."),))
    assert not [b for b in window.frame.summary.findChildren(QPushButton) if b.text() == "Copy details"]
