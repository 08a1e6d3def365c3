"""The outer world as the pages see it: everything a test or a picture may want to replace."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime
    from pathlib import Path

    from PySide6.QtWidgets import QWidget

    from advisor.advice import Advice
    from advisor.catalog_updates.standing import Standing
    from advisor.catalog_updates.taking import Proposal
    from advisor.chip_cards.finder import Finder
    from advisor.measurement import Machine
    from advisor.price_list import Price
    from advisor.session import Session
    from advisor.store import Store


@dataclass(frozen=True, slots=True)
class Sample:
    """A typical job of a task: what one piece is called, how many come, how large one is [kB], where that is from."""

    id: str
    unit: str
    name: str
    model: str
    small: float
    typical: float
    busy: float
    input_kb: float
    source: str


@dataclass(frozen=True, slots=True)
class Offered:
    """An online service in a list: its id, its words, the task it does."""

    id: str
    words: str


@dataclass(frozen=True, slots=True)
class Lists:
    """What the catalog offers to choose from."""

    countries: tuple[str, ...]
    currencies: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CatalogDesk:
    """What may be asked of the catalog and done to it; each takes a while, so it is called beside the window (`ui.jobs`).

    `chips` tells them against these answers. `look` shows what an update in a file would change and reports its progress
    (done, of); nothing changes before `take`. `go_back` gives version and day of the catalog that counts then.
    """

    standing: Callable[[], Standing]
    chips: Callable[[Session], Finder]
    look: Callable[[Path, Callable[[int, int], None]], Proposal]
    take: Callable[[Proposal], object]
    go_back: Callable[[], tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Outside:
    """What the window needs from elsewhere. `locale` is a name such as `de_DE`; `benchmark_seconds` is how long a test run takes.

    `advise` gives the answer without its turning points, `complete` the same answer with them: for these answers of the owner,
    the advice that `advise` gave, and a function that is asked often whether nobody waits any more (then it gives `None`).
    """

    locale: str
    store: Store
    now: Callable[[], datetime]
    advise: Callable[[Session], Advice]
    complete: Callable[[Session, Advice, Callable[[], bool]], Advice | None]
    write_pdf: Callable[[Session, Advice, Path], object]
    sample: Callable[[str], Sample]
    services: Callable[[str], tuple[Offered, ...]]
    lists: Callable[[], Lists]
    prices: Callable[[Session, tuple[str, ...]], tuple[Price, ...]]
    catalog: CatalogDesk
    this_computer: Callable[[], Machine]
    benchmark_command: Callable[[], list[str]]
    benchmark_seconds: float
    pick_file: Callable[[QWidget, str, str], Path | None]
    pick_folder: Callable[[QWidget, str], Path | None]
    pick_target: Callable[[QWidget, str, Path], Path | None]
    open_folder: Callable[[Path], None]
    versions: Callable[[], Mapping[str, str]]
