"""What about a bad day?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ui import words
from ui.page import Answer, Page
from ui.widgets.choice_cards import ChoiceCards

if TYPE_CHECKING:
    from ui.outside import Outside


class BadDaysPage(Page):
    """How long it may stand still, and whether it must run without internet."""

    id = "bad_days"
    title = "What if it stops working?"
    hint = "Every computer and every line fails now and then. How long could you wait for the repair?"

    def __init__(self, outside: Outside) -> None:
        super().__init__(outside)
        self.outage = ChoiceCards("rules.longest_outage_minutes", "It may stand still for at most", words.OUTAGES, columns=2)
        self.offline = ChoiceCards(
            "rules.must_work_without_internet",
            "Must it go on when the internet is down?",
            words.YES_NO_UNSURE,
            columns=3,
            column_characters=18,
        )
        self.body.addWidget(self.outage)
        self.body.addSpacing(8)
        self.body.addWidget(self.offline)

    def show_answers(self) -> None:
        self.outage.set_value(self.session.longest_outage_minutes)
        self.offline.set_value(self.session.must_work_without_internet)

    def read(self) -> Answer:
        return replace(
            self.session,
            longest_outage_minutes=self.outage.value(),  # type: ignore[arg-type]
            must_work_without_internet=self.offline.value(),  # type: ignore[arg-type]
        )


PAGE = BadDaysPage
