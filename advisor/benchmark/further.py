"""The further scenarios of a measurement, each where time allows. What fails is left out with a word: the main result stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from advisor.benchmark import machine
from advisor.benchmark.planning import SLOW_START_S, START_S
from advisor.measurement import Run, Rung, run_of
from advisor.problems import AdvisorError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from advisor.benchmark.conductor import Conductor
    from advisor.benchmark.planning import Plan


class Further:
    """Call `runs` first; the other values are there after it."""

    def __init__(self, c: Conductor, plan: Plan, found: Mapping[str, Any], seen: Mapping[str, Any], settings: Mapping[str, Any]) -> None:
        self._c, self._plan, self._found, self._settings = c, plan, found, settings
        self._threads = int(seen["threads"])
        self._one_s = float(seen["typical_ms"]) / 1000
        self.left_out: list[str] = []
        self.rungs: tuple[Rung, ...] = ()
        self.achieved: Mapping[str, float] = {}
        self.size_sweep: tuple[Mapping[str, Any], ...] = ()
        self.is_hot: bool | None = None

    def runs(self) -> list[Run]:
        """The runs of all scenarios that there was time for; the ladder and the sizes beside them. What is needed most comes first."""
        return [*self._own_files(), *self._batches(), *self._streams(), *self._ladder(), *self._pauses(), *self._sizes(), *self._heat()]

    def _try(
        self, step: str, what: str, share: float, words: str, needed_s: float, wait_s: float, **settings: Any
    ) -> Mapping[str, Any] | None:
        """The values of a step; `None` where there was no time for it or it failed. `what` names it for the owner."""
        if self._c.elapsed() + needed_s > max(self._plan.seconds * 1.15, 8.0):
            self.left_out.append(what)
            return None
        self._c.progress(share, words, step)
        try:
            return self._c.step(step, SLOW_START_S + wait_s, **settings)
        except AdvisorError:
            self.left_out.append(what)
            return None

    def _own_files(self) -> list[Run]:
        if not self._found["samples"]:
            return []
        seconds = 4 * self._plan.extra_s
        what, words = "your own files from start to end", "Timing your own files from start to end"
        needed, wait = START_S + seconds + 2 * self._one_s, 10 * seconds + 60 * self._one_s
        done = self._try("end-to-end", what, 0.66, words, needed, wait, seconds=seconds, threads=self._threads, **self._settings)
        if done is None:
            return []
        details = {f"{part}_ms": ns / 1e6 for part, ns in done["parts_ns"].items()} | {"files": float(done["files"])}
        return [run_of("end-to-end", _ms(done["samples_ns"]), threads=self._threads, details=details)]

    def _batches(self) -> list[Run]:
        extra = self._plan.extra_s
        needed, wait = START_S + 5 * extra + 4 * self._one_s, 20 * extra + 60 * self._one_s
        done = self._try("batches", "many inputs at once", 0.7, "Timing many inputs at once", needed, wait, seconds=extra, **self._settings)
        if done is None:
            return []
        return [run_of("offline", _ms(r["samples_ns"]), threads=int(done["threads"]), batch=int(r["batch"])) for r in done["runs"]]

    def _streams(self) -> list[Run]:
        if machine.usable_cores() < 2:
            return []
        extra = self._plan.extra_s
        needed, wait = START_S + 2 * extra + 4 * self._one_s, 20 * extra + 60 * self._one_s
        what, words = "several askers at once", "Timing several askers at the same moment"
        done = self._try("streams", what, 0.75, words, needed, wait, seconds=extra, **self._settings)
        return [] if done is None else [run_of("multi-stream", _ms(done["samples_ns"]), threads=1, concurrency=int(done["concurrency"]))]

    def _pauses(self) -> list[Run]:
        count, pause_s = self._plan.pauses, self._plan.pause_s
        if not count:
            return []
        needed = START_S + count * (pause_s + self._one_s) + 0.5
        what, words = "the first answer after a pause", "Timing the first answer after a pause"
        settings = {"pauses": count, "pause_s": pause_s, "threads": self._threads, **self._settings}
        done = self._try("after-idle", what, 0.78, words, needed, 3 * needed, **settings)
        return [] if done is None else [run_of("after-idle", _ms(done["samples_ns"]), threads=self._threads, details={"pause_s": pause_s})]

    def _ladder(self) -> list[Run]:
        seconds = self._plan.ladder_s
        what, words = "the known examples", "Timing eight known examples"
        done = self._try("ladder", what, 0.82, words, START_S + 10 * seconds, 60 * seconds, seconds=seconds)
        if done is not None:
            self.rungs = tuple(Rung(r["id"], r["latency_ms"], r["gmacs"], r["work"]) for r in done["ladder"])
            self.achieved = done["achieved"]
        return []

    def _sizes(self) -> list[Run]:
        settled = self._free_amounts()
        if not settled or not self._plan.sizes_s:
            return []
        extra = self._plan.sizes_s
        # Twice the height and the width is four times the work, and some steps grow faster still.
        needed, wait = START_S + 4 * extra + 8 * self._one_s, 20 * extra + 100 * self._one_s
        what, words = "smaller and larger inputs", "Timing smaller and larger inputs"
        settings = {"sizes": settled, "threads": self._threads, **self._settings}
        done = self._try("sizes", what, 0.84, words, needed, wait, seconds=extra, **settings)
        if done is not None:
            self.size_sweep = tuple(done["sizes"])
        return []

    def _free_amounts(self) -> dict[str, int]:
        """The free sizes that say how much there is to do, by name, as they were settled; sums are worked out from them."""
        out: dict[str, int] = {}
        for one in self._found["inputs"]:
            for axis, name in self._found["free_names"].get(one["name"], {}).items():
                if int(axis) not in one["batch_axes"] and int(axis) < len(one["shape"]) and "+" not in name:
                    out[name] = int(one["shape"][int(axis)])
        return out

    def _heat(self) -> list[Run]:
        seconds = self._plan.sustained_s
        if not seconds:
            return []
        what, words = "answers without a pause", "Timing answers without a pause"
        settings = {"seconds": seconds, "threads": self._threads, **self._settings}
        done = self._try("sustained", what, 0.86, words, START_S + seconds + 4 * self._one_s, seconds + 30 * self._one_s, **settings)
        if done is None:
            return []
        self.is_hot = done["throttled"]
        details = {"seconds": seconds, "first_tenth_ms": done["first_ns"] / 1e6, "last_tenth_ms": done["last_ns"] / 1e6}
        return [run_of("sustained", _ms(done["samples_ns"]), threads=self._threads, details=details)]


def _ms(samples_ns: list[int]) -> list[float]:
    return [n / 1e6 for n in samples_ns]
