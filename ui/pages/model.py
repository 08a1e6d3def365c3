"""Which model is it?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ui import words
from ui.page import Answer, Page
from ui.widgets.choice_cards import ChoiceCards
from ui.widgets.text import label

if TYPE_CHECKING:
    from ui.outside import Outside


class ModelPage(Page):
    """A file, none yet, a service, or a size."""

    id = "model"
    title = "Do you have an AI model already?"
    hint = "A model is the trained part that gives the answers. Most firms do not have one yet."

    def __init__(self, outside: Outside) -> None:
        super().__init__(outside)
        self.choice = ChoiceCards("job.model", "", words.MODELS)
        self.note = label("", "hint")
        self.body.addWidget(self.choice)
        self.body.addWidget(self.note)
        self.choice.changed.connect(self._explain)

    def show_answers(self) -> None:
        self.choice.set_value(self.session.model_choice)
        self._explain()

    def _explain(self) -> None:
        sample = self.outside.sample(self.session.task or "other")
        self.note.setText(f"For your kind of work we would reckon with: {sample.model}." if self.choice.value() == "none" else "")
        self.note.setVisible(bool(self.note.text()))

    def read(self) -> Answer:
        choice = self.choice.value()
        reference = self.outside.sample(self.session.task or "other").id if choice == "none" else None
        return replace(self.session, model_choice=choice, reference=reference)  # type: ignore[arg-type]


PAGE = ModelPage
