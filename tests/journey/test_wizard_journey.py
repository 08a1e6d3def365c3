"""The whole way of an owner by keyboard: from the first page to a saved report, with the real catalog and calculation."""

from __future__ import annotations

import json
import re
import subprocess
from typing import TYPE_CHECKING

import pytest
from pypdf import PdfReader
from PySide6.QtWidgets import QLabel, QPushButton

from advisor import flow
from advisor.__main__ import main
from tests.journey.keyboard import plain
from ui.widgets.text_table import TextTable

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from advisor.advice import Advice
    from tests.journey.keyboard import Keyboard
    from ui.shell import Shell

    Open = Callable[[], tuple[Shell, Keyboard]]

WAIT_MS = 60_000


def to_the_model(keys: Keyboard) -> None:
    """The first step: what the bakery needs."""
    keys.go_on("task")
    keys.choose("Sort photos into kinds")
    keys.go_on("volume")
    keys.fill("On a usual day", "400")
    keys.fill("In the busiest hour", "120")
    keys.go_on("speed")
    keys.choose("Within a second")
    keys.go_on("plain_way")
    keys.choose("No, it takes judgement")
    keys.go_on("model")


def from_data_to_money(keys: Keyboard) -> None:
    """Steps three and four: rules and place."""
    keys.choose("Ordinary business data", "What would a stranger learn from it?")
    keys.choose("Inside the European Union", "Where may it be worked on?")
    keys.go_on("people")
    keys.choose("No", "Does it recognise who somebody is?")
    keys.choose("No", "Does it help decide about somebody?")
    keys.go_on("bad_days")
    keys.choose("An hour", "It may stand still for at most")
    keys.choose("No", "Must it go on when the internet is down?")
    keys.go_on("firm")
    keys.pick("Country", "Germany")
    keys.fill("Name of the firm", "Bäckerei Sommer")
    keys.fill("People in the firm", "6")
    keys.go_on("site")
    keys.choose("A fixed line")
    keys.fill("Upload speed, if you know it", "20")
    keys.go_on("computers")
    keys.pick("May it do this work?", "No, leave it out")
    keys.go_on("money")
    keys.fill("To buy, at most", "400")
    keys.fill("Each month, at most", "30")


def to_the_check_without_a_model(keys: Keyboard) -> None:
    to_the_model(keys)
    keys.choose("I have no model yet")
    keys.go_on("data")
    from_data_to_money(keys)
    keys.go_on(flow.CHECK)


def answer(qtbot: QtBot, window: Shell, keys: Keyboard) -> Advice:
    """From the check page to the answer on screen."""
    keys.go_on(flow.RESULT)
    qtbot.waitUntil(lambda: window.page.is_complete or window.frame.summary.isVisible(), timeout=WAIT_MS)
    assert window.page.is_complete, window.frame.summary.accessibleName()
    advice: Advice = window.page.advice
    return advice


def save_report(qtbot: QtBot, window: Shell, keys: Keyboard) -> None:
    """Save the report by the main button, and the numbers by the button beside the good news."""
    keys.push("Save the report as PDF")
    qtbot.waitUntil(lambda: window.page.saved_at is not None or window.frame.summary.isVisible(), timeout=WAIT_MS)
    assert window.page.saved_at is not None, window.frame.summary.accessibleName()
    keys.push("Save the numbers too (A.json)")


# ---- the same everywhere -----------------------------------------------------------------------------------------


def squeezed(words: str) -> str:
    """Words without blanks of any kind: lines break at other places on paper."""
    return re.sub(r"[\s\u00a0\u00ad\u200b\u202f]+", "", words)


def on_paper(path: Path) -> str:
    done = subprocess.run(["pdftotext", "-raw", str(path), "-"], capture_output=True, check=True)
    return squeezed(done.stdout.decode())


def on_screen(window: Shell) -> list[str]:
    """All words on labels, folds opened."""
    for button in window.page.findChildren(QPushButton):
        if button.isCheckable():
            button.setChecked(True)
    return [plain(label.text()) for label in window.findChildren(QLabel) if label.isVisibleTo(window)]


def tables_on_screen(window: Shell) -> list[tuple[tuple[str, ...], list[tuple[str, ...]]]]:
    """Heads and cells of every table."""
    found = []
    for shown in window.page.findChildren(TextTable):
        columns = range(shown.columnCount())
        heads = tuple(shown.horizontalHeaderItem(c).text() for c in columns)
        found.append((heads, [tuple(shown.item(r, c).text() for c in columns) for r in range(shown.rowCount())]))
    return found


def assert_the_same_everywhere(window: Shell, advice: Advice, report: Path) -> None:
    """Screen, paper, the file of numbers, and the numbers inside the paper say one thing."""
    written = json.loads(report.with_suffix(".A.json").read_text(encoding="utf-8"))
    assert written == json.loads(advice.to_bytes())
    inside = PdfReader(report).attachments
    assert json.loads(inside["A.json"][0]) == written
    assert json.loads(inside["NEED.json"][0])["business"]["name"] == "Bäckerei Sommer"
    screen, paper = on_screen(window), on_paper(report)
    everything = [*screen, *(cell for _, rows in tables_on_screen(window) for row in rows for cell in row)]

    verdict = written["report"]["verdict"]
    assert window.heading().text() == verdict
    assert written["sentence"] == verdict
    assert squeezed(verdict) in paper

    facts = written["report"]["facts"]
    # Where nothing is advised there is no cost and no time to show.
    assert len(facts) == 3 or (facts and written["kind"] == "none")
    for fact in facts:
        for part in (fact["label"], fact["value"], fact["note"]):
            assert part in screen
            assert squeezed(part) in paper

    best = written["options"][0]
    if best["cost"]["total"] is not None:
        whole = {row["id"]: row for row in written["ledger"]}
        shown = [row["text_form"] for row in whole.values() if row["value"] == pytest.approx(best["cost"]["total"], abs=0.005)]
        assert shown, "the total stands in no row of the ledger"
        assert any(squeezed(words) in paper for words in shown)
        assert any(words in part for words in shown for part in everything)

    tables = {s["id"]: s["table"] for s in written["report"]["sections"] if s["table"]}
    assert {"compare", "ledger"} <= set(tables)
    for table in tables.values():
        rows = [tuple(row) for row in table["rows"]]
        assert rows in [rows for heads, rows in tables_on_screen(window) if heads == tuple(table["columns"])]
    for section in set(tables) & {"compare", "bill", "risks"}:
        for row in tables[section]["rows"]:
            assert squeezed("".join(row)) in paper, row


# ---- journeys ----------------------------------------------------------------------------------------------------


def test_without_a_model(qtbot: QtBot, open_window: Open, report_path: Path) -> None:
    window, keys = open_window()
    to_the_check_without_a_model(keys)
    assert "test_run" not in window.session.done
    advice = answer(qtbot, window, keys)
    save_report(qtbot, window, keys)
    assert window.page.saved_at == report_path
    assert_the_same_everywhere(window, advice, report_path)


def test_with_an_own_model_and_a_real_test_run(qtbot: QtBot, open_window: Open, report_path: Path, model_file: Path) -> None:
    window, keys = open_window()
    to_the_model(keys)
    keys.choose("I have a model file")
    keys.go_on("model_file")
    keys.push("Choose a file…")
    qtbot.waitUntil(lambda: window.session.profile is not None or "We read" in window.page.found_words.text(), timeout=WAIT_MS)
    keys.push("Continue")
    assert window.here == "data", window.frame.summary.accessibleName()
    from_data_to_money(keys)
    keys.go_on("test_run")
    keys.push("Run the test")
    qtbot.waitUntil(lambda: window.here == flow.CHECK or not window.page.running, timeout=WAIT_MS)
    if window.here == "test_run":
        # A busy machine gives a warning, and the page then waits for the owner.
        assert window.session.measurement is not None, window.frame.summary.accessibleName()
        keys.push("Continue")
    assert window.here == flow.CHECK
    measured = window.session.measurement
    assert measured is not None
    assert measured.model.name == model_file.name
    assert measured.seconds_used < 60
    advice = answer(qtbot, window, keys)
    save_report(qtbot, window, keys)
    assert_the_same_everywhere(window, advice, report_path)
    inside = PdfReader(report_path).attachments
    assert json.loads(inside["M.json"][0])["model"]["sha256"] == measured.model.sha256
    assert any(row.basis == "measured" for row in advice.ledger)
    again = report_path.with_name("again.json")
    assert main(["replay", str(report_path), "--out", str(again)]) == 0
    assert again.read_bytes() == inside["A.json"][0]


def test_back_keeps_answers_a_change_returns_and_a_saved_plan_gives_the_same(qtbot: QtBot, open_window: Open, report_path: Path) -> None:
    window, keys = open_window()
    to_the_check_without_a_model(keys)

    # All the way back and forth again: nothing is asked twice, nothing is lost.
    told = window.session
    pages = [window.here]
    while window.here != "task":
        keys.push("Back")
        pages.append(window.here)
    for page in reversed(pages[:-1]):
        keys.push("Continue")
        assert window.here == page
    assert window.session == told

    # One answer is changed from the list and leads back to it.
    keys.push("Change: An answer must come")
    assert window.here == "speed"
    keys.choose("Within a minute")
    keys.go_on(flow.CHECK)
    assert window.session.limit_ms == 60000.0
    assert "Within a minute" in on_screen(window)

    advice = answer(qtbot, window, keys)
    save_report(qtbot, window, keys)
    assert_the_same_everywhere(window, advice, report_path)
    keys.push("Save and close")
    assert not window.isVisible()

    again, keys = open_window()
    keys.push(saved_words(again))
    assert again.here == flow.RESULT
    qtbot.waitUntil(lambda: again.page.is_complete, timeout=WAIT_MS)
    assert again.page.advice.to_bytes() == advice.to_bytes()
    assert again.heading().text() == advice.sentence


def saved_words(window: Shell) -> str:
    """The name of the button that opens the newest plan; the day in it is that of the file."""
    return next(b.accessibleName() for b in window.page.findChildren(QPushButton) if b.accessibleName().startswith("Open "))


def test_with_an_online_service_and_everything_unsure(qtbot: QtBot, open_window: Open, report_path: Path) -> None:
    window, keys = open_window()
    keys.go_on("task")
    keys.choose("Answer questions or write")
    keys.go_on("volume")
    keys.fill("On a usual day", "200")
    keys.go_on("speed")
    keys.choose("I’m not sure")
    keys.go_on("plain_way")
    keys.choose("I’m not sure")
    keys.go_on("model")
    keys.choose("I use an online service")
    keys.go_on("model_service")
    keys.pick_nth("Service", 3)
    keys.go_on("data")
    keys.choose("I’m not sure", "What would a stranger learn from it?")
    keys.choose("I’m not sure", "Where may it be worked on?")
    keys.go_on("people")
    keys.choose("I’m not sure", "Does it recognise who somebody is?")
    keys.choose("I’m not sure", "Does it help decide about somebody?")
    keys.choose("I’m not sure", "Has somebody confirmed that you may do this?")
    keys.go_on("bad_days")
    keys.choose("I’m not sure", "It may stand still for at most")
    keys.choose("I’m not sure", "Must it go on when the internet is down?")
    keys.go_on("firm")
    keys.fill("Name of the firm", "Bäckerei Sommer")
    keys.go_on("site")
    keys.choose("I’m not sure")
    keys.go_on("computers")
    keys.go_on("money")
    keys.go_on(flow.CHECK)
    advice = answer(qtbot, window, keys)
    save_report(qtbot, window, keys)
    assert_the_same_everywhere(window, advice, report_path)


def test_with_only_the_size_of_a_model(qtbot: QtBot, open_window: Open, report_path: Path) -> None:
    window, keys = open_window()
    keys.go_on("task")
    keys.choose("Spot what is wrong")
    keys.go_on("volume")
    keys.push("Busy")
    keys.push("Continue")
    keys.choose("Straight away")
    keys.go_on("plain_way")
    keys.choose("No, it takes judgement")
    keys.go_on("model")
    keys.choose("I only know how big it is")
    keys.go_on("model_size")
    keys.fill("Number of weights", "5,3")
    keys.go_on("data")
    keys.choose("Nothing about people or secrets", "What would a stranger learn from it?")
    keys.choose("It must not leave the building", "Where may it be worked on?")
    keys.go_on("people")
    keys.choose("No", "Does it recognise who somebody is?")
    keys.choose("No", "Does it help decide about somebody?")
    keys.go_on("bad_days")
    keys.choose("Five minutes", "It may stand still for at most")
    keys.choose("Yes", "Must it go on when the internet is down?")
    keys.go_on("firm")
    keys.pick("Country", "Poland")
    keys.fill("Name of the firm", "Bäckerei Sommer")
    keys.go_on("site")
    keys.choose("No internet")
    keys.go_on("computers")
    keys.push("Add another computer")
    keys.fill("What is it?", "office PC 2021")
    keys.go_on("money")
    keys.pick("What counts most for you?", "The most private way")
    keys.go_on(flow.CHECK)
    advice = answer(qtbot, window, keys)
    assert advice.options[0].cost.currency == "PLN"
    assert not advice.options[0].sends_inputs_out
    save_report(qtbot, window, keys)
    assert_the_same_everywhere(window, advice, report_path)
