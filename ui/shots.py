"""`python -m ui.shots [FOLDER] [PAGE ...]`: a picture of every page, light and dark, at normal and large text.

The answers are those of one made-up bakery; the font is the bundled one, so that two runs give the same bytes.
"""

from __future__ import annotations

import os
import sys
import tempfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from advisor import flow
from advisor.measurement import Machine
from advisor.need import Owned
from advisor.session import Session

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QApplication

    from advisor.advice import Advice
    from advisor.price_list import Price
    from ui.outside import Outside
    from ui.shell import Shell

NOW: Final = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
FONT: Final = "Source Sans Pro"
CATALOG: Final = "catalog"
# The same page further down, where the cards are, and with an update that is shown before it counts.
CARDS: Final = "catalog_cards"
UPDATE: Final = "catalog_update"
PAGES: Final = (*flow.PAGES, CATALOG, CARDS, UPDATE)

BAKERY: Final = Session(
    task="image-classification",
    unit="photo",
    units_per_day=400.0,
    busiest_hour_units=120.0,
    days_per_week=6.0,
    limit_ms=1000.0,
    speed_of="answer",
    simple_rule_could_do=False,
    model_choice="file",
    model_path="/home/sommer/models/bread-check.onnx",
    data="ordinary",
    data_must_stay="eu",
    identifies_people=False,
    decision_about_people=False,
    must_work_without_internet=True,
    longest_outage_minutes=60.0,
    firm="Bäckerei Sommer",
    country="DE",
    currency="EUR",
    people=6,
    it_skill="low",
    internet="wired",
    uplink_mbps=20.0,
    owned=(
        Owned("Intel Core i5-7500, 4 cores", None, 8.0, None, "nights", True),
        Owned("old laptop 2015", None, 4.0, None, "always", False),
    ),
    upfront_max=400.0,
    monthly_max=30.0,
)
COMPUTER: Final = Machine("Intel Core i5-7500", 4, 4, ("avx2",), 8.0, None, "Windows 11", "mains", None)


def made_up_advice(_: Session) -> Advice:
    """The invented answer that the tests use."""
    from tests.builders import an_advice

    return an_advice()


def real_advice(session: Session) -> Advice:
    """The true answer for the bakery with the catalog's sample model, as its own file lies on no other computer."""
    from ui import composition

    return composition.advise(replace(session, model_choice="none", reference="photo-sorting"), NOW.date())


def still_prices(session: Session, asked_for: tuple[str, ...] = ()) -> tuple[Price, ...]:
    """A device, a rented machine, a service and the tariffs, whatever was worked out before."""
    from advisor import price_list
    from ui import composition

    found, today, currency = composition.the_catalog(), NOW.date(), session.currency or "EUR"
    names = ("device:raspberry-pi-5", "machine:hetzner:cx33:fsn1", "service:groq:whisper-large-v3-turbo")
    some = (price_list.named(n, found, currency, today) for n in dict.fromkeys((*asked_for, *names)))
    tariffs = price_list.tariffs(found, session.country or "DE", currency, today, mobile=True)
    return (*(p for p in some if p is not None), *tariffs)


def bundled_font(app: QApplication) -> None:
    """Make the program's text use the font of the PDF, the same on every computer."""
    import font_source_sans_pro
    from PySide6.QtGui import QFont, QFontDatabase

    for path in sorted((Path(font_source_sans_pro.__file__).parent / "files").glob("*.ttf")):
        QFontDatabase.addApplicationFont(str(path))
    app.setFont(QFont(FONT, 11))


def still_outside(folder: Path) -> Outside:
    """An outside without clock, computer or network: the same for every run."""
    from ui import composition

    return replace(
        composition.outside("en_GB", folder), now=lambda: NOW, prices=still_prices,
        advise=made_up_advice, complete=lambda _, advice, __: advice,
        this_computer=lambda: COMPUTER,
        write_pdf=lambda *_: None, pick_file=lambda *_: None, pick_folder=lambda *_: None, pick_target=lambda *_: None,
        open_folder=lambda _: None,
    )  # fmt: skip


def show_page(window: Shell, page: str, session: Session) -> None:
    """Bring the window to a page as an owner would see it there."""
    if page in (CATALOG, CARDS, UPDATE):
        _show_catalog(window, page, session)
        return
    branch = {"model_service": "service", "model_size": "size"}.get(page)
    if branch == "service":
        session = replace(session, task="ocr", model_choice="service")
    elif branch == "size":
        session = replace(session, model_choice="size", params_millions=5.3)
    window.session = session
    window.way_back = [] if page == flow.START else [flow.START]
    window.go(page)
    if page == flow.RESULT:
        result = window.page
        _wait(lambda: result.is_complete)  # type: ignore[attr-defined]


def _wait(until: Callable[[], bool]) -> None:
    from PySide6.QtCore import QEventLoop, QTimer

    loop = QEventLoop()
    poll = QTimer(interval=20)
    poll.timeout.connect(lambda: loop.quit() if until() else None)
    poll.start()
    loop.exec()


def _show_catalog(window: Shell, page: str, session: Session) -> None:
    """The prices and chips, opened from the first question by an owner whose model is a typical one."""
    window.session = replace(session, model_choice="none", reference="photo-sorting", model_path=None)
    window.way_back = [flow.START]
    window.go("task")
    window.open_catalog()
    shown: Any = window.page
    _wait(lambda: bool(shown.search.cards))
    shown.update_box.hide()
    if page == UPDATE:
        shown.update_box.propose(_UPDATE_LINES)
        shown.words_changed.emit()
        settle(window)
        window.frame.show_top_of(shown.update_box)
    if page == CARDS:
        settle(window)
        window.frame.show_top_of(shown.search.cards[0])


_UPDATE_LINES: Final = (
    "This update is signed and sound: catalog 2026.12.01 of 1 December 2026. You have 2026.11.24 of 24 November 2026.",
    "Of 88,412 prices in both, 1,204 have moved. The largest moves:",
    "  NVIDIA Jetson Orin Nano Super Developer Kit: 249 to 299 USD (+20 %)",
    "  Hetzner cx33 fsn1: 0.0089 to 0.0079 USD per hour (-11 %)",
    "Tables that change:",
    "  devices: 3 rows new, 1 gone",
    "We worked 4 of your saved answers out again; the advice changes for 1:",
    "  Bäckerei Sommer: from “Intel Core i5-7500, 4 cores” to “Hetzner cx33 in Germany”",
)


def settle(window: Shell) -> None:
    """Let the window finish laying itself out: tables set their height once they know their width."""
    from PySide6.QtCore import QEventLoop, QTimer

    before, steady = None, 0
    while steady < 3:
        loop = QEventLoop()
        QTimer.singleShot(10, loop.quit)
        loop.exec()
        column = window.frame.widget()
        now = (column.size(), column.heightForWidth(column.width()), window.size())
        steady, before = steady + 1 if now == before else 0, now


def main(arguments: list[str]) -> int:
    """Draw the pages; prints where they are."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtWidgets import QApplication

    from ui import theme
    from ui.lasting_none import keep_none_alive
    from ui.shell import Shell

    keep_none_alive()
    app = QApplication(sys.argv[:1])
    bundled_font(app)
    folder = Path(arguments[0] if arguments else "out/shots")
    folder.mkdir(parents=True, exist_ok=True)
    wanted = tuple(arguments[1:]) or PAGES
    count = 0
    for scheme in ("light", "dark"):
        for percent in (100, 150, 200):
            # A folder for each: a window that closes keeps its answers, which would stand on the start page of the next one.
            with tempfile.TemporaryDirectory() as user_folder:
                outside = replace(still_outside(Path(user_folder)), advise=real_advice)
                saved = outside.store.sessions / "answers.edgewise"
                outside.store.keep(BAKERY, saved)
                os.utime(saved, (NOW.timestamp(), NOW.timestamp()))
                theme.apply(app, scheme, percent)  # type: ignore[arg-type]
                window = Shell(outside)
                window.resize(1000, 700)
                window.show()
                window.activateWindow()
                settle(window)
                # At the largest text a page is looked at where it holds the most.
                for page in wanted if percent < 200 else [p for p in wanted if p.startswith(CATALOG)]:
                    show_page(window, page, BAKERY)
                    settle(window)
                    window.grab().save(str(folder / f"{page}_{scheme}_{percent}.png"))
                    count += 1
                window.close()
    sys.stdout.write(f"{count} pictures in {folder}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
