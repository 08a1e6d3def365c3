"""The window: rail on the left, the page, and the bar of buttons. Owns the session and the way back."""

from __future__ import annotations

import logging
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QCloseEvent, QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QApplication,
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from advisor import flow
from advisor.problems import AdvisorError, Problem
from advisor.session import Session, load
from ui import theme
from ui.crash import background
from ui.mnemonics import assign
from ui.pages import make_page
from ui.rail import NarrowRail, Rail
from ui.widgets.problem_summary import ProblemSummary
from ui.widgets.tab_stops import tab_stops
from ui.widgets.text import label

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from advisor.store import Settings
    from ui.outside import Outside
    from ui.page import Page

_log = logging.getLogger(__name__)
_COLUMN_CHARACTERS: Final = 76
_TITLE: Final = "Edgewise"
_CATALOG: Final = "catalog"
_NOT_SAVED: Final = "Make room on the disk, then save again. If you close the window once more, they are lost."


class _Column(QWidget):
    """What scrolls. Its height follows from its width alone, so that no page ends in a hole."""

    def minimumSizeHint(self) -> QSize:
        return QSize(super().minimumSizeHint().width(), 0)


class _Frame(QScrollArea):
    """One page with its heading in a column that scrolls."""

    def __init__(self, page: Page) -> None:
        super().__init__()
        self.page = page
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        outer = _Column(objectName="column")
        row = QHBoxLayout(outer)
        row.setContentsMargins(0, 0, 0, 0)
        self._column = QWidget()
        self._column.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        row.addWidget(self._column, 1)
        row.addStretch(0)
        self._inside = QVBoxLayout(self._column)
        self._inside.setSpacing(8)
        self.summary = ProblemSummary(lambda: background(page.outside.versions(), page.outside.store.log_file))
        self.heading = label(page.title, "heading")
        self.heading.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.hint = label(page.hint, "hint")
        self._inside.addWidget(self.summary)
        self._inside.addSpacing(4)
        self._inside.addWidget(self.heading)
        self._inside.addWidget(self.hint)
        self._inside.addSpacing(8)
        self._inside.addWidget(page)
        self._inside.addStretch(1)
        self.setWidget(outer)

    def fit(self) -> None:
        """Margins and width of the column for the present text size and window."""
        margin = 40 if self.width() > 30 * self.fontMetrics().averageCharWidth() + 240 else 16
        self._inside.setContentsMargins(margin, 32 if margin == 40 else 16, margin, 32)
        self._column.setMaximumWidth(self.fontMetrics().averageCharWidth() * _COLUMN_CHARACTERS + 2 * margin)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()

    def show_top_of(self, part: QWidget) -> None:
        """Scroll so that the part begins near the top."""
        self.verticalScrollBar().setValue(part.mapTo(self.widget(), part.rect().topLeft()).y() - 16)

    def refresh_words(self) -> None:
        """Heading and hint from the page."""
        self.heading.setText(self.page.title)
        self.hint.setText(self.page.hint)
        self.hint.setVisible(bool(self.page.hint))


class Shell(QMainWindow):
    """The window. `session` is the whole state; `here` the page shown; the way back is a list of pages."""

    def __init__(self, outside: Outside, session_path: Path | None = None) -> None:
        super().__init__()
        self.outside = outside
        # Prices typed for every plan are in a new one from the start; they alone are no work to save.
        self.session = self._saved = Session(quotes=outside.store.prices())
        self.here = flow.START
        self.way_back: list[str] = []
        # Set once answers were read from it: a file we could not read is never written over.
        self.path: Path | None = None
        self._given_up: Session | None = None
        self._returning = False
        self._half_done: set[str] = set()
        # Where a page stood that was left for an aside: how far it was scrolled, and what had the focus.
        self._left_at: tuple[int, QWidget | None] | None = None
        self._frames: dict[str, _Frame] = {}
        self._settings = outside.store.settings()
        self.setWindowTitle(_TITLE)
        self.setMinimumSize(640, 480)
        self.resize(1000, 700)
        self._build()
        self.go(flow.START)
        if session_path is not None:
            self.open(session_path)

    # ---- building ------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        centre = QWidget(objectName="shell")
        column = QVBoxLayout(centre)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.narrow_rail = NarrowRail(self._settings, self._view_changed, self.open_catalog)
        row = QHBoxLayout()
        row.setSpacing(0)
        self.rail = Rail(self._settings, self._view_changed, self.open_catalog)
        self.stack = QStackedWidget()
        row.addWidget(self.rail)
        row.addWidget(self.stack, 1)
        bar = QFrame(objectName="bar")
        bar.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._bar = QBoxLayout(QBoxLayout.Direction.LeftToRight, bar)
        self._bar.setContentsMargins(24, 12, 24, 12)
        self._bar.setSpacing(12)
        self.save_button = self._button("Save and close", self.save_and_close)
        self.back_button = self._button("Back", self.back)
        self.main_button = self._button("Continue", self.press_main)
        self.main_button.setProperty("main", "true")
        self._right = QHBoxLayout()
        self._right.setSpacing(12)
        self._right.addStretch(1)
        self._right.addWidget(self.back_button)
        self._right.addWidget(self.main_button)
        self._bar.addWidget(self.save_button, 0, Qt.AlignmentFlag.AlignLeft)
        self._bar.addLayout(self._right, 1)
        column.addWidget(self.narrow_rail)
        column.addLayout(row, 1)
        column.addWidget(bar)
        self.setCentralWidget(centre)

    def _button(self, words: str, pressed: Callable[[], object]) -> QPushButton:
        made = QPushButton(words)
        made.setAutoDefault(True)
        made.clicked.connect(lambda _=False: pressed())
        return made

    def _view_changed(self, settings: Settings) -> None:
        self._settings = settings
        app = QApplication.instance()
        if isinstance(app, QApplication):
            theme.apply(app, settings.scheme, settings.text_percent)
        try:
            self.outside.store.keep_settings(settings)
        except AdvisorError as error:
            # The look is changed all the same; only remembering it failed.
            _log.warning("settings not kept: %s", error)
        self.fit()

    # ---- pages ---------------------------------------------------------------------------------------------------

    @property
    def frame(self) -> _Frame:
        """The frame of the page shown."""
        return self._frames[self.here]

    @property
    def page(self) -> Page:
        """The page shown."""
        return self.frame.page

    def _frame_of(self, page_id: str) -> _Frame:
        if page_id not in self._frames:
            page = make_page(page_id, self.outside)
            frame = _Frame(page)
            for signal, slot in (
                (page.going_on, self.press_main),
                (page.words_changed, self._words_changed),
                (page.answered, self._take),
                (page.change_wanted, self.change),
                (page.problems_found, self._say),
                (page.opened, self.begin),
                (page.sight_wanted, self._bring_into_sight),
                (page.price_wanted, self.type_price),
            ):
                signal.connect(partial(self._from_page, page, slot))
            frame.summary.picked.connect(self._to_field)
            self._frames[page_id] = frame
            self.stack.addWidget(frame)
        return self._frames[page_id]

    def _from_page(self, page: Page, slot: Callable[..., object], *said: object) -> None:
        # What a page left behind says later (an answer worked out too late) must not touch the page shown now.
        if self.here in self._frames and page is self.page:
            slot(*said)

    def go(self, page_id: str) -> None:
        """Show a page."""
        if page_id != self.here and self.here in self._frames:
            self.page.leave()
        self.here = page_id
        frame = self._frame_of(page_id)
        frame.summary.clear()
        if page_id not in self._half_done:
            frame.page.fill(self.session)
        # What was answered elsewhere since must not be undone by a page that was left half typed.
        frame.page.session = self.session
        self._half_done.discard(page_id)
        self.stack.setCurrentWidget(frame)
        frame.verticalScrollBar().setValue(0)
        self._words_changed()
        self._announce(frame.page.title)
        self._focus_first()

    def _focus_first(self) -> None:
        target = self.page.first_focus() or self.main_button
        target.setFocus(Qt.FocusReason.TabFocusReason)
        self.frame.verticalScrollBar().setValue(0)

    def _words_changed(self) -> None:
        frame = self.frame
        frame.refresh_words()
        is_aside = frame.page.is_aside
        # An aside is no step: the rail goes on showing the one that the owner came from.
        step = self.way_back[-1] if is_aside and self.way_back else self.here
        self.main_button.setText(frame.page.main_words)
        self.save_button.setVisible(step != flow.START)
        # Its main button leads back already.
        self.back_button.setVisible(bool(self.way_back) and not is_aside)
        for rail in (self.rail, self.narrow_rail):
            rail.catalog.setEnabled(self.here != _CATALOG)
        self.rail.show_step(flow.group_of(step), flow.progress(self.session))
        self.narrow_rail.show_step(flow.group_of(step))
        self.setWindowTitle(f"{frame.page.title} – {_TITLE}")
        assign(self.main_button, self.back_button, self.save_button, frame.page)
        self.fit()

    def _announce(self, words: str) -> None:
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, words))

    def fit(self) -> None:
        """Rail or line on top, one row of buttons or two: whatever the window and the text size leave room for."""
        em = self.fontMetrics().averageCharWidth()
        wide = self.width() >= 26 * em + 48 * em
        self.rail.setVisible(wide)
        self.narrow_rail.setVisible(not wide)
        buttons = sum(b.sizeHint().width() for b in (self.save_button, self.back_button, self.main_button)) + 96
        direction = QBoxLayout.Direction.LeftToRight if self.width() >= buttons else QBoxLayout.Direction.BottomToTop
        if self._bar.direction() != direction:
            self._bar.setDirection(direction)
        for frame in self._frames.values():
            frame.fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.fit()
        QTimer.singleShot(0, self, self._focus_first)

    # ---- going on and back ---------------------------------------------------------------------------------------

    def press_main(self) -> None:
        """The main button: take the answer and go on, or say what is still wrong."""
        if self.page.press_main():
            return
        if self.page.is_aside:
            self.back()
            return
        result = self.page.answer()
        if isinstance(result, tuple):
            self._say(result)
            return
        self._take(result.finished(self.here) if self.here != flow.START else result)
        following = flow.after_change(self.session, self.here) if self._returning else flow.next_page(self.session, self.here)
        if following is None:
            return
        if following in (flow.CHECK, flow.RESULT):
            self._returning = False
        self.way_back.append(self.here)
        self.go(following)

    def back(self) -> None:
        """Undo the last Continue; what was typed here stays."""
        if not self.way_back:
            return
        self._keep_typed()
        is_aside, left_at = self.page.is_aside, self._left_at
        self.go(self.way_back.pop())
        if is_aside and left_at is not None:
            self._stand_at(*left_at)

    def open_catalog(self) -> None:
        """Look into the prices and chips; from there one comes back to this page as it is now."""
        if self.here == _CATALOG:
            return
        self._keep_typed()
        focus = QApplication.focusWidget()
        self._left_at = (self.frame.verticalScrollBar().value(), focus if focus and self.frame.isAncestorOf(focus) else None)
        self.way_back.append(self.here)
        self.go(_CATALOG)

    def _stand_at(self, scrolled: int, focus: QWidget | None) -> None:
        self._left_at = None
        if focus is not None and isValid(focus) and focus.isVisible():
            focus.setFocus(Qt.FocusReason.OtherFocusReason)
        self.frame.verticalScrollBar().setValue(scrolled)

    def change(self, page_id: str) -> None:
        """Ask one question again; Continue then returns to the check."""
        self._keep_typed()
        self.way_back.append(self.here)
        self._returning = True
        self.go(page_id)

    def type_price(self, names: tuple[str, ...]) -> None:
        """Ask for the owner's prices of these names."""
        self._half_done.discard(flow.PRICES)
        self._frame_of(flow.PRICES).page.ask_for(names)
        self.change(flow.PRICES)

    def _keep_typed(self) -> None:
        result = self.page.answer()
        if isinstance(result, tuple):
            self._half_done.add(self.here)
        else:
            self._take(result)

    def _take(self, session: Session) -> None:
        self.session = session
        self.page.session = session

    def _say(self, problems: tuple[Problem, ...]) -> None:
        frame = self.frame
        frame.summary.say(problems, [f.path for f in frame.page.fields()])
        if problems:
            frame.verticalScrollBar().setValue(0)
            frame.summary.setFocus(Qt.FocusReason.OtherFocusReason)
            self._announce(frame.summary.accessibleName())

    def _bring_into_sight(self, part: QWidget) -> None:
        # Laid out first: the part may just have been filled.
        QTimer.singleShot(0, part, lambda: self.frame.isAncestorOf(part) and self.frame.show_top_of(part))

    def _to_field(self, path: str) -> None:
        field = self.page.field_for(path)
        if field is not None:
            field.focus_target().setFocus(Qt.FocusReason.TabFocusReason)
            self.frame.ensureWidgetVisible(field, 0, 40)

    # ---- saving and opening --------------------------------------------------------------------------------------

    def open(self, path: Path) -> None:
        """Go on with saved answers, at the first page that was not finished."""
        try:
            session = load(path)
        except AdvisorError as error:
            self._say(error.problems)
            return
        self.begin(session, path)

    def begin(self, session: Session, path: Path | None) -> None:
        """Start with these answers."""
        self.session = self._saved = session
        self.path = path
        self.way_back = [flow.START]
        self._half_done.clear()
        self._returning = False
        self.go(flow.RESULT if flow.CHECK in session.done and flow.first_open(session) == flow.CHECK else flow.first_open(session))

    def save(self) -> bool:
        """Save the answers; `False` if that failed and was said."""
        self._keep_typed()
        versions = self.outside.versions()
        session = replace(self.session, program_version=versions.get("program"), catalog_version=versions.get("catalog"))
        path = self.path or self.outside.store.new_path(self.outside.now())
        try:
            self.outside.store.keep(session, path)
        except AdvisorError as error:
            self._say(tuple(replace(problem, what_to_do=_NOT_SAVED) for problem in error.problems))
            return False
        self.path, self._saved = path, self.session
        return True

    def save_and_close(self) -> None:
        """Save the answers and close the window."""
        if self.save():
            self.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        # Closing by the cross must not lose work: what is new is kept as if it had been saved.
        for frame in self._frames.values():
            frame.page.close_down()
        self._keep_typed()
        if self.session not in (self._saved, self._given_up) and not self.save():
            # Said once; who closes again without a change has decided.
            self._given_up = self.session
            event.ignore()
            return
        event.accept()

    # ---- keys ----------------------------------------------------------------------------------------------------

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab goes down the page as it is drawn, then Back, the main button and the rest.

        Worked out at every press: pages gain and lose fields, and Qt would keep the order in which they were made.
        """
        rails = (self.rail.catalog, self.rail.view, self.narrow_rail.catalog, self.narrow_rail.view)
        rest = (self.back_button, self.main_button, self.save_button, *rails)
        stops = [s for s in (*tab_stops(self.frame.widget()), *rest) if s.isVisible() and s.isEnabled()]
        here = QApplication.focusWidget()
        at = stops.index(here) if here in stops else -1 if forward else 0
        following = stops[(at + (1 if forward else -1)) % len(stops)]
        following.setFocus(Qt.FocusReason.TabFocusReason if forward else Qt.FocusReason.BacktabFocusReason)
        if self.frame.isAncestorOf(following):
            self.frame.ensureWidgetVisible(following, 0, 40)
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.main_button.click()
        elif event.key() != Qt.Key.Key_Escape:
            super().keyPressEvent(event)

    def heading(self) -> QLabel:
        """The heading of the page shown."""
        return self.frame.heading
