"""Work by class of operator in the advice's own forecasts: what it changes, and that it is right for our own runtime."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from advisor.catalog import Catalog, load
from advisor.forecast import Workload, forecast, machines_from_builds, machines_from_sizes
from advisor.forecast.accuracy import packed
from advisor.forecast.evidence import number
from advisor.forecast.felt import UNITS, felt, totals, weights_of
from advisor.forecast.fitting import processor_recipe, speed_of
from advisor.forecast.tables import Speeds, speeds_of
from advisor.forecast.work import GROUPS
from advisor.operator_classes import COLUMNS

CATALOGS = Path(__file__).parents[2] / "catalogs"
# A network of plain convolutions; `like` shifts its products to another class.
PLAIN = {"macs_conv": 4000.0, "moved_conv": 20.0, "moved_cheap": 10.0, "operators": 150.0, "once": 10.0}
MODEL = Workload(4.0, 10.0, 12.0, 40e6, "fp32", PLAIN)


@cache
def whole() -> Catalog:
    return load(CATALOGS)


@cache
def speeds() -> Speeds:
    return speeds_of(whole())


def like(**changes: float) -> Workload:
    return replace(MODEL, classes={**PLAIN, "macs_conv": 0.0, **changes})


def test_without_classes_the_totals_stand_as_told() -> None:
    bare = replace(MODEL, classes={})
    plain = totals(bare, speeds())
    assert plain.parts[:2] == (4.0, 12.0)
    assert felt(bare, plain, speeds(), "cpu").parts[:2] == (4.0, 12.0)


def test_a_model_of_unknown_work_is_guessed_and_doubted() -> None:
    unknown = replace(MODEL, gmacs=None, classes={})
    assert totals(unknown, speeds()).doubt > 1
    assert totals(MODEL, speeds()).doubt == 1


@pytest.mark.parametrize("unit", UNITS)
def test_every_weight_is_a_finite_share(unit: str) -> None:
    weights = weights_of(speeds(), unit)
    assert weights.shape == (len(GROUPS),)
    assert np.all(np.isfinite(weights) & (weights >= 0))
    assert weights[0] > 0


def test_our_own_timings_come_out_right_once_the_speed_is_known() -> None:
    """One number for the machine; every class costs what the catalog says. The middle model is met within a tenth."""
    rows = packed(CATALOGS / "sources")("own_timings")
    works = [
        Workload(number(r["gmacs"]), 1.0, number(r["activations_millions"]), 4e6, "fp32", {c: float(r[c]) for c in COLUMNS}) for r in rows
    ]
    seconds = np.array([number(r["latency_ms"]) / 1000 for r in rows])
    s = speeds()
    recipe = processor_recipe(s.kinds)

    def middle_and_ninth(parts: np.ndarray) -> tuple[float, float]:
        speed = speed_of(recipe, *parts.T, seconds)
        off = np.abs(recipe.seconds(speed, *parts.T) / seconds - 1)
        return float(np.median(off)), float(np.quantile(off, 0.9))

    by_class = middle_and_ninth(np.array([felt(w, totals(w, s), s, "cpu").parts for w in works]))
    bare = [replace(w, classes={}) for w in works]
    by_totals = middle_and_ninth(np.array([felt(w, totals(w, s), s, "cpu").parts for w in bare]))
    assert by_class[0] < 0.1
    assert by_class[1] < 0.7 * by_totals[1]


def test_units_disagree_on_what_is_dear() -> None:
    """Depthwise products are cheap for our runtime on processors beside what they cost an accelerator."""
    both = {unit: felt(like(macs_depthwise=4000.0), totals(MODEL, speeds()), speeds(), unit).gmacs for unit in UNITS}
    plain = {unit: felt(MODEL, totals(MODEL, speeds()), speeds(), unit).gmacs for unit in UNITS}
    assert both["npu"] / plain["npu"] > both["cpu"] / plain["cpu"]


def test_classes_reach_the_forecasts_of_processors_and_accelerators_and_leave_single_calls_of_cards() -> None:
    machines = machines_from_builds(whole().builds([]), whole())
    conv, moved = (forecast(w, machines, None).latency_likely for w in (MODEL, like(macs_matmul=4000.0, moved_smooth=500.0)))
    known = np.isfinite(conv)
    accelerators, processors = known & machines.is_accelerator, known & machines.is_processor
    assert accelerators.any()
    assert np.all(moved[accelerators] > conv[accelerators])
    assert np.all(moved[processors] > conv[processors])
    cards = known & ~machines.is_accelerator & ~machines.is_processor
    assert np.array_equal(moved[cards], conv[cards])


def test_more_work_of_any_class_never_takes_less_time() -> None:
    machines = machines_from_sizes(np.array([4.0]), np.array([16.0]), whole())
    before = forecast(MODEL, machines, None).latency_likely
    for column in COLUMNS:
        more = replace(MODEL, classes={**PLAIN, column: PLAIN.get(column, 0.0) + 1000.0})
        assert np.all(forecast(more, machines, None).latency_likely >= before), column
