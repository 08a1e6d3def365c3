"""The timed part of a measurement: rounds in fresh processes, further scenarios where time allows, one value at the end."""

from __future__ import annotations

from datetime import UTC, datetime
from statistics import median
from typing import TYPE_CHECKING, Any

from advisor.benchmark import copies, machine
from advisor.benchmark.further import Further
from advisor.benchmark.judging import warnings_of
from advisor.benchmark.planning import SLOW_START_S, START_S
from advisor.benchmark.protocol import Warned
from advisor.benchmark.rounds import counted, has_slept, is_one_more_worth_it
from advisor.measurement import Conditions, Measurement, ModelFacts, Round, Software, best_round, run_of, trust_of
from advisor.problems import AdvisorError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from advisor.benchmark.conductor import Conductor
    from advisor.benchmark.planning import Plan
    from advisor.model_profile import ModelProfile


class WholeRun:
    """The timed part of a measurement."""

    def __init__(
        self,
        c: Conductor,
        plan: Plan,
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
        self.repeated, self.slept = 0, False

    def measurement(self) -> Measurement:
        """All steps, then the value."""
        rounds = self._rounds()
        runs = [
            run_of("single-stream", [n / 1e6 for r in rounds for n in r["samples_ns"]], threads=self.threads),
            run_of("cold-start", [r["cold_ms"] for r in rounds], threads=self.threads),
        ]
        further = Further(self.c, self.plan, self.found, self.seen, self.settings)
        runs += further.runs()
        slimmer = self._copies()
        kept = tuple(Round(median(r["samples_ns"]) / 1e6, len(r["samples_ns"]), r["steady"]) for r in rounds)
        medians = [r.median_ms for r in kept]
        here = machine.describe()
        conditions = self._conditions(rounds, further.is_hot, here.power_source)
        warnings = warnings_of(
            self.c.job,
            self.found,
            self.seen,
            kept,
            runs,
            conditions,
            cores=here.logical_cores,
            steady=2 * sum(not r.steady for r in kept) <= len(kept),
            left_out=further.left_out,
            not_copied=slimmer.copies,
            repeated=self.repeated,
            slept=self.slept,
        )
        for w in warnings:
            self.c.tell(Warned(w.code, w.text, w.advice))
        return Measurement(
            model=self._model(),
            machine=here,
            software=Software(self.seen["onnxruntime"], tuple(self.seen["providers"]), dict(self.seen["node_share"])),
            runs=(*runs, *slimmer.runs),
            peak_memory_mb=round(max(self.peaks), 1) if self.peaks else None,
            agreement=slimmer.agreement,
            ladder=further.rungs,
            rounds=kept,
            best_round_ms=best_round(kept),
            range_ms=(min(medians), max(medians)),
            conditions=conditions,
            trust=trust_of(kept, warnings),
            warnings=tuple(warnings),
            seconds_used=round(self.c.elapsed(), 2),
            measured_on=datetime.now(UTC).date().isoformat(),
            achieved=further.achieved,
            copies=tuple(slimmer.copies),
            threads_tried=dict(self.seen["threads_tried"]),
            size_sweep=further.size_sweep,
        )

    def _conditions(self, rounds: list[Mapping[str, Any]], is_hot: bool | None, power: str | None) -> Conditions:
        during = [r["busy_others"] for r in rounds if r["busy_others"] is not None]
        hot = [h for h in (*(r["throttled"] for r in rounds), is_hot) if h is not None]
        return Conditions(
            busy_before=round(self.busy_before, 4),
            busy_during=round(sum(during) / len(during), 4) if during else None,
            throttled=any(hot) if hot else None,
            on_battery=None if power is None else power == "battery",
            governor=machine.governor(),
        )

    def _model(self) -> ModelFacts:
        return ModelFacts(
            sha256=self.facts.sha256,
            name=self.facts.name,
            opset=self.facts.opset,
            inputs=tuple(
                {
                    "name": i["name"],
                    "dtype": i["dtype"],
                    "shape": i["shape"],
                    "values": "sample" if i["name"] in self.found["fed"] else "made-up",
                    "size_from": self._size_from(i),
                }
                for i in self.found["inputs"]
            ),
            params_millions=self.facts.params_millions,
            gmacs=self.facts.gmacs,
            activations_millions=self.facts.activations_millions,
            work=self.facts.work,
        )

    def _size_from(self, one: Mapping[str, Any]) -> str:
        """Where the sizes of an input come from: `file` (the model fixes them all), `sample`, `asked` or `usual`."""
        free = self.found["free_names"].get(one["name"], {})
        if not free:
            return "file"
        if one["name"] in self.found["fed"] or any(d in self.found["learned"] for d in free.values()):
            return "sample"
        asked = {d for axis, d in free.items() if d in self.c.job.sizes or f"{one['name']}[{axis}]" in self.c.job.sizes}
        return "asked" if asked else "usual"

    def _rounds(self) -> list[Mapping[str, Any]]:
        first_s = float(self.seen["first_ms"]) / 1000
        slow = self._is_slow()
        one_s = START_S + (2 * first_s if slow else first_s + 1.5 * self.plan.round_s)
        left = max(self.plan.seconds - self.c.elapsed(), 0.0)
        count = max(1, min(self.plan.rounds, int(left / one_s))) if slow else self.plan.rounds
        rounds: list[Mapping[str, Any]] = []
        cores, again = machine.logical_cores(), False
        while len(rounds) < count or again:
            number = len(rounds)
            words = f"Timing it: round {number + 1} of {count}" if number < count else "Timing it again, as the computer was busy"
            self.c.progress(0.15 + 0.5 * min(number / count, 1.0), words, "rounds")
            limit = SLOW_START_S + 6 * one_s
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

    def _is_slow(self) -> bool:
        """Whether one answer takes longer than a round should."""
        return float(self.seen["first_ms"]) / 1000 > self.plan.round_s

    def _copies(self) -> copies.Found:
        return copies.make_and_time(
            self.c,
            self.facts,
            samples=int(self.found["samples"]),
            answers_vary="random" in self.seen["oddities"],
            threads=self.threads,
            round_s=self.plan.round_s,
            compare_s=self.plan.compare_s,
            settings=self.settings,
        )
