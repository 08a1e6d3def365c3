"""The steps of a measurement, each in a fresh process: look at the file, try it, time it, time the ladder.

Every step gives plain values back; `conduct` puts them together.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any, Final

from advisor.benchmark import refusals
from advisor.benchmark.arithmetic import traced_macs
from advisor.benchmark.inputs import Feed, Input, bytes_of, input_from_json, made_up, plan, samples
from advisor.benchmark.machine import asleep_seconds, busy_seconds, logical_cores, own_seconds, peak_memory_mb, usable_cores
from advisor.benchmark.timing import Timed, timed
from advisor.model_profile import Port
from advisor.problems import AdvisorError

if TYPE_CHECKING:
    from onnx import ModelProto

    from advisor.benchmark.protocol import Job

Tell = Callable[[str, str], None]
"""Says which stage begins: its name and words."""

_SEED: Final = 20_261
# More threads must be clearly faster to be chosen: they share the machine less well and swing more.
_WORTH_IT: Final = 0.95
_QUICK_NS: Final = 2_000_000_000
_BATCHES: Final = (1, 2, 4, 8, 16)


def inspect(job: Job, tell: Tell) -> dict[str, Any]:
    """The profile and, for a measurement, the settled inputs; nothing is run.

    A profile with free sizes left open gives `gmacs` of `None`; a measurement asks for them.
    """
    from advisor.benchmark import graph

    path = Path(job.path)
    memory = job.limits.memory_bytes or 2**40
    tell("read", "Reading the model")
    model = graph.read(path, memory)
    ports = _ports(model)
    tell("understand", "Working out its size")
    only = tuple(p for p, _ in ports)
    fed = samples(Path(job.inputs), only) if job.inputs is not None else ()
    shapes_fed = {k: tuple(v.shape) for k, v in fed[0].items()} if fed else None
    inputs: tuple[Input, ...] | None
    try:
        inputs = plan(path.name, model, ports, job.sizes, shapes_fed)
    except AdvisorError as error:
        if job.step.get("must_settle", True) or error.problems[0].code != "NEEDS_SAMPLE":
            raise
        inputs = None
    shapes = None if inputs is None else {i.name: i.shape for i in inputs}
    if inputs is not None and job.step.get("must_settle", True):
        _check_memory(path.name, model, inputs, memory)
    facts = graph.profile(model, path, shapes)
    return {
        "profile": facts.to_json(),
        "inputs": None if inputs is None else [i.to_json() for i in inputs],
        "free_names": {p.name: {i: d for i, d in enumerate(p.shape) if isinstance(d, str)} for p in only},
        "from_sample": bool(fed),
    }


def _ports(model: ModelProto) -> tuple[tuple[Port, bool], ...]:
    from advisor.benchmark import graph

    weights = {t.name for t in model.graph.initializer}
    out = []
    for value in model.graph.input:
        if value.name in weights:
            continue
        kind, dims = graph.port_type(value.type)
        out.append((Port(value.name, kind, graph.dims_named(value.name, dims or ())), dims is not None))
    return tuple(out)


def _check_memory(name: str, model: ModelProto, inputs: tuple[Input, ...], memory: int) -> None:
    """Refuses before anything is allocated what cannot fit: the inputs, or one result between two steps."""
    from math import prod

    from advisor.benchmark import graph

    needed = bytes_of(inputs)
    if needed > memory:
        raise AdvisorError(refusals.too_big(name, f"needs {refusals.gigabytes(needed)} of memory for its input alone", memory))
    weights = {t.name for t in model.graph.initializer}
    shapes = graph.shapes_in(model, {i.name: i.shape for i in inputs})
    largest = max((prod(s) for n, s in shapes.items() if n not in weights), default=0)
    # One byte is the smallest element there is, so this refuses only what cannot fit in any precision.
    if largest > memory:
        raise AdvisorError(refusals.too_big(name, f"makes a result of at least {refusals.gigabytes(largest)} inside", memory))


class _Open:
    """A model opened in this process with the inputs to feed it, errors turned into plain answers."""

    def __init__(self, job: Job, threads: int, tell: Tell) -> None:
        from advisor.benchmark import session

        self.name = Path(job.path).name
        self.path = Path(job.path)
        self.inputs = tuple(input_from_json(i) for i in job.step["inputs"])
        self.job = job
        self._limit = job.limits.memory_bytes
        self._made_up_matters = job.inputs is not None or any(i.fill in ("ids", "value", "ones", "zeros", "text") for i in self.inputs)
        ports = tuple(Port(i.name, i.dtype, i.shape) for i in self.inputs)
        self.samples = samples(Path(job.inputs), ports) if job.inputs is not None else ()
        tell("load", "Opening the model")
        start = time.perf_counter_ns()
        try:
            self.session = session.open_session(self.path, threads)
        except Exception as error:  # noqa: BLE001 -- onnxruntime's errors have no common base but this
            raise session.problem_of(error, self.name, running=False, made_up=False, limit=self._limit) from None
        self.load_ns = time.perf_counter_ns() - start
        tell("run", "Waiting for the first answer")

    def feed(self, seed: int, batch: int | None = None) -> Feed:
        """Input number `seed`: the owner's sample where there is one, else made up."""
        if self.samples and batch is None:
            return self.samples[seed % len(self.samples)]
        return made_up(self.inputs, _SEED + seed, batch)

    def others(self) -> list[list[Any]] | None:
        """Answers to inputs of quite other sizes of number; `None` if there are none to be had."""
        import numpy as np

        answers = []
        for number, scale in ((1, 1.0), (2, 20.0), (3, 500.0)):
            feed = self.feed(number)
            if not self.samples:
                feed = {k: ((v - v.dtype.type(0.5)) * v.dtype.type(scale)) if v.dtype.kind == "f" else v for k, v in feed.items()}
            try:
                with np.errstate(over="ignore"):
                    answers.append(self.runner(feed)())
            except AdvisorError:
                # Numbers that far off may not be allowed; the first answer stands.
                return None
        return answers if self.inputs else None

    def runner(self, feed: Mapping[str, Any]) -> Callable[[], list[Any]]:
        """One answer; errors are turned into plain ones."""
        from advisor.benchmark import session

        run = session.runner(self.session, feed)

        def guarded() -> list[Any]:
            try:
                return run()
            except Exception as error:  # noqa: BLE001 -- as above
                made_up = self._made_up_matters and not self.samples
                raise session.problem_of(error, self.name, running=True, made_up=made_up, limit=self._limit) from None

        return guarded


def look(job: Job, tell: Tell) -> dict[str, Any]:
    """The first answers: do they come, are they usable, how many threads serve best, which part did the work."""
    import onnxruntime

    from advisor.benchmark import session

    seconds = float(job.step["seconds"])
    cores = usable_cores()
    opened = _Open(job, cores, tell)
    run = opened.runner(opened.feed(0))
    start = time.perf_counter_ns()
    first = run()
    first_ns = time.perf_counter_ns() - start
    kinds: list[str] = []
    share: dict[str, float] = {}
    work: tuple[int, int] | None = None
    # A model too slow to try twice surely gains from all cores.
    tried: dict[int, float] = {cores: first_ns / 1e6}
    if first_ns < _QUICK_NS:
        kinds = oddities(first, run(), opened.others())
        tell("threads", "Finding the best number of threads")
        tried = {cores: timed(run, time.perf_counter_ns, seconds, seconds / 2).median_ms}
        if cores > 1:
            del opened.session
            gc.collect()
            alone = session.runner(session.open_session(opened.path, 1), opened.feed(0))
            tried[1] = timed(alone, time.perf_counter_ns, seconds, seconds / 2).median_ms
        share = session.node_share(session.record(opened.path, opened.feed(0)))
        if job.step["count_work"]:
            work = traced_macs(session.record(opened.path, opened.feed(0), as_written=True))
    threads = cores if 1 not in tried or tried[cores] < _WORTH_IT * tried[1] else 1
    return {
        "first_ms": first_ns / 1e6,
        "oddities": kinds,
        "threads": threads,
        "typical_ms": tried[threads],
        "onnxruntime": onnxruntime.__version__,
        "providers": session.providers(),
        "node_share": share,
        "work": work,
        "peak_memory_mb": peak_memory_mb(),
    }


def oddities(first: list[Any], again: list[Any], others: list[list[Any]] | None) -> list[str]:
    """What is odd about a model's answers: `nan`, `empty`, `random`, `constant`. Arguments: answers to the same
    input twice, and to other inputs (`None` if the model takes none)."""
    import numpy as np

    def tables(answer: list[Any]) -> list[Any]:
        return [a for a in answer if isinstance(a, np.ndarray)]

    def same(a: list[Any], b: list[Any]) -> bool:
        return all(
            x.shape == y.shape and (np.allclose(x, y, rtol=1e-3, atol=1e-6, equal_nan=True) if x.dtype.kind == "f" else (x == y).all())
            for x, y in zip(tables(a), tables(b), strict=True)
        )

    found: list[str] = []
    numbers = tables(first)
    if not numbers:
        return found
    # A few infinite values may be meant (a mask); an answer of nothing else is not.
    if any(a.dtype.kind == "f" and a.size and (np.isnan(a).any() or np.isinf(a).all()) for a in numbers):
        found.append("nan")
    if all(a.size == 0 for a in numbers):
        found.append("empty")
    elif not same(first, again):
        found.append("random")
    elif others and "nan" not in found and all(len(o) == len(first) and _identical(tables(first), tables(o)) for o in others):
        found.append("constant")
    return found


def _identical(a: list[Any], b: list[Any]) -> bool:
    # Only real numbers tell: a class label may well be the same for three inputs.
    floats = [(x, y) for x, y in zip(a, b, strict=True) if x.dtype.kind == "f"]
    return bool(floats) and all(x.shape == y.shape and (x == y).all() for x, y in floats)


def round_(job: Job, tell: Tell) -> dict[str, Any]:
    """One round: open, first answer (together the cold start), warm up, sample; what others did meanwhile."""
    seconds, slow = float(job.step["seconds"]), bool(job.step["slow"])
    opened = _Open(job, int(job.step["threads"]), tell)
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
    opened = _Open(job, usable_cores(), tell)
    sizes = _BATCHES if any(i.batch_axes for i in opened.inputs) and not opened.samples else (1,)
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
    opened = _Open(job, 1, tell)
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
        feed = {"x": np.random.default_rng(_SEED).random(graph.shape, dtype=np.float32)}
        run = session.runner(session.open_session(graph.onnx, threads), feed)
        best = min(median(timed(run, time.perf_counter_ns, seconds / 3, seconds / 6 if i == 0 else 0.0).samples_ns) for i in range(3))
        rungs.append({"id": graph.id, "latency_ms": round(best / 1e6, 6), "gmacs": graph.gmacs})
        if graph.gigabytes is not None:
            achieved[f"{graph.id}.gb_per_s"] = round(graph.gigabytes / (best / 1e9), 3)
        elif graph.id != "tiny":
            # One multiply-add is two operations.
            achieved[f"{graph.id}.gflops"] = round(2 * graph.gmacs / (best / 1e9), 3)
    return {"ladder": rungs, "achieved": achieved, "threads": threads}


STEPS: Final[dict[str, Callable[[Job, Tell], dict[str, Any]]]] = {
    "inspect": inspect,
    "look": look,
    "round": round_,
    "batches": batches,
    "streams": streams,
    "ladder": ladder,
}
