"""The words of an answer: every figure has a ledger row, a sentence goes when its fact goes, and all of it reads easily."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from advisor.advice import Kind
from advisor.evidence import Basis
from advisor.ledger import Ledger
from advisor.readability import readability, syllables
from advisor.words import Words
from tests.advisor.answers import EXAMPLE_NAMES, KINDS, advised, changed, example, need, told, worked
from tests.explain.texts import NO_PROSE, sentences

if TYPE_CHECKING:
    from advisor.advice import Advice

NEEDS: dict[str, dict[str, Any]] = {
    **KINDS,
    **{name: example(name) for name in EXAMPLE_NAMES},
    "mobile": need(site={"internet": "mobile", "uplink_mbps": 10, "mobile_gb_per_month": 5, "owned": [{"what": "till PC"}]}),
    "wage": need(money={"currency": "CHF", "staff_hour": 55, "discount_percent": 3}, business__country="CH"),
    "peak": need(load__rare_peak={"units_per_day": 9000, "busiest_hour_units": 3000, "days_per_year": 8}, site={"uplink_mbps": 40}),
    "solar": need(site={"power": "solar", "power_limit_w": 30, "internet": "none"}),
    "nothing": need(site={}, rules={"must_work_without_internet": True}, money={"currency": "EUR", "upfront_max": 1}),
    "law": need(rules={"data": "sensitive", "identifies_people": True}, job__task="face-recognition"),
    "unsure": need(rules={"data": "not-sure", "must_work_without_internet": "not-sure"}, quality={"simple_rule_could_do": "not-sure"}),
}
BANNED = re.compile(r"\b(please|sorry|invalid|oops)\b", re.IGNORECASE)


# Codes of the bill and of the framework, and words that hold a digit.
NAMES = re.compile(r"\bT[0-2]\d\b|\b(?:GOVERN|MAP|MEASURE|MANAGE) \d\.\d+|\bArticle \d+|CO2")


@pytest.mark.parametrize("name", sorted(NEEDS))
def test_every_figure_in_the_words_has_its_row(name: str) -> None:
    t = told(NEEDS[name])
    known = {str(r.text_form) for r in t.ledger} | {p.what for o in t.options for p in o.parts} | {o.name for o in t.options}
    # The day a price was true stands in its row of the ledger.
    known |= {Words("en", "EUR").day(r.as_of) for r in t.ledger if r.as_of}
    by_length = sorted((k for k in known if k and any(c.isdigit() for c in k)), key=len, reverse=True)
    for where, whole in sentences(t):
        text = NAMES.sub(" ", whole)
        for form in by_length:
            text = text.replace(form, " ")
        assert not re.search(r"\d", text), (where, whole, text)


@pytest.mark.parametrize("name", sorted(NEEDS))
def test_the_ledger_tells_where_each_figure_comes_from(name: str) -> None:
    rows = told(NEEDS[name]).ledger
    assert len({r.id for r in rows}) == len(rows)
    for r in rows:
        assert r.source, r.id
        assert r.text_form
        if r.low is not None and r.high is not None and isinstance(r.value, (int, float)):
            slack = 1e-9 * max(abs(r.value), 1)
            assert r.low - slack <= r.value <= r.high + slack, r.id
        if r.basis is Basis.PUBLISHED and r.id.startswith("bill.") and r.id.endswith(".price"):
            assert r.as_of or "undated" in r.source or r.source, r.id


def test_one_id_is_one_fact() -> None:
    ledger = Ledger()
    ledger.note("a", 1.0, "s", "1 second", Basis.YOURS, "you")
    assert ledger.note("a", 1.0, "s", "1 second", Basis.YOURS, "you") == "1 second"
    with pytest.raises(ValueError, match="a stands for"):
        ledger.note("a", 2.0, "s", "2 seconds", Basis.YOURS, "you")
    assert len(ledger.rows()) == 1


@pytest.mark.parametrize("name", sorted(NEEDS))
def test_the_words_are_easy(name: str) -> None:
    t = told(NEEDS[name])
    names = tuple({x for o in t.options for p in o.parts for x in (p.what, p.catalog_id) if x})
    texts = [x for where, x in sentences(t) if where not in NO_PROSE]
    found = readability(texts, names)
    assert found.grade is not None
    assert found.grade <= 8
    assert found.longest_sentence_words <= 30


@pytest.mark.parametrize("name", sorted(NEEDS))
def test_nothing_begs_blames_or_stands_open(name: str) -> None:
    t = told(NEEDS[name])
    for where, text in (*sentences(t), *(("option", x) for o in t.options for x in (o.name, o.lock_in, *o.cautions, *o.why_not))):
        assert not BANNED.search(text), (where, text)
        assert not re.search(r"[{}]|\bNone\b|\bnan\b|\binf\b", text), (where, text)
        assert "  " not in text, (where, text)


@pytest.mark.parametrize("name", sorted(NEEDS))
def test_a_report_has_no_empty_part(name: str) -> None:
    t = told(NEEDS[name])
    ids = [s.id for s in t.report.sections]
    assert len(ids) == len(set(ids))
    for s in t.report.sections:
        assert s.title
        assert s.paragraphs or s.bullets or s.steps or s.table or s.chart
        if s.table is not None:
            assert all(len(row) == len(s.table.columns) for row in s.table.rows)


# ---- a sentence stands there because of a fact -------------------------------------------------------------------

HERE = need(site={"internet": "none", "owned": [{"what": "office PC 2021", "free": "always"}]})


def text_of(document: dict[str, Any]) -> str:
    t = told(document)
    return "\n".join(x for _, x in sentences(t)) + "\n".join(t.law_notes)


FACTS = [
    # (with the fact, without it, the words that hang on it)
    ("offline", need(rules={"data": "none", "must_work_without_internet": True}), need(), "It works without internet"),
    ("data about people", need(rules={"data": "ordinary"}), need(), "Somebody reads data about people"),
    ("sensitive data", changed(KINDS["cloud_api"], rules={"data": "sensitive"}), KINDS["cloud_api"], "data protection expert"),
    ("several sites", need(load__sites=3, site={"internet": "none"}), need(site={"internet": "none"}), "Buy 3 of "),
    ("solar power", NEEDS["solar"], changed(NEEDS["solar"], site__power="mains"), "A dark week"),
    ("a rule on place", need(rules={"data": "none", "data_must_stay": "on-site"}), need(), "must stay in your building, so nothing"),
    ("a rare peak", NEEDS["peak"], need(site={"uplink_mbps": 40}), "9,000"),
    ("a short standstill", need(site={"internet": "none"}, rules__longest_outage_minutes=60),
     need(site={"internet": "none"}, rules__longest_outage_minutes=4000), "as a spare"),
    ("a confidential share", NEEDS["hybrid"], NEEDS["edge_existing"], "confidential"),
    ("Europe", need(rules={"data": "ordinary"}), need(rules={"data": "ordinary"}, business__country="US"), "EU AI Act"),
    ("no skill told", changed(need(), business={"country": "DE"}), need(), "Who knows computers in your firm"),
    ("a budget", need(money={"currency": "EUR", "upfront_max": 1}), need(), "than the €1"),
    ("a failed check", need(quality={"health": "failed"}), need(quality={"health": "passed"}), "or its data failed"),
    ("a doubt about AI", need(quality={"simple_rule_could_do": "not-sure"}), need(), "Try a simple rule first"),
    ("a discount", need(money={"currency": "EUR", "discount_percent": 5}), need(), "Later payments weighed less"),
    ("a small computer free at night", need(site={"owned": [{"what": "office PC 2021", "free": "nights"}]}, speed__limit_ms=9e7), need(),
     "must be left on"),
]  # fmt: skip


@pytest.mark.parametrize(("having", "lacking", "words"), [f[1:] for f in FACTS], ids=[f[0] for f in FACTS])
def test_a_sentence_goes_when_its_fact_goes(having: dict[str, Any], lacking: dict[str, Any], words: str) -> None:
    said, unsaid = (text_of(d).replace("\u00a0", " ") for d in (having, lacking))
    assert words in said
    assert words not in unsaid


def test_figures_follow_the_need() -> None:
    few, many = told(need()), told(need(load__units_per_day=4000))
    assert any("400\u00a0photos" in x for _, x in sentences(few))
    assert not any("400\u00a0photos" in x for _, x in sentences(many))
    assert any("4,000\u00a0photos" in x for _, x in sentences(many))


def test_what_a_computer_costs_is_not_only_power_where_hours_cost_money() -> None:
    t = told(need(money={"currency": "EUR", "staff_hour": 40}))
    assert worked(need(money={"currency": "EUR", "staff_hour": 40})).choice.best.kind is Kind.EDGE_EXISTING
    assert not any("You pay only for electricity" in r for r in t.reasons)


@pytest.mark.parametrize(
    "data",
    [need(), need(load__units_per_day=4000), need(money={"currency": "EUR", "staff_hour": 40}), need(site={"owned": []})],
    ids=["few", "many", "hours cost money", "nothing owned"],
)
def test_a_smaller_bill_in_the_list_is_explained(data: dict[str, Any]) -> None:
    found, t = worked(data), told(data)
    best = found.choice.best
    assert best is not None
    bill, doubt = best.group.bills.totals[best.row], bool(best.group.flagged[best.row])
    smaller = [c for c in found.choice.listed if c.group.bills.totals[c.row] < 0.95 * bill]
    doubted = [c for c in smaller if c.group.flagged[c.row] and not doubt]
    dearer = [c for c in smaller if c not in doubted and c.score > best.score]
    assert any("has a smaller bill" in r for r in t.reasons) == bool(dearer)
    assert any("do not trust its price" in r for r in t.reasons) == bool(doubted)


# ---- readability -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "count"),
    [("a", 1), ("photo", 2), ("make", 1), ("makes", 1), ("table", 2), ("needed", 2), ("saved", 1), ("boxes", 2), ("internet", 3),
     ("answer", 2), ("eye", 1), ("the", 1), ("computer", 3)],
)  # fmt: skip
def test_syllables_by_hand(word: str, count: int) -> None:
    assert syllables(word) == count


def test_grade_by_hand() -> None:
    # Two sentences, 8 words, 9 syllables: 0.39 x 4 + 11.8 x 9 / 8 - 15.59 = -0.755.
    found = readability(["The cat sat down. It was a photo."])
    assert (found.grade, found.longest_sentence_words) == (pytest.approx(-0.8, abs=0.05), 4)


def test_names_and_figures_count_as_one_short_word() -> None:
    plain = readability(["You buy ten for it."])
    assert readability(["You buy €1,234.50 for Extraordinary Computing Apparatus."], ["Extraordinary Computing Apparatus"]) == plain


def test_nothing_to_read_has_no_grade() -> None:
    assert readability(["", "Yes."]).grade is None


def test_longest_sentence_is_found_over_all_texts() -> None:
    assert readability(["One two three.", "One two three four five. One two."]).longest_sentence_words == 5


def check_advice(a: Advice) -> None:
    assert a.readability.grade is not None
    assert a.readability.grade <= 8
    assert a.readability.longest_sentence_words <= 30


@pytest.mark.parametrize("name", ["agency-text-model", "farm-features"])
def test_a_whole_answer_says_how_it_reads(name: str) -> None:
    check_advice(advised(example(name)))
