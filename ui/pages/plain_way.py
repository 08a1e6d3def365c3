"""Could something simpler do the job?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ui.page import Answer, Page
from ui.widgets.choice_cards import Choice, ChoiceCards
from ui.words import NOT_SURE

if TYPE_CHECKING:
    from ui.outside import Outside


class PlainWayPage(Page):
    """Whether a rule, a list or a person would do."""

    id = "plain_way"
    title = "Could something simpler do it?"
    hint = "A list, a fixed rule or a sensor often costs less than AI and never guesses. We would tell you so."

    def __init__(self, outside: Outside) -> None:
        super().__init__(outside)
        self.choice = ChoiceCards(
            "quality.simple_rule_could_do",
            "",
            (
                Choice(False, "No, it takes judgement", "Every case looks a little different."),
                Choice(True, "Yes, a rule or a list could do most of it", "For example: a key card instead of a face."),
                Choice(NOT_SURE, "I’m not sure", "We go on and mention it."),
            ),
        )
        self.body.addWidget(self.choice)

    def show_answers(self) -> None:
        self.choice.set_value(self.session.simple_rule_could_do)

    def read(self) -> Answer:
        return replace(self.session, simple_rule_could_do=self.choice.value())  # type: ignore[arg-type]


PAGE = PlainWayPage
