"""Details that open and close."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QPushButton, QSizePolicy, QVBoxLayout, QWidget


class _FoldButton(QPushButton):
    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.setProperty("fold", "true")
        self.setCheckable(True)
        self.setAutoDefault(True)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self.palette().buttonText().color(), 1.8))
        y, x = self.height() / 2, 14.0
        points = (
            [(x - 5, y - 2.5), (x, y + 2.5), (x + 5, y - 2.5)] if self.isChecked() else [(x - 2.5, y - 5), (x + 2.5, y), (x - 2.5, y + 5)]
        )
        painter.drawPolyline(QPolygonF([QPointF(*p) for p in points]))
        painter.end()


class DetailsFold(QWidget):
    """A heading to press and what it opens. `body` is the layout to fill."""

    def __init__(self, words: str, *, is_open: bool = False) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        self.button = _FoldButton(words)
        self._inside = QWidget()
        self.body = QVBoxLayout(self._inside)
        self.body.setContentsMargins(30, 0, 0, 8)
        self.body.setSpacing(16)
        column.addWidget(self.button, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self._inside)
        self.button.toggled.connect(self._turn)
        self.button.setChecked(is_open)
        self._turn(is_open)

    def _turn(self, is_open: bool) -> None:
        self._inside.setVisible(is_open)
        self.button.setAccessibleDescription("open" if is_open else "closed")

    def open(self) -> None:
        """Show the inside."""
        self.button.setChecked(True)
