"""One table of all rules: what each removes whole, what it leaves alone, and the reason that stays behind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from advisor.advice import Kind
from tests.advisor.answers import KINDS, Worked, changed, need, the_catalog, worked

if TYPE_CHECKING:
    from collections.abc import Iterable

HERE = {Kind.EDGE_EXISTING, Kind.EDGE_NEW}
THERE = {Kind.CLOUD_API, Kind.CLOUD_INSTANCE, Kind.CLOUD_BATCH}
ALL = HERE | THERE
CHAT: dict[str, Any] = need(
    job={"task": "chat", "unit": "question", "model": {"text_model": {"params_billions": 8, "prompt_tokens": 900, "output_tokens": 250}}},
    speed={"limit_ms": 8000, "of": "first-word"},
    site={"owned": [{"what": "gaming PC 2022", "memory_gb": 32}], "uplink_mbps": 50},
)
OWNED_TWICE = {
    "owned": [{"what": "office PC 2021"}, {"what": "office PC 2021"}],
    "rented": [{"provider": "hetzner", "instance_type": "cx33"}],
}
HEAP = KINDS["cloud_batch"]

# rule, base, changes, kinds of which every way goes, kinds of which none goes, a word of the reason.
TABLE: list[tuple[str, dict[str, Any], dict[str, Any], Iterable[Kind], Iterable[Kind], str]] = [
    ("rule.place-of-data", need(site=OWNED_TWICE), {"rules__data_must_stay": "on-site"}, THERE, HERE, "in your building"),
    ("rule.place-of-data", CHAT, {"rules__data_must_stay": "on-site"}, THERE, HERE, "in your building"),
    ("rule.place-of-data", HEAP, {"rules__data_must_stay": "on-site"}, THERE, HERE, "in your building"),
    # Nobody says in which country a service or a function runs.
    ("rule.place-of-data", need(), {"rules__data_must_stay": "country"}, {Kind.CLOUD_API}, HERE, "in your country"),
    ("rule.outage", need(site=OWNED_TWICE), {"rules__longest_outage_minutes": 4}, THERE, HERE, "4\u00a0minutes"),
    # A heap waits for the line.
    ("rule.outage", HEAP, {"rules__longest_outage_minutes": 4}, (), ALL, ""),
    ("rule.offline", need(site=OWNED_TWICE), {"rules__must_work_without_internet": True}, THERE, HERE, "without internet"),
    ("rule.offline", HEAP, {"rules__must_work_without_internet": True}, THERE, HERE, "without internet"),
    ("rule.uplink", need(site=OWNED_TWICE), {"site__uplink_mbps": 0.05}, THERE, HERE, "0.05\u00a0Mbit"),
    ("rule.mobile-plan", need(site=OWNED_TWICE), {"site__internet": "mobile", "site__mobile_gb_per_month": 1}, THERE, HERE, "1\u00a0GB"),
    ("rule.power", need(), {"site__power_limit_w": 1}, HERE, THERE, "1\u00a0watts"),
    ("rule.power", need(), {"site__power": "solar", "site__power_limit_w": 2}, HERE, THERE, "2\u00a0watts"),
    ("rule.memory", need(), {"job__model": {"features": {"params_millions": 90_000, "gmacs": 4}}}, {Kind.EDGE_EXISTING}, (), "memory"),
    ("rule.too-slow", need(), {"speed__limit_ms": 0.001}, HERE, (), "0.000001\u00a0seconds"),
    ("rule.too-slow", HEAP, {"speed__limit_ms": 1000}, {Kind.CLOUD_BATCH, Kind.CLOUD_INSTANCE}, (), "1\u00a0second"),
    ("rule.upfront", need(), {"money": {"currency": "EUR", "upfront_max": 0}}, {Kind.EDGE_NEW}, {Kind.EDGE_EXISTING} | THERE, "€0"),
    ("rule.monthly", need(), {"money": {"currency": "EUR", "monthly_max": 0}}, ALL, (), "€0"),
    ("rule.quality", CHAT, {"quality": {"needs_large_model": True}}, HERE | {Kind.CLOUD_INSTANCE}, {Kind.CLOUD_API}, "large model"),
    ("rule.confidential", need(site=OWNED_TWICE), {"rules": {"data": "none", "confidential_share": 0.2}}, THERE, HERE, "confidential"),
    ("rule.health", need(site=OWNED_TWICE), {"quality": {"health": "failed"}}, ALL, (), "failed"),
    ("rule.health", HEAP, {"quality": {"health": "failed"}}, ALL, (), "failed"),
    ("rule.legal-basis", need(site=OWNED_TWICE), {"rules": {"data": "none", "identifies_people": True}}, ALL, (), "the law allows it"),
    ("rule.legal-basis", HEAP, {"rules": {"data": "none", "identifies_people": "not-sure"}}, ALL, (), "the law allows it"),
    ("rule.decision", need(site=OWNED_TWICE), {"rules": {"data": "none", "decision_about_people": True}}, ALL, (), "the law allows it"),
    ("rule.decision", HEAP, {"rules": {"data": "none", "decision_about_people": "not-sure"}}, ALL, (), "the law allows it"),
    ("rule.public-traffic", need(), {"site__traffic_comes_from": "internet"}, HERE, THERE, "office line"),
    ("rule.hours-free", need(), {"site": {"owned": [{"what": "office PC 2021", "free": "nights"}]}}, {Kind.EDGE_EXISTING}, THERE, "free"),
    (
        "rule.too-few-machines",
        need(),
        {"load__units_per_day": 900_000, "load__busiest_hour_units": 200_000},
        {Kind.EDGE_EXISTING},
        THERE,
        "too few",
    ),
    ("rule.retraining", need(job__model={"features": {"params_millions": 300, "gmacs": 900}}, speed__limit_ms=60_000),
     {"job__retrainings_per_year": 12}, {Kind.EDGE_EXISTING}, THERE, "train the model again"),
]  # fmt: skip


def removed(w: Worked, rule: str) -> dict[Kind, list[bool]]:
    """Which ways of each kind a rule removes; mixes are no pure ways."""
    out: dict[Kind, list[bool]] = {}
    for g in w.groups:
        if g.kind is Kind.HYBRID:
            continue
        mask = np.zeros(g.n, dtype=bool)
        for r in g.removals:
            if r.rule == rule:
                mask |= r.mask
        out.setdefault(g.kind, []).extend(mask.tolist())
    return out


@pytest.mark.parametrize(("rule", "base", "changes", "whole", "none", "word"), TABLE, ids=[f"{k}-{row[0]}" for k, row in enumerate(TABLE)])
def test_each_rule_removes_what_it_should_and_keeps_its_reason(
    rule: str, base: dict[str, Any], changes: dict[str, Any], whole: Iterable[Kind], none: Iterable[Kind], word: str
) -> None:
    before, after = worked(base), worked(changed(base, **changes))
    masks = removed(after, rule)
    for kind in set(whole) & set(masks):
        assert all(masks[kind]), kind
    for kind in set(none) & set(masks):
        assert not any(masks[kind]), kind
    # Without the answer the rule removes less.
    assert sum(map(sum, removed(before, rule).values())) < sum(map(sum, masks.values())) or not word
    told = after.told()
    told_rules = {r.rule: r for r in told.refused}
    if word:
        found = told_rules[rule.removeprefix("rule.")]
        assert word in found.text
        assert found.removed_options == sum(int(r.mask.sum()) for g in after.groups for r in g.removals if r.rule == rule)
        assert rule.removeprefix("rule.") not in {r.rule for r in before.told().refused} or found.removed_options > 0
    else:
        assert rule.removeprefix("rule.") not in told_rules


def test_a_removed_way_that_is_shown_says_why() -> None:
    for rule, base, changes, _, _, word in TABLE:
        w = worked(changed(base, **changes))
        for o in w.told().options:
            assert o.feasible == (not o.why_not), (rule, o.id)
        shown = [c for c in w.choice.near if rule in c.group.broken(c.row)]
        told = {o.id: o for o in w.told().options}
        for c in shown:
            assert any(word in text for text in told[c.id].why_not), (rule, c.id)


@pytest.mark.parametrize(("stay", "inside"), [("country", {"NO"}), ("eu", None)])
def test_a_country_beside_the_union_is_not_in_it(stay: str, inside: set[str] | None) -> None:
    """Norway is of the European Economic Area: near, and still not what "in the European Union" says."""
    offers = the_catalog().offers
    w = worked(changed(CHAT, business__country="NO", rules__data_must_stay=stay, money={"currency": "EUR"}))
    g = w.group("cloud_instance")
    kept = np.flatnonzero(~next(r.mask for r in g.removals if r.rule == "rule.place-of-data"))
    place = {(offers.provider_text(i), offers.region_text(i)): str(offers.country[i]) for i in range(len(offers))}
    countries = {place[tuple(g.ids(i).split(":")[1:4:2])] for i in kept.tolist()[::5]}
    assert "" not in countries
    if inside is not None:
        assert countries <= inside
    else:
        assert countries
        assert "NO" not in countries
        assert all(the_catalog().in_eu(c) for c in countries)


def test_services_and_functions_of_unknown_place_fail_every_rule_on_place() -> None:
    for stay in ("country", "eu", "on-site"):
        w = worked(need(rules__data_must_stay=stay))
        for g in w.groups:
            if g.kind is Kind.CLOUD_API:
                assert all("rule.place-of-data" in g.broken(i) for i in range(g.n))


def test_what_no_program_runs_and_what_nobody_can_foresee_is_removed_and_nothing_else() -> None:
    from advisor.forecast import REACH_NO, machines_from_builds

    for document in (need(), CHAT):
        w = worked(document)
        g = w.group("edge_new")
        builds = {f"edge_new:{b.id}": b for b in the_catalog().builds(w.setting.case.owned)}
        machines = machines_from_builds([builds[g.ids(i)] for i in range(g.n)], the_catalog())
        broken = {i: g.broken(i) for i in range(g.n)}
        assert [("rule.software-reach" in broken[i]) for i in range(g.n)] == (machines.reach >= REACH_NO).tolist()
        assert [("rule.no-forecast" in broken[i]) for i in range(g.n)] == (~np.isfinite(g.p_likely)).tolist()
        assert any("rule.software-reach" in b for b in broken.values())
        assert not all("rule.software-reach" in b for b in broken.values())
