"""First page: begin anew, or go on with saved answers."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final

from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from advisor.problems import AdvisorError
from advisor.session import ENDING, load
from ui import wording
from ui.page import Page
from ui.widgets.text import label, listed

if TYPE_CHECKING:
    from pathlib import Path

    from advisor.store import Saved
    from ui.outside import Outside


_STEPS: Final = (
    "You answer a few questions about your work. Rough numbers will do.",
    "If you have a model, we time it on this computer.",
    "You get a clear answer and a report to keep or print.",
)


class StartPage(Page):
    """New, open, or one of the recent ones."""

    id = "start"
    title = "Where should your AI run?"
    hint = "In your building, rented, or a mix? You get a plain answer with costs, made for your firm."
    main_words = "Start a new plan"

    def __init__(self, outside: Outside) -> None:
        super().__init__(outside)
        how = QFrame()
        how.setProperty("card", "true")
        steps = QVBoxLayout(how)
        steps.setContentsMargins(16, 12, 16, 16)
        steps.setSpacing(8)
        steps.addWidget(label("How it goes", "section"))
        for i, words in enumerate(_STEPS, start=1):
            steps.addWidget(listed(f"{i}.", words))
        self.body.addWidget(how)
        self._recent = QVBoxLayout()
        self._recent.setSpacing(8)
        self._recent_title = label("Go on with a saved plan", "section")
        self.body.addWidget(self._recent_title)
        self.body.addLayout(self._recent)
        self._other = QPushButton("Open another saved plan…")
        self._other.setAutoDefault(True)
        self._other.clicked.connect(lambda _=False: self._pick())
        row = QHBoxLayout()
        row.addWidget(self._other)
        row.addStretch(1)
        self.body.addLayout(row)
        self.body.addWidget(label("No account. Works without internet. Your model and your answers stay on this computer.", "small"))
        self._lines: list[QWidget] = []

    def show_answers(self) -> None:
        for line in self._lines:
            self._recent.removeWidget(line)
            line.deleteLater()
        saved = self.outside.store.recent()
        self._lines = [self._line(one) for one in saved]
        for line in self._lines:
            self._recent.addWidget(line)
        self._recent_title.setVisible(bool(saved))

    def _line(self, saved: Saved) -> QWidget:
        card = QFrame()
        card.setProperty("card", "true")
        row = QHBoxLayout(card)
        row.setContentsMargins(16, 8, 12, 8)
        text = QVBoxLayout()
        text.setSpacing(0)
        when = wording.day(datetime.fromtimestamp(saved.saved_at).astimezone(), self.outside.locale)
        text.addWidget(label(saved.name, "strong"))
        text.addWidget(label(f"Saved on {when}", "hint"))
        row.addLayout(text, 1)
        button = QPushButton("Open")
        button.setAutoDefault(True)
        button.setAccessibleName(f"Open {saved.name}, saved on {when}")
        button.clicked.connect(lambda _=False: self._open(saved.path))
        row.addWidget(button)
        return card

    def _pick(self) -> None:
        path = self.outside.pick_file(self, "Open a saved plan", f"Saved plans (*{ENDING})")
        if path is not None:
            self._open(path)

    def _open(self, path: Path) -> None:
        try:
            session = load(path)
        except AdvisorError as error:
            self.problems_found.emit(error.problems)
            return
        self.opened.emit(session, path)

    def first_focus(self) -> QWidget | None:
        return None


PAGE = StartPage
