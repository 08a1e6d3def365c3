"""Mixes of here and there: only where they are called for, each side with its own share of the work."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from advisor.advice import Kind
from advisor.load import demand
from advisor.options.hybrid import _part
from tests.advisor.answers import KINDS, need, worked

PEAK = {"units_per_day": 4000, "busiest_hour_units": 1200, "days_per_year": 20}
SHARED = {"data": "ordinary", "confidential_share": 0.25}


def mixes(document: dict[str, Any]) -> list[Any]:
    return [g for g in worked(document).groups if g.kind is Kind.HYBRID]


def test_no_mix_without_a_reason_for_one() -> None:
    assert not mixes(need())


@pytest.mark.parametrize("share", [0, 1])
def test_no_mix_where_all_or_nothing_is_confidential(share: float) -> None:
    assert not mixes(need(rules={"data": "ordinary", "confidential_share": share}))


@pytest.mark.parametrize(
    ("changes", "design"),
    [({"rules": SHARED}, "hybrid:private:"), ({"load__rare_peak": PEAK, "site__uplink_mbps": 100}, "hybrid:overflow:")],
)
def test_a_reason_gives_its_design(changes: dict[str, Any], design: str) -> None:
    found = mixes(need(**changes))
    assert found
    assert all(g.ids(i).startswith(design) for g in found for i in range(g.n))
    assert all(g.sends_out for g in found)


@pytest.mark.parametrize(
    "changes",
    [
        {"rules": {**SHARED, "data_must_stay": "on-site"}},
        {"rules": {**SHARED, "must_work_without_internet": True}},
        {"rules": SHARED, "site": {"internet": "none", "owned": [{"what": "office PC 2021"}]}},
        {"load__rare_peak": PEAK, "site__traffic_comes_from": "internet"},
        # A peak day with no busier hour than usual needs no help.
        {"load__rare_peak": {**PEAK, "busiest_hour_units": 100}},
    ],
)
def test_rules_leave_no_mix(changes: dict[str, Any]) -> None:
    assert not [g for g in mixes(need(**changes)) if g.feasible().any()]


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"load__rare_peak": PEAK},
        {"load__batch": {"units": 10_000, "times_per_year": 12}, "speed": {"limit_ms": 6 * 3_600_000, "of": "batch"}},
        {"load__growth_percent_per_year": 30, "money__horizon_years": 2.5},
    ],
)
def test_the_two_sides_together_are_the_whole(changes: dict[str, Any], share: float) -> None:
    setting = worked(need(**changes)).setting
    here, there, whole = (demand(c) for c in (_part(setting.case, share), _part(setting.case, 1 - share), setting.case))
    assert here.units + there.units == pytest.approx(whole.units)
    assert here.heap_units + there.heap_units == pytest.approx(whole.heap_units)
    assert here.rare_hour_units + there.rare_hour_units == pytest.approx(whole.rare_hour_units)
    assert here.peak_hour_units + there.peak_hour_units == pytest.approx(whole.peak_hour_units)


def test_each_side_keeps_its_rules() -> None:
    document = KINDS["hybrid"]
    for g in mixes(document):
        for i in range(g.n):
            here = [p for p in g.looks(i).parts if p.purchase in ("buy", "own")]
            there = [p for p in g.looks(i).parts if p.purchase in ("pay-per-use", "serverless")]
            assert here
            assert len(there) == 1
            assert g.looks(i).routing == "route.private"


def test_a_mix_is_as_slow_as_its_slower_side() -> None:
    document = need(rules=SHARED)
    setting = worked(document).setting
    from advisor.options.payperuse import hosted

    there = hosted(replace(setting, case=_part(setting.case, 0.75), demand=demand(_part(setting.case, 0.75))))
    assert there is not None
    slowest = float(np.min(there.p_likely))
    assert all(np.all(g.p_likely >= slowest - 1e-9) for g in mixes(document) if "google" in g.ids(0))


def test_the_bill_says_that_data_leave_and_that_a_line_is_used() -> None:
    g = mixes(need(rules=SHARED))[0]
    words = {x.code: x.text for x in g.bills.lines}
    assert words["T17"] != "zero.no_data_out"
    assert words["T20"] != "zero.no_line_needed"
    assert words["T16"] != "zero.no_pay_per_use"
    assert words["T01"] not in ("zero.nothing_bought",)


def test_hours_in_the_bill_are_the_hours_told() -> None:
    """Set-up and upkeep stand in the bill as in the comparison, and answers are watched once."""
    for g in mixes(need(rules=SHARED, money={"currency": "EUR", "staff_hour": 40})):
        months = 36
        for code, hours in (("T07", g.setup_hours), ("T08+T22", g.upkeep_hours_per_month * months)):
            lines = [x for x in g.bills.lines if x.code in code.split("+")]
            assert sum(np.broadcast_to(x.quantity, (g.n,)) for x in lines) == pytest.approx(hours)
        assert sum(x.code == "T22" for x in g.bills.lines) == 1
