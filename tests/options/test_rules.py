"""Each rule removes what it should and only that; money never buys it back."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from advisor.advice import Kind
from tests.advisor.answers import KINDS, Worked, need, the_catalog, worked

CLOUD = (Kind.CLOUD_API, Kind.CLOUD_BATCH, Kind.CLOUD_INSTANCE)
EDGE = (Kind.EDGE_EXISTING, Kind.EDGE_NEW)
CHAT: dict[str, Any] = {
    "job": {
        "task": "chat",
        "unit": "question",
        "model": {"text_model": {"params_billions": 8, "prompt_tokens": 900, "output_tokens": 250}},
    },
    "speed": {"limit_ms": 8000, "of": "first-word"},
    "site": {"owned": [{"what": "gaming PC 2022", "memory_gb": 32}], "uplink_mbps": 50},
}


def removed(w: Worked, rule: str) -> dict[Kind, float]:
    """The share of the candidates of each kind that a rule removes."""
    out: dict[Kind, list[np.ndarray]] = {}
    for g in w.groups:
        masks = [r.mask for r in g.removals if r.rule == rule]
        out.setdefault(g.kind, []).append(np.any(masks, axis=0) if masks else np.zeros(g.n, dtype=bool))
    return {kind: float(np.concatenate(masks).mean()) for kind, masks in out.items()}


def other_rules(w: Worked, but: str) -> list[tuple[Kind, str, int]]:
    return sorted((g.kind, r.rule, int(r.mask.sum())) for g in w.groups for r in g.removals if r.rule != but and r.mask.any())


CLOUD_RULES = [
    ("rule.place-of-data", {"rules__data_must_stay": "on-site"}),
    ("rule.offline", {"rules__must_work_without_internet": True}),
    ("rule.offline", {"rules__must_work_without_internet": "not-sure"}),
    ("rule.offline", {"site__internet": "none"}),
    ("rule.outage", {"rules__longest_outage_minutes": 4.9}),
    ("rule.uplink", {"site__uplink_mbps": 0.09}),
    ("rule.mobile-plan", {"site__internet": "mobile", "site__mobile_gb_per_month": 3}),
    ("rule.confidential", {"rules": {"data": "none", "confidential_share": 0.1}}),
]


@pytest.mark.parametrize(
    ("rule", "changes", "base"),
    # Text is too small to fill a line.
    [(r, c, b) for r, c in CLOUD_RULES for b in ({}, CHAT) if not b or r not in ("rule.uplink", "rule.mobile-plan")],
)
def test_a_rule_on_the_line_or_the_data_removes_every_cloud_and_nothing_here(
    rule: str, changes: dict[str, Any], base: dict[str, Any]
) -> None:
    before, after = worked(need(**base)), worked(need(**{**base, **changes}))
    shares = removed(after, rule)
    assert {k: v for k, v in shares.items() if k in CLOUD} == {k: 1.0 for k in shares if k in CLOUD}
    assert {v for k, v in shares.items() if k in EDGE} == {0.0}
    assert set(removed(before, rule).values()) == {0.0}
    here = [r for r in other_rules(after, rule) if r[0] in EDGE]
    assert here == [r for r in other_rules(before, rule) if r[0] in EDGE]


@pytest.mark.parametrize(
    ("rule", "changes"),
    [
        ("rule.outage", {"rules__longest_outage_minutes": 5}),
        # 120 photos of 300 kB an hour need 0.08 Mbit/s; a line is full at four fifths.
        ("rule.uplink", {"site__uplink_mbps": 0.11}),
        # 400 x 6/7 x 365 / 12 x 300 kB = 3.13 GB a month.
        ("rule.mobile-plan", {"site__internet": "mobile", "site__mobile_gb_per_month": 3.2}),
        ("rule.mobile-plan", {"site__internet": "mobile", "site__mobile_gb_per_month": 3, "site__mobile_price_per_gb": 2}),
        ("rule.mobile-plan", {"site__internet": "wired", "site__mobile_gb_per_month": 3}),
        ("rule.confidential", {"rules": {"data": "none", "confidential_share": 0}}),
        ("rule.outage", {"rules__longest_outage_minutes": 1, "site__traffic_comes_from": "internet"}),
        ("rule.uplink", {"site__uplink_mbps": 0.01, "site__traffic_comes_from": "internet"}),
    ],
)
def test_just_inside_a_rule_removes_nothing(rule: str, changes: dict[str, Any]) -> None:
    assert set(removed(worked(need(**changes)), rule).values()) == {0.0}


@pytest.mark.parametrize("country", ["DE", "FR", "US", "KE"])
def test_data_in_the_country(country: str) -> None:
    w = worked(need(**CHAT, business__country=country, rules__data_must_stay="country", money={"currency": "USD"}))
    offers = the_catalog().offers
    g = next(g for g in w.groups if g.kind is Kind.CLOUD_INSTANCE)
    mask = next(r.mask for r in g.removals if r.rule == "rule.place-of-data")
    kept = [g.ids(i).split(":")[1:4] for i in np.flatnonzero(~mask)[:3000].tolist()]
    here = {(offers.provider_text(i), offers.region_text(i)) for i in np.flatnonzero(offers.country == country).tolist()}
    assert all((p, region) in here for p, _, region in kept)
    assert (country == "KE") == (not kept)
    # Nobody says in which country a service or function runs.
    assert all(removed(w, "rule.place-of-data")[k] == 1 for k in (Kind.CLOUD_API,))


def test_a_region_without_a_country_is_nowhere() -> None:
    offers = the_catalog().offers
    unknown = {(offers.provider_text(i), offers.region_text(i)) for i in np.flatnonzero(offers.country == "").tolist()}
    assert unknown
    for stay in ("country", "eu"):
        g = next(g for g in worked(need(rules__data_must_stay=stay)).groups if g.kind is Kind.CLOUD_INSTANCE)
        mask = next(r.mask for r in g.removals if r.rule == "rule.place-of-data")
        kept = {tuple(g.ids(i).split(":")[1:4:2]) for i in np.flatnonzero(~mask).tolist()[::7]}
        assert kept
        assert not kept & unknown


def test_data_in_the_european_union() -> None:
    w = worked(need(**CHAT, rules__data_must_stay="eu"))
    offers = the_catalog().offers
    g = next(g for g in w.groups if g.kind is Kind.CLOUD_INSTANCE)
    mask = next(r.mask for r in g.removals if r.rule == "rule.place-of-data")
    inside = {(offers.provider_text(i), offers.region_text(i)) for i in np.flatnonzero(offers.in_eu).tolist()}
    assert {tuple(g.ids(i).split(":")[1:4:2]) for i in np.flatnonzero(~mask).tolist()[::11]} <= inside
    hosted = w.group("cloud_api")
    eu = {s.id: s.in_eu for s in the_catalog().text_services}
    for i in range(hosted.n):
        id = hosted.ids(i).removeprefix("cloud_api:").removesuffix(":pay-per-use")
        assert ("rule.place-of-data" in hosted.broken(i)) == (not eu[id])
    assert 0 < hosted.feasible().sum() < hosted.n


def test_not_sure_where_data_may_go_keeps_them_here() -> None:
    assert worked(need(rules__data_must_stay="not-sure")).setting.case.stay == "on-site"


@pytest.mark.parametrize(
    ("rule", "changes", "because"),
    [
        ("rule.legal-basis", {"rules": {"data": "sensitive", "identifies_people": True}}, "fix-first"),
        ("rule.legal-basis", {"rules": {"identifies_people": True, "legal_basis_confirmed": "not-sure"}}, "fix-first"),
        ("rule.decision", {"rules": {"decision_about_people": True, "legal_basis_confirmed": False}}, "fix-first"),
        ("rule.health", {"quality": {"health": "failed"}}, "fix-first"),
    ],
)
def test_law_and_a_failed_check_remove_every_way(rule: str, changes: dict[str, Any], because: str) -> None:
    w = worked(need(**changes))
    assert set(removed(w, rule).values()) == {1.0}
    assert (w.choice.best, w.choice.none_because) == (None, because)


@pytest.mark.parametrize(
    "changes",
    [
        {"rules": {"data": "none", "identifies_people": True, "legal_basis_confirmed": True}},
        {"rules": {"data": "none", "decision_about_people": True, "legal_basis_confirmed": True}},
        {"quality": {"health": "passed"}},
    ],
)
def test_a_confirmed_basis_and_a_passed_check_remove_nothing(changes: dict[str, Any]) -> None:
    assert other_rules(worked(need(**changes)), "") == other_rules(worked(need()), "")


def test_public_traffic_leaves_the_house() -> None:
    w = worked(need(site__traffic_comes_from="internet"))
    shares = removed(w, "rule.public-traffic")
    assert all(share == (1.0 if kind in EDGE else 0.0) for kind, share in shares.items())


@pytest.mark.parametrize("most", [0, 100, 400, 5000])
def test_the_budget_on_the_first_day(most: float) -> None:
    w = worked(need(money={"currency": "EUR", "upfront_max": most}))
    for g in w.groups:
        refused = next(r.mask for r in g.removals if r.rule == "rule.upfront")
        assert np.array_equal(refused, g.bills.upfronts * w.setting.money.rate > most + 0.005)
        for i in np.linspace(0, g.n - 1, 5).astype(int).tolist():
            cost = g.bills.cost(i, w.setting.money, 3, 1, lambda x, _: x.text)
            assert (float(cost.upfront) > most + 0.01) <= bool(refused[i])


def test_the_budget_of_a_month() -> None:
    w = worked(need(money={"currency": "EUR", "monthly_max": 5}))
    for g in w.groups:
        refused = next(r.mask for r in g.removals if r.rule == "rule.monthly")
        monthly = (g.bills.totals - g.bills.upfronts) / 36 * w.setting.money.rate
        assert np.array_equal(refused, monthly > 5.005)


def test_a_looser_rule_never_loses_a_way() -> None:
    tight, loose = (worked(need(speed__limit_ms=x, money={"currency": "EUR", "upfront_max": m})) for x, m in ((120, 300), (2000, 3000)))
    for a, b in zip(tight.groups, loose.groups, strict=True):
        assert a.n == b.n
        assert not np.any(a.feasible() & ~b.feasible())


def test_a_small_text_model_is_not_a_large_one() -> None:
    w = worked(need(**CHAT, quality={"needs_large_model": True}))
    shares = removed(w, "rule.quality")
    assert shares[Kind.EDGE_EXISTING] == shares[Kind.EDGE_NEW] == shares[Kind.CLOUD_INSTANCE] == 1
    assert shares[Kind.CLOUD_API] == 0
    classes = {s.id: s.size_class for s in the_catalog().text_services}
    hosted = w.group("cloud_api")
    offered = {classes[hosted.ids(i).removeprefix("cloud_api:").removesuffix(":pay-per-use")] for i in range(hosted.n)}
    assert offered == {"large", "frontier"}


def test_money_never_buys_a_rule_back() -> None:
    for changes in (c for _, c in CLOUD_RULES):
        w = worked(need(**{**changes, "money": {"currency": "EUR", "upfront_max": 1e9, "monthly_max": 1e9}}))
        assert w.choice.best is not None
        assert w.choice.best.kind not in CLOUD
        assert not any(c.kind in CLOUD for c in w.choice.listed)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_removal_has_a_reason_in_words(kind: str) -> None:
    for o in worked(KINDS[kind]).told().options:
        assert o.feasible == (not o.why_not)
        assert all(text.endswith((".", "!")) for text in o.why_not)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_price_with_a_caution_never_wins_over_one_without(kind: str) -> None:
    w = worked(KINDS[kind])
    for g in w.groups:
        ok = g.feasible()
        best = w.choice.best
        if best is not None and best.group is g and (ok & ~g.flagged).any():
            assert not g.flagged[best.row]


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_ids_are_those_of_one_way_only(kind: str) -> None:
    ids = [c.id for c in (*worked(KINDS[kind]).choice.listed, *worked(KINDS[kind]).choice.near)]
    assert len(ids) == len(set(ids))
    for g in worked(KINDS[kind]).groups:
        if g.n < 1000:
            assert len({g.ids(i) for i in range(g.n)}) == g.n
