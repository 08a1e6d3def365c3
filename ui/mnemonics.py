"""Alt and a letter for every button and label of a page, each letter once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QLabel, QPushButton

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget


def assign(main: QPushButton, back: QPushButton, save: QPushButton, page: QWidget) -> None:
    """Give letters: the bar first, then labels with a buddy and buttons in reading order, while letters last."""
    taken: set[str] = set()
    for button in (main, back, save):
        _mark(button, taken)
    for widget in page.findChildren(QLabel) + page.findChildren(QPushButton):
        if not widget.isVisibleTo(page):
            continue
        if isinstance(widget, QPushButton) and "true" in (widget.property("quiet"), widget.property("repeated")):
            # The same word stands in every row; a letter that differs each time would only be noise.
            continue
        if isinstance(widget, QPushButton) or widget.buddy() is not None:
            _mark(widget, taken)


def _mark(widget: Any, taken: set[str]) -> None:
    words = bare(widget.text())
    letter = next((c for c in _candidates(words) if c.lower() not in taken), None)
    escaped = words.replace("&", "&&")
    if letter is None:
        widget.setText(escaped)
        return
    taken.add(letter.lower())
    at = escaped.index(letter)
    widget.setText(f"{escaped[:at]}&{escaped[at:]}")


def _candidates(words: str) -> str:
    starts = [w[0] for w in words.split() if w and w[0].isascii() and w[0].isalpha()]
    return "".join(starts) + "".join(c for c in words if c.isascii() and c.isalpha())


def bare(words: str) -> str:
    """The words without the marks of letters."""
    return words.replace("&&", "\0").replace("&", "").replace("\0", "&")
