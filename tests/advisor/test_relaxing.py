"""Which answer would have to give way: solved, proven by working the answer out again, and never the law."""

from __future__ import annotations

from typing import Any

import pytest

from advisor.advice import Kind
from advisor.need import from_json
from advisor.options import candidates
from advisor.problems import AdvisorError
from advisor.recommend import decide
from advisor.relaxing import CLOSE_ENOUGH, distance, relaxations
from tests.advisor.answers import advised, changed, need, setting_of, worked
from tests.options.made_up import a_group

NOTHING: dict[str, dict[str, Any]] = {
    "budget": need(site={}, rules={"must_work_without_internet": True}, money={"currency": "EUR", "upfront_max": 50}),
    "on site": need(site={}, rules={"data": "sensitive", "data_must_stay": "on-site"}, money={"currency": "EUR", "upfront_max": 1}),
    "no line": need(site={}, rules={"longest_outage_minutes": 1}, money={"currency": "EUR", "upfront_max": 0}),
    "slow": need(speed__limit_ms=0.5),
    "power": need(site={"power": "battery", "power_limit_w": 1, "internet": "none"}),
}


def best_of(document: dict[str, Any]) -> tuple[Kind, str, str] | None:
    try:
        setting = setting_of(document)
    except AdvisorError:
        return None
    order, because = decide(setting, candidates(setting))
    return (order[0].kind, order[0].id, order[0].group.looks(order[0].row).name) if order and because is None else None


def found(document: dict[str, Any]) -> tuple[Any, ...]:
    w = worked(document)
    assert w.choice.none_because == "nothing-feasible"
    return relaxations(from_json(document), w.setting.case, w.groups, best_of)


def at(document: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    return changed(document, **{path.replace(".", "__"): value})


@pytest.mark.parametrize("name", sorted(NOTHING))
def test_each_is_enough_and_no_more_than_it_must_be(name: str) -> None:
    document = NOTHING[name]
    out = found(document)
    assert out
    assert [distance(r) for r in out] == sorted(distance(r) for r in out)
    for r in out:
        assert r.with_input is None
        then = best_of(at(document, r.input, r.to))
        assert then == (r.then_kind, r.then_id, r.then_name), r
        if isinstance(r.to, float) and r.to > 1:
            # A little less is not enough; amounts, minutes and watts are whole ones.
            less = max(2 * CLOSE_ENOUGH * r.to, 0.0 if r.input == "speed.limit_ms" else 1.0)
            assert best_of(at(document, r.input, max(r.to - less, r.now))) is None, r


def test_the_budget_is_told_to_the_euro() -> None:
    """What the cheapest device costs, straight from its bill."""
    document = NOTHING["budget"]
    r = next(r for r in found(document) if r.input == "money.upfront_max")
    w = worked(changed(document, money={"currency": "EUR"}))
    g = w.group("edge_new")
    least = min(float(g.bills.cash_upfront()[i]) * w.setting.money.rate for i in range(g.n) if not g.broken(i))
    assert least <= r.to <= max(least * (1 + 2 * CLOSE_ENOUGH), least + 1)
    assert (r.now, r.then_kind) == (50, Kind.EDGE_NEW)


def test_a_choice_gives_way_by_one_step_where_one_is_enough() -> None:
    out = {r.input: r for r in found(NOTHING["on site"])}
    assert out["rules.data_must_stay"].to in ("country", "eu")
    looser = {"country": ("country",), "eu": ("country", "eu")}[out["rules.data_must_stay"].to]
    for stay in looser[:-1]:
        assert best_of(at(NOTHING["on site"], "rules.data_must_stay", stay)) is None


def test_law_and_a_failed_check_never_give_way() -> None:
    for changes in ({"rules": {"data": "sensitive", "identifies_people": True}}, {"quality": {"health": "failed"}}):
        advice = advised(need(**changes, money={"currency": "EUR", "upfront_max": 0}))
        assert advice.relaxations == ()
        assert advice.none_because == "fix-first"


def test_what_is_feasible_has_nothing_to_relax() -> None:
    assert advised(need()).relaxations == ()


def test_two_answers_together_where_one_is_not_enough() -> None:
    """A made-up answer that fits only with 300 at the start and a line that may be down for an hour."""
    document = from_json(need(site={}, rules={"longest_outage_minutes": 1}, money={"currency": "EUR", "upfront_max": 100})).to_json()

    def again(d: dict[str, Any]) -> tuple[Kind, str, str] | None:
        ok = d["money"]["upfront_max"] >= 300 and d["rules"]["longest_outage_minutes"] >= 60
        return (Kind.HYBRID, "x", "x") if ok else None

    both = a_group(Kind.HYBRID, [1.0, 2.0], out=[0, 1], rule="rule.upfront")
    second = a_group(Kind.HYBRID, [1.0, 2.0], out=[0, 1], rule="rule.outage")
    from dataclasses import replace

    group = replace(both, removals=(*both.removals, *second.removals))
    case = setting_of(document).case
    out = relaxations(from_json(document), case, [group], again)
    assert {(r.input, r.with_input) for r in out} == {
        ("money.upfront_max", "rules.longest_outage_minutes"),
        ("rules.longest_outage_minutes", "money.upfront_max"),
    }
    to = {r.input: r.to for r in out}
    assert 300 <= to["money.upfront_max"] <= 306
    assert 60 <= to["rules.longest_outage_minutes"] <= 61.5


def test_nothing_is_offered_where_nothing_helps() -> None:
    document = from_json(NOTHING["budget"]).to_json()
    assert relaxations(from_json(document), setting_of(document).case, [a_group(Kind.EDGE_NEW, [1.0], out=[0])], lambda _: None) == ()


@pytest.mark.parametrize("name", sorted(NOTHING))
def test_it_is_said_with_its_figures(name: str) -> None:
    advice = advised(NOTHING[name])
    assert advice.relaxations
    section = next(s for s in advice.report.sections if s.id == "relax")
    forms = [row.text_form for row in advice.ledger]
    for r in advice.relaxations:
        assert r.text in section.bullets
        if isinstance(r.to, float) and r.input.startswith("money."):
            assert any(form in r.text for form in forms if form.startswith("€"))
    assert advice.relaxations[0].text in advice.reasons
    assert advice.to_json()["relaxations"][0]["input"] == advice.relaxations[0].input


@pytest.mark.parametrize("name", sorted(NOTHING))
def test_the_report_says_it_once(name: str) -> None:
    advice = advised(NOTHING[name])
    lines = [words for s in advice.report.sections for words in (*s.paragraphs, *s.bullets, *s.steps)]
    assert {r.text: lines.count(r.text) for r in advice.relaxations} == {r.text: 1 for r in advice.relaxations}
    # The same answer as a turning point would stand there with another rounding.
    again = {t.text for t in advice.turning_points if t.input in {r.input for r in advice.relaxations if r.with_input is None}}
    assert not again & set(lines)
