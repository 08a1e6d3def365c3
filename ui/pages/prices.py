"""Prices from a quote or a bill, in place of ours."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Final

from PySide6.QtWidgets import QFrame, QVBoxLayout

from advisor.need import Quote
from advisor.problems import AdvisorError
from advisor.session import is_tariff
from ui import wording
from ui.page import Answer, Page
from ui.widgets.details_fold import DetailsFold
from ui.widgets.inputs import ListField, NumberField, TextField
from ui.widgets.text import label

if TYPE_CHECKING:
    from advisor.price_list import Price
    from advisor.problems import Problem
    from ui.outside import Outside
    from ui.widgets.field import Field

_PER: Final = (("hour", "an hour"), ("month", "a month"))
_SHORT_UNIT: Final = 14
_KEEP: Final = ((False, "For this plan only"), (True, "For every plan from now on"))


class _Day(TextField):
    """The day of a quote; empty means today."""

    def __init__(self, path: str, outside: Outside) -> None:
        example = wording.short_day(date(2026, 11, 20), outside.locale)
        super().__init__(path, "Day on the quote or bill", f"Such as {example}. Leave it empty for today.", most=20)
        self._outside = outside

    def day(self) -> date | None:
        text = self.value()
        return wording.read_day(text, self._outside.locale) if text else self._outside.now().date()

    def find_problem(self) -> Problem | None:
        day = self.day()
        if day is None:
            return self.problem(f"We could not read “{self.value()}” as a day.", "Type day, month and year, such as 2026-11-20.")
        if day > self._outside.now().date():
            return self.problem("This day is still to come.", "Type the day that stands on the quote or bill.")
        return None


class _Card(QFrame):
    """One price: what it is for, ours with its age, and a field for the owner's."""

    def __init__(self, price: Price, outside: Outside) -> None:
        super().__init__()
        self.price = price
        currency = price.currency
        self.setProperty("card", "true")
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(8)
        loc = outside.locale
        # "a minute of input audio/video" is too long to stand beside a field; it stands in the line above.
        short = not price.is_rent and len(price.unit) <= _SHORT_UNIT
        unit = f"{currency} {_each(price.unit)}" if short else currency
        ours = _ours(price, loc)
        self.amount = NumberField(price.price_of, price.name, unit, ours, locale=loc, more_than_least=True, most=1e9)
        column.addWidget(self.amount)
        self.per: ListField | None = None
        self.term: NumberField | None = None
        if price.is_rent:
            self.per = ListField(f"{price.price_of}.per", "This is for", _PER)
            column.addWidget(self.per)
        more = DetailsFold("More about this price")
        self.day: _Day | None = None
        if not _is_tariff(price):
            self.day = _Day(f"{price.price_of}.seen_on", outside)
            more.body.addWidget(self.day)
        if price.is_rent:
            self.term = NumberField(
                f"{price.price_of}.bound_months", "You are bound for", "months", "Empty if you can stop at any time.",
                locale=loc, least=1, most=120, whole=True,
            )  # fmt: skip
            more.body.addWidget(self.term)
        self.more = more
        self._before = self._typed()
        column.addWidget(more)
        more.setVisible(self.day is not None)

    def show_quote(self, quote: Quote, locale: str) -> None:
        self.amount.set_value(quote.amount)
        if self.per is not None:
            self.per.set_value(quote.per or "hour")
        if self.term is not None:
            self.term.set_value(quote.bound_months)
        if quote.seen_on and self.day is not None:
            self.day.set_value(wording.short_day(date.fromisoformat(quote.seen_on), locale))
        if quote.bound_months:
            self.more.open()
        self._before = self._typed()

    def _typed(self) -> tuple[object, ...]:
        term = self.term.edit.text() if self.term is not None else ""
        day = self.day.edit.text() if self.day is not None else ""
        return self.amount.edit.text(), self.per.value() if self.per is not None else None, term, day

    def is_changed(self) -> bool:
        """Whether the owner typed something else than what stood here."""
        return self._typed() != self._before

    def fields(self) -> list[Field]:
        """What counts: day and term too, once there is an amount, whether they are unfolded or not."""
        found: list[Field] = [self.amount, *([self.per] if self.per is not None else [])]
        if self.amount.edit.text().strip() or self.more.button.isChecked():
            found += [f for f in (self.day, self.term) if f is not None]
        return found

    def open_if_wrong(self) -> None:
        """Unfold what holds a problem."""
        if any(f is not None and f.find_problem() is not None for f in (self.day, self.term)):
            self.more.open()

    def quote(self) -> Quote | None:
        amount = self.amount.value()
        if amount is None:
            return None
        day = self.day.day() if self.day is not None else None
        term = self.term.value() if self.term is not None else None
        return Quote(
            self.price.price_of,
            amount,
            self.price.currency,
            str(self.per.value()) if self.per is not None else None,
            None if term is None else int(term),
            None if day is None else day.isoformat(),
        )


class PricesPage(Page):
    """A card for each price behind the answer, and one for each tariff."""

    id = "prices"
    title = "Do you have a quote or a bill?"
    hint = "Type the price on it, without tax. It counts in place of ours. Leave the others empty."
    main_words = "Work out the answer again"

    def __init__(self, outside: Outside) -> None:
        super().__init__(outside)
        self._cards: list[_Card] = []
        self._asked_for: tuple[str, ...] = ()
        self._was_kept = False
        self.gone = label("", "problem")
        self.body.addWidget(self.gone)
        self._titles = [label("Prices behind your answer", "section"), label("What you pay for anyway", "section")]
        self._lists = [QVBoxLayout(), QVBoxLayout()]
        for title, part in zip(self._titles, self._lists, strict=True):
            part.setSpacing(12)
            self.body.addWidget(title)
            self.body.addLayout(part)
        self.keep = ListField("keep", "Your prices count", _KEEP)
        self.body.addWidget(self.keep)

    def ask_for(self, names: tuple[str, ...]) -> None:
        self._asked_for = names

    def leave(self) -> None:
        self._asked_for = ()

    def show_answers(self) -> None:
        for card in self._cards:
            card.hide()
            card.setParent(None)
            card.deleteLater()
        prices = self.outside.prices(self.session, self._asked_for)
        self._cards = [_Card(p, self.outside) for p in prices]
        typed = {q.price_of: q for q in reversed(self.session.quotes)}
        for card in self._cards:
            self._lists[_is_tariff(card.price)].addWidget(card)
            quote = typed.get(card.price.price_of)
            # An amount in another currency is not ours to change; it is asked again.
            if quote is not None and quote.currency == card.price.currency:
                card.show_quote(quote, self.outside.locale)
        shown = {p.price_of for p in prices}
        gone = [q.price_of.partition(":")[2] or q.price_of for q in self.session.quotes if q.price_of not in shown and not is_tariff(q)]
        self.gone.setText(f"Our list no longer holds {', '.join(gone)}. Your price for it is left out from now on." if gone else "")
        self.gone.setVisible(bool(gone))
        for title, tariffs in zip(self._titles, (False, True), strict=True):
            title.setVisible(any(_is_tariff(c.price) == tariffs for c in self._cards))
        kept = self.outside.store.prices()
        self._was_kept = bool(kept) and set(kept) <= set(self.session.quotes)
        self.keep.set_value(self._was_kept)

    def fields(self) -> list[Field]:
        return [*(f for card in self._cards for f in card.fields()), self.keep]

    def answer(self) -> Answer:
        found = super().answer()
        if isinstance(found, tuple):
            for card in self._cards:
                card.open_if_wrong()
        return found

    def read(self) -> Answer:
        cards = {c.price.price_of: c for c in self._cards}
        changed = {name for name, c in cards.items() if c.is_changed()}
        # What was not touched stays to the last digit, in whatever currency; a tariff in another one cannot count.
        kept = [q for q in self.session.quotes if q.price_of not in changed and self._may_stay(q, cards.get(q.price_of))]
        typed = [q for c in self._cards if c.price.price_of in changed and (q := c.quote()) is not None]
        quotes = (*kept, *typed)
        # A price says of which currency it is; so must the plan that it counts in.
        currency = self.session.currency or (typed[0].currency if typed else None)
        return replace(self.session, quotes=quotes, currency=currency)

    @staticmethod
    def _may_stay(quote: Quote, card: _Card | None) -> bool:
        if card is None:
            return is_tariff(quote)
        return not is_tariff(quote) or quote.currency in (None, card.price.currency)

    def press_main(self) -> bool:
        found = self.answer()
        if isinstance(found, tuple):
            return False
        kept, shown = self.outside.store.prices(), {c.price.price_of for c in self._cards}
        others = tuple(q for q in kept if q.price_of not in shown)
        new = {q.price_of for q in found.quotes}
        wanted = kept
        if self.keep.value():
            wanted = (*found.quotes, *(q for q in others if q.price_of not in new))
        elif self._was_kept:
            wanted = others
        if wanted != kept:
            try:
                self.outside.store.keep_prices(wanted)
            except AdvisorError as error:
                self.problems_found.emit(error.problems)
                return True
        return False


def _is_tariff(price: Price) -> bool:
    return is_tariff(Quote(price.price_of, 1.0))


def _each(unit: str) -> str:
    """What a price is for: "a piece", "an hour", "for 1000 pages"."""
    if unit[0].isdigit():
        return f"for {unit}"
    return f"an {unit}" if unit.startswith(("a", "e", "i", "o", "hour")) else f"a {unit}"


def _ours(price: Price, locale: str) -> str:
    """Our price with its day and age."""
    if price.amount is None:
        return "We have no price for it."
    amount = wording.price(price.amount, price.currency, locale)
    amount = f"{amount} {_each(price.unit)}"
    if price.as_of is None:
        return f"Ours: {amount}, a price without a date."
    return f"Ours: {amount}, of {wording.loose_day(price.as_of, locale)}, {price.age}."


PAGE = PricesPage
