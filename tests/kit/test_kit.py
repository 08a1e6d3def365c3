"""The folder that is carried to another computer: complete, honest about what it needs, and it really measures."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

from advisor import kit, measurement
from advisor.benchmark.sample import NAME, sample_model
from advisor.kit import Kit
from advisor.kit.start import kind_of_computer, main
from advisor.problems import AdvisorError


def unpacked(packed: Path, folder: Path) -> Path:
    with zipfile.ZipFile(packed) as archive:
        archive.extractall(folder)
        for about in archive.infolist():
            if about.external_attr >> 16 & stat.S_IXUSR:
                (folder / about.filename).chmod(0o755)
    return folder / "edgewise-test"


@pytest.mark.skipif(os.name != "posix", reason="start.bat is for Windows")
def test_a_zip_measures_elsewhere_with_nothing_but_python(tmp_path: Path) -> None:
    samples = tmp_path / "samples"
    samples.mkdir()
    np.save(samples / "one.npy", np.zeros((1, 3, 224, 224), np.float32))
    carried = Kit(sample_model(tmp_path), inputs=samples, sizes={"batch": 1}, seconds=1, machine="office server", packages=True)
    kit.write_zip(carried, tmp_path / "k.zip")
    there = unpacked(tmp_path / "k.zip", tmp_path / "a b")
    # A Python without any packages: the base of the private one, told to look into no other folder.
    base = Path(sys.base_prefix) / "bin" / f"python{sys.version_info.major}.{sys.version_info.minor}"
    env = {"PATH": "/usr/bin:/bin", "EDGEWISE_PYTHON": str(base), "HOME": str(tmp_path)}
    done = subprocess.run(["sh", str(there / "start.sh")], env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    found = measurement.read(there / "M.json")
    assert found.machine.name == "office server"
    assert found.model.inputs[0]["values"] == "sample"
    assert "on office server" in done.stdout
    assert not (there / ".python").exists()


def test_the_folder_holds_the_model_with_its_parts_and_how_to_start(tmp_path: Path) -> None:
    model = sample_model(tmp_path)
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "w.bin").write_bytes(b"weights")
    kit.write_folder(Kit(model, ("deep/w.bin",), seconds=7), tmp_path / "out", {"recipe.sh": b"#!/bin/sh\n"})
    out = tmp_path / "out"
    assert (out / "model" / NAME).read_bytes() == model.read_bytes()
    assert (out / "model" / "deep" / "w.bin").read_bytes() == b"weights"
    assert json.loads((out / "program" / "job.json").read_text(encoding="utf-8"))["model"] == f"model/{NAME}"
    assert "37 seconds" in (out / "READ ME.txt").read_text(encoding="utf-8")
    assert not list(out.rglob("__pycache__"))
    pins = (out / "program" / "packages.txt").read_text(encoding="utf-8").split()
    assert {p.split("==")[0] for p in pins} == {"numpy", "onnx", "onnxruntime", "psutil", "jsonschema", "pillow"}
    assert all("==" in p for p in pins)
    if os.name == "posix":
        assert os.access(out / "start.sh", os.X_OK)
    # Written over when it is ours, never when it is not.
    kit.write_folder(Kit(model), out)
    (tmp_path / "theirs").mkdir()
    with pytest.raises(AdvisorError, match="already something"):
        kit.write_folder(Kit(model), tmp_path / "theirs")


def test_on_a_card_another_build_of_the_runner_is_fetched(tmp_path: Path) -> None:
    kit.write_folder(Kit(for_card=True), tmp_path / "out")
    pins = (tmp_path / "out" / "program" / "packages.txt").read_text(encoding="utf-8").split()
    assert "onnxruntime-gpu[cuda,cudnn]" in pins
    assert not any(p.startswith("onnxruntime==") for p in pins)


def test_packages_for_another_kind_of_computer_are_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from advisor.kit import start

    monkeypatch.setattr(start, "FOLDER", tmp_path)
    (tmp_path / "packages").mkdir()
    told = tmp_path / "packages" / "made-for.txt"
    told.write_text(kind_of_computer() + "\n", encoding="utf-8")
    assert start.ready() == (sys.executable, tmp_path / "packages")
    told.write_text("cpython-312 win-amd64\n", encoding="utf-8")
    assert start.ready() == (sys.executable, None)


def test_without_internet_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    from advisor.kit import start

    monkeypatch.setattr(start, "FOLDER", tmp_path)
    monkeypatch.setattr(start, "works", lambda *_: False)
    monkeypatch.setattr(start.sys, "executable", "/bin/false")
    assert start.ready() is None
    assert "connected to the internet" in capsys.readouterr().out


@pytest.mark.parametrize("models", [0, 2])
def test_without_a_model_it_asks_for_one(
    models: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from advisor.kit import start

    kit.write_folder(Kit(), tmp_path / "out")
    (tmp_path / "out" / "model").mkdir()
    for i in range(models):
        (tmp_path / "out" / "model" / f"{i}.onnx").write_bytes(b"x")
    monkeypatch.setattr(start, "FOLDER", tmp_path / "out")
    monkeypatch.setattr(start, "HERE", tmp_path / "out" / "program")
    assert main() == 2
    assert "Put the model" in capsys.readouterr().out


def test_a_disk_that_refuses_leaves_nothing_half_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(kit, "_pieces", full)
    with pytest.raises(AdvisorError, match="No space left"):
        kit.write_zip(Kit(), tmp_path / "k.zip")
    assert not list(tmp_path.iterdir())
