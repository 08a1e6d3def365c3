"""An owner at the keyboard: keys go to whatever has the focus, and nothing is reached in another way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QAccessible, QKeyEvent
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QLineEdit, QPushButton, QRadioButton, QWidget

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from ui.shell import Shell

_MOST_TABS = 80


class Keyboard:
    """Presses keys and reads what is on screen."""

    def __init__(self, qtbot: QtBot, window: Shell) -> None:
        self._qtbot, self._window = qtbot, window

    @property
    def focus(self) -> QWidget:
        """What has the focus; there is always something in the window that has."""
        found = QApplication.focusWidget()
        assert found is not None
        assert self._window.isAncestorOf(found)
        assert found.isVisible()
        return found

    def press(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        self._qtbot.keyClick(self.focus, key, modifier)

    def _tab_until(self, wanted: str, found: object) -> QWidget:
        seen = []
        for _ in range(_MOST_TABS):
            if found(self.focus):  # type: ignore[operator]
                return self.focus
            seen.append(name_of(self.focus))
            self.press(Qt.Key.Key_Tab)
        raise AssertionError(f"Tab never came to “{wanted}”, only to {list(dict.fromkeys(seen))}")

    def fill(self, question: str, words: str) -> None:
        """Type into the field with this label, over what stands there."""
        self._tab_until(question, lambda w: isinstance(w, QLineEdit) and name_of(w) == question)
        self.press(Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
        self.press(Qt.Key.Key_Delete)
        for letter in words:
            # qtbot knows the letters of ASCII only.
            for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
                QApplication.sendEvent(self.focus, QKeyEvent(kind, Qt.Key.Key_unknown, Qt.KeyboardModifier.NoModifier, letter))

    def choose(self, answer: str, question: str = "") -> None:
        """Choose a card by its words; `question` where one page asks several."""

        def asks_it(widget: QWidget) -> bool:
            if not isinstance(widget, QRadioButton) or (question and question not in names_above(widget)):
                return False
            return any(name_of(b) == answer for b in widget.group().buttons())

        self._tab_until(f"{question} {answer}", asks_it)
        if name_of(self.focus) == answer:
            self.press(Qt.Key.Key_Space)
        for _ in range(_MOST_TABS):
            if name_of(self.focus) == answer:
                break
            self.press(Qt.Key.Key_Down)
        assert name_of(self.focus) == answer
        chosen = self.focus
        assert isinstance(chosen, QRadioButton)
        assert chosen.isChecked()

    def pick(self, question: str, entry: str) -> None:
        """Choose an entry of a list."""
        combo = self._tab_until(question, lambda w: isinstance(w, QComboBox) and label_of(w) == question)
        assert isinstance(combo, QComboBox)
        self.press(Qt.Key.Key_Home)
        for _ in range(combo.count()):
            if combo.currentText() == entry:
                return
            self.press(Qt.Key.Key_Down)
        assert combo.currentText() == entry

    def pick_nth(self, question: str, n: int) -> None:
        """Choose the entry that many steps below the first."""
        self._tab_until(question, lambda w: isinstance(w, QComboBox) and label_of(w) == question)
        self.press(Qt.Key.Key_Home)
        for _ in range(n):
            self.press(Qt.Key.Key_Down)

    def push(self, words: str) -> None:
        """Go to a button with these words (or this name for readers) and press Enter."""
        self._tab_until(
            words,
            lambda w: isinstance(w, QPushButton) and words in (plain(w.text()), name_of(w), plain(w.text()).partition(":")[0]),
        )
        self.press(Qt.Key.Key_Return)

    def go_on(self, page: str) -> None:
        """Press the main button by Enter; the window must then show this page."""
        if isinstance(self.focus, QPushButton) and self.focus is not self._window.main_button:
            self._tab_until("the main button", lambda w: w is self._window.main_button)
        self.press(Qt.Key.Key_Return)
        summary = self._window.frame.summary
        told = summary.accessibleName() if summary.isVisible() else "nothing was said"
        assert self._window.here == page, told


def plain(words: str) -> str:
    """Words without the mark of the letter for Alt."""
    return words.replace("&&", "\0").replace("&", "").replace("\0", "&")


def name_of(widget: QWidget) -> str:
    """What a screen reader calls it, without the unit in brackets."""
    face = QAccessible.queryAccessibleInterface(widget)
    return plain(face.text(QAccessible.Text.Name) if face else "").partition(" (")[0]


def label_of(widget: QWidget) -> str:
    """The words of the label that leads to it."""
    return next((plain(label.text()) for label in widget.window().findChildren(QLabel) if label.buddy() is widget), "")


def names_above(widget: QWidget) -> list[str]:
    """The names of what it stands in."""
    names = []
    parent = widget.parentWidget()
    while parent is not None:
        names.append(parent.accessibleName())
        parent = parent.parentWidget()
    return names
