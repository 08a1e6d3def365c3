"""A table of words that wraps its cells and grows to its contents, so that the page scrolls and not the table."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QAbstractScrollArea,
    QFrame,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableWidget,
    QTableWidgetItem,
)

from advisor.words import NBSP
from ui import theme

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent

    from advisor.advice import Table

_SIDE, _UPRIGHT = 8, 7
# A column of sentences that is narrower than this is a tower of single words.
_READABLE_CHARACTERS: Final = 18
_WRAP: Final = Qt.TextFlag.TextWordWrap.value


_LONG: Final = 16
_BREAK: Final = "\u200b"


def breakable(words: str) -> str:
    """The same words; a very long one (an address, a path) may be broken after its points, strokes and slashes."""
    return " ".join(w if len(w) <= _LONG else re.sub(r"(?<=[./_:?&=-])(?=\w)", _BREAK, w) for w in words.split(" "))


class _Words(QStyledItemDelegate):
    """Draws a cell whole: the style would end long words with dots."""

    is_tight = False
    """Whether a figure may stand above its unit, as the table would be wider than its place else."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> None:
        now = theme.current()
        rect: QRect = option.rect  # type: ignore[attr-defined]
        painter.save()
        if index.row():
            painter.setPen(now.colour("divider"))
            painter.drawLine(rect.topLeft(), rect.topRight())
        painter.setPen(now.colour("text"))
        painter.setFont(option.font)  # type: ignore[attr-defined]
        side = index.data(Qt.ItemDataRole.TextAlignmentRole)
        painter.drawText(rect.adjusted(_SIDE, _UPRIGHT, -_SIDE, -_UPRIGHT), int(side) | _WRAP, self.words(index.data()))
        painter.restore()

    def words(self, told: str) -> str:
        """The words of a cell as they are drawn, with the places where a line may end."""
        return breakable(told.replace(NBSP, " ") if self.is_tight else told)


class TextTable(QTableWidget):
    """The rows of a `Table`. Columns of sentences share the room; those of numbers stay on one line while they can."""

    def __init__(self, table: Table) -> None:
        super().__init__(len(table.rows), len(table.columns))
        self.setAccessibleName(table.title or "Table: " + ", ".join(table.columns))
        self.setHorizontalHeaderLabels(list(table.columns))
        self._words = _Words(self)
        self.setItemDelegate(self._words)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setTabKeyNavigation(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.verticalHeader().hide()
        self.verticalHeader().setMinimumSectionSize(1)
        self.setSizeAdjustPolicy(QAbstractScrollArea.SizeAdjustPolicy.AdjustIgnored)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        head = self.horizontalHeader()
        head.setSectionsClickable(False)
        head.setHighlightSections(False)
        head.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        for c in range(len(table.columns)):
            side = (Qt.AlignmentFlag.AlignRight if c in table.numeric else Qt.AlignmentFlag.AlignLeft).value
            middle = side | Qt.AlignmentFlag.AlignVCenter.value | _WRAP
            self.horizontalHeaderItem(c).setData(Qt.ItemDataRole.TextAlignmentRole, middle)
            for r, row in enumerate(table.rows):
                cell = QTableWidgetItem(row[c])
                cell.setData(Qt.ItemDataRole.TextAlignmentRole, side | Qt.AlignmentFlag.AlignTop.value)
                self.setItem(r, c, cell)
        self._table = table

    def _fonts(self) -> tuple[QFontMetrics, QFontMetrics]:
        bold = QFont(self.font())
        bold.setWeight(QFont.Weight.DemiBold)
        return QFontMetrics(bold), self.fontMetrics()

    def fit(self) -> None:
        """Column widths from the words, row heights from the widths."""
        head, body = self._fonts()
        columns = range(len(self._table.columns))
        room = self.viewport().width()

        def broad(words: str, i: int) -> int:
            return (body if i else head).horizontalAdvance(words) + 2 * _SIDE + 2

        # A space that must not break keeps a figure and its unit together, where the place is wide enough for that.
        for self._words.is_tight in (False, True):
            cells = [[self._words.words(w) for w in (self._table.columns[c], *(row[c] for row in self._table.rows))] for c in columns]
            least = [max(broad(word, i) for i, words in enumerate(cells[c]) for word in re.split(f"[ {_BREAK}]", words)) for c in columns]
            if sum(least) <= room:
                break
        wish = [max(broad(words, i) for i, words in enumerate(cells[c])) for c in columns]
        readable = body.averageCharWidth() * _READABLE_CHARACTERS
        numbers = set(self._table.numeric)
        widths = list(least)
        for wants in (
            [0 if c in numbers else min(wish[c], readable) for c in columns],
            [wish[c] if c in numbers else 0 for c in columns],
            [0 if c in numbers else wish[c] for c in columns],
            # What is left over goes to the sentences, so that the table fills its place.
            [0 if c in numbers else 10 * wish[c] for c in columns] if len(numbers) < len(cells) else [10 * w for w in wish],
        ):
            spare = room - sum(widths)
            more = [max(want - width, 0) for want, width in zip(wants, widths, strict=True)]
            if spare > 0 and sum(more) > 0:
                share = min(spare / sum(more), 1.0)
                widths = [width + int(extra * share) for width, extra in zip(widths, more, strict=True)]
        for c, width in enumerate(widths):
            self.setColumnWidth(c, width)

        def tall(words: str, c: int, i: int) -> int:
            place = QRect(0, 0, widths[c] - 2 * _SIDE, 10**6)
            return (body if i else head).boundingRect(place, _WRAP, words).height() + 2 * _UPRIGHT

        heights = [max(tall(cells[c][i], c, i) for c in columns) for i in range(self.rowCount() + 1)]
        self.horizontalHeader().setFixedHeight(heights[0])
        for r, height in enumerate(heights[1:]):
            self.setRowHeight(r, height)
        bar = self.horizontalScrollBar().sizeHint().height() if sum(widths) > room else 0
        self.setFixedHeight(sum(heights) + bar + 2 * self.frameWidth() + 4)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.fit()
