"""A small drawing that shows which size is asked for: a picture with its height and width, or something with a length."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui import theme

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

_WORDS: Final = {
    "height": "A picture. An arrow beside it runs from its lower to its upper edge.",
    "width": "A picture. An arrow below it runs from its left to its right edge.",
    "length": "A row of pieces. An arrow below it runs from the first to the last one.",
    "sound": "A recording. An arrow below it runs from its start to its end.",
}
_BAR: Final = 6.0


def kind_of(name: str) -> str | None:
    """Which drawing belongs to a free size of a model; `None` if its name tells nothing."""
    low = name.lower()
    if "height" in low or low == "h":
        return "height"
    if "width" in low or low == "w":
        return "width"
    if any(word in low for word in ("wav", "audio", "sample", "frame", "time")):
        return "sound"
    if any(word in low for word in ("seq", "len", "token", "word")):
        return "length"
    return None


class SizePicture(QWidget):
    """The drawing of one kind (see `kind_of`), about five lines of text high."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind = kind
        self.setAccessibleName(_WORDS[kind])
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        line = self.fontMetrics().height()
        return QSize(9 * line, 5 * line)

    def paintEvent(self, event: QPaintEvent) -> None:
        now = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        room = self.fontMetrics().height()
        inner = QRectF(1.2 * room, 0.3 * room, self.width() - 1.5 * room, self.height() - 1.6 * room)
        painter.setPen(QPen(now.colour("text_muted"), 1.5))
        painter.setBrush(now.colour("surface"))
        if self.kind in ("height", "width"):
            self._draw_picture(painter, inner)
        elif self.kind == "sound":
            self._draw_sound(painter, inner)
        else:
            self._draw_pieces(painter, inner)
        painter.setPen(QPen(now.colour("accent"), 2))
        painter.setBrush(now.colour("accent"))
        below = inner.bottom() + 0.6 * room
        beside = inner.left() - 0.6 * room
        if self.kind == "height":
            _arrow(painter, QPointF(beside, inner.bottom()), QPointF(beside, inner.top()))
        else:
            _arrow(painter, QPointF(inner.left(), below), QPointF(inner.right(), below))
        painter.end()

    def _draw_picture(self, painter: QPainter, box: QRectF) -> None:
        painter.drawRect(box)
        hill = [(0.0, 0.9), (0.3, 0.45), (0.5, 0.7), (0.7, 0.35), (1.0, 0.9)]
        points = [QPointF(box.left() + x * box.width(), box.top() + y * box.height()) for x, y in hill]
        painter.drawPolyline(QPolygonF(points))
        painter.drawEllipse(QPointF(box.left() + 0.2 * box.width(), box.top() + 0.25 * box.height()), _BAR, _BAR)

    def _draw_sound(self, painter: QPainter, box: QRectF) -> None:
        middle, steps = box.center().y(), int(box.width() / _BAR)
        for i in range(steps):
            high = box.height() / 2 * abs(math.sin(i * 0.9) * math.sin(i * math.pi / steps))
            x = box.left() + (i + 0.5) * box.width() / steps
            painter.drawLine(QPointF(x, middle - high), QPointF(x, middle + high))

    def _draw_pieces(self, painter: QPainter, box: QRectF) -> None:
        count = 5
        for i in range(count):
            wide = box.width() / count
            painter.drawRoundedRect(QRectF(box.left() + i * wide + 2, box.top() + 0.3 * box.height(), wide - 4, 0.4 * box.height()), 3, 3)


def _arrow(painter: QPainter, start: QPointF, end: QPointF) -> None:
    """A line with a head at both ends."""
    painter.drawLine(start, end)
    way = end - start
    length = math.hypot(way.x(), way.y()) or 1.0
    along, across = way / length * _BAR, QPointF(-way.y(), way.x()) / length * _BAR * 0.6
    painter.setPen(Qt.PenStyle.NoPen)
    for tip, back in ((end, -along), (start, along)):
        painter.drawPolygon(QPolygonF([tip, tip + back + across, tip + back - across]))
    painter.setPen(QPen(painter.brush().color(), 2))
