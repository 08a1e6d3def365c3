"""Fields to type in or to choose from a list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF, QWheelEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QPushButton, QWidget

from ui import wording
from ui.widgets.field import Field
from ui.widgets.text import label
from ui.widgets.wrapping_row import WrappingRow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from advisor.problems import Problem


class TextField(Field):
    """A line of text."""

    def __init__(self, path: str, words: str, hint: str = "", *, most: int = 200, needed: str = "") -> None:
        super().__init__(path, words, hint)
        self._needed = needed
        self.edit = QLineEdit()
        self.edit.setMaxLength(most)
        self.edit.setAccessibleName(words)
        self.edit.setAccessibleDescription(hint)
        self.edit.textEdited.connect(lambda _: self.changed.emit())
        self.label.setBuddy(self.edit)
        self.column.addWidget(self.edit)

    def value(self) -> str | None:
        """The text without blanks at its ends; `None` if empty."""
        return self.edit.text().strip() or None

    def set_value(self, value: str | None) -> None:
        """Show this text."""
        self.edit.setText(value or "")

    def find_problem(self) -> Problem | None:
        if self._needed and self.value() is None:
            return self.problem(f"“{self.words}” is empty.", self._needed)
        return None

    def focus_target(self) -> QWidget:
        return self.edit


class NumberField(Field):
    """A number with its unit. Takes the marks of any country; asks when a number can be read two ways."""

    def __init__(
        self,
        path: str,
        words: str,
        unit: str = "",
        hint: str = "",
        *,
        locale: str,
        least: float = 0.0,
        most: float = 1e12,
        more_than_least: bool = False,
        whole: bool = False,
        needed: bool = False,
    ) -> None:
        super().__init__(path, words, hint)
        self._locale, self._least, self._most = locale, least, most
        self._more_than_least, self._whole, self._needed = more_than_least, whole, needed
        self._settled: tuple[str, float] | None = None
        self.edit = QLineEdit()
        self.edit.setMaxLength(30)
        self.edit.setAccessibleDescription(hint)
        self.edit.setAlignment(Qt.AlignmentFlag.AlignLeft)
        self.edit.textEdited.connect(lambda _: self._edited())
        self.label.setBuddy(self.edit)
        self.unit_label = label(unit)
        self.unit_label.setWordWrap(False)
        self.row = QHBoxLayout()
        self.row.setSpacing(8)
        self.row.addWidget(self.edit)
        self.row.addWidget(self.unit_label)
        self.row.addStretch(1)
        self.column.addLayout(self.row)
        self._meant = [QPushButton(), QPushButton()]
        for button in self._meant:
            button.setAutoDefault(True)
        self._two_ways = WrappingRow(*self._meant)
        self.column.addWidget(self._two_ways)
        self._two_ways.hide()
        self._readings: list[float] = []
        for i, button in enumerate(self._meant):
            button.clicked.connect(lambda _=False, i=i: self._settle(i))
        self.set_unit(unit)

    def set_unit(self, unit: str) -> None:
        """Show another unit."""
        self.unit_label.setText(unit)
        self.unit_label.setVisible(bool(unit))
        self.edit.setAccessibleName(f"{self.words} ({unit})" if unit else self.words)
        self.edit.setFixedWidth(self.edit.fontMetrics().averageCharWidth() * 16 + 24)

    def _edited(self) -> None:
        self._two_ways.hide()
        self.changed.emit()

    def _settle(self, which: int) -> None:
        self.set_value(self._readings[which])
        self._edited()
        self.show_problem(None)
        self.edit.setFocus(Qt.FocusReason.OtherFocusReason)

    def value(self) -> float | None:
        """The number; `None` if empty or not to be read."""
        read = wording.read_number(self.edit.text())
        return read if isinstance(read, float) else None

    def set_value(self, value: float | None) -> None:
        """Show this number."""
        self.edit.setText("" if value is None else wording.plain_number(value, self._locale))
        self._two_ways.hide()

    def find_problem(self) -> Problem | None:
        text = self.edit.text().strip()
        if not text:
            return self.problem(f"“{self.words}” is empty.", "Type a number. A rough one is fine.") if self._needed else None
        read = wording.read_number(text)
        if isinstance(read, wording.TwoWays):
            self._readings = [read.large, read.small]
            large, small = (wording.number_as_typed(value, self._locale) for value in self._readings)
            for button, words in zip(self._meant, (large, f"{small}, so between {int(read.small)} and {int(read.small) + 1}"), strict=True):
                button.setText(f"I mean {words}")
            self._two_ways.show()
            return self.problem(f"“{text}” can be read two ways.", "Press the one you mean.")
        if read is None:
            return self.problem(f"We could not read “{text}” as a number.", "Use digits only, such as 250.")
        low = wording.plain_number(self._least, self._locale)
        if read < self._least or (self._more_than_least and read == self._least):
            words = f"It must be more than {low}." if self._more_than_least else f"It must be at least {low}."
            return self.problem(f"“{self.words}” is too small.", words)
        if read > self._most:
            return self.problem(f"“{self.words}” is too large.", f"It may be at most {wording.plain_number(self._most, self._locale)}.")
        if self._whole and not read.is_integer():
            return self.problem(f"“{self.words}” must be a whole number.", "Leave out the part after the mark.")
        return None

    def focus_target(self) -> QWidget:
        return self.edit


class _Combo(QComboBox):
    """A drop-down list with its own arrow, which a style sheet would otherwise hide."""

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self.palette().text().color(), 1.8))
        size = self.fontMetrics().height() / 4
        x, y = self.width() - 13.0 - size, self.height() / 2
        painter.drawPolyline(QPolygonF([QPointF(x + dx * size, y + dy * size) for dx, dy in ((-1, -0.5), (0, 0.5), (1, -0.5))]))
        painter.end()

    def wheelEvent(self, event: QWheelEvent) -> None:
        # Scrolling the page must not change an answer by the way.
        event.ignore()


class ListField(Field):
    """One of a list. The first entry may stand for "not chosen"."""

    def __init__(
        self, path: str, words: str, entries: Sequence[tuple[object, str]], hint: str = "", *, needed: str = "",
    ) -> None:  # fmt: skip
        super().__init__(path, words, hint)
        self._needed = needed
        self.combo = _Combo()
        self.combo.setAccessibleName(words)
        self.combo.setAccessibleDescription(hint)
        self.combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.combo.setMinimumContentsLength(26)
        self.combo.setMaxVisibleItems(10)
        self.label.setBuddy(self.combo)
        self.set_entries(entries)
        self.combo.activated.connect(lambda _: self.changed.emit())
        row = QHBoxLayout()
        row.addWidget(self.combo)
        row.addStretch(1)
        self.column.addLayout(row)

    def set_entries(self, entries: Sequence[tuple[object, str]]) -> None:
        """Offer these values and words; the choice starts at the first."""
        self._values = [value for value, _ in entries]
        self.combo.clear()
        self.combo.addItems([words for _, words in entries])

    def value(self) -> object:
        """The chosen value."""
        i = self.combo.currentIndex()
        return self._values[i] if 0 <= i < len(self._values) else None

    def set_value(self, value: object) -> None:
        """Choose the entry with this value; the first if there is none."""
        i = next((i for i, v in enumerate(self._values) if v == value and type(v) is type(value)), 0)
        self.combo.setCurrentIndex(i if self._values else -1)

    def words_of(self, value: object) -> str | None:
        """The words of an entry."""
        i = next((i for i, v in enumerate(self._values) if v == value), None)
        return None if i is None else self.combo.itemText(i)

    def find_problem(self) -> Problem | None:
        if self._needed and self.value() is None:
            return self.problem(f"“{self.words}” is not chosen yet.", self._needed)
        return None

    def focus_target(self) -> QWidget:
        return self.combo
