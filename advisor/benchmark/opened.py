"""A model opened in this process, with the inputs to feed it and its errors turned into plain answers."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from advisor.benchmark.inputs import input_from_json
from advisor.benchmark.made_up import made_up
from advisor.benchmark.samples import SampleFiles
from advisor.problems import AdvisorError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from advisor.benchmark.made_up import Feed
    from advisor.benchmark.protocol import Job

    Tell = Callable[[str, str], None]

SEED: Final = 20_261
_MOST_SAMPLES: Final = 8
_MOST_TRIED: Final = 64


class Opened:
    """A model opened in this process with the inputs to feed it, errors turned into plain answers."""

    def __init__(self, job: Job, threads: int, tell: Tell, model: Path | None = None) -> None:
        """`model`: a copy to run in place of the job's own model."""
        from advisor.benchmark import session

        self.name = Path(job.path).name
        self.path = model or Path(job.path)
        self.inputs = tuple(input_from_json(i) for i in job.step["inputs"])
        self.job = job
        self._limit = job.limits.memory_bytes
        # What we made up, or sizes that were only told, may be at fault where the model stops with an error.
        told = job.inputs is not None or bool(job.sizes)
        self._made_up_matters = told or any(i.fill in ("ids", "value", "ones", "zeros", "text", "none") for i in self.inputs)
        self.samples = self._samples(job) if job.inputs is not None else ()
        tell("load", "Opening the model")
        start = time.perf_counter_ns()
        try:
            self.session = session.open_session(self.path, threads)
        except Exception as error:  # noqa: BLE001 -- onnxruntime's errors have no common base but this
            raise session.problem_of(error, self.name, running=False, made_up=False, limit=self._limit) from None
        self.load_ns = time.perf_counter_ns() - start
        tell("run", "Waiting for the first answer")

    def _samples(self, job: Job) -> tuple[Feed, ...]:
        """Up to eight samples of the settled size: rounds shall differ by the computer, not by what they are fed."""
        files = SampleFiles.of(job)
        shapes = {i.name: i.shape for i in self.inputs}
        found: list[Feed] = []
        for i in range(min(len(files), _MOST_TRIED)):
            feed = files.feed(i)
            if all(tuple(v.shape) == shapes[k] for k, v in feed.items() if hasattr(v, "shape")):
                found.append(feed)
            if len(found) == _MOST_SAMPLES:
                break
        return tuple(found)

    def whole(self, given: Feed, seed: int) -> Feed:
        """A sample with what it leaves open made up: states, rates, the word pieces of a text."""
        return {**made_up([i for i in self.inputs if i.name not in given], SEED + seed), **given}

    def feed(self, seed: int, batch: int | None = None) -> Feed:
        """Input number `seed`, `batch` of them together where given: the owner's samples where there are any, else made up."""
        if not self.samples:
            return made_up(self.inputs, SEED + seed, batch)
        if batch is None or batch == 1:
            return self.whole(self.samples[seed % len(self.samples)], seed)
        return self._together([self.feed(seed + i) for i in range(batch)])

    def _together(self, feeds: list[Feed]) -> Feed:
        import numpy as np

        axes = {i.name: i.batch_axes[0] for i in self.inputs if i.batch_axes}
        return {k: np.concatenate([f[k] for f in feeds], axis=axes[k]) if k in axes else v for k, v in feeds[0].items()}

    def others(self) -> list[list[Any]] | None:
        """Answers to inputs of quite other sizes of number; `None` if there are none to be had."""
        import numpy as np

        answers = []
        for number, scale in ((1, 1.0), (2, 20.0), (3, 500.0)):
            feed = self.feed(number)
            if not self.samples:
                feed = {k: ((v - v.dtype.type(0.5)) * v.dtype.type(scale)) if _is_broken(v) else v for k, v in feed.items()}
            elif len(self.samples) == 1:
                # One sample is like itself: parts of it are taken away.
                rng = np.random.default_rng(SEED + number)
                feed = {k: v * rng.random(v.shape).astype(v.dtype) if _is_broken(v) else v for k, v in feed.items()}
                if not any(_is_broken(v) for v in feed.values()):
                    return None
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
                sizes = {i.name: " x ".join(map(str, i.shape)) for i in self.inputs}
                sample = ", ".join(f"{n} {sizes[n]}".strip() for n in self.samples[0]) if self.samples else ""
                made_up = self._made_up_matters and not sample
                raise session.problem_of(error, self.name, running=True, made_up=made_up, limit=self._limit, sample=sample) from None

        return guarded


def _is_broken(value: Any) -> bool:
    return hasattr(value, "dtype") and value.dtype.kind == "f"
