"""Prices and chips: which catalog counts and how old it is, an update shown before it counts, and every chip on a card."""

from __future__ import annotations

from dataclasses import replace
from threading import Event
from typing import TYPE_CHECKING, Any, ClassVar

from PySide6.QtCore import Qt, Signal

from advisor.catalog_updates import telling
from advisor.problems import AdvisorError, Problem
from ui import jobs
from ui.page import Answer, Page
from ui.widgets.catalog_head import CatalogHead
from ui.widgets.chip_search import ChipSearch
from ui.widgets.update_box import UpdateBox

if TYPE_CHECKING:
    from pathlib import Path

    from PySide6.QtGui import QKeyEvent
    from PySide6.QtWidgets import QWidget

    from advisor.catalog_updates.standing import Standing
    from advisor.catalog_updates.taking import Proposal
    from advisor.chip_cards.finder import Finder
    from advisor.session import Session
    from ui.outside import Outside

_AGAIN = "When you go back to your answer, we work it out again."


class CatalogPage(Page):
    """Not a step of the way: opened from the rail, left to where one came from."""

    id = "catalog"
    is_aside: ClassVar[bool] = True
    title = "Prices and chips"
    hint = "What our advice rests on: the list of prices, its age, and every chip we know."
    main_words = "Back to your answers"

    _came_along = Signal(int, int)

    def __init__(self, outside: Outside) -> None:
        super().__init__(outside)
        self._told_for: Session | None = None
        self._reading: jobs.Work | None = None
        self._busy = False
        self._stop = Event()
        self._proposal: Proposal | None = None
        self.head = CatalogHead(outside.locale)
        self.update_box = UpdateBox()
        self.search = ChipSearch(outside.locale)
        for part in (self.head, self.update_box, self.search):
            self.body.addWidget(part)
        self.body.setSpacing(24)
        self.search.price_wanted.connect(self.price_wanted)
        self.head.load_wanted.connect(self._pick)
        self.head.back_wanted.connect(self._go_back)
        self.update_box.stopped.connect(self._stop_looking)
        self.update_box.taken.connect(self._take)
        self.update_box.put_off.connect(self._put_off)
        self._came_along.connect(self.update_box.progress)

    # ---- reading the catalog -------------------------------------------------------------------------------------

    def show_answers(self) -> None:
        self.main_words = CatalogPage.main_words if self.session.task else "Back"
        told_for = replace(self.session, done=(), catalog_version=None, program_version=None)
        if told_for != self._told_for:
            self._told_for = told_for
            self._read()

    def _read(self) -> None:
        asked, desk = self._told_for or self.session, self.outside.catalog
        work = jobs.start(
            lambda: (desk.standing(), desk.chips(asked)), self, lambda found: self._was_read(work, *found), lambda p: self._unread(work, p)
        )
        self._reading = work

    def _was_read(self, work: jobs.Work, standing: Standing, finder: Finder) -> None:
        if work is self._reading:
            self._reading = None
            self.head.show_standing(standing)
            self.search.show_chips(finder, _about(finder))
            self.words_changed.emit()

    def _unread(self, work: jobs.Work, problems: tuple[Problem, ...]) -> None:
        if work is self._reading:
            self._reading = self._told_for = None
            self.problems_found.emit(problems)

    # ---- an update -----------------------------------------------------------------------------------------------

    def _begin(self) -> None:
        self._busy = True
        self._proposal = None
        self.head.can_change(False)
        self.problems_found.emit(())

    def _end(self) -> None:
        self._busy = False
        self.head.can_change(True)

    def _failed(self, problems: tuple[Problem, ...]) -> None:
        self._end()
        self.update_box.hide()
        self.problems_found.emit(problems)

    def _pick(self) -> None:
        if self._busy:
            return
        path = self.outside.pick_file(self, "Load an update of the catalog", "Catalog updates (*.zip)")
        if path is not None:
            self._look_at(path)

    def _look_at(self, path: Path) -> None:
        self._begin()
        self._stop = stop = Event()
        self.update_box.work(
            "We look at the update", "We check it, and work your saved answers out again. Nothing changes yet.", can_stop=True
        )
        self.update_box.stop.setFocus(Qt.FocusReason.OtherFocusReason)

        def progress(done: int, of: int) -> None:
            # Called in the thread of the work: a signal carries it over, and an error ends the work.
            if stop.is_set():
                raise AdvisorError(())
            self._came_along.emit(done, of)

        def done(proposal: Proposal) -> None:
            if not stop.is_set():
                self._show(proposal)

        def failed(problems: tuple[Problem, ...]) -> None:
            if not stop.is_set():
                self._failed(problems)

        jobs.start(lambda: self.outside.catalog.look(path, progress), self, done, failed)

    def _show(self, proposal: Proposal) -> None:
        self._end()
        if proposal.is_current:
            self.update_box.tell("Nothing to do", telling.current(proposal))
        else:
            self._proposal = proposal
            self.update_box.propose(tuple(telling.lines(proposal)))
        self.words_changed.emit()
        self.sight_wanted.emit(self.update_box)

    def _stop_looking(self) -> None:
        self._stop.set()
        self._end()
        self.update_box.hide()
        self.head.load.setFocus(Qt.FocusReason.OtherFocusReason)

    def _put_off(self) -> None:
        self._proposal = None
        self.update_box.hide()
        self.head.load.setFocus(Qt.FocusReason.OtherFocusReason)

    def _take(self) -> None:
        proposal = self._proposal
        if proposal is None or self._busy:
            return
        self._begin()
        self.update_box.work("We take it over", "This takes a moment.", can_stop=False)

        def done(_: Any) -> None:
            self._changed("It is taken over", telling.taken(proposal.version))

        jobs.start(lambda: self.outside.catalog.take(proposal), self, done, self._failed)

    def _go_back(self) -> None:
        if self._busy:
            return
        self._begin()
        self.update_box.work("We go back", "This takes a moment.", can_stop=False)
        jobs.start(
            self.outside.catalog.go_back,
            self,
            lambda before: self._changed("The catalog before counts", telling.gone_back(*before)),
            self._failed,
        )

    def _changed(self, title: str, words: str) -> None:
        self._end()
        self.update_box.tell(title, words, *((_AGAIN,) if self.session.task else ()))
        self.words_changed.emit()
        self.sight_wanted.emit(self.update_box)
        self._read()

    # ---- as a page -----------------------------------------------------------------------------------------------

    def answer(self) -> Answer:
        # What is typed here is a search, no answer.
        return self.session

    def first_focus(self) -> QWidget | None:
        return self.search.words.edit

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter in a field looks at once; it must not leave the page, as it goes on elsewhere."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.search.look()
        else:
            super().keyPressEvent(event)

    def leave(self) -> None:
        if self._busy and self.update_box.stop.isVisibleTo(self):
            self._stop_looking()

    def close_down(self) -> None:
        self._stop.set()
        # A thread cannot be ended from outside; it is waited for, which takes seconds at most.
        for work in self.findChildren(jobs.Work):
            work.wait()


def _about(finder: Finder) -> str:
    work = finder.ground.work
    if work is None:
        return "Once we know your model, each card says whether the chip can run it, and how long one answer takes."
    if not work.steps:
        return "You use an online service now. The cards tell what there is besides."
    return "Each card says whether the chip can run your model, and how long one answer takes."


PAGE = CatalogPage
