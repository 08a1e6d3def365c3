"""An update on its way: being looked at, shown before it counts, taken over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QProgressBar, QPushButton, QVBoxLayout, QWidget

from ui.widgets.text import label, listed, restyle
from ui.widgets.wrapping_row import WrappingRow

if TYPE_CHECKING:
    from collections.abc import Iterable


class UpdateBox(QFrame):
    """Says what goes on; its buttons are `stopped`, `taken` and `put_off`."""

    stopped = Signal()
    taken = Signal()
    put_off = Signal()

    def __init__(self) -> None:
        super().__init__()
        # Takes the focus as a whole: a screen reader then reads all of it, and Tab goes on to its buttons.
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(16, 12, 16, 12)
        self._column.setSpacing(8)
        self.title = label("", "section")
        self._column.addWidget(self.title)
        self._lines = QVBoxLayout()
        self._lines.setSpacing(6)
        self._column.addLayout(self._lines)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("Progress of the look at the update")
        self._column.addWidget(self.bar)
        self.stop, self.take, self.later, self.close_it = (
            QPushButton(words) for words in ("Stop", "Take it over", "Not now", "Close this note")
        )
        for button, signal in ((self.stop, self.stopped), (self.take, self.taken), (self.later, self.put_off)):
            button.setAutoDefault(True)
            button.clicked.connect(lambda _=False, signal=signal: signal.emit())
        self.close_it.setAutoDefault(True)
        self.close_it.clicked.connect(lambda _=False: self.put_off.emit())
        self._column.addWidget(WrappingRow(self.take, self.later, self.stop, self.close_it))
        self._words: list[QWidget] = []
        self.hide()

    def _show(self, box: str, title: str, lines: Iterable[str], *shown: QWidget) -> None:
        for part in self._words:
            self._lines.removeWidget(part)
            part.hide()
            part.deleteLater()
        lines = tuple(lines)
        self.setAccessibleName(" ".join((title, *(line.strip() for line in lines))))
        self._words = [listed("•", line.strip()) if line.startswith("  ") else label(line) for line in lines]
        for part in self._words:
            self._lines.addWidget(part)
        self.title.setText(title)
        self.setProperty("box", box)
        restyle(self)
        for part in (self.bar, self.stop, self.take, self.later, self.close_it):
            part.setVisible(part in shown)
        self.show()

    def work(self, title: str, words: str, *, can_stop: bool) -> None:
        """Something is under way."""
        self.bar.setRange(0, 0)
        self._show("accent", title, (words,), self.bar, *((self.stop,) if can_stop else ()))

    def progress(self, done: int, of: int) -> None:
        """So much of it is done."""
        self.bar.setRange(0, max(of, 1))
        self.bar.setValue(done)

    def propose(self, lines: Iterable[str]) -> None:
        """What an update would change, and the choice."""
        self._show("accent", "What this update changes", lines, self.take, self.later)
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def tell(self, title: str, *lines: str) -> None:
        """What was done."""
        self._show("good", title, lines, self.close_it)
        self.setFocus(Qt.FocusReason.OtherFocusReason)
