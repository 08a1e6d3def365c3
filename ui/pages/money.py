"""How much may it cost?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ui import words
from ui.page import Answer, Page
from ui.widgets.inputs import ListField, NumberField

if TYPE_CHECKING:
    from ui.outside import Outside


class MoneyPage(Page):
    """Limits, the years we reckon with, and what counts most."""

    id = "money"
    title = "What may it cost?"
    hint = "Leave a field empty if there is no limit."

    def __init__(self, outside: Outside) -> None:
        super().__init__(outside)
        loc = outside.locale
        self.upfront = NumberField("money.upfront_max", "To buy, at most", locale=loc)
        self.monthly = NumberField("money.monthly_max", "Each month, at most", locale=loc)
        self.years = NumberField(
            "money.horizon_years",
            "Years to reckon with",
            "years",
            "Leave it empty for 3, the usual life of a small computer.",
            locale=loc,
            least=0.25,
            most=15,
        )
        self.prefer = ListField("prefer", "What counts most for you?", words.PREFER, "We judge the ways by it.")
        for field in (self.upfront, self.monthly, self.years, self.prefer):
            self.body.addWidget(field)

    def show_answers(self) -> None:
        s = self.session
        for field in (self.upfront, self.monthly):
            field.set_unit(s.currency or "")
        self.upfront.set_value(s.upfront_max)
        self.monthly.set_value(s.monthly_max)
        self.years.set_value(s.horizon_years)
        self.prefer.set_value(s.prefer)

    def read(self) -> Answer:
        return replace(
            self.session,
            upfront_max=self.upfront.value(),
            monthly_max=self.monthly.value(),
            horizon_years=self.years.value(),
            prefer=self.prefer.value(),  # type: ignore[arg-type]
        )


PAGE = MoneyPage
