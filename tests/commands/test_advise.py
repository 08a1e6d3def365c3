"""`advise`, `replay` and `demo`: from files to files, whole or not at all, the same bytes each time."""

import json
import shutil
import subprocess
import sys
from types import SimpleNamespace

import pytest

from advisor import measurement
from advisor.__main__ import main
from advisor.benchmark.sample import NAME
from advisor.commands import places
from advisor.problems import AdvisorError, Problem
from advisor.report import read_attachments
from advisor.schema_check import check

DAY = "2026-11-24"
EXAMPLES = places.program_folder() / "assets" / "examples"
# Runs the command line with every way to the network shut, then tells which heavy libraries it loaded.
ALONE = """
import socket, sys
def shut(*_, **__): raise AssertionError("the network was asked for")
socket.socket = shut
from advisor.__main__ import main
code = main(sys.argv[1:])
print(code, *sorted({m.split(".")[0] for m in sys.modules} & {"onnx", "onnxruntime", "PySide6", "matplotlib", "typst", "pandas"}))
"""


@pytest.fixture(scope="module")
def journey(tmp_path_factory):
    """The files of the example journey, really made and timed."""
    folder = tmp_path_factory.mktemp("Übung 1") / "out"
    assert main(["demo", "--out-dir", str(folder), "--seconds", "1", "--today", DAY]) == 0
    return folder


def content(path):
    return json.loads(path.read_text(encoding="utf-8"))


def test_journey_writes_everything(journey):
    assert {p.name for p in journey.iterdir()} == {"need.json", NAME, "P.json", "M.json", "A.json", "report.pdf"}
    advice = content(journey / "A.json")
    check(advice, "advice")
    assert advice["provenance"]["today"] == DAY
    assert advice["options"][0]["kind"] == advice["kind"]
    assert "no-change" in {o["id"] for o in advice["options"]}
    assert sum(o["win_share"] for o in advice["options"]) == pytest.approx(1, abs=1e-6)
    assert {"edge", "cloud"} <= {o["headline"] for o in advice["options"]}
    assert any(row["basis"] == "measured" for row in advice["ledger"])


def test_report_carries_what_it_was_worked_out_from(journey):
    inside = read_attachments(journey / "report.pdf")
    for name, file in (("NEED.json", "need.json"), ("M.json", "M.json"), ("A.json", "A.json")):
        assert inside[name] == (journey / file).read_bytes()
    assert {"P.json", "ledger.csv", "provenance.json"} <= set(inside)


def test_replay_gives_the_same_bytes_without_the_model(run, journey, folder):
    shutil.copy(journey / "report.pdf", folder / "report.pdf")
    said = run("replay", folder / "report.pdf", "--out", folder / "A.json")
    assert said.code == 0
    assert "to the last byte" in said.out
    assert (folder / "A.json").read_bytes() == (journey / "A.json").read_bytes()


@pytest.mark.parametrize("locale", ["C", "de_DE.UTF-8"])
def test_advise_alone_gives_the_same_bytes(journey, folder, locale, bare_environment):
    """Another process, language of the system and order of hashing; no network, and nothing heavy loaded."""
    settings = {
        **bare_environment, "LC_ALL": locale, "PYTHONHASHSEED": str(len(locale)), "PYTHONUTF8": "0", "TZ": "Asia/Tokyo",
        "PYTHONPATH": str(places.program_folder()),
    }  # fmt: skip
    arguments = ["advise", str(journey / "need.json"), "--measurement", str(journey / "M.json"), "--out", "A.json", "--today", DAY]
    command = [sys.executable, "-c", ALONE, *arguments]
    done = subprocess.run(command, cwd=folder, env=settings, capture_output=True, text=True, check=False, timeout=120)
    assert (done.stdout, done.stderr) == ("0\n", "")
    assert (folder / "A.json").read_bytes() == (journey / "A.json").read_bytes()
    assert [p.name for p in folder.iterdir()] == ["A.json"]


def test_a_refusal_while_working_out_writes_nothing(run, need_file, folder):
    need = need_file(job={"task": "ocr", "model": {"reference": "no-such-job"}})
    said = run("advise", need, "--out", folder / "A.json", "--pdf", folder / "R.pdf", "--today", DAY)
    assert said.code == 2
    assert "no-such-job" in said.err
    assert [p.name for p in folder.iterdir()] == ["need.json"]


@pytest.fixture
def stand_in(monkeypatch):
    """An answer without the work, where only the writing is tried."""
    advice = SimpleNamespace(to_bytes=lambda: b"{}\n")
    monkeypatch.setattr("advisor.commands.advising.answer", lambda *_, **__: advice)
    monkeypatch.setattr("advisor.report.attachments_for", lambda _, files: dict(files))


def test_a_report_that_fails_takes_the_answer_back(run, need_file, folder, stand_in, monkeypatch):
    def full(*_):
        raise AdvisorError(Problem("NO_ACCESS", "R.pdf", "The report could not be saved as R.pdf.", "The disk is full.", "Make room."))

    monkeypatch.setattr("advisor.report.write_pdf", full)
    (folder / "A.json").write_text("older", encoding="utf-8")
    said = run("advise", need_file(), "--out", folder / "A.json", "--pdf", folder / "R.pdf")
    assert said.code == 2
    assert "The disk is full." in said.err
    assert (folder / "A.json").read_text(encoding="utf-8") == "older"
    assert sorted(p.name for p in folder.iterdir()) == ["A.json", "need.json"]


def test_odd_letters_of_the_report_are_told(run, need_file, folder, stand_in, monkeypatch):
    monkeypatch.setattr("advisor.report.write_pdf", lambda *_: SimpleNamespace(replaced=("試",)))
    said = run("advise", need_file(), "--out", folder / "A.json", "--pdf", folder / "R.pdf")
    assert said.code == 0
    assert "試" in said.err
    assert (folder / "A.json").read_bytes() == b"{}\n"


def test_need_with_a_byte_order_mark_is_kept_as_it_was(run, need_file, folder, stand_in, monkeypatch):
    kept = {}
    monkeypatch.setattr("advisor.report.write_pdf", lambda _, files, __: kept.update(files) or SimpleNamespace(replaced=()))
    raw = b"\xef\xbb\xbf" + need_file().read_bytes()
    assert run("advise", need_file(raw), "--out", folder / "A.json", "--pdf", folder / "R.pdf").code == 0
    assert kept["NEED.json"] == raw


def test_health_file_comes_along(run, need_file, folder, stand_in, monkeypatch):
    kept = {}
    monkeypatch.setattr("advisor.report.write_pdf", lambda _, files, __: kept.update(files) or SimpleNamespace(replaced=()))
    (folder / "H.json").write_text('{"verdict": "passed", "checks": []}', encoding="utf-8")
    for more in ([], ["--health", folder / "H.json"]):
        kept.clear()
        need = need_file(quality={"health": "H.json"}) if not more else need_file()
        assert run("advise", need, "--out", folder / "A.json", "--pdf", folder / "R.pdf", *more).code == 0
        assert "H.json" in kept
    (folder / "H.json").write_text('{"checks": []}', encoding="utf-8")
    said = run("advise", need_file(quality={"health": "H.json"}), "--out", folder / "A.json")
    assert "H.json: The field verdict is missing." in said.err


def test_model_of_the_need_lies_beside_it(run, journey, folder, stand_in, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    need = folder / "need.json"
    shutil.copy(journey / "need.json", need)
    out = ["--out", folder / "A.json", "--json-errors"]
    missing = run("advise", need, *out)
    assert [(p["code"], p["field"]) for p in missing.problems] == [("NO_ACCESS", "job.model.onnx")]
    # A measurement tells enough of a model that lies elsewhere.
    assert run("advise", need, "--measurement", journey / "M.json", *out).code == 0
    (folder / NAME).write_bytes(b"PK\x03\x04 archive/data.pkl")
    wrong = run("advise", need, "--measurement", journey / "M.json", *out)
    assert [(p["code"], p["field"]) for p in wrong.problems] == [("NOT_A_MODEL", "job.model.onnx")]
    shutil.copy(journey / NAME, folder / NAME)
    assert run("advise", need, *out).code == 0
    other = content(journey / "M.json")
    other["model"]["sha256"] = "0" * 64
    (folder / "other.json").write_text(json.dumps(other), encoding="utf-8")
    said = run("advise", need, "--measurement", folder / "other.json", *out)
    assert [(p["code"], p["field"]) for p in said.problems] == [("BAD_FIELD", "--measurement")]
    both = ["--measurement", journey / "M.json", "--measurement", folder / "other.json"]
    for _ in range(2):
        # One of another model is refused beside one of this, too; and where the model itself is not here.
        assert [(p["code"], p["field"]) for p in run("advise", need, *both, *out).problems] == [("BAD_FIELD", "--measurement")]
        (folder / NAME).unlink(missing_ok=True)


def test_work_that_only_the_test_run_could_count_is_filled_in(journey, folder, monkeypatch):
    from dataclasses import replace

    from advisor.benchmark import client
    from advisor.commands import advising

    real = client.profile
    monkeypatch.setattr(client, "profile", lambda path: replace(real(path), gmacs=None, activations_millions=None))
    given = advising.read(journey / "need.json", [journey / "M.json"], None)
    assert given.profile.gmacs == measurement.read(journey / "M.json").model.gmacs
    assert json.loads(given.files["P.json"])["gmacs"] == given.profile.gmacs


def repacked(report, target, change):
    """A copy of a report with changed files inside, as another program might save it."""
    from pypdf import PdfReader, PdfWriter

    inside = {name: body[0] for name, body in PdfReader(report).attachments.items()}
    change(inside)
    writer = PdfWriter()
    writer.add_blank_page(100, 100)
    for name, body in inside.items():
        writer.add_attachment(name, body)
    with target.open("wb") as file:
        writer.write(file)
    return target


def test_reports_that_cannot_be_replayed(run, journey, folder):
    def provenance(**changes):
        def change(inside):
            inside["provenance.json"] = json.dumps({**json.loads(inside["provenance.json"]), **changes}).encode()

        return change

    for name, change, word in (
        ("a.pdf", lambda inside: inside.pop("provenance.json"), "does not say what it was worked out from"),
        ("b.pdf", provenance(today="soon"), "does not say what it was worked out from"),
        ("c.pdf", provenance(seed="1"), "does not say what it was worked out from"),
        ("d.pdf", provenance(catalog_sha256=None), "does not say what it was worked out from"),
        ("e.pdf", provenance(catalog_sha256="0" * 64, catalog_version="2020.01.01"), "with the catalog 2020.01.01"),
        ("f.pdf", lambda inside: inside.update({"NEED.json": b"{}"}), "missing"),
    ):
        said = run("replay", repacked(journey / "report.pdf", folder / name, change), "--out", folder / "A.json")
        assert said.code == 2
        assert word in said.err
    assert not (folder / "A.json").exists()


def test_prices_of_the_owner_come_back_with_the_report(run, journey, folder):
    need = content(journey / "need.json")
    need["money"] = {**need["money"], "quotes": [{"price_of": "device:raspberry-pi-5", "amount": 99.5, "seen_on": "2026-11-20"}]}
    (folder / "need.json").write_text(json.dumps(need), encoding="utf-8")
    (folder / NAME).symlink_to(journey / NAME)
    out, pdf = folder / "A.json", folder / "R.pdf"
    said = run("advise", folder / "need.json", "--measurement", journey / "M.json", "--out", out, "--pdf", pdf, "--today", DAY)
    assert (said.code, said.err) == (0, "")
    advice = out.read_bytes()
    lines = [x for o in json.loads(advice)["options"] for x in o["cost"]["lines"] if "device:raspberry-pi-5" in x["price_of"]]
    assert any((x["basis"], x["unit_price"]) == ("yours", pytest.approx(99.5)) for x in lines)
    out.unlink()
    assert "the same as in the report" in run("replay", pdf, "--out", out).out
    assert out.read_bytes() == advice


@pytest.mark.parametrize(
    ("quote", "says"),
    [
        ({"price_of": "device:nothing", "amount": 5}, "We know no price called device:nothing."),
        ({"price_of": "data-out", "amount": 0}, "money.quotes[0].amount"),
        ({"price_of": "data-out", "amount": 5, "cost": 5}, "cost"),
        ({"price_of": "data-out"}, "amount"),
    ],
)
def test_a_quote_that_cannot_be_is_refused_in_one_sentence(run, need_file, folder, quote, says):
    need = need_file(money={"currency": "EUR", "quotes": [quote]})
    said = run("advise", need, "--out", folder / "A.json", "--today", DAY)
    assert said.code == 2
    assert says in said.err
    assert not (folder / "A.json").exists()


def test_replay_says_when_the_answer_differs(run, journey, folder, stand_in):
    report = repacked(journey / "report.pdf", folder / "r.pdf", lambda inside: None)
    said = run("replay", report, "--out", folder / "A.json")
    assert said.code == 0
    assert said.out == "The answer differs from the one in the report.\n"


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.json")), ids=lambda p: p.stem)
def test_every_example_is_answered(run, journey, folder, path):
    shutil.copy(path, folder / "need.json")
    (folder / NAME).symlink_to(journey / NAME)
    said = run("advise", folder / "need.json", "--out", folder / "A.json", "--today", DAY, "--debug")
    assert (said.code, said.err, said.out) == (0, "", "")
    check(content(folder / "A.json"), "advice")


def test_demo_refuses_a_folder_that_cannot_be_made(run, folder):
    (folder / "file").write_text("", encoding="utf-8")
    said = run("demo", "--out-dir", folder / "file" / "out")
    assert said.code == 2
    assert "--out-dir" not in said.out
    assert "We could not make the folder" in said.err
