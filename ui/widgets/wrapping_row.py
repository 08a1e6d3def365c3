"""A row that goes on in the next line where there is no more room."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QSizePolicy, QWidget

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent


class WrappingRow(QWidget):
    """Widgets beside each other at their own width, in as many lines as it takes."""

    def __init__(self, *widgets: QWidget, gap: int = 8) -> None:
        super().__init__()
        self.parts = widgets
        self._gap = gap
        for widget in widgets:
            # Hidden by somebody, not merely never shown yet.
            hidden = widget.testAttribute(Qt.WidgetAttribute.WA_WState_ExplicitShowHide) and widget.isHidden()
            widget.setParent(self)
            widget.setVisible(not hidden)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def _shown(self) -> list[QWidget]:
        return [part for part in self.parts if not part.isHidden()]

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._place(width, move=False)

    def sizeHint(self) -> QSize:
        hints = [part.sizeHint() for part in self._shown()]
        width = sum(hint.width() for hint in hints) + self._gap * max(len(hints) - 1, 0)
        return QSize(width, max((hint.height() for hint in hints), default=0))

    def minimumSizeHint(self) -> QSize:
        hints = [part.sizeHint() for part in self._shown()]
        return QSize(max((hint.width() for hint in hints), default=0), max((hint.height() for hint in hints), default=0))

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:
            # A part was shown, hidden or got other words.
            self.updateGeometry()
            self._place(self.width(), move=True)
        return super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place(self.width(), move=True)

    def _place(self, width: int, *, move: bool) -> int:
        x = y = line = 0
        for part in self._shown():
            size = part.sizeHint()
            if line and x + size.width() > width:
                x, y, line = 0, y + line + self._gap, 0
            if move:
                part.setGeometry(QRect(QPoint(x, y), QSize(min(size.width(), width), size.height())))
            x, line = x + size.width() + self._gap, max(line, size.height())
        return y + line
