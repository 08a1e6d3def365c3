"""How much may it cost?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ui import words
from ui.page import Answer, Page
from ui.widgets.details_fold import DetailsFold
from ui.widgets.inputs import ListField, NumberField

if TYPE_CHECKING:
    from ui.outside import Outside


class MoneyPage(Page):
    """Limits, the years we reckon with, what counts most; in the fold what only the owner can tell of the bill."""

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
        self.more = DetailsFold("More about the bill")
        self.tax = ListField("money.with_tax", "With tax?", words.TAX, "Firms mostly get it back.")
        self.lost = NumberField(
            "money.lost_hour", "What an hour without it costs you", hint="Empty: we show the hours, not the money.", locale=loc, most=1e9
        )
        self.down = NumberField(
            "site.line_down_hours_per_year",
            "Hours a year your internet is down",
            "hours",
            "Empty: we take the figure of a survey.",
            locale=loc,
            most=8760,
        )
        self.again = NumberField(
            "job.retrainings_per_year", "Times a year the model is trained again", "times", "Empty: we leave it out.", locale=loc, most=366
        )
        self.labels = NumberField(
            "job.labels_per_retraining", "Examples your people mark each time", "examples", "Empty: none.", locale=loc, most=1e8
        )
        self.people = NumberField(
            "job.people_using",
            "People who work with it",
            "people",
            "They have to learn it. Empty: we take 2.",
            locale=loc,
            most=1e5,
            whole=True,
        )
        self.fittings = NumberField(
            "money.fittings_per_site", "Cameras, cables and case, for each place", hint="Empty: we leave them out.", locale=loc, most=1e9
        )
        self.firm = NumberField(
            "money.it_firm_per_month", "An IT firm, each month for one machine", hint="Empty: your own people do it.", locale=loc, most=1e9
        )
        self.care = ListField("money.care_contract", "A care contract for what you buy?", words.CARE)
        self.line = NumberField(
            "money.second_line_per_month", "A second internet line, each month", hint="Empty: you take none.", locale=loc, most=1e9
        )
        self.discount = NumberField(
            "money.discount_percent", "Later payments weigh less, each year", "%", "Empty: they weigh the same.", locale=loc, most=100
        )
        for field in self._folded():
            self.more.body.addWidget(field)
        self.body.addWidget(self.more)

    def _folded(self) -> tuple[NumberField | ListField, ...]:
        return (
            self.tax, self.lost, self.down, self.again, self.labels, self.people, self.fittings, self.firm, self.care, self.line,
            self.discount,
        )  # fmt: skip

    def show_answers(self) -> None:
        s = self.session
        for field in (self.upfront, self.monthly, self.lost, self.fittings, self.firm, self.line):
            field.set_unit(s.currency or "")
        self.upfront.set_value(s.upfront_max)
        self.monthly.set_value(s.monthly_max)
        self.years.set_value(s.horizon_years)
        self.prefer.set_value(s.prefer)
        self.tax.set_value(s.with_tax)
        self.lost.set_value(s.lost_hour)
        self.down.set_value(s.line_down_hours_per_year)
        self.again.set_value(s.retrainings_per_year)
        self.labels.set_value(s.labels_per_retraining)
        self.people.set_value(s.people_using)
        self.fittings.set_value(s.fittings_per_site)
        self.firm.set_value(s.it_firm_per_month)
        self.care.set_value(s.care_contract)
        self.line.set_value(s.second_line_per_month)
        self.discount.set_value(s.discount_percent)
        if any(field.value() is not None for field in self._folded()):
            self.more.open()

    def read(self) -> Answer:
        people = self.people.value()
        return replace(
            self.session,
            upfront_max=self.upfront.value(),
            monthly_max=self.monthly.value(),
            horizon_years=self.years.value(),
            prefer=self.prefer.value(),  # type: ignore[arg-type]
            with_tax=self.tax.value(),  # type: ignore[arg-type]
            lost_hour=self.lost.value(),
            line_down_hours_per_year=self.down.value(),
            retrainings_per_year=self.again.value(),
            labels_per_retraining=self.labels.value(),
            people_using=None if people is None else int(people),
            fittings_per_site=self.fittings.value(),
            it_firm_per_month=self.firm.value(),
            care_contract=self.care.value(),  # type: ignore[arg-type]
            second_line_per_month=self.line.value(),
            discount_percent=self.discount.value(),
        )


PAGE = MoneyPage
