"""How big is the model?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ui.page import Answer, Page
from ui.widgets.inputs import NumberField
from ui.widgets.text import label

if TYPE_CHECKING:
    from ui.outside import Outside

_TEXT_TASKS = ("chat",)
# A page of text in the prompt and a short paragraph as the answer; 4 tokens are about 3 words.
_PROMPT_WORDS, _ANSWER_WORDS, _TOKENS_PER_WORD = 400.0, 120.0, 4 / 3


class ModelSizePage(Page):
    """Weights, and for a text model the length of questions and answers."""

    id = "model_size"
    title = "How big is your model?"
    hint = "The size decides how fast it runs and how much memory it needs. Whoever trained it can tell you."

    def __init__(self, outside: Outside) -> None:
        super().__init__(outside)
        loc = outside.locale
        self.millions = NumberField(
            "job.model.features.params_millions",
            "Number of weights",
            "million",
            "Also called parameters.",
            locale=loc,
            more_than_least=True,
            needed=True,
            most=1e7,
        )
        self.gmacs = NumberField(
            "job.model.features.gmacs",
            "Work for one answer, if you know it",
            "GMACs",
            "Leave it empty if you do not know.",
            locale=loc,
            more_than_least=True,
            most=1e9,
        )
        self.billions = NumberField(
            "job.model.text_model.params_billions",
            "Number of weights",
            "billion",
            "It often stands in the name: “8B” means 8 billion.",
            locale=loc,
            more_than_least=True,
            needed=True,
            most=1e5,
        )
        self.prompt = NumberField(
            "job.model.text_model.prompt_tokens",
            "Words in one question",
            "words",
            "With any text that is sent along.",
            locale=loc,
            least=1,
            most=1e7,
        )
        self.output = NumberField("job.model.text_model.output_tokens", "Words in one answer", "words", locale=loc, least=1, most=1e7)
        for field in (self.millions, self.gmacs, self.billions, self.prompt, self.output):
            self.body.addWidget(field)
        self.note = label("Leave the words empty and we take a page for the question and a paragraph for the answer.", "hint")
        self.body.addWidget(self.note)

    @property
    def _is_text(self) -> bool:
        return self.session.task in _TEXT_TASKS

    def show_answers(self) -> None:
        for field in (self.billions, self.prompt, self.output, self.note):
            field.setVisible(self._is_text)
        for field in (self.millions, self.gmacs):
            field.setVisible(not self._is_text)
        s = self.session
        self.millions.set_value(s.params_millions)
        self.gmacs.set_value(s.gmacs)
        self.billions.set_value(s.params_billions)
        self.prompt.set_value(None if s.prompt_tokens is None else float(round(s.prompt_tokens / _TOKENS_PER_WORD)))
        self.output.set_value(None if s.output_tokens is None else float(round(s.output_tokens / _TOKENS_PER_WORD)))

    def read(self) -> Answer:
        if self._is_text:
            prompt, output = self.prompt.value() or _PROMPT_WORDS, self.output.value() or _ANSWER_WORDS
            return replace(
                self.session,
                params_billions=self.billions.value(),
                prompt_tokens=round(prompt * _TOKENS_PER_WORD),
                output_tokens=round(output * _TOKENS_PER_WORD),
                params_millions=None,
                gmacs=None,
            )
        return replace(
            self.session,
            params_millions=self.millions.value(),
            gmacs=self.gmacs.value(),
            params_billions=None,
            prompt_tokens=None,
            output_tokens=None,
        )


PAGE = ModelSizePage
