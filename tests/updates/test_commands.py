"""`catalog import` and `catalog rollback` with the real catalog, from keys and bundle to the advice of the day after."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import stat
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest

from advisor import catalog, session
from advisor.__main__ import main
from advisor.catalog_updates import make_bundle, make_keys, trust
from advisor.commands import places
from tests.updates.small import everything

ROOT = Path(__file__).resolve().parents[2]
PLACE = ROOT / "catalogs"
VERSION = "2027.01.04"
DAY = "2027-01-05"


@pytest.fixture(scope="module")
def keys(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("keys")
    assert make_keys.main([str(folder), "--expires", "2036-12-31"]) == 0
    return folder


@pytest.fixture(scope="module")
def newer(tmp_path_factory) -> Path:
    """Our catalog with one rented machine half as dear and one service 50 times dearer, and a row less."""
    return changed(tmp_path_factory.mktemp("newer"), VERSION)


def changed(folder: Path, version: str) -> Path:
    index = json.loads((PLACE / "catalog.json").read_text(encoding="utf-8"))
    for name in index["files"]:
        (folder / name).write_bytes((PLACE / name).read_bytes())
    with np.load(folder / "offers.npz") as file:
        columns = {name: file[name] for name in file.files}
    offered = np.flatnonzero(columns["usable"] == 2)
    columns["usd_per_hour"][offered[100]] *= 0.5
    np.savez(folder / "offers.npz", **columns)
    with np.load(folder / "hosted_prices.npz") as file:
        columns = {name: file[name] for name in file.files}
    columns["usd_per_unit"][np.flatnonzero(columns["usable"] == 2)[7]] *= 0.001
    np.savez(folder / "hosted_prices.npz", **columns)
    edit(folder / "hosted_services.csv", lambda rows: [{**r, "usd_per_unit": str(float(r["usd_per_unit"]) * 50)} for r in rows])
    gone = edit(folder / "volumes.csv", lambda rows: rows[:-1])
    index["files"]["volumes.csv"]["rows"] = gone
    for name, facts in index["files"].items():
        facts["sha256"] = hashlib.sha256((folder / name).read_bytes()).hexdigest()
    index |= {"version": version, "date": version.replace(".", "-")}
    (folder / "catalog.json").write_text(json.dumps(index, indent=1), encoding="utf-8")
    return folder


def edit(path: Path, change) -> int:
    with path.open(encoding="utf-8", newline="") as file:
        rows = change(list(csv.DictReader(file)))
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    path.write_text(out.getvalue(), encoding="utf-8", newline="\n")
    return len(rows)


@pytest.fixture(scope="module")
def bundle(keys, newer, tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("bundle") / "update.zip"
    assert make_bundle.main([str(newer), "--keys", str(keys), "--version", VERSION, "--expires", "2027-06-30", "--out", str(out)]) == 0
    return out


@pytest.fixture
def home(tmp_path, keys, monkeypatch) -> Path:
    folder = tmp_path / "data" / "Édgewise home"
    monkeypatch.setenv("EDGEWISE_HOME", str(folder))
    monkeypatch.setattr(trust, "ROOT_FILE", keys / "1.root.json")
    return folder


@pytest.fixture
def run(capsys):
    def running(*arguments) -> tuple[int, str, str]:
        code = main([str(a) for a in arguments])
        said = capsys.readouterr()
        return code, said.out, said.err

    return running


def workshop(folder: Path) -> None:
    answers = session.Session(
        firm="Joinery Holm", country="AT", task="image-classification", units_per_day=60, model_choice="none", reference="photo-sorting"
    )
    session.save(answers, folder / "saved" / f"holm{session.ENDING}")


def test_shown_taken_over_used_and_taken_back(run, home, bundle):
    code, out, err = run("catalog", "import", bundle, "--today", DAY)
    assert (code, err) == (0, "")
    assert not home.exists()
    assert f"catalog {VERSION} of 4 January 2027" in out
    assert "have moved. The largest moves:" in out
    assert "(+4900 %)" in out
    assert "  volumes: 0 rows new, 1 gone" in out
    assert "There are no saved answers" in out
    assert "run the same command again with --yes" in out
    code, out, _ = run("catalog", "import", bundle, "--today", DAY, "--yes")
    assert code == 0
    assert f"From now on, advice is given with the catalog {VERSION}." in out
    assert places.catalog_folder().parent == home / "catalogs"
    assert VERSION in run("catalog", "status", "--today", DAY)[1]
    assert run("catalog", "check")[0] == 0
    assert run("catalog", "import", bundle, "--today", DAY, "--yes")[1].startswith("You have the catalog 2027.01.04 already.")
    assert run("catalog", "import", bundle, "--today", "2027-07-01")[0] == 2
    code, out, _ = run("catalog", "rollback")
    assert code == 0
    assert catalog.load(PLACE).version in out
    assert places.catalog_folder() == PLACE
    code, out, err = run("catalog", "rollback")
    assert (code, out, err.count("\n")) == (2, "", 1)


def test_a_move_of_a_rented_machine_is_named(home, bundle):
    from advisor.catalog_updates.taking import prepare

    found = prepare(bundle, places.shelf(), date(2027, 1, 5))
    assert found.changes.compared > 85_000
    assert found.changes.moved == 1 + 1 + 31
    first = found.changes.largest[0]
    assert (first.table, round(first.percent, 1)) == ("hosted_prices", -99.9)
    assert {m.table for m in found.changes.largest[1:]} == {"hosted_services"}
    assert {(t.table, t.added, t.removed) for t in found.changes.tables} == {
        ("hosted_prices", 0, 0), ("hosted_services", 0, 0), ("offers", 0, 0), ("volumes", 0, 1),
    }  # fmt: skip


def test_advice_uses_it_and_says_so(run, home, bundle, tmp_path):
    assert run("catalog", "import", bundle, "--today", DAY, "--yes")[0] == 0
    need, out = ROOT / "assets" / "examples" / "agency-text-model.json", tmp_path / "A.json"
    assert run("advise", need, "--out", out, "--today", DAY)[0] == 0
    assert json.loads(out.read_text(encoding="utf-8"))["provenance"]["catalog_version"] == VERSION


def test_an_older_report_is_worked_out_again_with_the_catalog_of_its_day(run, home, bundle, tmp_path):
    need, pdf, out = ROOT / "assets" / "examples" / "agency-text-model.json", tmp_path / "R.pdf", tmp_path / "A.json"
    assert run("advise", need, "--out", out, "--pdf", pdf, "--today", "2026-11-24")[0] == 0
    before = out.read_bytes()
    assert run("catalog", "import", bundle, "--today", DAY, "--yes")[0] == 0
    out.unlink()
    code, said, err = run("replay", pdf, "--out", out)
    assert (code, err) == (0, "")
    assert "the same as in the report, to the last byte" in said
    assert out.read_bytes() == before


def test_saved_answers_whose_advice_would_change_are_named(run, home, bundle):
    workshop(home)
    (home / "saved" / f"broken{session.ENDING}").write_text("{", encoding="utf-8")
    before = everything(home)
    code, out, _ = run("catalog", "import", bundle, "--today", DAY)
    assert code == 0
    assert everything(home) == before
    assert "We worked 1 of your saved answers out again; the advice changes for 1:" in out
    assert "  Joinery Holm: from “" in out
    assert "1 saved answers were left out" in out


def test_a_damaged_catalog_is_told_and_the_one_before_used(run, home, bundle):
    assert run("catalog", "import", bundle, "--today", DAY, "--yes")[0] == 0
    (places.catalog_folder() / "fx.csv").write_text("x\n", encoding="utf-8")
    code, out, err = run("catalog", "status", "--today", DAY)
    assert code == 0
    assert f"The catalog {VERSION} on this computer is damaged" in err
    assert VERSION not in out


def test_the_key_of_the_program_as_shipped_takes_nobody_elses(run, bundle, monkeypatch, tmp_path):
    monkeypatch.setenv("EDGEWISE_HOME", str(tmp_path / "home"))
    code, out, err = run("catalog", "import", bundle, "--today", DAY, "--yes")
    assert (code, out) == (2, "")
    assert "not signed by the makers of this program" in err
    assert not (tmp_path / "home").exists()


def test_a_catalog_with_a_fault_is_not_signed_nor_taken(run, home, keys, tmp_path, capsys):
    folder = changed(tmp_path, VERSION)
    edit(folder / "fx.csv", lambda rows: [{**r, "per_usd": "0"} for r in rows])
    index = json.loads((folder / "catalog.json").read_text(encoding="utf-8"))
    index["files"]["fx.csv"]["sha256"] = hashlib.sha256((folder / "fx.csv").read_bytes()).hexdigest()
    (folder / "catalog.json").write_text(json.dumps(index), encoding="utf-8")
    out = tmp_path / "update.zip"
    asked = [str(folder), "--keys", str(keys), "--version", VERSION, "--expires", "2027-06-30", "--out", str(out)]
    assert make_bundle.main(asked) == 2
    assert not out.exists()
    assert "fx.csv" in capsys.readouterr().err
    # Signed all the same, by a maintainer who left the check out.
    from advisor.catalog_updates.making import bundle, load_keys
    from advisor.catalog_updates.versions import number_of

    files = {n: (folder / n).read_bytes() for n in (*index["files"], "catalog.json")}
    made = bundle(files, load_keys(keys), {1: (keys / "1.root.json").read_bytes()}, number_of(VERSION), date(2027, 6, 30))
    out.write_bytes(made)
    code, said, err = run("catalog", "import", out, "--today", DAY, "--yes")
    assert (code, said) == (2, "")
    assert "has a fault" in err
    assert not home.exists()


# ---- the maintainers' commands ------------------------------------------------------------------------------------------


def test_the_same_bundle_twice(keys, newer, bundle, tmp_path):
    again = tmp_path / "again.zip"
    assert make_bundle.main([str(newer), "--keys", str(keys), "--version", VERSION, "--expires", "2027-06-30", "--out", str(again)]) == 0
    assert again.read_bytes() == bundle.read_bytes()


def test_the_version_must_be_said_right(keys, newer, tmp_path, capsys):
    for version in ("2027.01.05", "4", "today"):
        asked = [str(newer), "--keys", str(keys), "--version", version, "--expires", "2027-06-30", "--out", str(tmp_path / "b.zip")]
        assert make_bundle.main(asked) == 2
        assert "you said" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_no_keys(newer, tmp_path, capsys):
    asked = [str(newer), "--keys", str(tmp_path / "none"), "--version", VERSION, "--expires", "2027-06-30", "--out", str(tmp_path / "b")]
    assert make_bundle.main(asked) == 2
    assert "could not be made" in capsys.readouterr().err


def test_keys_are_for_their_owner_alone_and_never_written_over(keys, capsys):
    if os.name == "posix":
        assert all(stat.S_IMODE(p.stat().st_mode) == 0o600 for p in keys.glob("*.pem"))
    before = everything(keys)
    assert make_keys.main([str(keys), "--expires", "2036-12-31"]) == 2
    assert everything(keys) == before
    assert make_keys.main([str(ROOT / "advisor" / "my-keys"), "--expires", "2036-12-31"]) == 2
    assert not (ROOT / "advisor" / "my-keys").exists()


def test_new_keys_by_command(run, home, keys, tmp_path):
    second = tmp_path / "second"
    assert make_keys.main([str(second), "--expires", "2037-12-31", "--after", str(keys)]) == 0
    assert {p.name for p in second.glob("*.root.json")} == {"1.root.json", "2.root.json"}
    folder = tmp_path / "catalog"
    folder.mkdir()
    out = tmp_path / "b.zip"
    changed(folder, "2027.02.01")
    asked = [str(folder), "--keys", str(second), "--version", "2027.02.01", "--expires", "2027-06-30", "--out", str(out)]
    assert make_bundle.main(asked) == 0
    assert run("catalog", "import", out, "--today", "2027-02-02", "--yes")[0] == 0


def test_finding_the_catalog_imports_no_signing_code():
    code = (
        "import sys; from advisor.commands.places import catalog_folder; catalog_folder();"
        "print([m for m in ('tuf', 'cryptography', 'numpy', 'securesystemslib') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.strip() == "[]"


def test_the_window_reads_the_new_catalog_at_once_and_the_old_one_after_going_back(home, bundle):
    from ui import composition

    desk = composition.outside("en_GB", home, lambda: datetime(2027, 1, 5, 9, tzinfo=UTC)).catalog
    composition.the_catalog.cache_clear()
    try:
        before = desk.standing()
        assert (before.before, before.state, before.offers) == (None, "fresh", 100_386)
        assert {s.licence for s in before.sources}
        workshop(home)
        reached = []
        proposal = desk.look(bundle, lambda done, of: reached.append((done, of)))
        assert reached == [(0, 1)]
        assert proposal.looked.looked_at == 1
        assert desk.standing() == before
        desk.take(proposal)
        after = desk.standing()
        assert (after.version, after.before) == (VERSION, (before.version, before.day))
        assert desk.chips(session.Session()).ground.catalog.version == VERSION
        assert desk.go_back() == (before.version, before.day)
        assert desk.standing() == before
    finally:
        composition.the_catalog.cache_clear()
