"""The owner's computer is placed by known graphs that were timed on it."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from advisor.benchmark.ladder import graphs
from advisor.catalog import load
from advisor.forecast import OwnRun, Workload, expected, forecast, machines_from_builds
from advisor.forecast.felt import felt, totals
from advisor.forecast.fitting import processor_recipe
from advisor.forecast.ladder import placed
from advisor.forecast.tables import Speeds, speeds_of
from advisor.measurement import Rung

if TYPE_CHECKING:
    from collections.abc import Sequence

MODEL = Workload(4.0, 10.0, 12.0, 40e6, "fp32", {"macs_conv": 4000.0, "moved_conv": 20.0, "operators": 150.0})


@cache
def speeds() -> Speeds:
    return speeds_of(load(Path(__file__).parents[2] / "catalogs"))


@cache
def works() -> tuple[tuple[str, float, dict[str, float]], ...]:
    return tuple((g.id, g.gmacs, g.work()) for g in graphs())


def timed_at(speed: float) -> tuple[Rung, ...]:
    """The graphs as a processor of this speed would time them."""
    recipe = processor_recipe(speeds().kinds)
    out = []
    for id, gmacs, classes in works():
        work = Workload(gmacs, 0.0, None, 0.0, "fp32", classes)
        parts = felt(work, totals(work, speeds()), speeds(), "cpu").parts
        out.append(Rung(id, 1000 * float(recipe.seconds(speed, *parts)), gmacs, classes))
    return tuple(out)


def measured(rungs: Sequence[Rung], *providers: str) -> Any:
    return SimpleNamespace(ladder=tuple(rungs), software=SimpleNamespace(execution_providers=(*providers, "CPUExecutionProvider")))


def test_five_graphs_place_a_computer_and_three_say_too_little() -> None:
    told = {id for id, _, classes in works() if classes}
    assert told == {"conv-3x3", "depthwise-3x3", "dense-768", "attention-256", "memory-64mb"}


@pytest.mark.parametrize("speed", [4.0, 60.0, 900.0])
def test_a_processor_is_found_again(speed: float) -> None:
    assert placed(timed_at(speed), speeds()) == pytest.approx(speed, rel=0.05)


def test_one_graph_that_strays_moves_nothing() -> None:
    rungs = list(timed_at(60.0))
    rungs[0] = replace(rungs[0], latency_ms=50 * rungs[0].latency_ms)
    assert placed(rungs, speeds()) == pytest.approx(60.0, rel=0.05)


def test_too_few_graphs_or_unknown_work_place_nothing() -> None:
    rungs = [r for r in timed_at(60.0) if r.work]
    assert placed(rungs[:2], speeds()) is None
    assert expected(MODEL, measured(rungs), speeds()) is not None
    assert expected(MODEL, measured(rungs[:2]), speeds()) is None
    assert expected(replace(MODEL, gmacs=None, classes={}), measured(rungs), speeds()) is None
    assert expected(replace(MODEL, precision="int8"), measured(rungs), speeds()) is None
    # A card did the work; the graphs ran on it too.
    assert expected(MODEL, measured(rungs, "CUDAExecutionProvider"), speeds()) is None
    # As in files of earlier versions.
    assert placed([Rung(r.id, r.latency_ms, r.gmacs) for r in rungs], speeds()) is None


def test_a_slow_computer_is_no_surprise_of_the_model() -> None:
    """A model that takes on a slow computer what its graphs let expect is forecast elsewhere as if it had not been timed."""
    catalog = load(Path(__file__).parents[2] / "catalogs")
    others = machines_from_builds(catalog.builds([]), catalog)
    seconds = expected(MODEL, measured(timed_at(9.0)), speeds())
    assert seconds is not None
    own = OwnRun(seconds, seconds, seconds, None)
    before, after = forecast(MODEL, others, None), forecast(MODEL, others, own, seconds)
    assert np.array_equal(before.latency_likely, after.latency_likely, equal_nan=True)
    # One that takes twice as long is felt in part by every other processor.
    twice = forecast(MODEL, others, OwnRun(2 * seconds, 2 * seconds, 2 * seconds, None), seconds).latency_likely
    processors = others.is_processor & np.isfinite(before.latency_likely)
    assert np.all((twice > before.latency_likely)[processors] & (twice < 2 * before.latency_likely)[processors])
