"""Where the owner is: seven steady steps, and how the window looks."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QActionGroup, QPainter, QPaintEvent, QPen, QPolygonF, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QPushButton, QVBoxLayout, QWidget

from advisor.flow import GROUPS
from advisor.store import TEXT_SIZES, Settings
from ui import theme
from ui.widgets.text import label, restyle

if TYPE_CHECKING:
    from collections.abc import Callable

_CATALOG: Final = "Prices and chips"
_CATALOG_SHORT: Final = "Prices"
_SCHEMES: Final = (("light", "Light"), ("dark", "Dark"), ("system", "As the system"))


class _Mark(QWidget):
    """A tick for what is done, an arrow for where we are."""

    def __init__(self) -> None:
        super().__init__()
        self.state = "later"

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.state == "later":
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.current().colour("accent" if self.state == "here" else "good"), 2.0))
        painter.scale(self.height() / 19, self.height() / 19)
        if self.state == "done":
            painter.drawPolyline(QPolygonF([QPointF(3, 10), QPointF(7, 14), QPointF(15, 5)]))
        else:
            painter.drawLine(QPointF(2, 9), QPointF(15, 9))
            painter.drawPolyline(QPolygonF([QPointF(10, 4), QPointF(15, 9), QPointF(10, 14)]))
        painter.end()


class ViewButton(QPushButton):
    """Opens the choice of light or dark and of the text size."""

    def __init__(self, settings: Settings, changed: Callable[[Settings], None]) -> None:
        super().__init__("Look and text size")
        self.setProperty("quiet", "true")
        self.setAutoDefault(True)
        self._settings, self._changed = settings, changed
        self.menu_shown = QMenu(self)
        self.clicked.connect(self._open)
        schemes, sizes = QActionGroup(self), QActionGroup(self)
        for value, words in _SCHEMES:
            self._add(words, value == settings.scheme, schemes, partial(self._set, scheme=value))
        self.menu_shown.addSeparator()
        for percent in TEXT_SIZES:
            self._add(f"Text size {percent} %", percent == settings.text_percent, sizes, partial(self._set, text_percent=percent))

    def _add(self, words: str, on: bool, group: QActionGroup, chosen: Callable[[], None]) -> None:
        action = self.menu_shown.addAction(words)
        action.setCheckable(True)
        action.setChecked(on)
        action.setActionGroup(group)
        action.triggered.connect(lambda _=False: chosen())

    def _open(self) -> None:
        self.menu_shown.popup(self.mapToGlobal(self.rect().topLeft()))

    def _set(self, **changes: Any) -> None:
        self._settings = replace(self._settings, **changes)
        self._changed(self._settings)


class _CatalogButton(QPushButton):
    """Opens the prices and chips."""

    def __init__(self, opened: Callable[[], None]) -> None:
        super().__init__(_CATALOG)
        self.setAccessibleName(_CATALOG)
        self.setProperty("quiet", "true")
        self.setAutoDefault(True)
        self.clicked.connect(lambda _=False: opened())


class Rail(QFrame):
    """The steps on the left."""

    def __init__(self, settings: Settings, view_changed: Callable[[Settings], None], catalog_wanted: Callable[[], None]) -> None:
        super().__init__(objectName="rail")
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 32, 8, 16)
        column.setSpacing(10)
        self.step = label("", "small")
        column.addWidget(self.step)
        self._steps = []
        for group in GROUPS:
            mark, words = _Mark(), label(group.title, "step")
            row = QHBoxLayout()
            row.setSpacing(6)
            row.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
            row.addWidget(words, 1)
            column.addLayout(row)
            self._steps.append((mark, words, group.title))
        column.addStretch(1)
        column.addWidget(label("Nothing leaves this computer.", "small"))
        self.catalog = _CatalogButton(catalog_wanted)
        column.addWidget(self.catalog, 0, Qt.AlignmentFlag.AlignLeft)
        self.view = ViewButton(settings, view_changed)
        column.addWidget(self.view, 0, Qt.AlignmentFlag.AlignLeft)

    def fit(self) -> None:
        """As wide as 26 digits of the present text size, and the margins."""
        self.setFixedWidth(self.fontMetrics().horizontalAdvance("0") * 26 + 20)

    def show_step(self, here: int, reached: int) -> None:
        """Mark step `here`; those up to `reached` are done. Step 0 is the start page."""
        self.fit()
        self.step.setText(f"Step {here} of {len(GROUPS)}" if here else f"{len(GROUPS)} steps, about ten minutes")
        for i, (mark, words, title) in enumerate(self._steps, start=1):
            state = "here" if i == here else "done" if here and (i < here or i < reached) else "later"
            mark.state = state
            line = words.fontMetrics().height()
            mark.setFixedSize(line, line)
            mark.update()
            words.setText(title)
            words.setAccessibleDescription({"here": "you are here", "done": "done", "later": ""}[state])
            words.setProperty("state", state)
            restyle(words)


class NarrowRail(QFrame):
    """The same in one line, where there is no room for a rail."""

    def __init__(self, settings: Settings, view_changed: Callable[[Settings], None], catalog_wanted: Callable[[], None]) -> None:
        super().__init__(objectName="narrowRail")
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 8, 16, 8)
        self._words = label("", "step")
        row.addWidget(self._words, 1)
        row.setSpacing(16)
        self.catalog = _CatalogButton(catalog_wanted)
        row.addWidget(self.catalog)
        self.view = ViewButton(settings, view_changed)
        row.addWidget(self.view)

    def show_step(self, here: int) -> None:
        """Say step `here`."""
        self._words.setText(f"Step {here} of {len(GROUPS)}: {GROUPS[here - 1].title}" if here else "")
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        # With large text in a small window there is no room for all the words: the step comes first.
        letters = self._words.fontMetrics()
        row = letters.horizontalAdvance(f"{self._words.text()}{_CATALOG}{self.view.text()}") + 2 * 16 + 2 * 16 + 8
        self.catalog.setText(_CATALOG if row <= self.width() else _CATALOG_SHORT)
