"""A changed answer: how long it takes to advise again over the whole catalog, beside the same calculation in pandas.

What is timed is `advisor.answer.decided`: the case, every offer, device and service, mixes, the choice and its shares of drawn
futures. Each round changes one answer to a value that it never had before, so that nothing kept for an answer is found again. That
pandas (tests/bench_pandas.py) does the same is checked: the same best machine to rent in each kind, and the same bill.
"""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import replace
from datetime import date
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from advisor import catalog, need
from advisor.advice import Kind
from advisor.answer import Inputs, decided, setting_of
from advisor.options import of_one_side
from advisor.options.field import field_of
from advisor.recommend import decide
from tests.advisor.answers import KINDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from advisor.need import Need
    from advisor.options import Group, Setting

ROOT: Final = Path(__file__).resolve().parents[1]
TODAY: Final = date(2026, 11, 24)
FRAME_MS: Final = 1000 / 60
SORTED: Final = 100_000
_ROUNDS: Final = 6
# Pandas takes its time; it need not do every answer.
_RIVAL_EVERY: Final = 7
_ALONE_AT: Final = 3


def examples() -> dict[str, Need]:
    """The needs of the examples; the bakery's model, of which no file is kept, by its size."""
    found = {}
    for path in sorted((ROOT / "assets" / "examples").glob("*.json")):
        asked = need.read(path)
        if isinstance(asked.job.model, need.OnnxModel):
            asked = replace(asked, job=replace(asked.job, model=need.FeatureModel(4.42, 0.334, 7.0, "fp32")))
        found[path.stem] = asked
    return found


def asked() -> dict[str, Need]:
    """The examples, and one need each for machines rented all month and by the hour, which no example asks for."""
    return examples() | {kind: need.from_json(KINDS[kind]) for kind in ("cloud_instance", "cloud_batch")}


def _set(group: str, field: str) -> Callable[[Need, Any], Need]:
    return lambda n, value: replace(n, **{group: replace(getattr(n, group), **{field: value})})


def _times(group: str, field: str, usual: float) -> Callable[[Need, Any], Need]:
    """The answer, or what is usual where it is blank, times a factor."""

    def put(n: Need, factor: float) -> Need:
        now = getattr(getattr(n, group), field)
        return _set(group, field)(n, (now if isinstance(now, (int, float)) else usual) * factor)

    return put


def _sized(n: Need, factor: float) -> Need:
    model = n.job.model
    if isinstance(model, need.TextModel):
        model = replace(model, params_billions=model.params_billions * factor)
    elif isinstance(model, need.FeatureModel):
        model = replace(model, params_millions=model.params_millions * factor, gmacs=(model.gmacs or 1.0) * factor)
    else:
        model = need.FeatureModel(4.0 * factor, 0.5 * factor, None, "fp32")
    return replace(n, job=replace(n.job, model=model))


_COUNTRIES: Final = ("DE", "FR", "US", "NL", "AT", "ES", "CH", "GB", "PL", "IT", "JP", "CA", "SE", "IE", "BR", "AU")
# Each kind of answer, and its value for a number between 0 and 1.
CHANGES: Final[dict[str, tuple[Callable[[Need, Any], Need], Callable[[float], Any]]]] = {
    "units per day": (_times("load", "units_per_day", 100.0), lambda u: 30 ** (2 * u - 1)),
    "growth": (_set("load", "growth_percent_per_year"), lambda u: 80 * u),
    "kilobytes per unit": (_times("load", "input_kb_per_unit", 300.0), lambda u: 10 ** (2 * u - 1)),
    "limit": (_times("speed", "limit_ms", 1000.0), lambda u: 10 ** (2 * u - 1)),
    "budget for each month": (_times("money", "monthly_max", 60.0), lambda u: 30 ** (2 * u - 1)),
    "years": (_set("money", "horizon_years"), lambda u: 1 + 6 * u),
    "hour of work": (_set("money", "staff_hour"), lambda u: 15 + 60 * u),
    "discount": (_set("money", "discount_percent"), lambda u: 1 + 9 * u),
    "country": (_set("business", "country"), lambda u: _COUNTRIES[int(u * len(_COUNTRIES))]),
    "uplink": (_times("site", "uplink_mbps", 20.0), lambda u: 10 ** (2 * u - 1)),
    "confidential share": (_set("rules", "confidential_share"), lambda u: 0.05 + 0.9 * u),
    "size of the model": (_sized, lambda u: 8 ** (2 * u - 1)),
}  # fmt: skip


def changes(rounds: int = _ROUNDS) -> Iterator[tuple[str, Need]]:
    """Needs with one answer changed, in turn over needs and kinds of answer, each to a value that was not there before."""
    k = 0
    for _ in range(rounds):
        for n in asked().values():
            for what, (put, value) in CHANGES.items():
                k += 1
                # Steps of the golden section never come back to where they were.
                yield what, put(n, value(k * 0.6180339887498949 % 1))


def _same(setting: Setting, groups: Sequence[Group], theirs: Mapping[str, tuple[str, float]]) -> None:
    """Nothing, if both found the same best machine to rent in each kind, with the same bill."""
    order, _ = decide(setting, groups)
    ours = {str(c.kind): (c.id, c.total) for c in order if c.kind in (Kind.CLOUD_INSTANCE, Kind.CLOUD_BATCH)}
    rented = {kind: found for kind, found in theirs.items() if kind.startswith("cloud_") and kind != "cloud_api"}
    assert {kind: id for kind, (id, _) in ours.items()} == {kind: id for kind, (id, _) in rented.items()}, (ours, rented)
    for kind, (_, total) in ours.items():
        assert abs(total / rented[kind][1] - 1) < 1e-6, (ours, rented)


def _ms(times: Sequence[float]) -> str:
    return f"median {median(times) * 1000:.1f} ms, p95 {np.quantile(times, 0.95) * 1000:.1f} ms"


def answers(say: Callable[[str, str], None]) -> tuple[float, float, int]:
    """Prints what a changed answer takes; returns the median [s], how many times as long pandas takes, and the most memory [MB]."""
    from tests.bench_pandas import Rival, alike

    prices = catalog.load(ROOT / "catalogs")
    rival = Rival(prices, TODAY)
    say("offers in the catalog", f"{len(prices.offers):,}")
    numbers = np.random.default_rng(1).random(SORTED)
    for n in asked().values():
        decided(Inputs(n), prices, TODAY, 1)
    times: dict[str, list[float]] = {}
    sorts, ratios, theirs, worked, they_worked, alone = [], [], [], [], [], []
    for k, (what, n) in enumerate(changes()):
        if k % _RIVAL_EVERY == _ALONE_AT:
            # What is kept for an answer must not be found again, so these are answers that are not timed otherwise.
            start = time.perf_counter()
            setting = setting_of(Inputs(n), prices, TODAY)
            decide(setting, of_one_side(setting, field_of(setting)))
            alone.append(time.perf_counter() - start)
            continue
        start, work = time.perf_counter(), time.thread_time()
        setting, groups, _ = decided(Inputs(n), prices, TODAY, 1)
        took = time.perf_counter() - start
        worked.append(time.thread_time() - work)
        times.setdefault(what, []).append(took)
        start = time.perf_counter()
        np.sort(numbers)
        sorts.append(time.perf_counter() - start)
        if k % _RIVAL_EVERY == 0:
            handed = alike(setting, groups)
            start, work = time.perf_counter(), time.thread_time()
            found = rival.readvise(setting_of(Inputs(n), prices, TODAY), handed)
            theirs.append(time.perf_counter() - start)
            they_worked.append(time.thread_time() - work)
            ratios.append(they_worked[-1] / worked[-1])
            _same(setting, groups, found)
    every = [t for ts in times.values() for t in ts]
    for what, ts in times.items():
        say(f"a changed answer: {what}", _ms(ts))
    in_frame = sum(t * 1000 <= FRAME_MS for t in every) / len(every)
    usual = sum(median(ts) * 1000 <= FRAME_MS for ts in times.values())
    say("a changed answer, all kinds (goal: median at most 16 ms)", f"{_ms(every)}; {len(every)} answers")
    say("of them within one frame of 60 a second", f"{in_frame:.0%}; the median of {usual} of {len(times)} kinds of answer")
    say("processor time of it, whatever else the computer does", _ms(worked))
    say(f"over numpy.sort of {SORTED:,} numbers", f"{median(every) / median(sorts):.1f} times; the sort takes {_ms(sorts)}")
    say("the same in pandas", f"{_ms(theirs)}; {len(theirs)} of the answers, each with the same best machine and bill")
    told = f"{median(theirs) / median(every):.1f}; of processor time {median(they_worked) / median(worked):.1f}, answer by answer"
    say("pandas over ours (goal: at least 5)", f"{told} {median(ratios):.1f}")
    say("without mixes and futures, which pandas does not do", f"{_ms(alone)}; pandas over that {median(theirs) / median(alone):.1f}")
    most = int(subprocess.run([sys.executable, "-c", _MEMORY], check=True, capture_output=True, text=True, cwd=ROOT).stdout)
    say("the most memory of a process that does this (goal: < 400 MB)", f"{most / 1024:.0f} MB")
    return median(every), median(theirs) / median(every), most // 1024


_MEMORY: Final = """
from pathlib import Path
from advisor import catalog
from tests import bench_answers as b
prices = catalog.load(b.ROOT / "catalogs")
for _, n in b.changes(2):
    b.decided(b.Inputs(n), prices, b.TODAY, 1)
print(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0])
"""
