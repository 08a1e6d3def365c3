"""Details that open and close."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QPointF, QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QPushButton, QSizePolicy, QStyle, QStyleOptionButton, QStylePainter, QVBoxLayout, QWidget

_RIGHT, _UPRIGHT = 10, 8
_WORDS: Final = Qt.AlignmentFlag.AlignLeft.value | Qt.TextFlag.TextWordWrap.value | Qt.TextFlag.TextShowMnemonic.value


class _FoldButton(QPushButton):
    """A heading to press. Long ones wrap, which a plain button cannot do."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.setProperty("fold", "true")
        self.setCheckable(True)
        self.setAutoDefault(True)
        policy = QSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def _left(self) -> int:
        return round(self.fontMetrics().height() * 0.9) + 6

    def _words_in(self, width: int) -> QRect:
        return self.fontMetrics().boundingRect(QRect(0, 0, width - self._left() - _RIGHT, 10000), _WORDS, self.text())

    def sizeHint(self) -> QSize:
        self.ensurePolished()
        whole = self.fontMetrics().size(Qt.TextFlag.TextShowMnemonic, self.text())
        return QSize(whole.width() + self._left() + _RIGHT + 2, whole.height() + 2 * _UPRIGHT)

    def minimumSizeHint(self) -> QSize:
        self.ensurePolished()
        longest = max((self.fontMetrics().horizontalAdvance(word) for word in self.text().replace("&", "").split()), default=0)
        return QSize(longest + self._left() + _RIGHT + 2, self.fontMetrics().height() + 2 * _UPRIGHT)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        self.ensurePolished()
        return self._words_in(width).height() + 2 * _UPRIGHT

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QStylePainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        option = QStyleOptionButton()
        self.initStyleOption(option)
        option.text = ""  # type: ignore[attr-defined]
        painter.drawControl(QStyle.ControlElement.CE_PushButton, option)
        painter.setPen(QPen(self.palette().buttonText().color(), 1.8))
        painter.drawText(self.rect().adjusted(self._left(), _UPRIGHT, -_RIGHT, -_UPRIGHT), _WORDS, self.text())
        size = self.fontMetrics().height() / 4
        y, x = _UPRIGHT + self.fontMetrics().height() / 2, 3 + size
        way = [(-1, -0.5), (0, 0.5), (1, -0.5)] if self.isChecked() else [(-0.5, -1), (0.5, 0), (-0.5, 1)]
        painter.drawPolyline(QPolygonF([QPointF(x + dx * size, y + dy * size) for dx, dy in way]))
        painter.end()


class DetailsFold(QWidget):
    """A heading to press and what it opens. `body` is the layout to fill."""

    def __init__(self, words: str, *, is_open: bool = False, gap: int = 16) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        self.button = _FoldButton(words)
        self._inside = QWidget()
        self.body = QVBoxLayout(self._inside)
        self.body.setContentsMargins(24, 0, 0, 8)
        self.body.setSpacing(gap)
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
