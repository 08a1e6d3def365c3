"""The first two steps: read the file and settle its inputs, then try it: do answers come, and how are they best had?"""

from __future__ import annotations

import gc
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from advisor.benchmark import refusals
from advisor.benchmark.arithmetic import traced_macs
from advisor.benchmark.inputs import Input, plan
from advisor.benchmark.machine import peak_memory_mb, usable_cores
from advisor.benchmark.made_up import bytes_of
from advisor.benchmark.opened import Opened
from advisor.benchmark.samples import SampleFiles
from advisor.benchmark.sizes import port_type, shapes_in
from advisor.benchmark.timing import timed
from advisor.model_profile import Port
from advisor.problems import AdvisorError

if TYPE_CHECKING:
    from onnx import ModelProto

    from advisor.benchmark.opened import Tell
    from advisor.benchmark.protocol import Job

# More threads must be clearly faster to be chosen: they share the machine less well and swing more.
_WORTH_IT: Final = 0.95
_QUICK_NS: Final = 2_000_000_000


def inspect(job: Job, tell: Tell) -> dict[str, Any]:
    """The profile and, for a measurement, the settled inputs; nothing is run.

    A profile with free sizes left open gives `gmacs` of `None`; a measurement asks for them.
    """
    from advisor.benchmark import graph

    path = Path(job.path)
    memory = job.limits.memory_bytes or 2**40
    tell("read", "Reading the model")
    model = graph.read(path, memory)
    ports = ports_of(model)
    tell("understand", "Working out its size")
    only = tuple(p for p, _ in ports)
    files = SampleFiles(Path(job.inputs), only) if job.inputs is not None else None
    first = files.feed(0) if files is not None else {}
    shapes_fed = {k: tuple(v.shape) if hasattr(v, "shape") else (len(v),) for k, v in first.items()}
    learned = files.sizes() if files is not None else {}
    inputs: tuple[Input, ...] | None
    try:
        inputs = plan(path.name, model, ports, {**learned, **job.sizes}, shapes_fed)
    except AdvisorError as error:
        if job.step.get("must_settle", True) or error.problems[0].code != "NEEDS_SAMPLE":
            raise
        inputs = None
    shapes = None if inputs is None else {i.name: i.shape for i in inputs}
    if inputs is not None and job.step.get("must_settle", True):
        check_memory(path.name, model, inputs, memory)
    facts = graph.profile(model, path, shapes)
    return {
        "profile": facts.to_json(),
        "inputs": None if inputs is None else [i.to_json() for i in inputs],
        "free_names": {p.name: {i: d for i, d in enumerate(p.shape) if isinstance(d, str)} for p in only},
        "from_sample": files is not None,
        "fed": sorted(first),
        "learned": learned,
        "samples": 0 if files is None else len(files),
    }


def ports_of(model: ModelProto) -> tuple[tuple[Port, bool], ...]:
    """The inputs that have to be fed, and of each whether the number of its sizes is known."""
    from advisor.benchmark import graph

    weights = {t.name for t in model.graph.initializer}
    out = []
    for value in model.graph.input:
        if value.name in weights:
            continue
        kind, dims = port_type(value.type)
        out.append((Port(value.name, kind, graph.dims_named(value.name, dims or ())), dims is not None))
    return tuple(out)


def check_memory(name: str, model: ModelProto, inputs: tuple[Input, ...], memory: int) -> None:
    """Refuses before anything is allocated what cannot fit: the inputs, or one result between two steps."""
    from math import prod

    needed = bytes_of(inputs)
    if needed > memory:
        raise AdvisorError(refusals.too_big(name, f"needs {refusals.gigabytes(needed)} of memory for its input alone", memory))
    weights = {t.name for t in model.graph.initializer}
    shapes = shapes_in(model, {i.name: i.shape for i in inputs})
    largest = max((prod(s) for n, s in shapes.items() if n not in weights), default=0)
    # One byte is the smallest element there is, so this refuses only what cannot fit in any precision.
    if largest > memory:
        raise AdvisorError(refusals.too_big(name, f"makes a result of at least {refusals.gigabytes(largest)} inside", memory))


def look(job: Job, tell: Tell) -> dict[str, Any]:
    """The first answers: do they come, are they usable, how many threads serve best, which part did the work."""
    import onnxruntime

    from advisor.benchmark import session

    seconds = float(job.step["seconds"])
    cores = usable_cores()
    opened = Opened(job, cores, tell)
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
        del opened.session
        for fewer in thread_counts(cores)[:-1]:
            gc.collect()
            alone = session.runner(session.open_session(opened.path, fewer), opened.feed(0))
            tried[fewer] = timed(alone, time.perf_counter_ns, seconds, seconds / 2).median_ms
        share = session.node_share(session.record(opened.path, opened.feed(0)))
        if job.step["count_work"]:
            work = traced_macs(session.record(opened.path, opened.feed(0), as_written=True))
    threads = min((n for n in tried if tried[n] <= min(tried.values()) / _WORTH_IT), default=cores)
    return {
        "first_ms": first_ns / 1e6,
        "oddities": kinds,
        "threads": threads,
        "threads_tried": {str(n): tried[n] for n in sorted(tried)},
        "typical_ms": tried[threads],
        "onnxruntime": onnxruntime.__version__,
        "providers": session.providers(),
        "node_share": share,
        "work": work,
        "peak_memory_mb": peak_memory_mb(),
    }


def thread_counts(cores: int) -> tuple[int, ...]:
    """The thread counts to try: one, doubled up to all cores, all cores last."""
    counts = [1]
    while 2 * counts[-1] < cores:
        counts.append(2 * counts[-1])
    return tuple(dict.fromkeys([*counts, cores]))


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
