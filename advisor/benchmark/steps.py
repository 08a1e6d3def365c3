"""The timed steps of every measurement: rounds, batches, several askers, the ladder. Each gives plain values back."""

from __future__ import annotations

import gc
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any, Final

from advisor.benchmark.machine import asleep_seconds, busy_seconds, logical_cores, own_seconds, peak_memory_mb, usable_cores
from advisor.benchmark.made_up import bytes_of
from advisor.benchmark.opened import SEED, Opened
from advisor.benchmark.timing import Timed, timed
from advisor.problems import AdvisorError

if TYPE_CHECKING:
    from advisor.benchmark.opened import Tell
    from advisor.benchmark.protocol import Job

_BATCHES: Final = (1, 2, 4, 8, 16)


def round_(job: Job, tell: Tell) -> dict[str, Any]:
    """One round: open, first answer (together the cold start), warm up, sample; what others did meanwhile."""
    seconds, slow = float(job.step["seconds"]), bool(job.step["slow"])
    opened = Opened(job, int(job.step["threads"]), tell)
    run = opened.runner(opened.feed(int(job.step["number"])))
    start = time.perf_counter_ns()
    run()
    first_ns = time.perf_counter_ns() - start
    gc.disable()
    cool, asleep = throttle_count(), asleep_seconds()
    wall, busy, own = time.perf_counter(), busy_seconds(), own_seconds()
    result = timed(run, time.perf_counter_ns, seconds, 0.0 if slow else max(seconds / 2, 0.1), 1 if slow else 3)
    wall, busy, own = time.perf_counter() - wall, busy_seconds() - busy, own_seconds() - own
    hot, later = throttle_count(), asleep_seconds()
    return {
        "samples_ns": list(result.samples_ns),
        "steady": result.is_steady,
        "cold_ms": (opened.load_ns + first_ns) / 1e6,
        "busy_others": others_share(busy, own, wall, logical_cores()),
        "throttled": None if cool is None or hot is None else hot > cool,
        "asleep_s": None if asleep is None or later is None else round(later - asleep, 3),
        "peak_memory_mb": peak_memory_mb(),
    }


def others_share(busy_s: float, own_s: float, wall_s: float, cores: int) -> float | None:
    """Share of all cores that other programs used; `None` if the look was too short for the system's 10 ms ticks."""
    if wall_s < 0.1:
        return None
    return round(min(max((busy_s - own_s) / (wall_s * cores), 0.0), 1.0), 4)


def throttle_count() -> int | None:
    """How often the processor has slowed itself down for heat since the start; `None` where it does not count."""
    total = None
    for file in Path("/sys/devices/system/cpu").glob("cpu[0-9]*/thermal_throttle/core_throttle_count"):
        try:
            total = (total or 0) + int(file.read_text(encoding="ascii"))
        except (OSError, ValueError):
            continue
    return total


def batches(job: Job, tell: Tell) -> dict[str, Any]:
    """Many at once: the time of growing batches on all cores, until more stops helping."""
    seconds = float(job.step["seconds"])
    opened = Opened(job, usable_cores(), tell)
    sizes = _BATCHES if any(i.batch_axes for i in opened.inputs) else (1,)
    found: list[dict[str, Any]] = []
    for size in sizes:
        if bytes_of(opened.inputs) * size > (job.limits.memory_bytes or 2**40) / 8:
            break
        run = opened.runner(opened.feed(0, size if len(sizes) > 1 else None))
        try:
            result = timed(run, time.perf_counter_ns, seconds, seconds / 2)
        except AdvisorError:
            # The model's free first size was not a count of inputs after all, or memory ran out: keep what we have.
            break
        found.append({"batch": size, "samples_ns": list(result.samples_ns)})
        if result.median_ms > 2000 * seconds:
            break
    return {"runs": found, "threads": usable_cores(), "peak_memory_mb": peak_memory_mb()}


def streams(job: Job, tell: Tell) -> dict[str, Any]:
    """Several askers at the same moment, one thread each, as many as there are cores."""
    import threading

    count, seconds = usable_cores(), float(job.step["seconds"])
    opened = Opened(job, 1, tell)
    results: list[Timed | None] = [None] * count
    failures: list[AdvisorError] = []
    # onnxruntime sessions may be asked from several threads at once; with one thread inside, each asker uses its own.
    gate = threading.Barrier(count)

    def ask(i: int) -> None:
        run = opened.runner(opened.feed(i))
        gate.wait()
        try:
            results[i] = timed(run, time.perf_counter_ns, seconds, seconds / 2)
        except AdvisorError as error:
            failures.append(error)

    threads = [threading.Thread(target=ask, args=(i,)) for i in range(count)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    if failures:
        raise failures[0]
    samples_ns = [s for r in results if r is not None for s in r.samples_ns]
    return {"concurrency": count, "samples_ns": samples_ns, "peak_memory_mb": peak_memory_mb()}


def ladder(job: Job, tell: Tell) -> dict[str, Any]:
    """Times of the reference graphs on all cores, each the best of three short looks."""
    import numpy as np

    from advisor.benchmark import session
    from advisor.benchmark.ladder import graphs

    tell("ladder", "Timing eight known examples")
    threads, seconds = usable_cores(), float(job.step["seconds"])
    rungs: list[dict[str, Any]] = []
    achieved: dict[str, float] = {}
    for graph in graphs():
        feed = {"x": np.random.default_rng(SEED).random(graph.shape, dtype=np.float32)}
        run = session.runner(session.open_session(graph.onnx, threads), feed)
        best = min(median(timed(run, time.perf_counter_ns, seconds / 3, seconds / 6 if i == 0 else 0.0).samples_ns) for i in range(3))
        rungs.append({"id": graph.id, "latency_ms": round(best / 1e6, 6), "gmacs": graph.gmacs, "work": graph.work()})
        if graph.gigabytes is not None:
            achieved[f"{graph.id}.gb_per_s"] = round(graph.gigabytes / (best / 1e9), 3)
        elif graph.id != "tiny":
            # One multiply-add is two operations.
            achieved[f"{graph.id}.gflops"] = round(2 * graph.gmacs / (best / 1e9), 3)
    return {"ladder": rungs, "achieved": achieved, "threads": threads}
