"""How one answer's time differs from the next: samples kept small, parts added up, the usual spread."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from advisor.spread import Spread, of_samples, of_unit, on_grid, steady, usual


def test_a_few_samples_stand_as_they_are() -> None:
    s = of_samples([20.0, 10.0, 10.0, 30.0, 5.0])
    # The middle one is 10.
    assert s.times == (0.5, 1.0, 1.0, 2.0, 3.0)
    assert s.mean == pytest.approx(1.5)
    # The mean square is 15.25 / 5.
    assert s.squared_variation == pytest.approx(3.05 / 2.25 - 1)
    assert s.quantile(0.5) == pytest.approx(1.0)


@pytest.mark.parametrize("samples", [[], [0.0, 1.0], [-1.0]])
def test_times_that_are_none_are_refused(samples: list[float]) -> None:
    with pytest.raises(ValueError, match="samples above zero"):
        of_samples(samples)


@pytest.mark.parametrize("n", [59, 1000, 10_000])
def test_many_samples_are_kept_in_few_points_that_say_the_same(n: int) -> None:
    rng = np.random.default_rng(n)
    samples = rng.lognormal(0, 0.3, n) * np.where(rng.random(n) < 0.01, 15, 1)
    s = of_samples(samples.tolist())
    assert len(s.times) <= 460
    middle = np.median(samples)
    assert s.mean == pytest.approx(samples.mean() / middle)
    assert s.squared_variation == pytest.approx(samples.var() / samples.mean() ** 2, rel=0.02)
    for q in (0.5,) if n < 100 else (0.5, 0.9, 0.95, 0.99):
        assert s.quantile(q) == pytest.approx(np.quantile(samples, q) / middle, rel=0.03)
    assert s.times[-1] == pytest.approx(samples.max() / middle)


def test_the_usual_spread_has_the_percentile_and_the_stalls_it_was_asked_for() -> None:
    s = usual(1.25, 0.0, 10.0)
    assert s.quantile(0.95) == pytest.approx(1.25, rel=0.005)
    assert s.quantile(0.5) == pytest.approx(1.0, rel=0.005)
    stalled = usual(1.25, 0.01, 10.0)
    assert stalled.times[-1] == 10
    assert stalled.shares[-1] == pytest.approx(0.01)
    assert stalled.mean == pytest.approx(0.99 * s.mean + 0.1)
    assert stalled.squared_variation > 10 * s.squared_variation


def test_parts_add_their_variances() -> None:
    one = usual(1.5, 0.0, 10.0)
    variance = one.squared_variation * one.mean**2
    # Nine calls of a model, and a steady part that takes a quarter of the whole.
    unit = of_unit([(one, 7.5, 9.0), (steady(), 2.5, 1.0)])
    assert unit.mean == pytest.approx(0.75 * one.mean + 0.25, rel=1e-3)
    assert unit.squared_variation * unit.mean**2 == pytest.approx(variance * 0.75**2 / 9, rel=0.02)


def test_one_part_alone_is_left_as_it_is() -> None:
    one = usual(1.5, 0.01, 10.0)
    assert of_unit([(one, 3.0, 1.0), (steady(), 0.001, 1.0)]) == one


def test_stalls_of_a_call_are_small_in_a_unit_of_many() -> None:
    one = usual(1.25, 0.01, 15.0)
    many = of_unit([(one, 10.0, 1000.0)])
    assert many.mean == pytest.approx(one.mean, rel=1e-3)
    assert many.quantile(0.99) < 1.3 * many.quantile(0.5)


def test_fifty_small_parts_are_a_unit_too() -> None:
    one = usual(1.5, 0.0, 10.0)
    unit = of_unit([(one, 0.1, 1.0)] * 50)
    assert unit.mean == pytest.approx(one.mean, rel=1e-3)
    assert unit.squared_variation == pytest.approx(one.squared_variation / 50, rel=0.1)


def test_the_size_of_a_unit_does_not_matter() -> None:
    parts = [(usual(1.5, 0.01, 10.0), 7.5, 3.0), (steady(), 2.5, 1.0)]
    assert of_unit(parts) == of_unit([(s, 100 * part, n) for s, part, n in parts])


@settings(max_examples=40)
@given(
    times=st.lists(st.floats(0.1, 30), min_size=1, max_size=30), scale=st.floats(0.01, 1), cell=st.floats(0.02, 0.2),
)  # fmt: skip
def test_the_grid_keeps_all_and_the_mean(times: list[float], scale: float, cell: float) -> None:
    s = Spread(tuple(sorted(times)), (1 / len(times),) * len(times))
    chances = on_grid(s, scale, np.array([cell, 2 * cell]), 2048)
    assert chances.sum(axis=1) == pytest.approx([1, 1])
    places = np.arange(2048)
    assert chances @ places * np.array([cell, 2 * cell]) == pytest.approx([s.mean * scale] * 2, rel=1e-6)
