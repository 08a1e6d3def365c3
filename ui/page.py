"""What every page of the wizard is: a question, fields, and an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from advisor.problems import Problem
from advisor.session import Session
from ui.widgets.field import Field

if TYPE_CHECKING:
    from ui.outside import Outside

Answer = Session | tuple[Problem, ...]


class Page(QWidget):
    """One page. It draws itself from a session (`fill`) and hands back a new one (`answer`).

    `title` is asked as a question; `hint` says in a sentence why. A page knows neither the shell nor other pages;
    it speaks through its signals only.
    """

    id: ClassVar[str]
    is_aside: ClassVar[bool] = False
    """Whether it is no step of the way: its main button leads back to where the owner came from."""
    title: str = ""
    hint: str = ""
    main_words: str = "Continue"

    going_on = Signal()
    """The page is done by itself: go on as if the main button had been pressed."""
    words_changed = Signal()
    """Title, hint or the words of the main button are new."""
    answered = Signal(object)
    """New session from something that happened on the page (a test run that ended)."""
    change_wanted = Signal(str)
    """The owner wants to change an answer: the id of the page that asks it."""
    opened = Signal(object, object)
    """Saved answers were opened: the session and its file."""
    problems_found = Signal(object)
    """Something went wrong outside the fields: a tuple of problems."""

    sight_wanted = Signal(object)
    """A part of the page is to be scrolled into sight."""
    price_wanted = Signal(object)
    """The owner has a quote for something: the names of its prices (`advisor.quotes`)."""

    def __init__(self, outside: Outside) -> None:
        super().__init__()
        self.outside = outside
        self.session = Session()
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.setSpacing(16)

    def fill(self, session: Session) -> None:
        """Show the answers of `session`."""
        self.session = session
        self.show_answers()

    def show_answers(self) -> None:
        """Set the fields from `self.session`."""

    def ask_for(self, names: tuple[str, ...]) -> None:
        """Ask for these prices too when the page is filled next; only the page of prices does."""

    def answer(self) -> Answer:
        """The session with this page's answers, or what is still wrong. Says the same beside the fields."""
        problems = tuple(p for field in self.fields() if (p := field.check()) is not None)
        return problems or self.read()

    def read(self) -> Answer:
        """The session with the values of the fields, which are known to be good."""
        return self.session

    def fields(self) -> list[Field]:
        """The visible fields in reading order."""
        return [f for f in self.findChildren(Field) if f.isVisibleTo(self)]

    def field_for(self, path: str) -> Field | None:
        """The field that asks for a dotted path of the need."""
        return next((f for f in self.fields() if f.path == path), None)

    def first_focus(self) -> QWidget | None:
        """What gets the focus when the page opens."""
        first = next(iter(self.fields()), None)
        return first.focus_target() if first else None

    def press_main(self) -> bool:
        """Do what the main button says; `True` if the page did it itself and the wizard stays here."""
        return False

    def leave(self) -> None:
        """The page is left: stop what nobody waits for any more."""

    def close_down(self) -> None:
        """The window closes: leave nothing running."""
        self.leave()
