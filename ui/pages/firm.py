"""Where is the firm?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ui import wording, words
from ui.page import Answer, Page
from ui.widgets.inputs import ListField, NumberField, TextField

if TYPE_CHECKING:
    from ui.outside import Outside


class FirmPage(Page):
    """Country, money, name and people."""

    id = "firm"
    title = "Where is your firm?"
    hint = "Prices, wages, electricity and the law differ from country to country."

    def __init__(self, outside: Outside) -> None:
        super().__init__(outside)
        lists = outside.lists()
        loc = outside.locale
        self.country = ListField(
            "business.country",
            "Country",
            ((None, "Choose your country"), *wording.countries(loc, lists.countries)),
            needed="Choose your country.",
        )
        self.currency = ListField("money.currency", "Money", ((None, "The one of the country"), *wording.currencies(loc, lists.currencies)))
        self.name = TextField("business.name", "Name of the firm", "It stands on the report. You may leave it empty.")
        self.people = NumberField("business.people", "People in the firm", "people", locale=loc, least=1, most=100000, whole=True)
        self.skill = ListField("business.it_skill", "Who looks after computers?", words.IT_SKILL)
        for field in (self.country, self.currency, self.name, self.people, self.skill):
            self.body.addWidget(field)
        self.country.changed.connect(self._follow)

    def _follow(self) -> None:
        country = self.country.value()
        if isinstance(country, str):
            self.currency.set_value(wording.currency_of(country))

    def show_answers(self) -> None:
        s = self.session
        # The system's own country is a good first guess; the owner confirms it by going on.
        guess = self.outside.locale.partition("_")[2] or None
        self.country.set_value(s.country or guess)
        self.currency.set_value(s.currency)
        if s.country is None:
            self._follow()
        self.name.set_value(s.firm)
        self.people.set_value(None if s.people is None else float(s.people))
        self.skill.set_value(s.it_skill)

    def read(self) -> Answer:
        people = self.people.value()
        return replace(
            self.session,
            country=self.country.value(),  # type: ignore[arg-type]
            currency=self.currency.value(),  # type: ignore[arg-type]
            firm=self.name.value(),
            people=None if people is None else int(people),
            it_skill=self.skill.value(),  # type: ignore[arg-type]
        )


PAGE = FirmPage
