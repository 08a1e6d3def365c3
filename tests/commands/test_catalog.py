"""`catalog status` and `catalog check`, on our own catalog and on spoilt copies."""

import csv
import hashlib
import json
import shutil
from datetime import date

import numpy as np
import pytest

from advisor import catalog
from advisor.catalog_check import ages, check
from advisor.commands.places import catalog_folder


@pytest.fixture
def spoilt(folder):
    """A copy of our catalog, and spoil(name, change) that changes a table and, by default, its fingerprint too."""
    ours = catalog_folder()
    for path in [*ours.glob("*.csv"), *ours.glob("*.npz"), ours / "catalog.json"]:
        shutil.copy(path, folder / path.name)

    def seal(name, rows=None):
        index = json.loads((folder / "catalog.json").read_text(encoding="utf-8"))
        index["files"][name]["sha256"] = hashlib.sha256((folder / name).read_bytes()).hexdigest()
        if rows is not None:
            index["files"][name]["rows"] = rows
        (folder / "catalog.json").write_text(json.dumps(index), encoding="utf-8")

    def spoil(name, change, sealed=True):
        with (folder / name).open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        columns = list(rows[0])
        rows = change(rows) or rows
        with (folder / name).open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
        if sealed:
            seal(name, len(rows))

    spoil.folder, spoil.seal = folder, seal
    return spoil


def test_our_catalog_is_sound(run):
    assert check(catalog_folder()) == ()
    said = run("catalog", "check")
    assert said.code == 0
    assert "sound" in said.out


def test_status_tells_age_and_rows(run):
    day = catalog.load(catalog_folder()).day
    said = run("catalog", "status", "--today", day)
    assert said.code == 0
    assert f"made on {day}, today." in said.out
    assert "offers" in said.out
    assert "That is old" in run("catalog", "status", "--today", "2030-01-01").out
    assert "after the day you gave" in run("catalog", "status", "--today", "2020-01-01").out


def test_stale_rows_are_counted():
    found = catalog.load(catalog_folder())
    now = {a.name: a for a in ages(found, date(2026, 11, 24))}
    later = {a.name: a for a in ages(found, date(2036, 11, 24))}
    assert now["offers"].rows == len(found.offers)
    assert now["fx"].stale == 0
    assert later["fx"].stale == later["fx"].rows
    assert later["offers"].stale == later["offers"].rows


def cell(column, value, row=0):
    def change(rows):
        rows[row][column] = value

    return change


@pytest.mark.parametrize(
    ("name", "change", "word"),
    [
        ("hosted_text.csv", cell("usd_per_1m_input", "0"), "usd_per_1m_input is “0”, not a number above zero"),
        ("hosted_text.csv", cell("usd_per_1m_input", "-3"), "not a number above zero"),
        ("hosted_text.csv", cell("usd_per_1m_input", "nan"), "not a number above zero"),
        ("hosted_text.csv", cell("usd_per_1m_output", "cheap"), "not a number above zero"),
        ("hosted_text.csv", cell("source", ""), "source is empty"),
        ("hosted_text.csv", cell("as_of", ""), "as_of is empty"),
        ("electricity.csv", cell("usable", "perhaps"), "usable is “perhaps”"),
        ("devices.csv", cell("recommendable", ""), "recommendable is “”"),
        ("fx.csv", lambda rows: [*rows, rows[0]], "the same row as line 2"),
        ("mobile.csv", cell("source", ""), "source is empty"),
    ],
)
def test_wrong_rows_are_found_by_line(run, spoilt, name, change, word):
    spoilt(name, change)
    said = run("catalog", "check", "--catalog", spoilt.folder, "--json-errors")
    assert said.code == 2
    (problem,) = said.problems
    assert problem["field"].startswith(f"{name}:")
    assert word in problem["what_happened"]


def test_all_faults_are_told_at_once(spoilt):
    spoilt("fx.csv", cell("per_usd", "0", 3))
    spoilt("hosted_text.csv", cell("source", ""))
    spoilt("labour.csv", cell("item", "other"), sealed=False)
    (spoilt.folder / "vat.csv").unlink()
    (spoilt.folder / "mine.csv").write_text("a\n", encoding="utf-8")
    (spoilt.folder / "carbon.csv").write_bytes(b"\xff\xfe")
    spoilt.seal("carbon.csv")
    assert [p.field for p in check(spoilt.folder)] == ["carbon.csv", "fx.csv:5", "hosted_text.csv:2", "labour.csv", "vat.csv", "mine.csv"]


def test_tables_of_another_form(spoilt):
    def shorter(rows):
        for row in rows:
            row.pop("as_of")

    path = spoilt.folder / "fx.csv"
    path.write_text("currency,per_eur\nEUR,1\n", encoding="utf-8")
    spoilt.seal("fx.csv", 3)
    told = [p.what_happened for p in check(spoilt.folder)]
    assert told == ["fx.csv has 1 rows, catalog.json tells of 3.", "fx.csv lacks the column as_of, per_usd, source."]
    path.write_text("currency,per_eur,per_usd,source,as_of\nEUR,1\n", encoding="utf-8")
    spoilt.seal("fx.csv", 1)
    assert ["too few cells" in p.what_happened for p in check(spoilt.folder)] == [True]


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (lambda a: a["usd_per_hour"].__setitem__(np.flatnonzero(a["usable"] == 2)[0], 0), "no price above zero"),
        (lambda a: a["usable"].__setitem__(0, 9), "flag that we do not know"),
        (lambda a: a["type_row"].__setitem__(1, a["type_row"][0]) or a["region_row"].__setitem__(1, a["region_row"][0]), "occurs twice"),
        (lambda a: a["dates"].__setitem__(slice(None), ""), "has no day"),
        (lambda a: a["reasons"].__setitem__(slice(None), ""), "does not say why"),
        (lambda a: a.pop("usable"), "cannot be read as the table of offers"),
    ],
)
def test_wrong_offers_are_found(spoilt, change, word):
    path = spoilt.folder / "offers.npz"
    with np.load(path) as file:
        columns = {name: file[name] for name in file.files}
    change(columns)
    np.savez(path, **columns)
    spoilt.seal("offers.npz")
    assert word in " ".join(p.what_happened for p in check(spoilt.folder))
