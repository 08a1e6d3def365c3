"""Times to answer in closed form: against exact results, and against a played queue over a grid of loads."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from advisor.queue_simulation import Queued, play
from advisor.spread import Spread, steady, usual
from advisor.wait_transforms import chance_even, chance_in_groups
from advisor.waiting import LOADS, MACHINES, answer_times, table
from tests.bench_queue import EXPONENTIAL, SPREADS, miss
from tests.bench_queue import LOADS as LOADS_TRIED


def one(x: float) -> np.ndarray:
    return np.array([float(x)])


def erlang_c(k: int, rho: float) -> float:
    """The chance to wait in M/M/k, summed term by term (Erlang 1917)."""
    load = k * rho
    below = sum(load**i / math.factorial(i) for i in range(k))
    at = load**k / math.factorial(k) / (1 - rho)
    return at / (below + at)


def answered(spread: Spread, k: int, rho: float, q: float, unevenness: float = 1.0, *, wait_only: bool = False) -> float:
    return float(answer_times(spread, one(k), one(rho), unevenness, q, wait_only=wait_only)[0][0])


# ---- against exact results ---------------------------------------------------------------------------------------


def test_erlang_c_by_hand() -> None:
    # Two servers at half load: a = 1, terms 1 + 1, then 1/2 / (1 - 1/2) = 1; 1 / 3.
    assert erlang_c(2, 0.5) == pytest.approx(1 / 3)
    # Two servers at 0.8: 2 rho^2 / (1 + rho) = 1.28 / 1.8.
    assert erlang_c(2, 0.8) == pytest.approx(0.7111, abs=1e-4)


@pytest.mark.parametrize("k", [1, 2, 3, 8, 30])
@pytest.mark.parametrize("rho", [0.05, 0.5, 0.8, 0.95])
def test_random_arrivals_wait_as_erlang_says(k: int, rho: float) -> None:
    assert chance_in_groups(k, one(rho), 1.0)[0] == pytest.approx(erlang_c(k, rho), rel=1e-9)


@pytest.mark.parametrize("rho", [0.1, 0.5, 0.9])
def test_the_chance_to_wait_of_groups_and_even_gaps_by_hand(rho: float) -> None:
    # Groups of 2.5 on average at one machine: all but the first of a group that finds it idle.
    assert chance_in_groups(1, one(rho), 0.4)[0] == pytest.approx(1 - 0.4 * (1 - rho))
    # E2/M/1: the root in (0, 1) of s = (2 rho / (2 rho + 1 - s))^2.
    root = next(float(r.real) for r in np.roots([1, -(4 * rho + 1), 4 * rho**2]) if 0 < r.real < 1)
    assert root == pytest.approx((2 * rho / (2 * rho + 1 - root)) ** 2)
    assert chance_even(1, one(rho))[0] == pytest.approx(root)


@pytest.mark.parametrize("k", [4, 64, 512])
def test_even_arrivals_wait_less_often_than_random_ones_and_groups_more(k: int) -> None:
    even, random, groups = chance_even(k, LOADS[1:]), chance_in_groups(k, LOADS[1:], 1.0), chance_in_groups(k, LOADS[1:], 0.4)
    assert np.all(np.isfinite(even))
    assert np.all((even >= 0) & (even <= random + 1e-12))
    assert np.all(groups >= random - 1e-12)
    assert even[-1] > 0.1


@pytest.mark.parametrize("q", [0.5, 0.9, 0.95, 0.99])
@pytest.mark.parametrize("rho", [0.1, 0.5, 0.8, 0.95])
def test_one_exponential_machine_is_the_textbook(rho: float, q: float) -> None:
    """M/M/1: the time to answer is exponential with rate 1 - rho."""
    assert answered(EXPONENTIAL, 1, rho, q) / EXPONENTIAL.mean == pytest.approx(math.log(1 / (1 - q)) / (1 - rho), rel=0.02)


@pytest.mark.parametrize("k", [2, 5, 10])
def test_the_wait_at_several_exponential_machines_is_the_textbook(k: int) -> None:
    """M/M/k: P(wait > t) = C exp(-k (1 - rho) t)."""
    exact = math.log(erlang_c(k, 0.8) / 0.05) / (k * 0.2)
    assert answered(EXPONENTIAL, k, 0.8, 0.95, wait_only=True) / EXPONENTIAL.mean == pytest.approx(exact, rel=0.02)


@pytest.mark.parametrize(("rho", "q"), [(0.5, 0.7), (0.8, 0.3)])
def test_one_steady_machine_by_hand(rho: float, q: float) -> None:
    """M/D/1 (Erlang 1909): P(wait <= t) = (1 - rho) e^(rho t) up to one service."""
    t = math.log(q / (1 - rho)) / rho
    assert t < 1
    assert answered(steady(), 1, rho, q, wait_only=True) == pytest.approx(t, rel=0.02)


def test_even_gaps_at_one_exponential_machine() -> None:
    """E2/M/1: the time to answer is exponential with rate 1 - s, s the chance to wait."""
    s = chance_even(1, one(0.8))[0]
    assert answered(EXPONENTIAL, 1, 0.8, 0.95, 0.5) / EXPONENTIAL.mean == pytest.approx(math.log(20) / (1 - s), rel=0.03)


def test_an_idle_machine_answers_in_its_own_time() -> None:
    spread = usual(1.25, 0.01, 10)
    assert answered(spread, 1, 0.0, 0.95) == spread.quantile(0.95)
    assert answered(spread, 1, 0.0, 0.95, wait_only=True) == 0


def test_an_overloaded_machine_never_answers() -> None:
    for unevenness in (0.5, 1.0, 4.0):
        assert answered(EXPONENTIAL, 2, 1.0, 0.95, unevenness) == math.inf
    assert math.isnan(answered(EXPONENTIAL, 2, math.nan, 0.95))


# ---- against the played queue ------------------------------------------------------------------------------------


@pytest.mark.parametrize("unevenness", [0.5, 1.0, 4.0])
@pytest.mark.parametrize("name", SPREADS)
def test_the_95th_percentile_is_that_of_the_played_queue(name: str, unevenness: float) -> None:
    """Within a tenth at loads from 0.1 to 0.9 and at 1, 2, 4 and 8 machines; figures in docs/accuracy.md."""
    spread = SPREADS[name]
    for k in (1, 2, 4, 8):
        for load in LOADS_TRIED if unevenness == 1 else LOADS_TRIED[::2]:
            missed, error = miss(spread, k, load, unevenness, 0.95)
            # The play itself is known to its own error only.
            assert abs(missed) <= max(0.1, 2 * error), (k, load, missed, error)


def test_the_first_gap_to_the_played_queue_is_not_luck() -> None:
    """The play itself is what the textbook says, so that agreeing with it means something."""
    played = play(Queued(1 / EXPONENTIAL.mean, 1, 0.7, EXPONENTIAL, 1.0, 0.95, 0.0), 3)
    assert played is not None
    assert played.p_s == pytest.approx(math.log(20) / 0.3, rel=0.05)


# ---- what must hold whatever the numbers -------------------------------------------------------------------------

ANY_SPREAD = st.sampled_from([usual(1.25, 0.002, 10.0), usual(5.0, 0.0, 1.0), usual(1.25, 0.01, 15.0)])


@settings(deadline=None, max_examples=40)
@given(
    spread=ANY_SPREAD, k=st.integers(1, 700), load=st.floats(0, 0.99), more=st.floats(0, 0.99),
    unevenness=st.sampled_from([0.5, 1.0, 4.0]), q=st.sampled_from([0.5, 0.95, 0.999]),
)  # fmt: skip
def test_more_load_never_waits_less(spread: Spread, k: int, load: float, more: float, unevenness: float, q: float) -> None:
    less, much = sorted((load, more))
    for wait_only in (False, True):
        first, second = (answered(spread, k, x, q, unevenness, wait_only=wait_only) for x in (less, much))
        assert first <= second * (1 + 1e-12)


@settings(deadline=None, max_examples=40)
@given(spread=ANY_SPREAD, k=st.integers(1, 600), load=st.floats(0.01, 0.95), unevenness=st.sampled_from([0.5, 1.0, 4.0]))
def test_one_machine_more_never_waits_longer(spread: Spread, k: int, load: float, unevenness: float) -> None:
    few, many = (answered(spread, m, load * k / m, 0.95, unevenness) for m in (k, k + 1))
    assert many <= few * 1.005


@settings(deadline=None, max_examples=40)
@given(spread=ANY_SPREAD, k=st.integers(1, 200), load=st.floats(0, 0.99), unevenness=st.sampled_from([0.5, 1.0, 4.0]))
def test_percentiles_are_ordered(spread: Spread, k: int, load: float, unevenness: float) -> None:
    at = [answered(spread, k, load, q, unevenness) for q in (0.5, 0.95, 0.999)]
    # Bent tables are each played for themselves.
    least = 0.999 if k == 1 or (unevenness == 1 and spread.squared_variation < 0.4) else 0.95
    assert all(b >= a * least for a, b in itertools.pairwise(at))


@pytest.mark.parametrize("wait_only", [False, True])
def test_a_table_of_each_kind_stands(wait_only: bool) -> None:
    for unevenness in (0.5, 1.0, 4.0):
        for k in MACHINES.tolist():
            t = table(usual(1.25, 0.01, 15), unevenness, k, 0.95, wait_only=wait_only)
            for column in (t.quantile, t.middle):
                assert np.all(np.isfinite(column))
                assert np.all(np.diff(column) >= 0)
