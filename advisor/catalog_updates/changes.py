"""What differs between two catalogs: prices that moved, rows that came and went, table by table."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from advisor.catalog import Catalog

_LARGEST: Final = 5
# A price that differs by less is the same one written another way.
_SAME: Final = 1e-6


@dataclass(frozen=True, slots=True)
class _Priced:
    key: tuple[str, ...]
    name: tuple[str, ...]
    prices: tuple[tuple[str, str], ...]


# Key, what it is called, and each column that is a price with its unit.
_PRICED: Final[dict[str, _Priced]] = {
    "devices": _Priced(("device_id",), ("name",), (("price_usd", "USD"),)),
    "electricity": _Priced(
        ("country_iso2", "consumer", "year", "period", "source"), ("country_iso2", "consumer"), (("usd_per_kwh", "USD per kWh"),)
    ),
    "hosted_services": _Priced(
        ("task", "provider", "service_model", "unit"), ("provider", "service_model"), (("usd_per_unit", "USD per unit"),)
    ),
    "hosted_text": _Priced(
        ("provider", "model"), ("provider", "model"),
        (("usd_per_1m_input", "USD per million tokens in"), ("usd_per_1m_output", "USD per million tokens out")),
    ),
    "serverless": _Priced(
        ("provider", "service", "region", "resource", "unit", "notes"), ("provider", "service", "resource"),
        (("usd_per_unit", "USD per unit"),),
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Move:
    """A price in both catalogs that is not the same."""

    table: str
    name: str
    old: float
    new: float
    unit: str

    @property
    def percent(self) -> float:
        """How far it moved, in per cent of the old price."""
        return (self.new / self.old - 1) * 100


@dataclass(frozen=True, slots=True)
class TableChange:
    """A table that differs: rows that are only in the new catalog, and rows that are only in the old one; none if only cells differ."""

    table: str
    added: int
    removed: int


@dataclass(frozen=True, slots=True)
class Changes:
    """`compared` prices are in both catalogs, `moved` of them differ; `largest` of those first."""

    old_version: str
    old_day: str
    new_version: str
    new_day: str
    compared: int
    moved: int
    largest: tuple[Move, ...]
    tables: tuple[TableChange, ...]


def compare(old: Catalog, new: Catalog) -> Changes:
    """The differences, the same for the same two catalogs.

    Raises:
        AdvisorError: a table of one of them is damaged.
    """
    compared, moved, tables = 0, list[_Moved](), list[TableChange]()
    for file in sorted({*old.files, *new.files}):
        table, _, kind = file.rpartition(".")
        if old.files.get(file) == new.files.get(file):
            compared += _prices_of(old, table)
            continue
        if file in _BIG and file in old.files and file in new.files:
            before, after = _BIG[file](old), _BIG[file](new)
        elif kind == "csv" and table in _PRICED:
            before, after = _rows(old, table), _rows(new, table)
        elif kind == "csv":
            before, after = _whole_rows(old, table), _whole_rows(new, table)
        else:
            rows = [c.files[file][1] if file in c.files else 0 for c in (old, new)]
            tables.append(TableChange(table, max(rows[1] - rows[0], 0), max(rows[0] - rows[1], 0)))
            continue
        both = before.keys() & after.keys()
        for key in both:
            for (unit, was), (_, now) in zip(before[key], after[key], strict=True):
                if was > 0 and now > 0:
                    compared += 1
                    if abs(now / was - 1) > _SAME:
                        moved.append((-abs(math.log(now / was)), table, key, unit, was, now))
        tables.append(TableChange(table, len(after) - len(both), len(before) - len(both)))
    largest = tuple(Move(table, _name(new, table, key), was, now, unit) for _, table, key, unit, was, now in sorted(moved)[:_LARGEST])
    return Changes(old.version, old.day, new.version, new.day, compared, len(moved), largest, tuple(tables))


_Prices = tuple[tuple[str, float], ...]
_Moved = tuple[float, str, tuple[str, ...], str, float, float]


def _offers(catalog: Catalog) -> Mapping[tuple[str, ...], _Prices]:
    o = catalog.offers
    provider, kind = o.type_provider[o.type_row].tolist(), o.type_name[o.type_row].tolist()
    region = o.region_name[o.region_row].tolist()
    # What is never offered has no price here: its moves are nobody's concern.
    prices = np.nan_to_num(np.where(o.usable > 0, o.usd_per_hour, 0)).tolist()
    return {(p, k, r): (("USD per hour", usd),) for p, k, r, usd in zip(provider, kind, region, prices, strict=True)}


def _hosted(catalog: Catalog) -> Mapping[tuple[str, ...], _Prices]:
    t = catalog.hosted_prices
    words = [np.array(t.words(name))[t.codes(name)].tolist() for name in _HOSTED]
    prices = np.where(t.numbers("usable") > 0, t.numbers("usd_per_unit"), 0).tolist()
    units = words[_HOSTED.index("unit")]
    return {key: ((f"USD per {unit}", usd),) for key, unit, usd in zip(zip(*words, strict=True), units, prices, strict=True)}


_HOSTED: Final = ("provider", "service_model", "task", "unit", "row_kind", "limits")
_BIG: Final[dict[str, Callable[[Catalog], Mapping[tuple[str, ...], _Prices]]]] = {"offers.npz": _offers, "hosted_prices.npz": _hosted}


def _rows(catalog: Catalog, table: str) -> Mapping[tuple[str, ...], _Prices]:
    if f"{table}.csv" not in catalog.files:
        return {}
    rule = _PRICED[table]
    return {
        tuple(row.get(c, "") for c in rule.key): tuple((unit, _number(row.get(column, ""))) for column, unit in rule.prices)
        for row in catalog.table(table)
    }


def _whole_rows(catalog: Catalog, table: str) -> Mapping[tuple[str, ...], _Prices]:
    """Rows without a price: each stands for itself, counted."""
    if f"{table}.csv" not in catalog.files:
        return {}
    found: dict[tuple[str, ...], _Prices] = {}
    seen: Counter[tuple[str, ...]] = Counter()
    for row in catalog.table(table):
        key = tuple(f"{column}={value}" for column, value in sorted(row.items(), key=lambda kv: str(kv[0])))
        seen[key] += 1
        found[*key, str(seen[key])] = ()
    return found


def _prices_of(catalog: Catalog, table: str) -> int:
    if table == "offers" and "offers.npz" in catalog.files:
        return int(np.sum(catalog.offers.usable > 0))
    if table == "hosted_prices" and "hosted_prices.npz" in catalog.files:
        return int(np.sum(catalog.hosted_prices.numbers("usable") > 0))
    if table in _PRICED:
        return sum(price > 0 for prices in _rows(catalog, table).values() for _, price in prices)
    return 0


def _name(catalog: Catalog, table: str, key: tuple[str, ...]) -> str:
    if table == "hosted_prices":
        return " ".join(key[:2])
    if table not in _PRICED:
        return " ".join(key)
    rule = _PRICED[table]
    row = next(r for r in catalog.table(table) if tuple(r.get(c, "") for c in rule.key) == key)
    return " ".join(row.get(c, "") for c in rule.name)


def _number(text: str | None) -> float:
    try:
        value = float(text or "")
    except ValueError:
        return 0.0
    return value if np.isfinite(value) else 0.0
