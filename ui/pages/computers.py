"""Which computers are there already?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout

from advisor.need import Owned, Rented
from ui import wording, words
from ui.page import Answer, Page
from ui.widgets.details_fold import DetailsFold
from ui.widgets.inputs import ListField, NumberField, TextField
from ui.widgets.text import label

if TYPE_CHECKING:
    from advisor.measurement import Machine
    from ui.outside import Outside

_FREE_OF_OTHER = tuple(e for e in words.FREE if e[0] != "no")


class _Other(QFrame):
    """One more computer: what it is, its memory, when it is free."""

    def __init__(self, locale: str, number: int) -> None:
        super().__init__()
        self.setProperty("card", "true")
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(12)
        column.addWidget(label("Another computer", "section"))
        path = f"site.owned[{number}]"
        self.what = TextField(
            f"{path}.what",
            "What is it?",
            "Kind and year are enough: “office PC 2021”, “old laptop”.",
            needed="Say what it is, or remove it.",
        )
        self.memory = NumberField(f"{path}.memory_gb", "Memory, if you know it", "GB", locale=locale, more_than_least=True, most=1e5)
        self.free = ListField(f"{path}.free", "Is it free for this?", _FREE_OF_OTHER)
        self.remove = QPushButton("Remove")
        self.remove.setAutoDefault(True)
        for part in (self.what, self.memory, self.free):
            column.addWidget(part)
        column.addWidget(self.remove, 0, Qt.AlignmentFlag.AlignLeft)


class ComputersPage(Page):
    """This computer (found by ourselves, to be confirmed), others, and rented machines."""

    id = "computers"
    title = "Which computers do you have?"
    hint = "Using what you own is often the cheapest way. We never assume it is free: you say so."

    def __init__(self, outside: Outside) -> None:
        super().__init__(outside)
        self._machine: Machine | None = None
        card = QFrame()
        card.setProperty("card", "true")
        column = QVBoxLayout(card)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(8)
        column.addWidget(label("This computer", "section"))
        self.found = label("", "hint")
        column.addWidget(self.found)
        self.this_free = ListField("site.owned[0].free", "May it do this work?", words.FREE)
        column.addWidget(self.this_free)
        self.body.addWidget(card)
        self._others: list[_Other] = []
        self._list = QVBoxLayout()
        self._list.setSpacing(12)
        self.body.addLayout(self._list)
        self.add = QPushButton("Add another computer")
        self.add.setAutoDefault(True)
        self.add.clicked.connect(lambda _=False: self._add(None, focus=True))
        row = QHBoxLayout()
        row.addWidget(self.add)
        row.addStretch(1)
        self.body.addLayout(row)
        self.rent = DetailsFold("We already rent a machine")
        self.provider = TextField("site.rented[0].provider", "From whom?", "Such as hetzner or aws.", most=100)
        self.machine = TextField("site.rented[0].instance_type", "Which one?", "The name on the bill, such as cx33.", most=100)
        self.spare = NumberField("site.rented[0].spare_share", "How much of it is idle?", "%", locale=outside.locale, most=100)
        for field in (self.provider, self.machine, self.spare):
            self.rent.body.addWidget(field)
        self.body.addWidget(self.rent)

    def _add(self, owned: Owned | None, *, focus: bool = False) -> None:
        other = _Other(self.outside.locale, len(self._others) + 1)
        if owned is not None:
            other.what.set_value(owned.what)
            other.memory.set_value(owned.memory_gb)
            other.free.set_value(owned.free)
        other.remove.clicked.connect(lambda _=False: self._remove(other))
        self._others.append(other)
        self._list.addWidget(other)
        if focus:
            other.show()
            self.words_changed.emit()
            other.what.edit.setFocus(Qt.FocusReason.TabFocusReason)

    def _remove(self, other: _Other) -> None:
        self._others.remove(other)
        self._list.removeWidget(other)
        other.hide()
        other.deleteLater()
        self.add.setFocus(Qt.FocusReason.TabFocusReason)

    def _words_of_this(self) -> str:
        machine = self._machine
        if machine is None:
            return "this computer"
        return f"{machine.cpu}, {machine.physical_cores} cores"

    def show_answers(self) -> None:
        self._machine = self._machine or self.outside.this_computer()
        memory = wording.number(round(self._machine.memory_gb), self.outside.locale)
        self.found.setText(f"We found: {self._words_of_this()}, {memory} GB of memory.")
        this = next((o for o in self.session.owned if o.is_this_computer), None)
        asked_before = "computers" in self.session.done
        self.this_free.set_value(this.free if this else "no" if asked_before else "always")
        for other in tuple(self._others):
            self._remove(other)
        for owned in self.session.owned:
            if not owned.is_this_computer:
                self._add(owned)
        rented = next(iter(self.session.rented), None)
        self.provider.set_value(rented.provider if rented else None)
        self.machine.set_value(rented.instance_type if rented else None)
        self.spare.set_value(rented.spare_share * 100 if rented and rented.spare_share is not None else None)
        if rented:
            self.rent.open()

    def read(self) -> Answer:
        owned = []
        free = self.this_free.value()
        if free != "no" and self._machine is not None:
            before = next((o for o in self.session.owned if o.is_this_computer), None)
            what = before.what if before else self._words_of_this()
            owned.append(
                Owned(what, self._machine.chip_id, round(self._machine.memory_gb, 1), None, str(free), is_this_computer=True),
            )
        owned += [
            Owned(other.what.value() or "", None, other.memory.value(), None, str(other.free.value()), is_this_computer=False)
            for other in self._others
        ]
        provider, machine = self.provider.value(), self.machine.value()
        if bool(provider) != bool(machine):
            empty = self.machine if provider else self.provider
            problem = empty.problem(f"“{empty.words}” is empty.", "Fill it in, or empty the other field.")
            self.rent.open()
            empty.show_problem(problem)
            return (problem,)
        spare = self.spare.value()
        rented = (Rented(provider, machine, None if spare is None else spare / 100),) if provider and machine else ()
        return replace(self.session, owned=tuple(owned), rented=rented)


PAGE = ComputersPage
