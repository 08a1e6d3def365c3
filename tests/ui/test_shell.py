"""The window: going on, back, changing an answer, saving, and keys; nothing by mouse."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget

from advisor import flow
from advisor.session import Session, load
from tests.advisor.test_measurement import a_measurement
from ui.shell import Shell
from ui.shots import BAKERY

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytestqt.qtbot import QtBot

    from ui.outside import Outside

ASKING = [p for p in flow.PAGES if p not in (flow.START, flow.CHECK, flow.RESULT, "test_run")]


def press(qtbot: QtBot, key: Qt.Key, times: int = 1) -> None:
    for _ in range(times):
        target = QApplication.focusWidget()
        assert target is not None
        qtbot.keyClick(target, key)


def at(window: Shell, page: str, session: Session = BAKERY) -> None:
    window.session = session
    window.way_back = [flow.START]
    window.go(page)


def blank_for(page: str) -> Session:
    """Answers that lead to a page and leave all else open."""
    choice = {"model_file": "file", "model_service": "service", "model_size": "size"}.get(page)
    return Session(task="ocr", model_choice=choice)  # type: ignore[arg-type]


NEEDED = [p for p in ASKING if p not in ("firm", "computers", "money", "prices")]


@pytest.mark.parametrize("page", NEEDED)
def test_continue_with_nothing_filled_explains_and_leads_to_the_field(qtbot: QtBot, window: Shell, page: str) -> None:
    session = replace(blank_for(page), task=None) if page == "task" else blank_for(page)
    at(window, page, session)
    window.main_button.setFocus()
    press(qtbot, Qt.Key.Key_Return)
    summary = window.frame.summary
    assert window.here == page
    assert summary.isVisible()
    assert summary.hasFocus()
    beside = [f for f in window.page.fields() if f.problem_label.isVisible()]
    assert beside
    assert beside[0].problem_label.text() in summary.accessibleName()
    press(qtbot, Qt.Key.Key_Tab)
    press(qtbot, Qt.Key.Key_Return)
    assert beside[0].isAncestorOf(QApplication.focusWidget())


@pytest.mark.parametrize("page", ASKING)
def test_back_keeps_the_answers_of_a_page(qtbot: QtBot, window: Shell, page: str) -> None:
    session = BAKERY
    if page == "model_size":
        session = replace(BAKERY, model_choice="size", params_millions=5.3, gmacs=0.4)
    if page == "model_service":
        session = replace(BAKERY, task="ocr", model_choice="service")
        session = replace(session, service=window.outside.services("ocr")[0].id)
    if page == "model_file":
        session = replace(BAKERY, model_path=None)
    at(window, page, session)
    told = window.page.answer()
    assert isinstance(told, Session) or page == "model_file"
    window.back()
    assert window.here == flow.START
    for name in ("task", "units_per_day", "limit_ms", "data", "country", "owned", "params_millions", "service", "internet", "upfront_max"):
        assert getattr(window.session, name) == getattr(session, name)


def test_half_typed_answers_are_still_there_after_back(qtbot: QtBot, window: Shell) -> None:
    at(window, "volume", replace(BAKERY, units_per_day=None))
    day = window.page.field_for("load.units_per_day")
    qtbot.keyClicks(day.focus_target(), "lots")
    window.back()
    window.go("volume")
    assert window.page.field_for("load.units_per_day").edit.text() == "lots"


def test_a_number_with_two_readings_is_asked_about(qtbot: QtBot, window: Shell) -> None:
    at(window, "volume", replace(BAKERY, units_per_day=None))
    day = window.page.field_for("load.units_per_day")
    qtbot.keyClicks(day.edit, "1,234")
    press(qtbot, Qt.Key.Key_Return)
    assert window.here == "volume"
    assert "two ways" in day.problem_label.text()
    meant = [b for b in day.findChildren(QWidget) if getattr(b, "text", lambda: "")().replace("&", "") == "I mean 1234"]
    meant[0].setFocus()
    press(qtbot, Qt.Key.Key_Return)
    assert day.value() == 1234
    assert not day.problem_label.isVisible()
    press(qtbot, Qt.Key.Key_Return)
    assert window.session.units_per_day == 1234


def test_change_on_the_check_page_returns_there(qtbot: QtBot, window: Shell) -> None:
    session = replace(BAKERY, model_choice="none", reference="photo-sorting")
    for page in flow.path(session)[1:-2]:
        session = session.finished(page)
    at(window, flow.CHECK, session)
    window.change("speed")
    press(qtbot, Qt.Key.Key_Down)
    press(qtbot, Qt.Key.Key_Return)
    assert window.here == flow.CHECK
    assert window.session.limit_ms == 60000.0


def test_a_change_that_opens_a_new_question_asks_it_first(window: Shell) -> None:
    session = replace(BAKERY, model_choice="none", reference="photo-sorting")
    for page in flow.path(session)[1:-2]:
        session = session.finished(page)
    at(window, flow.CHECK, session)
    window.change("model")
    window.page.choice.set_value("size")
    window.press_main()
    assert window.here == "model_size"
    window.page.millions.set_value(5.0)
    window.press_main()
    assert window.here == flow.CHECK


def test_escape_never_throws_work_away(qtbot: QtBot, window: Shell) -> None:
    at(window, "volume")
    before = window.page.answer()
    press(qtbot, Qt.Key.Key_Escape)
    assert window.isVisible()
    assert window.here == "volume"
    assert window.page.answer() == before


def test_save_and_close_then_open_goes_on_where_it_was(qtbot: QtBot, window: Shell, outside: Outside) -> None:
    at(window, "task", Session())
    window.page.choice.set_value("ocr")
    window.press_main()
    assert window.here == "volume"
    window.save_and_close()
    assert not window.isVisible()
    (saved,) = outside.store.recent()
    assert load(saved.path).task == "ocr"
    again = Shell(outside, saved.path)
    qtbot.addWidget(again)
    assert again.here == "volume"
    assert again.session.task == "ocr"


def test_closing_by_the_cross_keeps_the_answers(window: Shell, outside: Outside) -> None:
    at(window, "speed")
    window.close()
    (saved,) = outside.store.recent()
    assert load(saved.path).limit_ms == BAKERY.limit_ms


def test_a_damaged_file_is_told_in_the_window(qtbot: QtBot, dressed: QApplication, outside: Outside, tmp_path: Path) -> None:
    path = tmp_path / "old.edgewise"
    path.write_text("{", encoding="utf-8")
    window = Shell(outside, path)
    qtbot.addWidget(window)
    window.show()
    assert window.here == flow.START
    assert "old.edgewise" in window.frame.summary.accessibleName()


def test_another_kind_of_work_drops_the_figures_of_the_old_one(window: Shell) -> None:
    at(window, "task", BAKERY.finished("volume"))
    window.page.choice.set_value("chat")
    told = window.page.answer()
    assert isinstance(told, Session)
    assert told.units_per_day is None
    assert "volume" not in told.done


def test_the_first_picture_needs_nothing_heavy() -> None:
    code = (
        "import sys, tempfile, pathlib\n"
        "from PySide6.QtWidgets import QApplication\n"
        "app = QApplication(['x', '-platform', 'offscreen'])\n"
        "from ui import composition, theme\n"
        "from ui.shell import Shell\n"
        "theme.apply(app, 'light', 100)\n"
        "window = Shell(composition.outside('en_GB', pathlib.Path(tempfile.mkdtemp())))\n"
        "window.show(); window.grab()\n"
        "heavy = ('numpy', 'scipy', 'pandas', 'matplotlib', 'onnx', 'onnxruntime', 'typst', 'babel', 'jsonschema')\n"
        "heavy += ('psutil', 'advisor.catalog')\n"
        "print([m for m in heavy if m in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2])
    assert done.stdout.strip() == "[]"


def test_a_long_session_does_not_use_none_up() -> None:
    # PySide6 6.12 lets go of None once too often in every call that gives nothing back; before Python 3.12 that kills.
    code = (
        "from PySide6.QtWidgets import QApplication, QWidget\n"
        "from ui.lasting_none import keep_none_alive\n"
        "keep_none_alive()\n"
        "app = QApplication(['x', '-platform', 'offscreen'])\n"
        "widget = QWidget()\n"
        "for _ in range(100_000): widget.update()\n"
    )
    # Qt complains of a language that the computer does not have; that is not what is looked at.
    env = {**os.environ, "LC_ALL": "C.UTF-8"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2], env=env)
    assert (done.returncode, done.stderr) == (0, "")


def test_bare_numbers_fill_from_a_preset_by_key(qtbot: QtBot, window: Shell) -> None:
    at(window, "volume", replace(BAKERY, units_per_day=None, busiest_hour_units=None))
    window.page.presets[1].setFocus()
    press(qtbot, Qt.Key.Key_Return)
    assert window.page.day.value() == 400
    assert window.page.hour.value() is not None


@pytest.fixture
def run_page(qtbot: QtBot, window: Shell, tmp_path: Path) -> Callable[[str], None]:
    def show(name: str) -> None:
        at(window, "test_run", replace(BAKERY, model_path=str(tmp_path / name)))

    return show


def test_the_test_run_goes_on_by_itself(qtbot: QtBot, window: Shell, run_page: Callable[[str], None]) -> None:
    run_page("good.onnx")
    assert window.main_button.text().replace("&", "") == "Run the test"
    press(qtbot, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.here == flow.CHECK, timeout=15000)
    assert window.session.measurement is not None
    assert window.session.measurement.best_round_ms == 22.0


def test_continue_during_the_test_explains_and_stop_ends_the_process(qtbot: QtBot, window: Shell, run_page: Callable[[str], None]) -> None:
    import psutil

    run_page("slow.onnx")
    press(qtbot, Qt.Key.Key_Return)
    page = window.page
    qtbot.waitUntil(lambda: page.bar.value() >= 800, timeout=15000)
    pid = page.child.pid
    assert page.words.text().startswith("Timing")
    assert page.left.text()
    window.press_main()
    assert "still running" in window.frame.summary.accessibleName()
    page.stop.setFocus()
    press(qtbot, Qt.Key.Key_Return)
    assert not page.running
    assert not psutil.pid_exists(pid)
    assert window.main_button.text().replace("&", "") == "Run the test"


def test_closing_the_window_leaves_no_process(qtbot: QtBot, window: Shell, run_page: Callable[[str], None]) -> None:
    import psutil

    run_page("slow.onnx")
    press(qtbot, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.page.bar.value() >= 200, timeout=15000)
    pid = window.page.child.pid
    window.close()
    assert not psutil.pid_exists(pid)


@pytest.mark.parametrize(("name", "words"), [("bad.onnx", "is not a model"), ("dies.onnx", "dies.onnx")])
def test_a_test_that_fails_is_told_and_can_be_skipped(
    qtbot: QtBot, window: Shell, run_page: Callable[[str], None], name: str, words: str
) -> None:
    run_page(name)
    press(qtbot, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.frame.summary.isVisible(), timeout=15000)
    assert words in window.frame.summary.accessibleName()
    window.page.skip.setFocus()
    press(qtbot, Qt.Key.Key_Return)
    assert window.here == flow.CHECK
    assert window.session.measurement is None


def test_a_test_run_from_another_computer_is_taken_in_and_left_out(
    qtbot: QtBot, dressed: QApplication, outside: Outside, tmp_path: Path
) -> None:
    made = a_measurement()
    other = replace(made, machine=replace(made.machine, name="office server"))
    (tmp_path / "M.json").write_text(json.dumps(other.to_json()), encoding="utf-8")
    (tmp_path / "nameless.json").write_text(json.dumps(made.to_json()), encoding="utf-8")
    asked = iter([tmp_path / "nameless.json", tmp_path / "M.json", None])
    shell = Shell(replace(outside, pick_file=lambda *_: next(asked)))
    qtbot.addWidget(shell)
    with qtbot.waitActive(shell):
        shell.show()
        shell.activateWindow()
    at(shell, "test_run", replace(BAKERY, model_path=str(tmp_path / "good.onnx"), profile=None))
    page = shell.page
    page.others.setFocus()
    press(qtbot, Qt.Key.Key_Return)
    assert "does not say which computer" in shell.frame.summary.accessibleName()
    page.others.setFocus()
    press(qtbot, Qt.Key.Key_Return)
    assert not shell.frame.summary.isVisible()
    assert page.added.text().startswith("On office server: half of the answers came within")
    assert [m.machine.name for m in shell.session.measurements] == ["office server"]
    press(qtbot, Qt.Key.Key_Return)
    page.drop.setFocus()
    press(qtbot, Qt.Key.Key_Return)
    assert shell.session.measurements == ()


def test_a_model_with_a_free_size_is_asked_for_it(qtbot: QtBot, window: Shell, tmp_path: Path) -> None:
    at(window, "model_file", replace(BAKERY, model_path=None))
    qtbot.keyClicks(window.page.file.edit, str(tmp_path / "free.onnx"))
    press(qtbot, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.frame.summary.isVisible(), timeout=15000)
    assert window.here == "model_file"
    height = window.page.field_for("job.model.onnx.height")
    assert "high" in height.words
    height.focus_target().setFocus()
    qtbot.keyClicks(height.focus_target(), "640")
    press(qtbot, Qt.Key.Key_Return)
    assert window.here == "data"
    assert window.session.sizes == (("height", 640),)
    assert window.session.profile is not None


def test_a_file_that_is_no_model_is_told_beside_the_field(qtbot: QtBot, window: Shell, tmp_path: Path) -> None:
    at(window, "model_file", replace(BAKERY, model_path=None))
    qtbot.keyClicks(window.page.file.edit, str(tmp_path / "bad.onnx"))
    press(qtbot, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.frame.summary.isVisible(), timeout=15000)
    assert "is not a model" in window.page.file.problem_label.text()
