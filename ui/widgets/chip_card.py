"""One chip on a card: what it is, whether it runs the model, how one gets it, what it burns; figures folded away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout

from advisor.advice import Table
from ui.widgets.details_fold import DetailsFold
from ui.widgets.fact_rows import FactRows
from ui.widgets.text import label
from ui.widgets.text_table import TextTable

if TYPE_CHECKING:
    from advisor.chip_cards import ChipCard, Way
    from ui.widgets.fact_rows import Words

# What stands beside the name, and its tone.
_MARKS: Final = {"yes": ("runs your model", "good"), "converted": ("after converting", "caution"), "no": ("cannot run it", "bad")}


class ChipCardView(QFrame):
    """Draws a `ChipCard`. `price_wanted` carries the names of its prices: the owner has a quote for one of them."""

    price_wanted = Signal(object)

    def __init__(self, card: ChipCard) -> None:
        super().__init__()
        self.card = card
        self.setProperty("card", "true")
        self.setAccessibleName(card.name)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 4)
        column.setSpacing(4)
        top = QHBoxLayout()
        top.setSpacing(12)
        top.addWidget(label(card.name, "section"), 1)
        if card.runs.value in _MARKS:
            words, tone = _MARKS[card.runs.value]
            mark = label(words, "chip")
            mark.setWordWrap(False)
            mark.setProperty("tone", tone)
            top.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
        column.addLayout(top)
        column.addWidget(label(card.what, "hint"))
        column.addSpacing(8)
        if not card.advised:
            column.addWidget(self._not_advised())
            column.addSpacing(8)
        column.addWidget(FactRows(self._rows()))
        column.addSpacing(4)
        names = tuple(way.price_of for way in (*card.to_buy, card.to_rent) if way is not None and way.price_of)
        self.quote = QPushButton("I have a quote for this")
        self.quote.setProperty("quiet", "true")
        self.quote.setAutoDefault(True)
        self.quote.setAccessibleName(f"I have a quote for {card.name}")
        self.quote.clicked.connect(lambda _=False: self.price_wanted.emit(names))
        self.fold = self._details()
        foot = QHBoxLayout()
        foot.addWidget(self.fold, 1)
        foot.addWidget(self.quote, 0, Qt.AlignmentFlag.AlignTop)
        column.addLayout(foot)
        # Only now: without a place in the card it would be a window of its own.
        self.quote.setVisible(bool(names))

    def _not_advised(self) -> QFrame:
        box = QFrame()
        box.setProperty("box", "caution")
        inside = QVBoxLayout(box)
        inside.setContentsMargins(12, 6, 12, 6)
        inside.addWidget(label(f"We do not advise it: {self.card.not_advised}."))
        return box

    def _rows(self) -> list[tuple[str, list[Words]]]:
        card = self.card
        buy = [_told(way) for way in card.to_buy]
        if card.more_to_buy:
            buy.append((f"and {card.more_to_buy} more {'device' if card.more_to_buy == 1 else 'devices'} with it", ""))
        rows = [("Your model", [(card.runs_words, "")])]
        if buy:
            rows.append(("To buy", buy))
        if card.to_rent is not None:
            rows.append(("To rent", [_told(card.to_rent)]))
        if len(rows) == 1:
            rows.append(("How to get it", [("Not sold or rented in our list.", "")]))
        return [*rows, ("Electricity", [(card.power, "")])]

    def _details(self) -> DetailsFold:
        fold = DetailsFold("Details", gap=8)
        fold.button.setAccessibleName(f"Details of {self.card.name}")
        # The same word stands on every card: letters for Alt would run out.
        fold.button.setProperty("repeated", "true")
        filled = False

        def fill(is_open: bool) -> None:
            nonlocal filled
            if is_open and not filled:
                filled = True
                fold.body.addWidget(TextTable(Table("", ("About the chip", "Figure"), self.card.details)))

        fold.button.toggled.connect(fill)
        return fold


def _told(way: Way) -> Words:
    """What and for how much; below it the day and age of the price, and what to mind."""
    aged = f"{way.day[0].upper()}{way.day[1:]}{'' if way.state == 'undated' else f', {way.state}'}." if way.price else ""
    return (f"{way.what}: {way.price or 'no price known'}", " ".join(filter(None, (aged, *way.minds))))
