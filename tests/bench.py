"""`make bench`: how long the catalog and an answer take, and how true the timing of a model is. Figures of one run on this computer.

The catalog is held against pandas.read_csv of the same rows and columns written as CSV, with both in fresh processes in turn.
A changed answer is held against numpy.sort and against the same calculation in pandas (tests/bench_answers.py). The timing of real
models is held against a plain loop over onnxruntime (tests/bench_timing.py). Here it is short; the figures that
the goals speak of need a quiet computer and about an hour: `.venv/bin/python -m tests.bench timing --long`. Only on demand:
`.venv/bin/python -m tests.bench queue` (times to answer in closed form against a played queue, some minutes).
"""

from __future__ import annotations

import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from advisor import catalog
from advisor.catalog.offers import PER_OFFER, read_arrays
from advisor.catalog.schema import OFFER_CODES
from tests import bench_queue
from tests.bench_answers import answers, examples
from tests.bench_timing import timing

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parents[1]
_TIMES = 5
_LOADS = 7
# The long one makes 120 repeats: five of each of twelve models, on one thread and on all.
_SHORT = {"repeats": 1, "round_s": 0.15, "looks": 5}
_LONG = {"repeats": 5, "round_s": 1.0, "looks": 60}


def _say(name: str, value: str) -> None:
    sys.stdout.write(f"{name:<58}{value}\n")
    sys.stdout.flush()


def whole_answers() -> None:
    """How long the whole answer takes for each example: with turning points and words."""
    from advisor.answer import Inputs, advise

    prices = catalog.load(ROOT / "catalogs")
    for name, asked in examples().items():
        took = []
        for seed in range(_TIMES):
            start = time.perf_counter()
            advise(Inputs(asked), prices, today=date(2026, 11, 24), seed=seed, language="en")
            took.append(time.perf_counter() - start)
        _say(f"whole answer, {name}", f"first {took[0]:.2f} s, then {median(took[1:]):.2f} s")


# Each side in a fresh process: what it takes to have every row of every table in memory, ready to be asked. Ours also holds each
# file against its fingerprint and checks every cell; pandas does neither.
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
        rows += len(c.offers) + len(c.offers.type_name) + len(c.offers.region_name)
    elif stem == "round_trips":
        rows += len(c.round_trips)
    else:
        table = getattr(c, stem)
        for column in table.names:
            (table.codes(column), table.words(column)) if table.is_words(column) else table.numbers(column)
        rows += len(table)
took, more = time.perf_counter() - start, most() - before
assert not c.left_out
start = time.perf_counter()
o = c.offers
rows_of = numpy.flatnonzero((o.type_memory_gib[o.type_row] >= 8) & (o.usable == catalog.USABLE_YES) & o.in_eu)
best = int(rows_of[numpy.argmin(o.usd_per_hour[rows_of])])
told = o.provider_text(best), o.type_text(best), o.usd_per_hour[best]
print(rows, took, more, time.perf_counter() - start, told[2])
"""
_LOAD_PANDAS = """
import sys, time
from pathlib import Path
import pandas
MOST
before, start = most(), time.perf_counter()
# What is blank is unknown; "NA" is Namibia.
tables = {p.stem: pandas.read_csv(p, keep_default_na=False, na_values=[""]) for p in sorted(Path(sys.argv[1]).glob("*.csv"))}
took, more = time.perf_counter() - start, most() - before
start = time.perf_counter()
o = tables["offers"].merge(tables["types"], on=["provider", "name"]).merge(tables["places"], on=["provider", "region"])
o = o[(o.memory_gib >= 8) & (o.usable == 2) & (o.in_eu == 1)]
best = o.loc[o.usd_per_hour.idxmin()]
told = best["provider"], best["name"], best["usd_per_hour"]
print(sum(map(len, tables.values())), took, more, time.perf_counter() - start, told[2])
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

    def plain(column: NDArray[Any]) -> list[object]:
        if column.dtype.kind == "f":
            return ["" if v != v else f"{v:.7g}" for v in column.tolist()]
        return column.astype(int).tolist() if column.dtype.kind in ("b", "u", "i") else column.tolist()

    for name in c.files:
        if name.endswith(".csv"):
            shutil.copy(ROOT / "catalogs" / name, folder / name)
    for name in ("hosted_prices", "latencies"):
        table = getattr(c, name)
        columns: dict[str, Sequence[object]] = {}
        for n in table.names:
            words = table.words(n) if table.is_words(n) else ()
            columns[n] = [words[i] for i in table.codes(n).tolist()] if words else plain(table.numbers(n))
        write(name, columns)
    a = read_arrays((ROOT / "catalogs" / "offers.npz").read_bytes())
    for code, words in OFFER_CODES.items():
        if code not in ("type_row", "region_row"):
            a[code] = a[words][a[code]]
    write("offers", {
        "provider": a["type_provider"][a["type_row"]].tolist(), "name": a["type_name"][a["type_row"]].tolist(),
        "region": a["region_name"][a["region_row"]].tolist(),
        **{n: plain(a[n]) for n in PER_OFFER if n not in ("type_row", "region_row")},
    })  # fmt: skip
    for name, level in (("types", "type_"), ("places", "region_")):
        own = [n for n in a if n.startswith(level) and n not in ("type_row", "region_row")]
        write(name, {"region" if n == "region_name" else n.removeprefix(level): plain(a[n]) for n in own})
    trips = c.round_trips
    write("round_trips", {
        "country": trips.country.tolist(), "provider": trips.provider.tolist(), "region": trips.region.tolist(),
        **{n: plain(trips.ms[:, i]) for i, n in enumerate(("ms", "low", "high"))},
    })  # fmt: skip


def loading() -> tuple[float, float]:
    """Loading the whole catalog over pandas.read_csv of the same rows, and our first question of it [s].

    In turn, each time both in fresh processes; what is told is the middle, and of the ratio the middle of those of each turn.
    """
    with TemporaryDirectory(prefix="edgewise-bench-") as folder:
        _as_csv(Path(folder))

        def run(script: str, where: Path) -> tuple[float, ...]:
            command = [sys.executable, "-c", script.replace("MOST", _MOST), str(where)]
            said = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT).stdout
            return tuple(float(x) for x in said.split())

        turns = [(run(_LOAD_OURS, ROOT / "catalogs"), run(_LOAD_PANDAS, Path(folder))) for _ in range(_LOADS)]
    ours, theirs = zip(*turns, strict=True)
    # The same rows, and the same answer to the same question: the cheapest sound offer in the EU with 8 GB or more.
    assert {r[0] for r in ours} == {r[0] for r in theirs}
    assert abs(ours[0][4] / theirs[0][4] - 1) < 1e-6
    for name, runs in (("whole catalog: advisor.catalog", ours), ("the same rows: pandas.read_csv", theirs)):
        rows, took, more, asked = (median(column) for column in list(zip(*runs, strict=True))[:4])
        _say(name, f"{rows:,.0f} rows, {took * 1000:.0f} ms, {more / 1024:.0f} MB more; first question {asked * 1000:.1f} ms")
    ratio, memory = (median(o[i] / max(t[i], 1e-9) for o, t in turns) for i in (1, 2))
    first = median(r[3] for r in ours)
    _say("load over pandas, time and memory (goal: at most 0.25)", f"{ratio:.2f} and {memory:.2f}; middle of {_LOADS} turns")
    _say("first question of the catalog (goal: under 5 ms)", f"{first * 1000:.1f} ms")
    return ratio, first


def main() -> int:
    """Prints all; 0. `--long`: with as many repeats as the goals of the timing ask for."""
    parts = {"catalog", "timing", "answers", "queue"} & set(sys.argv[1:]) or {"catalog", "timing", "answers"}
    if "catalog" in parts:
        loading()
    if "timing" in parts:
        timing(_say, **(_LONG if "--long" in sys.argv else _SHORT))
    if "answers" in parts:
        answers(_say)
        whole_answers()
    if "queue" in parts:
        bench_queue.main()
    return 0


if __name__ == "__main__":
    sys.exit(main())
