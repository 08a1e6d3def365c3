"""Where the window's outside is put together from the real parts. The only place that knows folders."""

from __future__ import annotations

import gc
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import advisor
from advisor.flow import CHECK
from advisor.need import Need
from advisor.problems import AdvisorError, Problem
from advisor.session import ENDING, to_need
from advisor.store import Store
from ui.outside import CatalogDesk, Lists, Offered, Outside, Sample

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import date

    from PySide6.QtWidgets import QWidget

    from advisor.advice import Advice
    from advisor.answer import Begun
    from advisor.catalog_updates.standing import Standing
    from advisor.catalog_updates.taking import Proposal
    from advisor.chip_cards.finder import Finder
    from advisor.measurement import Machine
    from advisor.price_list import Price
    from advisor.session import Session

_SEED = 1
_BENCHMARK_SECONDS = 30.0


@cache
def the_catalog() -> Any:
    """The catalog that counts, read once."""
    from advisor import catalog
    from advisor.commands.places import catalog_folder

    return catalog.load(catalog_folder())


def _sample(task: str) -> Sample:
    s = the_catalog().sample_for_task(task)
    return Sample(s.id, s.unit, s.name, s.model, s.units_small, s.units_typical, s.units_busy, s.input_kb, s.volume_source)


def _services(task: str) -> tuple[Offered, ...]:
    found = the_catalog()
    if task == "chat":
        return tuple(Offered(s.id, f"{s.id.partition(':')[2]} ({s.provider})") for s in found.text_services)
    return tuple(Offered(s.id, f"{s.id.partition(':')[2]} ({s.provider})") for s in found.services if s.task == task)


def _lists() -> Lists:
    return Lists(tuple(sorted(_countries())), tuple(sorted(r["currency"] for r in the_catalog().table("fx"))))


def _countries() -> set[str]:
    """Every country of the world: where the catalog knows nothing of one, wider defaults are taken and said."""
    from ui import wording

    return {
        c for c in wording.locale("en").territories if len(c) == 2 and c.isalpha() and c not in ("EU", "EZ", "UN", "XA", "XB", "ZZ", "QO")
    }


def _this_computer() -> Machine:
    from advisor.benchmark.machine import describe

    return describe()


def _benchmark_command() -> list[str]:
    from advisor.benchmark.client import job_command

    return job_command()


def advise(session: Session, today: date) -> Advice:
    """The whole answer for these answers of the owner, worked out with the catalog of this program.

    Raises:
        AdvisorError: an answer is missing, or the calculation refuses.
    """
    whole = begun(session, today).complete()
    assert whole is not None
    return whole


def begun(session: Session, today: date) -> Begun:
    """The same without its turning points.

    Raises:
        AdvisorError: as `advise`.
    """
    need = to_need(session)
    if not isinstance(need, Need):
        raise AdvisorError(need)
    from advisor import answer, quotes

    for q in need.money.quotes:
        if quotes.listed(the_catalog(), q.price_of) is None:
            raise AdvisorError(
                Problem(
                    "BAD_FIELD",
                    "money.quotes",
                    f"You typed a price for {q.price_of.partition(':')[2]}, and our list no longer holds that.",
                    "So it cannot count.",
                    "Go back to “Check your answers”, open your prices, and press the button there.",
                )
            )
    inputs = answer.Inputs(need, profile=session.profile, measurements=session.measurements)
    return answer.begin(inputs, the_catalog(), today=today, seed=_SEED, language="en")


# The last answer, for the page that lists the prices it rests on, and what it takes to complete it.
_latest: list[tuple[Advice, Begun]] = []


def remembered(session: Session, today: date) -> Advice:
    """The answer without its turning points, remembered for `prices` and `complete`.

    Raises:
        AdvisorError: as `advise`.
    """
    found = begun(session, today)
    advice = found.at_once()
    _latest[:] = [(advice, found)]
    _keep_what_was_loaded()
    return advice


@cache
def _keep_what_was_loaded() -> None:
    """Spare the collector of unused objects what lives as long as the program: the catalog and all modules, read by the first answer.

    To walk through them takes it 150 ms, in which no window can paint itself (measured in a search for turning points).
    """
    gc.freeze()


def complete(session: Session, today: date, advice: Advice, cancelled: Callable[[], bool]) -> Advice | None:
    """The answer that `remembered` gave with its turning points; `None` if it was cancelled. Asked again, it goes on where it was.

    Raises:
        AdvisorError: as `advise`.
    """
    found = next((b for a, b in _latest if a is advice), None)
    # Another answer was worked out since.
    return (found or begun(session, today)).complete(cancelled)


def prices(session: Session, asked_for: tuple[str, ...], today: date) -> tuple[Price, ...]:
    """Prices by name, those that the last answer rests on, those the owner typed before, and the tariffs of the country."""
    from advisor import price_list

    found = the_catalog()
    country = session.country or "US"
    currency = session.currency or found.currency_of(country)
    # An answer for other answers of the owner still rests on much the same prices.
    options = _latest[0][0].options if _latest and CHECK in session.done else ()

    def named(names: Iterable[str]) -> tuple[Price, ...]:
        return tuple(p for n in names if (p := price_list.named(n, found, currency, today)) is not None)

    typed = named(q.price_of for q in session.quotes)
    tariffs = price_list.tariffs(found, country, currency, today, mobile=session.internet in ("mobile", "metered"))
    every = (*named(asked_for), *price_list.behind(options, found, currency, today), *typed, *tariffs)
    return tuple({p.price_of: p for p in every}.values())


def _desk(store: Store, today: Callable[[], date]) -> CatalogDesk:
    """The catalog on this computer; after a change of it, the one in memory is read again."""

    def standing() -> Standing:
        from advisor.catalog_updates.standing import standing as told
        from advisor.commands.places import shelf

        return told(the_catalog(), shelf(), today())

    def chips(session: Session) -> Finder:
        from advisor.chip_cards.finder import Finder
        from advisor.chip_cards.ground import ground_of

        return Finder(ground_of(session, the_catalog(), today()))

    def look(path: Path, progress: Callable[[int, int], None]) -> Proposal:
        from advisor.catalog_updates.taking import prepare
        from advisor.commands.places import shelf

        return prepare(path, shelf(), today(), saved=store.sessions.glob(f"*{ENDING}"), progress=progress)

    def take(proposal: Proposal) -> None:
        from advisor.catalog_updates.taking import accept
        from advisor.commands.places import shelf

        accept(proposal, shelf())
        the_catalog.cache_clear()

    def go_back() -> tuple[str, str]:
        from advisor.catalog_updates.taking import roll_back
        from advisor.commands.places import shelf

        found = roll_back(shelf())
        the_catalog.cache_clear()
        return found.version, found.day

    return CatalogDesk(standing, chips, look, take, go_back)


def _write_pdf(session: Session, advice: Advice, path: Path) -> object:
    import json

    from advisor.report import attachments_for, write_pdf

    def text(value: Any) -> bytes:
        return (json.dumps(value.to_json(), ensure_ascii=False, indent=1) + "\n").encode()

    need = to_need(session)
    parts: dict[str, Any] = {"NEED.json": need if isinstance(need, Need) else None, "P.json": session.profile}
    parts |= {"M.json" if i == 1 else f"M-{i}.json": m for i, m in enumerate(session.measurements, 1)}
    return write_pdf(advice, attachments_for(advice, {name: text(part) for name, part in parts.items() if part is not None}), path)


def _now() -> datetime:
    return datetime.now().astimezone()


def _pick_file(parent: QWidget, title: str, kinds: str) -> Path | None:
    from PySide6.QtWidgets import QFileDialog

    name, _ = QFileDialog.getOpenFileName(parent, title, str(Path.home()), f"{kinds};;All files (*)")
    return Path(name) if name else None


def _pick_folder(parent: QWidget, title: str) -> Path | None:
    from PySide6.QtWidgets import QFileDialog

    name = QFileDialog.getExistingDirectory(parent, title, str(Path.home()))
    return Path(name) if name else None


def _pick_target(parent: QWidget, title: str, start: Path) -> Path | None:
    from PySide6.QtWidgets import QFileDialog

    name, _ = QFileDialog.getSaveFileName(parent, title, str(start), "PDF (*.pdf)")
    return Path(name) if name else None


def _open_folder(folder: Path) -> None:
    from PySide6.QtCore import QUrl
    from PySide6.QtGui import QDesktopServices

    QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))


def _versions() -> Mapping[str, str]:
    try:
        return {"program": advisor.__version__, "catalog": the_catalog().version}
    except AdvisorError:
        return {"program": advisor.__version__}


def outside(locale: str, folder: Path, now: Callable[[], datetime] = _now) -> Outside:
    """The real outside; heavy parts are read when first asked for."""
    store = Store(folder)
    return Outside(
        locale=locale,
        store=store,
        now=now,
        advise=lambda session: remembered(session, now().date()),
        complete=lambda session, advice, cancelled: complete(session, now().date(), advice, cancelled),
        write_pdf=_write_pdf,
        sample=_sample,
        services=_services,
        lists=_lists,
        prices=lambda session, asked_for: prices(session, asked_for, now().date()),
        catalog=_desk(store, lambda: now().date()),
        this_computer=_this_computer,
        benchmark_command=_benchmark_command,
        benchmark_seconds=_BENCHMARK_SECONDS,
        pick_file=_pick_file,
        pick_folder=_pick_folder,
        pick_target=_pick_target,
        open_folder=_open_folder,
        versions=_versions,
    )
