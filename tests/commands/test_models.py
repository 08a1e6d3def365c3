"""`measure` and `profile` on real files: results, refusals by class, and Ctrl-C."""

import json
import os
import signal
import socket
import subprocess
import sys
import time

import psutil
import pytest

from advisor import measurement, model_profile
from advisor.benchmark.sample import NAME, sample_model
from advisor.commands import places


@pytest.fixture
def model(folder):
    return sample_model(folder)


def test_profile_and_measurement(run, folder, model, monkeypatch):
    def no_network(*_, **__):
        raise AssertionError("a command asked for the network")

    monkeypatch.setattr(socket, "socket", no_network)
    said = run("profile", model, "--out", folder / "P.json")
    assert said.code == 0
    assert said.err == ""
    assert "4.42 million weights" in said.out
    facts = model_profile.read(folder / "P.json")
    assert (facts.name, facts.gmacs) == (NAME, pytest.approx(0.334, abs=0.001))
    assert facts.inputs[0].shape == (1, 3, 224, 224)

    said = run("measure", model, "--out", folder / "M.json", "--seconds", "1", "--size", "batch=1")
    assert said.code == 0
    assert said.err == ""
    assert "one answer takes" in said.out
    done = measurement.read(folder / "M.json")
    assert done.model.sha256 == facts.sha256
    assert sorted(p.name for p in folder.iterdir()) == ["M.json", "P.json", NAME]


def test_model_files_that_cannot_be_used(run, folder, model):
    whole = model.read_bytes()
    model.unlink()
    cases = {
        "model.pt": (b"PK\x03\x04 archive/data.pkl", "NOT_A_MODEL"),
        "cut.onnx": (whole[:50_000], "DAMAGED"),
        "empty.onnx": (b"", "DAMAGED"),
        "page.onnx": (b"<!DOCTYPE html>", "NOT_A_MODEL"),
    }
    for name, (body, code) in cases.items():
        (folder / name).write_bytes(body)
        for command in ("profile", "measure"):
            said = run(command, folder / name, "--out", folder / "out.json", "--json-errors")
            assert said.code == 2
            assert [(p["code"], p["field"]) for p in said.problems] == [(code, name)]
    assert not (folder / "out.json").exists()


def test_settings_of_a_measurement_are_judged(run, folder, model):
    for more, word in (
        (["--seconds", "0"], "0 seconds"),
        (["--size", "height=3"], "no free size called height"),
        (["--size", "batch=0"], "batch is 0"),
        (["--inputs", folder / "gone.npz"], "gone.npz"),
        (["--inputs", folder], "no sample"),
    ):
        said = run("measure", model, "--out", folder / "M.json", *more)
        assert said.code == 2
        assert word in said.err
    assert not (folder / "M.json").exists()


def is_gone(process):
    # Where nobody sweeps ended processes away (in some containers), their numbers stay; they do nothing any more.
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


@pytest.mark.skipif(os.name != "posix", reason="signals of this kind are POSIX's")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_stopping_leaves_nothing_behind(folder, model, how):
    command = [sys.executable, "-m", "advisor", "measure", str(model), "--out", str(folder / "M.json"), "--seconds", "60"]
    settings = {**os.environ, "PYTHONPATH": str(places.program_folder())}
    # Its own group, as a shell gives to what it starts: Ctrl-C reaches all of it. Where these tests run in the background
    # of a script, Ctrl-C is ignored by all that they start, unless it is set back.
    process = psutil.Popen(
        command, env=settings, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )  # fmt: skip
    try:
        _stops(process, how, folder)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()


def _stops(process, how, folder):
    end = time.monotonic() + 20
    while len(below := process.children(recursive=True)) < 2 and time.monotonic() < end:
        time.sleep(0.05)
    assert len(below) == 2
    if how == signal.SIGINT:
        os.killpg(process.pid, how)
    else:
        process.send_signal(how)
    out, err = process.communicate(timeout=10)
    assert process.returncode == 3
    assert err == "You stopped it. Nothing was written. Start it again when it suits you.\n"
    assert out == ""
    _, alive = psutil.wait_procs(below, timeout=2)
    assert not [p for p in alive if not is_gone(p)]
    assert [p.name for p in folder.iterdir()] == [NAME]


def test_example_needs_are_read():
    from advisor import need

    kinds = {type(need.read(path).job.model).__name__ for path in sorted((places.program_folder() / "assets" / "examples").glob("*.json"))}
    assert kinds == {"OnnxModel", "ReferenceModel", "FeatureModel", "TextModel", "HostedService"}


def test_example_needs_name_what_the_catalog_has():
    from advisor import catalog

    found = catalog.load(places.catalog_folder())
    examples = places.program_folder() / "assets" / "examples"
    reference = json.loads((examples / "workshop-reference.json").read_text(encoding="utf-8"))["job"]["model"]["reference"]
    service = json.loads((examples / "lawyer-hosted-service.json").read_text(encoding="utf-8"))["job"]["model"]["hosted_service"]
    assert found.sample_workload(reference)
    assert found.service(service)
