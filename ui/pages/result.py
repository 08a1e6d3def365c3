"""The recommendation: worked out beside the window, drawn from the report, saved as a PDF.

The answer is shown at once; what would change it is looked for beside the window and comes later.
"""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QPushButton, QVBoxLayout, QWidget

from advisor.flow import PRICES
from advisor.problems import AdvisorError, Problem
from advisor.session import write_whole
from ui import jobs
from ui.page import Answer, Page
from ui.widgets.report_view import ReportView
from ui.widgets.text import label
from ui.widgets.wrapping_row import WrappingRow

if TYPE_CHECKING:
    from advisor.advice import Advice
    from advisor.session import Session
    from ui.outside import Outside

_WAIT_TITLE = "We are working out your answer"


class ResultPage(Page):
    """The verdict as the heading, the report below, the PDF by the main button."""

    id = "result"
    title = _WAIT_TITLE
    main_words = "Save the report as PDF"

    def __init__(self, outside: Outside) -> None:
        super().__init__(outside)
        self.advice: Advice | None = None
        self.is_complete = False
        """Whether the advice has its turning points."""
        self.saved_at: Path | None = None
        # The answers, and the version of the catalog, that the advice is for.
        self._for: tuple[Session, str | None] | None = None
        self._work: jobs.Work | None = None
        self._saving: jobs.Work | None = None
        # Set to end the search for turning points that runs; `None` while none runs.
        self._stop: threading.Event | None = None
        self._is_left = False
        self._view: ReportView | None = None
        self.waiting = label("This takes a few seconds. We compare every way in our price list with your answers.")
        self.body.addWidget(self.waiting)
        self.saved = QFrame()
        self.saved.setProperty("box", "good")
        column = QVBoxLayout(self.saved)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(8)
        self.saved_words = label("")
        column.addWidget(self.saved_words)
        self.folder = QPushButton("Open the folder")
        self.numbers = QPushButton("Save the numbers too (A.json)")
        for button in (self.folder, self.numbers):
            button.setAutoDefault(True)
        self.folder.clicked.connect(lambda _=False: self._open_folder())
        self.numbers.clicked.connect(lambda _=False: self._save_numbers())
        column.addWidget(WrappingRow(self.folder, self.numbers))
        self.body.addWidget(self.saved)
        self.saved.hide()
        self.own_prices = QFrame()
        self.own_prices.setProperty("card", "true")
        column = QVBoxLayout(self.own_prices)
        column.setContentsMargins(16, 12, 16, 16)
        column.setSpacing(8)
        column.addWidget(label("Do you have a quote or a bill?", "strong"))
        column.addWidget(label("Your own price is better than any list. Type it, and we work the answer out again.", "hint"))
        self.type_prices = QPushButton("Type your prices")
        self.type_prices.setAutoDefault(True)
        self.type_prices.clicked.connect(lambda _=False: self.change_wanted.emit(PRICES))
        column.addWidget(WrappingRow(self.type_prices))
        self.body.addWidget(self.own_prices)

    # ---- working it out ------------------------------------------------------------------------------------------

    def show_answers(self) -> None:
        self._is_left = False
        # Only answers count: finishing a page or saving does not change the advice.
        answers = replace(self.session, done=(), catalog_version=None, program_version=None)
        asked = (answers, self.outside.versions().get("catalog"))
        if asked != self._for:
            self._for = asked
            self._work_out()
        else:
            self._draw()
            self._look_further()

    def _work_out(self) -> None:
        self._end_search()
        self.advice, self.is_complete, self.saved_at = None, False, None
        self._show_view(None)
        self._draw()
        asked = self._for
        answers = asked[0] if asked else self.session
        self._work = jobs.start(lambda: self.outside.advise(answers), self, lambda a: self._worked_out(asked, a), self._failed)

    def _worked_out(self, asked: tuple[Session, str | None] | None, advice: Advice) -> None:
        if asked != self._for:
            # The answers or the catalog changed in the meantime; the advice for the new ones is on its way.
            return
        self._work = None
        self.advice = advice
        self._show_view(ReportView(advice.report))
        self._draw()
        self._look_further()

    def _look_further(self) -> None:
        """Find what would change the answer; leaving the page or another answer ends it, and coming back goes on with it."""
        asked, advice = self._for, self.advice
        if asked is None or advice is None or self.is_complete:
            return
        if self._is_left or self._stop is not None or self._saving is not None:
            return
        stop = self._stop = threading.Event()

        def found(whole: Advice | None) -> None:
            if not stop.is_set():
                self._stop = None
                self._completed(whole)

        def failed(problems: tuple[Problem, ...]) -> None:
            if not stop.is_set():
                self._stop = None
                # Nobody looks any more, so it must not be said.
                told = advice.report
                self._show_view(ReportView(replace(told, sections=tuple(s for s in told.sections if s.id != "changes"))))
                self.words_changed.emit()
                self.problems_found.emit(problems)

        jobs.start(lambda: self.outside.complete(asked[0], advice, stop.is_set), self, found, failed)

    def _completed(self, whole: Advice | None) -> None:
        if whole is None or self.is_complete:
            return
        self.advice, self.is_complete = whole, True
        if self._view is not None and not self._view.take(whole.report):
            self._show_view(ReportView(whole.report))
        self.words_changed.emit()

    def _end_search(self) -> None:
        if self._stop is not None:
            self._stop.set()
            self._stop = None

    def leave(self) -> None:
        self._is_left = True
        self._end_search()

    def _failed(self, problems: tuple[Problem, ...]) -> None:
        self._work = None
        self._for = None
        self.title, self.main_words = "We could not work out an answer", "Try again"
        self.waiting.hide()
        self.own_prices.hide()
        self.words_changed.emit()
        self.problems_found.emit(problems)

    def _show_view(self, view: ReportView | None) -> None:
        if self._view is not None:
            self.body.removeWidget(self._view)
            self._view.deleteLater()
        self._view = view
        if view is not None:
            self.body.insertWidget(self.body.indexOf(self.own_prices), view)

    def _draw(self) -> None:
        self.waiting.setVisible(self.advice is None)
        self.saved.setVisible(self.saved_at is not None)
        self.own_prices.setVisible(self.advice is not None)
        self.title = self.advice.report.verdict if self.advice else _WAIT_TITLE
        firm = f"{self.advice.report.firm} – {self.advice.report.date}".strip(" –") if self.advice else ""
        self.hint, self.main_words = firm, ResultPage.main_words
        self.words_changed.emit()

    # ---- saving --------------------------------------------------------------------------------------------------

    def press_main(self) -> bool:
        if self._for is None:
            self.problems_found.emit(())
            self.show_answers()
            return True
        if self.advice is None:
            self.problems_found.emit((Problem("BUSY", "", "The answer is not ready yet.", "", "Wait a moment."),))
            return True
        if self._saving is not None:
            return True
        start = Path.home() / f"{_file_name(self.advice.report.firm or self.advice.report.title)}.pdf"
        path = self.outside.pick_target(self, "Save the report", start)
        if path is not None:
            self._save(path if path.suffix.lower() == ".pdf" else path.with_name(path.name + ".pdf"))
        return True

    def _save(self, path: Path) -> None:
        advice, session, asked = self.advice, self.session, self._for
        if advice is None or asked is None:
            return
        self.problems_found.emit(())
        # Paper holds the whole answer: what is still looked for is found first, by the work that writes.
        self._end_search()
        is_complete = self.is_complete
        self.saved_words.setText("We are writing the report…" if is_complete else "We finish the answer, then we write the report…")
        for button in (self.folder, self.numbers):
            button.hide()
        self.saved.show()

        def write() -> Advice | None:
            whole = advice if is_complete else self.outside.complete(asked[0], advice, lambda: False)
            if whole is not None:
                self.outside.write_pdf(session, whole, path)
            return whole

        def done(whole: Advice | None) -> None:
            self._saving = None
            if asked != self._for:
                # Another answer is shown by now; what was saved is the one before.
                self._look_further()
                return
            self._completed(whole)
            self.saved_at = path
            self.saved_words.setText(f"The report is saved: {path}")
            for button in (self.folder, self.numbers):
                button.show()
            self.saved.show()
            self.words_changed.emit()
            self.folder.setFocus(Qt.FocusReason.OtherFocusReason)

        def failed(problems: tuple[Problem, ...]) -> None:
            self._saving = None
            self.saved.setVisible(self.saved_at is not None)
            self.problems_found.emit(problems)
            self._look_further()

        self._saving = jobs.start(write, self, done, failed)

    def _open_folder(self) -> None:
        if self.saved_at is not None:
            self.outside.open_folder(self.saved_at.parent)

    def _save_numbers(self) -> None:
        if self.advice is None or self.saved_at is None:
            return
        target = self.saved_at.with_suffix(".A.json")
        try:
            write_whole(target, self.advice.to_bytes())
        except AdvisorError as error:
            self.problems_found.emit(error.problems)
            return
        self.saved_words.setText(f"The report is saved: {self.saved_at}\nThe numbers are saved: {target}")

    def answer(self) -> Answer:
        return self.session

    def first_focus(self) -> QWidget | None:
        return None

    def close_down(self) -> None:
        self.leave()
        # A thread cannot be ended from outside; it is waited for, which takes seconds at most.
        for work in self.findChildren(jobs.Work):
            work.wait()


def _file_name(words: str) -> str:
    kept = "".join(c if c.isalnum() or c in " -_" else " " for c in words)
    return " ".join(kept.split())[:80] or "Edgewise report"


PAGE = ResultPage
