"""Is it about people?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ui import words
from ui.page import Answer, Page
from ui.widgets.choice_cards import Choice, ChoiceCards

if TYPE_CHECKING:
    from ui.outside import Outside


class PeoplePage(Page):
    """Whether people are recognised or judged, and whether the law allows it."""

    id = "people"
    title = "Is it about people?"
    hint = "The law asks more of you if it is. We say what, and when."

    def __init__(self, outside: Outside) -> None:
        super().__init__(outside)
        self.knows = ChoiceCards(
            "rules.identifies_people",
            "Does it recognise who somebody is?",
            words.YES_NO_UNSURE,
            hint="By face, voice or walk.",
            columns=3,
            column_characters=18,
        )
        self.decides = ChoiceCards(
            "rules.decision_about_people",
            "Does it help decide about somebody?",
            words.YES_NO_UNSURE,
            hint="A job, a loan, a price, a place, an entry.",
            columns=3,
            column_characters=18,
        )
        self.basis = ChoiceCards(
            "rules.legal_basis_confirmed",
            "Has somebody confirmed that you may do this?",
            (
                Choice(True, "Yes", "A lawyer or a data protection officer."),
                Choice(False, "Not yet", "We then advise to wait."),
                Choice(words.NOT_SURE, "I’m not sure", "We then take the careful side."),
            ),
        )
        for field in (self.knows, self.decides, self.basis):
            self.body.addWidget(field)
        self.knows.changed.connect(self._ask_basis)
        self.decides.changed.connect(self._ask_basis)

    def _ask_basis(self) -> None:
        self.basis.setVisible(any(f.value() in (True, words.NOT_SURE) for f in (self.knows, self.decides)))
        self.words_changed.emit()

    def show_answers(self) -> None:
        self.knows.set_value(self.session.identifies_people)
        self.decides.set_value(self.session.decision_about_people)
        self.basis.set_value(self.session.legal_basis_confirmed)
        self.basis.setVisible(any(f.value() in (True, words.NOT_SURE) for f in (self.knows, self.decides)))

    def read(self) -> Answer:
        return replace(
            self.session,
            identifies_people=self.knows.value(),  # type: ignore[arg-type]
            decision_about_people=self.decides.value(),  # type: ignore[arg-type]
            legal_basis_confirmed=self.basis.value() if self.basis.isVisibleTo(self) else None,  # type: ignore[arg-type]
        )


PAGE = PeoplePage
