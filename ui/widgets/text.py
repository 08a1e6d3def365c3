"""Labels that wrap, never guess at rich text, and never cut a word."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QWidget


def label(text: str = "", role: str = "", parent: QWidget | None = None) -> QLabel:
    """A wrapping label with plain text; `role` is its look in the style sheet."""
    made = QLabel(text, parent)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setWordWrap(True)
    policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
    policy.setHeightForWidth(True)
    made.setSizePolicy(policy)
    if role:
        made.setProperty("role", role)
    return made


def listed(mark: str, words: str) -> QWidget:
    """One entry of a list: its mark, and words that wrap beside it."""
    made = QWidget()
    row = QHBoxLayout(made)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(8)
    sign = label(mark)
    sign.setWordWrap(False)
    sign.setMinimumWidth(sign.fontMetrics().horizontalAdvance("0.") + 4)
    row.addWidget(sign, 0, Qt.AlignmentFlag.AlignTop)
    row.addWidget(label(words), 1)
    return made


def line() -> QFrame:
    """A thin line across; decoration only."""
    made = QFrame()
    made.setProperty("line", "true")
    return made


def restyle(widget: QWidget) -> None:
    """Draw a widget anew after one of its style properties changed."""
    widget.style().unpolish(widget)
    widget.style().polish(widget)
    widget.update()
