"""A good update is shown, taken over and taken back; nothing on the way can leave half a catalog."""

from __future__ import annotations

import hashlib
import json
import socket
import threading
from datetime import date, timedelta
from pathlib import Path

import pytest

from advisor import catalog
from advisor.catalog_updates import Shelf, container, making, shelf, telling, trust
from advisor.catalog_updates.standing import Standing, standing
from advisor.catalog_updates.taking import accept, roll_back
from advisor.problems import AdvisorError
from tests.updates.small import (
    EXPIRES,
    KEYS,
    TODAY,
    TRUSTED,
    Desk,
    csv_bytes,
    members,
    put_folder,
    signed,
    small,
    update,
)


def version(desk) -> str:
    return catalog.load(desk.shelf.current()).version


def is_whole(found: catalog.Catalog) -> bool:
    return all(hashlib.sha256((found.folder / name).read_bytes()).hexdigest() == sha for name, (sha, _) in found.files.items())


def test_a_good_update_is_shown_then_counts(desk, good):
    proposal = desk.prepare(good)
    assert not desk.shelf.home.exists()
    c = proposal.changes
    assert (c.old_version, c.new_version, c.new_day) == ("2026.11.23", "2026.12.01", "2026-12-01")
    assert (c.compared, c.moved) == (8, 8)
    assert len(c.largest) == 5
    assert all(m.percent == pytest.approx(10) for m in c.largest)
    assert [(t.table, t.added, t.removed) for t in c.tables] == [("hosted_services", 0, 0), ("rates", 2, 2)]
    folder = accept(proposal, desk.shelf)
    assert folder == desk.shelf.current()
    assert version(desk) == "2026.12.01"
    assert {p.name: p.read_bytes() for p in folder.iterdir()} == dict(proposal.release.files)
    again = desk.prepare(good)
    assert again.is_current
    assert accept(again, desk.shelf) == folder


def test_the_same_inputs_make_the_same_bytes(good):
    assert update() == good
    assert update(expires=date(2027, 3, 2)) != good


def test_stored_and_deflated_members_are_both_read(desk, tmp_path, good):
    inside = members(good, tmp_path)
    assert {m.method for m in inside.values()} == {container.STORED, container.DEFLATED}


def test_another_reader_of_the_same_framework_agrees(good, tmp_path):
    """The framework's own client accepts the bundle as it stands."""
    from tuf.api.exceptions import DownloadHTTPError
    from tuf.ngclient import FetcherInterface, Updater

    inside = members(good, tmp_path)

    class FromBundle(FetcherInterface):
        def _fetch(self, url):
            member = inside.get(url.removeprefix("https://localhost/"))
            if member is None:
                raise DownloadHTTPError("not there", 404)
            yield container.unpack(member, "update.zip")

    (tmp_path / "m").mkdir()
    client = Updater(
        str(tmp_path / "m"), "https://localhost/metadata/", str(tmp_path), "https://localhost/targets/", FromBundle(), bootstrap=TRUSTED
    )
    client._trusted_set.reference_time = client._trusted_set.reference_time.replace(year=2026, month=12, day=2)
    client.refresh()
    found = client.get_targetinfo("rates.csv")
    assert found is not None
    assert found.length == len(small("2026.12.01", rate=1.2)["rates.csv"])


def test_two_updates_and_all_the_way_back(desk, good):
    first = desk.take(good)
    second = desk.take(update("2026.12.08", content={"price": 0.7}))
    assert first != second
    assert [k.version for k in desk.shelf.kept()] == ["2026.12.08", "2026.12.01", "2026.11.23"]
    assert roll_back(desk.shelf).version == "2026.12.01"
    assert desk.shelf.current() == first
    assert roll_back(desk.shelf).version == "2026.11.23"
    assert desk.shelf.current() == desk.shelf.bundled
    with pytest.raises(AdvisorError) as refused:
        roll_back(desk.shelf)
    assert refused.value.problems[0].code == "NOTHING_BEFORE"
    # What was had before stays the floor: the newest may come back, the one between may not.
    assert desk.code(good) == "OLDER"
    assert desk.take(update("2026.12.08", content={"price": 0.7})) == second
    assert roll_back(desk.shelf).version == "2026.11.23"


def test_the_second_of_a_day_is_newer(desk, good):
    desk.take(good)
    desk.take(update("2026.12.01.2", content={"price": 0.7}))
    assert version(desk) == "2026.12.01.2"
    assert desk.code(good) == "OLDER"


def test_same_version_with_other_contents_is_refused(desk, good):
    desk.take(good)
    assert desk.code(update(content={"price": 0.9})) == "TAMPERED"
    assert desk.code(update("2026.11.23", content={"price": 0.9})) == "OLDER"


def test_the_catalog_of_the_program_offered_as_update(desk):
    assert desk.prepare(signed(small(), "2026.11.23")).is_current


def test_the_same_tables_of_a_later_day_are_an_update(desk):
    proposal = desk.prepare(update(content={"rate": 1.1, "price": 0.5}))
    assert not proposal.is_current
    assert proposal.changes.moved == 0
    accept(proposal, desk.shelf)
    assert version(desk) == "2026.12.01"


def test_older_than_the_program(desk):
    assert desk.code(update("2026.11.22")) == "OLDER"


def test_a_newer_program_brings_a_newer_catalog(desk, good, tmp_path):
    desk.take(good)
    newer = Shelf(desk.shelf.home, put_folder(tmp_path / "newer", small("2027.01.15")))
    assert newer.current() == newer.bundled
    older = Shelf(desk.shelf.home, put_folder(tmp_path / "other", small("2026.11.30")))
    assert older.current() == desk.shelf.current()
    needs_more = Shelf(desk.shelf.home, put_folder(tmp_path / "more", small("2026.11.24", vat=b"item\nx\n")))
    assert needs_more.current() == needs_more.bundled
    assert needs_more.passed_over() == "2026.12.01"
    other_form = Shelf(desk.shelf.home, put_folder(tmp_path / "form", small("2026.11.24", schema=2)))
    assert other_form.current() == other_form.bundled


def test_good_until_the_end_of_its_last_day(desk, good):
    assert desk.code(good, EXPIRES) == ""
    assert desk.code(good, EXPIRES + timedelta(days=1)) == "EXPIRED"


@pytest.mark.parametrize("harm", ["changed", "shorter", "gone", "index", "link"])
def test_a_damaged_folder_is_passed_over(desk, good, harm, tmp_path):
    desk.take(good)
    second = desk.take(update("2026.12.08", content={"price": 0.7}))
    path = second / "rates.csv"
    if harm == "changed":
        path.write_bytes(path.read_bytes().replace(b"1", b"2", 1))
    elif harm == "shorter":
        path.write_bytes(path.read_bytes()[:-5])
    elif harm == "gone":
        path.unlink()
    elif harm == "index":
        (second / "catalog.json").write_text("{}", encoding="utf-8")
    else:
        other = put_folder(tmp_path / "elsewhere", small("2026.12.24"))
        for p in second.iterdir():
            p.unlink()
        second.rmdir()
        second.symlink_to(other)
    assert version(desk) == "2026.12.01"
    assert desk.shelf.passed_over() == "2026.12.08"
    assert roll_back(desk.shelf).version == "2026.11.23"
    # Importing it again mends it.
    desk.take(update("2026.12.08", content={"price": 0.7}))
    assert version(desk) == "2026.12.08"
    assert desk.shelf.passed_over() is None


@pytest.mark.parametrize(
    "text",
    ["", "null", "[]", "{", "[" * 100_000, '{"format": "x"}', json.dumps({"format": shelf.FORMAT, "current": "../../etc", "before": []})],
)
def test_a_damaged_pointer_counts_as_none(desk, good, text):
    desk.take(good)
    (desk.shelf.folder / "pointer.json").write_text(text, encoding="utf-8")
    assert desk.shelf.current() == desk.shelf.bundled
    desk.take(good)
    assert version(desk) == "2026.12.01"


class Crash(BaseException):
    """The power goes."""


def _steps(monkeypatch, stop_at: int) -> list[str]:
    """Lets `stop_at` steps on the disk happen, then the power goes; the names of the steps done."""
    done: list[str] = []

    def counted(name, real):
        def step(*args, **kwargs):
            if len(done) == stop_at:
                raise Crash
            done.append(name)
            return real(*args, **kwargs)

        return step

    monkeypatch.setattr(shelf, "_write_through", counted("write", shelf._write_through))
    monkeypatch.setattr(shelf, "_sync_folder", counted("sync", shelf._sync_folder))
    monkeypatch.setattr(shelf.tempfile, "mkdtemp", counted("folder", shelf.tempfile.mkdtemp))
    monkeypatch.setattr(Path, "replace", counted("replace", Path.replace))
    return done


def test_a_crash_between_any_two_steps(desk, good, monkeypatch, tmp_path):
    """After each, the old catalog or the new one counts, whole; and the update can be taken over as if nothing had been."""
    next_one = update("2026.12.08", content={"price": 0.7})
    seen = []
    for stop_at in range(100):
        here = Desk(Shelf(tmp_path / f"home-{stop_at}", desk.shelf.bundled), desk.file)
        here.take(good)
        proposal = here.prepare(next_one)
        with monkeypatch.context() as patch:
            _steps(patch, stop_at)
            try:
                accept(proposal, here.shelf)
            except Crash:
                pass
            else:
                break
        now = catalog.load(here.shelf.current())
        assert is_whole(now)
        seen.append(now.version)
        accept(proposal, here.shelf)
        assert version(here) == "2026.12.08"
        left = {p.name for p in here.shelf.folder.iterdir()}
        assert len(left) == 4
        assert not any(name.startswith(".") for name in left)
        assert roll_back(here.shelf).version == "2026.12.01"
    # Only the flush after the last name is left when the new one counts.
    assert len(seen) == stop_at >= 12
    assert seen == ["2026.12.01"] * (stop_at - 1) + ["2026.12.08"]


def test_half_written_bytes_of_a_crash_are_not_taken_for_a_catalog(desk, good, monkeypatch):
    proposal = desk.prepare(good)
    real = shelf._write_through

    def half(path, content):
        path.write_bytes(content[: len(content) // 2])
        if path.name == "round_trips.npz":
            raise Crash
        real(path, content)

    with monkeypatch.context() as patch:
        patch.setattr(shelf, "_write_through", half)
        with pytest.raises(Crash):
            accept(proposal, desk.shelf)
    assert desk.shelf.current() == desk.shelf.bundled
    accept(proposal, desk.shelf)
    assert version(desk) == "2026.12.01"


def test_a_full_disk_is_told_and_changes_nothing(desk, good, monkeypatch):
    proposal = desk.prepare(good)

    def full(path, content):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shelf, "_write_through", full)
    with pytest.raises(AdvisorError) as refused:
        accept(proposal, desk.shelf)
    assert refused.value.problems[0].code == "NO_ACCESS"
    assert "No space left" in refused.value.problems[0].sentence()
    assert desk.shelf.current() == desk.shelf.bundled


def test_two_at_once(desk, good):
    """While one changes the shelf the other is told to wait; an older one that was prepared first is not let in after."""
    late = desk.prepare(good)
    newer = desk.prepare(update("2026.12.08", content={"price": 0.7}))
    with desk.shelf.alone(), pytest.raises(AdvisorError) as refused:
        accept(late, desk.shelf)
    assert refused.value.problems[0].code == "BUSY"
    accept(newer, desk.shelf)
    with pytest.raises(AdvisorError) as refused:
        accept(late, desk.shelf)
    assert refused.value.problems[0].code == "OLDER"
    assert version(desk) == "2026.12.08"


def test_many_threads_leave_one_whole_catalog(desk):
    proposals = [desk.prepare(update(f"2026.12.{d:02}", content={"price": 0.5 + d / 100})) for d in range(1, 9)]
    codes: list[str] = []

    def one(proposal):
        try:
            accept(proposal, desk.shelf)
            codes.append("")
        except AdvisorError as error:
            codes.append(error.problems[0].code)

    threads = [threading.Thread(target=one, args=(p,)) for p in proposals]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert set(codes) <= {"", "BUSY", "OLDER"}
    now = catalog.load(desk.shelf.current())
    assert is_whole(now)


def test_no_socket_is_opened(desk, good, monkeypatch):
    def refused(*_args, **_kwargs):
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refused)
    monkeypatch.setattr(socket, "create_connection", refused)
    monkeypatch.setattr(socket, "getaddrinfo", refused)
    desk.take(good)
    assert version(desk) == "2026.12.01"


def test_a_catalog_that_fails_the_check_is_refused(desk, good):
    from advisor.catalog_check import check

    # The small catalog lacks columns that the real check wants.
    assert desk.code(good, check=check) == "UNSOUND"


def test_rows_that_come_and_go_are_counted(desk):
    files = small("2026.12.01", amounts=csv_bytes([{"item": f"i{i}", "value": i} for i in range(3, 207)]))
    changed = {t.table: (t.added, t.removed) for t in desk.prepare(signed(files)).changes.tables}
    assert changed == {"amounts": (7, 3)}
    proposal = desk.prepare(signed(files))
    assert proposal.changes.moved == 0
    assert proposal.changes.compared == 8


# ---- keys change -----------------------------------------------------------------------------------------------------


def test_new_keys_signed_by_the_old_ones_are_followed(desk, good):
    keys = making.new_keys()
    second = making.root(keys, date(2037, 1, 1), 2, KEYS["root"])
    desk.take(good)
    desk.take(update("2026.12.08", content={"price": 0.7}, keys=keys, roots={1: TRUSTED, 2: second}))
    assert version(desk) == "2026.12.08"
    assert desk.shelf.roots() == {2: second}
    # From now on the old keys count no more, nor does another second root.
    assert desk.code(update("2026.12.15", content={"price": 0.8})) == "WRONG_KEY"
    other = making.new_keys()
    fork = making.root(other, date(2037, 1, 1), 2, KEYS["root"])
    assert desk.code(update("2026.12.15", content={"price": 0.8}, keys=other, roots={1: TRUSTED, 2: fork})) == "WRONG_KEY"
    assert desk.code(update("2026.12.15", content={"price": 0.8}, keys=keys, roots={1: TRUSTED, 2: second})) == ""
    # A program that ships the second root takes bundles that carry the first one too.
    desk.root = second
    assert desk.code(update("2026.12.15", content={"price": 0.8}, keys=keys, roots={1: TRUSTED, 2: second})) == ""


def test_an_older_root_in_the_bundle_is_looked_at_too(desk, tmp_path):
    """A program that ships the second root has no first one of its own to compare; the snapshot signs it."""
    keys = making.new_keys()
    desk.root = second = making.root(keys, date(2037, 1, 1), 2, KEYS["root"])
    inside = members(update(keys=keys, roots={1: TRUSTED, 2: second}), tmp_path)
    assert desk.code(container.write(inside)) == ""
    for other in (making.root(KEYS, date(2035, 1, 1)), second):
        changed = {**inside, "metadata/1.root.json": container.pack(other, squeeze=False)}
        assert desk.code(container.write(changed)) == "TAMPERED"


def test_new_keys_that_the_old_ones_did_not_sign(desk):
    keys = making.new_keys()
    for second in (making.root(keys, date(2037, 1, 1), 2), making.root(keys, date(2037, 1, 1), 3, KEYS["root"])):
        assert desk.code(update(keys=keys, roots={1: TRUSTED, 2: second})) in ("WRONG_KEY", "TAMPERED")


def test_keys_of_the_program_run_out(desk):
    desk.root = making.root(KEYS, date(2026, 11, 1))
    assert desk.code(update(roots={1: desk.root})) == "EXPIRED"


def test_the_shipped_root_is_whole_and_its_private_keys_are_not_here(tmp_path):
    shipped = trust.ROOT_FILE.read_bytes()
    document = trust._read(shipped, trust.Root, "root.json")
    assert document.to_bytes() == shipped
    assert trust._is_signed(document, [document.signed])
    assert document.signed.expires.year >= 2030
    assert not list(trust.ROOT_FILE.parents[2].glob("advisor/**/*.pem"))


def test_how_things_stand_before_an_update_after_it_and_back(desk, good):
    def now() -> Standing:
        return standing(catalog.load(desk.shelf.current()), desk.shelf, TODAY)

    first = now()
    assert (first.version, first.days, first.state, first.before, first.passed_over) == ("2026.11.23", 2, "fresh", None, None)
    assert {a.kind: a.rows for a in first.ages} == {"hosted service": 8}
    desk.take(good)
    assert now().version == "2026.12.01"
    assert now().before == ("2026.11.23", "2026-11-23")
    assert desk.shelf.before() == desk.shelf.bundled
    roll_back(desk.shelf)
    assert now() == first


def test_the_words_of_an_update_are_whole_sentences_and_lists(desk, good):
    proposal = desk.prepare(good)
    said = list(telling.lines(proposal))
    assert said[0] == ("This update is signed and sound: catalog 2026.12.01 of 1 December 2026. You have 2026.11.23 of 23 November 2026.")
    assert said[1] == "Of 8 prices in both, 8 have moved. The largest moves:"
    assert all(line.startswith("  ") for line in said[2:7])
    assert telling.current(proposal) == "You have the catalog 2026.12.01 already. There is nothing to take over."
