"""Whether a catalog can be trusted: every fault of every table at once, each with its file, row and column.

What a table has to hold is declared in `advisor.catalog.schema`. Fingerprints and row counts are those of catalog.json.
"""

from __future__ import annotations

import csv
import hashlib
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from advisor.catalog import load
from advisor.catalog.ageing import AGEING, days_old, kind_of_rent, read_day
from advisor.catalog.faults import UNREADABLE, packed_faults, table_faults
from advisor.catalog.faults_of_offers import ONE, offer_faults, trip_faults
from advisor.catalog.offers import read_arrays
from advisor.catalog.operators import untold
from advisor.catalog.packed import Packed
from advisor.catalog.schema import PACKED, TABLES
from advisor.catalog.text_table import TextTable, read_table
from advisor.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date
    from pathlib import Path

    from numpy.typing import NDArray

    from advisor.catalog import Catalog
    from advisor.catalog.columns import Table

    Row = dict[str, str]

_OFFERS: Final = "offers.npz"
_TRIPS: Final = "round_trips.npz"
_FIRST_LINE: Final = 2


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong in a file: at a row (the line of a text table, else the row from 0) and column where it has one."""

    file: str
    row: int | None
    column: str
    what: str

    def problem(self) -> Problem:
        """As it is told."""
        return Problem(
            "CATALOG",
            self.file if self.row is None else f"{self.file}:{self.row}",
            self.what,
            "We give no advice on rows we cannot trust.",
            "Install the catalog again, or mend the row.",
        )


def check(folder: Path, today: date | None = None, *, complete: bool = False) -> tuple[Problem, ...]:
    """Everything that is wrong with the catalog in `folder`; empty if all is well. See `faults`."""
    return tuple(f.problem() for f in faults(folder, today, complete=complete))


def faults(folder: Path, today: date | None = None, *, complete: bool = False) -> tuple[Fault, ...]:
    """Every fault of the catalog in `folder`. No day in it may lie after `today`, nor after the day the catalog was made.

    `complete`: every declared table has to be there, as in the catalog that comes with the program.

    Raises:
        AdvisorError: there is no index to go by.
    """
    catalog = load(folder)
    latest = min(catalog.latest, today.isoformat()) if today else catalog.latest
    found: list[Fault] = []
    if read_day(catalog.day) is None or catalog.day > latest:
        found.append(
            Fault("catalog.json", None, "date", f"catalog.json says it was made on “{catalog.day}”, which is not a day until today.")
        )
    tables: dict[str, TextTable] = {}
    packed: dict[str, Packed] = {}
    offers: dict[str, NDArray[Any]] = {}
    for name, (sha, count) in sorted(catalog.files.items()):
        try:
            content = (folder / name).read_bytes()
        except OSError:
            found.append(Fault(name, None, "", f"{name} is missing."))
            continue
        if hashlib.sha256(content).hexdigest() != sha:
            found.append(Fault(name, None, "", f"{name} is not the file that catalog.json tells of."))
            continue
        stem = name.rpartition(".")[0]
        if name == _OFFERS:
            found += _check_offers(content, count, latest, offers)
        elif name.endswith(".csv"):
            found += _check_table(name, TABLES.get(stem), content, count, latest, tables)
        elif name == _TRIPS:
            found += _check_trips(content, count)
        elif stem in PACKED:
            found += _check_packed(name, PACKED[stem], content, count, latest, packed)
    if complete:
        found += [Fault(n, None, "", f"{n} is not among the tables.") for n in _expected() if n not in catalog.files]
    known = set(catalog.files) | {"catalog.json"}
    strangers = sorted(p.name for p in folder.iterdir() if p.suffix in (".csv", ".npz") and p.name not in known)
    found += [Fault(s, None, "", f"{s} is not in catalog.json.") for s in strangers]
    found += _pointers(tables, packed, offers)
    return tuple(found)


def _expected() -> tuple[str, ...]:
    return (*(f"{n}.csv" for n in TABLES), *(f"{n}.npz" for n in PACKED), _OFFERS, _TRIPS)


def _miscount(name: str, has: int, told: int, what: str = "rows") -> Iterator[Fault]:
    if has != told:
        yield Fault(name, None, "", f"{name} has {has} {what}, catalog.json tells of {told}.")


# ---- each table by itself --------------------------------------------------------------------------------------------


def _check_table(name: str, table: Table | None, content: bytes, count: int, latest: str, out: dict[str, TextTable]) -> Iterator[Fault]:
    try:
        rows = read_table(content)
    except (UnicodeDecodeError, csv.Error):
        yield Fault(name, None, "", f"{name} cannot be read as a table.")
        return
    yield from _miscount(name, len(rows), count)
    if table is None:
        yield Fault(name, None, "", f"{name} is a table that we do not know.")
        return
    lacking = sorted({c.name for c in table.columns} - set(rows.names))
    if lacking:
        yield Fault(name, None, lacking[0], f"{name} lacks the column {', '.join(lacking)}.")
        return
    unknown = sorted(set(rows.names) - {c.name for c in table.columns})
    if unknown:
        yield Fault(name, None, unknown[0], f"{name} has the column {', '.join(unknown)}, which we do not know.")
    for cell in table_faults(table, rows, latest):
        line = cell.row + _FIRST_LINE
        what = cell.what if not cell.column or cell.what.startswith("the same row") else f"{cell.column} {cell.what}"
        yield Fault(name, line, cell.column, f"{name}, line {line}: {what}")
    out[name.removesuffix(".csv")] = rows


def _check_packed(name: str, table: Table, content: bytes, count: int, latest: str, out: dict[str, Packed]) -> Iterator[Fault]:
    try:
        found = Packed(content)
        if set(found.names) != {c.name for c in table.columns} or len({len(found.column(n)) for n in found.names}) != 1:
            raise KeyError(name)
        cells = packed_faults(table, found, latest)
    except UNREADABLE:
        yield Fault(name, None, "", f"{name} cannot be read as a table.")
        return
    yield from _miscount(name, len(found), count)
    yield from (Fault(name, c.row, c.column, f"{name}, row {c.row}: {c.column} {c.what}") for c in cells)
    out[name.removesuffix(".npz")] = found


def _check_offers(content: bytes, count: int, latest: str, out: dict[str, NDArray[Any]]) -> Iterator[Fault]:
    try:
        arrays = read_arrays(content)
        found = offer_faults(arrays, latest)
    except UNREADABLE:
        yield Fault(_OFFERS, None, "", f"{_OFFERS} cannot be read as the table of offers.")
        return
    yield from _miscount(_OFFERS, len(arrays["type_row"]), count, "offers")
    for bad in found:
        for row in bad.rows.tolist():
            yield Fault(_OFFERS, row, bad.column, f"{_OFFERS}, {ONE[bad.level]} {row}: {bad.column} {bad.what}")
    out |= arrays


def _check_trips(content: bytes, count: int) -> Iterator[Fault]:
    try:
        arrays = read_arrays(content)
        cells = trip_faults(arrays)
    except UNREADABLE:
        yield Fault(_TRIPS, None, "", f"{_TRIPS} cannot be read as a table.")
        return
    yield from _miscount(_TRIPS, len(arrays["country"]), count)
    yield from (Fault(_TRIPS, c.row, c.column, f"{_TRIPS}, row {c.row}: {c.column} {c.what}") for c in cells)


# ---- what points from one table to another ---------------------------------------------------------------------------


def _pointers(tables: Mapping[str, TextTable], packed: Mapping[str, Packed], offers: Mapping[str, NDArray[Any]]) -> Iterator[Fault]:
    for name, rows in tables.items():
        for column in TABLES[name].columns:
            of, _, key = column.of.partition(".")
            if of not in tables:
                continue
            known = {r[key] for r in tables[of]}
            for i, row in enumerate(rows):
                cell = row[column.name] or ""
                lost = [c for c in (cell.split(column.many) if column.many else (cell,)) if c and c not in known]
                if lost:
                    yield _lost(f"{name}.csv", i + _FIRST_LINE, column.name, lost[0], of)
    if {"chips", "runtimes", "operator_support"} <= set(tables):
        runtimes, supported = ({r["runtime"] for r in tables[name]} for name in ("runtimes", "operator_support"))
        for i, what in untold(tables["chips"], runtimes, supported):
            line = i + _FIRST_LINE
            yield Fault("chips.csv", line, "supported_runtimes", f"chips.csv, line {line}: supported_runtimes {what}")
    for i, d in enumerate(tables.get("devices", ())):
        hosted = (d["needs_host"] == "True", d["host_link"] not in ("", "none"), d["host_kind"] != "")
        if d["recommendable"] == "yes" and len(set(hosted)) > 1:
            line = i + _FIRST_LINE
            what = f"needs_host {d['needs_host']}, host_link “{d['host_link']}” and host_kind “{d['host_kind'][:30]}” do not fit."
            yield Fault("devices.csv", line, "host_link", f"devices.csv, line {line}: {what}")
    chips = {r["chip_id"]: r for r in tables.get("chips", ())}
    open_names = {(r["kind"], r["name"]) for r in tables.get("unresolved", ())}
    sellers = {(r["kind"], r["provider"]) for r in tables.get("unresolved", ())}
    if chips and "unresolved" in tables:
        yield from _unresolved_rows(tables, packed, chips, open_names)
        if offers:
            yield from _offer_pointers(tables, offers, set(chips), sellers)


def _lost(file: str, row: int, column: str, name: str, of: str) -> Fault:
    return Fault(file, row, column, f"{file}, row {row}: {column} names “{name[:40]}”, which {of} does not have.")


def _unresolved_rows(
    tables: Mapping[str, TextTable], packed: Mapping[str, Packed], chips: Mapping[str, Row], open_names: set[tuple[str, str]]
) -> Iterator[Fault]:
    """Every name that stands for a chip does so, or is listed as unresolved with its reason."""
    # A chip_id that only the published rows know: it teaches the fit, so it has to be among the unresolved ones.
    evidence = {name.rpartition(" ")[0] for kind, name in open_names if kind == "evidence"}
    for i, r in enumerate(tables.get("chip_speeds", ())):
        if r["chip_id"] not in chips and r["chip_id"] not in evidence:
            yield _lost("chip_speeds.csv", i + _FIRST_LINE, "chip_id", r["chip_id"], "neither chips nor unresolved")
    for i, r in enumerate(tables.get("chip_id_map", ())):
        if not r["chip_id_catalog"] and ("evidence", f"{r['chip_id_in_file']} {r['device_kind']}") not in open_names:
            yield _lost("chip_id_map.csv", i + _FIRST_LINE, "chip_id_catalog", r["chip_id_in_file"], "unresolved")
    for i, r in enumerate(tables.get("aliases", ())):
        if not r["chip_id"] and ("alias", r["alias"]) not in open_names:
            yield _lost("aliases.csv", i + _FIRST_LINE, "chip_id", r["alias"], "unresolved")
    for i, r in enumerate(tables["unresolved"]):
        named = chips.get(r["name"].rpartition(" ")[0] if r["kind"] == "evidence" else r["name"])
        if named and named["recommendable"] == "yes" and r["kind"] != "evidence":
            yield Fault("unresolved.csv", i + _FIRST_LINE, "name", f"unresolved.csv, line {i + _FIRST_LINE}: {r['name']} is recommended.")
    if "latencies" in packed:
        yield from _evidence(packed["latencies"], set(chips), open_names)


def _evidence(rows: Packed, chips: set[str], open_names: set[tuple[str, str]]) -> Iterator[Fault]:
    words, codes = rows.words("chip_id"), rows.codes("chip_id")
    for i in np.flatnonzero(np.array([w not in chips and w != "" for w in words])[codes]).tolist():
        yield _lost("latencies.npz", i, "chip_id", words[codes[i]], "chips")
    nameless = np.flatnonzero(np.array([w == "" for w in words])[codes])
    chip, kind = rows.codes("chip_in_source")[nameless], rows.codes("device_kind")[nameless]
    pairs, first = np.unique(np.stack([chip, kind], axis=1), axis=0, return_index=True)
    for (c, k), i in zip(pairs.tolist(), first.tolist(), strict=True):
        name = f"{rows.words('chip_in_source')[c]} {rows.words('device_kind')[k]}"
        if ("evidence", name) not in open_names:
            yield _lost("latencies.npz", int(nameless[i]), "chip_in_source", name, "neither chips nor unresolved")


def _offer_pointers(
    tables: Mapping[str, TextTable], a: Mapping[str, NDArray[Any]], chips: set[str], sellers: set[tuple[str, str]]
) -> Iterator[Fault]:
    sellers_of_cpu = {p for kind, p in sellers if kind == "cpu family"} | {"hetzner"}
    for i, (seller, card, cpu) in enumerate(
        zip(a["type_provider"].tolist(), a["type_chip"].tolist(), a["type_cpu_chip"].tolist(), strict=True)
    ):
        if card and card != "unresolved" and card not in chips:
            yield _lost(_OFFERS, i, "type_chip", card, "chips")
        if card == "unresolved" and ("accelerator", seller) not in sellers:
            yield _lost(_OFFERS, i, "type_chip", f"an accelerator of {seller}", "neither chips nor unresolved")
        if cpu and cpu not in chips:
            yield _lost(_OFFERS, i, "type_cpu_chip", cpu, "chips")
        if not cpu and seller not in sellers_of_cpu:
            yield _lost(_OFFERS, i, "type_cpu_chip", f"a processor of {seller}", "neither chips nor unresolved")
    rows = a["type_row"].astype(np.int64)
    inside = rows < len(a["type_chip"])
    unknown = np.zeros(len(rows), dtype=bool)
    unknown[inside] = a["type_chip"][rows[inside]] == "unresolved"
    for i in np.flatnonzero(unknown & (a["usable"] > 0)).tolist():
        yield Fault(_OFFERS, i, "usable", f"{_OFFERS}, offer {i}: usable says it may be advised, and its accelerator is none of ours.")
    known = {r["source_id"] for r in tables.get("sources", ())}
    for i, name in enumerate(a["sources"].tolist()):
        if known and name not in known:
            yield _lost(_OFFERS, i, "sources", str(name), "sources")


# ---- age -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Age:
    """A table, its rows, its oldest and newest day as written, and how many rows are stale on the day asked."""

    name: str
    rows: int
    oldest: str
    newest: str
    stale: int


@dataclass(frozen=True, slots=True)
class PriceAge:
    """A kind of price, how many there are, and how many of them are in each state on the day asked."""

    kind: str
    rows: int
    states: Mapping[str, int]
    oldest: str
    newest: str


def ages(catalog: Catalog, today: date) -> tuple[Age, ...]:
    """How old each table is.

    Raises:
        AdvisorError: a table is missing or was changed.
    """
    out = []
    for file, (_, rows) in sorted(catalog.files.items()):
        name = file.rpartition(".")[0]
        days = _days_of(catalog, name)
        read = sorted((found, text) for _, text in days if (found := read_day(text)) is not None)
        stale = sum(n for (kind, text), n in days.items() if kind != "spot" and AGEING[kind].state(days_old(text, today)) == "stale")
        out.append(Age(name, rows, read[0][1] if read else "", read[-1][1] if read else "", stale))
    return tuple(out)


def price_ages(catalog: Catalog, today: date) -> tuple[PriceAge, ...]:
    """How old the prices of each kind are; facts that are no price are not among them.

    Raises:
        AdvisorError: a table is missing or was changed.
    """
    days: Counter[tuple[str, str]] = Counter()
    for file in catalog.files:
        days.update({k: n for k, n in _days_of(catalog, file.rpartition(".")[0]).items() if k[0] != "fact"})
    out = []
    for kind in AGEING:
        here = {text: n for (k, text), n in days.items() if k == kind}
        if not here:
            continue
        states: Counter[str] = Counter()
        for text, n in here.items():
            states[AGEING[kind].state(days_old(text, today))] += n
        read = sorted((-(days_old(t, today) or 0), t) for t in here if days_old(t, today) is not None)
        out.append(PriceAge(kind, sum(here.values()), states, read[0][1] if read else "", read[-1][1] if read else ""))
    return tuple(out)


def _days_of(catalog: Catalog, name: str) -> Counter[tuple[str, str]]:
    """How many rows of a table are of which (kind of price, day as written)."""
    if name == "offers":
        o = catalog.offers
        out: Counter[tuple[str, str]] = Counter()
        large = np.array([kind_of_rent(p) == "rented, large cloud" for p in o.type_provider.tolist()])[o.type_row]
        for kind, rows in (
            ("rented, large cloud", large),
            ("rented, small cloud", ~large),
            ("spot", np.isfinite(o.usd_per_hour_spot)),
        ):
            counts = np.bincount(o.date_code[rows], minlength=len(o.dates))
            out.update({(kind, d): int(n) for d, n in zip(o.dates, counts, strict=True) if n})
        return out
    if name in PACKED:
        if not PACKED[name].dated:
            return Counter()
        table = catalog.hosted_prices
        counts = np.bincount(table.codes("as_of"), minlength=len(table.words("as_of")))
        return Counter({(PACKED[name].price, d): int(n) for d, n in zip(table.words("as_of"), counts, strict=True) if n})
    table_of = TABLES.get(name)
    dated = table_of and (table_of.dated or next((c.name for c in table_of.columns if c.name == "as_of"), ""))
    if not table_of or not dated:
        return Counter()
    priced = [r for r in catalog.table(name) if not table_of.amounts or any(r[c] for c in table_of.amounts)]
    return Counter((table_of.price, r[dated]) for r in priced)
