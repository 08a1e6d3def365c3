"""Bars from low to high with a mark at the likely value. Colour is never alone: each bar carries its name and figure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QWidget

from ui import theme
from ui.widgets.text import label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from advisor.advice import Bar, Chart

_ROLES: Final = {
    "edge": ("edge", Qt.BrushStyle.SolidPattern, "in your building"),
    "cloud": ("cloud", Qt.BrushStyle.Dense4Pattern, "rented"),
    "hybrid": ("hybrid", Qt.BrushStyle.BDiagPattern, "a mix"),
    "none": ("text_muted", Qt.BrushStyle.HorPattern, "nothing new"),
}


class _Strip(QWidget):
    """One bar on a common scale from `start` to `end`."""

    def __init__(self, bar: Bar, start: float, end: float) -> None:
        super().__init__()
        self._bar, self._start, self._end = bar, start, end
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(160, max(20, self.fontMetrics().height()))

    def minimumSizeHint(self) -> QSize:
        return QSize(80, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        look, pattern, _ = _ROLES.get(self._bar.role, _ROLES["none"])
        now = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle, width = self.height() / 2, self.width() - 4.0
        span = (self._end - self._start) or 1.0

        def x(value: float) -> float:
            return 2 + (value - self._start) / span * width

        painter.setPen(QPen(now.colour("divider"), 1))
        painter.drawLine(QPointF(2, middle), QPointF(2 + width, middle))
        box = QRectF(QPointF(x(self._bar.low), middle - 6), QPointF(max(x(self._bar.high), x(self._bar.low) + 3), middle + 6))
        painter.setPen(QPen(now.colour(look), 1.5))
        painter.setBrush(now.colour("surface"))
        painter.drawRect(box)
        painter.setBrush(QBrush(now.colour(look), pattern))
        painter.drawRect(box)
        painter.setPen(QPen(now.colour("text"), 3))
        painter.drawLine(QPointF(x(self._bar.likely), middle - 9), QPointF(x(self._bar.likely), middle + 9))
        painter.end()


class RangeBars(QWidget):
    """A chart of bars. Its accessible name is the chart's own sentence; the table beside it has the figures."""

    def __init__(self, chart: Chart) -> None:
        super().__init__()
        self.setAccessibleName(chart.alt)
        start = min([0.0, *(b.low for b in chart.bars)])
        end = max([0.0, *(b.high for b in chart.bars)])
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(6)
        self._rows: list[tuple[QLabel, QWidget, QLabel]] = []
        for bar in chart.bars:
            name = label(bar.label)
            figure = label(bar.text)
            figure.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            figure.setWordWrap(False)
            self._rows.append((name, _Strip(bar, start, end), figure))
        self._narrow: bool | None = None
        self._place(False)
        used = dict.fromkeys(b.role for b in chart.bars)
        key = label("Key: " + self._key(used) + " The dark mark is the likely value.", "small")
        self._grid.addWidget(key, 2 * len(self._rows), 0, 1, 3)

    @staticmethod
    def _key(roles: Sequence[str] | dict[str, None]) -> str:
        fills = {"edge": "filled", "cloud": "dotted", "hybrid": "striped", "none": "lined"}
        return ", ".join(f"{fills.get(r, 'lined')} = {_ROLES.get(r, _ROLES['none'])[2]}" for r in roles) + "."

    def _place(self, narrow: bool) -> None:
        if narrow == self._narrow:
            return
        self._narrow = narrow
        for i, (name, strip, figure) in enumerate(self._rows):
            for part in (name, strip, figure):
                self._grid.removeWidget(part)
            if narrow:
                self._grid.addWidget(name, 2 * i, 0, 1, 2)
                self._grid.addWidget(figure, 2 * i, 2)
                self._grid.addWidget(strip, 2 * i + 1, 0, 1, 3)
            else:
                self._grid.addWidget(name, 2 * i, 0)
                self._grid.addWidget(strip, 2 * i, 1)
                self._grid.addWidget(figure, 2 * i, 2)
        self._grid.setColumnStretch(0, 2)
        self._grid.setColumnStretch(1, 3 if not narrow else 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place(event.size().width() < self.fontMetrics().averageCharWidth() * 50)
