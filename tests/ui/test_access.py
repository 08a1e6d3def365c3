"""Anybody can use it: names for screen readers, targets large enough, nothing cut at any text size."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QEvent, QObject, QRect, Qt, SignalInstance
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QScrollArea,
    QTableWidget,
    QWidget,
)

from advisor import flow
from advisor.problems import Problem
from ui import shots, theme
from ui.shell import Shell
from ui.widgets.text_table import TextTable

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

PAGES = (*flow.PAGES, shots.CATALOG, shots.UPDATE)
SIZES = [(1000, 700, 100), (640, 480, 100), (1000, 700, 150), (640, 480, 200)]


def visible(window: Shell, kind: type[QWidget] = QWidget) -> list[QWidget]:
    return [w for w in window.findChildren(kind) if w.isVisibleTo(window) and not w.size().isEmpty()]


def show(window: Shell, page: str) -> None:
    shots.show_page(window, page, shots.BAKERY)
    if page in (flow.RESULT, shots.CATALOG):
        for fold in window.page.findChildren(QPushButton):
            if fold.isCheckable():
                fold.setChecked(True)
    shots.settle(window)


@pytest.mark.parametrize("page", PAGES)
def test_everything_that_takes_focus_has_a_name(window: Shell, page: str) -> None:
    show(window, page)
    nameless = []
    for widget in visible(window):
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus.value and not isinstance(widget, QScrollArea):
            face = QAccessible.queryAccessibleInterface(widget)
            name = face.text(QAccessible.Text.Name) if face else ""
            if isinstance(widget, QComboBox):
                # Its accessible name is its present text; the question comes from the label.
                name = "" if not any(label.buddy() is widget for label in window.findChildren(QLabel)) else name
            if not name:
                nameless.append(repr(widget))
    assert nameless == []


@pytest.mark.parametrize("page", PAGES)
def test_labels_lead_to_what_is_typed_or_chosen(window: Shell, page: str) -> None:
    show(window, page)
    buddies = {label.buddy() for label in window.findChildren(QLabel)}
    assert [w for kind in (QLineEdit, QComboBox) for w in visible(window, kind) if w not in buddies] == []


@pytest.mark.parametrize("page", PAGES)
def test_targets_are_large_enough(window: Shell, page: str) -> None:
    show(window, page)
    small = [(w, w.size()) for w in visible(window, QAbstractButton) if w.width() < 24 or w.height() < 24]
    assert small == []


@pytest.mark.parametrize(("width", "height", "percent"), SIZES)
@pytest.mark.parametrize("page", PAGES)
def test_no_words_are_cut(qtbot: QtBot, dressed: QApplication, window: Shell, page: str, width: int, height: int, percent: int) -> None:
    theme.apply(dressed, "light", percent)
    narrow = Shell(window.outside)
    qtbot.addWidget(narrow)
    narrow.resize(width, height)
    narrow.show()
    show(narrow, page)
    assert (narrow.width(), narrow.height()) == (width, height)
    cut = []
    for label in visible(narrow, QLabel):
        assert isinstance(label, QLabel)
        needed = label.heightForWidth(label.width()) if label.wordWrap() else label.sizeHint().height()
        longest = max((label.fontMetrics().horizontalAdvance(w) for w in label.text().replace("&", "").split()), default=0)
        whole = label.fontMetrics().horizontalAdvance(label.text().replace("&", "")) if not label.wordWrap() else longest
        if label.height() < needed - 1 or label.width() < whole:
            cut.append((label.text(), label.size(), needed, whole))
    for button in visible(narrow, QPushButton):
        wraps = button.hasHeightForWidth()
        least = button.minimumSizeHint().width() if wraps else button.sizeHint().width()
        if button.width() < least or button.height() < (button.heightForWidth(button.width()) if wraps else button.sizeHint().height()):
            cut.append((button.text(), button.size(), button.sizeHint()))
        if not button.parentWidget().rect().contains(button.geometry()):
            cut.append((button.text(), "outside of what it stands in", button.geometry()))
    for table in visible(narrow, TextTable):
        for r in range(table.rowCount()):
            for c in range(table.columnCount()):
                room = QRect(0, 0, table.columnWidth(c) - 16, 10**6)
                words = table.itemDelegate().words(table.item(r, c).text())
                needed = table.fontMetrics().boundingRect(room, Qt.TextFlag.TextWordWrap.value, words)
                if needed.width() > room.width() or needed.height() > table.rowHeight(r) - 14:
                    cut.append((words, needed.size(), room.width(), table.rowHeight(r)))
    for area in visible(narrow, QScrollArea):
        if area.widget().minimumSizeHint().width() > area.viewport().width():
            cut.append(("page wider than the window", area.widget().minimumSizeHint(), area.viewport().size()))
    assert cut == []


def test_tab_goes_down_the_page_then_back_then_the_main_button(window: Shell, qtbot: QtBot) -> None:
    show(window, "money")
    window.activateWindow()
    window.page.first_focus().setFocus()
    order = []
    for _ in range(8):
        focused = QApplication.focusWidget()
        order.append(focused)
        qtbot.keyClick(focused, Qt.Key.Key_Tab)
    page = window.page
    assert order == [
        page.upfront.edit,
        page.monthly.edit,
        page.years.edit,
        page.prefer.combo,
        page.more.button,
        window.back_button,
        window.main_button,
        window.save_button,
    ]


def test_shift_tab_goes_the_same_way_back(window: Shell, qtbot: QtBot) -> None:
    show(window, "money")
    window.back_button.setFocus()
    qtbot.keyClick(window.back_button, Qt.Key.Key_Tab, Qt.KeyboardModifier.ShiftModifier)
    assert QApplication.focusWidget() is window.page.more.button


def test_tab_follows_the_page_when_it_gains_a_field(window: Shell, qtbot: QtBot) -> None:
    show(window, "computers")
    window.page.add.setFocus()
    qtbot.keyClick(window.page.add, Qt.Key.Key_Return)
    new = window.page._others[-1]
    assert QApplication.focusWidget() is new.what.edit
    qtbot.keyClick(new.what.edit, Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is new.memory.edit
    new.remove.setFocus()
    qtbot.keyClick(new.remove, Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is window.page.add


class Windows(QObject):
    """Notes what is shown as a window of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: list[QObject] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
            self.shown.append(watched)
        return False


def test_no_part_of_a_page_flashes_up_as_a_window(window: Shell, dressed: QApplication) -> None:
    # A widget that is shown before it stands in a layout is a window for a moment, and takes the focus with it.
    windows = Windows()
    dressed.installEventFilter(windows)
    for page in PAGES:
        show(window, page)
        window._say((Problem("X", "", "Something is wrong.", "", "Do something."),))
    dressed.removeEventFilter(windows)
    assert windows.shown == []


def test_no_widget_hides_a_method_of_qt(window: Shell) -> None:
    # A field called `size` on a page would stand where Qt's own `size()` is called.
    for page in PAGES:
        show(window, page)
    hidden = set()
    for widget in window.findChildren(QWidget):
        of_qt = next(kind for kind in type(widget).__mro__ if kind.__module__.startswith("PySide6"))
        own = {name for name, value in vars(widget).items() if not isinstance(value, SignalInstance)}
        hidden |= {f"{type(widget).__name__}.{name}" for name in own if hasattr(of_qt, name)}
    assert hidden == set()


def test_arrows_move_inside_choices(window: Shell, qtbot: QtBot) -> None:
    show(window, "speed")
    first = window.page.choice.focus_target()
    first.setFocus()
    qtbot.keyClick(first, Qt.Key.Key_Down)
    assert window.page.choice.value() == 60000.0
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Up)
    assert window.page.choice.value() == 1000.0
    assert isinstance(QApplication.focusWidget(), QRadioButton)


def test_each_letter_with_alt_is_used_once(window: Shell) -> None:
    for page in PAGES:
        show(window, page)
        marked = [w for w in (*visible(window, QPushButton), *visible(window, QLabel)) if not isinstance(w, QLabel) or w.buddy()]
        letters = [t[t.index("&") + 1].lower() for w in marked if "&" in (t := w.text().replace("&&", ""))]
        assert len(letters) == len(set(letters)), page


def test_the_chart_says_in_words_what_it_shows_and_has_a_table(window: Shell) -> None:
    show(window, flow.RESULT)
    chart = next(s.chart for s in window.page.advice.report.sections if s.chart)
    named = [w.accessibleName() for w in visible(window)]
    assert chart.alt in named
    assert visible(window, QTableWidget)


def test_the_title_of_a_new_page_is_announced(window: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(window, "_announce", said.append)
    window.go("speed")
    assert said == ["How quickly must an answer come back?"]


def test_a_change_of_look_reaches_every_page(window: Shell, dressed: QApplication) -> None:
    show(window, "task")
    before = window.grab().toImage()
    window._view_changed(replace(window.outside.store.settings(), scheme="dark"))
    shots.settle(window)
    assert window.grab().toImage() != before
    assert window.outside.store.settings().scheme == "dark"


def test_a_problem_without_a_field_is_said_too(window: Shell) -> None:
    show(window, "money")
    window._say((Problem("X", "", "The disk is full.", "", "Make room."),))
    assert "disk is full" in window.frame.summary.accessibleName()
