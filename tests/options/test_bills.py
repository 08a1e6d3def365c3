"""The bills of all ways: every part once, sums exact, more work or more years never cheaper."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from advisor.cost import ALL_PARTS
from advisor.options import candidates
from tests.advisor.answers import KINDS, changed, need, setting_of, worked

# Everything that only the owner can tell of a bill.
TOLD_MONEY: dict[str, Any] = {
    "currency": "EUR", "with_tax": True, "lost_hour": 40, "fittings_per_site": 90, "it_firm_per_month": 60, "care_contract": True,
    "second_line_per_month": 25,
}  # fmt: skip
TOLD = {
    "job__retrainings_per_year": 2, "job__labels_per_retraining": 300, "job__people_using": 3, "site__line_down_hours_per_year": 12,
    "load__growth_percent_per_year": 20,
}  # fmt: skip
WITH_WAGE = {
    **KINDS,
    "wage": need(money={"currency": "EUR", "staff_hour": 35, "discount_percent": 4}),
    "already rented": need(site={"rented": [{"provider": "hetzner", "instance_type": "cx33", "spare_share": 0.5}]}),
    **{f"{kind}, all told": changed(document, money=TOLD_MONEY, **TOLD) for kind, document in KINDS.items()},
    "all told": need(money={**TOLD_MONEY, "staff_hour": 35, "discount_percent": 4, "horizon_years": 2.5}, **TOLD),
}


@pytest.mark.parametrize("kind", sorted(WITH_WAGE))
def test_every_part_is_an_amount_a_reason_or_left_out(kind: str) -> None:
    for option in worked(WITH_WAGE[kind]).told().options:
        seen = Counter(x.code for x in option.cost.lines)
        assert set(seen) == set(ALL_PARTS), option.id
        for x in option.cost.lines:
            assert x.text.strip(), (option.id, x.code)
            if x.amount is None:
                assert (x.low, x.high) == (None, None)
            else:
                assert x.low is not None
                assert x.high is not None
                assert x.low <= x.amount <= x.high
            # A part that is said not to count is not counted as well.
            if ": " in x.text and x.amount is not None:
                assert x.amount == 0, (option.id, x.code, x.text)
        for code, times in seen.items():
            if times > 1:
                assert all(x.amount or x.quantity for x in option.cost.lines if x.code == code), (option.id, code)


@pytest.mark.parametrize("kind", sorted(WITH_WAGE))
def test_totals_are_the_sums_of_their_lines(kind: str) -> None:
    w = worked(WITH_WAGE[kind])
    for option in w.told().options:
        cost = option.cost
        assert cost.total == sum((x.amount for x in cost.lines if x.amount is not None), Decimal(0))
        assert cost.upfront == sum((x.amount for x in cost.lines if x.amount is not None and x.when == "upfront"), Decimal(0))
        assert cost.low <= cost.total <= cost.high
        assert cost.per_unit == pytest.approx(float(cost.total) / w.setting.demand.units)
        assert abs(float(cost.monthly_average) - float(cost.total - cost.upfront) / (12 * w.setting.case.years)) <= 0.0051
        assert cost.upfront + cost.running + cost.end + cost.discount == cost.total
        assert cost.undiscounted == cost.total - cost.discount
        discounted = {x.amount for x in cost.lines if x.code == "T28" and x.amount is not None}
        assert discounted == {cost.discount}


@pytest.mark.parametrize("kind", sorted(WITH_WAGE))
def test_the_years_and_the_first_day_are_the_bill(kind: str) -> None:
    w = worked(WITH_WAGE[kind])
    for option in w.told().options:
        cost = option.cost
        assert [y.year for y in cost.years] == list(range(1, len(cost.years) + 1))
        assert sum(y.months for y in cost.years) == pytest.approx(12 * w.setting.case.years)
        assert cost.upfront + sum(y.amount for y in cost.years) == cost.undiscounted
        reached = cost.upfront
        for y in cost.years:
            reached += y.amount
            assert y.cumulative == reached
            assert y.low <= y.amount <= y.high
            assert y.amount >= 0


@pytest.mark.parametrize("kind", sorted(WITH_WAGE))
def test_a_line_is_its_quantity_times_its_price(kind: str) -> None:
    for option in worked(WITH_WAGE[kind]).told().options:
        for x in option.cost.lines:
            if x.amount is not None and x.unit_price is not None:
                assert float(x.amount) == pytest.approx(x.quantity * x.unit_price, abs=0.0051)


@pytest.mark.parametrize("kind", sorted(WITH_WAGE))
def test_every_amount_says_where_it_comes_from(kind: str) -> None:
    for option in worked(WITH_WAGE[kind]).told().options:
        assert all(x.source for x in option.cost.lines if x.amount)


def test_hours_stand_in_the_bill_without_money_unless_they_cost_any() -> None:
    free, paid = (worked(need(money={"currency": "EUR", "staff_hour": s})).group("edge_existing") for s in (None, 35))
    assert float(free.bills.totals[0]) < float(paid.bills.totals[0])
    hours = paid.setup_hours[0] + 36 * paid.upkeep_hours_per_month[0] + paid.other_hours
    rate = worked(need(money={"currency": "EUR", "staff_hour": 35})).setting.money.rate
    assert (paid.bills.totals[0] - free.bills.totals[0]) * rate == pytest.approx(35 * hours)


def test_a_discount_makes_later_payments_smaller_and_leaves_the_first_day_alone() -> None:
    plain, less = (worked(need(money={"currency": "EUR", "discount_percent": p})).groups for p in (0, 8))
    for a, b in zip(plain, less, strict=True):
        assert np.array_equal(a.bills.upfronts, b.bills.upfronts)
        later = a.bills.totals - a.bills.upfronts
        worth = (1 - 1.08**-3) / (3 * np.log(1.08))
        assert b.bills.totals - b.bills.upfronts == pytest.approx(later * worth)


def test_no_price_is_below_zero_or_missing() -> None:
    for document in KINDS.values():
        for g in worked(document).groups:
            assert np.all(np.isfinite(g.bills.totals))
            assert np.all(g.bills.totals >= 0)
            assert np.all((g.bills.lows >= -1e-9) & (g.bills.lows <= g.bills.totals + 1e-9) & (g.bills.totals <= g.bills.highs + 1e-9))


BASES: dict[str, dict[str, Any]] = {
    "photos": need(),
    "public": need(site={"traffic_comes_from": "internet"}, load__growth_percent_per_year=25),
    "mobile": need(site={"internet": "mobile", "uplink_mbps": 10, "owned": [{"what": "office PC 2021", "free": "nights"}]}),
    "wage": need(money={"currency": "GBP", "staff_hour": 20, "discount_percent": 6}),
    "sites": need(load__sites=4),
    **{k: KINDS[k] for k in ("cloud_api", "cloud_batch", "hybrid")},
}


def totals(document: dict[str, Any]) -> dict[str, np.ndarray | float]:
    """Totals by group, or by id where a group picks its best few."""
    out: dict[str, np.ndarray | float] = {}
    for g in candidates(setting_of(document)):
        if g.kind == "hybrid" or g.ids(0).endswith(":spot"):
            out |= {g.ids(i): float(g.bills.totals[i]) for i in range(g.n)}
        else:
            out[f"{g.ids(0)}..{g.ids(g.n - 1)}"] = g.bills.totals
    return out


def never_lower(before: dict[str, Any], after: dict[str, Any]) -> None:
    a, b = totals(before), totals(after)
    both = a.keys() & b.keys()
    assert both
    for key in both:
        assert np.all(np.asarray(b[key]) >= np.asarray(a[key]) * (1 - 1e-9) - 1e-9), key


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(base=st.sampled_from(sorted(BASES)), units=st.floats(0.05, 3000), more=st.floats(1, 20))
def test_more_work_never_costs_less(base: str, units: float, more: float) -> None:
    def at(factor: float) -> dict[str, Any]:
        load = BASES[base]["load"]
        if "batch" in load:
            heap = {**load["batch"], "units": load["batch"]["units"] * factor}
            return changed(BASES[base], load__batch=heap)
        return changed(
            BASES[base],
            load__units_per_day=load["units_per_day"] * factor,
            load__busiest_hour_units=load["busiest_hour_units"] * factor,
        )

    never_lower(at(units), at(units * more))


def test_a_year_with_four_fifths_of_the_work_needs_four_of_five_machines_and_no_more() -> None:
    """Found by the property above: five times 0.8 came out a hair over four, and a fifth machine was billed."""
    load = BASES["public"]["load"]

    def at(factor: float) -> dict[str, Any]:
        return changed(
            BASES["public"],
            load__units_per_day=load["units_per_day"] * factor,
            load__busiest_hour_units=load["busiest_hour_units"] * factor,
        )

    never_lower(at(485.9361742838157), at(485.9361742838157 * 1.125))


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(base=st.sampled_from(sorted(BASES)), years=st.floats(0.25, 10), more=st.floats(0, 5), growth=st.floats(-50, 60))
def test_more_years_never_cost_less(base: str, years: float, more: float, growth: float) -> None:
    def over(horizon: float) -> dict[str, Any]:
        return changed(BASES[base], money__horizon_years=horizon, load__growth_percent_per_year=growth)

    never_lower(over(years), over(years + more))


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(base=st.sampled_from(sorted(BASES)), price=st.floats(0, 2), more=st.floats(0, 2))
def test_dearer_power_never_costs_less(base: str, price: float, more: float) -> None:
    never_lower(*(changed(BASES[base], money__electricity_per_kwh=p) for p in (price, price + more)))


def test_power_of_ones_own_costs_nothing() -> None:
    w = worked(need(money={"currency": "EUR", "electricity_per_kwh": 0}))
    g = w.group("edge_existing")
    assert (g.bills.lows[0], g.bills.totals[0], g.bills.highs[0]) == (0, 0, 0)
    assert next(o for o in w.told().options if o.kind == "edge_existing").energy_kwh_per_year > 0


def test_the_same_bill_in_another_currency() -> None:
    dollars, yen = (worked(need(money={"currency": c})) for c in ("USD", "JPY"))
    for a, b in zip(dollars.groups, yen.groups, strict=True):
        assert np.allclose(a.bills.totals, b.bills.totals)
    rate = yen.setting.money.rate
    assert rate > 50
    cost = [w.groups[0].bills.cost(0, w.setting.money, 3, 1, lambda x, _: x.text) for w in (dollars, yen)]
    # Half a cent for each line that has an amount, in either currency.
    paid = sum(bool(x.amount) for x in cost[0].lines)
    assert 0 < paid < 5
    assert float(cost[1].total) == pytest.approx(float(cost[0].total) * rate, abs=0.0051 * (rate + 1) * paid)
