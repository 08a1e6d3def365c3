"""Choices as cards: a bold word and one plain sentence, the whole card can be clicked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, QObject, QPoint, QRectF, QSize, Qt
from PySide6.QtGui import QEnterEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QFrame, QGridLayout, QHBoxLayout, QRadioButton, QVBoxLayout, QWidget

from ui import theme
from ui.widgets.field import Field
from ui.widgets.text import label, restyle

if TYPE_CHECKING:
    from collections.abc import Sequence

    from advisor.problems import Problem

_NEXT_KEYS: Final = (Qt.Key.Key_Down, Qt.Key.Key_Right)
_PREVIOUS_KEYS: Final = (Qt.Key.Key_Up, Qt.Key.Key_Left)


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer: its value, its word, and a sentence that says what it means."""

    value: object
    words: str
    hint: str = ""


class _Ring(QRadioButton):
    """The ring of a choice, as large as the text asks; a style sheet draws large rings with corners."""

    def sizeHint(self) -> QSize:
        across = max(24, self.fontMetrics().height())
        return QSize(across, across)

    def hitButton(self, pos: QPoint) -> bool:
        return self.rect().contains(pos)

    def paintEvent(self, event: QPaintEvent) -> None:
        now = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = QRectF(self.rect()).center()
        radius = self.sizeHint().width() * 5 / 12
        painter.setPen(QPen(now.colour("accent" if self.isChecked() else "border"), 1.2))
        painter.setBrush(now.colour("accent" if self.isChecked() else "surface"))
        painter.drawEllipse(middle, radius - 0.6, radius - 0.6)
        if self.isChecked():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(now.colour("on_accent"))
            painter.drawEllipse(middle, radius * 0.4, radius * 0.4)
        painter.end()


class _Card(QFrame):
    """One choice. The radio button carries name, focus and keyboard; the labels wrap at any text size."""

    def __init__(self, choice: Choice) -> None:
        super().__init__()
        self.choice = choice
        self.setProperty("choice", "true")
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 12, 16, 12)
        row.setSpacing(12)
        self.radio = _Ring()
        self.radio.setAccessibleName(choice.words)
        self.radio.setAccessibleDescription(choice.hint)
        self.words = label(choice.words, "strong")
        self._text = text = QVBoxLayout()
        text.setSpacing(2)
        text.addWidget(self.words)
        if choice.hint:
            text.addWidget(label(choice.hint, "hint"))
        text.addStretch(1)
        row.addWidget(self.radio, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(text, 1)
        self._align()
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.radio.installEventFilter(self)
        self.radio.toggled.connect(lambda on: self._mark("chosen", on))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._align()

    def _align(self) -> None:
        # The ring stands at the middle of the first line at every text size.
        line, ring = self.words.fontMetrics().height(), self.radio.sizeHint()
        if self.radio.minimumSize() != ring:
            self.radio.setFixedSize(ring)
            self._text.setContentsMargins(0, (ring.height() - line) // 2, 0, 0)

    def _mark(self, what: str, on: bool) -> None:
        self.setProperty(what, "true" if on else "false")
        restyle(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self._mark("focused", event.type() == QEvent.Type.FocusIn)
        return super().eventFilter(watched, event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self.rect().contains(event.position().toPoint()):
            self.radio.setFocus(Qt.FocusReason.MouseFocusReason)
            self.radio.setChecked(True)

    def enterEvent(self, event: QEnterEvent) -> None:
        self._mark("hover", True)

    def leaveEvent(self, event: QEvent) -> None:
        self._mark("hover", False)


class ChoiceCards(Field):
    """A question with cards to choose from; `groups` puts a heading over some of them.

    `columns` are used where there is room; on a narrow page or with large text the cards stand in one.
    """

    def __init__(
        self,
        path: str,
        words: str,
        choices: Sequence[Choice] | None = None,
        *,
        hint: str = "",
        groups: Sequence[tuple[str, Sequence[Choice]]] = (),
        columns: int = 1,
        column_characters: int = 28,
        missing: tuple[str, str] = ("Nothing is chosen yet.", "Choose one of the answers."),
        needed: bool = True,
    ) -> None:
        super().__init__(path, words, hint)
        self._missing, self._needed, self._columns, self._shown_columns = missing, needed, columns, 0
        self._column_characters = column_characters
        # A reader says the question when the focus comes to one of its answers.
        self.setAccessibleName(words)
        self._group = QButtonGroup(self)
        self._cards: list[_Card] = []
        self._grids: list[tuple[QGridLayout, list[_Card]]] = []
        self._sections = groups or (("", choices or ()),)
        for title, members in self._sections:
            if title:
                heading = label(title, "section")
                heading.setContentsMargins(0, 12, 0, 0)
                self.column.addWidget(heading)
            grid = QGridLayout()
            grid.setSpacing(10)
            cards = [_Card(choice) for choice in members]
            for card in cards:
                self._group.addButton(card.radio)
                card.radio.installEventFilter(self)
                card.radio.toggled.connect(lambda on: on and self.changed.emit())
            self._cards += cards
            self._grids.append((grid, cards))
            self.column.addSpacing(4)
            self.column.addLayout(grid)
        self._place(1)

    def _place(self, columns: int) -> None:
        if columns == self._shown_columns:
            return
        self._shown_columns = columns
        for grid, cards in self._grids:
            while grid.count():
                grid.takeAt(0)
            for i, card in enumerate(cards):
                # A last card that would stand alone takes the whole row: no hole beside it.
                alone = i == len(cards) - 1 and i % columns == 0
                grid.addWidget(card, i // columns, i % columns, 1, columns if alone else 1)
            for column in range(self._columns):
                grid.setColumnStretch(column, 1 if column < columns else 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        room = event.size().width() // max(self.fontMetrics().averageCharWidth() * self._column_characters, 1)
        self._place(max(1, min(self._columns, room)))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and event.key() in (*_NEXT_KEYS, *_PREVIOUS_KEYS):
            radios = [card.radio for card in self._cards]
            step = 1 if event.key() in _NEXT_KEYS else -1
            following = radios[(radios.index(watched) + step) % len(radios)]  # type: ignore[arg-type]
            following.setFocus(Qt.FocusReason.TabFocusReason)
            following.setChecked(True)
            return True
        return super().eventFilter(watched, event)

    def value(self) -> object:
        """The value of the chosen card; `None` if none is."""
        return next((card.choice.value for card in self._cards if card.radio.isChecked()), None)

    def set_value(self, value: object) -> None:
        """Choose the card with this value; an unknown value or `None` clears the choice."""
        self._group.setExclusive(False)
        for card in self._cards:
            same = card.choice.value == value and type(card.choice.value) is type(value)
            card.radio.setChecked(value is not None and same)
        self._group.setExclusive(True)

    def words_of(self, value: object) -> str | None:
        """The words on the card with this value."""
        return next((c.choice.words for c in self._cards if c.choice.value == value and type(c.choice.value) is type(value)), None)

    def find_problem(self) -> Problem | None:
        return self.problem(*self._missing) if self._needed and self.value() is None else None

    def focus_target(self) -> QWidget:
        chosen = next((card.radio for card in self._cards if card.radio.isChecked()), None)
        return chosen or (self._cards[0].radio if self._cards else self)
