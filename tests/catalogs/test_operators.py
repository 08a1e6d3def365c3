"""Which operators a runtime runs: every runtime that may be advised is told of, and unknown never becomes yes."""

from __future__ import annotations

import csv
import io
import json
import shutil
from typing import TYPE_CHECKING

import pytest

from advisor.catalog import load
from advisor.catalog.operators import IN_PART, MAY_BE_SLOW, NOT_TOLD, RUNS, RUNS_NOT, SLOW, lacking, level_of, runtimes_of
from advisor.catalog_check import faults
from catalogs.build import hardware, operators, tables
from catalogs.build.__main__ import seal
from catalogs.build.importers.kernels import RUNTIME, rows_of_library
from catalogs.build.tables import rows
from tests.advisor.answers import KINDS, ROOT, the_catalog, worked

if TYPE_CHECKING:
    from pathlib import Path

HERE = ROOT / "catalogs"
INDEX = json.loads((HERE / "catalog.json").read_text(encoding="utf-8"))
PLAIN = ("Conv", "Relu", "Sigmoid")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    folder = tmp_path / "catalogs"
    folder.mkdir()
    for name in (*INDEX["files"], "catalog.json"):
        shutil.copy(HERE / name, folder / name)
    return folder


def without(folder: Path, name: str, runtime: str) -> None:
    """Takes the rows of a runtime out of a table."""
    table = list(csv.DictReader(io.StringIO((folder / name).read_text(encoding="utf-8"))))
    kept = [r for r in table if r["runtime"] != runtime]
    tables.write(folder / name, list(table[0]), kept)
    seal(folder, {n: len(kept) if n == name else f["rows"] for n, f in INDEX["files"].items()})


def test_names_of_runtimes_lose_their_remarks() -> None:
    assert runtimes_of("onnxruntime:CUDA|onnxruntime:DirectML(windows)|tensorrt") == (
        "onnxruntime:CUDA",
        "onnxruntime:DirectML",
        "tensorrt",
    )
    assert runtimes_of("hailo (HailoRT; compiled with the Dataflow Compiler); no onnxruntime EP") == ("hailo",)
    assert runtimes_of("") == ()


def test_every_runtime_of_a_chip_that_may_be_advised_is_told_of() -> None:
    c = the_catalog()
    told = {r["runtime"] for r in c.table("operator_support")}
    named = {r for chip in c.chips.values() if chip.recommendable for r in runtimes_of(chip.runtimes)}
    assert named
    assert named <= told
    assert told == {r["runtime"] for r in c.table("runtimes")}


@pytest.mark.parametrize(("name", "words"), [("operator_support.csv", "tells nothing"), ("runtimes.csv", "does not have")])
def test_a_runtime_of_which_nothing_is_told_is_a_fault_at_each_chip(copy: Path, name: str, words: str) -> None:
    without(copy, name, "hailo")
    found = [f for f in faults(copy) if f.file == "chips.csv"]
    chips = list(csv.DictReader(io.StringIO((copy / "chips.csv").read_text(encoding="utf-8"))))
    hailo = {i + 2 for i, c in enumerate(chips) if c["recommendable"] == "yes" and "hailo" in c["supported_runtimes"]}
    assert len(hailo) == 3
    assert {(f.row, f.column) for f in found} == {(row, "supported_runtimes") for row in hailo}
    assert all("hailo" in f.what and words in f.what for f in found)


def test_what_is_conditional_or_unknown_says_why() -> None:
    for r in the_catalog().table("operator_support"):
        assert r["condition"] or r["support"] in ("yes", "no"), r
        if r["operator"] == "*":
            assert r["support"] != "yes", r


def test_the_list_for_processors_is_that_of_the_library() -> None:
    mine = [r for r in rows("operator_support") if r["runtimes"] == RUNTIME]
    assert mine == rows_of_library(mine[0]["as_of"])


def test_every_operator_has_one_row_for_each_runtime() -> None:
    table = operators.support()
    assert len({(r["runtime"], r["operator"]) for r in table}) == len(table)


@pytest.mark.parametrize(
    ("chip", "on_processor", "more", "level"),
    [
        # Hailo's compiler stops at what it cannot run; what nobody publishes is not taken for a yes.
        ("hailo-8", False, (), IN_PART),
        ("hailo-8", False, ("TopK",), RUNS_NOT),
        ("hailo-8", False, ("Einsum",), NOT_TOLD),
        # A graphics card leaves to the processor what it cannot run.
        ("nvidia-t4", False, (), RUNS),
        ("nvidia-t4", False, ("Unique",), SLOW),
        ("nvidia-t4", False, ("com.microsoft:GroupQueryAttention",), MAY_BE_SLOW),
        # The processor takes over only what it knows itself.
        ("nvidia-t4", False, ("ImageDecoder",), NOT_TOLD),
        ("broadcom-bcm2712", True, ("ImageDecoder",), RUNS_NOT),
        ("nvidia-t4", False, ("com.microsoft:GroupNorm",), RUNS),
        ("broadcom-bcm2712", True, ("com.microsoft:GroupNorm",), RUNS_NOT),
        # The processor of an Apple chip runs what its graphics part leaves to it.
        ("apple-m4", False, ("TopK",), SLOW),
        ("apple-m4", True, ("TopK",), RUNS),
        # A processor of unknown make runs what every processor runs, and no more.
        ("", True, ("TopK",), RUNS),
        ("", True, ("ImageDecoder",), RUNS_NOT),
        ("", True, ("MadeUp",), NOT_TOLD),
        ("no-such-chip", False, (), NOT_TOLD),
    ],
)
def test_a_model_is_as_good_as_its_worst_operator(chip: str, on_processor: bool, more: tuple[str, ...], level: int) -> None:
    assert level_of(the_catalog(), chip, on_processor, (*PLAIN, *more)) == level


def test_the_operators_that_fall_short_are_named() -> None:
    c = the_catalog()
    assert lacking(c, "hailo-8", False, (*PLAIN, "TopK", "Mod")) == ("Mod", "TopK")
    assert lacking(c, "nvidia-t4", False, (*PLAIN, "Unique")) == ("Unique",)
    assert lacking(c, "nvidia-t4", False, PLAIN) == ()


def test_a_runtime_without_rows_runs_nothing_for_sure(copy: Path) -> None:
    without(copy, "operator_support.csv", "hailo")
    assert level_of(load(copy), "hailo-8", False, ("Relu",)) == NOT_TOLD


def test_a_no_taken_away_is_no_yes(copy: Path) -> None:
    """Hailo's row on TopK goes: then nobody says whether it runs, and no rule rests on it any more."""
    table = list(csv.DictReader(io.StringIO((copy / "operator_support.csv").read_text(encoding="utf-8"))))
    kept = [r for r in table if (r["runtime"], r["operator"]) != ("hailo", "TopK")]
    assert len(kept) == len(table) - 1
    tables.write(copy / "operator_support.csv", list(table[0]), kept)
    seal(copy, {n: len(kept) if n == "operator_support.csv" else f["rows"] for n, f in INDEX["files"].items()})
    assert level_of(the_catalog(), "hailo-8", False, ("Relu", "TopK")) == RUNS_NOT
    assert level_of(load(copy), "hailo-8", False, ("Relu", "TopK")) == NOT_TOLD


def test_an_advice_goes_when_nothing_is_told_of_its_runtimes_any_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The source loses its rows on the runtimes of the advised chip, and the catalog is built anew."""
    asked, name = KINDS["edge_new"], "edge_new:jetson-orin-nano-super-devkit"
    best = worked(asked).choice.best
    assert best is not None
    assert best.id == name
    gone = set(runtimes_of(the_catalog().chips["nvidia-jetson-orin-nano-super"].runtimes))
    sources, folder = tmp_path / "sources", tmp_path / "catalog"
    shutil.copytree(HERE / "sources", sources)
    shutil.copytree(HERE, folder, ignore=shutil.ignore_patterns("sources", "build", "__pycache__"))
    table = rows("operator_support")
    tables.write(sources / "operator_support.csv", list(table[0]), [r for r in table if not gone & set(r["runtimes"].split("|"))])
    monkeypatch.setattr(tables, "SOURCES", sources)
    hardware.build(folder)
    _, made = operators.build(folder)
    seal(folder, {n: made.get(n, facts["rows"]) for n, facts in INDEX["files"].items()})

    poorer = load(folder)
    after = worked(asked, poorer)
    assert after.choice.best is not None
    assert after.choice.best.id != name
    assert not any(name == g.ids(i) for g in after.groups for i in range(min(g.n, 100)))
    lost = poorer.table("chips")[[c["chip_id"] for c in poorer.table("chips")].index("nvidia-jetson-orin-nano-super")]
    assert lost["recommendable"] == "no"
    assert lost["recommend_reason"] == "not known any more: what its runtimes can run"
    # The catalog that is left is sound again: it advises nothing of which it knows too little.
    assert [f for f in faults(folder) if f.file == "chips.csv"] == []
