"""Prices of the owner's own: typed once, used, kept if wanted, and never taken for another amount."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt

from advisor import flow
from advisor.need import Need, Quote
from advisor.problems import AdvisorError
from advisor.session import Session, load, to_need
from advisor.store import Store
from ui import composition
from ui.shell import Shell
from ui.shots import BAKERY, NOW
from ui.widgets.details_fold import DetailsFold
from ui.widgets.inputs import ListField, NumberField

if TYPE_CHECKING:
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from ui.outside import Outside

PI = "device:raspberry-pi-5"
RENT = "machine:hetzner:cx33:fsn1"


def finished(session: Session = BAKERY) -> Session:
    session = replace(session, model_choice="none", reference="photo-sorting")
    for page in (*flow.path(session)[1:-1],):
        session = session.finished(page)
    return session


def at_prices(window: Shell, session: Session | None = None) -> None:
    window.begin(session or finished(), None)
    window.change(flow.PRICES)


def typed(qtbot: QtBot, window: Shell, path: str, words: str) -> NumberField:
    field = window.page.field_for(path)
    assert isinstance(field, NumberField)
    field.edit.clear()
    qtbot.keyClicks(field.edit, words)
    return field


def go_on(qtbot: QtBot, window: Shell) -> None:
    window.main_button.setFocus()
    qtbot.keyClick(window.main_button, Qt.Key.Key_Return)


def test_a_typed_price_is_used_from_then_on(qtbot: QtBot, window: Shell) -> None:
    at_prices(window)
    assert window.page.field_for(PI).edit.hasFocus()
    field = typed(qtbot, window, PI, "99.50")
    assert field.hint.startswith("Ours: ")
    assert field.hint.endswith(", stale.")
    go_on(qtbot, window)
    assert window.here == flow.RESULT
    assert window.session.quotes == (Quote(PI, 99.5, "EUR", None, None, NOW.date().isoformat()),)
    need = to_need(window.session)
    assert isinstance(need, Need)
    assert need.money.quotes == window.session.quotes
    window.back()
    assert window.page.field_for(PI).value() == 99.5
    typed(qtbot, window, PI, "")
    go_on(qtbot, window)
    assert window.session.quotes == ()


def test_the_answer_leads_to_the_prices_and_back_to_a_new_answer(qtbot: QtBot, window: Shell) -> None:
    asked: list[Session] = []
    advise = window.outside.advise
    window.outside = window.page.outside = replace(window.outside, advise=lambda s: asked.append(s) or advise(s))
    window.begin(finished(), None)
    page = window.page
    qtbot.waitUntil(lambda: page.advice is not None)
    page.type_prices.setFocus()
    qtbot.keyClick(page.type_prices, Qt.Key.Key_Return)
    assert window.here == flow.PRICES
    typed(qtbot, window, "money.electricity_per_kwh", "0.31")
    go_on(qtbot, window)
    assert window.here == flow.RESULT
    qtbot.waitUntil(lambda: page.advice is not None)
    assert len(asked) == 2
    need = to_need(asked[1])
    assert isinstance(need, Need)
    assert need.money.electricity_per_kwh == 0.31
    assert need.money.quotes == ()


def test_from_the_check_page_one_comes_back_there(qtbot: QtBot, window: Shell) -> None:
    session = replace(finished(), done=tuple(p for p in finished().done if p != flow.CHECK))
    window.begin(session, None)
    assert window.here == flow.CHECK
    window.change(flow.PRICES)
    typed(qtbot, window, PI, "80")
    go_on(qtbot, window)
    assert window.here == flow.CHECK


def test_a_machine_by_the_month_with_a_term(qtbot: QtBot, window: Shell) -> None:
    at_prices(window)
    typed(qtbot, window, RENT, "6.49")
    per = window.page.field_for(f"{RENT}.per")
    assert isinstance(per, ListField)
    per.set_value("month")
    for fold in window.page.findChildren(DetailsFold):
        fold.open()
    typed(qtbot, window, f"{RENT}.bound_months", "12")
    window.page.field_for(f"{RENT}.seen_on").edit.setText("03/11/2026")
    go_on(qtbot, window)
    assert window.session.quotes == (Quote(RENT, 6.49, "EUR", "month", 12, "2026-11-03"),)


@pytest.mark.parametrize(
    ("path", "words", "says"),
    [
        (PI, "0", "must be more than 0"),
        (PI, "-5", "must be more than 0"),
        (PI, "cheap", "could not read"),
        (PI, "1,234", "two ways"),
        (f"{PI}.seen_on", "soon", "could not read"),
        (f"{PI}.seen_on", "2026-12-24", "still to come"),
        (f"{RENT}.bound_months", "0.5", "too small"),
        (f"{RENT}.bound_months", "2.5", "whole number"),
    ],
)
def test_what_cannot_be_a_price_is_told_beside_it(qtbot: QtBot, window: Shell, path: str, words: str, says: str) -> None:
    at_prices(window)
    for fold in window.page.findChildren(DetailsFold):
        fold.open()
    field = window.page.field_for(path)
    field.edit.setText(words)
    go_on(qtbot, window)
    assert window.here == flow.PRICES
    assert says in field.problem_label.text()
    assert window.frame.summary.isVisible()
    assert window.session.quotes == ()


def test_prices_for_every_plan_are_in_the_next_window_and_can_be_taken_back(qtbot: QtBot, window: Shell, outside: Outside) -> None:
    at_prices(window)
    typed(qtbot, window, PI, "99.50")
    window.page.keep.set_value(True)
    go_on(qtbot, window)
    mine = window.session.quotes
    assert outside.store.prices() == mine
    second = Shell(outside)
    qtbot.addWidget(second)
    assert second.session.quotes == mine
    # A plan in which nothing was answered yet is no work: closing it saves nothing.
    second.close()
    assert list(outside.store.sessions.glob("*")) == []
    window.change(flow.PRICES)
    assert window.page.keep.value() is True
    window.page.keep.set_value(False)
    go_on(qtbot, window)
    assert outside.store.prices() == ()
    assert window.session.quotes == mine


def test_where_prices_cannot_be_kept_that_is_said_and_nothing_is_lost(qtbot: QtBot, window: Shell, outside: Outside) -> None:
    outside.store.folder.mkdir(parents=True, exist_ok=True)
    (outside.store.folder / "prices.json").mkdir()
    at_prices(window)
    typed(qtbot, window, PI, "99.50")
    window.page.keep.set_value(True)
    go_on(qtbot, window)
    assert window.here == flow.PRICES
    assert "could not save prices.json" in window.frame.summary.accessibleName()
    assert window.page.field_for(PI).value() == 99.5


@pytest.mark.parametrize("content", ["", "{", "[1]", '[{"price_of": "x"}]', '[{"price_of": "x", "amount": 0}]', '[{"price_of": 3}]'])
def test_a_damaged_file_of_prices_counts_as_none(tmp_path: Path, content: str) -> None:
    (tmp_path / "prices.json").write_text(content, encoding="utf-8")
    assert Store(tmp_path).prices() == ()


def test_prices_are_saved_with_the_plan(tmp_path: Path) -> None:
    store = Store(tmp_path)
    session = replace(finished(), quotes=(Quote(RENT, 6.49, "EUR", "month", 12, "2026-11-03"), Quote("money.staff_hour", 33.0, "EUR")))
    store.keep(session, tmp_path / "a.edgewise")
    assert load(tmp_path / "a.edgewise") == session
    store.keep_prices(session.quotes)
    assert store.prices() == session.quotes
    assert json.loads((tmp_path / "prices.json").read_text(encoding="utf-8"))[0]["bound_months"] == 12


def test_a_tariff_in_another_currency_is_asked_again_and_never_taken_as_it_is(qtbot: QtBot, window: Shell) -> None:
    session = replace(finished(), quotes=(Quote("money.electricity_per_kwh", 0.31, "EUR"),), currency="CHF")
    found = to_need(session)
    assert isinstance(found, tuple)
    assert found[0].field == "money.electricity_per_kwh"
    assert "EUR" in found[0].what_happened
    at_prices(window, session)
    assert window.page.field_for("money.electricity_per_kwh").value() is None
    go_on(qtbot, window)
    assert isinstance(to_need(window.session), Need)


def test_what_was_not_touched_stays_to_the_last_digit(qtbot: QtBot, window: Shell) -> None:
    tiny, other = Quote(PI, 1.66667e-5, "EUR", None, None, "2026-11-01"), Quote(RENT, 6.0, "CHF", "month")
    at_prices(window, replace(finished(), quotes=(tiny, other)))
    assert window.page.field_for(PI).value() == pytest.approx(1.66667e-5)
    window.back()
    assert window.session.quotes == (tiny, other)


def test_a_term_that_cannot_be_read_is_told_though_it_is_folded_away(qtbot: QtBot, window: Shell) -> None:
    at_prices(window)
    typed(qtbot, window, RENT, "5")
    card = window.page._cards[1]
    card.term.edit.setText("2 years")
    assert not card.more.button.isChecked()
    go_on(qtbot, window)
    assert window.here == flow.PRICES
    assert card.more.button.isChecked()
    assert window.session.quotes == ()


def test_a_plan_that_names_no_currency_takes_that_of_the_price(qtbot: QtBot, window: Shell) -> None:
    window.outside = window._frame_of(flow.PRICES).page.outside = replace(
        window.outside, prices=lambda s, names: composition.prices(s, (PI, *names), NOW.date())
    )
    at_prices(window, replace(finished(), country="AE", currency=None))
    assert window.page.field_for(PI).hint.startswith("Ours: USD")
    typed(qtbot, window, "money.electricity_per_kwh", "0.1")
    go_on(qtbot, window)
    assert window.session.currency == "USD"
    need = to_need(window.session)
    assert isinstance(need, Need)
    assert need.money.electricity_per_kwh == 0.1


def test_prices_kept_for_every_plan_are_not_lost_by_a_plan_without_them(qtbot: QtBot, window: Shell, outside: Outside) -> None:
    mine = (Quote("device:coral-usb", 60.0, "EUR"), Quote(PI, 99.5, "EUR"))
    outside.store.keep_prices(mine)
    at_prices(window)
    go_on(qtbot, window)
    assert outside.store.prices() == mine


def test_answers_changed_since_are_not_undone_by_a_half_typed_page(qtbot: QtBot, window: Shell) -> None:
    at_prices(window)
    typed(qtbot, window, "money.electricity_per_kwh", "abc")
    window.back()
    window._take(replace(window.session, monthly_max=77.0))
    window.change(flow.PRICES)
    typed(qtbot, window, "money.electricity_per_kwh", "0.3")
    go_on(qtbot, window)
    assert window.session.monthly_max == 77.0


def test_a_card_of_a_chip_leads_to_its_price(qtbot: QtBot, window: Shell) -> None:
    window.begin(finished(), None)
    window.open_catalog()
    page = window.page
    qtbot.waitUntil(lambda: bool(page.search.cards), timeout=20_000)
    page.search.words.edit.setText("hailo-8l")
    page.search.look()
    card = page.search.cards[0]
    card.quote.setFocus()
    qtbot.keyClick(card.quote, Qt.Key.Key_Return)
    assert window.here == flow.PRICES
    first = window.page.fields()[0]
    assert first.path.startswith("device:")
    assert first.edit.hasFocus()
    typed(qtbot, window, first.path, "70")
    go_on(qtbot, window)
    assert window.here == flow.RESULT
    assert [q.price_of for q in window.session.quotes] == [first.path]


def test_a_price_for_what_the_list_no_longer_holds_is_told_and_left_out(qtbot: QtBot, window: Shell) -> None:
    session = replace(finished(), quotes=(Quote("machine:aws:gone.nano:nowhere", 0.1, "EUR"), Quote(PI, 99.5, "EUR")))
    with pytest.raises(AdvisorError) as refused:
        composition.advise(session, NOW.date())
    assert "our list no longer holds" in refused.value.problems[0].what_happened
    at_prices(window, session)
    assert window.page.gone.isVisible()
    assert "aws:gone.nano:nowhere" in window.page.gone.text()
    go_on(qtbot, window)
    assert [q.price_of for q in window.session.quotes] == [PI]
    window.change(flow.PRICES)
    assert not window.page.gone.isVisible()


def test_the_real_list_holds_what_the_answer_rests_on() -> None:
    session = finished(replace(BAKERY, must_work_without_internet=False))
    today = NOW.date()
    advice = composition.remembered(session, today)
    names = [p.price_of for p in composition.prices(session, (), today)]
    for line in advice.options[0].cost.lines:
        if line.amount:
            assert set(line.price_of) <= set(names)
    assert names[-2:] == ["money.electricity_per_kwh", "money.staff_hour"]
    assert len(names) == len(set(names))
    # What was typed is listed, whatever the answer rests on now.
    mine = replace(session, quotes=(Quote("device:coral-usb", 60.0, "EUR"),))
    assert "device:coral-usb" in [p.price_of for p in composition.prices(mine, (), today)]
