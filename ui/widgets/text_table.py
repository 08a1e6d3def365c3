"""A table of words that wraps its cells and grows to its contents, so that the page scrolls and not the table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView, QAbstractScrollArea, QFrame, QHeaderView, QTableWidget, QTableWidgetItem

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent

    from advisor.advice import Table

_ROWS_AT_ONCE: Final = 40


class TextTable(QTableWidget):
    """The rows of a `Table`. Wide columns share the room; narrow ones keep what they need."""

    def __init__(self, table: Table) -> None:
        super().__init__(len(table.rows), len(table.columns))
        self.setAccessibleName(table.title or "Table: " + ", ".join(table.columns))
        self.setHorizontalHeaderLabels(list(table.columns))
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setTabKeyNavigation(False)
        self.setWordWrap(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.verticalHeader().hide()
        self.setSizeAdjustPolicy(QAbstractScrollArea.SizeAdjustPolicy.AdjustIgnored)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        head = self.horizontalHeader()
        head.setSectionsClickable(False)
        head.setHighlightSections(False)
        head.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag(Qt.TextFlag.TextWordWrap))
        head.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        for r, row in enumerate(table.rows):
            for c, words in enumerate(row):
                cell = QTableWidgetItem(words)
                side = Qt.AlignmentFlag.AlignRight if c in table.numeric else Qt.AlignmentFlag.AlignLeft
                cell.setTextAlignment(side | Qt.AlignmentFlag.AlignTop)
                cell.setToolTip(words)
                self.setItem(r, c, cell)
        for c in table.numeric:
            self.horizontalHeaderItem(c).setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._numeric = table.numeric
        self._longest = [self._words_of(c, table) for c in range(len(table.columns))]

    @staticmethod
    def _words_of(column: int, table: Table) -> tuple[list[str], list[str]]:
        whole = [table.columns[column], *(row[column] for row in table.rows)]
        return whole, [word for text in whole for word in text.split(" ")]

    def fit(self) -> None:
        """Column widths from the words, row heights from the widths."""
        room = self.viewport().width()
        metrics, pad = self.fontMetrics(), 26
        least = [max((metrics.horizontalAdvance(w) for w in words), default=0) * 1.06 + pad for _, words in self._longest]
        wish = [max((metrics.horizontalAdvance(t) for t in whole), default=0) * 1.06 + pad for whole, _ in self._longest]
        for c in self._numeric:
            least[c] = max(least[c], min(wish[c], metrics.averageCharWidth() * 16))
        spare = room - sum(least)
        wants = [max(w - m, 0) for w, m in zip(wish, least, strict=True)]
        for c, width in enumerate(least):
            extra = spare * wants[c] / sum(wants) if spare > 0 and sum(wants) > 0 else 0
            self.setColumnWidth(c, int(width + extra))
        self.resizeRowsToContents()
        heights = [self.rowHeight(r) for r in range(self.rowCount())]
        bar = self.horizontalScrollBar().sizeHint().height() if sum(least) > room else 0
        self.setFixedHeight(self.horizontalHeader().sizeHint().height() + sum(heights[:_ROWS_AT_ONCE]) + bar + 6)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.fit()
