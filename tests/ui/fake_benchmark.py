"""Speaks the benchmark's protocol without running anything: one job in, events out, ends when its input closes.

What it does is told by the model's file name: `slow` waits for ever, `bad` fails, `dies` ends without a word,
`free` has a free size, anything else is measured at once. A sample settles a free size, unless its name is `wrong`.
"""

import hashlib
import os
import sys
import threading
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from advisor.benchmark.protocol import Failed, Finished, Progress, Started, event_line, parse_job
from advisor.measurement import Conditions, Machine, Measurement, ModelFacts, Round, Rung, Software, run_of
from advisor.model_profile import ModelProfile, Port
from advisor.problems import Problem
from advisor.slimmer import Agreement, Copy


def say(event: object) -> None:
    sys.stdout.buffer.write(event_line(event))  # type: ignore[arg-type]
    sys.stdout.buffer.flush()


def main() -> None:
    job = parse_job(sys.stdin.buffer.readline())
    name = Path(job.path).name
    sha = hashlib.sha256(name.encode()).hexdigest()
    say(Started(os.getpid()))
    if "dies" in name:
        os._exit(7)
    if "bad" in name:
        say(Failed((Problem("NOT_A_MODEL", name, f"{name} is not a model.", "We cannot read it.", "Choose another file."),)))
        return
    if job.inputs is not None and "wrong" in Path(job.inputs).name:
        say(Failed((Problem("NEEDS_SAMPLE", "wrong", "wrong is not a picture.", "", "Choose another sample."),)))
        return
    if job.kind == "profile":
        shape: tuple[int | str, ...] = ("batch", 3, "height", 224) if "free" in name and job.inputs is None else (1, 3, 224, 224)
        port = Port("input", "float32", shape)
        profile = ModelProfile(name, sha, 14_000_000, 17, "test", (port,), (port,), 3.5, 14e6, 0.3, 5.0, 50, {"Conv": 50}, "fp32")
        say(Finished(profile.to_json()))
        return
    for step in range(1, 5):
        say(Progress("timing", step / 5, f"Timing {step * 50} answers…"))
    if "slow" in name:
        threading.Event().wait()
    facts = ModelFacts(sha, name, 17, ({"name": "input", "dtype": "float32", "shape": [1, 3, 224, 224]},), 3.5, 0.3, 5.0)
    samples = [20.0 + i % 7 for i in range(300)]
    measured = Measurement(
        model=facts,
        machine=Machine("Test CPU", 4, 8, ("avx2",), 16.0, None, "Linux", "mains", None),
        software=Software("1.32.0", ("CPUExecutionProvider",), {"CPUExecutionProvider": 1.0}),
        runs=(run_of("single-stream", samples, threads=4),),
        copies=(Copy("fp16", "half", 7.0, 14.0, (10.0, 11.0, 10.0), (20.0, 22.0, 20.0)),) if job.precision == "all" else (),
        peak_memory_mb=120.0,
        agreement={"fp16": Agreement(0.9, 0.8, 0.95, 100, "sample", "top-1", 9)} if job.precision == "all" else {},
        ladder=(Rung("conv", 1.5),),
        rounds=(Round(23.0, 100),),
        best_round_ms=22.0,
        range_ms=(22.0, 25.0),
        conditions=Conditions(0.02, 0.03, False, False),
        trust="good",
        warnings=(),
        seconds_used=1.0,
        measured_on="2026-11-24",
    )
    say(Finished(measured.to_json()))
    sys.stdin.buffer.read()


if __name__ == "__main__":
    main()
