"""M.json: its rules for percentiles and trust, and that it survives its file."""

from __future__ import annotations

import copy
import json
import math
from dataclasses import replace
from statistics import median_low
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor import measurement
from advisor.measurement import (
    ODDITIES,
    WARNINGS,
    Conditions,
    Machine,
    Measurement,
    ModelFacts,
    Round,
    Rung,
    Software,
    best_round,
    percentile,
    run_of,
    spread,
    thinned,
    trust_of,
    warned,
)
from advisor.problems import AdvisorError

if TYPE_CHECKING:
    from pathlib import Path

times = st.floats(0.001, 10_000)


def a_measurement(**changes: Any) -> Measurement:
    samples = [10.0 + i / 100 for i in range(400)]
    made = Measurement(
        model=ModelFacts("0" * 64, "m.onnx", 17, ({"name": "x", "dtype": "float", "shape": [1, 3], "values": "made-up"},), 4.5, 0.33, None),
        machine=Machine("A processor", 4, 8, ("avx2",), 16.0, None, "Linux", None, None),
        software=Software("1.32.0", ("CPUExecutionProvider",), {"CPUExecutionProvider": 1.0}),
        runs=(run_of("single-stream", samples, threads=1), run_of("offline", [30.0] * 10, threads=4, batch=4)),
        peak_memory_mb=100.0,
        agreement={},
        ladder=(Rung("tiny", 0.01, 1e-6),),
        rounds=(Round(11.0, 200), Round(12.0, 200), Round(11.5, 200)),
        best_round_ms=11.0,
        range_ms=(11.0, 12.0),
        conditions=Conditions(0.0, None, None, None, "performance"),
        trust="good",
        warnings=(warned("TOO_QUICK"),),
        seconds_used=21.0,
        achieved={"conv-3x3.gflops": 100.0},
    )
    return measurement.from_json({**made.to_json(), **changes})


@given(st.lists(times, min_size=1, max_size=700))
def test_percentiles_are_ordered_samples_or_unknown(samples: list[float]) -> None:
    for q, least in ((0.5, 1), (0.9, 29), (0.95, 59), (0.99, 299)):
        value = percentile(samples, q)
        assert (value is None) == (len(samples) < least)
        if value is not None:
            assert value in samples
            assert sum(s <= value for s in samples) >= math.ceil(q * len(samples))
    known = [p for p in (percentile(samples, q) for q in (0.5, 0.9, 0.95, 0.99)) if p is not None]
    assert known == sorted(known)
    assert percentile(samples, 0.5) == median_low(samples)


def test_no_samples_no_percentile() -> None:
    assert percentile([], 0.5) is None
    with pytest.raises(ValueError, match="at least one"):
        run_of("single-stream", [], threads=1)


@given(st.integers(1, 25_000), st.integers(1, 10_000))
def test_thinning_keeps_the_spread(count: int, most: int) -> None:
    samples = [float(i) for i in range(count)]
    kept = thinned(samples, most)
    assert len(kept) == min(count, most)
    assert list(kept) == sorted(set(kept))
    assert kept[0] == 0
    assert kept[-1] >= count - 1 - count / most


def test_all_samples_count_though_few_are_kept() -> None:
    run = run_of("single-stream", [1.0] * 15_000 + [9.0] * 5_000, threads=1)
    assert (len(run.samples_ms), run.count) == (10_000, 20_000)
    assert (run.median_ms, run.p90_ms) == (1.0, 9.0)


@given(st.lists(times, min_size=1, max_size=50), st.integers(1, 16), st.integers(1, 8))
def test_throughput_counts_inputs_and_askers(samples: list[float], batch: int, askers: int) -> None:
    run = run_of("multi-stream", samples, threads=1, batch=batch, concurrency=askers)
    assert run.throughput_per_s == pytest.approx(batch * askers * 1000 / (sum(samples) / len(samples)))


def rounds(*medians: float) -> tuple[Round, ...]:
    return tuple(Round(m, 100) for m in medians)


def test_the_best_round_is_a_steady_one() -> None:
    swaying = Round(9.0, 100, steady=False)
    assert best_round((*rounds(10, 11), swaying)) == 10
    assert best_round((swaying, replace(swaying, median_ms=8.0))) == 8


def test_trust() -> None:
    assert trust_of(rounds(10, 10.5, 11), ()) == "good"
    assert trust_of(rounds(10, 10.5, 11), (warned("BUSY_DURING", share="20%"),)) == "fair"
    assert trust_of(rounds(10, 10.5, 13), ()) == "fair"
    assert trust_of(rounds(10, 10.5, 17), ()) == "poor"
    assert trust_of(rounds(10, 10), ()) == "poor"
    assert trust_of(rounds(10, 10, 10), (warned("THROTTLED"),)) == "poor"
    assert trust_of(rounds(10, 10, 10), (warned("RAN_WITH_WARNING", "nan", what="", advice=""),)) == "good"


@given(st.lists(times, min_size=1, max_size=8))
def test_spread_is_never_below_zero(medians: list[float]) -> None:
    assert spread(rounds(*medians)) >= 0


def test_every_warning_has_words_without_blanks() -> None:
    words: dict[str, Any] = {
        "share": "20%",
        "count": 3,
        "part": "CUDA",
        "names": "n",
        "what": "this",
        "advice": "Do that.",
        "seconds": "36",
        "why": "No.",
    }
    for code in WARNINGS:
        made = warned(code, **words)
        for text in (made.text, made.advice):
            assert text
            assert "{" not in text
            assert not any(w in text.lower() for w in ("please", "sorry", "invalid", "oops"))
    assert set(ODDITIES) == {"nan", "empty", "random", "constant"}


def test_survives_its_file(tmp_path: Path) -> None:
    made = a_measurement()
    path = tmp_path / "M.json"
    path.write_text(json.dumps(made.to_json()), encoding="utf-8")
    assert measurement.read(path) == made
    assert not made.ran_with_warning


def test_older_files_without_our_additions_are_read() -> None:
    document = a_measurement().to_json()
    document = json.loads(json.dumps(document))
    del document["achieved"], document["measured_on"], document["conditions"]["governor"], document["ladder"][0]["gmacs"]
    del document["warnings"][0]["kind"]
    read = measurement.from_json(document)
    assert read.achieved == {}
    assert read.conditions.governor is None


@pytest.mark.parametrize(
    ("path", "value", "field"),
    [
        (("format",), "edgewise/measurement/9", "format"),
        (("trust",), "great", "trust"),
        (("best_round_ms",), 0, "best_round_ms"),
        (("range_ms",), [1], "range_ms"),
        (("runs",), [], "runs"),
        (("rounds", 0, "median_ms"), -1, "rounds[0].median_ms"),
        (("runs", 0, "scenario"), "guess", "runs[0].scenario"),
        (("conditions", "busy_before"), 7, "conditions.busy_before"),
        (("machine", "cpu"), None, "machine.cpu"),
    ],
)
def test_wrong_fields_are_named(path: tuple[Any, ...], value: Any, field: str) -> None:
    document = copy.deepcopy(json.loads(json.dumps(a_measurement().to_json())))
    inside = document
    for part in path[:-1]:
        inside = inside[part]
    inside[path[-1]] = value
    with pytest.raises(AdvisorError) as caught:
        measurement.from_json(document)
    assert [p.field for p in caught.value.problems] == [field]


def test_missing_field_and_missing_single_stream() -> None:
    document = a_measurement().to_json()
    del document["rounds"]
    with pytest.raises(AdvisorError) as caught:
        measurement.from_json(document)
    assert caught.value.problems[0].field == "rounds"
    document = a_measurement().to_json()
    document["runs"] = document["runs"][1:]
    with pytest.raises(AdvisorError) as caught:
        measurement.from_json(document)
    assert caught.value.problems[0].field == "runs"
