"""`pack` and `export-verification` as they are asked for on the command line."""

from __future__ import annotations

import json
import zipfile

import pytest

from advisor.benchmark.sample import NAME, sample_model


@pytest.fixture
def answer(run, need_file, folder):
    out = folder / "A.json"
    assert run("advise", need_file(), "--out", out, "--today", "2026-11-24").code == 0
    return out


def rented(answer):
    options = json.loads(answer.read_text(encoding="utf-8"))["options"]
    return next(o for o in options if o["kind"] == "cloud_instance" and o["parts"][0]["provider"] == "aws")


def test_a_task_is_written_with_its_folder(run, answer, folder):
    option = rented(answer)
    model = sample_model(folder)
    task = folder / "task.yaml"
    said = run("export-verification", answer, "--option", option["id"], "--out", task, "--model", model, "--size", "batch=1")
    assert said.code == 0
    assert "a task for SkyPilot" in said.out
    assert option["parts"][0]["catalog_id"].split(":")[1] in task.read_text(encoding="utf-8")
    job = json.loads((folder / "task.files" / "program" / "job.json").read_text(encoding="utf-8"))
    assert job == {
        "model": f"model/{NAME}", "inputs": None, "sizes": {"batch": 1}, "seconds": 30.0, "machine": option["parts"][0]["catalog_id"],
    }  # fmt: skip
    assert (folder / "task.files" / "recipe.sh").read_text(encoding="utf-8").startswith("#!/bin/sh")


def test_without_a_model_it_says_where_to_put_it(run, answer, folder):
    said = run("export-verification", answer, "--option", rented(answer)["id"], "--out", folder / "task.yaml")
    assert said.code == 0
    assert "Put your model into" in said.out
    assert not list((folder / "task.files" / "model").iterdir())


@pytest.mark.parametrize(("option", "word"), [("no-change", "no machine is rented"), ("nonsense", "no option called nonsense")])
def test_options_that_cannot_be_tried_write_nothing(run, answer, folder, option, word):
    before = sorted(folder.iterdir())
    said = run("export-verification", answer, "--option", option, "--out", folder / "task.yaml")
    assert said.code == 2
    assert word in said.err
    assert sorted(folder.iterdir()) == before


def test_a_file_that_is_no_answer(run, folder, need_file):
    said = run("export-verification", need_file(), "--option", "x", "--out", folder / "task.yaml")
    assert said.code == 2


def test_pack_makes_one_file(run, folder):
    model = sample_model(folder)
    said = run("pack", model, "--out", folder / "test.zip", "--machine", "  office   server ", "--without-packages")
    assert said.code == 0
    with zipfile.ZipFile(folder / "test.zip") as archive:
        names = archive.namelist()
        job = json.loads(archive.read("edgewise-test/program/job.json"))
    assert job["machine"] == "office server"
    assert f"edgewise-test/model/{NAME}" in names
    assert "edgewise-test/start.bat" in names
    assert not any(n.startswith("edgewise-test/packages/") for n in names)


def test_a_test_without_a_name_could_be_taken_for_one_of_this_computer(run, folder):
    said = run("pack", sample_model(folder), "--out", folder / "test.zip")
    assert said.code == 2
    assert "--machine" in said.err


def test_a_bad_model_is_not_sent_on_a_journey(run, folder):
    (folder / "m.onnx").write_bytes(b"PK\x03\x04 archive/data.pkl")
    said = run("pack", folder / "m.onnx", "--out", folder / "test.zip", "--machine", "shop", "--json-errors")
    assert said.problems[0]["code"] == "NOT_A_MODEL"
    assert not (folder / "test.zip").exists()
