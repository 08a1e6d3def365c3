"""The steps that a slimmer copy takes, each in a fresh process: make it, then compare its answers with the model's own."""

from __future__ import annotations

import time
from dataclasses import asdict
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from advisor.benchmark.agreement import Tally
from advisor.benchmark.inputs import input_from_json
from advisor.benchmark.machine import peak_memory_mb, usable_cores
from advisor.benchmark.made_up import made_up
from advisor.benchmark.opened import SEED, Opened
from advisor.benchmark.samples import SampleFiles
from advisor.benchmark.shrinking import make, plain_reason
from advisor.benchmark.timing import one, timed

if TYPE_CHECKING:
    from advisor.benchmark.made_up import Feed
    from advisor.benchmark.opened import Tell
    from advisor.benchmark.protocol import Job

# Samples are either set up with or compared on, never both: a copy fits best what it was set up with.
MOST_SET_UP: Final = 32
FEWEST_SAMPLES: Final = 6
_MOST_COMPARED: Final = 1000
_MOST_MADE_UP: Final = 100
_TURNS: Final = 5
_FOR_SAMPLES: Final = 4


def shrink(job: Job, tell: Tell) -> dict[str, Any]:
    """A copy in the folder that `step` names: its file and size, or why there is none."""
    tell("copy", "Making a slimmer copy")
    feeds: list[Feed] = []
    if job.step["copy"] == "static":
        files = SampleFiles.of(job)
        inputs = tuple(input_from_json(i) for i in job.step["inputs"])
        feeds = [{**made_up(inputs, SEED + i), **files.feed(i)} for i in range(_set_up_with(len(files)))]
    try:
        made, size = make(Path(job.path), Path(job.step["folder"]), job.step["copy"], feeds, job.limits.memory_bytes or 2**40)
    except Exception as error:  # noqa: BLE001 -- the tools' errors have no common base; the model's own measurement stands
        return {"left_out": plain_reason(error), "detail": f"{type(error).__name__}: {error}"[:300]}
    return {"left_out": "", "path": str(made), "bytes": size}


def _set_up_with(samples: int) -> int:
    """How many of the samples set the copy up; the others are compared on."""
    return min(samples // 3, MOST_SET_UP)


def compare(job: Job, tell: Tell) -> dict[str, Any]:
    """How often the copy gives the same answer: on the owner's samples, or on made-up inputs where there are none."""
    seconds = float(job.step["seconds"])
    own = Opened(job, usable_cores(), tell)
    copy = Opened(job, usable_cores(), tell, model=Path(job.step["copy_file"]))
    tell("compare", "Comparing the answers of the copy")
    files = SampleFiles.of(job) if job.inputs is not None else None
    skip = _set_up_with(len(files)) if files is not None and job.step["copy"] == "static" else 0
    most = min(len(files) - skip, _MOST_COMPARED) if files is not None else _MOST_MADE_UP
    tally = Tally([o.name for o in own.session.get_outputs()])
    # The owner's samples decide, so they get more time: fewer than 73 alike can never suffice.
    end = time.monotonic() + (_FOR_SAMPLES if files is not None else 1) * seconds
    for i in count():
        if i >= most or (i and time.monotonic() > end):
            break
        feed = own.feed(i) if files is None else own.whole(files.feed(skip + i), i)
        tally.add(own.runner(feed)(), copy.runner(feed)(), _rows(own, feed) if files is not None else 1)
    found = tally.result("sample" if files is not None else "made-up")
    return {"agreement": None if found is None else asdict(found), "peak_memory_mb": peak_memory_mb()}


def pair(job: Job, tell: Tell) -> dict[str, Any]:
    """The copy and the model itself timed by turns in one process: what the computer does besides then hits both alike."""
    seconds, threads, number = float(job.step["seconds"]), int(job.step["threads"]), int(job.step["number"])
    own = Opened(job, threads, tell)
    copy = Opened(job, threads, tell, model=Path(job.step["copy_file"]))
    tell("copy-rounds", "Timing the slimmer copy")
    feed = own.feed(number)
    runs = {"beside": own.runner(feed), "samples": copy.runner(feed)}
    first_ns = {name: one(run, time.perf_counter_ns) for name, run in runs.items()}
    for run in runs.values():
        timed(run, time.perf_counter_ns, 0.0, seconds / 4, 0)
    found: dict[str, list[int]] = {name: [] for name in runs}
    for _ in range(_TURNS):
        for name, run in runs.items():
            found[name] += timed(run, time.perf_counter_ns, seconds / _TURNS / 2, 0.0, 1).samples_ns
    return {
        "samples_ns": found["samples"],
        "beside_ns": found["beside"],
        "cold_ms": (copy.load_ns + first_ns["samples"]) / 1e6,
    }


def _rows(opened: Opened, feed: Feed) -> int:
    """How many inputs lie together in a sample: the size of the axis that counts them, where all inputs agree on it."""
    sizes = {feed[i.name].shape[0] for i in opened.inputs if 0 in i.batch_axes and hasattr(feed.get(i.name), "shape")}
    return int(sizes.pop()) if len(sizes) == 1 else 1
