"""Labels that wrap, never guess at rich text, and never cut a word."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel, QSizePolicy, QWidget


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
