"""Conducts a measurement: starts each step in a fresh process, keeps to the time, puts the values together.

This process never opens the model itself, so whatever a model does, it lives on to tell of it.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any, Final

from advisor import model_profile
from advisor.benchmark import machine, refusals
from advisor.benchmark.client import run_process
from advisor.benchmark.containment import check_file
from advisor.benchmark.protocol import Event, Job, Progress, Warned
from advisor.benchmark.rounds import BUSY_CORES, counted, has_slept, is_one_more_worth_it
from advisor.measurement import (
    ODDITIES,
    ROUNDS_GOOD,
    Conditions,
    Measurement,
    ModelFacts,
    Round,
    Run,
    Rung,
    Software,
    run_of,
    spread,
    trust_of,
    warned,
)
from advisor.measurement import Warned as Warning_
from advisor.problems import AdvisorError, ExitCode, Problem

if TYPE_CHECKING:
    from advisor.model_profile import ModelProfile

Tell = Callable[[Event], object]

BUSY: Final = 0.15
_LOOK_S: Final = 0.5
_START_S: Final = 0.8  # a fresh process with its libraries loaded, roughly
_SLOW_START_S: Final = 15.0
_TOO_QUICK_MS: Final = 0.05
_HEAVY_GMACS: Final = 1000.0
_HEAVY_NODES: Final = 20_000
_FULL_ROUNDS: Final = 6
_BATCH_LIKE: Final = re.compile(r"batch|^(n|b|bs|unk.*)$|\[0\]$|^p2o", re.IGNORECASE)
_SAVING: Final = frozenset({"powersave", "conservative"})
PRECISIONS: Final = ("as-is",)


class _Conductor:
    def __init__(self, job: Job, tell: Tell) -> None:
        self.job, self.tell = job, tell
        self.path = Path(job.path)
        self.name = self.path.name
        self.start = time.monotonic()
        self.share = 0.0
        self.is_heavy = False
        size = self.path.stat().st_size + _size_of_parts(self.path)
        memory = job.limits.memory_bytes or machine.memory_allowance(size)
        self.limits = replace(job.limits, memory_bytes=memory)

    def elapsed(self) -> float:
        """Seconds since the job began."""
        return time.monotonic() - self.start

    def progress(self, share: float, text: str, stage: str) -> None:
        """Tells how far we are; never goes back."""
        self.share = max(self.share, min(share, 1.0))
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
                self.progress(self.share, event.text, event.stage)

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


def profile(job: Job, tell: Tell) -> ModelProfile:
    """The facts of a model file.

    Raises:
        AdvisorError: what stands in the way.
    """
    check_file(Path(job.path))
    conductor = _Conductor(job, tell)
    conductor.progress(0.1, "Reading the model", "read")
    found = conductor.step("inspect", job.limits.answer_s, must_settle=False)
    return model_profile.from_json(found["profile"])


def measure(job: Job, tell: Tell) -> Measurement:
    """The measurement of a model on this computer.

    Raises:
        AdvisorError: what stands in the way.
    """
    if job.precision not in PRECISIONS:
        raise AdvisorError(
            Problem(
                "BAD_FIELD",
                "precision",
                f"We cannot make {refusals.shown(job.precision, 20)} copies of a model yet.",
                "",
                "Use --precision as-is.",
            )
        )
    if not 1 <= job.seconds <= 3600:
        raise AdvisorError(Problem("BAD_FIELD", "seconds", f"The time is {job.seconds:g} seconds.", "", "Give 1 to 3600."))
    path = Path(job.path)
    check_file(path)
    c = _Conductor(job, tell)
    c.progress(0.02, "Reading the model", "read")
    found = c.step("inspect", c.limits.answer_s)
    profile_found = model_profile.from_json(found["profile"])
    c.is_heavy = (profile_found.gmacs or 0) > _HEAVY_GMACS or sum(profile_found.operators.values()) > _HEAVY_NODES
    c.progress(0.06, "Looking at what else the computer is doing", "busy")
    busy_before = _busy_now()
    plan = _Plan(job.seconds)
    settings = {"inputs": found["inputs"]}
    c.progress(0.08, "Trying the model", "load")
    seen = c.step("look", c.limits.answer_s + 8 * plan.look_s, seconds=plan.look_s, count_work=profile_found.gmacs is None, **settings)
    if profile_found.gmacs is None and seen["work"] is not None:
        profile_found = replace(profile_found, gmacs=seen["work"][0] / 1e9, activations_millions=seen["work"][1] / 1e6)
    return _Timing(c, plan, found, seen, profile_found, busy_before, settings).measurement()


class _Plan:
    """How the seconds are spent. At the usual 30: six rounds of 1.2 s, then batches, several askers and the ladder."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.rounds = _FULL_ROUNDS if seconds >= 15 else 4 if seconds >= 8 else 3
        self.round_s = min(max(seconds * 0.04, 0.1), 5.0)
        self.look_s = min(max(seconds * 0.01, 0.05), 1.0)
        self.extra_s = min(max(seconds * 0.012, 0.05), 2.0)
        self.ladder_s = min(max(seconds * 0.008, 0.03), 1.0)


class _Timing:
    """The timed part of a measurement."""

    def __init__(
        self,
        c: _Conductor,
        plan: _Plan,
        found: Mapping[str, Any],
        seen: Mapping[str, Any],
        facts: ModelProfile,
        busy_before: float,
        settings: Mapping[str, Any],
    ) -> None:
        self.c, self.plan, self.found, self.seen, self.facts = c, plan, found, seen, facts
        self.busy_before, self.settings = busy_before, settings
        self.threads = int(seen["threads"])
        self.peaks: list[float] = [seen["peak_memory_mb"]] if seen["peak_memory_mb"] else []
        self.left_out: list[str] = []
        self.repeated, self.slept = 0, False

    def measurement(self) -> Measurement:
        """All steps, then the value."""
        rounds = self._rounds()
        runs = [
            run_of("single-stream", [n / 1e6 for r in rounds for n in r["samples_ns"]], threads=self.threads),
            run_of("cold-start", [r["cold_ms"] for r in rounds], threads=self.threads),
        ]
        runs += self._extra_runs()
        rungs, achieved = self._ladder()
        kept = tuple(Round(median(r["samples_ns"]) / 1e6, len(r["samples_ns"])) for r in rounds)
        medians = [r.median_ms for r in kept]
        during = [r["busy_others"] for r in rounds if r["busy_others"] is not None]
        hot = [r["throttled"] for r in rounds if r["throttled"] is not None]
        here = machine.describe()
        conditions = Conditions(
            busy_before=round(self.busy_before, 4),
            busy_during=round(sum(during) / len(during), 4) if during else None,
            throttled=any(hot) if hot else None,
            on_battery=None if here.power_source is None else here.power_source == "battery",
            governor=machine.governor(),
        )
        warnings = self._warnings(kept, runs[0], conditions, here.logical_cores, 2 * sum(not r["steady"] for r in rounds) <= len(rounds))
        for w in warnings:
            self.c.tell(Warned(w.code, w.text, w.advice))
        return Measurement(
            model=ModelFacts(
                sha256=self.facts.sha256,
                name=self.facts.name,
                opset=self.facts.opset,
                inputs=tuple(
                    {
                        "name": i["name"],
                        "dtype": i["dtype"],
                        "shape": i["shape"],
                        "values": "sample" if self.found["from_sample"] else "made-up",
                    }
                    for i in self.found["inputs"]
                ),
                params_millions=self.facts.params_millions,
                gmacs=self.facts.gmacs,
                activations_millions=self.facts.activations_millions,
            ),
            machine=here,
            software=Software(self.seen["onnxruntime"], tuple(self.seen["providers"]), dict(self.seen["node_share"])),
            runs=tuple(runs),
            peak_memory_mb=round(max(self.peaks), 1) if self.peaks else None,
            agreement={},
            ladder=rungs,
            rounds=kept,
            best_round_ms=min(medians),
            range_ms=(min(medians), max(medians)),
            conditions=conditions,
            trust=trust_of(kept, warnings),
            warnings=tuple(warnings),
            seconds_used=round(self.c.elapsed(), 2),
            measured_on=datetime.now(UTC).date().isoformat(),
            achieved=achieved,
        )

    def _rounds(self) -> list[Mapping[str, Any]]:
        first_s = float(self.seen["first_ms"]) / 1000
        slow = first_s > self.plan.round_s
        one_s = _START_S + (2 * first_s if slow else first_s + 1.5 * self.plan.round_s)
        left = max(self.plan.seconds - self.c.elapsed(), 0.0)
        count = max(1, min(self.plan.rounds, int(left / one_s))) if slow else self.plan.rounds
        rounds: list[Mapping[str, Any]] = []
        cores, again = machine.logical_cores(), False
        while len(rounds) < count or again:
            number = len(rounds)
            words = f"Timing it: round {number + 1} of {count}" if number < count else "Timing it again, as the computer was busy"
            self.c.progress(0.15 + 0.55 * min(number / count, 1.0), words, "rounds")
            limit = _SLOW_START_S + 6 * one_s
            settings = {"seconds": self.plan.round_s, "threads": self.threads, "number": number, "slow": slow, **self.settings}
            try:
                rounds.append(self.c.step("round", limit, **settings))
            except AdvisorError as error:
                if not rounds or error.problems[0].code != "TOO_SLOW":
                    raise
                # The time is up: what was measured stands.
                break
            if rounds[-1]["peak_memory_mb"]:
                self.peaks.append(rounds[-1]["peak_memory_mb"])
            if len(rounds) >= 3 and self.c.elapsed() > self.plan.seconds:
                break
            again = is_one_more_worth_it(rounds, count, cores, self.c.elapsed(), one_s, self.plan.seconds)
        kept = counted(rounds, count, cores)
        self.repeated = len(rounds) - len(kept)
        self.slept = has_slept(kept)
        return kept

    def _has_time(self, needed_s: float, what: str) -> bool:
        if self.c.elapsed() + needed_s <= max(self.plan.seconds * 1.15, 8.0):
            return True
        self.left_out.append(what)
        return False

    def _extra_runs(self) -> list[Run]:
        """Many at once, and several askers. What fails here is left out with a word: the main result stands."""
        runs: list[Run] = []
        typical_s = float(self.seen["typical_ms"]) / 1000
        wait = _SLOW_START_S + 20 * self.plan.extra_s + 60 * typical_s
        if self._has_time(_START_S + 5 * self.plan.extra_s + 4 * typical_s, "many inputs at once"):
            self.c.progress(0.72, "Timing many inputs at once", "offline")
            try:
                done = self.c.step("batches", wait, seconds=self.plan.extra_s, **self.settings)
                runs += [
                    run_of("offline", [n / 1e6 for n in r["samples_ns"]], threads=int(done["threads"]), batch=int(r["batch"]))
                    for r in done["runs"]
                ]
            except AdvisorError:
                self.left_out.append("many inputs at once")
        if machine.usable_cores() > 1 and self._has_time(_START_S + 2 * self.plan.extra_s + 4 * typical_s, "several askers at once"):
            self.c.progress(0.82, "Timing several askers at the same moment", "streams")
            try:
                done = self.c.step("streams", wait, seconds=self.plan.extra_s, **self.settings)
                samples = [n / 1e6 for n in done["samples_ns"]]
                runs.append(run_of("multi-stream", samples, threads=1, concurrency=int(done["concurrency"])))
            except AdvisorError:
                self.left_out.append("several askers at once")
        return runs

    def _ladder(self) -> tuple[tuple[Rung, ...], Mapping[str, float]]:
        if not self._has_time(_START_S + 10 * self.plan.ladder_s, "the known examples"):
            return (), {}
        self.c.progress(0.88, "Timing eight known examples", "ladder")
        try:
            done = self.c.step("ladder", _SLOW_START_S + 60 * self.plan.ladder_s, seconds=self.plan.ladder_s)
        except AdvisorError:
            self.left_out.append("the known examples")
            return (), {}
        return tuple(Rung(r["id"], r["latency_ms"], r["gmacs"]) for r in done["ladder"]), done["achieved"]

    def _warnings(self, rounds: tuple[Round, ...], run: Run, conditions: Conditions, cores: int, steady: bool) -> list[Warning_]:
        out = [warned("RAN_WITH_WARNING", kind, what=ODDITIES[kind][0], advice=ODDITIES[kind][1]) for kind in self.seen["oddities"]]
        if self.busy_before > BUSY:
            out.append(warned("BUSY_BEFORE", share=f"{self.busy_before:.0%}"))
        if conditions.busy_during is not None and conditions.busy_during * cores > BUSY_CORES:
            out.append(warned("BUSY_DURING", share=f"{conditions.busy_during:.0%}"))
        if self.repeated:
            out.append(warned("REPEATED", count=self.repeated))
        if self.slept:
            out.append(warned("SLEPT"))
        if len(rounds) < 3:
            out.append(warned("FEW_ROUNDS", count=len(rounds)))
        elif spread(rounds) > ROUNDS_GOOD:
            out.append(warned("ROUNDS_DISAGREE", share=f"{spread(rounds):.0%}"))
        if not steady:
            out.append(warned("NOT_STEADY"))
        if run.p95_ms is None:
            out.append(warned("FEW_SAMPLES", count=run.count))
        if run.median_ms < _TOO_QUICK_MS:
            out.append(warned("TOO_QUICK"))
        if conditions.on_battery:
            out.append(warned("ON_BATTERY"))
        if conditions.governor in _SAVING:
            out.append(warned("POWER_SAVING"))
        if conditions.throttled:
            out.append(warned("THROTTLED"))
        share, best = self.seen["node_share"], self.seen["providers"][0]
        if best != "CPUExecutionProvider" and share.get("CPUExecutionProvider", 0.0) > 0.1:
            out.append(warned("FELL_BACK", part=best.removesuffix("ExecutionProvider")))
        taken = self._sizes_taken()
        if taken:
            out.append(warned("SIZE_TAKEN", names=", ".join(refusals.shown(t, 40) for t in taken)))
        if self.left_out:
            out.append(warned("STEP_LEFT_OUT", what=" and ".join(dict.fromkeys(self.left_out))))
        return out

    def _sizes_taken(self) -> list[str]:
        """Free sizes that we set to 1 though their name does not say that they count inputs."""
        if self.found["from_sample"]:
            return []
        names = [self.found["free_names"][i["name"]][str(axis)] for i in self.found["inputs"] for axis in i["batch_axes"]]
        return [n for n in dict.fromkeys(names) if n not in self.c.job.sizes and not _BATCH_LIKE.search(n)]


def _busy_now() -> float:
    """Share of all cores in use over half a second, while this process waits."""
    cores = machine.logical_cores()
    wall, busy, own = time.monotonic(), machine.busy_seconds(), machine.own_seconds()
    time.sleep(_LOOK_S)
    wall, busy, own = time.monotonic() - wall, machine.busy_seconds() - busy, machine.own_seconds() - own
    return min(max((busy - own) / (wall * cores), 0.0), 1.0)
