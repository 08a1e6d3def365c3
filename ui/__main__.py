"""`python -m ui [SESSION]`: opens the window."""

from __future__ import annotations

import argparse
import logging
import sys
from logging.handlers import RotatingFileHandler
from pathlib import Path


def _log_to(file: Path) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handler = RotatingFileHandler(file, maxBytes=1_000_000, backupCount=2, encoding="utf-8")
    except OSError:
        # A folder that takes no log must not keep the window from opening.
        logging.basicConfig(level=logging.WARNING)
        return
    logging.basicConfig(level=logging.INFO, handlers=[handler], format="%(asctime)s %(levelname)s %(name)s: %(message)s")


def main(arguments: list[str] | None = None) -> int:
    """Open the window; the exit code of the program."""
    parser = argparse.ArgumentParser(prog="python -m ui", description="Where should your AI run? The window of Edgewise.")
    parser.add_argument("session", nargs="?", type=Path, help="saved answers to go on with")
    parser.add_argument("--selftest", action="store_true", help="open every page without showing it, then end")
    asked = parser.parse_args(arguments)

    from PySide6.QtCore import QLocale
    from PySide6.QtWidgets import QApplication

    from advisor.commands.places import home
    from ui import composition, crash, theme
    from ui.lasting_none import keep_none_alive
    from ui.shell import Shell

    keep_none_alive()
    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    app.setApplicationName("Edgewise")
    outside = composition.outside(QLocale.system().name(), home())
    _log_to(outside.store.log_file)
    if not asked.selftest:
        crash.install(outside.store.log_file)
    settings = outside.store.settings()
    theme.apply(app, settings.scheme, settings.text_percent)
    app.styleHints().colorSchemeChanged.connect(
        lambda _: theme.apply(app, outside.store.settings().scheme, outside.store.settings().text_percent)
    )
    window = Shell(outside, asked.session)
    if asked.selftest:
        from ui.selftest import every_page

        sys.stdout.write(every_page(window) + "\n")
        return 0
    window.show()
    return int(app.exec())


if __name__ == "__main__":
    sys.exit(main())
