"""Real runs in real processes: a result comes, and whatever a model does, we live and nothing is left behind."""

import os
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import psutil
import pytest

from advisor import measurement, model_profile
from advisor.benchmark import client, profile, refusals
from advisor.benchmark.protocol import Finished, Job, Limits, Progress, Started, job_line, parse_event
from advisor.problems import AdvisorError, ExitCode


def _alive(processes):
    """Those still at work after two seconds. An ended process that nobody sweeps away, as in some containers, does none."""
    _, left = psutil.wait_procs(processes, timeout=2)
    return [p for p in left if p.is_running() and p.status() != psutil.STATUS_ZOMBIE]


def _running():
    """Processes below this one that have not ended."""
    return [p for p in psutil.Process().children(recursive=True) if p.status() != psutil.STATUS_ZOMBIE]


@pytest.fixture(autouse=True)
def _nothing_left_behind():
    before = {p.pid for p in psutil.Process().children(recursive=True)}
    yield
    assert not _alive([p for p in psutil.Process().children(recursive=True) if p.pid not in before])


def quick(path, **kwargs):
    return replace(client.measure_job(path, seconds=1, **kwargs), limits=Limits(60, 15))


def problem_of(job):
    with pytest.raises(AdvisorError) as caught:
        client.run_job(job)
    return caught.value.problems[0], caught.value.exit_code


def test_nobody_is_told_of_the_run(dense_file, tmp_path, monkeypatch):
    """onnxruntime of itself keeps a number for the computer and a list of what it did, to be sent; ours must not."""
    for name in ("CI", "ORT_DISABLE_TELEMETRY"):
        monkeypatch.delenv(name, raising=False)
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / "cache"))
    client.run_job(quick(dense_file))
    assert not list(home.iterdir())


def test_measurement_of_a_tiny_model(dense_file):
    events = []
    found = client.run_job(quick(dense_file), events.append)
    assert isinstance(events[0], Started)
    shares = [e.share for e in events if isinstance(e, Progress)]
    assert shares == sorted(shares)
    run = found.runs[0]
    assert run.scenario == "single-stream"
    steady = [r.median_ms for r in found.rounds if r.steady] or [r.median_ms for r in found.rounds]
    assert 0 < found.best_round_ms == min(steady)
    assert min(run.samples_ms) <= run.median_ms <= max(run.samples_ms)
    assert found.range_ms == (min(r.median_ms for r in found.rounds), max(r.median_ms for r in found.rounds))
    assert len(found.rounds) == 3
    assert {r.scenario for r in found.runs} >= {"single-stream", "cold-start", "offline"}
    assert [i["shape"] for i in found.model.inputs] == [[1, 64]]
    assert found.model.gmacs == pytest.approx(4096 / 1e9)
    assert len(found.ladder) == 8
    assert found.software.node_share_by_provider == {"CPUExecutionProvider": 1.0}
    assert found.machine.memory_gb > 0
    assert measurement.from_json(found.to_json()) == found


def test_profile_without_sizes_and_with(pool_file):
    open_sizes = profile(pool_file)
    assert open_sizes.free_sizes == ("height", "width")
    assert open_sizes.gmacs is None
    fixed = profile(pool_file, sizes={"height": 8, "width": 8})
    assert fixed.inputs[0].shape == (1, 64, 8, 8)
    assert fixed.gmacs == 0
    assert model_profile.from_json(fixed.to_json()) == fixed


def test_sample_gives_the_size(pool_file, tmp_path):
    np.savez(tmp_path / "in.npz", x=np.ones((1, 64, 20, 24), np.float32))
    found = client.run_job(quick(pool_file, inputs=tmp_path / "in.npz"))
    assert found.model.inputs[0]["shape"] == [1, 64, 20, 24]
    assert found.model.inputs[0]["values"] == "sample"


def test_one_sample_alone_is_no_reason_to_call_a_model_constant(dense_file, tmp_path):
    np.save(tmp_path / "x.npy", np.random.default_rng(0).random((1, 64), dtype=np.float32))
    found = client.run_job(quick(dense_file, inputs=tmp_path / "x.npy"))
    assert not found.ran_with_warning


def test_free_picture_size_is_asked_for(pool_file):
    problem, code = problem_of(quick(pool_file))
    assert problem.code == "NEEDS_SAMPLE"
    assert "--size height=NUMBER --size width=NUMBER" in problem.what_to_do
    assert code == ExitCode.REFUSED


def test_model_that_ends_its_process_is_survived(pool_file):
    problem, code = problem_of(quick(pool_file, sizes={"height": 1, "width": 1}))
    assert problem.code == "CONTAINED"
    assert "your work is safe" in problem.what_it_means
    assert code == ExitCode.STOPPED


def test_a_process_is_gone_soon_after_its_limit(endless_file):
    """Its model is in native code that never lets go; both processes, the one that conducts and the one that runs it, end."""
    job = Job("measure", str(endless_file), limits=Limits(100, 90))
    start = time.monotonic()
    with pytest.raises(AdvisorError):
        client.run_process(job, lambda _: None, None, time_s=3, memory_bytes=None, late=lambda _: refusals.too_slow("m", 3))
    assert time.monotonic() - start <= 3 + 2
    assert not _running()


def test_endless_model_is_stopped_at_its_limit(endless_file):
    problem, code = problem_of(replace(client.measure_job(endless_file, seconds=1), limits=Limits(30, 2)))
    assert problem.code == "TOO_SLOW"
    assert "--seconds" in problem.what_to_do
    assert code == ExitCode.STOPPED


@pytest.mark.parametrize(
    ("name", "body", "code"),
    [
        ("gone.onnx", None, "NO_ACCESS"),
        ("model.pt", b"PK\x03\x04 archive/data.pkl", "NOT_A_MODEL"),
        ("cut.onnx", "half", "DAMAGED"),
    ],
)
def test_wrong_files_are_refused_plainly(tmp_path, dense_file, name, body, code):
    path = tmp_path / name
    if body == "half":
        path.write_bytes(dense_file.read_bytes()[:5000])
    elif body is not None:
        path.write_bytes(body)
    problem, exit_code = problem_of(quick(path))
    assert (problem.code, exit_code) == (code, ExitCode.REFUSED)
    assert problem.field == name


@pytest.mark.skipif(os.name != "posix", reason="named pipes are POSIX's")
def test_named_pipe_is_refused_without_waiting(tmp_path):
    os.mkfifo(tmp_path / "pipe.onnx")
    assert problem_of(quick(tmp_path / "pipe.onnx"))[0].code == "NOT_A_MODEL"


@pytest.mark.parametrize(
    ("change", "field"), [({"precision": "int3"}, "precision"), ({"seconds": 0.0}, "seconds"), ({"sizes": {"z": 1}}, "size")]
)
def test_wrong_settings_are_named(dense_file, change, field):
    problem, _ = problem_of(replace(quick(dense_file), **change))
    assert (problem.code, problem.field) == ("BAD_FIELD", field)


def test_cancel_ends_everything(endless_file):
    running = threading.Event()
    asked = []

    def on_event(event):
        if isinstance(event, Progress) and event.stage == "run":
            running.set()
            asked.append(time.monotonic())

    with pytest.raises(AdvisorError) as caught:
        client.run_job(replace(client.measure_job(endless_file), limits=Limits(60, 50)), on_event, running)
    assert time.monotonic() - asked[0] <= 1.0
    assert not _running()
    assert caught.value.problems[0].code == "CANCELLED"
    assert caught.value.exit_code == ExitCode.STOPPED


def test_steps_end_when_the_asking_side_dies(endless_file):
    """The asking side is killed outright, with no chance to tidy up; the two below it must go by themselves."""
    script = (
        "import sys; from pathlib import Path; from advisor.benchmark import measure\n"
        "measure(Path(sys.argv[1]), seconds=60, on_event=lambda e: (sys.stdout.write(repr(e) + '\\n'), sys.stdout.flush()))\n"
    )
    parent = psutil.Popen([sys.executable, "-c", script, str(endless_file)], stdout=-1, text=True)
    for line in parent.stdout:
        if "stage='run'" in line:
            break
    below = parent.children(recursive=True)
    assert len(below) == 2
    parent.kill()
    parent.wait()
    parent.stdout.close()
    assert not _alive(below)


def test_process_speaks_the_protocol_by_itself(dense_file):
    """As a window would drive it: command, one line in, events out."""
    process = psutil.Popen(client.job_command(), stdin=-1, stdout=-1)
    process.stdin.write(job_line(Job("profile", str(dense_file))))
    process.stdin.flush()
    events = [parse_event(line) for line in process.stdout]
    process.stdin.close()
    process.stdout.close()
    assert process.wait() == 0
    assert isinstance(events[-1], Finished)
    assert client.result_of(Job("profile", ""), events[-1].result).name == "dense.onnx"


def test_junk_instead_of_a_job_ends_the_process():
    process = psutil.Popen(client.job_command(), stdin=-1, stdout=-1)
    process.stdin.write(b"junk\n")
    process.stdin.close()
    assert process.stdout.read() == b""
    process.stdout.close()
    assert process.wait() == 1


def test_code_beside_the_model_is_never_run(dense_file, monkeypatch):
    trap = dense_file.parent
    for name in ("json.py", "numpy.py", "onnx.py", "sitecustomize.py"):
        (trap / name).write_text(f"open({str(trap / 'ran')!r}, 'w')\n", encoding="utf-8")
    monkeypatch.chdir(trap)
    assert profile(Path("dense.onnx")).name == "dense.onnx"
    assert not (trap / "ran").exists()


def test_memory_watch_ends_a_hoarder(endless_file):
    job = Job("measure", str(endless_file), limits=Limits(30, 20))
    end = time.monotonic() + 30
    with pytest.raises(AdvisorError) as caught:
        client.run_process(job, lambda _: None, lambda: time.monotonic() > end, time_s=30, memory_bytes=1000, late=lambda _: None)
    assert caught.value.problems[0].code == "TOO_BIG"


def test_what_may_be_left_out_and_is_needed_after_all_is_asked_for(tmp_path):
    kind = onnx.helper.make_optional_type_proto(onnx.helper.make_tensor_type_proto(onnx.TensorProto.FLOAT, ["n"]))
    graph = onnx.helper.make_graph(
        [onnx.helper.make_node("OptionalGetElement", ["x"], ["y"])],
        "g",
        [onnx.helper.make_value_info("x", kind)],
        [onnx.helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, ["n"])],
    )
    path = tmp_path / "model.onnx"
    path.write_bytes(onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 18)], ir_version=8).SerializeToString())
    assert problem_of(quick(path))[0].code == "NEEDS_SAMPLE"
