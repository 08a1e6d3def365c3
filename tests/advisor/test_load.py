"""Queueing and capacity: against textbook queues, against a simulated queue, and what must hold whatever the numbers."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from advisor.load import (
    BUSY_AT_MOST,
    asleep_share,
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
)
from advisor.need import Batch, RarePeak
from advisor.spread import Spread, steady, usual
from advisor.waiting import answer_times
from tests.advisor.answers import need, setting_of

ANY_SPREAD = st.sampled_from([usual(1.25, 0.002, 10.0), usual(2.0, 0.0, 1.0), usual(1.25, 0.01, 15.0)])
SPREAD = usual(1.25, 0.0, 1.0)


def one(x: float) -> np.ndarray:
    return np.array([float(x)])


def answered(service: float, spread: Spread, k: float, rate: float, q: float = 0.95, unevenness: float = 1.0) -> float:
    return float(response_quantile(one(service), spread, one(k), one(rate), unevenness, q)[0][0])


def test_the_time_to_answer_is_that_of_the_tables_in_seconds() -> None:
    # Two machines, 3 a second, 0.4 s each and a little more on average: 0.6 of the time busy.
    load = 3 * 0.4 * SPREAD.mean / 2
    in_likely_times = float(answer_times(SPREAD, one(2), one(load), 1.0, 0.95)[0][0])
    assert answered(0.4, SPREAD, 2, 3) == pytest.approx(0.4 * in_likely_times)
    assert in_likely_times > SPREAD.quantile(0.95)


@settings(deadline=None)
@example(service=1.0, spread=SPREAD, rate=8.8, more=1.012, room=1.02, q=0.95, unevenness=1.0)
@given(
    service=st.floats(1e-3, 10), spread=ANY_SPREAD, rate=st.floats(1e-4, 500), more=st.floats(1, 3), room=st.floats(1.01, 50),
    q=st.sampled_from([0.5, 0.9, 0.95, 0.99, 1.0]), unevenness=st.sampled_from([0.5, 1.0, 4.0]),
)  # fmt: skip
def test_more_work_never_needs_fewer_machines(
    service: float, spread: Spread, rate: float, more: float, room: float, q: float, unevenness: float
) -> None:
    few, many = (sized(one(service), spread, r, unevenness, q, service * 1.25 * room) for r in (rate, rate * more))
    assert many.units[0] >= few.units[0]
    assert few.enough[0] or not many.enough[0]


@settings(deadline=None)
@given(rate=st.floats(0.1, 50), room=st.floats(1.3, 10), more=st.floats(1, 5), spread=ANY_SPREAD)
def test_a_looser_limit_never_needs_more_machines(rate: float, room: float, more: float, spread: Spread) -> None:
    tight, loose = (sized(one(1), spread, rate, 1.0, 0.95, limit) for limit in (room, room * more))
    assert loose.units[0] <= tight.units[0] or not tight.enough[0]
    assert loose.enough[0] or not tight.enough[0]


def test_the_fewest_machines_are_found() -> None:
    # 10.24 times a little more than one, over 0.8: 13 busy machines at least; the limit asks for some more.
    rate, limit = 10.24, 1.27
    found = sized(one(1), SPREAD, rate, 1.0, 0.95, limit)
    k = int(found.units[0])
    assert k > 13
    at = [answered(1, SPREAD, u, rate) for u in (k - 1, k)]
    assert at[1] <= limit < at[0]
    assert found.p_s[0] == pytest.approx(at[1])
    assert found.p50_s[0] == pytest.approx(1.0, rel=0.03)


@settings(deadline=None)
@given(service=st.lists(st.floats(1e-3, 20), min_size=1, max_size=8), rate=st.floats(1e-4, 100), limit=st.floats(1e-2, 60))
def test_enough_means_that_the_limit_is_kept(service: list[float], rate: float, limit: float) -> None:
    s = np.array(service)
    found = sized(s, SPREAD, rate, 1.0, 0.95, limit)
    assert np.all(found.p_s[found.enough] <= limit)
    assert np.all(found.utilisation <= BUSY_AT_MOST + 1e-9)
    assert np.all(found.p50_s <= found.p_s)
    # Where it says no, no number helps: one answer alone takes too long (or just not: 64 times the machines are tried).
    assert np.all(SPREAD.quantile(0.95) * s[~found.enough] > limit * 0.98)


def test_a_limit_on_the_wait_alone_leaves_the_service_out() -> None:
    whole = sized(one(2), SPREAD, 1.0, 1.0, 0.95, 6.0)
    wait = sized(one(2), SPREAD, 1.0, 1.0, 0.95, 1.0, wait_only=True)
    assert wait.enough[0]
    assert wait.p_s[0] <= 1.0
    assert whole.p_s[0] > 2.0
    assert sized(one(2), SPREAD, 1.0, 1.0, 0.95, -0.1, wait_only=True).enough[0] == np.False_


def test_no_limit_asks_only_for_capacity() -> None:
    found = sized(one(10), steady(), 1.0, 1.0, 0.95, None)
    assert found.units[0] == 13
    assert found.enough[0]


def test_a_machine_of_unknown_speed_is_never_enough() -> None:
    found = sized(np.array([math.nan, 0.1]), SPREAD, 1.0, 1.0, 0.95, 5.0)
    assert found.enough.tolist() == [False, True]
    assert np.isfinite(found.p_s[1])


def test_many_machines_side_by_side_are_each_sized_for_themselves() -> None:
    services = np.array([0.05, 0.5, 2.0, 7.0, 40.0])
    together = sized(services, SPREAD, 3.0, 1.0, 0.95, 60.0)
    alone = [sized(one(s), SPREAD, 3.0, 1.0, 0.95, 60.0) for s in services.tolist()]
    assert together.units.tolist() == [int(a.units[0]) for a in alone]
    assert together.p_s.tolist() == pytest.approx([float(a.p_s[0]) for a in alone])


def test_work_beyond_any_number_of_machines_is_still_a_number() -> None:
    found = sized(one(1e9), SPREAD, 1e12, 1.0, 0.95, None)
    assert found.units[0] > 1e14
    assert machines_for_heap(1e30, one(1e-3), 1.0)[0] > 1e14
    assert machines_for_rate(1e30, one(1.0))[0] > 1e14
    # 3 a second, 2 seconds each: 6 busy, 7.5 at four fifths.
    assert machines_for_rate(3.0, one(2.0))[0] == 8


def test_all_answers_means_999_of_1000() -> None:
    every, most = (sized(one(0.5), SPREAD, 1.0, 1.0, q, 30.0) for q in (1.0, 0.999))
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


@pytest.mark.parametrize(
    ("arrivals", "asleep"),
    [
        # 20 in the busiest hour and 80 in nine others, ten minutes awake: 20/6 and 80/54 come meanwhile.
        ("daytime", (20 * math.exp(-20 / 6) + 80 * math.exp(-80 / 54)) / 100),
        # In groups of 2.5: only the first of a group can find it asleep.
        ("bursty", (20 * 0.4 * math.exp(-8 / 6) + 80 * 0.4 * math.exp(-32 / 54)) / 100),
        ("steady", (20 * (1 + 40 / 6) * math.exp(-40 / 6) + 80 * (1 + 160 / 54) * math.exp(-160 / 54)) / 100),
    ],
)
def test_the_share_of_answers_that_find_a_function_asleep(arrivals: str, asleep: float) -> None:
    case = replace(PLAIN, growth=0.0, years=2, open_hours_per_day=10, arrivals=arrivals)
    # And the first of a hundred, after the night.
    assert asleep_share(case, demand(case), 600.0) == pytest.approx(asleep + (1 - asleep) / 100)


def test_a_function_that_never_rests_is_never_asleep_and_a_lonely_one_always() -> None:
    busy = replace(PLAIN, units_per_day=1e6, busiest_hour_units=1e5, open_hours_per_day=24)
    assert asleep_share(busy, demand(busy), 600.0) == pytest.approx(0, abs=1e-9)
    lonely = replace(PLAIN, units_per_day=1, busiest_hour_units=1)
    assert asleep_share(lonely, demand(lonely), 600.0) == pytest.approx(1, abs=0.01)


@given(units=st.floats(0.1, 1e4), share=st.floats(0.01, 3), hours=st.floats(0.5, 24), idle=st.floats(1, 1e5), more=st.floats(1, 10))
def test_the_longer_a_function_stays_awake_the_fewer_wait(units: float, share: float, hours: float, idle: float, more: float) -> None:
    case = replace(PLAIN, units_per_day=units, busiest_hour_units=units * share, open_hours_per_day=hours)
    d = demand(case)
    short, long = (asleep_share(case, d, idle * x) for x in (1.0, more))
    assert 0 <= long <= short <= 1
    assert asleep_share(case, d, 0.0) == pytest.approx(1)


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
