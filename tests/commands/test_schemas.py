"""The schemas of what goes in and out: they are sound, and they catch what cannot be."""

import copy
import json
import time

import pytest
from jsonschema import Draft202012Validator

from advisor import measurement
from advisor.problems import AdvisorError
from advisor.schema_check import SCHEMAS, check, schema

MEASURED = {
    "format": "edgewise/measurement/1",
    "model": {
        "sha256": "a" * 64, "name": "m.onnx", "opset": 17, "inputs": [], "params_millions": 4.4, "gmacs": 0.3, "activations_millions": 7,
    },
    "machine": {
        "cpu": "x", "physical_cores": 2, "logical_cores": 4, "isa": ["avx2"], "memory_gb": 16, "gpu": None, "os": "Linux",
        "power_source": None, "chip_id": None,
    },
    "software": {"onnxruntime": "1.32.0", "execution_providers": ["CPUExecutionProvider"], "node_share_by_provider": {}},
    "runs": [
        {
            "scenario": "single-stream", "precision": "as-is", "batch": 1, "threads": 2, "concurrency": 1, "samples_ms": [3.0, 3.5],
            "count": 2, "median_ms": 3.0, "p90_ms": None, "p95_ms": None, "p99_ms": None, "throughput_per_s": 300.0,
        }
    ],
    "peak_memory_mb": None, "agreement": {}, "ladder": [], "rounds": [{"median_ms": 3.0, "count": 2}], "best_round_ms": 3.0,
    "range_ms": [3.0, 3.2], "conditions": {"busy_before": 0.0, "busy_during": None, "throttled": None, "on_battery": None},
    "trust": "fair", "warnings": [], "seconds_used": 9.5,
}  # fmt: skip


@pytest.mark.parametrize("path", sorted(SCHEMAS.glob("*.schema.json")), ids=lambda p: p.name)
def test_schemas_are_sound(path):
    Draft202012Validator.check_schema(json.loads(path.read_text(encoding="utf-8")))


def test_a_measurement_with_more_fields_is_read():
    assert measurement.from_json({**MEASURED, "note": "from a newer version"}).best_round_ms == 3.0


@pytest.mark.parametrize(
    ("path", "value", "field"),
    [
        ("format", "edgewise/measurement/2", "format"),
        ("range_ms", [3.2, 3.0], "range_ms"),
        ("range_ms", [3.0], "range_ms"),
        ("best_round_ms", 0, "best_round_ms"),
        ("best_round_ms", 9.0, "best_round_ms"),
        ("best_round_ms", 1e300, "best_round_ms"),
        ("model.sha256", "abc", "model.sha256"),
        ("trust", "great", "trust"),
        ("runs", [], "runs"),
        ("runs.0.median_ms", "3", "runs[0].median_ms"),
        ("runs.0.median_ms", -3, "runs[0].median_ms"),
        ("runs.0.p95_ms", 1.0, "runs[0]"),
        ("runs.0.samples_ms", [], "runs[0].samples_ms"),
        ("runs.0.scenario", "offline", "runs"),
        ("conditions.busy_before", 2, "conditions.busy_before"),
    ],
)
def test_wrong_measurements_are_refused_by_field(path, value, field):
    document = copy.deepcopy(MEASURED)
    *way, last = [int(p) if p.isdigit() else p for p in path.split(".")]
    inner = document
    for step in way:
        inner = inner[step]
    inner[last] = value
    with pytest.raises(AdvisorError) as caught:
        measurement.from_json(document)
    assert field in [p.field for p in caught.value.problems]


def test_every_part_of_a_measurement_is_needed():
    for key in MEASURED:
        with pytest.raises(AdvisorError) as caught:
            measurement.from_json({k: v for k, v in MEASURED.items() if k != key})
        assert caught.value.problems[0].field == key


def test_the_answer_schema_knows_every_field_of_the_contract():
    promised = (
        "format headline none_because kind sentence confidence reasons refused_rules options turning_points ledger assumptions risks plan "
        "governance law_notes health provenance readability"
    )
    assert set(promised.split()) <= set(schema("advice")["required"])
    with pytest.raises(AdvisorError):
        check({"format": "edgewise/advice/1"}, "advice")


def with_samples(samples):
    document = copy.deepcopy(MEASURED)
    document["runs"][0]["samples_ms"] = samples
    return document


def test_long_lists_of_samples_are_checked_in_a_moment():
    """A window reads them when a run ends, and must not stand still."""
    document = with_samples([0.1 + i / 1e6 for i in range(10_000)])
    document["runs"] = [copy.deepcopy(document["runs"][0]) for _ in range(8)]
    check(document, "measurement")
    start = time.perf_counter()
    check(document, "measurement")
    assert time.perf_counter() - start < 0.1


@pytest.mark.parametrize("wrong", [True, "1", None, -0.5, 1e11, [1.0]])
def test_one_wrong_sample_among_many_is_found(wrong):
    with pytest.raises(AdvisorError) as caught:
        check(with_samples([1.0] * 500 + [wrong] + [2] * 500), "measurement")
    assert caught.value.problems[0].field == "runs[0].samples_ms[500]"
