"""Forecasts in bulk: withheld rows are gone, answers are in order, and known relations are found again."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import numpy as np
import pytest

from advisor.forecast.accuracy import exam_of, packed, with_exam
from advisor.forecast.predict import answer_all
from advisor.forecast.process import surface
from advisor.forecast.published import Known, facts_of, family_of, machine_of, model_of
from advisor.forecast.surfaces import line_fit, line_values

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from advisor.forecast.evidence import Row

FIELDS = (
    "case_id",
    "request_id",
    "role",
    "source",
    "chip_id",
    "runtime",
    "precision",
    "batch",
    "model",
    "params_millions",
    "gmacs",
    "activations_millions",
    "input_shape",
    "layers_total",
    "model_size_mb",
    "component",
    "config_id",
    "latency_ms",
    "quality_flag",
)


def row(config: str, model: str, gmacs: float, ms: float, **more: str) -> dict[str, str]:
    values = {
        "source": "made up", "chip_id": config.split("|")[0], "runtime": "ncnn-cpu", "precision": "fp32", "batch": "1", "model": model,
        "params_millions": f"{gmacs * 3}", "gmacs": f"{gmacs}", "activations_millions": f"{2 + gmacs}", "input_shape": "3x224x224",
        "layers_total": "60", "config_id": config, "latency_ms": f"{ms}",
    }  # fmt: skip
    return dict.fromkeys(FIELDS, "") | values | more


def time_of(speed: float, gmacs: float) -> float:
    return 1000 * (gmacs / speed + (2 + gmacs) / (20 * speed)) + 0.5


FAMILIES = ("oak", "ash", "elm", "fir", "yew", "ivy")
MODELS = {f"{f}_{i}": 0.1 * 1.35 ** (i * 6 + j) for j, f in enumerate(FAMILIES) for i in range(3)}
SPEEDS = {"mine|cpu4": 30.0, "theirs|cpu4": 90.0, "old|cpu1": 8.0, "board|cpu4": 15.0}
PUBLISHED = [row(c, m, g, time_of(s, g)) for c, s in SPEEDS.items() for m, g in MODELS.items()]


def tables(name: str) -> Sequence[Row]:
    return PUBLISHED if name == "ncnn_public" else [{"model": m, "graph_layers": "60"} for m in MODELS] if name == "ncnn_models" else []


def write(path: Path, rows: Sequence[Row]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, FIELDS)
        writer.writeheader()
        writer.writerows(rows)
    return path


def sit(folder: Path, requests: Sequence[Row], known: Sequence[Row], withheld: Sequence[Row]) -> list[dict[str, str]]:
    out = folder / "out.csv"
    count = answer_all(
        write(folder / "r.csv", requests), write(folder / "k.csv", known), None, write(folder / "w.csv", withheld), out, tables
    )
    with out.open(encoding="utf-8", newline="") as file:
        answers = list(csv.DictReader(file))
    assert count == len(answers) == len(requests)
    return answers


def asked(config: str, case: str) -> list[dict[str, str]]:
    return [row(config, m, MODELS[m], 0.0, case_id=case, request_id=f"{case}-{m}", latency_ms="") for m in ("yew_1", "yew_2")]


def told(config: str, case: str, models: Sequence[str], role: str = "own-machine") -> list[dict[str, str]]:
    return [row(config, m, MODELS[m], time_of(SPEEDS.get(config, 200.0), MODELS[m]), case_id=case, role=role) for m in models]


LADDER = ("oak_0", "oak_2", "ash_1", "elm_0", "fir_2", "ivy_1", "yew_1", "yew_2")


@pytest.mark.parametrize("target", ["theirs|cpu4", "old|cpu1"])
def test_a_new_model_on_a_known_machine(target: str, tmp_path: Path) -> None:
    hidden = [r for r in PUBLISHED if r["model"].startswith("yew")]
    for a in sit(tmp_path, asked(target, "A"), told("mine|cpu4", "A", LADDER), hidden):
        truth = time_of(SPEEDS[target], MODELS[a["request_id"].split("-")[1]])
        assert float(a["latency_ms"]) == pytest.approx(truth, rel=0.2)
        assert 0 < float(a["low_ms"]) <= float(a["latency_ms"]) <= float(a["high_ms"])
        assert (a["basis"], a["tier"]) == ("estimated", "same-chip-fit")


def test_an_owner_whose_machine_is_not_published(tmp_path: Path) -> None:
    hidden = [r for r in PUBLISHED if r["model"].startswith("yew") or r["config_id"] == "mine|cpu4"]
    for a in sit(tmp_path, asked("theirs|cpu4", "A"), told("mine|cpu4", "A", LADDER), hidden):
        truth = time_of(90.0, MODELS[a["request_id"].split("-")[1]])
        assert float(a["latency_ms"]) == pytest.approx(truth, rel=0.25)
        assert "mine" not in a["neighbours"]


def test_a_new_machine_with_three_figures(tmp_path: Path) -> None:
    hidden = [r for r in PUBLISHED if r["model"].startswith("yew")]
    known = told("mine|cpu4", "A", LADDER) + told("new|cpu4", "A", ("oak_0", "elm_1", "ivy_2"), "target-anchor")
    for a in sit(tmp_path, asked("new|cpu4", "A"), known, hidden):
        assert float(a["latency_ms"]) == pytest.approx(time_of(200.0, MODELS[a["request_id"].split("-")[1]]), rel=0.3)
        assert a["tier"] == "family-fit"


def test_nothing_known_of_the_target_is_refused(tmp_path: Path) -> None:
    answers = sit(tmp_path, asked("new|cpu4", "A"), told("mine|cpu4", "A", LADDER), [])
    assert {a["basis"] for a in answers} == {"refused"}
    assert {a["latency_ms"] for a in answers} == {""}


def test_a_model_the_owner_did_not_measure_is_refused(tmp_path: Path) -> None:
    answers = sit(tmp_path, asked("theirs|cpu4", "A"), told("mine|cpu4", "A", LADDER[:5]), [])
    assert {a["basis"] for a in answers} == {"refused"}


def test_withheld_rows_are_gone() -> None:
    hidden = [r for r in PUBLISHED if r["config_id"] == "old|cpu1"]
    assert "old|cpu1" in Known(tables, []).times
    assert "old|cpu1" not in Known(tables, hidden).times


def test_keys_tell_machines_and_models_apart() -> None:
    timm = row("", "resnet50", 4.1, 5.0, chip_id="chip", runtime="pytorch-2.4.0-cpu-nchw-compile", precision="fp32")
    assert machine_of(timm) == "chip|pytorch-2.4.0-cpu-nchw-compile|fp32"
    assert model_of(timm) == "resnet50@3x224x224"
    assert machine_of(row("chip|cpu4", "a", 1, 1)) == "chip|cpu4"
    assert family_of("resnet50d_gn@3x224x224") == "resnet"
    assert np.isnan(facts_of(timm | {"gmacs": ""})[0])


def test_a_line_is_found_again() -> None:
    facts = np.array([facts_of(row("c|cpu4", m, g, 1.0)) for m, g in MODELS.items()])
    logs = np.log([time_of(30.0, g) for g in MODELS.values()])
    assert np.abs(line_values(line_fit(facts, logs), facts) - logs).max() < 0.1


def test_a_surface_goes_through_smooth_points_and_is_level_far_away() -> None:
    x, floats = np.linspace(-2, 2, 40)[:, None], np.zeros(40, dtype=np.int64)
    s = surface(x, np.sin(x[:, 0]), floats)
    assert np.abs(s(x, floats) - np.sin(x[:, 0])).max() < 0.15
    assert np.isfinite(s(np.array([[1e6]]), floats[:1])).all()
    # Another number format is told by the surface of this one, but less surely: nearer to the level of all.
    assert np.abs(s(x, floats + 1)).max() < np.abs(s(x, floats)).max()


def test_one_odd_row_does_not_bend_the_surface() -> None:
    x, floats = np.linspace(-2, 2, 40)[:, None], np.zeros(40, dtype=np.int64)
    y = x[:, 0].copy()
    y[20] += 4
    s = surface(x, y, floats)
    assert abs(float(s(x, floats)[20]) - x[20, 0]) < 0.5


def test_the_table_of_the_exam_is_kept_and_replaced() -> None:
    document = with_exam("# Title\n\nWords.\n", "one")
    assert exam_of(document) == "one"
    again = with_exam(document, "two")
    assert (exam_of(again), again.count("## The practice exam")) == ("two", 1)
    assert exam_of("# Title\n") == ""


def test_facts_that_a_row_does_not_tell_are_counted() -> None:
    """ResNet-50 has 4.1 GMACs (He et al. 2016, table 1), which tables of accelerators do not say."""
    from pathlib import Path

    from catalogs import __file__ as here

    known = Known(packed(Path(here).parent / "sources"), [])
    facts = known.facts["resnet50|ResNet50|float"]
    assert float(np.exp(facts[0])) == pytest.approx(4.1, rel=0.03)


def test_a_new_accelerator_has_a_step_of_its_own_for_each_number_format(tmp_path: Path) -> None:
    """Floats are three times slower on the new chip than on the owner's, bytes as fast."""
    chips = {"mine": 40.0, "theirs": 60.0, "other": 25.0}

    def made(chip: str, speed: float, model: str, precision: str, slower: float, **more: str) -> dict[str, str]:
        ms = slower * time_of(speed * (4 if precision == "w8a8" else 1), MODELS[model])
        blank = {"chip_id": chip, "runtime": "qnn_dlc", "precision": precision, "config_id": ""}
        return row("", model, MODELS[model], ms) | blank | more

    unit = {"compute_unit": "NPU", "layers_npu": "60"}
    rows = [made(c, s, m, p, 1.0) | unit for c, s in chips.items() for m in MODELS for p in ("float", "w8a8")]
    hidden = [r for r in rows if r["model"].startswith("yew")]
    known = [made("mine", 40.0, m, p, 1.0, case_id="A", role="own-machine") for m in LADDER for p in ("float", "w8a8")]
    slow = {"float": 3.0, "w8a8": 1.0}
    for m, p in (("oak_0", "float"), ("elm_1", "w8a8"), ("ivy_2", "w8a8")):
        known.append(made("new", 40.0, m, p, slow[p], case_id="A", role="target-anchor"))
    requests = [made("new", 40.0, "yew_1", p, 1.0, case_id="A", request_id=p, latency_ms="") for p in slow]
    out = tmp_path / "out.csv"

    def accelerators(name: str) -> Sequence[Row]:
        return rows if name == "aihub_public" else []

    files = (
        write(tmp_path / "r.csv", requests),
        write(tmp_path / "k.csv", known),
        None,
        write(tmp_path / "w.csv", [{k: r[k] for k in FIELDS} for r in hidden]),
    )
    answer_all(*files, out, accelerators)
    with out.open(encoding="utf-8", newline="") as file:
        for a in csv.DictReader(file):
            truth = slow[a["request_id"]] * time_of(160.0 if a["request_id"] == "w8a8" else 40.0, MODELS["yew_1"])
            assert float(a["latency_ms"]) == pytest.approx(truth, rel=0.2)
            assert "mine" in a["neighbours"]
