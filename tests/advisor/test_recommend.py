"""The choice: never dominated, shares of futures that add up, close calls, and what each wish does."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from advisor.advice import Confidence, Kind
from advisor.options.weighing import burdens, hours_of, scores
from advisor.recommend import (
    CLOSE,
    LISTED_OF_A_KIND,
    NO_CHANGE,
    _ordered,
    choose,
    decide,
    win_shares,
)
from tests.advisor.answers import KINDS, Worked, changed, need, worked

RUNNING = {k: v for k, v in KINDS.items() if k != "none"}


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_each_need_gets_its_kind(kind: str) -> None:
    best = worked(KINDS[kind]).choice.best
    assert (best.kind if best else Kind.NONE) == kind


def feasible(w: Worked) -> list[tuple[Any, np.ndarray]]:
    return [(g, np.flatnonzero(g.feasible() & ~g.flagged)) for g in w.groups if (g.feasible() & ~g.flagged).any()]


@pytest.mark.parametrize("kind", sorted(RUNNING))
def test_the_choice_is_never_beaten_on_everything(kind: str) -> None:
    """No other way without a caution has a lower bill, fewer hours and at least the same chance to be in time."""
    w = worked(RUNNING[kind])
    best = w.choice.best
    assert best is not None
    bill, hours, met = best.total, float(hours_of(w.setting.case, best.group)[best.row]), float(best.group.speed_met()[best.row])
    for g, rows in feasible(w):
        better = (
            (g.bills.totals[rows] < bill - 1e-6)
            & (hours_of(w.setting.case, g)[rows] < hours - 1e-6)
            & (g.speed_met()[rows] >= met - 1e-9)
            # The nearer of two equal ways may cost one part in a hundred more.
            & (burdens(w.setting, g)[rows] < best.burden * 0.97)
        )
        if best.kind is Kind.HYBRID or w.choice.confidence is not Confidence.TOO_CLOSE:
            assert not better.any(), g.ids(int(rows[better][0]))


@pytest.mark.parametrize("kind", sorted(RUNNING))
def test_the_choice_has_the_least_score_or_is_close_to_it(kind: str) -> None:
    w = worked(RUNNING[kind])
    best = w.choice.best
    assert best is not None
    least = min(float((scores(w.setting, g) * (1 + 0.01 * g.far))[rows].min()) for g, rows in feasible(w))
    assert best.score <= least * (1 + CLOSE) + 1e-9


@pytest.mark.parametrize("kind", sorted(RUNNING))
def test_shares_of_futures_add_up_and_belong_to_listed_ways(kind: str) -> None:
    choice = worked(RUNNING[kind]).choice
    assert sum(choice.win_share.values()) == pytest.approx(1, abs=1e-9)
    assert set(choice.win_share) == {c.id for c in choice.listed} | {NO_CHANGE}
    assert all(0 <= s <= 1 for s in choice.win_share.values())
    assert choice.kind_share == pytest.approx(sum(choice.win_share[c.id] for c in choice.listed if c.kind is choice.best.kind))


@pytest.mark.parametrize("kind", ["edge_existing", "cloud_batch", "hybrid"])
def test_the_same_seed_draws_the_same_futures(kind: str) -> None:
    w = worked(RUNNING[kind])
    assert choose(w.setting, w.groups, 1).win_share == choose(w.setting, w.groups, 1).win_share
    assert choose(w.setting, w.groups, 1).win_share != choose(w.setting, w.groups, 2).win_share
    # The choice itself hangs on no draw.
    assert {choose(w.setting, w.groups, s).best.id for s in range(5)} == {w.choice.best.id}


@pytest.mark.parametrize("kind", ["edge_existing", "cloud_batch", "cloud_instance"])
def test_a_hopeless_way_more_changes_nobodys_share(kind: str) -> None:
    w = worked(RUNNING[kind])
    listed = w.choice.listed
    before = win_shares(w.setting, listed, 1)
    c = listed[-1]
    dear = replace(c.group.bills, lines=c.group.bills.lines)
    for name in ("totals", "lows", "highs"):
        object.__setattr__(dear, name, getattr(c.group.bills, name) * 1e6)
    hopeless = replace(c, id="zz-hopeless", group=replace(c.group, bills=dear))
    after = win_shares(w.setting, (*listed, hopeless), 1)
    assert after.pop("zz-hopeless") == 0
    assert after == before
    assert win_shares(w.setting, tuple(reversed(listed)), 1) == pytest.approx(before)


@pytest.mark.parametrize("kind", sorted(RUNNING))
def test_the_cheapest_dozen_of_each_kind_is_listed(kind: str) -> None:
    w = worked(RUNNING[kind])
    for each in {c.kind for c in w.choice.listed}:
        totals = np.sort(np.concatenate([g.bills.totals[g.feasible()] for g in w.groups if g.kind is each]))
        listed = sorted(c.total for c in w.choice.listed if c.kind is each)
        assert len(listed) <= LISTED_OF_A_KIND + 1
        assert len(listed) >= min(LISTED_OF_A_KIND, len(totals))
        assert listed[:11] == pytest.approx(totals[:11].tolist())


def test_kinds_without_a_way_show_their_nearest() -> None:
    w = worked(need(rules={"data": "sensitive", "data_must_stay": "on-site"}))
    near = {c.kind: c for c in w.choice.near}
    assert {Kind.CLOUD_API, Kind.CLOUD_INSTANCE} <= set(near)
    assert not {c.kind for c in w.choice.listed} & set(near)
    for c in near.values():
        fewest = min(len(g.broken(i)) for g in w.groups if g.kind is c.kind for i in range(0, g.n, max(1, g.n // 300)))
        assert 1 <= len(c.group.broken(c.row)) <= fewest


def close(case: Any, *candidates: Any) -> list[str]:
    return [c.id for c in _ordered(case, candidates)]


def test_too_close_to_call_by_hand() -> None:
    w = worked(need())
    case = w.setting.case
    here = next(c for c in w.choice.listed if c.kind is Kind.EDGE_EXISTING)
    out = next(c for c in w.choice.listed if c.kind is Kind.CLOUD_API)
    here, out = replace(here, id="here", score=104.0), replace(out, id="out", score=100.0)
    assert here.upkeep <= out.upkeep
    # Four parts in a hundred apart: less upkeep first; six apart: the better score first.
    assert close(case, here, out) == ["here", "out"]
    assert close(case, replace(here, score=106.0), out) == ["out", "here"]
    # With data about people, what stays in the house comes before upkeep.
    lazy = replace(out, group=replace(out.group, upkeep_hours_per_month=out.group.upkeep_hours_per_month * 0))
    assert close(case, here, lazy) == ["out", "here"]
    assert close(replace(case, data="ordinary"), here, lazy) == ["here", "out"]


def test_close_scores_are_called_too_close() -> None:
    w = worked(need())
    best, rival = w.choice.best, w.choice.rival
    assert best is not None
    assert rival is not None
    from advisor.recommend import _confidence

    assert _confidence(best, replace(rival, score=best.score * 1.04), 1.0, 1.0) is Confidence.TOO_CLOSE
    assert _confidence(best, replace(rival, score=best.score * 1.06), 1.0, 1.0) is Confidence.SURE
    assert _confidence(best, None, 0.8, 0.8) is Confidence.FAIRLY_SURE
    assert _confidence(best, None, 0.95, 0.6) is Confidence.ROUGH


CHOICES = {
    "photos": need(),
    "chat": changed(KINDS["hybrid"], rules={"data": "ordinary"}, quality={}, speed={"limit_ms": 8000, "of": "first-word"}),
    "speech": KINDS["cloud_api"],
    "batch": KINDS["cloud_batch"],
}


def values(w: Worked, what: str) -> dict[str, float]:
    """The value by id of the best way without a caution, over every kind that can be done."""
    out = {}
    for g, rows in feasible(w):
        of = {"bill": g.bills.totals, "upkeep": g.upkeep_hours_per_month, "time": g.p_likely}[what]
        i = int(rows[np.argmin(of[rows])])
        out[g.ids(i)] = float(of[i])
    return out


@pytest.mark.parametrize("name", sorted(CHOICES))
def test_fastest_takes_the_shortest_time(name: str) -> None:
    with np.errstate(over="ignore"):
        w = worked(changed(CHOICES[name], prefer="fastest"))
    best = w.choice.best
    assert best is not None
    assert float(best.group.p_likely[best.row]) <= min(values(w, "time").values()) * 1.08


def test_fastest_is_worked_out_without_a_warning() -> None:
    assert worked(need(prefer="fastest", load__units_per_day=401)).choice.best is not None


@pytest.mark.parametrize("name", sorted(CHOICES))
def test_least_upkeep_takes_the_fewest_hours_a_month(name: str) -> None:
    w = worked(changed(CHOICES[name], prefer="least-upkeep"))
    best = w.choice.best
    assert best is not None
    assert best.upkeep <= min(values(w, "upkeep").values()) * 1.06


@pytest.mark.parametrize("name", sorted(CHOICES))
def test_most_private_keeps_the_data_here_if_anything_can(name: str) -> None:
    w = worked(changed(CHOICES[name], prefer="most-private"))
    best = w.choice.best
    assert best is not None
    assert best.group.sends_out is not any(not g.sends_out for g, _ in feasible(w))


@pytest.mark.parametrize("name", sorted(CHOICES))
def test_cheapest_never_has_a_higher_bill_than_no_wish(name: str) -> None:
    plain, cheap = worked(CHOICES[name]).choice.best, worked(changed(CHOICES[name], prefer="cheapest")).choice.best
    assert plain is not None
    assert cheap is not None
    assert cheap.total <= plain.total + 1e-6


@pytest.mark.parametrize(
    ("changes", "because"),
    [
        ({"quality": {"health": "failed"}}, "fix-first"),
        ({"quality": {"simple_rule_could_do": True}}, "plain-way"),
        ({"rules": {"identifies_people": True}}, "fix-first"),
        ({"rules": {"must_work_without_internet": True}, "site": {}, "money": {"upfront_max": 1}}, "nothing-feasible"),
        # A failed check comes before a simple rule.
        ({"quality": {"health": "failed", "simple_rule_could_do": True}}, "fix-first"),
    ],
)
def test_not_to_start_is_an_answer(changes: dict[str, Any], because: str) -> None:
    choice = worked(need(**changes)).choice
    assert (choice.best, choice.none_because) == (None, because)
    assert choice.win_share[NO_CHANGE] == 1
    assert sum(choice.win_share.values()) == 1


def test_deciding_is_choosing_without_the_futures() -> None:
    for document in KINDS.values():
        w = worked(document)
        order, because = decide(w.setting, w.groups)
        if w.choice.best is not None:
            assert order[0].id == w.choice.best.id
        assert because == w.choice.none_because


def test_a_way_that_misses_the_speed_half_the_time_counts_half_as_much_again() -> None:
    w = worked(need())
    g = w.group("edge_existing")
    met = float(g.speed_met()[0])
    assert scores(w.setting, g)[0] == pytest.approx(burdens(w.setting, g)[0] * (2 - met))
    half = replace(g, limit_s=float(g.p_likely[0]))
    assert scores(w.setting, half)[0] == pytest.approx(burdens(w.setting, g)[0] * 1.5, rel=1e-6)
