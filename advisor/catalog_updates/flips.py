"""Which saved answers would get another advice from a new catalog."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from advisor import session as sessions
from advisor.answer import Inputs, advise
from advisor.need import Need
from advisor.problems import AdvisorError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import date
    from pathlib import Path

    from advisor.catalog import Catalog

_SEED: Final = 1
AT_MOST: Final = 6


@dataclass(frozen=True, slots=True)
class Flip:
    """Saved answers and what is best for them: now, and with the new catalog. `None`: no option is left."""

    name: str
    old: str | None
    new: str | None


@dataclass(frozen=True, slots=True)
class Looked:
    """`looked_at` saved answers were worked out with both catalogs, `left_out` were not (unfinished, damaged or too many)."""

    looked_at: int = 0
    left_out: int = 0
    flips: tuple[Flip, ...] = ()


def look(
    saved: Iterable[Path], old: Catalog, new: Catalog, today: date, progress: Callable[[int, int], None] = lambda _done, _all: None
) -> Looked:
    """The advice on each of the newest saved answers, with both catalogs."""
    paths = sorted(saved, key=_newest_first)
    looked_at, flips = 0, list[Flip]()
    for number, path in enumerate(paths[:AT_MOST]):
        progress(number, min(len(paths), AT_MOST))
        try:
            answers = sessions.load(path)
            need = sessions.to_need(answers)
            if not isinstance(need, Need):
                continue
            inputs = Inputs(need, profile=answers.profile, measurements=answers.measurements)
            was, now = (_best(inputs, catalog, today) for catalog in (old, new))
        except AdvisorError:
            continue
        looked_at += 1
        if was[1] != now[1]:
            flips.append(Flip(answers.name() or path.stem, was[0], now[0]))
    return Looked(looked_at, len(paths) - looked_at, tuple(flips))


def _best(inputs: Inputs, catalog: Catalog, today: date) -> tuple[str | None, tuple[object, ...]]:
    """The name of the best option for people, and what makes it another advice."""
    advice = advise(inputs, catalog, today=today, seed=_SEED, language="en")
    best = advice.options[0] if advice.options and advice.none_because is None else None
    name = best.name if best else None
    return name, (advice.headline, advice.none_because, name)


def _newest_first(path: Path) -> tuple[float, str]:
    try:
        return -path.stat().st_mtime, path.name
    except OSError:
        return 0.0, path.name
