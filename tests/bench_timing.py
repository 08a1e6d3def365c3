"""How true the timing is: real models against a plain loop over onnxruntime, in turn, each time both in fresh processes.

Each round is made by the very step that a measurement makes its rounds with. A repeat is as many rounds of ours as a measurement
has, with rounds of the plain loop between them, on one thread or on all; both are fed the same values. Only repeats in which the
computer was left to us count; under twenty of them no figure is told. Every line says what the goal is.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

from advisor.benchmark import client, machine
from advisor.benchmark.protocol import Job, Limits
from advisor.benchmark.rounds import is_quiet
from advisor.benchmark.sample import sample_model
from advisor.measurement import percentile
from advisor.problems import AdvisorError
from tests.real_models import RealModel, natural_input, real_models

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Round = dict[str, Any]

ROUNDS: Final = 6
# The range of six rounds can only be judged by a surer figure: with as many rounds of the plain loop, two honest ones would miss each
# other in one case of eight by chance alone (12 rounds that are all alike, 6 of them ours).
PLAIN_BEFORE_OURS: Final = 2
MODELS: Final = 12
NEEDED: Final = 20
# Slower ones take too long for what they add, faster ones are told as "under a twentieth of a millisecond".
_SLOWEST_MS, _QUICKEST_MS = 60.0, 0.05
_HALF_MS: Final = 0.5
# Both looks beside a round must find less than this in use, in cores, for the computer to count as truly quiet.
_TRULY_QUIET: Final = 0.05
_LOOK_S: Final = 0.4
_ENV: Final = {**os.environ, "ORT_DISABLE_TELEMETRY": "1"}
_PLAIN_LOOP: Final = """
import json, sys, time, numpy, onnxruntime, psutil
path, threads, seconds, values = sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), sys.argv[4]
options = onnxruntime.SessionOptions()
options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
options.add_session_config_entry("session.intra_op.allow_spinning", "0")
session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
with numpy.load(values, allow_pickle=False) as kept:
    feed = {k: kept[k] for k in kept.files}
end = time.perf_counter() + seconds / 2
while time.perf_counter() < end:
    session.run(None, feed)
def others():
    t, own = psutil.cpu_times(), time.process_time()
    return t.user + t.nice + t.system + getattr(t, "irq", 0) + getattr(t, "softirq", 0) + getattr(t, "steal", 0) - own
times, before, start = [], others(), time.perf_counter()
while time.perf_counter() < start + seconds or len(times) < 3:
    at = time.perf_counter_ns()
    session.run(None, feed)
    times.append(time.perf_counter_ns() - at)
took = time.perf_counter() - start
print(json.dumps({"samples_ns": times, "busy_others": max(others() - before, 0) / took / psutil.cpu_count()}))
"""
_HALF_BUSY: Final = """
import time
while True:
    end = time.perf_counter() + 0.005
    while time.perf_counter() < end:
        pass
    time.sleep(0.005)
"""


@dataclass(frozen=True)
class Ready:
    """A model with its values on the disk and the settings of a round."""

    name: str
    path: Path
    values: Path
    inputs: list[dict[str, Any]]


@dataclass(frozen=True)
class Repeat:
    """Rounds of ours and of the plain loop, made in turn."""

    name: str
    threads: int
    ours: tuple[Round, ...]
    plain: tuple[Round, ...]

    @property
    def is_quiet(self) -> bool:
        """Whether the computer was left to us in every round."""
        return all(is_quiet(r, machine.logical_cores()) for r in (*self.ours, *self.plain))

    @property
    def others(self) -> float:
        """What others used in the busiest round, in cores."""
        return max(float(r["busy_others"] or 0.0) for r in (*self.ours, *self.plain)) * machine.logical_cores()

    @property
    def plain_ms(self) -> float:
        """The plain loop's median [ms]."""
        return median(_pooled(self.plain)) / 1e6

    @property
    def off(self) -> float:
        """How far our median is off the plain loop's, as a share of it."""
        return median(_pooled(self.ours)) / 1e6 / self.plain_ms - 1

    @property
    def p95_off(self) -> float | None:
        """The same of the 95th percentile; `None` with too few answers."""
        ours, plain = (percentile(_pooled(r), 0.95) for r in (self.ours, self.plain))
        return None if ours is None or plain is None else ours / plain - 1

    @property
    def is_covered(self) -> bool:
        """Whether the range that we state, from the lowest to the highest round, holds the plain loop's median."""
        rounds = [median(r["samples_ns"]) / 1e6 for r in self.ours]
        return min(rounds) <= self.plain_ms <= max(rounds)


def _pooled(rounds: Sequence[Round]) -> list[int]:
    return [n for r in rounds for n in r["samples_ns"]]


def timing(say: Callable[[str, str], None], *, repeats: int, round_s: float, looks: int) -> None:
    """Prints the figures.

    Args:
        repeats: of each model and number of threads.
        round_s: length of a round [s].
        looks: rounds with and without a planted load, each.
    """
    with TemporaryDirectory(prefix="edgewise-bench-") as folder:
        ready = _ready(Path(folder), round_s)
        say("models timed against a plain loop (goal: at least 10)", f"{len(ready)}: {', '.join(r.name for r in ready)}")
        made = []
        for number in range(repeats):
            for one in ready:
                for threads in sorted({1, machine.usable_cores()}):
                    made.append(_repeat(one, threads, round_s))
                    r = made[-1]
                    state = f"{'quiet' if r.is_quiet else 'disturbed'} (others {r.others:.2f} cores)"
                    p95 = "too few answers" if r.p95_off is None else f"{r.p95_off:+.1%}"
                    say(
                        f"  {number + 1}: {r.name}, threads {threads}",
                        f"{r.plain_ms:.3f} ms, ours {r.off:+.1%}, p95 {p95}, range {'holds' if r.is_covered else 'misses'} it; {state}",
                    )
        tell(say, made)
        if ready:
            _load(say, ready[0], looks, round_s)


def tell(say: Callable[[str, str], None], made: Sequence[Repeat]) -> None:
    """The figures over all quiet repeats, or that there were too few."""
    quiet = [r for r in made if r.is_quiet]
    say("repeats in which the computer was truly left to us", f"{len(quiet)} of {len(made)}")

    def share(name: str, goal: str, passed: Sequence[bool]) -> None:
        if len(passed) < NEEDED:
            say(f"{name} (goal: {goal})", f"not measurable here: {len(passed)} quiet repeats, {NEEDED} are needed")
        else:
            say(f"{name} (goal: {goal})", f"{sum(passed) / len(passed):.1%} of {len(passed)}")

    slow, fast = ([r for r in quiet if (r.plain_ms >= _HALF_MS) is big and r.plain_ms >= _QUICKEST_MS] for big in (True, False))
    share("median within 5 %, models from 0.5 ms", ">= 95 %", [abs(r.off) <= 0.05 for r in slow])
    share("median within 10 %, models of 0.05 to 0.5 ms", ">= 95 %", [abs(r.off) <= 0.10 for r in fast])
    share("p95 within 15 %", ">= 95 %", [abs(r.p95_off) <= 0.15 for r in quiet if r.p95_off is not None])
    # What is stated has to hold on a disturbed computer too.
    covered = [r.is_covered for r in made]
    share("stated range holds the plain loop's median, all repeats", ">= 90 %", covered)
    share("stated range holds the plain loop's median, quiet ones", ">= 90 %", [r.is_covered for r in quiet])


def _ready(folder: Path, round_s: float) -> list[Ready]:
    """A dozen of the models that suit, from quick to slow; the bundled example where no others are to be had."""
    found: list[tuple[float, Ready]] = []
    models: list[RealModel] = [m for m in real_models() if m.expected == "RUNS"]
    models = models or [RealModel("bundled example", sample_model(folder), {"photo": (1, 3, 224, 224)}, "RUNS", "")]
    for m in models:
        values = folder / f"{m.name}.npz"
        try:
            inputs = [i.to_json() for i in natural_input(m, values)]
            one = Ready(m.name, m.path, values, inputs)
            tried = median(_plain(one, 1, min(round_s, 0.1))["samples_ns"]) / 1e6
        except (AdvisorError, subprocess.CalledProcessError):
            # A model that the plain loop cannot run either says nothing of our timing.
            continue
        if _QUICKEST_MS <= tried <= _SLOWEST_MS:
            found.append((tried, one))
    found.sort(key=lambda x: (x[0], x[1].name))
    last = len(found) - 1
    return [found[i][1] for i in sorted({round(k * last / (MODELS - 1)) for k in range(MODELS)})] if found else []


def _repeat(one: Ready, threads: int, round_s: float) -> Repeat:
    plain, ours = [], []
    for number in range(ROUNDS):
        # Who comes first changes, so that neither always follows the other's warmth.
        for who in (0, 1) if number % 2 else (1, 0):
            if who:
                ours.append(_ours(one, threads, round_s, number))
            else:
                plain += [_plain(one, threads, round_s) for _ in range(PLAIN_BEFORE_OURS)]
    return Repeat(one.name, threads, tuple(ours), tuple(plain))


def _plain(one: Ready, threads: int, seconds: float) -> Round:
    command = [sys.executable, "-c", _PLAIN_LOOP, str(one.path), str(threads), str(seconds), str(one.values)]
    said = subprocess.run(command, check=True, capture_output=True, text=True, env=_ENV).stdout
    found: Round = json.loads(said)
    return found


def _ours(one: Ready, threads: int, seconds: float, number: int) -> Round:
    settings = {"name": "round", "seconds": seconds, "threads": threads, "number": number, "slow": False, "inputs": one.inputs}
    job = Job("step", str(one.path), inputs=str(one.values), limits=Limits(60.0, 20.0), step=settings)
    return dict(
        client.run_process(job, lambda _: None, None, time_s=60, memory_bytes=None, late=lambda _: client.problem_from_exit(one.name, 0))
    )


def _load(say: Callable[[str, str], None], one: Ready, looks: int, round_s: float) -> None:
    """How often half a busy core is noticed, and how often a truly quiet computer is called busy."""
    cores = machine.logical_cores()
    # A look shorter than this cannot tell half a core from the system's ticks.
    seconds = max(round_s, 0.5)
    noticed = []
    for number in range(looks):
        load = subprocess.Popen([sys.executable, "-c", _HALF_BUSY])
        try:
            noticed.append(not is_quiet(_ours(one, 1, seconds, number), cores))
        finally:
            load.kill()
            load.wait()
    say("half a busy core is noticed (goal: >= 95 %)", f"{sum(noticed) / max(len(noticed), 1):.1%} of {len(noticed)}")
    flagged, truly = [], 0
    for number in range(looks):
        before = _others()
        told = is_quiet(_ours(one, 1, seconds, number), cores)
        if max(before, _others()) <= _TRULY_QUIET:
            truly += 1
            flagged.append(not told)
    say("rounds with a truly quiet computer before and after", f"{truly} of {looks}")
    name = "a quiet computer is called busy (goal: <= 5 %)"
    if truly < NEEDED:
        say(name, f"not measurable here: {truly} truly quiet rounds, {NEEDED} are needed")
    else:
        say(name, f"{sum(flagged) / truly:.1%} of {truly}")


def _others() -> float:
    """What is in use while we wait, in cores."""
    wall, busy, own = time.monotonic(), machine.busy_seconds(), time.process_time()
    time.sleep(_LOOK_S)
    return max(machine.busy_seconds() - busy - (time.process_time() - own), 0.0) / (time.monotonic() - wall)
