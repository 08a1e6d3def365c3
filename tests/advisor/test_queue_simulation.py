"""The played queue against textbook queues, and what must hold whatever is played."""

from __future__ import annotations

import heapq
import math
from dataclasses import replace

import numpy as np
import pytest

from advisor.queue_simulation import MOST, STRETCHES, Queued, drawn, play, run_up_of, scale, waits_of
from advisor.spread import steady, usual
from tests.advisor.test_waiting import erlang_c
from tests.bench_queue import EXPONENTIAL

LENGTH = 4096


def waits(spread, k: int, load: float, unevenness: float = 1.0, length: int = LENGTH) -> np.ndarray:
    """Waits of the played queue in mean service times, its run-up left out."""
    run_up = run_up_of(spread, unevenness, k, load)
    services, gaps = drawn(spread, unevenness, 11, run_up + length)
    return waits_of(services, gaps * scale(services, gaps, k, load), k)[run_up:] / spread.mean


def column(*values: float) -> np.ndarray:
    return np.array([[float(x)] for x in values])


def test_a_line_by_hand() -> None:
    # One machine: 0 to 5; the second comes at 1 and waits 4, ends at 7; the third comes at 8 and waits for nobody.
    services = column(5, 2, 3)
    assert waits_of(services, column(0, 1, 7), 1)[:, 0].tolist() == [0, 4, 0]
    # Two machines: nobody waits but a third that comes at 2: the first machine is free at 5, the second at 3.
    assert waits_of(services, column(0, 1, 1), 2)[:, 0].tolist() == [0, 0, 1]


@pytest.mark.parametrize("k", [1, 2, 5])
def test_waits_are_those_of_a_plain_list_of_machines(k: int) -> None:
    """Held against the queue as one would write it down: a machine that is free first takes the next."""
    services, gaps = (x[:, :3] for x in drawn(usual(1.25, 0.01, 15.0), 4.0, 5, 600))
    gaps = gaps / (0.8 * k)
    found = waits_of(services, gaps, k)
    for stretch in range(3):
        free, now = [0.0] * k, 0.0
        for n in range(600):
            now += gaps[n, stretch]
            start = max(now, heapq.heappop(free))
            heapq.heappush(free, start + services[n, stretch])
            assert found[n, stretch] == pytest.approx(start - now, abs=1e-9)


@pytest.mark.parametrize("rho", [0.3, 0.7])
def test_random_arrivals_at_one_exponential_machine(rho: float) -> None:
    """M/M/1: rho wait, on average rho / (1 - rho)."""
    w = waits(EXPONENTIAL, 1, rho)
    assert np.mean(w > 0) == pytest.approx(rho, rel=0.02)
    assert np.mean(w) == pytest.approx(rho / (1 - rho), rel=0.05)


@pytest.mark.parametrize("k", [2, 5])
def test_random_arrivals_at_several_exponential_machines(k: int) -> None:
    """M/M/k: C wait, on average C / (k (1 - rho))."""
    w = waits(EXPONENTIAL, k, 0.7)
    assert np.mean(w > 1e-12) == pytest.approx(erlang_c(k, 0.7), rel=0.04)
    assert np.mean(w) == pytest.approx(erlang_c(k, 0.7) / (k * 0.3), rel=0.08)


@pytest.mark.parametrize("rho", [0.3, 0.7, 0.9])
def test_the_mean_wait_is_that_of_pollaczek_and_khinchine(rho: float) -> None:
    """M/G/1: rho (1 + c2) / (2 (1 - rho)) mean services; c2 = 0 for steady ones."""
    for spread, tolerance in ((steady(), 0.05), (usual(1.25, 0.01, 15.0), 0.12)):
        exact = rho * (1 + spread.squared_variation) / (2 * (1 - rho))
        assert np.mean(waits(spread, 1, rho)) == pytest.approx(exact, rel=tolerance)


@pytest.mark.parametrize("unevenness", [0.5, 1.0, 4.0])
def test_gaps_are_as_uneven_as_they_should_be(unevenness: float) -> None:
    gaps = drawn(steady(), unevenness, 2, LENGTH)[1]
    assert np.mean(gaps) == pytest.approx(1, rel=0.02)
    assert np.var(gaps) / np.mean(gaps) ** 2 == pytest.approx(unevenness, rel=0.05)


def test_more_answers_begin_with_the_same() -> None:
    for unevenness in (0.5, 1.0, 4.0):
        for few, many in zip(drawn(EXPONENTIAL, unevenness, 3, 300), drawn(EXPONENTIAL, unevenness, 3, 3000), strict=True):
            assert few.shape == (300, STRETCHES)
            assert np.array_equal(few, many[:300])


QUEUE = Queued(0.2, 1, 3.0, usual(1.25, 0.01, 15.0), 1.0, 0.95, 0.0)


def test_a_play_is_the_same_each_time_and_another_seed_is_near() -> None:
    first = play(QUEUE, 7)
    assert first is not None
    assert first == play(QUEUE, 7)
    other = play(QUEUE, 8)
    assert other is not None
    assert other.p_s != first.p_s
    assert abs(other.p_s - first.p_s) < 4 * math.hypot(first.error_s, other.error_s)


def test_what_comes_on_top_is_added_and_the_wait_can_stand_alone() -> None:
    plain, beside = play(QUEUE, 7), play(replace(QUEUE, beside_s=1.5), 7)
    assert plain is not None
    assert beside is not None
    assert beside.p_s == pytest.approx(plain.p_s + 1.5)
    assert beside.p50_s == pytest.approx(plain.p50_s + 1.5)
    wait = play(replace(QUEUE, wait_only=True), 7)
    assert wait is not None
    assert 0 < wait.p_s < plain.p_s
    assert wait.p50_s <= plain.p50_s - 0.15


def test_more_work_waits_longer_and_more_machines_shorter() -> None:
    at = [play(replace(QUEUE, rate=r), 7, MOST).p_s for r in (0.5, 2.0, 3.0, 4.0)]
    assert at == sorted(at)
    beside = [play(replace(QUEUE, machines=k), 7).p_s for k in (1, 2, 4)]
    assert beside == sorted(beside, reverse=True)


def test_what_never_ends_is_not_played() -> None:
    assert play(replace(QUEUE, rate=5.0), 1) is None
    assert play(replace(QUEUE, likely_s=math.nan), 1) is None
    assert play(replace(QUEUE, machines=10_000, rate=1.0), 1) is None


def test_answers_played_are_bounded() -> None:
    hard = replace(QUEUE, rate=4.3)
    played = play(hard, 7, 20_000)
    assert played is not None
    assert played.answers <= 20_000
    assert played.error_s > 0
