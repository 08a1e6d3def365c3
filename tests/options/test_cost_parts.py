"""The parts of a bill one by one: what only the owner can tell, what sellers bill where, and how each follows the years."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from advisor.catalog.data_out import DataOut, billing
from advisor.cost import ALL_PARTS
from advisor.evidence import Basis, Estimate, Source
from advisor.options import candidates
from tests.advisor.answers import KINDS, changed, need, setting_of, the_catalog, with_case, worked

if TYPE_CHECKING:
    from advisor.cost import Line
    from advisor.options import Group

UNKNOWN = Estimate(0.0, 0.09, 0.12, Basis.ESTIMATED, Source("a guess"))


def lines_of(g: Group, code: str) -> list[Line]:
    return [x for x in g.bills.lines if x.code == code]


def amount_of(g: Group, code: str, i: int = 0) -> float:
    return float(sum(x.amounts(g.n)[i] for x in lines_of(g, code) if x.has_amount()))


def money(**more: Any) -> dict[str, Any]:
    return {"currency": "USD", **more}


# ---- data out ----------------------------------------------------------------------------------------------------


def out_of(provider: str, region: str, country: str, gb: float) -> tuple[float, float, float]:
    found = the_catalog().data_out.schedule(provider, region, country)
    low, likely, high = billing([found], UNKNOWN).paid([gb], [1.0])[:, 0, 0].tolist()
    return low, likely, high


def test_data_out_by_hand() -> None:
    """Ireland of the largest seller: 9 cents for the first ten terabytes, then 8.5; the first 100 GB of a month are free."""
    assert out_of("aws", "eu-west-1", "DE", 100)[1] == 0
    assert out_of("aws", "eu-west-1", "DE", 1100)[1] == pytest.approx(1000 * 0.09)
    assert out_of("aws", "eu-west-1", "DE", 100 + 10 * 1024 + 1000)[1] == pytest.approx(10 * 1024 * 0.09 + 1000 * 0.085)
    # Another place of it is dearer, another seller gives ten terabytes free, a third has dear destinations.
    assert out_of("aws", "sa-east-1", "DE", 1100)[1] == pytest.approx(1000 * 0.15)
    assert out_of("oci", "us-ashburn-1", "DE", 11_000)[1] == pytest.approx(1000 * 0.0085)
    assert out_of("gcp", "europe-west1", "AU", 100)[1] > out_of("gcp", "europe-west1", "DE", 100)[1]


def test_every_price_of_the_table_is_in_a_schedule_or_older_than_one() -> None:
    rows = [r for r in the_catalog().table("egress") if r["kind"] == "internet_egress" and r["usable"] != "no"]
    for r in rows:
        found = the_catalog().data_out.schedule(r["provider"], r["region"], "DE")
        assert found is not None
        assert found.basis is Basis.PUBLISHED
        told = {float(x["usd_per_unit"]) for x in rows if (x["provider"], x["region"]) == (r["provider"], r["region"])}
        assert set(found.likely.usd) <= told
        assert list(found.likely.starts) == sorted(set(found.likely.starts))
        assert found.likely.starts[0] == 0


def test_the_order_of_the_rows_means_nothing() -> None:
    rows = list(the_catalog().table("egress"))
    there, back = DataOut(rows), DataOut(rows[::-1])
    for r in rows:
        if r["kind"] == "internet_egress":
            assert there.schedule(r["provider"], r["region"], "DE") == back.schedule(r["provider"], r["region"], "DE")


def test_a_place_that_is_not_told_lies_between_the_sellers_cheapest_and_dearest() -> None:
    low, likely, high = out_of("aws", "nowhere-1", "DE", 5000)
    assert 0 < low <= likely <= high
    assert low < high
    told = the_catalog().data_out.schedule("aws", "nowhere-1", "DE")
    assert told is not None
    assert told.basis is Basis.ESTIMATED
    assert the_catalog().data_out.schedule("nobody", "nowhere-1", "DE") is None
    low, likely, high = billing([None], UNKNOWN).paid([1000.0], [1.0])[:, 0, 0].tolist()
    assert (low, likely, high) == pytest.approx((0, 90, 120))


@given(gb=st.floats(0, 1e6), more=st.floats(0, 1e6))
def test_more_data_never_cost_less(gb: float, more: float) -> None:
    sellers = [
        ("aws", "eu-west-1"),
        ("aws", ""),
        ("gcp", "europe-west1"),
        ("azure", "westeurope"),
        ("oci", "us-ashburn-1"),
        ("hetzner", ""),
    ]
    table = billing([the_catalog().data_out.schedule(p, r, "DE") for p, r in sellers], UNKNOWN)
    a, b = table.paid([gb], [12.0]), table.paid([gb + more], [12.0])
    assert np.all(b >= a - 1e-9)
    assert np.all(a[0] <= a[1])
    assert np.all(a[1] <= a[2])


def test_each_rented_machine_pays_for_data_what_its_seller_bills_there() -> None:
    document = need(site={"traffic_comes_from": "internet"}, load__output_kb_per_unit=20_000, load__units_per_day=2000)
    w = worked(document)
    g = w.group("cloud_instance")
    (line,) = lines_of(g, "T17")
    price = np.broadcast_to(line.unit_price, (g.n,))
    seen = set()
    a_month = w.setting.demand.units * 0.02 / 36
    for i in range(0, g.n, 97):
        _, provider, _, region, _ = g.ids(i).split(":")
        schedule = the_catalog().data_out.schedule(provider, region, "DE")
        paid = billing([schedule], w.setting.judged("cloud.egress_usd_per_gb")).paid([a_month], [36.0])[1, 0, 0]
        assert price[i] * w.setting.demand.units * 0.02 == pytest.approx(paid)
        assert line.origin(i).price_of == ("data-out",)
        seen.add(provider)
    assert len(seen) >= 3
    assert len(set(np.round(price, 6).tolist())) >= 5


def test_what_is_free_each_month_says_so_and_a_service_bills_no_data() -> None:
    few = worked(need()).group("cloud_instance")
    i = next(k for k in range(few.n) if few.ids(k).startswith("cloud_instance:aws:"))
    told = few.bills.cost(i, worked(need()).setting.money, 3, 1, lambda x, _: x.text)
    assert next(x.text for x in told.lines if x.code == "T17") == "zero.free_data_out"
    served = worked(KINDS["cloud_api"]).group("cloud_api")
    assert [x.text for x in lines_of(served, "T17")] == ["zero.in_price"]


def test_the_owners_price_of_data_counts_in_place_of_the_table() -> None:
    quote = {"price_of": "data-out", "amount": 0.02, "currency": "USD"}
    document = need(load__output_kb_per_unit=20_000, money=money(quotes=[quote]))
    w = worked(document)
    g = w.group("cloud_instance")
    assert amount_of(g, "T17") == pytest.approx(w.setting.demand.units * 0.02 * 0.02)


# ---- tax ---------------------------------------------------------------------------------------------------------

OWN = {"T07", "T08", "T21", "T22", "T24", "T27", "T28"}


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_tax_multiplies_what_is_bought_from_others_and_nothing_else(kind: str) -> None:
    told = money(staff_hour=30, lost_hour=50, fittings_per_site=70)
    plain, taxed = (
        {g.ids(0): g for g in worked(changed(KINDS[kind], money={**told, "with_tax": t}, job__retrainings_per_year=1)).groups}
        for t in (False, True)
    )
    assert plain.keys() == taxed.keys()
    for key in plain:
        a, b = plain[key], taxed[key]
        own = np.zeros(a.n)
        for x in a.bills.lines:
            if x.has_amount() and (x.code in OWN or x.text == "line.retraining"):
                own += np.nan_to_num(x.amounts(a.n))
        # Germany: 19 %.
        assert b.bills.totals == pytest.approx((a.bills.totals - own) * 1.19 + own), key
        assert b.bills.cash_upfront() == pytest.approx(a.bills.cash_upfront() * 1.19, abs=1e-9), key
        assert b.bills.cash_monthly(3) == pytest.approx(a.bills.cash_monthly(3) * 1.19, abs=1e-9), key
        assert np.all(b.bills.highs - b.bills.totals >= a.bills.highs - a.bills.totals - 1e-9)


def test_tax_is_left_out_where_no_rate_is_known_and_off_unless_asked() -> None:
    dollars = need(business={"country": "US"}, money=money(with_tax=True))
    for option in worked(dollars).told().options:
        if option.id != "no-change":
            (tax,) = [x for x in option.cost.lines if x.code == "T26"]
            assert tax.amount is None
    for option in worked(need()).told().options:
        assert all(x.amount == 0 for x in option.cost.lines if x.code == "T26")
    assert any("tax" in s.lower() for s in (a.text for a in worked(need()).told().assumptions))


# ---- year by year ------------------------------------------------------------------------------------------------


def years_of(document: dict[str, Any], start: str, i: int = 0) -> list[Decimal]:
    w = worked(document)
    g, s = w.group(start), w.setting
    return [y.amount for y in g.bills.cost(i, s.money, s.case.years, s.demand.units, lambda x, _: x.text).years]


def test_a_service_costs_in_each_year_what_its_work_costs() -> None:
    first, second, third = years_of(changed(KINDS["cloud_api"], load__growth_percent_per_year=100, money=money()), "cloud_api")
    assert float(second / first) == pytest.approx(2, rel=0.01)
    assert float(third / first) == pytest.approx(4, rel=0.01)


def test_rented_machines_cost_more_in_the_years_that_need_more_of_them() -> None:
    load = {"units_per_day": 8_000_000, "busiest_hour_units": 1_600_000, "growth_percent_per_year": 50}
    years = years_of(changed(KINDS["cloud_instance"], load=load, money=money()), "cloud_instance")
    assert years[0] < years[1] < years[2]


def test_electricity_follows_each_years_work() -> None:
    flat, grown = (
        worked(changed(KINDS["edge_new"], load__growth_percent_per_year=p, load__busiest_hour_units=9000, money=money())).group("edge_new")
        for p in (0, 60)
    )
    for i in range(0, grown.n, 7):
        (power,) = [x for x in lines_of(grown, "T04") if x.has_amount()]
        parts = power.parts(i, [1.0, 1.0, 1.0])
        assert parts == sorted(parts)
        same = next(x for x in lines_of(flat, "T04")).parts(i, [1.0, 1.0, 1.0])
        assert same == pytest.approx([1 / 3] * 3)


def test_what_is_left_of_a_mobile_plan_in_a_quiet_year_is_no_help_in_a_busy_one() -> None:
    """300 GB in the first year, 600 in the next, 1,200 in the third; the plan holds 480 a year."""
    site = {"internet": "mobile", "uplink_mbps": 20, "mobile_gb_per_month": 40, "mobile_price_per_gb": 1, "owned": []}
    load = {"units_per_day": 1000, "days_per_week": 7, "input_kb_per_unit": 300_000 / 365, "growth_percent_per_year": 100}
    g = worked(need(site=site, load=load, money=money())).group("cloud_instance")
    (line,) = [x for x in lines_of(g, "T20") if x.has_amount()]
    assert line.quantity == pytest.approx(120 + 720)
    assert line.parts(0, [1.0, 1.0, 1.0]) == pytest.approx([0, 1 / 7, 6 / 7])


def test_a_longer_look_ahead_is_less_sure_of_the_price() -> None:
    """What a price may do over the years is in the range, not in the middle."""
    for kind in ("cloud_api", "cloud_instance", "edge_new"):
        short, long = (next(g for g in worked(changed(KINDS[kind], money=money(horizon_years=y))).groups if g.kind == kind) for y in (1, 8))
        code = {"cloud_api": "T16", "cloud_instance": "T14", "edge_new": "T04"}[kind]
        a, b = (next(x for x in lines_of(g, code) if x.has_amount()) for g in (short, long))
        assert float(np.max(b.high)) > float(np.max(a.high))
        assert float(np.min(b.low)) < float(np.min(a.low))


# ---- what only the owner can tell --------------------------------------------------------------------------------


def test_hours_without_it_by_hand() -> None:
    """A spare on the shelf and ten open hours on six days: only the mains of Germany, 11.7 minutes a year, count for 3 years."""
    open_share = 10 * 6 / 7 / 24
    document = need(rules__longest_outage_minutes=60)
    g = worked(document).group("edge_new")
    (line,) = lines_of(g, "T21")
    assert float(line.quantity) == pytest.approx(3 * 11.7 / 60 * open_share)
    assert np.isnan(float(line.unit_price))
    there = worked(changed(document, site__line_down_hours_per_year=20, money=money(lost_hour=100))).group("cloud_instance")
    assert amount_of(there, "T21") == pytest.approx(3 * 100 * (20 + 4 * open_share + 11.7 / 60 * open_share))
    assert lines_of(worked(KINDS["cloud_batch"]).group("cloud_batch"), "T21")[0].text == "zero.can_wait"


def test_training_again_by_hand() -> None:
    """Twice a year for three years: 10 hours, one to put it in, and 360 examples of 10 seconds, by people of medium skill."""
    told = {"job__retrainings_per_year": 2, "job__labels_per_retraining": 360}
    w = worked(need(**told, money=money(staff_hour=50)))
    # A computer of one's own trains its model itself; beside a machine for answers one for the training is rented.
    (here,) = lines_of(w.group("edge_existing"), "T23")
    assert amount_of(w.group("edge_existing"), "T23") == pytest.approx(6 * 12 * 50)
    g = w.group("cloud_instance")
    hours, rent = lines_of(g, "T23")
    for line in (here, hours):
        assert float(np.asarray(line.quantity)) == pytest.approx(6 * (10 + 1 + 1))
    assert amount_of(g, "T23") == pytest.approx(6 * 12 * 50 + float(rent.quantity) * float(rent.unit_price))
    assert hours.own
    assert not rent.own
    home = worked(need(**told, rules={"data": "none", "data_must_stay": "on-site"})).group("edge_existing")
    assert [x.text for x in lines_of(home, "T23")] == ["line.retraining.hours"]
    served = worked(changed(KINDS["cloud_api"], **told)).group("cloud_api")
    assert lines_of(served, "T23")[0].text in ("zero.no_retraining", "line.retraining.hours")
    assert lines_of(worked(need()).group("edge_existing"), "T23")[0].text == "left_out.retraining"
    assert lines_of(worked(need(job__retrainings_per_year=0)).group("edge_existing"), "T23")[0].text == "zero.not_trained_again"


def test_teaching_is_asked_for_in_the_european_union() -> None:
    here, there = (worked(need(business__country=c, job__people_using=4)).group("edge_existing") for c in ("DE", "US"))
    assert float(lines_of(here, "T24")[0].quantity) == pytest.approx(4 * 2)
    assert lines_of(there, "T24")[0].text == "left_out.training_staff"
    assert lines_of(worked(need(job__people_using=0)).group("edge_existing"), "T24")[0].text == "zero.T24"


def test_an_it_firm_takes_the_place_of_ones_own_upkeep() -> None:
    plain, kept = (worked(need(money=money(it_firm_per_month=p))) for p in (None, 80))
    for start, months in (("edge_new", 36), ("cloud_instance", 36)):
        a, b = plain.group(start), kept.group(start)
        assert amount_of(a, "T09") == 0
        (line,) = lines_of(b, "T09")
        machines = np.broadcast_to(line.quantity, (b.n,))[0] / months
        assert machines == pytest.approx(b.looks(0).parts[0].count)
        assert amount_of(b, "T09") == pytest.approx(80 * months * machines)
        assert lines_of(b, "T08")[0].text == "zero.it_firm"
        watch = kept.setting.judged("hours.watch").likely
        assert b.upkeep_hours_per_month[0] == pytest.approx(watch)
        assert a.upkeep_hours_per_month[0] > watch


def test_a_care_contract_replaces_what_breaks() -> None:
    g = worked(need(money=money(care_contract=True))).group("edge_new")
    assert amount_of(g, "T10") == pytest.approx(3 * 0.2 * amount_of(g, "T01"))
    assert lines_of(g, "T11")[0].text == "zero.care_replaces"
    plain = worked(need(money=money())).group("edge_new")
    assert amount_of(plain, "T11") > 0
    assert lines_of(plain, "T10")[0].text == "zero.care"


def test_fittings_and_a_second_line_are_paid_for_each_place() -> None:
    w = worked(need(load__sites=3, money=money(fittings_per_site=50, second_line_per_month=20)))
    assert amount_of(w.group("edge_new"), "T03") == pytest.approx(150)
    assert amount_of(w.group("cloud_instance"), "T20") == pytest.approx(3 * 20 * 36)
    assert amount_of(w.group("edge_new"), "T20") == 0
    assert lines_of(worked(need()).group("edge_new"), "T03")[0].text == "left_out.mount"


def test_a_small_box_may_need_cooling() -> None:
    g = worked(need(money=money())).group("edge_new")
    (cooling,) = lines_of(g, "T06")
    assert amount_of(g, "T06") == pytest.approx(0.05 * amount_of(g, "T04"))
    assert float(np.min(cooling.low)) == 0
    assert float(np.min(cooling.high)) >= 4


def test_a_disk_is_billed_with_a_machine_rented_all_month() -> None:
    w = worked(need())
    g = w.group("cloud_instance")
    (line,) = lines_of(g, "T19")
    i = next(k for k in range(g.n) if ":aws:" in g.ids(k) and g.ids(k).split(":")[3] == "us-east-1" and g.looks(k).parts[0].count == 1)
    gb = 20 + w.setting.work.weight_bytes / 1e9
    assert line.amounts(g.n)[i] == pytest.approx(gb * 36 * 0.08)
    assert line.origin(i).basis is Basis.PUBLISHED


# ---- all together ------------------------------------------------------------------------------------------------

ANSWERS: dict[str, Any] = {
    "money__with_tax": st.none() | st.booleans(),
    "money__lost_hour": st.none() | st.floats(0, 500),
    "money__fittings_per_site": st.none() | st.floats(0, 5000),
    "money__it_firm_per_month": st.none() | st.floats(0, 500),
    "money__care_contract": st.none() | st.booleans(),
    "money__second_line_per_month": st.none() | st.floats(0, 100),
    "money__staff_hour": st.none() | st.floats(1, 200),
    "money__discount_percent": st.none() | st.floats(0, 20),
    "money__horizon_years": st.floats(0.25, 8),
    "site__line_down_hours_per_year": st.none() | st.floats(0, 1000),
    "job__retrainings_per_year": st.none() | st.floats(0, 12),
    "job__labels_per_retraining": st.none() | st.floats(0, 5000),
    "job__people_using": st.none() | st.integers(0, 50),
    "load__growth_percent_per_year": st.floats(-50, 80),
}


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(kind=st.sampled_from(sorted(KINDS)), answers=st.fixed_dictionaries({}, optional=ANSWERS), row=st.integers(0, 10**6))
def test_any_bill_adds_up(kind: str, answers: dict[str, Any], row: int) -> None:
    setting = setting_of(changed(KINDS[kind], **answers))
    for g in candidates(setting):
        i = row % g.n
        cost = g.bills.cost(i, setting.money, setting.case.years, setting.demand.units, lambda x, _: x.text, setting.today)
        assert {x.code for x in cost.lines} == set(ALL_PARTS)
        known = [x for x in cost.lines if x.amount is not None]
        assert cost.total == sum((x.amount for x in known), Decimal(0))
        assert all(x.low <= x.amount <= x.high for x in known)
        assert cost.low <= cost.total <= cost.high
        assert cost.upfront + cost.running + cost.end + cost.discount == cost.total
        assert cost.upfront + sum((y.amount for y in cost.years), Decimal(0)) == cost.undiscounted == cost.years[-1].cumulative
        assert all(y.low <= y.amount <= y.high and y.amount >= 0 for y in cost.years)
        assert float(cost.total) == pytest.approx(float(g.bills.totals[i]) * setting.money.rate, abs=0.3)


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    kind=st.sampled_from(sorted(KINDS)), answers=st.fixed_dictionaries({}, optional=ANSWERS), more=st.floats(1, 30), longer=st.floats(0, 4)
)
def test_more_work_or_more_years_never_cost_less_with_any_answers(kind: str, answers: dict[str, Any], more: float, longer: float) -> None:
    base = setting_of(changed(KINDS[kind], **{**answers, "money__discount_percent": 0}))
    case = base.case
    heap = case.batch
    from dataclasses import replace

    busier = with_case(
        base,
        units_per_day=case.units_per_day * more,
        busiest_hour_units=case.busiest_hour_units * more,
        batch=heap and replace(heap, units=heap.units * more),
    )
    for after in (busier, with_case(base, years=case.years + longer)):
        ours = {g.ids(0): g for g in candidates(base) if g.kind != "hybrid"}
        theirs = {g.ids(0): g for g in candidates(after) if g.kind != "hybrid"}
        for key in ours.keys() & theirs.keys():
            a, b = ours[key].bills.totals, theirs[key].bills.totals
            assert len(a) == len(b)
            assert np.all(b >= a * (1 - 1e-9) - 1e-9), key


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_what_is_not_the_owners_own_figure_has_a_range(kind: str) -> None:
    """Tax has that of what it is on; everything else estimated or published may come out lower or higher."""
    told = {"job__retrainings_per_year": 2, "money": money(with_tax=True, lost_hour=30, care_contract=True)}
    for option in worked(changed(KINDS[kind], **told)).told().options:
        for x in option.cost.lines:
            if x.amount and abs(x.amount) >= 1 and x.basis != "yours" and x.code != "T26":
                assert x.low < x.amount < x.high, (option.id, x.code, x.text, x.low, x.amount, x.high)
