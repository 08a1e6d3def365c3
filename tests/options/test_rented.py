"""Rented machines: all month, by the hour, already rented; sized for the busiest hour or for the heap."""

from __future__ import annotations

import numpy as np
import pytest

from advisor.advice import Kind
from advisor.options.rented import START_HOURS
from advisor.units import HOURS_PER_MONTH
from tests.advisor.answers import KINDS, need, setting_of, the_catalog, worked

HEAP = {"units_per_day": 500, "batch": {"units": 40_000, "times_per_year": 4}, "input_kb_per_unit": 100, "growth_percent_per_year": 0}
RENTED = {"rented": [{"provider": "hetzner", "instance_type": "cx33", "spare_share": 0.5}]}


def amount_of(g, code: str, i: int = 0) -> float:
    return float(sum(np.broadcast_to(x.amounts(g.n), (g.n,))[i] for x in g.bills.lines if x.code == code and x.has_amount()))


def test_rent_of_a_month_by_hand() -> None:
    """One machine that is enough: 3 years x 12 months x 730 hours at its price."""
    w = worked(need())
    g = w.group("cloud_instance")
    offers = the_catalog().offers
    i = next(k for k in range(g.n) if g.looks(k).parts[0].count == 1)
    _, provider, machine, region, how = g.ids(i).split(":")
    row = next(
        r
        for r in range(len(offers))
        if offers.provider_text(r) == provider and offers.type_text(r) == machine and offers.region_text(r) == region
    )
    assert how == "on-demand"
    assert amount_of(g, "T14", i) == pytest.approx(36 * HOURS_PER_MONTH * offers.usd_per_hour[row])
    # Small lines: a tenth of the rent.
    assert amount_of(g, "T18", i) == pytest.approx(0.1 * amount_of(g, "T14", i))


def test_offers_that_may_not_be_used_never_appear() -> None:
    offers = the_catalog().offers
    refused = {
        (offers.provider_text(r), offers.type_text(r), offers.region_text(r))
        for r in np.flatnonzero((offers.usable == 0) | ~offers.owner_can_use).tolist()
    }
    assert refused
    g = worked(KINDS["cloud_batch"]).group("cloud_batch")
    for i in np.linspace(0, g.n - 1, 4000).astype(int).tolist():
        _, provider, machine, region, _ = g.ids(i).split(":")
        assert (provider, machine, region) not in refused
    for document in KINDS.values():
        for c in (*worked(document).choice.listed, *worked(document).choice.near):
            if c.kind in (Kind.CLOUD_BATCH, Kind.CLOUD_INSTANCE) and c.id.count(":") == 4:
                assert tuple(c.id.split(":")[1:4]) not in refused


def test_rent_by_the_hour_is_only_for_heaps() -> None:
    assert not any(g.kind is Kind.CLOUD_BATCH for g in worked(need()).groups)
    assert any(g.kind is Kind.CLOUD_BATCH for g in worked(KINDS["cloud_batch"]).groups)


def test_hours_of_a_heap_by_hand() -> None:
    """Four heaps a year for three years; each bills its work, or the time its inputs take to arrive, and every machine's start."""
    w = worked(need(site={}, load=HEAP, speed={"limit_ms": 24 * 3_600_000, "of": "batch"}))
    g = w.group("cloud_batch")
    count = g.looks(0).parts[0].count
    # The time told holds the start once and the upload: 40,000 x 100 kB x 8 bit at 18.4 Mbit/s.
    upload_h = 40_000 * 100 * 8 / 1000 / 18.4 / 3600
    work = count * (g.p_likely[0] / 3600 - upload_h - START_HOURS)
    hours = next(float(np.asarray(x.quantity)[0]) for x in g.bills.lines if x.code == "T14")
    assert upload_h > work > 0
    assert hours == pytest.approx(12 * (upload_h + count * START_HOURS))


def test_a_heap_is_timed_as_a_whole_on_a_machine_you_rent_already() -> None:
    """Half of a machine is idle: a heap takes twice as long there as on the whole one, and too long a heap is refused."""

    def group(share: float, limit_h: float):
        site = {"rented": [{**RENTED["rented"][0], "spare_share": share}]}
        return worked(need(site=site, load=HEAP, speed={"limit_ms": limit_h * 3_600_000, "of": "batch"})).group(
            "cloud_instance:hetzner:cx33"
        )

    whole, half = group(1.0, 240), group(0.5, 240)
    upload = 40_000 * 100 * 8 / 1000 / 18.4
    assert whole.p_likely[0] > 600
    assert half.p_likely[0] - upload == pytest.approx(2 * (whole.p_likely[0] - upload))
    assert half.p_low[0] <= half.p_likely[0] <= half.p_high[0]
    assert half.feasible()[0]
    assert group(0.5, half.p_likely[0] / 3600 * 0.9).broken(0) == ("rule.too-slow",)


def test_a_machine_you_rent_already_costs_only_data_and_hours() -> None:
    w = worked(need(site=RENTED, load__busiest_hour_units=50))
    g = w.group("cloud_instance:hetzner:cx33")
    price = the_catalog().default("cloud.egress_usd_per_gb")
    gb = w.setting.demand.units * w.setting.case.output_kb / 1e6
    assert g.bills.totals[0] == pytest.approx(gb * float(price.value))
    assert {x.text for x in g.bills.lines if x.code in ("T14", "T15", "T18")} == {"zero.already_paid"}
    dear = worked(need(site=RENTED, money={"currency": "EUR", "staff_hour": 50, "upfront_max": 100})).group("cloud_instance:hetzner:cx33")
    # Own hours are in the bill, but no purse pays them.
    assert "rule.upfront" not in dear.broken(0)
    assert dear.bills.upfronts[0] > dear.bills.cash_upfront()[0] == 0


def test_a_mobile_line_is_paid_on_a_machine_you_rent_already_too() -> None:
    site = {**RENTED, "internet": "mobile", "mobile_price_per_gb": 2.5}
    g = worked(need(site=site, load__busiest_hour_units=50)).group("cloud_instance:hetzner:cx33")
    line = next(x for x in g.bills.lines if x.code == "T20")
    assert float(line.quantity) > 0
    assert g.bills.totals[0] >= float(line.quantity) * float(line.unit_price)


def test_nothing_about_people_goes_to_the_machines_of_strangers() -> None:
    text = {"text_model": {"params_billions": 8, "prompt_tokens": 500, "output_tokens": 100}}
    fields = {"job": {"task": "chat", "unit": "chat", "model": text}, "speed": {"limit_ms": 5000, "of": "first-word"}}
    for data, removed in (("none", False), ("ordinary", True)):
        g = next(x for x in worked({**need(rules={"data": data}), **fields}).groups if x.kind is Kind.CLOUD_INSTANCE)
        strangers = next(r.mask for r in g.removals if r.rule == "rule.strangers")
        assert strangers.any() == removed


def test_the_busier_of_a_usual_and_a_rare_hour_counts_on_a_machine_you_rent_already() -> None:
    quiet = {"units_per_day": 500, "busiest_hour_units": 10, "days_per_year": 5}
    usual, rare = (
        worked(need(site=RENTED, load__busiest_hour_units=5000, load__rare_peak=p)).group("cloud_instance:hetzner:cx33")
        for p in (None, quiet)
    )
    assert rare.utilisation[0] >= usual.utilisation[0]


def test_prices_are_less_sure_the_older_they_are() -> None:
    from datetime import date

    catalog = the_catalog()
    rows = np.arange(0, len(catalog.offers), 997)
    low, high = catalog.price_doubt(rows, date(2026, 11, 24))
    later_low, later_high = catalog.price_doubt(rows, date(2028, 11, 24))
    assert np.all((later_low < low) & (low < 1) & (high > 1) & (high < later_high))


def test_fewer_machines_while_there_is_less_work() -> None:
    """Growth of 100 % a year: the first year pays for a quarter of the machines of the third."""
    grown, level = (
        worked(need(site={}, load__units_per_day=u, load__busiest_hour_units=b, load__growth_percent_per_year=p))
        for u, b, p in ((2_000_000, 400_000, 100), (8_000_000, 1_600_000, 0))
    )
    a, b = (w.group("cloud_instance") for w in (grown, level))
    assert a.n == b.n
    assert np.all(a.bills.totals <= b.bills.totals + 1e-9)
    # (1 + 2 + 4) / (3 x 4) of the hours where machines are many.
    big = np.array([g.looks(i).parts[0].count for g, i in ((b, k) for k in range(0, 3000, 50))]) > 40
    ratio = np.array([amount_of(a, "T14", i) / amount_of(b, "T14", i) for i in range(0, 3000, 50)])
    assert ratio[big] == pytest.approx(7 / 12, rel=0.05)


def test_a_rare_peak_is_paid_only_on_its_days() -> None:
    peak = {"units_per_day": 4_000_000, "busiest_hour_units": 800_000, "days_per_year": 10}
    load = {"load__units_per_day": 400_000, "load__busiest_hour_units": 80_000, "site": {"traffic_comes_from": "internet"}}
    usual, rare, always = (
        worked(need(**load)),
        worked(need(**load, load__rare_peak=peak)),
        worked(need(**{**load, "load__units_per_day": 4_000_000, "load__busiest_hour_units": 800_000})),
    )
    a, b, c = (w.group("cloud_instance").bills.totals for w in (usual, rare, always))
    assert np.all(a <= b + 1e-9)
    assert np.all(b <= c + 1e-9)
    assert np.median(b / a) < 1.6


def test_the_ground_is_the_same_for_the_same_need() -> None:
    assert setting_of(need()) == setting_of(need())
