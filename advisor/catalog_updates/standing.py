"""How things stand with the catalog that counts: what is in it, how old it is, where it comes from, what came before it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from advisor import catalog
from advisor.catalog.ageing import days_old, state_of
from advisor.catalog_check import PriceAge, price_ages

if TYPE_CHECKING:
    from datetime import date

    from advisor.catalog import Catalog
    from advisor.catalog.ageing import State
    from advisor.catalog_updates.shelf import Shelf

# A catalog is as old as what is bought by it: it ages with the prices of devices.
_AGES_AS: Final = "device"
_COUNTED: Final = ("offers.npz", "devices.csv", "chips.csv", "hosted_prices.npz")


@dataclass(frozen=True, slots=True)
class SourceOfFigures:
    """A list that figures were taken from; days as written, the first and last of its rows."""

    title: str
    licence: str
    address: str
    first: str
    last: str
    rows: str


@dataclass(frozen=True, slots=True)
class Standing:
    """The catalog that counts. `days` since it was made (`None`: it names no day); numbers of rows as its index tells them.

    `before` is version and day of the catalog one could go back to, `passed_over` a newer one that cannot be used;
    `left_out` counts by file the rows that do not hold what their table promises.
    """

    version: str
    day: str
    days: int | None
    state: State
    offers: int
    devices: int
    chips: int
    hosted: int
    before: tuple[str, str] | None
    passed_over: str | None
    ages: tuple[PriceAge, ...]
    sources: tuple[SourceOfFigures, ...]
    left_out: tuple[tuple[str, int], ...]


def standing(found: Catalog, shelf: Shelf, today: date) -> Standing:
    """How things stand with `found`, which counts on this shelf.

    Raises:
        AdvisorError: a table was changed, or the catalog before it cannot be read.
    """
    before = shelf.before()
    earlier = catalog.load(before) if before is not None else None
    offers, devices, chips, hosted = (found.files[name][1] if name in found.files else 0 for name in _COUNTED)
    ages = price_ages(found, today)
    return Standing(
        version=found.version,
        day=found.day,
        days=days_old(found.day, today),
        state=state_of(_AGES_AS, found.day, today),
        offers=offers,
        devices=devices,
        chips=chips,
        hosted=hosted,
        before=(earlier.version, earlier.day) if earlier else None,
        passed_over=shelf.passed_over(),
        ages=ages,
        sources=_sources(found),
        # Last: the tables are read by now.
        left_out=tuple(sorted(found.left_out.items())),
    )


def _sources(found: Catalog) -> tuple[SourceOfFigures, ...]:
    rows = found.table("sources") if "sources.csv" in found.files else ()
    return tuple(SourceOfFigures(r["title"], r["licence"], r["url"], r["as_of_min"], r["as_of_max"], r["rows"]) for r in rows)
