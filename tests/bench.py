"""`make bench`: how long the catalog and an answer take, and how true the timing of a model is. Figures of one run on this computer.

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
from typing import TYPE_CHECKING

from advisor import catalog, need
from advisor.benchmark import client
from advisor.benchmark.sample import sample_model

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

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


# Each side in a fresh process: what it takes to have every row of every table in memory, ready to be asked.
_MOST = """
def most():
    # The most memory this process has held [kB]; what getrusage tells still counts the parent.
    return int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0])
"""
_LOAD_OURS = """
import sys, time
from pathlib import Path
import numpy
from advisor import catalog
MOST
before, start = most(), time.perf_counter()
c = catalog.load(Path(sys.argv[1]))
rows = 0
for name in c.files:
    stem = name.rpartition(".")[0]
    if name.endswith(".csv"):
        rows += len(c.table(stem))
    elif stem == "offers":
        rows += len(c.offers) + len(c.offers.type_name)
    elif stem == "round_trips":
        rows += len(c.round_trips)
    else:
        table = getattr(c, stem)
        for column in table.names:
            (table.codes(column), table.words(column)) if table.is_words(column) else table.numbers(column)
        rows += len(table)
took, more = time.perf_counter() - start, most() - before
start = time.perf_counter()
o = c.offers
big = (o.type_memory_gib[o.type_row] >= 16) & (o.type_vcpus[o.type_row] >= 4) & (o.usable == 2) & (o.country == "DE")
best = numpy.flatnonzero(big)[numpy.argmin(o.usd_per_hour[big])]
assert o.usd_per_hour[best] > 0
print(rows, took, more, time.perf_counter() - start)
"""
_LOAD_PANDAS = """
import sys, time
from pathlib import Path
import pandas
MOST
before, start = most(), time.perf_counter()
tables = {p.stem: pandas.read_csv(p, keep_default_na=False) for p in sorted(Path(sys.argv[1]).glob("*.csv"))}
took, more = time.perf_counter() - start, most() - before
start = time.perf_counter()
o = tables["offers"].merge(tables["types"], on="type_name").merge(tables["places"], on=["provider", "region"])
o = o[(pandas.to_numeric(o.memory_gib) >= 16) & (pandas.to_numeric(o.vcpus) >= 4) & (o.usable == 2) & (o.country == "DE")]
assert o.usd_per_hour.min() > 0
print(sum(map(len, tables.values())), took, more, time.perf_counter() - start)
"""


def _as_csv(folder: Path) -> None:
    """The same rows and columns as text tables: the small ones as they are, the packed ones written out."""
    import csv
    import shutil

    c = catalog.load(ROOT / "catalogs")

    def write(name: str, columns: Mapping[str, Sequence[object]]) -> None:
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(columns)
            writer.writerows(zip(*columns.values(), strict=True))

    def plain(values: Sequence[float]) -> list[str]:
        return ["" if v != v else f"{v:.7g}" for v in values]

    for name in c.files:
        if name.endswith(".csv"):
            shutil.copy(ROOT / "catalogs" / name, folder / name)
    for name in ("hosted_prices", "latencies"):
        table = getattr(c, name)
        columns: dict[str, Sequence[object]] = {}
        for n in table.names:
            words = table.words(n) if table.is_words(n) else ()
            columns[n] = [words[i] for i in table.codes(n).tolist()] if words else plain(table.numbers(n).tolist())
        write(name, columns)
    o = c.offers
    every = range(len(o))
    write("offers", {
        "provider": [o.provider_text(i) for i in every], "region": [o.region_text(i) for i in every],
        "type_name": [o.type_text(i) for i in every], "usd_per_hour": plain(o.usd_per_hour.tolist()),
        "usd_per_hour_spot": plain(o.usd_per_hour_spot.tolist()), "usable": o.usable.tolist(),
        "reason": [o.reason_text(i) for i in every], "flags": [o.flags_text(i) for i in every], "as_of": [o.as_of_text(i) for i in every],
        "spot_use": [o.spot_text(i) for i in every], "source": [o.source_title(i)[:3] for i in every],
    })  # fmt: skip
    write("types", {
        "type_name": o.type_name.tolist(), "chip": o.type_chip.tolist(), "cpu_chip": o.type_cpu_chip.tolist(), "isa": o.type_isa.tolist(),
        "vcpus": plain(o.type_vcpus.tolist()), "memory_gib": plain(o.type_memory_gib.tolist()), "chips": plain(o.type_chips.tolist()),
        "chip_gib": plain(o.type_chip_gib.tolist()), "ghz": plain(o.type_ghz.tolist()),
    })  # fmt: skip
    places = {(o.region_text(i), o.provider_text(i)): str(o.country[i]) for i in every}
    write("places", {
        "region": [r for r, _ in places], "provider": [p for _, p in places], "country": list(places.values()),
    })  # fmt: skip
    trips = c.round_trips
    write("round_trips", {
        "country": trips.country.tolist(), "provider": trips.provider.tolist(), "region": trips.region.tolist(),
        **{n: plain(trips.ms[:, i].tolist()) for i, n in enumerate(("ms", "low", "high"))},
    })  # fmt: skip


def loading() -> tuple[float, float]:
    """Loading the whole catalog over pandas.read_csv of the same rows, and our first question of it [s]; best of five each, in turn."""
    with TemporaryDirectory(prefix="edgewise-bench-") as folder:
        _as_csv(Path(folder))
        ours, theirs = [], []
        for _ in range(_TIMES):
            for script, where, out in ((_LOAD_OURS, ROOT / "catalogs", ours), (_LOAD_PANDAS, Path(folder), theirs)):
                command = [sys.executable, "-c", script.replace("MOST", _MOST), str(where)]
                said = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT).stdout
                out.append(tuple(float(x) for x in said.split()))
    for name, runs in (("whole catalog: advisor.catalog", ours), ("the same rows: pandas.read_csv", theirs)):
        rows, took, more, asked = (min(column) for column in zip(*runs, strict=True))
        _say(name, f"{rows:,.0f} rows, {took * 1000:.0f} ms, {more / 1024:.0f} MB more; first question {asked * 1000:.1f} ms")
    ratio, memory = (min(r[i] for r in ours) / max(min(r[i] for r in theirs), 1e-9) for i in (1, 2))
    _say("load over pandas, time and memory (goal: at most 0.25)", f"{ratio:.2f} and {memory:.2f}")
    return ratio, min(r[3] for r in ours)


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
    """Prints all; 0."""
    loading()
    timing()
    answers()
    return 0


if __name__ == "__main__":
    sys.exit(main())
