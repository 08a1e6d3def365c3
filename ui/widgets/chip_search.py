"""Looks through the chips while one types: four fields, a line that says how many fit, and cards, ten at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QSize, QTimer, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from advisor.chip_cards import KINDS, Found, Query
from ui import wording
from ui.widgets.chip_card import ChipCardView
from ui.widgets.inputs import ListField, NumberField, TextField
from ui.widgets.text import label
from ui.widgets.wrapping_row import WrappingRow

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent

    from advisor.chip_cards.finder import Finder

AT_ONCE: Final = 10
# Long enough that a word is typed through, short enough to feel like typing.
PAUSE_MS: Final = 150
_TWO_COLUMNS_CHARACTERS: Final = 60


class _Fields(QWidget):
    """The fields in two columns, or in one where there is no room."""

    def __init__(self, *fields: QWidget) -> None:
        super().__init__()
        self._fields = fields
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(24)
        self._grid.setVerticalSpacing(12)
        self._columns = 0
        self._place(1)

    def _place(self, columns: int) -> None:
        if columns == self._columns:
            return
        self._columns = columns
        for i, field in enumerate(self._fields):
            self._grid.removeWidget(field)
            self._grid.addWidget(field, i // columns, i % columns)
        for column in range(2):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)

    def minimumSizeHint(self) -> QSize:
        # Two columns must not keep the page from becoming narrow: then there is one.
        return QSize(max(field.minimumSizeHint().width() for field in self._fields), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place(2 if event.size().width() >= self.fontMetrics().averageCharWidth() * _TWO_COLUMNS_CHARACTERS else 1)


class ChipSearch(QWidget):
    """Search and cards. Until `show_chips` it says that the list is being read. `price_wanted` as on a card."""

    price_wanted = Signal(object)

    def __init__(self, locale: str) -> None:
        super().__init__()
        self._locale = locale
        self._finder: Finder | None = None
        self._found = Found((), 0)
        self._cards: list[ChipCardView] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(label("Find a chip", "section"))
        self.about = label("", "hint")
        column.addWidget(self.about)
        self.words = TextField("chips.words", "Name, maker or device", most=100)
        self.kind = ListField("chips.kind", "Kind", ((None, "Any kind"), *KINDS))
        self.memory = NumberField("chips.memory", "Memory, at least", "GB", "Leaves out where nobody tells it.", locale=locale, most=1e5)
        self.price = NumberField("chips.price", "Price to buy, at most", hint="Leaves out what is only rented.", locale=locale)
        fields = (self.words, self.kind, self.memory, self.price)
        column.addWidget(_Fields(*fields))
        self.clear = QPushButton("Clear the search")
        self.clear.setProperty("quiet", "true")
        self.clear.setAutoDefault(True)
        self.clear.clicked.connect(lambda _=False: self._clear())
        self.count = label("We are reading the list…", "strong")
        line = QHBoxLayout()
        line.setSpacing(16)
        line.addWidget(self.count, 1)
        line.addWidget(self.clear)
        column.addLayout(line)
        self.none = label("No chip fits. Take out a word, or ask for less memory or a higher price.")
        column.addWidget(self.none)
        self._list = QVBoxLayout()
        self._list.setSpacing(12)
        column.addLayout(self._list)
        self.more = QPushButton("Show more")
        self.more.setAutoDefault(True)
        self.more.clicked.connect(lambda _=False: self._show_more())
        column.addWidget(WrappingRow(self.more))
        for part in (self.none, self.clear, self.more, self.about):
            part.hide()
        self._pause = QTimer(self, interval=PAUSE_MS, singleShot=True)
        self._pause.timeout.connect(self.look)
        for field in fields:
            field.changed.connect(self._pause.start)

    @property
    def cards(self) -> tuple[ChipCardView, ...]:
        """The cards on screen, from the top."""
        return tuple(self._cards)

    def show_chips(self, finder: Finder, about: str) -> None:
        """Look through these chips from now on; `about` says what the cards are told against."""
        self._finder = finder
        self.price.set_unit(finder.ground.words.currency)
        self.about.setText(about)
        self.about.show()
        self._show_found()

    def look(self) -> None:
        """Look with what stands in the fields, at once, and say how many fit."""
        self._pause.stop()
        if self._finder is not None:
            self._show_found()
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self.words.edit, self.count.text()))

    def query(self) -> Query:
        """What stands in the fields; a number that cannot be read is said beside its field and asks nothing."""
        memory, price = (None if field.check() else field.value() for field in (self.memory, self.price))
        kind = self.kind.value()
        return Query(self.words.value() or "", str(kind) if kind else None, memory, price)

    def _show_found(self) -> None:
        if self._finder is None:
            return
        query = self.query()
        self._found = self._finder.find(query)
        n, of = (wording.number(x, self._locale) for x in (len(self._found.ids), self._found.of))
        self.count.setText(f"{n} chips" if len(self._found.ids) == self._found.of else f"{n} of {of} chips")
        self.none.setVisible(not self._found.ids)
        self.clear.setVisible(query != Query())
        for card in self._cards:
            self._list.removeWidget(card)
            card.hide()
            card.deleteLater()
        self._cards = []
        self._add()

    def _add(self) -> None:
        if self._finder is None:
            return
        start = len(self._cards)
        for id in self._found.ids[start : start + AT_ONCE]:
            card = ChipCardView(self._finder.card(id))
            card.price_wanted.connect(self.price_wanted)
            self._cards.append(card)
            self._list.addWidget(card)
        left = len(self._found.ids) - len(self._cards)
        self.more.setVisible(left > 0)
        self.more.setText(f"Show {min(left, AT_ONCE)} more")

    def _show_more(self) -> None:
        start = len(self._cards)
        self._add()
        # Whoever goes on by key goes on at the first new card, not behind the last one.
        if start < len(self._cards):
            self._cards[start].fold.button.setFocus()

    def _clear(self) -> None:
        self.words.set_value(None)
        self.kind.set_value(None)
        self.memory.set_value(None)
        self.price.set_value(None)
        self.look()
        self.words.edit.setFocus()
