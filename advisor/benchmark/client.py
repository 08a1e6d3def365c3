"""The asking side: starts a benchmark process, listens, watches its time and memory, and ends it.

`run_job` waits for the result; a window that has its own way to run processes uses `job_command`, `job_line`,
`parse_event`, `problem_from_exit` and `end_tree`. Neither onnx nor onnxruntime nor numpy is imported here.
"""

from __future__ import annotations

import contextlib
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any, Final

import psutil

from advisor import measurement as measurements
from advisor import model_profile
from advisor.benchmark import refusals, scratch
from advisor.benchmark.protocol import Event, Failed, Finished, Job, Limits, Progress, Warned, job_line, parse_event
from advisor.measurement import Measurement
from advisor.model_profile import ModelProfile
from advisor.problems import AdvisorError, ExitCode, Problem

OnEvent = Callable[[Event], object]
Cancel = Callable[[], bool] | threading.Event | None

_POLL_S: Final = 0.05
_POLITE_S: Final = 0.25
# The process watches its own steps; the asking side steps in only when that has failed.
_GRACE_S: Final = 5.0
# The model itself and the slimmer copies that a precision may ask for.
_MODELS: Final = {"as-is": 1, "int8": 3, "fp16": 2, "all": 4}
_ROOT: Final = Path(__file__).resolve().parents[2]


def job_command() -> list[str]:
    """The command that starts a benchmark process: no folder of the caller's is searched for code."""
    if getattr(sys, "frozen", False):
        beside = Path(sys.executable).with_name("edgewise-benchmark" + Path(sys.executable).suffix)
        return [str(beside)]
    start = f"import sys; sys.path.insert(0, {str(_ROOT)!r}); from advisor.benchmark.__main__ import run; run()"
    return [sys.executable, "-P", "-X", "utf8", "-c", start]


def limits_for(seconds: float, models: int = 1) -> Limits:
    """The limits of a job that should take `seconds` a model: a hard stop at twice that, a minute at least.

    Args:
        models: how many are timed, slimmer copies counted.
    """
    return Limits(total_s=models * max(60.0, 2 * seconds), answer_s=max(20.0, seconds * 2 / 3))


def profile_job(path: Path, *, sizes: Mapping[str, int] | None = None, inputs: Path | None = None) -> Job:
    """The job that reads a model's facts."""
    return Job("profile", _absolute(path), dict(sizes or {}), None if inputs is None else _absolute(inputs), limits=Limits(60.0, 20.0))


def measure_job(
    path: Path,
    *,
    inputs: Path | None = None,
    sizes: Mapping[str, int] | None = None,
    seconds: float = 30.0,
    precision: str = "as-is",
) -> Job:
    """The job that times a model."""
    sample = None if inputs is None else _absolute(inputs)
    return Job("measure", _absolute(path), dict(sizes or {}), sample, seconds, precision, limits_for(seconds, _MODELS.get(precision, 1)))


def _absolute(path: Path) -> str:
    # Links are kept: what a model may read is judged by the name the owner chose.
    return str(Path.cwd() / path)


def measure(
    path: Path,
    *,
    inputs: Path | None = None,
    sizes: Mapping[str, int] | None = None,
    seconds: float = 30.0,
    precision: str = "as-is",
    on_event: OnEvent = lambda _: None,
    cancel: Cancel = None,
) -> Measurement:
    """The measurement of a model on this computer, made in processes of its own.

    Raises:
        AdvisorError: what stands in the way; exit code STOPPED where a limit or a cancel ended it.
    """
    done = run_job(measure_job(path, inputs=inputs, sizes=sizes, seconds=seconds, precision=precision), on_event, cancel)
    assert isinstance(done, Measurement)
    return done


def profile(
    path: Path,
    *,
    sizes: Mapping[str, int] | None = None,
    inputs: Path | None = None,
    on_event: OnEvent = lambda _: None,
    cancel: Cancel = None,
) -> ModelProfile:
    """The facts of a model file, read in a process of its own without running the model.

    Raises:
        AdvisorError: what stands in the way.
    """
    done = run_job(profile_job(path, sizes=sizes, inputs=inputs), on_event, cancel)
    assert isinstance(done, ModelProfile)
    return done


def run_job(job: Job, on_event: OnEvent = lambda _: None, cancel: Cancel = None) -> ModelProfile | Measurement:
    """The result of a job, with its events handed to `on_event` as they come.

    Raises:
        AdvisorError: the job failed, was stopped by `cancel`, or its process died.
    """
    name = Path(job.path).name
    result = run_process(
        job,
        on_event,
        cancel,
        time_s=job.limits.total_s + _GRACE_S,
        memory_bytes=None,
        late=lambda _: refusals.too_slow(name, job.limits.total_s, "was not done"),
    )
    return result_of(job, result)


def result_of(job: Job, result: Mapping[str, Any]) -> ModelProfile | Measurement:
    """The value in a `Finished` event of a profile or measure job."""
    return measurements.from_json(result) if job.kind == "measure" else model_profile.from_json(result)


def run_process(
    job: Job,
    on_event: OnEvent,
    cancel: Cancel,
    *,
    time_s: float,
    memory_bytes: int | None,
    late: Callable[[str], Problem],
) -> Mapping[str, Any]:
    """Runs one job in a fresh process and gives what it finished with.

    Args:
        late: the problem to tell of when the time is up, by the stage that the process last spoke of.

    Raises:
        AdvisorError: as `run_job`.
    """
    name = Path(job.path).name
    asked = cancel.is_set if isinstance(cancel, threading.Event) else cancel
    process = subprocess.Popen(
        job_command(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        # On Windows a program with a window would open a black one beside it.
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )
    assert process.stdin is not None
    assert process.stdout is not None
    lines: queue.Queue[bytes | None] = queue.Queue()
    reader = threading.Thread(target=_read, args=(process.stdout, lines), daemon=True)
    reader.start()
    stage = ""
    end = time.monotonic() + time_s
    watch = _MemoryWatch(process.pid, memory_bytes)
    try:
        # BrokenPipeError: it died before it could read; its end is told below.
        with contextlib.suppress(OSError):
            process.stdin.write(job_line(job))
            process.stdin.flush()
        while True:
            try:
                line = lines.get(timeout=_POLL_S)
            except queue.Empty:
                line = b""
            if line is None:
                raise AdvisorError(problem_from_exit(name, process.wait(_GRACE_S)), ExitCode.STOPPED)
            event = parse_event(line) if line else None
            match event:
                case Finished(result):
                    return result
                case Failed(problems, exit_code):
                    raise AdvisorError(problems, exit_code)
                case None:
                    pass
                case _:
                    if isinstance(event, Progress):
                        stage = event.stage
                    on_event(event)
            if asked is not None and asked():
                raise AdvisorError(refusals.cancelled(name), ExitCode.STOPPED)
            if time.monotonic() > end:
                raise AdvisorError(late(stage), ExitCode.STOPPED)
            if watch.is_over():
                raise AdvisorError(refusals.too_big(name, "needs more memory than we may use", memory_bytes))
    finally:
        _end(process)
        # Ended at once, it could not clear up after itself.
        scratch.sweep()
        reader.join(_GRACE_S)
        process.stdout.close()


def _read(pipe: IO[bytes], lines: queue.Queue[bytes | None]) -> None:
    # ValueError: the pipe was closed under us while the process was being ended.
    with contextlib.suppress(OSError, ValueError):
        for line in pipe:
            lines.put(line)
    lines.put(None)


class _MemoryWatch:
    """Whether a process holds more memory than it may (where the system itself sets no limit)."""

    def __init__(self, pid: int, limit: int | None) -> None:
        self._limit = limit
        self._process: psutil.Process | None = None
        if limit is not None:
            with contextlib.suppress(psutil.Error):
                self._process = psutil.Process(pid)

    def is_over(self) -> bool:
        """True once it holds more than its limit."""
        if self._process is None or self._limit is None:
            return False
        try:
            return bool(self._process.memory_info().rss > self._limit)
        except psutil.Error:
            return False


def _end(process: subprocess.Popen[bytes]) -> None:
    """Politely by closing its input, then firmly, with everything it started."""
    if process.stdin is not None:
        with contextlib.suppress(OSError):
            process.stdin.close()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(_POLITE_S)
        return
    end_tree(process.pid)
    process.wait()


def end_tree(pid: int) -> None:
    """Ends a process and all that it started, at once."""
    try:
        top = psutil.Process(pid)
        tree = [*top.children(recursive=True), top]
    except psutil.Error:
        return
    for one in tree:
        with contextlib.suppress(psutil.Error):
            one.kill()


def problem_from_exit(name: str, exit_code: int) -> Problem:
    """What to tell when the process ended without a word; `exit_code` as the system gives it (below 0: a signal)."""
    del exit_code  # the number means nothing to a person, and the same crash has another one on each system
    return refusals.contained(name, "stop suddenly")


__all__ = [
    "Cancel",
    "OnEvent",
    "Warned",
    "end_tree",
    "job_command",
    "job_line",
    "limits_for",
    "measure",
    "measure_job",
    "parse_event",
    "problem_from_exit",
    "profile",
    "profile_job",
    "result_of",
    "run_job",
    "run_process",
]
