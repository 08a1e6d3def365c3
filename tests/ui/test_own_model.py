"""The pages of an own model: samples in place of sizes, a drawing beside a size, slimmer copies on request."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from advisor import flow
from advisor.session import from_json
from ui.pages.test_run import TestRunPage
from ui.shell import Shell
from ui.shots import BAKERY
from ui.widgets.size_picture import SizePicture, kind_of

if TYPE_CHECKING:
    from pathlib import Path

    from PySide6.QtWidgets import QApplication
    from pytestqt.qtbot import QtBot

    from ui.outside import Outside


def opened(qtbot: QtBot, outside: Outside, page: str, **answers: object) -> Shell:
    window = Shell(outside)
    qtbot.addWidget(window)
    with qtbot.waitExposed(window):
        window.show()
    window.session = replace(BAKERY, model_choice="file", measurement=None, **answers)  # type: ignore[arg-type]
    window.way_back = [flow.START]
    window.go(page)
    return window


def read(qtbot: QtBot, window: Shell, path: Path) -> None:
    window.page.file.set_value(str(path))
    window.page._typed()
    qtbot.waitUntil(lambda: window.page._child is None, timeout=15000)


@pytest.mark.usefixtures("dressed")
def test_a_free_size_is_asked_with_a_drawing_and_a_sample_settles_it(qtbot: QtBot, outside: Outside, tmp_path: Path) -> None:
    given = replace(outside, pick_folder=lambda *_: tmp_path / "photos")
    window = opened(qtbot, given, "model_file", model_path=None, profile=None, sizes=())
    page = window.page
    read(qtbot, window, tmp_path / "free.onnx")
    assert [f.words for f in page._size_fields.values()] == ["How many dots high are your pictures?"]
    (drawing,) = page.findChildren(SizePicture)
    assert drawing.isVisible()
    assert "lower to its upper edge" in drawing.accessibleName()
    page._pick_folder()
    qtbot.waitUntil(lambda: page._child is None and page._profile is not None, timeout=15000)
    assert page._size_fields == {}
    session = page.answer()
    assert session.samples_path == str(tmp_path / "photos")
    assert from_json(session.to_json()).samples_path == session.samples_path


@pytest.mark.usefixtures("dressed")
def test_what_is_wrong_with_a_sample_is_told_beside_it(qtbot: QtBot, outside: Outside, tmp_path: Path) -> None:
    given = replace(outside, pick_file=lambda *_: tmp_path / "wrong.png")
    window = opened(qtbot, given, "model_file", model_path=None, profile=None, sizes=())
    page = window.page
    read(qtbot, window, tmp_path / "good.onnx")
    page._pick_sample()
    qtbot.waitUntil(lambda: page._child is None, timeout=15000)
    assert "not a picture" in page.samples.problem_label.text()
    assert not page.file.problem_label.isVisible()
    assert any("not a picture" in p.what_happened for p in page.answer())
    page.samples.set_value("")
    page._typed()
    qtbot.waitUntil(lambda: page._child is None, timeout=15000)
    assert not page.samples.problem_label.isVisible()
    assert page.answer().samples_path is None


@pytest.mark.usefixtures("dressed")
def test_other_samples_need_another_test(tmp_path: Path) -> None:
    one = BAKERY.with_model_file("m.onnx", None, (), "a.png")
    assert one.with_model_file("m.onnx", None, (), "a.png") == one
    assert "test_run" not in one.finished("test_run").with_model_file("m.onnx", None, (), "b.png").done


@pytest.mark.usefixtures("dressed")
def test_slimmer_copies_are_timed_on_request_and_told_of(qtbot: QtBot, outside: Outside, tmp_path: Path) -> None:
    window = opened(qtbot, outside, "test_run", model_path=str(tmp_path / "good.onnx"), sizes=())
    page = window.page
    assert isinstance(page, TestRunPage)
    assert page.what.value() is False
    before = page.hint
    page.what.set_value(True)
    page._choose()
    assert window.session.try_copies is True
    assert page.hint != before
    page._start()
    qtbot.waitUntil(lambda: page.child is None and window.session.measurement is not None, timeout=15000)
    measured = window.session.measurement
    assert measured is not None
    _, words = page._told(measured)
    assert "We fed it input 1 x 3 x 224 x 224" in words
    assert "It ran in 1 fresh start on 4 cores, plugged in." in words
    assert "takes 0.5 of the model" in words
    assert "90 of 100 of your samples" in words
    assert "Too many answers change" in words


@pytest.mark.parametrize(
    ("name", "kind"),
    [("height", "height"), ("W", "width"), ("sequence_length", "length"), ("num_samples", "sound"), ("x[2]", None)],
)
def test_the_drawing_goes_by_the_name(name: str, kind: str | None) -> None:
    assert kind_of(name) == kind


@pytest.mark.parametrize("kind", ["height", "width", "length", "sound"])
def test_every_drawing_is_drawn_in_the_colours_of_the_theme(qtbot: QtBot, dressed: QApplication, kind: str) -> None:
    drawing = SizePicture(kind)
    qtbot.addWidget(drawing)
    drawing.resize(drawing.sizeHint())
    picture = drawing.grab().toImage()
    colours = {picture.pixelColor(x, y).rgb() for x in range(picture.width()) for y in range(picture.height())}
    assert len(colours) > 5
