"""How old a price is stands beside it, and an old one widens what the bill may come to."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from advisor.catalog.ageing import AGEING, state_of
from advisor.options import candidates
from tests.advisor.answers import KINDS, TODAY, need, worked

# The lines whose price is that of a list, by part of the bill.
LISTED = {"T01": "device", "T14": "rented", "T16": ("hosted service", "function"), "T04": "electricity"}


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"none"}))
def test_every_price_of_a_list_says_how_old_it_is(kind: str) -> None:
    found = set()
    for option in worked(KINDS[kind]).told().options:
        for line in option.cost.lines:
            if line.code in LISTED and line.amount:
                assert line.age in ("fresh", "ageing", "stale", "undated"), (option.id, line.code)
                assert (line.age == "undated") == (line.as_of is None)
                found.add(line.code)
    assert found & set(LISTED)


def test_the_bill_prints_the_day_and_the_age_beside_the_price() -> None:
    told = worked(KINDS["edge_new"]).told()
    bill = next(s for s in told.report.sections if s.id == "bill").table
    assert bill is not None
    device = next(row for row in bill.rows if row[0] == "T01")
    line = next(x for x in told.options[0].cost.lines if x.code == "T01")
    assert line.as_of
    assert line.age == state_of("device", line.as_of, TODAY)
    assert f", {line.age}" in device[1]
    assert line.as_of[:4] in device[1]


def test_what_the_owner_typed_has_no_age() -> None:
    typed = worked(need(money={"currency": "EUR", "electricity_per_kwh": 0.31})).told().options
    lines = [x for o in typed for x in o.cost.lines if x.code == "T04" and x.amount]
    assert lines
    assert all(x.age is None and x.basis == "yours" for x in lines)


@pytest.mark.parametrize("kind", ["cloud_api", "cloud_instance", "cloud_batch"])
def test_a_price_that_has_grown_old_widens_the_bill(kind: str) -> None:
    now = worked(KINDS[kind]).setting
    later = replace(now, today=now.today + timedelta(days=3 * 365))
    young, old = ({g.ids(0): g for g in candidates(s)} for s in (now, later))
    widened = 0
    for first in young.keys() & old.keys():
        a, b = young[first], old[first]
        if first.startswith(("cloud_instance", "cloud_batch", "cloud_api")) and not first.endswith(":own") and a.n == b.n:
            assert np.all(b.bills.highs - b.bills.totals >= a.bills.highs - a.bills.totals - 1e-9), first
            widened += int(np.any(b.bills.highs > a.bills.highs * 1.01))
    assert widened


def test_a_price_without_a_day_is_in_more_doubt_than_one_of_last_year() -> None:
    setting = worked(need()).setting
    for kind, age in AGEING.items():
        undated, dated = setting.moved(kind, None), setting.moved(kind, (TODAY - timedelta(days=365)).isoformat())
        assert undated[0] <= dated[0] <= 1 <= dated[1] <= undated[1], kind
        if age.yearly:
            assert undated[1] > dated[1]
    assert setting.moved("device", date(2030, 1, 1).isoformat()) == setting.moved("device", TODAY.isoformat())
