"""What only the owner can tell of a bill: asked in a fold, kept, used, and told about where it cannot be."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt

from advisor import flow
from advisor.need import Need
from advisor.session import Session, to_need
from ui.pages.check import answers
from ui.shots import BAKERY
from ui.widgets.inputs import ListField, NumberField

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from ui.shell import Shell

# Field of the need, what is typed, value in the need.
NUMBERS = (
    ("money.lost_hour", "45", 45.0),
    ("site.line_down_hours_per_year", "12", 12.0),
    ("job.retrainings_per_year", "2", 2.0),
    ("job.labels_per_retraining", "300", 300.0),
    ("job.people_using", "4", 4),
    ("money.fittings_per_site", "90", 90.0),
    ("money.it_firm_per_month", "60", 60.0),
    ("money.second_line_per_month", "25.50", 25.5),
    ("money.discount_percent", "4", 4.0),
)


def at_money(window: Shell, session: Session = BAKERY) -> None:
    window.session = session
    window.way_back = [flow.START]
    window.go("money")


def type_in(qtbot: QtBot, window: Shell, path: str, words: str) -> None:
    field = window.page.field_for(path)
    assert isinstance(field, NumberField)
    field.edit.clear()
    qtbot.keyClicks(field.edit, words)


def test_the_fold_is_closed_until_it_is_wanted(window: Shell) -> None:
    at_money(window)
    assert not window.page.more.button.isChecked()
    assert window.page.field_for("money.with_tax") is None
    at_money(window, replace(BAKERY, with_tax=True))
    assert window.page.more.button.isChecked()
    assert window.page.field_for("money.with_tax").value() is True


def test_what_is_told_there_is_in_the_need_and_there_again(qtbot: QtBot, window: Shell) -> None:
    at_money(window)
    window.page.more.button.setFocus()
    qtbot.keyClick(window.page.more.button, Qt.Key.Key_Space)
    for path, words, _ in NUMBERS:
        type_in(qtbot, window, path, words)
    for path in ("money.with_tax", "money.care_contract"):
        field = window.page.field_for(path)
        assert isinstance(field, ListField)
        field.set_value(True)
    told = window.page.answer()
    assert isinstance(told, Session)
    need = to_need(told)
    assert isinstance(need, Need)
    document = need.to_json()
    for path, _, value in (*NUMBERS, ("money.with_tax", "", True), ("money.care_contract", "", True)):
        group, field = path.split(".")
        assert document[group][field] == value, path
    at_money(window, told)
    assert window.page.answer() == told


@pytest.mark.parametrize(("path", "words"), [("job.people_using", "2.5"), ("money.discount_percent", "140"), ("money.lost_hour", "much")])
def test_what_cannot_be_is_told_beside_the_field(qtbot: QtBot, window: Shell, path: str, words: str) -> None:
    at_money(window)
    window.page.more.open()
    type_in(qtbot, window, path, words)
    problems = window.page.answer()
    assert isinstance(problems, tuple)
    assert [p.field for p in problems] == [path]


def test_the_check_page_says_how_much_was_told() -> None:
    def told(session: Session) -> dict[str, str]:
        return {question: words for _, rows in answers(session, "en_GB") for question, words, _ in rows}

    assert told(BAKERY)["More about the bill"] == "nothing told"
    assert told(BAKERY)["Tax"] == "left out, our choice"
    more = told(replace(BAKERY, lost_hour=40.0, care_contract=False, with_tax=True))
    assert more["More about the bill"] == "2 told"
    assert more["Tax"] == "Add the tax"
