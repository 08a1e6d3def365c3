"""Facts in two columns, name and words; one below the other where there is no room."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from ui.widgets.text import label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QResizeEvent

_NAME_CHARACTERS: Final = 16
_ROOM_CHARACTERS: Final = 46
Words = tuple[str, str]
"""A paragraph and the quiet words below it ('' if there are none)."""


class FactRows(QWidget):
    """Rows of a name and paragraphs; the names share one column."""

    def __init__(self, rows: Sequence[tuple[str, Sequence[Words]]]) -> None:
        super().__init__()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(16)
        self._parts = [(label(name, "strong"), self._told(words)) for name, words in rows]
        self._narrow: bool | None = None
        self._place(narrow=False)

    def _told(self, words: Sequence[Words]) -> QWidget:
        if len(words) == 1 and not words[0][1]:
            return label(words[0][0])
        made = QWidget()
        column = QVBoxLayout(made)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for i, (first, quiet) in enumerate(words):
            if i:
                column.addSpacing(6)
            column.addWidget(label(first))
            if quiet:
                column.addWidget(label(quiet, "hint"))
        return made

    def _place(self, *, narrow: bool) -> None:
        if narrow == self._narrow:
            return
        self._narrow = narrow
        for i, (name, told) in enumerate(self._parts):
            for part in (name, told):
                self._grid.removeWidget(part)
            top = Qt.AlignmentFlag.AlignTop
            if narrow:
                self._grid.addWidget(name, 2 * i, 0)
                self._grid.addWidget(told, 2 * i + 1, 0)
                name.setContentsMargins(0, 6 if i else 0, 0, 0)
            else:
                self._grid.addWidget(name, i, 0, top)
                self._grid.addWidget(told, i, 1, top)
                name.setContentsMargins(0, 0, 0, 0)
        self._grid.setVerticalSpacing(2 if narrow else 8)
        self._grid.setColumnMinimumWidth(0, 0 if narrow else self.fontMetrics().averageCharWidth() * _NAME_CHARACTERS)
        self._grid.setColumnStretch(0, 1 if narrow else 0)
        self._grid.setColumnStretch(1, 0 if narrow else 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place(narrow=event.size().width() < self.fontMetrics().averageCharWidth() * _ROOM_CHARACTERS)
