"""The real outside in a throw-away folder, with a fixed clock and paths in place of the file dialogs."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from tests.journey.keyboard import Keyboard
from tests.ui.conftest import dressed, none_lives, nothing_left_behind, qapp_args  # noqa: F401 - fixtures
from ui import composition
from ui.shell import Shell

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from PySide6.QtWidgets import QApplication
    from pytestqt.qtbot import QtBot

    from ui.outside import Outside

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
# Long enough for every stage of the test run to come, short enough for a test.
SECONDS = 4.0


@pytest.fixture
def model_file(tmp_path: Path) -> Path:
    """A tiny picture model: one convolution, the middle of each picture, ten scores; the number of pictures is free."""
    rng = np.random.default_rng(7)
    nodes = [
        helper.make_node("Conv", ["photo", "kernel"], ["c"], kernel_shape=[3, 3], pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["c"], ["r"]),
        helper.make_node("GlobalAveragePool", ["r"], ["p"]),
        helper.make_node("Flatten", ["p"], ["f"]),
        helper.make_node("MatMul", ["f", "table"], ["scores"]),
    ]
    weights = {"kernel": (8, 3, 3, 3), "table": (8, 10)}
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info("photo", TensorProto.FLOAT, ["batch", 3, 64, 64])],
        [helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["batch", 10])],
        [numpy_helper.from_array(rng.standard_normal(shape).astype(np.float32), name) for name, shape in weights.items()],
    )
    path = tmp_path / "bread-check.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)
    return path


@pytest.fixture
def report_path(tmp_path: Path) -> Path:
    """Where the owner says the report shall go."""
    return tmp_path / "my documents" / "report.pdf"


@pytest.fixture
def outside(tmp_path: Path, model_file: Path, report_path: Path) -> Outside:
    report_path.parent.mkdir()
    return replace(
        composition.outside("en_GB", tmp_path / "home", lambda: NOW),
        benchmark_seconds=SECONDS,
        pick_file=lambda *_: model_file,
        pick_target=lambda *_: report_path,
        open_folder=lambda _: None,
    )


@pytest.fixture
def open_window(qtbot: QtBot, dressed: QApplication, outside: Outside) -> Callable[[], tuple[Shell, Keyboard]]:  # noqa: F811
    """Opens the program as the owner finds it; may be called again after closing."""

    def opened() -> tuple[Shell, Keyboard]:
        window = Shell(outside)
        qtbot.addWidget(window)
        with qtbot.waitActive(window):
            window.show()
            window.activateWindow()
        return window, Keyboard(qtbot, window)

    return opened
