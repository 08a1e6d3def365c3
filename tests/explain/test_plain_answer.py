"""What every answer holds: one verdict, at least three reasons, three first steps, what we measured and what we guessed."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from advisor import __version__
from advisor.advice import Kind
from advisor.evidence import Basis
from advisor.explain import explain
from advisor.explain.figures import OURS
from advisor.explain.plan_words import _hours_for_skill
from advisor.explain.to_do import FIRST
from tests.advisor.answers import KINDS, changed, need, worked
from tests.advisor.answers import told as told_of
from tests.stories.told import ALL, findings, told

SECOND_VERB = re.compile(r"\.\s+[A-Z]")


@pytest.mark.parametrize("name", ALL)
def test_one_verdict_three_reasons_three_steps(name: str) -> None:
    t = told(name)
    assert not SECOND_VERB.search(t.sentence)
    assert t.sentence.endswith(".")
    assert 3 <= len(t.reasons) <= 5
    assert len(set(t.reasons)) == len(t.reasons)
    assert len(t.plan.first_steps) == FIRST == 3
    steps = (*t.plan.first_steps, *t.plan.next_steps)
    assert len(set(steps)) == len(steps)
    assert next(s.steps for s in t.report.sections if s.id == "first-steps") == t.plan.first_steps
    shown = [s.bullets for s in t.report.sections if s.id == "next-steps"]
    assert shown == ([t.plan.next_steps] if t.plan.next_steps else [])


@pytest.mark.parametrize("name", ALL)
def test_nothing_is_said_twice(name: str) -> None:
    """No sentence of the owner's pages stands in two places."""
    t = told(name)
    texts = [x for s in t.report.sections if s.part == "owner" and s.id not in ("compare", "assumptions") for x in (*s.bullets, *s.steps)]
    texts += [x for r in t.risks for x in (r.text, r.do)]
    ends = re.compile(r"(?<=[.!?])\s+(?=[A-Z“])")
    parts = Counter(part for text in texts for part in ends.split(text))
    # A rule may stand beside the nearest way and in the list of rules.
    rules = " ".join(r.text for r in t.refused)
    assert [p for p, n in parts.items() if n > 1 and p not in rules] == []


# ---- what we measured and what we guessed ------------------------------------------------------------------------


def known(t: Any) -> tuple[str, ...]:
    return next(tuple(s.bullets) for s in t.report.sections if s.id == "known")


@pytest.mark.parametrize("name", ALL)
def test_the_counts_are_those_of_the_ledger(name: str) -> None:
    t = told(name)
    rows = {r.id: r for r in t.ledger}
    listed = [r for r in t.ledger if r.id not in {f"known.{x}" for x in ("measured", "published", "yours", "estimated", "worked_out")}]
    # The guess that counts most is named after the counting.
    listed = [r for r in listed if r.id != "known.widest"]
    for basis in Basis:
        count = sum(r.basis is basis and r.source != OURS.source for r in listed)
        assert (f"known.{basis}" in rows) == bool(count)
        if count:
            assert rows[f"known.{basis}"].value == count
            assert any(rows[f"known.{basis}"].text_form in x for x in known(t))
    assert rows["known.worked_out"].value == sum(r.source == OURS.source for r in listed)


def test_a_forecast_is_called_one() -> None:
    assert any("was not measured" in x for x in known(told("garage")))
    assert not any("was not measured" in x for x in known(told("bakery")))
    assert any(x.startswith("We measured") for x in known(told("bakery")))
    assert not any(x.startswith("We measured") for x in known(told("garage")))


@pytest.mark.parametrize("name", [n for n in ALL if findings(n).choice.best is not None])
def test_the_widest_guess_is_the_widest_and_says_what_settles_it(name: str) -> None:
    from advisor.outlook import amount_at, at

    found, t = findings(name), told(name)
    best = found.choice.best
    assert best is not None
    widest = [x for x in known(t) if "guess that counts most" in x]
    spreads = {x.text: abs(amount_at(x, best.row) * (at(x.high, best.row) - at(x.low, best.row))) for x in best.group.bills.lines}
    if max(spreads.values()) > 0.05 * best.burden:
        assert len(widest) == 1
    row = next((r for r in t.ledger if r.id == "known.widest"), None)
    if row is not None and row.unit == found.setting.money.currency:
        assert row.high - row.low == pytest.approx(max(spreads.values()) * found.setting.money.rate, rel=0.02)


# ---- who knows computers -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("skill", "words"),
    [("none", "Nobody in your firm looks after computers"), ("low", "know only a little about computers"), ("medium", ""), ("high", "")],
)
def test_weak_skill_is_a_risk_with_its_hours_where_a_machine_is_yours_to_look_after(skill: str, words: str) -> None:
    document = changed(KINDS["edge_new"], business__it_skill=skill)
    t, w = told_of(document), worked(document)
    assert w.choice.best is not None
    texts = [r.text for r in t.risks if "computers" in r.text and "more each month" in r.text]
    assert len(texts) == bool(words)
    if not words:
        return
    assert words in texts[0]
    row = next(r for r in t.ledger if r.id == "risk.skill")
    assert row.text_form in texts[0]
    # By hand: the same way looked after by people who know computers well.
    skilled = worked(changed(document, business__it_skill="medium"))
    same = next(g for g in skilled.groups if g.kind is w.choice.best.kind)
    assert row.value == pytest.approx(w.choice.best.upkeep - float(same.upkeep_hours_per_month[0]))


def test_a_mix_counts_only_the_half_that_is_yours() -> None:
    document = changed(KINDS["hybrid"], business__it_skill="none")
    w, skilled = worked(document), worked(changed(document, business__it_skill="medium"))
    best = w.choice.best
    assert best is not None
    assert best.kind is Kind.HYBRID
    from advisor.explain.figures import Figures
    from advisor.explain.verdict import best_words
    from advisor.findings import Findings
    from advisor.ledger import Ledger
    from advisor.words import Words

    found = Findings(w.setting, w.groups, w.choice, (), (), None)
    words = best_words(Figures(Words("en", "EUR"), Ledger(), w.setting.money), found)
    assert words is not None
    other = next(c for c in skilled.choice.listed if c.id == best.id)
    assert _hours_for_skill(found, words) == pytest.approx(best.upkeep - other.upkeep)


def test_a_service_asks_for_no_skill() -> None:
    t = told_of(changed(KINDS["cloud_api"], business__it_skill="none"))
    assert not any("looks after computers" in r.text for r in t.risks)


def test_a_skill_nobody_told_is_called_our_guess() -> None:
    t = told_of(changed(KINDS["edge_new"], business={"country": "DE"}))
    assert any(r.text.startswith("You did not say who knows computers") for r in t.risks)


# ---- a wish is named, and the method follows it ------------------------------------------------------------------


@pytest.mark.parametrize("wish", ["cheapest", "fastest", "least-upkeep", "most-private"])
def test_the_method_says_what_was_compared(wish: str) -> None:
    texts = {w: " ".join(next(s.paragraphs for s in told_of(need(prefer=w)).report.sections if s.id == "method")) for w in (None, wish)}
    assert "To compare ways we add the bill and your own hours" in texts[None]
    assert "To compare ways we add the bill and your own hours" not in texts[wish]
    assert "You asked for the " in texts[wish]


def test_the_reasons_stay_three_where_no_other_kind_is_left() -> None:
    found = findings("garage")
    lonely = replace(found, choice=replace(found.choice, rival=None))
    reasons = explain(lonely, "en", __version__).reasons
    assert len(reasons) >= 3
    assert any("of other kinds" in x for x in reasons)


# ---- who is in charge --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ids", "having", "lacking"),
    [
        ({"GOVERN 6.1", "GOVERN 6.2"}, KINDS["cloud_api"], KINDS["edge_new"]),
        ({"MEASURE 2.10", "MEASURE 2.11"}, need(rules={"data": "ordinary"}), need()),
    ],
)
def test_a_point_is_asked_only_of_whom_it_concerns(ids: set[str], having: dict[str, Any], lacking: dict[str, Any]) -> None:
    open_points = [{g.nist_id for g in told_of(d).governance if g.done_by == "you"} for d in (having, lacking)]
    assert ids <= open_points[0]
    assert not ids & open_points[1]
