"""`make bench`: how long an answer takes, and how true the timing of a model is. Figures of one run on this computer.

The timing is held against a plain loop over onnxruntime in processes of its own, before, between and after, so that a change of
the computer's speed does not count as a fault. A ratio of 1 is perfect; on a quiet computer a few per cent are usual.
"""

from __future__ import annotations

import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from advisor import catalog, need
from advisor.benchmark import client
from advisor.benchmark.sample import sample_model

ROOT = Path(__file__).resolve().parents[1]
_TIMES = 5
_PLAIN_LOOP = """
import sys, time, numpy, onnxruntime
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = int(sys.argv[2])
options.inter_op_num_threads = 1
options.add_session_config_entry("session.intra_op.allow_spinning", "0")
session = onnxruntime.InferenceSession(sys.argv[1], options, providers=["CPUExecutionProvider"])
feed = {"photo": numpy.random.default_rng(1).random((1, 3, 224, 224), dtype=numpy.float32)}
for _ in range(30):
    session.run(None, feed)
times, end = [], time.perf_counter() + 1
while time.perf_counter() < end:
    start = time.perf_counter_ns()
    session.run(None, feed)
    times.append(time.perf_counter_ns() - start)
print(sorted(times)[len(times) // 2] / 1e6)
"""


def _say(name: str, value: str) -> None:
    sys.stdout.write(f"{name:<58}{value}\n")
    sys.stdout.flush()


def answers() -> None:
    """How long the whole answer takes for each example, over the whole catalog."""
    from advisor.answer import Inputs, advise

    prices = catalog.load(ROOT / "catalogs")
    _say("offers in the catalog", f"{len(prices.offers):,}")
    for path in sorted((ROOT / "assets" / "examples").glob("*.json")):
        asked = need.read(path)
        if isinstance(asked.job.model, need.OnnxModel):
            # Without the model file: the same job by the size of the example model.
            from dataclasses import replace

            asked = replace(asked, job=replace(asked.job, model=need.FeatureModel(4.42, 0.334, 7.0, "fp32")))
        took = []
        for seed in range(_TIMES):
            start = time.perf_counter()
            advise(Inputs(asked), prices, today=date(2026, 11, 24), seed=seed, language="en")
            took.append(time.perf_counter() - start)
        _say(f"whole answer, {path.stem}", f"first {took[0]:.2f} s, then {median(took[1:]):.2f} s")


def timing() -> float:
    """The measured time over that of a plain loop; both with the threads that the measurement chose."""
    with TemporaryDirectory(prefix="edgewise-bench-") as folder:
        model = sample_model(Path(folder))
        done = client.measure(model, seconds=15)
        threads = next(r.threads for r in done.runs if r.scenario == "single-stream")

        def plain() -> float:
            command = [sys.executable, "-c", _PLAIN_LOOP, str(model), str(threads)]
            return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)

        # Fresh processes before, between and after; the best of each side, as noise only ever adds.
        loops, rounds = [plain() for _ in range(3)], [done.best_round_ms]
        for _ in range(2):
            rounds.append(client.measure(model, seconds=15).best_round_ms)
            loops += [plain() for _ in range(3)]
    _say("example model, best round of each measurement", ", ".join(f"{r:.3f}" for r in rounds) + f" ms; trust of the first: {done.trust}")
    _say("example model, plain loop in fresh processes (medians)", ", ".join(f"{x:.3f}" for x in loops) + " ms")
    ratio = min(rounds) / min(loops)
    _say("measured over plain loop", f"{ratio:.3f}")
    return ratio


def main() -> int:
    """Prints both; 0."""
    timing()
    answers()
    return 0


if __name__ == "__main__":
    sys.exit(main())
