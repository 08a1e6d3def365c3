"""Spot prices: only for heaps with time to start again, always with their caution, never in place of a sound price."""

from __future__ import annotations

import numpy as np
import pytest

from advisor.advice import Kind
from tests.advisor.answers import KINDS, changed, need, told, worked

HEAP = KINDS["cloud_batch"]


def spots(document):
    return [g for g in worked(document).groups if g.ids(0).endswith(":spot")]


def test_a_heap_with_time_to_spare_is_shown_a_few_spot_prices() -> None:
    (g,) = spots(HEAP)
    assert 1 <= g.n <= 3
    assert g.kind is Kind.CLOUD_BATCH
    for i in range(g.n):
        looks = g.looks(i)
        assert [p.purchase for p in looks.parts] == ["spot"]
        assert looks.cautions[0] == "caution.spot"
        line = next(x for x in g.bills.lines if x.code == "T14")
        assert line.text == "line.rent_spot"
        assert line.origin(i).kind == "spot"
        assert "caution" in line.origin(i).source


@pytest.mark.parametrize(
    "document",
    [
        # Somebody waits for each answer.
        need(),
        KINDS["cloud_instance"],
        # Hardly any time beyond the work itself.
        changed(HEAP, speed={"limit_ms": 20 * 60_000, "of": "batch"}),
        # Nothing may go out.
        changed(HEAP, rules={"data": "none", "data_must_stay": "on-site"}),
    ],
)
def test_work_that_cannot_be_interrupted_gets_none(document) -> None:
    assert not [g for g in spots(document) if g.feasible().any()]


def test_it_never_wins_while_a_sound_price_does_the_job() -> None:
    w = worked(HEAP)
    (g,) = spots(HEAP)
    assert g.flagged.all()
    assert w.choice.best is not None
    assert w.choice.best.kind is Kind.CLOUD_BATCH
    assert not w.choice.best.id.endswith(":spot")
    assert all(w.choice.win_share[c.id] == 0 for c in w.choice.listed if c.id.endswith(":spot"))


def test_the_bill_by_hand() -> None:
    """The same hours as on demand and a fifth more, at the spot price of the list."""
    w = worked(HEAP)
    (g,) = spots(HEAP)
    on_demand = next(x for x in w.groups if x.ids(0).startswith("cloud_batch") and x is not g)
    ids = {on_demand.ids(k): k for k in range(on_demand.n)}
    offers = w.setting.catalog.offers
    for i in range(g.n):
        k = ids[g.ids(i).removesuffix(":spot") + ":on-demand"]
        hours = next(np.broadcast_to(x.quantity, (on_demand.n,))[k] for x in on_demand.bills.lines if x.text == "line.rent")
        line = next(x for x in g.bills.lines if x.code == "T14")
        assert np.broadcast_to(line.quantity, (g.n,))[i] == pytest.approx(hours * 1.2)
        provider, type_, region = g.ids(i).split(":")[1:4]
        row = next(
            r for r in np.flatnonzero(offers.type_row == offers.type_row_of(provider, type_)).tolist() if offers.region_text(r) == region
        )
        assert np.broadcast_to(line.unit_price, (g.n,))[i] == pytest.approx(float(offers.usd_per_hour_spot[row]))
        assert g.p_likely[i] == pytest.approx(on_demand.p_likely[k] * 1.2)
        assert g.bills.lows[i] < g.bills.totals[i] < g.bills.highs[i]


def test_a_spot_option_says_that_it_may_be_taken_away() -> None:
    options = [o for o in told(HEAP).options if o.id.endswith(":spot")]
    assert options
    assert all("taken away" in o.cautions[0] for o in options)
