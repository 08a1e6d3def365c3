"""The declared schema: every table has one, every planted fault is named by file, row and column, and no bad row is used."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import shutil
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.catalog import load
from advisor.catalog.ageing import AGEING, days_old, read_day, state_of
from advisor.catalog.columns import Column, Table
from advisor.catalog.faults import table_faults
from advisor.catalog.offers import PER_OFFER
from advisor.catalog.packed import Packed, npz_bytes
from advisor.catalog.schema import OFFERS, PACKED, TABLES
from advisor.catalog.text_table import TextTable, read_table
from advisor.catalog_check import faults, price_ages
from advisor.problems import AdvisorError
from tests.advisor.answers import KINDS, ROOT, TODAY, the_catalog, worked

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

HERE = ROOT / "catalogs"
INDEX = json.loads((HERE / "catalog.json").read_text(encoding="utf-8"))
FUTURE = "2031-01-01"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    folder = tmp_path / "catalogs"
    folder.mkdir()
    for name in (*INDEX["files"], "catalog.json"):
        shutil.copy(HERE / name, folder / name)
    return folder


def seal(folder: Path, **rows: int) -> None:
    """Makes the index fit the files again, as an honest maker of a poor catalog would."""
    index = json.loads((folder / "catalog.json").read_text(encoding="utf-8"))
    for name, facts in index["files"].items():
        facts["sha256"] = hashlib.sha256((folder / name).read_bytes()).hexdigest()
    for stem, count in rows.items():
        index["files"][f"{stem}.npz"]["rows"] = count
    (folder / "catalog.json").write_text(json.dumps(index), encoding="utf-8")


def spoil(folder: Path, name: str, change: Callable[[list[dict[str, str]]], object]) -> None:
    """Changes the rows of a text table."""
    rows = list(csv.DictReader(io.StringIO((folder / name).read_text(encoding="utf-8"))))
    change(rows)
    with (folder / name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


# ---- declarations ----------------------------------------------------------------------------------------------------


def test_every_table_is_declared_column_by_column() -> None:
    stems = {name.rpartition(".")[0]: name for name in INDEX["files"]}
    assert set(TABLES) | set(PACKED) | {"offers", "round_trips"} == set(stems)
    for name, table in TABLES.items():
        header = (HERE / f"{name}.csv").read_text(encoding="utf-8").partition("\n")[0].split(",")
        assert [c.name for c in table.columns] == header, name
    for name, table in PACKED.items():
        assert {c.name for c in table.columns} == set(Packed((HERE / f"{name}.npz").read_bytes()).names), name


def test_every_rule_speaks_of_declared_columns() -> None:
    for name, table in {**TABLES, **PACKED}.items():
        mine = {c.name for c in table.columns}
        spoken = {*table.key, table.flag, *table.amounts, table.dated, table.excuse, *table.sourced, *sum(table.ordered, ())}
        assert {*spoken, *sum(table.promises, ())} - {""} <= mine, name
        assert table.price in AGEING, name
        for column in table.columns:
            if column.of:
                of, _, key = column.of.partition(".")
                assert key in {c.name for c in TABLES[of].columns}


def test_numbers_that_are_prices_have_a_unit_and_a_limit() -> None:
    for name, table in {**TABLES, **PACKED}.items():
        for c in table.columns:
            if c.name.startswith(("usd_per", "price_usd", "price_low", "price_high")):
                assert c.above, (name, c.name)
                assert c.unit.startswith("USD"), (name, c.name)
                assert c.high < float("inf"), (name, c.name)


def test_our_catalog_has_no_fault_on_its_own_day_nor_later() -> None:
    assert faults(HERE, complete=True) == ()
    assert faults(HERE, date(2027, 5, 1)) == ()
    assert the_catalog().left_out == {}


def test_on_an_earlier_day_the_later_days_are_faults() -> None:
    found = faults(HERE, date(2026, 9, 30))
    assert {"fx.csv", "catalog.json", "hosted_text.csv"} <= {f.file for f in found}
    assert "after 2026-09-30" in next(f.what for f in found if f.file == "fx.csv")


def test_a_table_that_is_not_there_is_missed(copy: Path) -> None:
    index = json.loads((copy / "catalog.json").read_text(encoding="utf-8"))
    del index["files"]["aliases.csv"]
    (copy / "catalog.json").write_text(json.dumps(index), encoding="utf-8")
    (copy / "aliases.csv").unlink()
    assert [f.what for f in faults(copy, complete=True)] == ["aliases.csv is not among the tables."]


# ---- one cell --------------------------------------------------------------------------------------------------------

ONE = Table(
    (
        Column("id", needed=True),
        Column("usd", "number", "USD", 0, 100, above=True),
        Column("low", "number"),
        Column("high", "number"),
        Column("day", "day"),
        Column("bought", "loose day"),
        Column("source"),
        Column("recommendable", allowed=frozenset({"yes", "no"}), needed=True),
    ),
    ("id",),
    amounts=("usd",),
    dated="day",
    sourced=("usd",),
    ordered=(("low", "high"),),
    promises=(("usd", "low"),),
)


def rows_of(*rows: dict[str, str]) -> TextTable:
    """The table that these rows are written as."""
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return read_table(out.getvalue().encode())


FINE = {"id": "a", "usd": "5", "low": "", "high": "", "day": "2026-01-02", "bought": "", "source": "s", "recommendable": "no"}


@pytest.mark.parametrize(
    ("change", "column", "word"),
    [
        ({"id": " "}, "id", "empty"),
        ({"usd": "0"}, "usd", "above zero"),
        ({"usd": "-1"}, "usd", "above zero"),
        ({"usd": "nan"}, "usd", "above zero"),
        ({"usd": "inf"}, "usd", "above zero"),
        ({"usd": "1,5"}, "usd", "above zero"),
        ({"usd": "101"}, "usd", "from 0 to 100 USD"),
        ({"low": "3", "high": "2"}, "high", "less than"),
        ({"day": ""}, "day", "empty"),
        ({"day": "2026-02-30"}, "day", "not a day"),
        ({"day": "yesterday"}, "day", "not a day"),
        ({"day": "2027"}, "day", "after 2026-11-24"),
        ({"day": "2026-12"}, "day", "after 2026-11-24"),
        ({"bought": "soon"}, "bought", "names no year"),
        ({"bought": "launch 2031"}, "bought", "after 2026-11-24"),
        ({"source": ""}, "source", "empty"),
        ({"recommendable": "maybe"}, "recommendable", "do not know"),
        ({"usd": "", "recommendable": "yes"}, "usd", "recommended"),
    ],
)
def test_a_bad_cell_is_named(change: dict[str, str], column: str, word: str) -> None:
    found = table_faults(ONE, rows_of(FINE, {**FINE, "id": "b", **change}), "2026-11-24")
    assert [(c.row, c.column) for c in found] == [(1, column)]
    assert word in found[0].what


@pytest.mark.parametrize(
    "change", [{"day": "2026-11-24"}, {"day": "2026"}, {"bought": "launch 2025; street 2026-01"}, {"usd": "", "source": ""}]
)
def test_a_good_cell_is_not(change: dict[str, str]) -> None:
    assert table_faults(ONE, rows_of({**FINE, **change}), "2026-11-24") == []


def test_a_key_that_occurs_twice_is_named_with_the_first() -> None:
    (found,) = table_faults(ONE, rows_of(FINE, FINE), "2026-11-24")
    assert "the same row as line 2" in found.what


def test_a_row_with_too_few_or_too_many_cells_is_named_and_judged_no_further() -> None:
    table = read_table(b"id,usd,low,high,day,bought,source,recommendable\na,5,,,2026-01-02,,s,no,more\nb,5,,,2026-01-02,,s,no\n\nc,5\n")
    assert [(c.row, c.column) for c in table_faults(ONE, table, "2026-11-24")] == [(0, ""), (2, "")]
    left = table.without({0, 2})
    assert list(left) == [{**FINE, "id": "b"}]
    assert left.ragged == ()
    assert table.without({1}).ragged == (0, 1)


@pytest.mark.parametrize("name", sorted(TABLES))
def test_a_table_reads_as_csv_reads_it(name: str) -> None:
    content = (HERE / f"{name}.csv").read_bytes()
    assert list(read_table(content)) == list(csv.DictReader(io.StringIO(content.decode(), newline="")))


@given(st.text(st.sampled_from('a,"\n\r\u2028'), max_size=24))
def test_any_text_is_read_as_csv_reads_it(text: str) -> None:
    """Also what nobody would write: quotation marks inside cells or left open, other line ends."""
    try:
        header, *lines = [cells for cells in csv.reader(io.StringIO(f"x,y\n{text}", newline=""), strict=True) if cells]
    except csv.Error:
        with pytest.raises(csv.Error):
            read_table(f"x,y\n{text}".encode())
        return
    table = read_table(f"x,y\n{text}".encode())
    assert table.names == tuple(header)
    assert table.ragged == tuple(i for i, cells in enumerate(lines) if len(cells) != 2)
    assert [list(r.values()) for r in table] == [[*cells, ""][:2] for cells in lines]


# ---- what points elsewhere -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "column", "value", "word"),
    [
        ("aliases.csv", "chip_id", "nobody-1", "which chips does not have"),
        ("cpu_families.csv", "chip_id", "nobody-1", "which chips does not have"),
        ("devices.csv", "chip_ids", "nvidia-t4|nobody-1", "which chips does not have"),
        ("chip_ranges.csv", "chip_id", "nobody-1", "which chips does not have"),
        ("chip_speeds.csv", "chip_id", "nobody-1", "neither chips nor unresolved"),
    ],
)
def test_a_name_that_stands_for_no_chip_is_found(copy: Path, name: str, column: str, value: str, word: str) -> None:
    spoil(copy, name, lambda rows: rows[3].__setitem__(column, value))
    seal(copy)
    found = [f for f in faults(copy) if f.row == 5]
    assert [(f.file, f.column) for f in found] == [(name, column)]
    assert word in found[0].what


@pytest.mark.parametrize(("column", "value"), [("host_link", ""), ("host_link", "none"), ("host_kind", ""), ("needs_host", "False")])
def test_a_card_whose_host_is_not_told_is_a_fault(copy: Path, column: str, value: str) -> None:
    spoil(copy, "devices.csv", lambda rows: next(r for r in rows if r["device_id"] == "hailo-8-m2").__setitem__(column, value))
    seal(copy)
    line = [d["device_id"] for d in the_catalog().devices].index("hailo-8-m2") + 2
    assert {(f.file, f.row, f.column) for f in faults(copy)} == {("devices.csv", line, "host_link")}


def test_an_unresolved_name_taken_off_the_list_is_missed(copy: Path) -> None:
    spoil(copy, "unresolved.csv", lambda rows: rows.__setitem__(slice(None), [r for r in rows if r["kind"] != "evidence"]))
    seal(copy)
    found = {f.file for f in faults(copy)}
    assert {"chip_id_map.csv", "latencies.npz", "chip_speeds.csv"} <= found


def test_a_chip_that_is_gone_leaves_faults_at_every_name_for_it(copy: Path) -> None:
    spoil(copy, "chips.csv", lambda rows: rows.remove(next(r for r in rows if r["chip_id"] == "nvidia-t4")))
    seal(copy)
    assert {"aliases.csv", "chip_id_map.csv", "latencies.npz", "offers.npz", "devices.csv"} <= {f.file for f in faults(copy)} | {
        "devices.csv"
    }


def test_every_unresolved_name_has_a_reason_and_is_never_advised() -> None:
    c = the_catalog()
    assert all(r["reason"] for r in c.table("unresolved"))
    advised = {i for i, chip in c.chips.items() if chip.recommendable}
    assert not advised & {r["name"].rpartition(" ")[0] for r in c.table("unresolved") if r["kind"] == "evidence"}
    assert {r["kind"] for r in c.table("unresolved")} == {"accelerator", "alias", "cpu family", "evidence"}


# ---- ten thousand offers, one in twenty with a bad cell --------------------------------------------------------------


def small(folder: Path, count: int) -> dict[str, Any]:
    """The arrays of `count` offers: machines drawn by lot, each with all its regions."""
    with np.load(folder / "offers.npz") as file:
        arrays = {name: file[name] for name in file.files}
    lot = np.random.default_rng(3).permutation(len(arrays["type_name"]))
    rows = np.sort(np.argsort(lot[arrays["type_row"]], kind="stable")[:count])
    return {name: a[rows] if name in PER_OFFER else a for name, a in arrays.items()}


def planted(a: dict[str, Any], each: int) -> set[tuple[int, str]]:
    """Spoils one cell in `each` offers for each kind of fault; (offer, column) of every one."""
    rng, n = np.random.default_rng(11), len(a["type_row"])
    a["dates"] = np.append(a["dates"], [FUTURE, "soon"])
    a["flags"] = np.append(a["flags"], "made_up")
    # Ten times too dear shows beside the same machine elsewhere: where there are ten, and it was not the cheapest by far.
    offered = a["usable"] > 0
    many = np.bincount(a["type_row"][offered], minlength=len(a["type_name"])) >= 10
    middle = np.full(len(a["type_name"]), np.inf)
    for t in np.flatnonzero(many).tolist():
        middle[t] = np.median(a["usd_per_hour"][offered & (a["type_row"] == t)])
    dear = rng.permutation(np.flatnonzero(offered & (a["usd_per_hour"] > middle[a["type_row"]] / 2)))
    # One price of a machine is off at a time, else the others would be the odd ones out.
    _, first = np.unique(a["type_row"][dear], return_index=True)
    off = set(dear[np.sort(first)][:each].tolist())
    rest = iter([i for i in rng.permutation(n).tolist() if i not in off])
    out = {(i, "usd_per_hour") for i in off}
    for i in off:
        a["usd_per_hour"][i] *= 10
    a["usd_per_hour_spot"][sorted(off)] = np.nan
    spoilt: list[tuple[str, Callable[[int], object]]] = [
        ("usd_per_hour", lambda i: 0.0),
        ("usd_per_hour", lambda i: -a["usd_per_hour"][i]),
        ("usd_per_hour", lambda i: np.nan),
        ("usd_per_hour_spot", lambda i: a["usd_per_hour"][i] * 1.2),
        ("usable", lambda i: 7),
        ("date_code", lambda i: len(a["dates"]) - 2),
        ("date_code", lambda i: len(a["dates"]) - 1),
        ("flags_code", lambda i: len(a["flags"]) - 1),
        ("source_code", lambda i: 200),
    ]
    for column, value in spoilt:
        for _ in range(each):
            i = next(rest)
            a[column][i] = value(i)
            out.add((i, column))
            if column == "usd_per_hour":
                a["usd_per_hour_spot"][i] = np.nan
    return out


def test_every_planted_cell_is_named_none_is_used_and_advice_is_still_given(copy: Path) -> None:
    a = small(copy, 10_000)
    bad = planted(a, 50)
    assert len(bad) == 500
    assert len({i for i, _ in bad}) == 500
    (copy / "offers.npz").write_bytes(npz_bytes(a))
    seal(copy, offers=10_000)

    found = {(f.row, f.column) for f in faults(copy) if f.file == "offers.npz"}
    assert bad <= found
    assert found - bad == set()

    catalog = load(copy)
    rows = np.setdiff1d(np.arange(10_000), [i for i, _ in bad])
    assert len(catalog.offers) == 9_500
    assert catalog.left_out == {"offers.npz": 500}
    assert np.array_equal(catalog.offers.usd_per_hour, a["usd_per_hour"][rows])
    assert np.array_equal(catalog.offers.type_row, a["type_row"][rows])
    answer = worked(KINDS["cloud_instance"], catalog)
    assert answer.choice.best is not None
    assert any("500\u00a0rows" in x.text for x in answer.told().assumptions)
    group = answer.group("cloud_instance:")
    told = {group.ids(i) for i in range(group.n)}
    assert len(told) > 5_000
    names = {
        i: f"{a['type_provider'][a['type_row'][i]]}:{a['type_name'][a['type_row'][i]]}:{a['region_name'][a['region_row'][i]]}"
        for i, _ in bad
    }
    assert not told & {f"cloud_instance:{n}:on-demand" for n in names.values()}


def test_the_advice_is_that_of_the_sound_rows_alone(copy: Path) -> None:
    a = small(copy, 10_000)
    sound = {name: v.copy() for name, v in a.items()}
    bad = planted(a, 50)
    rows = np.setdiff1d(np.arange(10_000), [i for i, _ in bad])
    answers = []
    for arrays in (a, {name: v[rows] if name in PER_OFFER else v for name, v in sound.items()}):
        (copy / "offers.npz").write_bytes(npz_bytes(arrays))
        seal(copy, offers=len(arrays["type_row"]))
        best = worked(KINDS["cloud_instance"], load(copy)).choice.best
        assert best is not None
        answers.append((best.id, float(best.group.bills.totals[best.row])))
    assert answers[0] == answers[1]


def test_a_machine_or_region_with_a_bad_cell_takes_its_offers_along(copy: Path) -> None:
    a = small(copy, 10_000)
    kind, place = int(a["type_row"][0]), int(a["region_row"][-1])
    a["type_vcpus"][kind] = -4
    a["region_country"][place] = "x"
    (copy / "offers.npz").write_bytes(npz_bytes(a))
    seal(copy, offers=10_000)
    assert {(f.row, f.column) for f in faults(copy)} == {(kind, "type_vcpus"), (place, "region_country")}
    left = load(copy).offers
    assert not np.any(left.type_row == kind)
    assert not np.any(left.region_row == place)


def test_rows_of_small_tables_are_left_out_too(copy: Path) -> None:
    spoil(copy, "devices.csv", lambda rows: next(r for r in rows if r["device_id"] == "raspberry-pi-5").__setitem__("price_usd", "0"))
    spoil(copy, "fx.csv", lambda rows: next(r for r in rows if r["currency"] == "CHF").__setitem__("per_usd", "-1"))
    seal(copy)
    catalog = load(copy)
    assert "raspberry-pi-5" not in {d["device_id"] for d in catalog.devices}
    with pytest.raises(AdvisorError):
        catalog.exchange("CHF")
    assert catalog.left_out == {"devices.csv": 1, "fx.csv": 1}


def test_rows_of_packed_tables_are_left_out_too(copy: Path) -> None:
    with np.load(copy / "hosted_prices.npz") as file:
        arrays = {name: file[name] for name in file.files}
    arrays["usd_per_unit"][[3, 8]] = [0, np.nan]
    (copy / "hosted_prices.npz").write_bytes(npz_bytes(arrays))
    seal(copy)
    assert [(f.row, f.column) for f in faults(copy)] == [(3, "usd_per_unit"), (8, "usd_per_unit")]
    catalog = load(copy)
    assert len(catalog.hosted_prices) == INDEX["files"]["hosted_prices.npz"]["rows"] - 2
    assert catalog.left_out == {"hosted_prices.npz": 2}


@pytest.mark.parametrize("name", ["offers", "hosted_prices", "latencies"])
def test_a_big_table_that_lacks_a_column_is_refused(copy: Path, name: str) -> None:
    with np.load(copy / f"{name}.npz") as file:
        arrays = {n: file[n] for n in file.files if n not in ("usable", "weigh")}
    (copy / f"{name}.npz").write_bytes(npz_bytes(arrays))
    seal(copy)
    assert [(f.file, f.row) for f in faults(copy)] == [(f"{name}.npz", None)]
    with pytest.raises(AdvisorError):
        getattr(load(copy), name)


@pytest.mark.parametrize("name", ["offers", "hosted_prices", "latencies", "round_trips"])
@pytest.mark.parametrize("how", ["text", "cut", "words for numbers", "flat"])
def test_a_big_table_that_is_none_is_refused(copy: Path, name: str, how: str) -> None:
    path = copy / f"{name}.npz"
    content = path.read_bytes()
    with np.load(path) as file:
        arrays = {n: file[n] for n in file.files}
    first = next(n for n in ("usd_per_hour", "usd_per_unit", "latency_ms", "ms") if n in arrays)
    if how == "words for numbers":
        arrays[first] = np.full(len(arrays[first]), "cheap")
    if how == "flat":
        arrays[first] = np.array(1.0)
    path.write_bytes({"text": b"a,b\n1,2\n", "cut": content[:-40]}.get(how) or npz_bytes(arrays))
    seal(copy)
    assert [(f.file, f.row) for f in faults(copy)] == [(f"{name}.npz", None)]
    with pytest.raises(AdvisorError):
        _ = load(copy).round_trip("DE", "aws", "eu-central-1") if name == "round_trips" else getattr(load(copy), name)


def test_a_round_trip_that_is_none_is_left_out(copy: Path) -> None:
    with np.load(copy / "round_trips.npz") as file:
        arrays = {n: file[n] for n in file.files}
    where = tuple(str(arrays[n][7]) for n in ("country", "provider", "region"))
    arrays["ms"][7] = -1
    (copy / "round_trips.npz").write_bytes(npz_bytes(arrays))
    seal(copy)
    assert [(f.file, f.row, f.column) for f in faults(copy)] == [("round_trips.npz", 7, "ms")]
    catalog = load(copy)
    assert the_catalog().round_trip(*where) is not None
    assert catalog.round_trip(*where) is None
    assert catalog.left_out == {"round_trips.npz": 1}
    for name in ("country", "provider", "region"):
        arrays[name][9] = arrays[name][8]
    (copy / "round_trips.npz").write_bytes(npz_bytes(arrays))
    seal(copy)
    assert [(f.row, f.column) for f in faults(copy)] == [(7, "ms"), (8, "country"), (9, "country")]


def test_a_small_table_that_lacks_a_column_is_named(copy: Path) -> None:
    spoil(copy, "fx.csv", lambda rows: [r.pop("as_of") for r in rows])
    seal(copy)
    assert [(f.file, f.column) for f in faults(copy)] == [("fx.csv", "as_of")]


# ---- age -------------------------------------------------------------------------------------------------------------


def test_four_in_five_prices_of_every_series_stay_within_the_band() -> None:
    """Held against price_drift.csv: what is known of a series is its unchanged share, its middle move and its 95 % move."""
    for r in the_catalog().table("price_drift"):
        years = (date.fromisoformat(r["to"]) - date.fromisoformat(r["from"])).days / 365
        kind = "spot" if "spot" in r["series"] else "rented, large cloud"
        band = AGEING[kind].band(years)
        same, middle = float(r["share_unchanged"]), float(r["median_abs_change_of_changed"])
        within = [same, same + (1 - same) / 2 if middle <= band else 0, 0.95 if float(r["p95_abs_change"]) <= band else 0]
        if band >= 0.1:
            within.append(float(r["share_within_10pct"]))
        assert max(within) >= (0.45 if kind == "spot" else 0.8), (r["series"], r["from"], band, within)


def test_states_follow_the_days() -> None:
    for kind, rule in AGEING.items():
        assert 0 < rule.ageing_days < rule.stale_days
        assert [rule.state(d) for d in (0, rule.ageing_days, rule.ageing_days + 1, rule.stale_days + 1, None)] == [
            "fresh", "fresh", "ageing", "stale", "undated",
        ]  # fmt: skip
        assert rule.basis, kind
        assert rule.band(2) >= rule.band(1) >= rule.band(-1)
    assert state_of("exchange rate", "2026-10-30", TODAY) == "fresh"
    assert state_of("device", "launch 2025; street 2026-01", TODAY) == "ageing"
    assert state_of("device", "launch", TODAY) == "undated"
    assert days_old("2026-11", TODAY) == 23
    assert read_day("2026-13") is None


def test_ages_tell_every_price_once() -> None:
    c = the_catalog()
    by_kind = {a.kind: a for a in price_ages(c, TODAY)}
    assert by_kind["rented, large cloud"].rows + by_kind["rented, small cloud"].rows == len(c.offers)
    assert all(sum(a.states.values()) == a.rows for a in by_kind.values())
    later = {a.kind: a for a in price_ages(c, date(2036, 1, 1))}
    assert all(a.states.get("fresh", 0) == a.states.get("ageing", 0) == 0 for a in later.values())


def test_every_column_of_offers_that_is_a_number_has_a_limit() -> None:
    assert all(c.high < float("inf") for c in OFFERS.values())
