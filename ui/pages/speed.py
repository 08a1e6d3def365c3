"""How quickly must an answer come back?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ui import words
from ui.page import Answer, Page
from ui.widgets.choice_cards import ChoiceCards

if TYPE_CHECKING:
    from ui.outside import Outside


class SpeedPage(Page):
    """The limit for the slowest answers."""

    id = "speed"
    title = "How quickly must an answer come back?"
    hint = "Think of the slowest answer your customers or staff would still accept."

    def __init__(self, outside: Outside) -> None:
        super().__init__(outside)
        self.choice = ChoiceCards("speed.limit_ms", "", words.SPEEDS)
        self.body.addWidget(self.choice)

    def show_answers(self) -> None:
        self.choice.set_value(self.session.limit_ms)

    def read(self) -> Answer:
        limit = self.choice.value()
        # A chat is fast when its first word is; a heap is fast when its last piece is done.
        of = "batch" if limit == words.BATCH_LIMIT_MS else "first-word" if self.session.task == "chat" else "answer"
        return replace(self.session, limit_ms=limit, speed_of=None if limit == words.NOT_SURE else of)  # type: ignore[arg-type]


PAGE = SpeedPage
