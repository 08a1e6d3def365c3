"""Which catalog counts, how old it is, what is in it, and where its figures come from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout

from advisor.advice import Table
from advisor.catalog_updates import telling
from ui import wording
from ui.widgets.details_fold import DetailsFold
from ui.widgets.text import label, listed, restyle
from ui.widgets.text_table import TextTable
from ui.widgets.wrapping_row import WrappingRow

if TYPE_CHECKING:
    from advisor.catalog_check import PriceAge
    from advisor.catalog_updates.standing import Standing

# The kinds of price that advice rests on most.
_KINDS: Final = {"device": "devices", "rented, small cloud": "small clouds", "rented, large cloud": "large clouds"}
_PRICES: Final = {
    "rented, large cloud": "Machines of large clouds",
    "rented, small cloud": "Machines of small clouds",
    "spot": "Machines that may be taken away",
    "hosted service": "Online services",
    "function": "Programs paid by the call",
    "data out": "Sending data out",
    "device": "Devices to buy",
    "electricity": "Electricity",
    "exchange rate": "Exchange rates",
}
_STATES: Final = ("fresh", "ageing", "stale", "undated")


class CatalogHead(QFrame):
    """The card at the top. `load_wanted` and `back_wanted` are its two buttons."""

    load_wanted = Signal()
    back_wanted = Signal()

    def __init__(self, locale: str) -> None:
        super().__init__()
        self._locale = locale
        self.setProperty("card", "true")
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 4)
        column.setSpacing(8)
        top = QHBoxLayout()
        top.setSpacing(12)
        self.name = label("The catalog", "section")
        self.state = label("", "chip")
        self.state.setWordWrap(False)
        top.addWidget(self.name, 1)
        top.addWidget(self.state, 0, Qt.AlignmentFlag.AlignTop)
        column.addLayout(top)
        self.holds = label("We are reading it…")
        self.older = label("", "hint")
        self.passed_over = label("", "problem")
        for part in (self.holds, self.older, self.passed_over):
            column.addWidget(part)
        self.load = QPushButton("Load an update…")
        self.back = QPushButton("Go back to the catalog before")
        for button, signal in ((self.load, self.load_wanted), (self.back, self.back_wanted)):
            button.setAutoDefault(True)
            button.clicked.connect(lambda _=False, signal=signal: signal.emit())
        self.buttons = WrappingRow(self.load, self.back)
        column.addWidget(self.buttons)
        self._folds = QVBoxLayout()
        self._folds.setSpacing(0)
        column.addLayout(self._folds)
        self._made: list[DetailsFold] = []
        for part in (self.state, self.older, self.passed_over, self.back):
            part.hide()

    def show_standing(self, standing: Standing) -> None:
        """Draw how things stand."""
        self.name.setText(f"Catalog of {telling.in_words(standing.day)}")
        self.state.setText(standing.state)
        self.state.setProperty("tone", "good" if standing.state == "fresh" else "caution")
        restyle(self.state)
        self.state.show()
        self.holds.setText(f"{_age(standing.days)} It holds {self._counts(standing)}.")
        old = _old(standing)
        self.older.setText(old)
        self.older.setVisible(bool(old))
        self.passed_over.setText(telling.passed_over(standing.passed_over) if standing.passed_over else "")
        self.passed_over.setVisible(bool(standing.passed_over))
        self.back.setVisible(standing.before is not None)
        if standing.before is not None:
            self.back.setAccessibleDescription(f"That is the catalog of {telling.in_words(standing.before[1])}.")
        self._fold_away(standing)

    def can_change(self, can: bool) -> None:
        """Whether the two buttons may be pressed; not while something is under way."""
        self.load.setEnabled(can)
        self.back.setEnabled(can)

    def _counts(self, s: Standing) -> str:
        number = [wording.number(n, self._locale) for n in (s.chips, s.devices, s.offers, s.hosted)]
        return f"{number[0]} chips, {number[1]} devices to buy, {number[2]} offers to rent and {number[3]} prices of online services"

    def _fold_away(self, s: Standing) -> None:
        for fold in self._made:
            self._folds.removeWidget(fold)
            fold.hide()
            fold.deleteLater()
        self._made = []
        if s.ages:
            self._fold("How old the prices are").body.addWidget(TextTable(self._ages(s)))
        if s.sources:
            self._fold("Where the figures come from").body.addWidget(TextTable(self._sources(s)))
        if s.left_out:
            fold = self._fold("Rows we left out")
            fold.body.addWidget(label("These rows do not hold what their table promises. We give no advice on them."))
            for file, count in s.left_out:
                fold.body.addWidget(listed("•", f"{wording.number(count, self._locale)} of {file}"))

    def _fold(self, words: str) -> DetailsFold:
        fold = DetailsFold(words, gap=8)
        self._made.append(fold)
        self._folds.addWidget(fold)
        return fold

    def _ages(self, s: Standing) -> Table:
        def row(a: PriceAge) -> tuple[str, ...]:
            counts = (a.rows, *(a.states.get(state, 0) for state in _STATES))
            return (_PRICES.get(a.kind, a.kind), *(wording.number(n, self._locale) for n in counts), _days(a.oldest, a.newest))

        return Table("", ("Prices", "All", "Fresh", "Ageing", "Stale", "No day", "Days"), tuple(row(a) for a in s.ages), (1, 2, 3, 4, 5))

    def _sources(self, s: Standing) -> Table:
        rows = tuple((f"{f.title}, {f.address}" if f.address else f.title, f.licence, _days(f.first, f.last)) for f in s.sources)
        return Table("", ("Source", "Licence", "Days"), rows)


def _days(first: str, last: str) -> str:
    return first if first == last or not last else f"{first} to {last}"


def _age(days: int | None) -> str:
    if days is None:
        return "It does not say of which day it is."
    if days < 0:
        return "It is of a day to come: check the clock of this computer."
    return "It was made today." if days == 0 else "It was made yesterday." if days == 1 else f"It is {days} days old."


def _old(s: Standing) -> str:
    """Kinds of price of which many are stale, as the day of the catalog does not tell it."""
    told = [
        f"{stale} of {a.rows} prices of {_KINDS[a.kind]}"
        for a in s.ages
        if a.kind in _KINDS and (stale := a.states.get("stale", 0)) * 4 > a.rows
    ]
    return f"Some prices in it are older: {' and '.join(told)} are stale. There we reckon with wider ranges." if told else ""
