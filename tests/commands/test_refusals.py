"""What the command line refuses: the exit code, one plain line naming the field, and nothing written."""

import json
import os
import subprocess
import sys

import pytest

from advisor import __version__
from advisor.__main__ import main
from advisor.commands import places, telling
from advisor.commands.files import Draft
from advisor.problems import AdvisorError


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ([], "did not say what to do"),
        (["advice"], "no command called advice"),
        (["catalog"], "did not say what to do"),
        (["catalog", "burn"], "no command called burn"),
        (["advise"], "NEED.json"),
        (["advise", "n.json"], "--out"),
        (["advise", "n.json", "--out"], "needs a value"),
        (["advise", "n.json", "--out", "a.json", "--sed", "1"], "--sed"),
        (["advise", "n.json", "--out", "a.json", "--seed", "-1"], "--seed"),
        (["advise", "n.json", "--out", "a.json", "--seed", "1.5"], "--seed"),
        (["advise", "n.json", "--out", "a.json", "--seed", "9" * 12], "--seed"),
        (["advise", "n.json", "--out", "a.json", "--today", "24.11.2026"], "--today"),
        (["advise", "n.json", "--out", "a.json", "--today", "2026-02-30"], "--today"),
        (["advise", "n.json", "--out", "a.json", "--language", "fr"], "Use one of: en, de"),
        (["measure", "m.onnx", "--out", "m.json", "--size", "height"], "--size"),
        (["measure", "m.onnx", "--out", "m.json", "--size", "a=1", "--size", "a=2"], "twice"),
        (["measure", "m.onnx", "--out", "m.json", "--seconds", "soon"], "--seconds"),
        (["measure", "m.onnx", "--out", "m.json", "--seconds", "nan"], "--seconds"),
        (["measure", "m.onnx", "--out", "m.json", "--precision", "int1"], "--precision"),
        (["predict", "--out", "p.csv"], "--requests"),
        (["check", "m.onnx", "--data", "d", "--out", "h.json"], "cannot check the health of a model and its data yet"),
        (["catalog", "import", "f"], "There is no file called f"),
        (["catalog", "rollback"], "There is no catalog before this one"),
        (["export-verification", "a.json", "--option", "x", "--out", "t.yaml"], "a.json"),
    ],
)
def test_wrong_arguments(run, folder, monkeypatch, arguments, word):
    monkeypatch.chdir(folder)
    said = run(*arguments)
    assert said.code == 2
    assert word in said.err
    assert said.out == ""
    assert not list(folder.iterdir())


def test_version_and_help_end_well(capsys):
    for asked, word in ((["--version"], __version__), (["--help"], "advise"), (["advise", "--help"], "--measurement")):
        with pytest.raises(SystemExit) as ended:
            main(asked)
        assert ended.value.code == 0
        assert word in capsys.readouterr().out


@pytest.mark.parametrize("where", [0, 1, 4])
def test_json_errors_anywhere_tells_all(run, need_file, folder, where):
    need = need_file(load={"units_per_day": -1, "unit": 3}, prefer="best")
    arguments = ["advise", need, "--out", folder / "no" / "A.json"]
    said = run(*arguments[:where], "--json-errors", *arguments[where:])
    assert said.code == 2
    assert [p["field"] for p in said.problems] == ["load.unit", "load.units_per_day", "prefer", "--out"]
    assert set(said.problems[0]) == {"code", "field", "what_happened", "what_it_means", "what_to_do"}


def test_first_problem_is_told_and_the_rest_counted(run, need_file, folder):
    said = run("advise", need_file(load={"units_per_day": -1}, prefer="best"), "--out", folder / "A.json")
    assert "load.units_per_day" in said.err
    assert "(1 more; --json-errors lists all.)" in said.err


@pytest.mark.parametrize(
    ("raw", "word"),
    [
        (b"", "need.json is not a file of your answers"),
        (b"\xff\xfe\x00", "need.json is not a file of your answers"),
        (b"[]", "need.json is not a file of your answers"),
        ('{"format": "edgewise/need/1", "load": {"units_per_day": NaN}}', "load.units_per_day"),
        ('{"load": {"units_per_day": 1, "units_per_day": 2}}', "load.units_per_day twice"),
        ('{"business": {"name": "\\udcff"}}', "business.name"),
        (b"PK\x03\x04", "need.json is not a file of your answers"),
    ],
)
def test_wrong_needs(run, need_file, folder, raw, word):
    need = need_file(raw)
    said = run("advise", need, "--out", folder / "A.json", "--pdf", folder / "R.pdf")
    assert said.code == 2
    assert word in said.err
    assert [p.name for p in folder.iterdir()] == ["need.json"]


def test_inputs_that_are_not_there(run, need_file, folder):
    need = need_file()
    for arguments, word in (
        (["advise", folder / "gone.json", "--out", folder / "A.json"], "gone.json"),
        (["advise", folder, "--out", folder / "A.json"], "is a folder"),
        (["advise", need, "--measurement", folder / "M.json", "--out", folder / "A.json"], "M.json"),
        (["advise", need, "--measurement", need, "--out", folder / "A.json"], "format"),
        (["advise", need, "--health", folder / "H.json", "--out", folder / "A.json"], "H.json"),
        (["advise", need, "--health", need, "--out", folder / "A.json"], "format"),
        (["replay", folder / "R.pdf", "--out", folder / "A.json"], "R.pdf"),
        (["replay", need, "--out", folder / "A.json"], "need.json"),
        (["profile", folder / "m.onnx", "--out", folder / "P.json"], "m.onnx"),
        (["measure", folder / "m.onnx", "--out", folder / "M.json"], "m.onnx"),
        (["measure", folder, "--out", folder / "M.json"], "is a folder"),
        (["predict", "--requests", need, "--known", need, "--out", folder / "P.csv"], "request_id"),
        (["predict", "--requests", folder / "r.csv", "--known", need, "--out", folder / "P.csv"], "r.csv"),
        (["catalog", "status", "--catalog", folder], "catalog.json"),
        (["catalog", "check", "--catalog", folder / "gone"], "catalog.json"),
    ):
        said = run(*arguments)
        assert said.code == 2
        assert word in said.err
    assert [p.name for p in folder.iterdir()] == ["need.json"]


def test_health_named_in_the_need_is_looked_for_beside_it(run, need_file, folder, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    said = run("advise", need_file(quality={"health": "checks/H.json"}), "--out", folder / "A.json")
    assert said.code == 2
    assert "H.json" in said.err


def test_targets_that_cannot_be(run, need_file, folder):
    need = need_file()
    out = folder / "A.json"
    for arguments, word in (
        (["--out", folder / "no" / "A.json"], "--out points into a folder that does not exist"),
        (["--out", folder], "is a folder"),
        (["--out", need], "--out names one of the files we read"),
        (["--out", out, "--pdf", need], "--pdf names one of the files we read"),
        (["--out", out, "--pdf", out], "the same file"),
        (["--out", out, "--pdf", folder / "no" / "R.pdf"], "--pdf points into a folder that does not exist"),
        (["--out", need / "A.json"], "does not exist"),
        (["--out", folder / "a\0b.json"], "no file can have"),
    ):
        said = run("advise", need, *arguments)
        assert said.code == 2
        assert word in said.err
    assert [p.name for p in folder.iterdir()] == ["need.json"]
    assert json.loads(need.read_text(encoding="utf-8"))["format"] == "edgewise/need/1"


def test_closed_folder(run, need_file, folder, monkeypatch):
    need = need_file()
    # Root may write everywhere, so the folder itself cannot be closed to every tester.
    monkeypatch.setattr(os, "access", lambda *_: False)
    said = run("advise", need, "--out", folder / "A.json")
    assert said.code == 2
    assert "may not write" in said.err


def test_disk_that_takes_nothing_is_told(folder, monkeypatch):
    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(AdvisorError) as caught:
        Draft("--out", folder / "A.json", b"{}")
    assert "No space left" in caught.value.problems[0].what_happened
    assert not list(folder.iterdir())


def test_drafts_keep_links_and_the_usual_leave(folder):
    (folder / "real.json").write_text("old", encoding="utf-8")
    (folder / "link.json").symlink_to("real.json")
    draft = Draft("--out", folder / "link.json", b"new")
    assert (folder / "real.json").read_bytes() == b"old"
    draft.keep()
    assert (folder / "real.json").read_bytes() == b"new"
    assert (folder / "link.json").is_symlink()
    plain = folder / "plain"
    plain.write_text("", encoding="utf-8")
    assert (folder / "real.json").stat().st_mode == plain.stat().st_mode
    Draft("--out", folder / "x.json", b"").drop()
    assert sorted(p.name for p in folder.iterdir()) == ["link.json", "plain", "real.json"]


@pytest.mark.skipif(not os.path.exists("/dev/stdout"), reason="no devices here")  # noqa: PTH110 -- a device, not a file
def test_devices_are_written_to_and_never_replaced():
    Draft("--out", places.Path("/dev/null"), b"{}").keep()
    assert places.Path("/dev/null").is_char_device()


def test_a_fault_of_ours_goes_into_the_log(run, monkeypatch, capsys):
    def broken(*_):
        raise ZeroDivisionError("deep inside")

    monkeypatch.setattr("advisor.commands.catalogs.status", broken)
    said = run("catalog", "status")
    log = places.home() / "log" / "edgewise.log"
    assert said.code == 1
    assert "Traceback" not in said.err
    assert str(log) in said.err
    assert "ZeroDivisionError: deep inside" in log.read_text(encoding="utf-8")
    assert "ZeroDivisionError" in run("catalog", "status", "--debug").err
    monkeypatch.setenv("EDGEWISE_HOME", os.devnull)
    assert "--debug" in run("catalog", "status").err


def test_ctrl_c_is_exit_3(run, monkeypatch):
    def stopped(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("advisor.commands.catalogs.status", stopped)
    said = run("catalog", "status")
    assert (said.code, said.err) == (3, "You stopped it. Nothing was written. Start it again when it suits you.\n")


def test_the_data_folder_is_the_windows(monkeypatch):
    from platformdirs import user_data_path

    monkeypatch.delenv("EDGEWISE_HOME")
    assert places.home() == user_data_path("Edgewise", appauthor=False)
    monkeypatch.setenv("XDG_DATA_HOME", os.sep + "elsewhere")
    assert places.home() == user_data_path("Edgewise", appauthor=False)


def test_progress_is_for_terminals_only():
    class Terminal:
        encoding = "ascii"

        def __init__(self, is_terminal):
            self.is_terminal, self.said = is_terminal, ""

        def isatty(self):
            return self.is_terminal

        def write(self, text):
            self.said += text

        def flush(self):
            pass

    quiet, loud = Terminal(False), Terminal(True)
    for one in (quiet, loud):
        shown = telling.Progress(one)
        shown.show(0.5, "Round 1 – ü")
        shown.clear()
    assert quiet.said == ""
    assert loud.said.startswith("\r[############............] Round 1 ? ?")
    assert loud.said.endswith("\r")


@pytest.mark.parametrize("locale", ["C", "de_DE.UTF-8"])
def test_as_a_program_in_other_locales(folder, locale, bare_environment):
    (folder / "need.json").write_text('{"größe": 1}', encoding="utf-8")
    where = os.fspath(places.program_folder())
    settings = {**bare_environment, "LC_ALL": locale, "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONPATH": where}
    command = [sys.executable, "-m", "advisor", "advise", "need.json", "--out", "A.json", "--json-errors"]
    done = subprocess.run(command, cwd=folder, env=settings, capture_output=True, check=False, timeout=60)
    problems = json.loads(done.stderr)["problems"]
    assert done.returncode == 2
    assert "größe" in [p["field"] for p in problems]
    assert [p.name for p in folder.iterdir()] == ["need.json"]
