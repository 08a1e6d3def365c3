"""Further scenarios in real processes: they are there, add up, and are left out with a word. Nothing here asserts on speed."""

from dataclasses import replace

import numpy as np
import pytest
from onnx import TensorProto, helper

from advisor import measurement
from advisor.benchmark import client
from advisor.benchmark.further import Further
from advisor.benchmark.judging import warnings_of
from advisor.benchmark.looking import thread_counts
from advisor.benchmark.planning import Plan
from advisor.benchmark.protocol import Job, Limits
from advisor.benchmark.scenes import after_idle, end_to_end, sizes, sustained
from advisor.measurement import Conditions, Round, run_of
from advisor.problems import AdvisorError, Problem


def quiet(*_):
    """Nobody listens."""


DENSE = [{"name": "x", "dtype": "float", "shape": [1, 64], "batch_axes": [0], "fill": "uniform", "high": 2}]


def test_after_a_pause_one_answer_each(dense_file):
    done = after_idle(Job("step", str(dense_file), step={"inputs": DENSE, "threads": 1, "pauses": 3, "pause_s": 0.01}), quiet)
    assert len(done["samples_ns"]) == 3
    assert all(n > 0 for n in done["samples_ns"])


def test_without_a_pause_first_and_last_tenth(dense_file):
    done = sustained(Job("step", str(dense_file), step={"inputs": DENSE, "threads": 1, "seconds": 0.2}), quiet)
    assert done["seconds"] == 0.2
    assert len(done["samples_ns"]) > 10
    assert min(done["samples_ns"]) <= done["first_ns"] <= max(done["samples_ns"])
    assert min(done["samples_ns"]) <= done["last_ns"] <= max(done["samples_ns"])


@pytest.mark.parametrize("kind", ["npy", "csv"])
def test_own_files_are_timed_by_part(dense_file, tmp_path, kind):
    place = tmp_path / "own"
    place.mkdir()
    rows = np.random.default_rng(0).random((3, 64))
    if kind == "csv":
        np.savetxt(place / "rows.csv", rows, delimiter=",")
    else:
        for i, row in enumerate(rows):
            np.save(place / f"{i}.npy", row[None])
    done = end_to_end(Job("step", str(dense_file), inputs=str(place), step={"inputs": DENSE, "threads": 1, "seconds": 0.1}), quiet)
    assert set(done["parts_ns"]) == {"read", "decode", "prepare", "model"}
    assert done["files"] == (1 if kind == "csv" else 3)
    assert all(0 < ns <= max(done["samples_ns"]) for ns in done["parts_ns"].values())


def test_smaller_and_larger_inputs(pool_file):
    inputs = [{"name": "x", "dtype": "float", "shape": [1, 64, 8, 6], "batch_axes": [], "fill": "uniform", "high": 2}]
    job = Job("step", str(pool_file), step={"inputs": inputs, "threads": 1, "seconds": 0.02, "sizes": {"height": 8, "width": 6}})
    found = sizes(job, quiet)["sizes"]
    assert [f["factor"] for f in found] == [0.5, 1.0, 2.0]
    assert [f["inputs"][0]["shape"] for f in found] == [[1, 64, 4, 3], [1, 64, 8, 6], [1, 64, 16, 12]]
    assert all(f["count"] >= 3 for f in found)


def test_what_the_seconds_buy():
    quick, usual, thorough = Plan(10), Plan(30), Plan(180)
    assert (quick.rounds, usual.rounds, thorough.rounds) == (4, 6, 6)
    assert (quick.pauses, quick.sustained_s, quick.sizes_s) == (0, 0, 0)
    assert usual.pauses
    assert not usual.sustained_s
    assert thorough.sustained_s == 36
    for plan in (quick, usual, thorough):
        spent = plan.rounds * (0.8 + 1.5 * plan.round_s) + plan.pauses * plan.pause_s + plan.sustained_s + 15 * plan.ladder_s
        assert spent < plan.seconds


class Conductor:
    """Stands for the one that starts processes: each step gives what it was told to give, or there is no time for it."""

    def __init__(self, spent=0.0, failing=()):
        self.spent, self.failing, self.asked = spent, failing, []

    def elapsed(self):
        return self.spent

    def progress(self, *_):
        """Nobody looks."""

    def step(self, name, _wait_s, **_settings):
        self.asked.append(name)
        if name in self.failing:
            raise AdvisorError(Problem("TOO_SLOW", "", "", "", ""))
        ns = {"samples_ns": [2_000_000, 4_000_000], "threads": 2, "batch": 4, "concurrency": 2}
        return {
            "end-to-end": {**ns, "parts_ns": {"read": 1e6, "decode": 1e6, "prepare": 1e6, "model": 1e6}, "files": 2},
            "batches": {**ns, "runs": [ns]},
            "streams": ns,
            "after-idle": ns,
            "ladder": {"ladder": [{"id": "tiny", "latency_ms": 0.1, "gmacs": 0.1, "work": {}}], "achieved": {"tiny": 1.0}},
            "sizes": {"sizes": [{"factor": 2.0, "inputs": [], "median_ms": 1.0, "count": 3}]},
            "sustained": {**ns, "seconds": 36.0, "first_ns": 2e6, "last_ns": 4e6, "throttled": True},
        }[name]


def further(conductor, seconds=180.0, samples=1):
    axes = {"x": {"0": "batch", "1": "height", "2": "past + 1"}}
    found = {"samples": samples, "inputs": [{"name": "x", "shape": [1, 48, 5], "batch_axes": [0]}], "free_names": axes}
    made = Further(conductor, Plan(seconds), found, {"threads": 2, "typical_ms": 3.0}, {"inputs": []})
    return made, {r.scenario: r for r in made.runs()}


def test_thorough_holds_every_scenario():
    conductor = Conductor()
    made, runs = further(conductor)
    assert set(runs) >= {"end-to-end", "offline", "after-idle", "sustained"}
    assert conductor.asked[-1] == "sustained"
    assert runs["after-idle"].details == {"pause_s": 4.0}
    assert runs["sustained"].details == {"seconds": 36.0, "first_tenth_ms": 2.0, "last_tenth_ms": 4.0}
    assert runs["end-to-end"].details["files"] == 2
    assert (runs["offline"].batch, runs["offline"].median_ms, runs["offline"].p95_ms) == (4, 2.0, None)
    assert made.is_hot is True
    assert (len(made.rungs), len(made.size_sweep), made.left_out) == (1, 1, [])


def test_quick_leaves_the_long_ones_out_without_a_word():
    conductor = Conductor()
    made, _ = further(conductor, seconds=10.0, samples=0)
    assert not {"end-to-end", "after-idle", "sustained", "sizes"} & set(conductor.asked)
    assert made.left_out == []


def test_what_fails_or_has_no_time_is_named():
    made, runs = further(Conductor(failing=("batches", "ladder")))
    assert "offline" not in runs
    assert made.left_out == ["many inputs at once", "the known examples"]
    late, none = further(Conductor(spent=500.0))
    assert none == {}
    assert "answers without a pause" in late.left_out
    assert "smaller and larger inputs" in late.left_out


def test_thread_counts_double_up_to_all_cores():
    assert thread_counts(1) == (1,)
    assert thread_counts(2) == (1, 2)
    assert thread_counts(6) == (1, 2, 4, 6)


def test_a_measurement_on_own_files_holds_the_scenarios(dense_file, tmp_path):
    np.savetxt(tmp_path / "rows.csv", np.random.default_rng(0).random((4, 64)), delimiter=",")
    job = replace(client.measure_job(dense_file, seconds=8, inputs=tmp_path / "rows.csv"), limits=Limits(100, 20))
    found = client.run_job(job)
    runs = {r.scenario: r for r in found.runs}
    assert {"single-stream", "cold-start", "end-to-end", "offline"} <= set(runs)
    assert set(runs["end-to-end"].details) == {"read_ms", "decode_ms", "prepare_ms", "model_ms", "files"}
    assert found.model.inputs[0]["values"] == "sample"
    assert found.model.inputs[0]["size_from"] == "sample"
    # Stacks of samples are timed too.
    assert {r.batch for r in found.runs if r.scenario == "offline"} > {1, 2}
    assert str(found.as_is.threads) in found.threads_tried
    assert measurement.from_json(found.to_json()) == found


def test_a_text_settles_the_length(make, tmp_path):
    nodes = [helper.make_node("Gather", ["w", "input_ids"], ["e"]), helper.make_node("ReduceMean", ["e"], ["y"], axes=[1], keepdims=0)]
    ids = (["batch", "seq"], TensorProto.INT64)
    model = make(nodes, {"input_ids": ids}, {"y": ["batch", 8]}, {"w": np.ones((50, 8), np.float32)})
    path = tmp_path / "m.onnx"
    path.write_bytes(model.SerializeToString())
    (tmp_path / "t.txt").write_text("word " * 40, encoding="utf-8")
    found = client.run_job(replace(client.measure_job(path, seconds=1, inputs=tmp_path / "t.txt"), limits=Limits(60, 15)))
    assert found.model.inputs[0]["shape"] == [1, 50]
    assert (found.model.inputs[0]["values"], found.model.inputs[0]["size_from"]) == ("made-up", "sample")


def test_lists_and_inputs_that_may_be_left_out_are_run(tmp_path):
    one = helper.make_tensor_type_proto(TensorProto.FLOAT, [2])
    many = helper.make_sequence_type_proto(helper.make_tensor_type_proto(TensorProto.FLOAT, [None, 2]))
    graph = helper.make_graph(
        [helper.make_node("OptionalHasElement", ["o"], ["h"]), helper.make_node("ConcatFromSequence", ["s"], ["c"], axis=0)],
        "g",
        [helper.make_value_info("o", helper.make_optional_type_proto(one)), helper.make_value_info("s", many)],
        [helper.make_tensor_value_info("h", TensorProto.BOOL, []), helper.make_tensor_value_info("c", TensorProto.FLOAT, None)],
    )
    path = tmp_path / "m.onnx"
    path.write_bytes(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8).SerializeToString())
    np.savez(tmp_path / "s.npz", **{"s[0]": np.ones((1, 2), np.float32), "s[1]": np.ones((3, 2), np.float32)})
    found = client.run_job(replace(client.measure_job(path, seconds=1, inputs=tmp_path / "s.npz"), limits=Limits(60, 15)))
    assert found.as_is.count > 0


# ---- warnings ----------------------------------------------------------------------------------------------------


def warned(seen=None, runs=(), found=None):
    facts = {"oddities": [], "node_share": {}, "providers": ["CPUExecutionProvider"], **(seen or {})}
    given = {"from_sample": True, "inputs": [], "fed": [], "free_names": {}, **(found or {})}
    made = warnings_of(
        Job("measure", "m.onnx"),
        given,
        facts,
        [Round(1.0, 100)] * 6,
        [run_of("single-stream", [1.0] * 300, threads=1), *runs],
        Conditions(0.0, 0.0, None, None),
        cores=2,
        steady=True,
        left_out=(),
    )
    return {w.code: w.text for w in made}


@pytest.mark.parametrize(
    ("providers", "share", "code"),
    [
        (["CPUExecutionProvider"], {"CPUExecutionProvider": 1.0}, None),
        (["CUDAExecutionProvider", "CPUExecutionProvider"], {"CUDAExecutionProvider": 0.95, "CPUExecutionProvider": 0.05}, None),
        (["CUDAExecutionProvider", "CPUExecutionProvider"], {"CUDAExecutionProvider": 0.5, "CPUExecutionProvider": 0.5}, "FELL_BACK"),
        (["CUDAExecutionProvider", "CPUExecutionProvider"], {"CPUExecutionProvider": 1.0}, "FELL_BACK_WHOLLY"),
        (["CUDAExecutionProvider", "CPUExecutionProvider"], {}, "WHO_WORKED_UNKNOWN"),
    ],
)
def test_work_that_fell_back_to_the_processor_is_told(providers, share, code):
    made = warned({"providers": providers, "node_share": share})
    assert set(made) == ({code} if code else set())
    assert all("CUDA" in text for text in made.values())


def test_slowing_down_is_told_from_a_seventh_on():
    def run(last):
        return run_of("sustained", [1.0], threads=1, details={"seconds": 36.0, "first_tenth_ms": 10.0, "last_tenth_ms": last})

    assert warned(runs=[run(11.4)]) == {}
    assert "36 seconds" in warned(runs=[run(13.0)])["SLOWS_DOWN"]
    assert "30%" in warned(runs=[run(13.0)])["SLOWS_DOWN"]


def test_a_made_up_text_is_told():
    text = {"name": "t", "fill": "text", "batch_axes": []}
    assert "TEXT_TAKEN" in warned(found={"inputs": [text]})
    assert "TEXT_TAKEN" not in warned(found={"inputs": [text], "fed": ["t"]})
