"""The box at the top that says what is still wrong and leads to the fields."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QApplication, QFrame, QPushButton, QVBoxLayout

from ui.widgets.text import label

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from advisor.problems import Problem


class ProblemSummary(QFrame):
    """Titled "There is a problem"; each line is a button that moves to its field.

    Where something failed (and not just an answer is missing), a last button copies the details for whoever helps;
    `background` adds what is known besides, such as versions and the end of the log.
    """

    picked = Signal(str)

    def __init__(self, background: Callable[[], str] = str) -> None:
        super().__init__()
        self._background = background
        self.setProperty("box", "problem")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(16, 12, 16, 12)
        self._column.setSpacing(4)
        self._column.addWidget(label("There is a problem", "section"))
        self._lines: list[QFrame] = []
        self.hide()

    def say(self, problems: Sequence[Problem], linked: Sequence[str]) -> None:
        """Show these problems; those whose field is in `linked` get a button that leads there."""
        self.clear()
        for problem in problems:
            line = QFrame()
            row = QVBoxLayout(line)
            row.setContentsMargins(0, 0, 0, 0)
            row.setSpacing(0)
            row.addWidget(label(problem.sentence()))
            if problem.field in linked:
                button = QPushButton("Go to this answer")
                button.setProperty("quiet", "true")
                button.setAutoDefault(True)
                button.setAccessibleDescription(problem.sentence())
                button.clicked.connect(lambda _=False, path=problem.field: self.picked.emit(path))
                row.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
            self._column.addWidget(line)
            self._lines.append(line)
        failures = [p for p in problems if p.field not in linked]
        if failures:
            self._column.addWidget(self._copier(failures))
        self.setAccessibleName("There is a problem. " + " ".join(p.sentence() for p in problems))
        self.setVisible(bool(problems))

    def _copier(self, failures: Sequence[Problem]) -> QFrame:
        line = QFrame()
        row = QVBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        button = QPushButton("Copy details")
        button.setProperty("quiet", "true")
        button.setAutoDefault(True)
        button.setAccessibleDescription("Copies what happened, for whoever helps you.")
        told = [f"{p.code} {p.field}".strip() + f": {p.sentence()}" for p in failures]
        button.clicked.connect(lambda _=False: QApplication.clipboard().setText("\n".join([*told, self._background()]).strip()))
        row.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        self._lines.append(line)
        return line

    def clear(self) -> None:
        """Take all lines out and hide the box."""
        for line in self._lines:
            self._column.removeWidget(line)
            line.deleteLater()
        self._lines = []
        self.hide()
