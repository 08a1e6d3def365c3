"""A question's part on a page: label, hint, control, and the words of what is wrong."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from advisor.problems import Problem
from ui.widgets.text import label, restyle


class Field(QWidget):
    """One input with its label. `path` is the dotted path of the need it fills; its problems carry that path."""

    changed = Signal()

    def __init__(self, path: str, words: str = "", hint: str = "") -> None:
        super().__init__()
        self.path = path
        self.words = words
        self.hint = hint
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(4)
        self.label = label(words, "strong")
        self.hint_label = label(hint, "hint")
        self.problem_label = label("", "problem")
        # In the layout first: a widget without a parent that is shown is a window of its own and takes the focus.
        for part in (self.label, self.hint_label, self.problem_label):
            self.column.addWidget(part)
            part.setVisible(bool(part.text()))

    def set_hint(self, hint: str) -> None:
        """Put another sentence under the label."""
        self.hint = hint
        self.hint_label.setText(hint)
        self.hint_label.setVisible(bool(hint))

    def check(self) -> Problem | None:
        """What is wrong with the answer, also said beside the field; `None` if nothing is."""
        found = self.find_problem()
        self.show_problem(found)
        return found

    def find_problem(self) -> Problem | None:
        """What is wrong with the answer."""
        return None

    def show_problem(self, problem: Problem | None) -> None:
        """Say the problem beside the field, or clear it."""
        self.problem_label.setText(problem.sentence() if problem else "")
        self.problem_label.setVisible(problem is not None)
        target = self.focus_target()
        if target.property("wrong") != (wrong := "true" if problem else "false"):
            target.setProperty("wrong", wrong)
            restyle(target)

    def focus_target(self) -> QWidget:
        """The widget that takes the focus for this field."""
        return self

    def problem(self, what: str, do: str) -> Problem:
        """A problem of this field in the owner's words."""
        return Problem("BAD_FIELD", self.path, what, "", do)
