"""What should the AI do?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ui import words
from ui.page import Answer, Page
from ui.widgets.choice_cards import ChoiceCards

if TYPE_CHECKING:
    from ui.outside import Outside


class TaskPage(Page):
    """The kind of work, as cards."""

    id = "task"
    title = "What should the AI do for you?"
    hint = "Choose the nearest. The kind of work decides how strong a computer must be."

    def __init__(self, outside: Outside) -> None:
        super().__init__(outside)
        self.choice = ChoiceCards(
            "job.task", "", groups=words.TASKS, columns=2, missing=("No kind of work is chosen yet.", "Choose the nearest.")
        )
        self.body.addWidget(self.choice)

    def show_answers(self) -> None:
        self.choice.set_value(self.session.task)

    def read(self) -> Answer:
        task = str(self.choice.value())
        if task == self.session.task:
            return self.session
        # Figures that belonged to another kind of work would mislead.
        cleared = replace(
            self.session, unit=None, units_per_day=None, busiest_hour_units=None, input_kb_per_unit=None, reference=None, service=None,
            done=tuple(p for p in self.session.done if p not in ("volume", "model_service")),
        ) if self.session.task else self.session  # fmt: skip
        return replace(cleared, task=task)


PAGE = TaskPage
