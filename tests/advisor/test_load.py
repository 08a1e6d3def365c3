"""Queueing and capacity: against textbook queues, against a simulated queue, and what must hold whatever the numbers."""

from __future__ import annotations

import heapq
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from advisor.load import (
    BUSY_AT_MOST,
    SERVICE_VARIATION,
    busiest_upload_mbps,
    data_gb_per_month,
    demand,
    heap_hours,
    hours_free_a_day,
    machines_for_heap,
    machines_for_rate,
    peak_rate,
    response_quantile,
    sized,
    waiting_chance,
)
from advisor.need import Batch, RarePeak
from tests.advisor.answers import need, setting_of

# Random arrivals and exponential service make the textbook's M/M/k: (ca2 + cs2) / 2 = 1.
EXPONENTIAL = 2 - SERVICE_VARIATION


def one(x: float) -> np.ndarray:
    return np.array([float(x)])


def erlang_c(k: int, rho: float) -> float:
    """The chance to wait in M/M/k, summed term by term (Erlang 1917)."""
    load = k * rho
    below = sum(load**i / math.factorial(i) for i in range(k))
    at = load**k / math.factorial(k) / (1 - rho)
    return at / (below + at)


def test_erlang_c_by_hand() -> None:
    # Two servers at half load: a = 1, terms 1 + 1, then 1/2 / (1 - 1/2) = 1; 1 / 3.
    assert erlang_c(2, 0.5) == pytest.approx(1 / 3)
    # Two servers at 0.8: 2 rho^2 / (1 + rho) = 1.28 / 1.8.
    assert erlang_c(2, 0.8) == pytest.approx(0.7111, abs=1e-4)


@pytest.mark.parametrize("rho", [0.05, 0.5, 0.8, 0.95])
def test_chance_to_wait_is_exact_for_one_server(rho: float) -> None:
    assert waiting_chance(one(1), one(rho))[0] == pytest.approx(rho)


@pytest.mark.parametrize("k", [2, 3, 5, 10, 30])
@pytest.mark.parametrize("rho", [0.3, 0.5, 0.7, 0.8, 0.9])
def test_chance_to_wait_is_near_erlang_c(k: int, rho: float) -> None:
    """Within six points of a hundred, and hardly ever on the careless side."""
    off = waiting_chance(one(k), one(rho))[0] - erlang_c(k, rho)
    assert -0.01 < off < 0.06


@pytest.mark.parametrize(
    ("rho", "q", "by_hand"),
    [
        # Waiting of M/M/1: t = s / (1 - rho) x ln(rho / (1 - q)); one second of service comes on top.
        (0.5, 0.95, 1 + 4.60517),
        (0.8, 0.95, 1 + 13.86294),
        (0.8, 0.99, 1 + 21.91013),
        # Nobody of the first half waits at rho 0.3 (0.3 < 1 - 0.5), but the mean wait 0.3 / 0.7 is never taken off.
        (0.3, 0.5, 1 + 0.42857),
    ],
)
def test_quantile_of_one_server_by_hand(rho: float, q: float, by_hand: float) -> None:
    assert response_quantile(one(1), one(1), one(1), one(rho), EXPONENTIAL, q)[0] == pytest.approx(by_hand, rel=1e-5)


@pytest.mark.parametrize(("k", "rho"), [(2, 0.8), (5, 0.8), (10, 0.8)])
def test_tail_of_several_servers_is_near_the_textbook(k: int, rho: float) -> None:
    # P(wait > t) = C exp(-k (1 - rho) t / s), so t = ln(C / (1 - q)) s / (k (1 - rho)).
    exact = math.log(erlang_c(k, rho) / 0.05) / (k * (1 - rho))
    assert response_quantile(one(1), one(1), one(k), one(rho * k), EXPONENTIAL, 0.95)[0] - 1 == pytest.approx(exact, rel=0.05)


def test_an_idle_machine_answers_in_its_own_time() -> None:
    assert response_quantile(one(2), one(2.5), one(1), one(1e-9), 1.0, 0.95)[0] == pytest.approx(2.5)


def test_an_overloaded_machine_never_answers() -> None:
    assert response_quantile(one(1), one(1), one(2), one(2.0), 1.0, 0.95)[0] == math.inf


def simulated(k: int, rho: float, q: float, seed: int) -> float:
    """The q-quantile of the time to answer of 60,000 random arrivals at k servers, service gamma with mean 1."""
    n, rng = 60_000, np.random.default_rng(seed)
    arrivals = np.cumsum(rng.exponential(1 / (rho * k), n)).tolist()
    services = rng.gamma(1 / SERVICE_VARIATION, SERVICE_VARIATION, n).tolist()
    free = [0.0] * k
    times = []
    for at, service in zip(arrivals, services, strict=True):
        start = max(at, heapq.heappop(free))
        heapq.heappush(free, start + service)
        times.append(start + service - at)
    return float(np.quantile(times[1000:], q))


@pytest.mark.parametrize(("k", "rho"), [(1, 0.3), (1, 0.6), (1, 0.8), (3, 0.8), (8, 0.8)])
def test_formula_is_near_a_simulated_queue(k: int, rho: float) -> None:
    """Within 15 % of the simulated 95th percentile."""
    from scipy.stats import gamma

    service_q = float(gamma.ppf(0.95, 1 / SERVICE_VARIATION, scale=SERVICE_VARIATION))
    formula = response_quantile(one(1), one(service_q), one(k), one(rho * k), 1.0, 0.95)[0]
    assert formula == pytest.approx(simulated(k, rho, 0.95, seed=7), rel=0.15)


@given(
    service=st.floats(1e-4, 100),
    slow=st.floats(1, 4),
    k=st.integers(1, 200),
    rho=st.floats(0, 0.99),
    unevenness=st.sampled_from([0.5, 1.0, 4.0]),
)
def test_percentiles_are_ordered(service: float, slow: float, k: int, rho: float, unevenness: float) -> None:
    rate = one(rho * k / service)
    at = [response_quantile(one(service), one(service * slow), one(k), rate, unevenness, q)[0] for q in (0.5, 0.9, 0.95, 0.99, 0.999)]
    assert at == sorted(at)
    assert at[0] >= service


@example(service=1.0, rate=8.8, more=1.012, room=1.02, q=0.95)
@given(service=st.floats(1e-3, 10), rate=st.floats(1e-4, 500), more=st.floats(1, 3), room=st.floats(1.01, 50), q=st.floats(0.5, 1))
def test_more_work_never_needs_fewer_machines(service: float, rate: float, more: float, room: float, q: float) -> None:
    few, many = (sized(one(service), one(service * 1.25), r, 1.0, q, service * 1.25 * room) for r in (rate, rate * more))
    assert many.units[0] >= few.units[0]
    assert few.enough[0] or not many.enough[0]


def test_the_fewest_machines_are_found() -> None:
    # 10.24 / 0.8 = 12.8 busy machines, so 13 at least; the limit asks for some more.
    rate, service, limit = 10.24, 1.0, 1.26
    found = sized(one(service), one(1.25), rate, 1.0, 0.95, limit)
    k = int(found.units[0])
    assert k > 13
    at = [response_quantile(one(service), one(1.25), one(u), one(rate), 1.0, 0.95)[0] for u in (k - 1, k)]
    assert at[1] <= limit < at[0]


@given(service=st.lists(st.floats(1e-3, 20), min_size=1, max_size=8), rate=st.floats(1e-4, 100), limit=st.floats(1e-2, 60))
def test_enough_means_that_the_limit_is_kept(service: list[float], rate: float, limit: float) -> None:
    s = np.array(service)
    found = sized(s, 1.25 * s, rate, 1.0, 0.95, limit)
    assert np.all(found.p_s[found.enough] <= limit)
    assert np.all(found.utilisation <= BUSY_AT_MOST + 1e-9)
    assert np.all(found.p50_s <= found.p_s)
    # Where it says no, no number helps: one answer alone takes too long.
    assert np.all(1.25 * s[~found.enough] > limit * 0.999)


def test_no_limit_asks_only_for_capacity() -> None:
    found = sized(one(10), one(12), 1.0, 1.0, 0.95, None)
    assert found.units[0] == 13
    assert found.enough[0]


def test_a_machine_of_unknown_speed_is_never_enough() -> None:
    found = sized(one(math.nan), one(math.nan), 1.0, 1.0, 0.95, 5.0)
    assert not found.enough[0]


def test_work_beyond_any_number_of_machines_is_still_a_number() -> None:
    found = sized(one(1e9), one(1e9), 1e12, 1.0, 0.95, None)
    assert found.units[0] > 1e14
    assert machines_for_heap(1e30, one(1e-3), 1.0)[0] > 1e14
    assert machines_for_rate(1e30, one(1.0))[0] > 1e14
    # 3 a second, 2 seconds each: 6 busy, 7.5 at four fifths.
    assert machines_for_rate(3.0, one(2.0))[0] == 8


def test_all_answers_means_999_of_1000() -> None:
    every, most = (sized(one(0.5), one(0.6), 1.0, 1.0, q, 30.0) for q in (1.0, 0.999))
    assert every.p_s[0] == most.p_s[0]


# ---- heaps and free hours ----------------------------------------------------------------------------------------


def test_heap_hours_by_hand() -> None:
    # 36,000 pieces at 2 a second on 5 machines: 3,600 seconds.
    assert heap_hours(36_000, one(2), 5)[0] == pytest.approx(1)


@pytest.mark.parametrize(("hours", "machines"), [(5.0, 1), (4.99, 2), (1.0, 5), (0.9, 6)])
def test_machines_for_a_heap_by_hand(hours: float, machines: int) -> None:
    # 36,000 pieces at 2 a second: 5 machine hours.
    assert machines_for_heap(36_000, one(2), hours)[0] == machines


@given(units=st.floats(1, 1e9), more=st.floats(1, 10), per_s=st.floats(1e-3, 1e4), hours=st.floats(0.1, 1000))
def test_a_larger_heap_never_needs_fewer_machines(units: float, more: float, per_s: float, hours: float) -> None:
    machines = machines_for_heap(units, one(per_s), hours)
    assert machines_for_heap(units * more, one(per_s), hours)[0] >= machines[0] >= 1
    assert heap_hours(units, one(per_s), machines)[0] <= hours * (1 + 1e-6)


@pytest.mark.parametrize(
    ("free", "open_hours", "hours"),
    [("nights", 10, 14), ("nights", 20, 8), ("office-hours", 9, 9), ("office-hours", 14, 10), ("always", 9, 24), (None, 9, 24)],
)
def test_free_hours(free: str | None, open_hours: float, hours: float) -> None:
    assert hours_free_a_day(free, open_hours) == hours


# ---- demand ------------------------------------------------------------------------------------------------------

PLAIN = setting_of(need(load__days_per_week=7, load__units_per_day=100, load__busiest_hour_units=20)).case


def test_growth_once_a_year_and_a_cut_last_year() -> None:
    d = demand(replace(PLAIN, growth=0.1, years=2.5))
    assert [y.share for y in d.years] == [1, 1, pytest.approx(0.5)]
    # 100 a day, 365 days: 36,500, then 40,150, then half of 44,165.
    assert [y.units for y in d.years] == pytest.approx([36_500, 40_150, 22_082.5])
    assert [y.busiest_hour_units for y in d.years] == pytest.approx([20, 22, 24.2])
    assert d.peak_hour_units == pytest.approx(24.2)
    assert d.duration == pytest.approx(2.5)
    assert d.units == pytest.approx(98_732.5)


def test_shrinking_work_is_planned_for_its_first_year() -> None:
    d = demand(replace(PLAIN, growth=-0.5, years=3))
    assert d.peak_hour_units == 20
    assert d.units == pytest.approx(36_500 * 1.75)


def test_rare_peak_adds_only_what_is_above_a_normal_day() -> None:
    d = demand(replace(PLAIN, growth=0.0, years=2, rare_peak=RarePeak(1000, 300, 10)))
    # 365 x 100 + 10 x 900 a year.
    assert d.units == pytest.approx(2 * 45_500)
    assert (d.rare_hour_units, d.rare_days_per_year) == (300, 10)
    case = replace(PLAIN, growth=0.0, rare_peak=RarePeak(1000, 300, 10))
    assert peak_rate(case, d, per_site=False) == pytest.approx(300 / 3600)
    assert peak_rate(case, d, per_site=False, rare=False) == pytest.approx(20 / 3600)


def test_a_heap_larger_than_the_rare_day_is_no_negative_work() -> None:
    case = replace(PLAIN, growth=0.0, years=1, batch=Batch(100, 365), speed_of="batch", rare_peak=RarePeak(50, 10, 20))
    assert demand(case).units == pytest.approx(36_500)


def test_the_largest_heap_is_planned_for() -> None:
    case = replace(PLAIN, growth=0.2, years=3, batch=Batch(1000, 12), speed_of="batch")
    assert demand(case).heap_units == pytest.approx(1440)
    assert demand(replace(case, growth=-0.2)).heap_units == 1000
    assert demand(case).heaps_per_year == 12


def test_a_day_is_the_heap_where_none_is_named() -> None:
    d = demand(replace(PLAIN, speed_of="batch", growth=0.0))
    assert (d.heap_units, d.heaps_per_year) == (100, pytest.approx(365))


@given(years=st.floats(0.25, 15), growth=st.floats(-0.9, 3), more=st.floats(0, 5))
def test_work_never_falls_when_the_horizon_grows(years: float, growth: float, more: float) -> None:
    short, long = (demand(replace(PLAIN, growth=growth, years=y)) for y in (years, years + more))
    assert long.units >= short.units * (1 - 1e-9)
    assert long.peak_hour_units >= short.peak_hour_units
    assert short.duration == pytest.approx(years, abs=1e-8)


def test_line_figures_are_per_site_and_in_their_units() -> None:
    case = replace(PLAIN, sites=2, input_kb=500, growth=0.0, years=1)
    d = demand(case)
    # 20 an hour over two sites: 10 x 500 kB x 8 bit in 3,600 s.
    assert busiest_upload_mbps(case, d) == pytest.approx(10 * 4000 / 3600 / 1000)
    # 36,500 x 500 kB in a year = 18.25 GB, a twelfth of it, half of that at each site.
    assert data_gb_per_month(case, d) == pytest.approx(18.25 / 12 / 2)


@settings(max_examples=30)
@given(sites=st.integers(1, 50))
def test_sites_share_the_work(sites: int) -> None:
    case = replace(PLAIN, sites=sites)
    assert peak_rate(case, demand(case), per_site=True) * sites == pytest.approx(peak_rate(case, demand(case), per_site=False))
