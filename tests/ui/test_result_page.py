"""The answer is on screen at once; what would change it comes later, and nobody's search outlives its use."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from advisor import flow
from advisor.problems import AdvisorError, Problem
from tests.builders import an_advice
from ui import jobs
from ui.shell import Shell
from ui.shots import BAKERY
from ui.widgets.details_fold import DetailsFold

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from PySide6.QtWidgets import QApplication
    from pytestqt.qtbot import QtBot

    from advisor.advice import Advice
    from advisor.session import Session
    from ui.outside import Outside

SOUGHT = "We are still looking for what would change the advice."
WHOLE = an_advice()


def _with_changes(advice: Advice, *bullets: str) -> Advice:
    sections = tuple(replace(s, bullets=bullets) if s.id == "changes" else s for s in advice.report.sections)
    return replace(advice, report=replace(advice.report, sections=sections))


FIRST = replace(_with_changes(WHOLE, SOUGHT), turning_points=())


class Search:
    """A search for turning points that takes as long as a test wants."""

    def __init__(self) -> None:
        self.go_on = threading.Event()
        self.begun = 0
        self.ended: list[str] = []
        self.fails = False

    def __call__(self, _session: Session, advice: Advice, cancelled: Callable[[], bool]) -> Advice | None:
        assert advice is FIRST
        self.begun += 1
        while not self.go_on.wait(0.01):
            if cancelled():
                self.ended.append("cancelled")
                return None
        if self.fails:
            self.ended.append("failed")
            raise AdvisorError(Problem("DAMAGED", "", "The price list is damaged.", "", "Install the program again."))
        self.ended.append("found")
        return WHOLE


@pytest.fixture
def search() -> Search:
    return Search()


@pytest.fixture
def written() -> list[tuple[Advice, str]]:
    return []


@pytest.fixture
def window(
    qtbot: QtBot, dressed: QApplication, outside: Outside, search: Search, written: list[tuple[Advice, str]], tmp_path: Path
) -> Shell:
    shell = Shell(
        replace(
            outside,
            advise=lambda _: FIRST,
            complete=search,
            write_pdf=lambda _, advice, path: written.append((advice, path.name)),
            pick_target=lambda *_: tmp_path / "report.pdf",
        )
    )
    qtbot.addWidget(shell)
    with qtbot.waitActive(shell):
        shell.show()
        shell.activateWindow()
    shell.session = BAKERY
    shell.way_back = [flow.START]
    shell.go(flow.RESULT)
    qtbot.waitUntil(lambda: shell.page.advice is not None and search.begun == 1, timeout=5000)
    return shell


def words(window: Shell) -> str:
    return " ".join(part.text() for part in window.page.findChildren(QLabel) if part.isVisibleTo(window))


def settled(qtbot: QtBot, page: Any) -> None:
    qtbot.waitUntil(lambda: not page.findChildren(jobs.Work), timeout=5000)


def test_the_answer_is_shown_at_once_and_what_would_change_it_comes_later(qtbot: QtBot, window: Shell, search: Search) -> None:
    assert window.heading().text() == FIRST.report.verdict
    assert SOUGHT in words(window)
    assert not window.page.is_complete
    search.go_on.set()
    qtbot.waitUntil(lambda: window.page.is_complete, timeout=5000)
    assert window.page.advice is WHOLE
    changes = next(s for s in WHOLE.report.sections if s.id == "changes").bullets
    qtbot.waitUntil(lambda: changes[0] in words(window), timeout=5000)
    assert SOUGHT not in words(window)
    settled(qtbot, window.page)


def test_only_what_is_new_is_drawn_again(qtbot: QtBot, window: Shell, search: Search) -> None:
    before = window.page.findChildren(DetailsFold)
    before[0].open()
    search.go_on.set()
    qtbot.waitUntil(lambda: window.page.is_complete, timeout=5000)
    assert window.page.findChildren(DetailsFold) == before
    assert before[0].button.isChecked()
    settled(qtbot, window.page)


def test_a_report_with_other_sections_is_drawn_anew(qtbot: QtBot, window: Shell) -> None:
    view = window.page._view
    report = WHOLE.report
    assert not view.take(replace(report, sections=report.sections[1:]))
    window.page._completed(replace(WHOLE, report=replace(report, sections=report.sections[1:])))
    assert window.page._view is not view
    assert report.sections[0].title not in [part.text() for part in window.page._view.findChildren(QLabel)]


def test_leaving_the_page_ends_the_search_and_coming_back_goes_on(qtbot: QtBot, window: Shell, search: Search) -> None:
    page = window.page
    window.back()
    qtbot.waitUntil(lambda: search.ended == ["cancelled"], timeout=500)
    settled(qtbot, page)
    assert not page.is_complete
    window.go(flow.RESULT)
    qtbot.waitUntil(lambda: search.begun == 2, timeout=5000)
    assert SOUGHT in words(window)
    search.go_on.set()
    qtbot.waitUntil(lambda: page.is_complete, timeout=5000)
    settled(qtbot, page)


def test_a_changed_answer_ends_the_search_for_the_old_one(qtbot: QtBot, window: Shell, search: Search) -> None:
    page = window.page
    window.change("speed")
    qtbot.waitUntil(lambda: search.ended == ["cancelled"], timeout=500)
    window.page.choice.set_value(60000.0)
    window.press_main()
    window.go(flow.RESULT)
    qtbot.waitUntil(lambda: search.begun == 2, timeout=5000)
    search.go_on.set()
    qtbot.waitUntil(lambda: page.is_complete, timeout=5000)
    assert search.ended == ["cancelled", "found"]
    settled(qtbot, page)


def test_closing_the_window_ends_the_search(window: Shell, search: Search) -> None:
    start = time.monotonic()
    window.close()
    assert not window.isVisible()
    assert search.ended == ["cancelled"]
    assert time.monotonic() - start < 1


def test_what_is_saved_while_the_search_runs_is_the_whole_answer(
    qtbot: QtBot, window: Shell, search: Search, written: list[tuple[Advice, str]], tmp_path: Path
) -> None:
    page = window.page
    window.main_button.setFocus()
    qtbot.keyClick(window.main_button, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: search.begun == 2, timeout=5000)
    assert "We finish the answer" in words(window)
    assert written == []
    search.go_on.set()
    qtbot.waitUntil(lambda: page.saved_at is not None, timeout=5000)
    assert written == [(WHOLE, "report.pdf")]
    assert page.advice is WHOLE
    assert SOUGHT not in words(window)
    page.numbers.click()
    assert (tmp_path / "report.A.json").read_bytes() == WHOLE.to_bytes()
    settled(qtbot, page)


def test_closing_the_window_waits_for_what_is_saved(qtbot: QtBot, window: Shell, search: Search, written: list[tuple[Advice, str]]) -> None:
    window.press_main()
    qtbot.waitUntil(lambda: search.begun == 2, timeout=5000)
    search.go_on.set()
    window.close()
    assert written == [(WHOLE, "report.pdf")]


def test_an_answer_changed_while_another_is_saved_is_not_called_saved(
    qtbot: QtBot, window: Shell, search: Search, written: list[tuple[Advice, str]]
) -> None:
    page = window.page
    window.press_main()
    window.change("speed")
    window.page.choice.set_value(60000.0)
    window.press_main()
    window.go(flow.RESULT)
    search.go_on.set()
    qtbot.waitUntil(lambda: page.is_complete, timeout=5000)
    settled(qtbot, page)
    assert written == [(WHOLE, "report.pdf")]
    assert page.saved_at is None
    assert "is saved" not in words(window)


def test_a_search_that_fails_is_told_and_the_answer_stays(qtbot: QtBot, window: Shell, search: Search) -> None:
    search.fails = True
    search.go_on.set()
    qtbot.waitUntil(lambda: window.frame.summary.isVisible(), timeout=5000)
    assert "price list is damaged" in window.frame.summary.accessibleName()
    assert window.heading().text() == FIRST.report.verdict
    assert SOUGHT not in words(window)
    settled(qtbot, window.page)
    # Coming back looks again, and what is found is shown.
    page = window.page
    search.fails = False
    window.back()
    window.go(flow.RESULT)
    qtbot.waitUntil(lambda: page.is_complete, timeout=5000)
    changes = next(s for s in WHOLE.report.sections if s.id == "changes").bullets
    qtbot.waitUntil(lambda: changes[0] in words(window), timeout=5000)
    settled(qtbot, page)
