"""Words and figures: every key that is asked for exists, and figures are written as people read them."""

from __future__ import annotations

import ast
import re
from string import Formatter
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.advice import Confidence, Kind
from advisor.cost import ALL_PARTS
from advisor.evidence import Basis
from advisor.need import TASKS
from advisor.schema_check import schema
from advisor.words import NBSP, Words, rounded
from tests.advisor.answers import ROOT, the_catalog

if TYPE_CHECKING:
    from collections.abc import Iterator

WORDS = Words("en", "EUR")
# What a key of the phrase book starts with.
GROUPS = (
    "rule", "zero", "line", "left_out", "caution", "lock", "why", "route", "verdict", "reason", "fact", "law", "section", "col",
    "method", "bill", "health", "table", "compare", "changes", "assumed", "step", "monitor", "incident", "off", "retraining", "chart",
    "why_sure", "nist", "known",
)  # fmt: skip
KEY = re.compile(rf"(?:{'|'.join(GROUPS)})\.[a-zA-Z_][\w.-]*$")
BANNED = ("please", "sorry", "invalid", "oops")


def literals() -> Iterator[tuple[str, str]]:
    """Every whole text in the code of the core that has the form of a key, with its file."""
    for folder in ("", "explain", "options", "catalog", "forecast"):
        for path in sorted((ROOT / "advisor" / folder).glob("*.py")):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            parts = {id(v) for n in ast.walk(tree) if isinstance(n, ast.JoinedStr) for v in ast.walk(n)}
            for node in ast.walk(tree):
                if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in parts and KEY.fullmatch(node.value):
                    yield path.name, node.value


# Asked for with something behind it, or the id of a figure.
MADE_UP = {
    "rule.place-of-data": [f"rule.place-of-data.{x}" for x in ("on-site", "country", "eu")],
    "law.report": [], "rule.sample": [], "rule.wrong": [], "step.days": [], "step.sample": [], "method.futures": ["method.futures"],
    "method.told": [], "bill.total": [], "bill.total.range": [],
    "health.checks": [], "health.failed": [], "known.widest": [],
}  # fmt: skip


def test_every_key_in_the_code_is_in_the_phrase_book() -> None:
    found = sorted(set(literals()))
    assert len(found) > 100
    missing = [(file, key) for file, key in found for k in MADE_UP.get(key, [key]) if not WORDS.has(k)]
    assert not missing


def enum(*path: str) -> list[str]:
    rule = schema("need")["properties"]
    for step in path[:-1]:
        rule = rule[step]["properties"]
    return [x for x in rule[path[-1]]["enum"] if x not in (None, "not-sure")]


def keys_by_value() -> list[str]:
    """Keys that are put together from a value of the need or the catalog."""
    defaults = [r["path"] for r in the_catalog().table("defaults")]
    fields = [p for p in defaults if p.split(".")[0] in ("load", "speed", "rules", "site", "business", "job", "money")]
    words = {r["value"] for r in the_catalog().table("defaults") if not r["value"][:1].isdigit()}
    for path in (("business", "it_skill"), ("load", "arrivals"), ("rules", "data"), ("rules", "data_must_stay"), ("site", "internet"),
                 ("site", "traffic_comes_from"), ("site", "place"), ("site", "power")):  # fmt: skip
        words |= set(enum(*path))
    yes_no = ("must_work_without_internet", "identifies_people", "legal_basis_confirmed", "decision_about_people")
    return [
        *(f"field.{p}" for p in fields),
        *(f"field.rules.{x}" for x in yes_no), "field.quality.needs_large_model", "field.load.input_kb_per_unit",
        *(f"word.{w}" for w in sorted(words)),
        *(f"task.{t}" for t in TASKS),
        *(f"kind.{k}" for k in Kind),
        *(f"confidence.{c}" for c in Confidence),
        *(f"basis.{b}" for b in Basis),
        *ALL_PARTS,
        *(f"caution.place.{p}" for p in enum("site", "place") if p != "indoors"),
        *(f"verdict.{k}" for k in Kind if k not in (Kind.NONE, Kind.HYBRID)),
        *(f"verdict.{b}" for b in ("plain-way", "fix-first", "nothing-feasible")),
        *(f"way.{k}" for k in Kind if k is not Kind.NONE),
        *(f"method.trust.{t}" for t in ("good", "fair", "poor")),
    ]  # fmt: skip


@pytest.mark.parametrize("key", keys_by_value())
def test_every_key_made_of_a_value_is_in_the_phrase_book(key: str) -> None:
    assert WORDS.has(key)


@pytest.mark.parametrize("risk", [k for k in Words("en", "EUR")._book if k.startswith("risk.") and not k.endswith(".do")])
def test_every_risk_says_what_to_do(risk: str) -> None:
    assert WORDS.has(f"{risk}.do")


def test_no_word_that_blames_or_begs() -> None:
    for key, text in WORDS._book.items():
        assert not any(re.search(rf"\b{w}\b", text.lower()) for w in BANNED), key


def test_sentences_are_short() -> None:
    for key, text in WORDS._book.items():
        for sentence in re.split(r"[.!?:;] ", text):
            assert len(sentence.split()) <= 30, key


def test_phrases_end_as_sentences_do() -> None:
    for key, text in WORDS._book.items():
        assert text == text.strip(), key
        assert "  " not in text, key
        if key.startswith(("reason.", "risk.", "step.", "monitor.", "law.", "incident.", "off.", "why_sure.", "health.", "caution.")):
            assert text[-1] in ".:" or text.endswith("}"), key


def test_a_phrase_cannot_be_said_with_an_empty_place() -> None:
    for key, text in WORDS._book.items():
        places = [name for _, name, _, _ in Formatter().parse(text) if name is not None]
        assert all(p.isidentifier() for p in places), key
        if places:
            with pytest.raises(KeyError):
                WORDS.say(key)
        said = WORDS.say(key, **dict.fromkeys(places, "x"))
        assert not re.search(r"[{}]", said), key


# ---- figures -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("currency", "value", "shown"),
    [
        ("EUR", 1234.5, "€1,200"),
        ("EUR", 9.96, "€9.96"),
        ("EUR", 0.314, "€0.31"),
        ("EUR", 0.004, f"less than{NBSP}€0.01"),
        ("EUR", 0.0, "€0"),
        ("USD", 987_654, "$990,000"),
        ("GBP", 12.4, "£12"),
        ("CHF", 1234.5, f"CHF{NBSP}1,200"),
        ("JPY", 15_449, "¥15,000"),
        ("SEK", 1234.5, f"SEK{NBSP}1,200"),
        ("EUR", -1234.5, "−€1,200"),
    ],
)
def test_money_is_rounded_to_what_means_something(currency: str, value: float, shown: str) -> None:
    assert Words("en", currency).money(value) == shown


@pytest.mark.parametrize(
    ("currency", "value", "shown"),
    [
        ("EUR", 1234.5, "€1,234.50"), ("USD", -3.2, "−$3.20"), ("GBP", 0, "£0.00"), ("EUR", -0.0, "€0.00"), ("CHF", 7, f"CHF{NBSP}7.00"),
        ("SEK", 1e6, f"SEK{NBSP}1,000,000.00"),
    ],
)  # fmt: skip
def test_cents(currency: str, value: float, shown: str) -> None:
    assert Words("en", currency).cents(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.0000042, "€0.0000042"), (0.0150, "€0.015"), (0.22, "€0.22"), (0.095, "€0.10"), (12.3456, "€12.35"), (0, "€0.00")],
)
def test_unit_prices_have_the_places_they_need(value: float, shown: str) -> None:
    assert WORDS.fine(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.0123, f"1.2{NBSP}cents"), (0.01, f"1{NBSP}cent"), (0.00001, f"less than{NBSP}0.01{NBSP}cents"),
        (0.5, f"50{NBSP}cents"), (1.234, "€1.23"), (45.6, "€46"),
    ],
)  # fmt: skip
def test_small_prices_are_told_in_cents(value: float, shown: str) -> None:
    assert WORDS.small_price(value) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0.0123, f"0.012{NBSP}seconds"), (1, f"1{NBSP}second"), (1.96, f"2{NBSP}seconds"), (99, f"99{NBSP}seconds"),
        (100, f"1.7{NBSP}minutes"), (3600, f"60{NBSP}minutes"), (6000, f"1.7{NBSP}hours"), (86_400, f"24{NBSP}hours"),
        (172_800, f"2{NBSP}days"), (1e-5, f"less than{NBSP}0.001{NBSP}seconds"),
    ],
)  # fmt: skip
def test_times_in_the_unit_a_person_would_use(seconds: float, shown: str) -> None:
    assert WORDS.time(seconds) == shown


@pytest.mark.parametrize(
    ("low", "high", "shown"),
    [
        (0.1, 0.234, f"0.1 to 0.23{NBSP}seconds"), (0.1, 0.1001, f"0.1{NBSP}seconds"), (120, 200, f"2 to 3.3{NBSP}minutes"),
        (0.5, 86_400, f"0.5{NBSP}seconds to 24{NBSP}hours"), (1e-5, 2e-4, f"less than{NBSP}0.001{NBSP}seconds"),
    ],
)  # fmt: skip
def test_ranges_of_time(low: float, high: float, shown: str) -> None:
    assert WORDS.time_range(low, high) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"), [(0.1, f"0.1{NBSP}seconds"), (28_800, f"8{NBSP}hours"), (100, f"100{NBSP}seconds"), (43_200, f"12{NBSP}hours")]
)
def test_a_time_the_owner_named_is_not_rounded(seconds: float, shown: str) -> None:
    assert WORDS.exact_time(seconds) == shown


@pytest.mark.parametrize(
    ("hours", "shown"),
    [(0.01, f"5{NBSP}minutes"), (0.5, f"30{NBSP}minutes"), (1, f"1{NBSP}hour"), (1.3, f"1.3{NBSP}hours"), (13.2, f"13{NBSP}hours")],
)
def test_hours_of_work(hours: float, shown: str) -> None:
    assert WORDS.hours(hours) == shown


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        (1, "photo", f"1{NBSP}photo"), (400, "photo", f"400{NBSP}photos"), (2, "entry", f"2{NBSP}entries"), (2, "box", f"2{NBSP}boxes"),
        (3, "minute of audio", f"3{NBSP}minutes of audio"), (500, "1,000 words", f"500{NBSP}times{NBSP}1,000 words"),
        (12_000, "page view", f"12,000{NBSP}page views"), (0.5, "page", f"0.5{NBSP}pages"), (2, "day", f"2{NBSP}days"),
    ],
)  # fmt: skip
def test_counts_and_plurals(value: float, unit: str, shown: str) -> None:
    assert WORDS.count(value, unit) == shown


def test_nothing_is_sure_in_a_hundred() -> None:
    assert WORDS.of_hundred(1.0) == f"more than{NBSP}99{NBSP}of{NBSP}100"
    assert WORDS.of_hundred(0.0) == f"1{NBSP}of{NBSP}100"


@given(value=st.floats(-1e12, 1e12), currency=st.sampled_from(["EUR", "USD", "GBP", "CHF", "JPY", "SEK"]))
def test_no_figure_is_minus_nothing(value: float, currency: str) -> None:
    words = Words("en", currency)
    for shown in (words.money(value), words.number(value), words.cents(round(value, 2)), words.exact(value)):
        assert not re.fullmatch(r"[-−][^\d]*0(\.0+)?", shown), shown
        assert "nan" not in shown.lower()


@given(value=st.floats(1e-9, 1e12), digits=st.integers(1, 4))
def test_rounding_keeps_so_many_digits(value: float, digits: int) -> None:
    assert rounded(value, digits) == pytest.approx(value, rel=0.5 * 10 ** (1 - digits) * 1.0001)
    assert float(f"{value:.{digits - 1}e}") == pytest.approx(rounded(value, digits), rel=10 ** (1 - digits))


@given(seconds=st.floats(1e-6, 1e9))
def test_a_time_in_words_is_the_time(seconds: float) -> None:
    shown = WORDS.time(seconds).split(NBSP)
    if shown[0] == "less than":
        assert seconds < 0.001
        return
    size = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400}[shown[1].removesuffix("s")]
    assert float(shown[0].replace(",", "")) * size == pytest.approx(seconds, rel=0.051)
