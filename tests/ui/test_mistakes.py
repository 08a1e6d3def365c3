"""What an owner does wrong is told in one plain sentence, where it happened, and nothing that was typed is lost."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel

from advisor import flow
from advisor.benchmark.client import job_command
from advisor.benchmark.sample import model_bytes
from advisor.session import Session, load
from ui import composition
from ui.shell import Shell
from ui.shots import BAKERY, show_page

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from ui.outside import Outside

FORBIDDEN = re.compile(r"please|sorry|invalid|oops|error|exception|traceback|errno|\bNone\b", re.IGNORECASE)


@pytest.fixture
def outside(outside: Outside) -> Outside:
    """The made-up outside, but models are read by the real process."""
    return replace(outside, benchmark_command=job_command)


def at(window: Shell, page: str, session: Session = BAKERY) -> None:
    window.session = session
    window.way_back = [flow.START]
    window.go(page)


def told(window: Shell) -> str:
    """The words in the box, which is titled as it should be and has the focus."""
    box = window.frame.summary
    assert box.isVisible()
    assert box.hasFocus()
    title, *lines = [label.text() for label in box.findChildren(QLabel)]
    assert title == "There is a problem"
    words = " ".join(lines)
    assert box.accessibleName() == f"There is a problem. {words}"
    assert not FORBIDDEN.search(words), words
    assert words.endswith(".")
    return words


def torch_file() -> bytes:
    """What PyTorch writes: a packed folder with a pickle in it."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as folder:
        folder.writestr("model/data.pkl", b"\x80\x02}q\x00.")
        folder.writestr("model/version", b"3\n")
    return packed.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "happened", "to_do"),
    [
        ("nowhere.onnx", None, "no such file", "Check the name"),
        ("model.pt", torch_file, "model.pt is", "ONNX"),
        ("cut.onnx", lambda: model_bytes()[:100_000], "cut.onnx is damaged", "Copy or download the model again"),
        ("empty.onnx", lambda: b"", "empty", "Copy or download the model again"),
        ("letter.onnx", lambda: b"Dear Sir or Madam", "text file", "ends in .onnx"),
    ],
)
def test_a_file_that_will_not_do(
    qtbot: QtBot, window: Shell, tmp_path: Path, name: str, content: Callable[[], bytes] | None, happened: str, to_do: str
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content())
    at(window, "model_file", replace(BAKERY, model_path=None))
    qtbot.keyClicks(window.page.file.edit, str(path))
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.frame.summary.isVisible(), timeout=30000)
    words = told(window)
    assert happened in words
    assert to_do in words
    assert window.page.file.problem_label.text() == words
    assert window.page.file.edit.text() == str(path)
    assert window.here == "model_file"
    # The next try is not held up by the last one.
    good = tmp_path / "good.onnx"
    good.write_bytes(model_bytes())
    window.page.file.edit.setFocus()
    window.page.file.edit.selectAll()
    qtbot.keyClicks(window.page.file.edit, str(good))
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.here == "data", timeout=30000)
    assert window.session.model_path == str(good)


@pytest.mark.parametrize(
    ("typed", "happened"),
    [
        ("", "“On a usual day” is empty. Type a number. A rough one is fine."),
        ("lots", "We could not read “lots” as a number. Use digits only, such as 250."),
        ("4 photos", "We could not read “4 photos” as a number."),
        ("1e5", "We could not read “1e5” as a number."),
        ("0", "“On a usual day” is too small. It must be more than 0."),
        ("-5", "“On a usual day” is too small. It must be more than 0."),
        ("9" * 20, "“On a usual day” is too large."),
    ],
)
def test_a_number_that_is_none(qtbot: QtBot, window: Shell, typed: str, happened: str) -> None:
    at(window, "volume", replace(BAKERY, units_per_day=None))
    day, hour = window.page.day, window.page.hour
    qtbot.keyClicks(day.edit, typed)
    qtbot.keyClick(day.edit, Qt.Key.Key_Return)
    words = told(window)
    assert words.startswith(happened)
    assert day.problem_label.isVisible()
    assert day.problem_label.text() == words
    assert day.edit.text() == typed
    assert hour.edit.text() == "120"
    assert window.here == "volume"
    # Mended, it goes on, and the words are gone when the owner comes back.
    day.edit.setFocus()
    day.edit.selectAll()
    qtbot.keyClicks(day.edit, "400")
    qtbot.keyClick(day.edit, Qt.Key.Key_Return)
    assert window.here == "speed"
    window.back()
    assert not window.frame.summary.isVisible()
    assert not window.page.day.problem_label.isVisible()


def test_all_wrong_fields_of_a_page_are_told_at_once(qtbot: QtBot, window: Shell) -> None:
    at(window, "money", replace(BAKERY, upfront_max=None, monthly_max=None))
    qtbot.keyClicks(window.page.upfront.edit, "much")
    qtbot.keyClicks(window.page.monthly.edit, "little")
    window.press_main()
    words = told(window)
    assert "“much”" in words
    assert "“little”" in words


@pytest.mark.parametrize("name", ["report.pdf", "report"])
def test_a_folder_that_takes_no_report(qtbot: QtBot, dressed: QApplication, outside: Outside, tmp_path: Path, name: str) -> None:
    (tmp_path / "a file").write_text("not a folder")
    target = tmp_path / "a file" / name
    real = composition.outside("en_GB", tmp_path / "home")
    window = Shell(replace(outside, write_pdf=real.write_pdf, pick_target=lambda *_: target))
    qtbot.addWidget(window)
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    show_page(window, flow.RESULT, BAKERY)
    window.main_button.setFocus()
    qtbot.keyClick(window.main_button, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.frame.summary.isVisible(), timeout=30000)
    words = told(window)
    assert "report.pdf" in words
    assert "Choose another folder" in words
    assert not window.page.saved.isVisible()
    assert window.page.advice is not None
    assert list(tmp_path.glob("*.pdf")) == []


DAMAGED = {
    "half.edgewise": b'{"format": "edgewise/session/1", "task": "oc',
    "other.edgewise": b'{"format": "edgewise/session/1", "task": 3}',
    "picture.edgewise": b"\xff\xd8\xff\xe0\x00\x10JFIF",
    "newer.edgewise": b'{"format": "edgewise/session/9"}',
}


@pytest.mark.parametrize("name", [*DAMAGED, "gone.edgewise"])
def test_a_plan_that_cannot_be_read(qtbot: QtBot, dressed: QApplication, outside: Outside, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if name in DAMAGED:
        path.write_bytes(DAMAGED[name])
    window = Shell(replace(outside, pick_file=lambda *_: path))
    qtbot.addWidget(window)
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    other = window.page._other
    other.setFocus()
    qtbot.keyClick(other, Qt.Key.Key_Return)
    assert name in told(window)
    assert window.here == flow.START


def test_a_plan_that_cannot_be_read_is_never_written_over(qtbot: QtBot, dressed: QApplication, outside: Outside, tmp_path: Path) -> None:
    path = tmp_path / "newer.edgewise"
    path.write_bytes(DAMAGED["newer.edgewise"])
    window = Shell(outside, path)
    qtbot.addWidget(window)
    window.show()
    assert "newer.edgewise" in window.frame.summary.accessibleName()
    window.press_main()
    window.page.choice.set_value("ocr")
    window.press_main()
    window.save_and_close()
    assert path.read_bytes() == DAMAGED["newer.edgewise"]
    assert [load(saved.path).task for saved in outside.store.recent()] == ["ocr"]


def test_a_disk_that_takes_no_answers_keeps_the_window_open_once(window: Shell, outside: Outside) -> None:
    outside.store.folder.mkdir(parents=True, exist_ok=True)
    outside.store.sessions.write_text("a file where the folder should be")
    at(window, "speed")
    window.close()
    assert window.isVisible()
    words = told(window)
    assert "We could not save" in words
    assert "close the window once more" in words
    assert window.page.choice.value() == BAKERY.limit_ms
    window.close()
    assert not window.isVisible()


def test_answers_are_kept_when_the_window_closes_on_the_first_page(window: Shell, outside: Outside) -> None:
    at(window, "speed")
    window.back()
    assert window.here == flow.START
    window.close()
    (saved,) = outside.store.recent()
    assert load(saved.path).limit_ms == BAKERY.limit_ms
