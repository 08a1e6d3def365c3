"""What a person sees when the program itself is at fault."""

from __future__ import annotations

import logging
import sys
import traceback
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QApplication, QDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from ui.widgets.text import label

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from types import TracebackType

_log = logging.getLogger(__name__)


_LOG_LINES = 60


class CrashDialog(QDialog):
    """What happened, the details to copy, and where the log is."""

    def __init__(self, details: str, log_file: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Something went wrong")
        self.setMinimumWidth(420)
        self.details = details
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(12)
        column.addWidget(label("Something went wrong", "heading"))
        column.addWidget(
            label("This is a fault of ours, not yours. Your answers are still there. You can go on, or save and start the program again.")
        )
        column.addWidget(label(f"The details are in the log: {log_file}", "hint"))
        row = QHBoxLayout()
        self.copy = QPushButton("Copy details")
        self.copy.clicked.connect(lambda _=False: QApplication.clipboard().setText(self.details))
        self.go_on = QPushButton("Go on")
        self.go_on.setProperty("main", "true")
        self.go_on.setDefault(True)
        self.go_on.clicked.connect(self.accept)
        row.addWidget(self.copy)
        row.addStretch(1)
        row.addWidget(self.go_on)
        column.addLayout(row)


def background(versions: Mapping[str, str], log_file: Path) -> str:
    """What helps whoever looks into a failure: the versions and the end of the log."""
    try:
        log = log_file.read_text(encoding="utf-8", errors="replace").splitlines()[-_LOG_LINES:]
    except OSError:
        log = []
    return "\n".join([*(f"{name} {version}" for name, version in versions.items()), *log])


def install(log_file: Path) -> None:
    """From now on an error nobody caught is written to the log and told in plain words."""

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
            return
        details = "".join(traceback.format_exception(kind, error, trace))
        _log.critical("an error nobody caught:\n%s", details)
        if QApplication.instance() is not None:
            CrashDialog(details, log_file, QApplication.activeWindow()).exec()

    sys.excepthook = hook
