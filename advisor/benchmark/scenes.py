"""Steps that time a model as it is used: after a pause, for long, on the owner's own files, at other sizes."""

from __future__ import annotations

import time
from itertools import count
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any, Final

from advisor.benchmark.decoding import decode
from advisor.benchmark.inputs import plan
from advisor.benchmark.machine import peak_memory_mb
from advisor.benchmark.made_up import bytes_of, made_up
from advisor.benchmark.opened import SEED, Opened
from advisor.benchmark.preparing import answers_in, prepare
from advisor.benchmark.samples import SampleFiles, read
from advisor.benchmark.steps import throttle_count
from advisor.benchmark.timing import one, timed
from advisor.problems import AdvisorError

if TYPE_CHECKING:
    from collections.abc import Callable

    from advisor.benchmark.opened import Tell
    from advisor.benchmark.protocol import Job

_TENTHS: Final = 10
_FACTORS: Final = (0.5, 1.0, 2.0)
_MOST_FILES_TIMED: Final = 2000


def after_idle(job: Job, tell: Tell) -> dict[str, Any]:
    """The first answer after a pause, again and again: the processor has slowed its clock and forgotten its caches."""
    pause_s, pauses = float(job.step["pause_s"]), int(job.step["pauses"])
    opened = Opened(job, int(job.step["threads"]), tell)
    run = opened.runner(opened.feed(0))
    timed(run, time.perf_counter_ns, 0.0, 0.2)
    tell("after-idle", "Timing the first answer after a pause")
    samples_ns = []
    for _ in range(pauses):
        time.sleep(pause_s)
        samples_ns.append(one(run, time.perf_counter_ns))
    return {"samples_ns": samples_ns, "peak_memory_mb": peak_memory_mb()}


def sustained(job: Job, tell: Tell) -> dict[str, Any]:
    """Answers without a pause, to see whether the computer slows down as it warms: the first tenth of the time and the last."""
    seconds = float(job.step["seconds"])
    opened = Opened(job, int(job.step["threads"]), tell)
    run = opened.runner(opened.feed(0))
    timed(run, time.perf_counter_ns, 0.0, min(seconds / 20, 1.0))
    tell("sustained", "Timing answers without a pause")
    cool = throttle_count()
    parts: list[list[int]] = [[] for _ in range(_TENTHS)]
    start = time.perf_counter_ns()
    while (spent := (time.perf_counter_ns() - start) / 1e9) < seconds:
        parts[min(int(spent / seconds * _TENTHS), _TENTHS - 1)].append(one(run, time.perf_counter_ns))
    hot = throttle_count()
    full = [p for p in parts if p]
    return {
        "samples_ns": [n for p in parts for n in p],
        "seconds": seconds,
        "first_ns": median(full[0]),
        "last_ns": median(full[-1]),
        "throttled": None if cool is None or hot is None else hot > cool,
        "peak_memory_mb": peak_memory_mb(),
    }


def end_to_end(job: Job, tell: Tell) -> dict[str, Any]:
    """The owner's own files, one after the other: read, decoded, made ready, answered; each part timed."""
    seconds = float(job.step["seconds"])
    files = SampleFiles.of(job)
    opened = Opened(job, int(job.step["threads"]), tell)
    opened.runner(opened.feed(0))()
    tell("end-to-end", "Timing your own files from start to end")
    clock = time.perf_counter_ns
    parts: dict[str, list[int]] = {"read": [], "decode": [], "prepare": [], "model": []}
    samples_ns: list[int] = []
    end = time.monotonic() + seconds
    for i in count():
        if samples_ns and (time.monotonic() > end or i >= _MOST_FILES_TIMED):
            break
        file = files.files[i % len(files.files)]
        t0 = clock()
        body = read(file)
        t1 = clock()
        decoded = decode(file, body)
        t2 = clock()
        # A table is read once for all its rows: each bears its share.
        rows = answers_in(decoded, files.ports)
        for row in range(rows):
            t3 = clock()
            run = opened.runner(opened.whole(prepare(file.name, decoded, files.ports, row), i))
            t4 = clock()
            run()
            t5 = clock()
            took = {"read": (t1 - t0) // rows, "decode": (t2 - t1) // rows, "prepare": t4 - t3, "model": t5 - t4}
            for part, ns in took.items():
                parts[part].append(ns)
            samples_ns.append(sum(took.values()))
            if time.monotonic() > end:
                break
    return {
        "samples_ns": samples_ns,
        "parts_ns": {part: median(took) for part, took in parts.items()},
        "files": min(len(files.files), i),
        "peak_memory_mb": peak_memory_mb(),
    }


def sizes(job: Job, tell: Tell) -> dict[str, Any]:
    """The time at half, once and twice every free size that says how much there is to do. Inputs are made up."""
    from advisor.benchmark import graph
    from advisor.benchmark.looking import ports_of

    seconds, memory = float(job.step["seconds"]), job.limits.memory_bytes or 2**40
    settled: dict[str, int] = job.step["sizes"]
    model = graph.read(Path(job.path), memory)
    ports = ports_of(model)
    opened = Opened(job, int(job.step["threads"]), tell)
    found: list[dict[str, Any]] = []
    for factor in _FACTORS:
        scaled = {name: max(round(size * factor), 1) for name, size in settled.items()}
        if scaled == settled and factor != 1:
            continue
        tell("sizes", "Timing smaller and larger inputs")
        try:
            inputs = plan(Path(job.path).name, model, ports, scaled, None)
            if bytes_of(inputs) > memory / 8:
                continue
            run: Callable[[], Any] = opened.runner(made_up(inputs, SEED))
            result = timed(run, time.perf_counter_ns, seconds, seconds / 2)
        except AdvisorError:
            # Not every size suits every model: one that cuts pictures in 32s takes no half of 48.
            continue
        found.append(
            {
                "factor": factor,
                "inputs": [{"name": i.name, "shape": list(i.shape)} for i in inputs],
                "median_ms": result.median_ms,
                "count": len(result.samples_ns),
            }
        )
    return {"sizes": found, "peak_memory_mb": peak_memory_mb()}
