"""Prices and chips: found while typing, an update shown before it counts, and the way in and back."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QPushButton

from advisor import catalog, flow
from advisor.catalog_updates import Shelf
from advisor.catalog_updates.standing import standing
from advisor.catalog_updates.taking import accept, prepare, roll_back
from advisor.problems import AdvisorError, Problem
from tests.journey.keyboard import name_of, plain
from tests.updates.small import TODAY, TRUSTED, no_check, put_folder, small, update
from ui import jobs, theme
from ui.shots import BAKERY
from ui.widgets.text_table import TextTable

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytestqt.qtbot import QtBot

    from advisor.catalog_updates.taking import Proposal
    from advisor.session import Session
    from ui.outside import Outside
    from ui.pages.catalog import CatalogPage
    from ui.shell import Shell

PHOTOS = replace(BAKERY, model_choice="none", reference="photo-sorting", model_path=None)


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    """A small catalog that came with the program; nothing taken over yet."""
    return Shelf(tmp_path / "shelf", put_folder(tmp_path / "program", small()))


@pytest.fixture
def outside(outside: Outside, shelf: Shelf) -> Outside:
    """The chips are those of the real catalog; the updates are signed with the tests' keys and change a small one."""

    def look(path: Path, progress: Callable[[int, int], None]) -> Proposal:
        saved = outside.store.sessions.glob("*.edgewise")
        return prepare(path, shelf, TODAY, saved=saved, root=TRUSTED, check=no_check, progress=progress)

    def go_back() -> tuple[str, str]:
        found = roll_back(shelf)
        return found.version, found.day

    desk = replace(
        outside.catalog,
        standing=lambda: standing(catalog.load(shelf.current()), shelf, TODAY),
        look=look,
        take=lambda proposal: accept(proposal, shelf),
        go_back=go_back,
    )
    return replace(outside, catalog=desk, versions=lambda: {"program": "1", "catalog": catalog.load(shelf.current()).version})


def opened(qtbot: QtBot, window: Shell, session: Session = PHOTOS, page: str = "speed") -> CatalogPage:
    window.session = session
    window.way_back = [flow.START]
    window.go(page)
    push(qtbot, window.rail.catalog)
    assert window.here == "catalog"
    found: CatalogPage = window.page
    qtbot.waitUntil(lambda: bool(found.search.cards), timeout=10000)
    return found


def push(qtbot: QtBot, button: QPushButton) -> None:
    button.setFocus()
    qtbot.keyClick(button, Qt.Key.Key_Return)


def words_on(widget: object) -> str:
    # What was just put into a layout is shown with the next event.
    QApplication.processEvents()
    return "\n".join(plain(w.text()) for w in widget.findChildren(QLabel) if w.isVisibleTo(widget))  # type: ignore[attr-defined]


def shown_update(qtbot: QtBot, page: CatalogPage, path: Path, content: bytes) -> None:
    path.write_bytes(content)
    page.outside = replace(page.outside, pick_file=lambda *_: path)
    push(qtbot, page.head.load)
    qtbot.waitUntil(lambda: not page._busy, timeout=10000)


# ---- looking for a chip ----------------------------------------------------------------------------------------------


def test_chips_are_found_while_one_types(qtbot: QtBot, window: Shell) -> None:
    page = opened(qtbot, window)
    assert QApplication.focusWidget() is page.search.words.edit
    assert page.search.count.text() == "386 chips"
    assert len(page.search.cards) == 10
    qtbot.keyClicks(page.search.words.edit, "rtx 4060")
    qtbot.waitUntil(lambda: page.search.count.text() == "4 of 386 chips", timeout=2000)
    assert page.search.cards[0].card.name == "NVIDIA GeForce RTX 4060"
    assert not page.search.more.isVisible()


def test_typing_waits_for_a_pause_and_looks_once(qtbot: QtBot, window: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    page = opened(qtbot, window)
    looked: list[object] = []
    find = page.search._finder.find
    monkeypatch.setattr(page.search._finder, "find", lambda query: looked.append(query) or find(query))
    qtbot.keyClicks(page.search.words.edit, "hailo")
    assert looked == []
    qtbot.waitUntil(lambda: len(looked) == 1, timeout=2000)
    assert page.search.count.text() == "4 of 386 chips"


def test_enter_looks_at_once_and_stays_on_the_page(qtbot: QtBot, window: Shell) -> None:
    page = opened(qtbot, window)
    qtbot.keyClicks(page.search.words.edit, "hailo")
    qtbot.keyClick(page.search.words.edit, Qt.Key.Key_Return)
    assert window.here == "catalog"
    assert page.search.count.text() == "4 of 386 chips"


def test_kind_memory_and_price_narrow_the_list_by_key(qtbot: QtBot, window: Shell) -> None:
    page = opened(qtbot, window)
    search = page.search
    search.kind.combo.setFocus()
    qtbot.keyClick(search.kind.combo, Qt.Key.Key_Down)
    search.look()
    assert search.query().kind == "card"
    all_cards = len(search._found.ids)
    qtbot.keyClicks(search.memory.edit, "16")
    search.look()
    with_memory = len(search._found.ids)
    qtbot.keyClicks(search.price.edit, "700")
    search.look()
    assert 386 > all_cards > with_memory > len(search._found.ids) > 0
    assert search.price.unit_label.text() == "EUR"
    push(qtbot, search.clear)
    assert search.count.text() == "386 chips"
    assert not search.clear.isVisible()


def test_a_number_that_cannot_be_read_is_said_beside_it_and_asks_nothing(qtbot: QtBot, window: Shell) -> None:
    page = opened(qtbot, window)
    qtbot.keyClicks(page.search.memory.edit, "lots")
    page.search.look()
    assert "could not read" in page.search.memory.problem_label.text()
    assert page.search.count.text() == "386 chips"


def test_nothing_found_says_what_to_do(qtbot: QtBot, window: Shell) -> None:
    page = opened(qtbot, window)
    qtbot.keyClicks(page.search.words.edit, "toaster")
    page.search.look()
    assert page.search.count.text() == "0 of 386 chips"
    assert "Take out a word" in words_on(page)
    assert page.search.cards == ()


def test_ten_more_come_and_the_keyboard_goes_on_there(qtbot: QtBot, window: Shell) -> None:
    page = opened(qtbot, window)
    push(qtbot, page.search.more)
    assert len(page.search.cards) == 20
    assert QApplication.focusWidget() is page.search.cards[10].fold.button


def test_ten_cards_are_there_in_a_blink(qtbot: QtBot, window: Shell) -> None:
    page = opened(qtbot, window)
    took = []
    for _ in range(5):
        start = time.perf_counter()
        page.search._show_found()
        took.append(time.perf_counter() - start)
    # A twentieth of a second is the aim; a busy computer gets some room.
    assert min(took) < 0.1


def test_tops_come_with_the_details_only(qtbot: QtBot, window: Shell) -> None:
    page = opened(qtbot, window)
    qtbot.keyClicks(page.search.words.edit, "NVIDIA T4")
    page.search.look()
    card = page.search.cards[0]
    assert "TOPS" not in words_on(card)
    assert "0.47 an hour" in words_on(card)
    assert card.fold.button.accessibleName() == "Details of NVIDIA T4"
    push(qtbot, card.fold.button)
    (table,) = card.findChildren(TextTable)
    told = {table.item(r, 0).text(): table.item(r, 1).text() for r in range(table.rowCount())}
    assert "130 TOPS" in told["Peak arithmetic"]


def test_without_a_model_no_card_claims_to_run_it(qtbot: QtBot, window: Shell) -> None:
    page = opened(qtbot, window, replace(PHOTOS, reference=None, model_choice=None))
    assert "Once we know your model" in page.search.about.text()
    assert "runs your model" not in words_on(page)
    assert "We can tell once we know your model." in words_on(page.search.cards[0])


# ---- an update -------------------------------------------------------------------------------------------------------


def test_an_update_is_shown_then_taken_over_then_taken_back(qtbot: QtBot, window: Shell, shelf: Shelf, tmp_path: Path) -> None:
    page = opened(qtbot, window)
    assert page.head.name.text() == "Catalog of 23 November 2026"
    assert "It is 2 days old." in page.head.holds.text()
    assert not page.head.back.isVisible()
    shown_update(qtbot, page, tmp_path / "update.zip", update())
    told = words_on(page.update_box)
    assert "This update is signed and sound: catalog 2026.12.01 of 1 December 2026. You have 2026.11.23" in told
    assert "Of 8 prices in both, 8 have moved." in told
    assert "There are no saved answers" in told
    assert page.update_box.hasFocus()
    assert "8 have moved" in page.update_box.accessibleName()
    assert shelf.current() == shelf.bundled
    push(qtbot, page.update_box.take)
    qtbot.waitUntil(lambda: page.head.name.text() == "Catalog of 1 December 2026", timeout=10000)
    assert shelf.current() != shelf.bundled
    assert "From now on, advice is given with the catalog 2026.12.01." in words_on(page.update_box)
    assert page.head.back.isVisible()
    push(qtbot, page.head.back)
    qtbot.waitUntil(lambda: page.head.name.text() == "Catalog of 23 November 2026", timeout=10000)
    assert "as it was before" in words_on(page.update_box)
    assert shelf.current() == shelf.bundled
    assert not page.head.back.isVisible()


def test_not_now_changes_nothing(qtbot: QtBot, window: Shell, shelf: Shelf, tmp_path: Path) -> None:
    page = opened(qtbot, window)
    shown_update(qtbot, page, tmp_path / "update.zip", update())
    push(qtbot, page.update_box.later)
    assert not page.update_box.isVisible()
    assert not shelf.folder.exists()
    assert QApplication.focusWidget() is page.head.load


def test_the_catalog_that_counts_already_is_nothing_to_take_over(qtbot: QtBot, window: Shell, tmp_path: Path) -> None:
    page = opened(qtbot, window)
    shown_update(qtbot, page, tmp_path / "update.zip", update("2026.11.23", content={"rate": 1.1}))
    assert "There is nothing to take over." in words_on(page.update_box)
    assert not page.update_box.take.isVisible()
    push(qtbot, page.update_box.close_it)
    assert not page.update_box.isVisible()


def test_a_file_that_is_no_update_gives_one_plain_sentence(qtbot: QtBot, window: Shell, tmp_path: Path) -> None:
    page = opened(qtbot, window)
    shown_update(qtbot, page, tmp_path / "holiday.zip", b"not a zip at all")
    assert window.frame.summary.isVisible()
    told = window.frame.summary.accessibleName()
    assert "holiday.zip" in told
    assert "\n" not in told
    assert not page.update_box.isVisible()
    assert page.head.load.isEnabled()


def test_an_update_changed_on_its_way_is_refused(qtbot: QtBot, window: Shell, shelf: Shelf, tmp_path: Path) -> None:
    page = opened(qtbot, window)
    content = bytearray(update())
    content[len(content) // 2] ^= 1
    shown_update(qtbot, page, tmp_path / "update.zip", bytes(content))
    assert window.frame.summary.isVisible()
    assert not shelf.folder.exists()


def slow(page: CatalogPage, seconds: float = 0.6) -> list[str]:
    """Makes the look at an update take a while; what it did is noted."""
    noted: list[str] = []

    def look(_: Path, progress: Callable[[int, int], None]) -> Proposal:
        for i in range(int(seconds * 100)):
            time.sleep(0.01)
            progress(i, int(seconds * 100))
        noted.append("done")
        raise AdvisorError(Problem("X", "", "It came to its end.", "", "Nothing."))

    page.outside = replace(page.outside, pick_file=lambda *_: Path("x.zip"), catalog=replace(page.outside.catalog, look=look))
    return noted


def test_a_long_look_shows_its_progress_and_can_be_stopped(qtbot: QtBot, window: Shell) -> None:
    page = opened(qtbot, window)
    noted = slow(page, 60.0)
    push(qtbot, page.head.load)
    qtbot.waitUntil(lambda: page.update_box.bar.value() > 2, timeout=10000)
    assert not page.head.load.isEnabled()
    push(qtbot, page.update_box.stop)
    assert not page.update_box.isVisible()
    assert page.head.load.isEnabled()
    qtbot.waitUntil(lambda: not page.findChildren(jobs.Work), timeout=10000)
    assert noted == []
    assert not window.frame.summary.isVisible()


def test_leaving_the_page_stops_the_look(qtbot: QtBot, window: Shell) -> None:
    page = opened(qtbot, window)
    noted = slow(page, 60.0)
    push(qtbot, page.head.load)
    window.press_main()
    assert window.here == "speed"
    qtbot.waitUntil(lambda: not page.findChildren(jobs.Work), timeout=10000)
    assert noted == []


def test_closing_the_window_stops_the_look(qtbot: QtBot, window: Shell) -> None:
    page = opened(qtbot, window)
    noted = slow(page, 60.0)
    push(qtbot, page.head.load)
    start = time.monotonic()
    window.close()
    assert not window.isVisible()
    assert noted == []
    assert time.monotonic() - start < 5


def test_the_answer_is_worked_out_again_after_a_change_of_the_catalog(qtbot: QtBot, window: Shell, tmp_path: Path) -> None:
    window.session = PHOTOS
    window.way_back = [flow.START]
    window.go(flow.RESULT)
    result = window.page
    qtbot.waitUntil(lambda: result.advice is not None, timeout=10000)
    first = result.advice
    window.open_catalog()
    page = window.page
    qtbot.waitUntil(lambda: bool(page.search.cards), timeout=10000)
    window.press_main()
    assert result.advice is first
    window.open_catalog()
    shown_update(qtbot, page, tmp_path / "update.zip", update())
    push(qtbot, page.update_box.take)
    qtbot.waitUntil(lambda: page.head.name.text() == "Catalog of 1 December 2026", timeout=10000)
    window.press_main()
    assert window.here == flow.RESULT
    assert result.advice is None
    qtbot.waitUntil(lambda: result.advice is not None, timeout=10000)


def test_a_catalog_that_cannot_be_read_is_told(qtbot: QtBot, window: Shell) -> None:
    def broken() -> None:
        raise AdvisorError(Problem("CATALOG", "", "The price catalog is damaged.", "", "Install the program again."))

    window.session = PHOTOS
    window.way_back = [flow.START]
    window.go("catalog")
    qtbot.waitUntil(lambda: bool(window.page.search.cards), timeout=10000)
    window.page.outside = replace(window.page.outside, catalog=replace(window.page.outside.catalog, standing=broken))
    window.page._told_for = None
    window.page.show_answers()
    qtbot.waitUntil(window.frame.summary.isVisible, timeout=10000)
    assert "damaged" in window.frame.summary.accessibleName()


# ---- the way in and back ---------------------------------------------------------------------------------------------


def test_what_was_typed_and_where_one_stood_is_still_there(qtbot: QtBot, window: Shell) -> None:
    window.session = replace(PHOTOS, units_per_day=None)
    window.way_back = [flow.START, "task"]
    window.go("volume")
    day = window.page.field_for("load.units_per_day")
    qtbot.keyClicks(day.edit, "lots")
    day.edit.setFocus()
    window.open_catalog()
    qtbot.waitUntil(lambda: bool(window.page.search.cards), timeout=10000)
    assert window.rail.step.text() == "Step 1 of 7"
    assert window.main_button.text().replace("&", "") == "Back to your answers"
    assert not window.back_button.isVisible()
    window.main_button.setFocus()
    qtbot.keyClick(window.main_button, Qt.Key.Key_Return)
    assert window.here == "volume"
    assert day.edit.text() == "lots"
    assert QApplication.focusWidget() is day.edit
    assert window.way_back == [flow.START, "task"]


def test_from_the_first_page_one_comes_back_to_it(qtbot: QtBot, window: Shell) -> None:
    window.open_catalog()
    assert window.main_button.text().replace("&", "") == "Back"
    assert not window.save_button.isVisible()
    window.open_catalog()
    qtbot.waitUntil(lambda: bool(window.page.search.cards), timeout=10000)
    window.press_main()
    assert (window.here, window.way_back) == (flow.START, [])


def test_a_change_asked_for_on_the_check_page_still_returns_there(qtbot: QtBot, window: Shell) -> None:
    session = PHOTOS
    for page in flow.path(session)[1:-2]:
        session = session.finished(page)
    window.session = session
    window.way_back = [flow.START]
    window.go(flow.CHECK)
    window.change("speed")
    window.open_catalog()
    qtbot.waitUntil(lambda: bool(window.page.search.cards), timeout=10000)
    window.press_main()
    assert window.here == "speed"
    window.press_main()
    assert window.here == flow.CHECK


def test_closing_there_keeps_the_answers(qtbot: QtBot, window: Shell, outside: Outside) -> None:
    opened(qtbot, window)
    window.close()
    assert not window.isVisible()
    (saved,) = outside.store.recent()
    assert saved.name == BAKERY.firm


def test_tab_comes_to_the_way_in(qtbot: QtBot, window: Shell, dressed: QApplication) -> None:
    window.go("speed")
    window.main_button.setFocus()
    seen = []
    for _ in range(3):
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        seen.append(QApplication.focusWidget())
    assert seen == [window.save_button, window.rail.catalog, window.rail.view]
    theme.apply(dressed, "light", 200)
    window.resize(640, 480)
    window.fit()
    window.main_button.setFocus()
    for _ in range(2):
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is window.narrow_rail.catalog
    assert name_of(window.narrow_rail.catalog) == "Prices and chips"


def test_the_first_picture_reads_no_catalog() -> None:
    code = (
        "import sys, tempfile, pathlib\n"
        "from PySide6.QtWidgets import QApplication\n"
        "app = QApplication(['x', '-platform', 'offscreen'])\n"
        "from ui import composition\n"
        "from ui.shell import Shell\n"
        "window = Shell(composition.outside('en_GB', pathlib.Path(tempfile.mkdtemp())))\n"
        "window.show(); window.grab()\n"
        "wanted = ('advisor.catalog', 'advisor.chip_cards', 'advisor.catalog_updates', 'ui.pages.catalog')\n"
        "print([m for m in sys.modules if m.startswith(wanted)])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2])
    assert done.stdout.strip() == "[]"
