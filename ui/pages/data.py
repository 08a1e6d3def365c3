"""What is in the data, and where may it go?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ui import words
from ui.page import Answer, Page
from ui.widgets.choice_cards import ChoiceCards

if TYPE_CHECKING:
    from ui.outside import Outside


class DataPage(Page):
    """How sensitive, and where it may be worked on."""

    id = "data"
    title = "What is in your data?"
    hint = "This is a hard rule for us: no saving can buy it back."

    def __init__(self, outside: Outside) -> None:
        super().__init__(outside)
        self.kind = ChoiceCards("rules.data", "What would a stranger learn from it?", words.DATA, columns=2)
        self.stay = ChoiceCards("rules.data_must_stay", "Where may it be worked on?", words.STAY, columns=2)
        self.body.addWidget(self.kind)
        self.body.addSpacing(8)
        self.body.addWidget(self.stay)

    def show_answers(self) -> None:
        self.kind.set_value(self.session.data)
        self.stay.set_value(self.session.data_must_stay)

    def read(self) -> Answer:
        return replace(self.session, data=self.kind.value(), data_must_stay=self.stay.value())  # type: ignore[arg-type]


PAGE = DataPage
