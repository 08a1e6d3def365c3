"""Starts the steps of a job, each in a fresh process, within the limits, and tells how far we are."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from advisor.benchmark import machine, refusals
from advisor.benchmark.client import run_process
from advisor.benchmark.protocol import Progress
from advisor.problems import AdvisorError, ExitCode

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from advisor.benchmark.protocol import Event, Job
    from advisor.problems import Problem

    Tell = Callable[[Event], object]

_LOOK_S: Final = 0.5


class Conductor:
    """One job. It never opens the model itself, so whatever a model does, it lives on to tell of it."""

    def __init__(self, job: Job, tell: Tell) -> None:
        self.job, self.tell = job, tell
        self.path = Path(job.path)
        self.name = self.path.name
        self.start = time.monotonic()
        self.share = 0.0
        # The part of the whole job that the shares told to `progress` are of.
        self.part = (0.0, 1.0)
        self.is_heavy = False
        size = self.path.stat().st_size + _size_of_parts(self.path)
        memory = job.limits.memory_bytes or machine.memory_allowance(size)
        self.limits = replace(job.limits, memory_bytes=memory)

    def elapsed(self) -> float:
        """Seconds since the job began."""
        return time.monotonic() - self.start

    def progress(self, share: float, text: str, stage: str) -> None:
        """Tells how far we are in the present part of the job; never goes back."""
        start, end = self.part
        self.share = max(self.share, start + min(share, 1.0) * (end - start))
        self.tell(Progress(stage, self.share, text))

    def step(self, step: str, time_s: float, **settings: Any) -> Mapping[str, Any]:
        """The values of one step made in a fresh process."""
        left = self.limits.total_s - self.elapsed()
        if left <= 0:
            raise AdvisorError(refusals.too_slow(self.name, self.limits.total_s, "was not done"), ExitCode.STOPPED)
        allowed = min(time_s, left)
        job = replace(self.job, kind="step", limits=replace(self.limits, total_s=allowed), step={"name": step, **settings})

        def heard(event: Event) -> None:
            if isinstance(event, Progress):
                self.tell(Progress(event.stage, self.share, event.text))

        def late(stage: str) -> Problem:
            # A file that never ends opening has caught the program that reads it, unless it is known to hold much
            # work: onnxruntime does some of it beforehand. Once it is read, working out its sizes only takes long.
            if stage in ("load", "read") and not self.is_heavy:
                return refusals.contained(self.name, f"get stuck while opening it; we ended it after {allowed:.0f} seconds")
            return refusals.too_slow(self.name, allowed)

        return run_process(job, heard, None, time_s=allowed, memory_bytes=self.limits.memory_bytes, late=late)


def _size_of_parts(path: Path) -> float:
    """Bytes of the plain files beside the model that may hold its weights (named after it)."""
    try:
        beside = [p for p in path.parent.iterdir() if p.name.startswith(path.stem[:100]) and p != path and p.is_file()]
        return float(sum(p.stat().st_size for p in beside if not p.is_symlink()))
    except OSError:
        return 0.0


def busy_now() -> float:
    """Share of all cores in use over half a second, while this process waits."""
    cores = machine.logical_cores()
    wall, busy, own = time.monotonic(), machine.busy_seconds(), machine.own_seconds()
    time.sleep(_LOOK_S)
    wall, busy, own = time.monotonic() - wall, machine.busy_seconds() - busy, machine.own_seconds() - own
    return min(max((busy - own) / (wall * cores), 0.0), 1.0)
