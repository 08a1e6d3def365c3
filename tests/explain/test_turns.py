"""Every turning point that can be found has an easy sentence, with its figure in the ledger."""

from __future__ import annotations

import re
from typing import Any

import pytest

from advisor import __version__
from advisor.advice import Kind
from advisor.explain import Told, explain
from advisor.findings import Findings, Turn
from advisor.need import from_json
from advisor.readability import readability
from advisor.turnable import choices, numbers
from advisor.words import NBSP
from tests.advisor.answers import KINDS, need, worked
from tests.advisor.test_turning_points import FULL, HEAP


def told(document: dict[str, Any], *turns: Turn) -> Told:
    w = worked(document)
    return explain(Findings(w.setting, w.groups, w.choice, turns, (), None), "en", __version__)


def every_turn(document: dict[str, Any]) -> tuple[Turn, ...]:
    """Each number moved up and down, each choice set to each other answer."""
    plain = from_json(document).to_json()
    setting = worked(document).setting
    moved = []
    for m in numbers(setting, plain):
        for direction, at in (("up", m.fitted(m.now * 1.37 + 1)), ("down", m.fitted(m.now / 1.9))):
            moved.append(Turn(m.path, m.now, at, direction, Kind.CLOUD_API, "x", m.distance(at)))
    chosen = [Turn(c.path, c.now, v, "to", Kind.EDGE_NEW, "x", c.distance) for c in choices(setting, plain) for v in c.others]
    return (*moved, *chosen)


@pytest.mark.parametrize("document", [FULL, HEAP, KINDS["edge_existing"]], ids=["full", "heap", "photos"])
def test_every_turning_point_has_a_sentence_and_a_row(document: dict[str, Any]) -> None:
    turns = every_turn(document)
    answer = told(document, *turns)
    assert len(answer.turning_points) == len(turns) > 60
    texts = [t.text for t in answer.turning_points]
    assert len(set(texts)) == len(texts)
    rows = {r.id: r for r in answer.ledger}
    forms = sorted((str(r.text_form) for r in answer.ledger), key=len, reverse=True)
    for t in answer.turning_points:
        assert re.match(r"If [a-z].*\.$", t.text), t.text
        left = t.text
        for form in forms:
            left = left.replace(form, " ")
        assert not re.search(r"\d", left), t.text
        if t.direction != "to":
            row = rows[f"turn.{t.input}.{t.direction}"]
            # Times stand there in seconds.
            assert row.value == pytest.approx(t.at / {"speed.limit_ms": 1000, "rules.longest_outage_minutes": 1 / 60}.get(t.input, 1))
            assert row.text_form in t.text
    found = readability(tuple(texts), tuple({p.what for o in answer.options for p in o.parts}))
    assert found.grade is not None
    assert found.grade <= 8
    assert found.longest_sentence_words <= 30


@pytest.mark.parametrize(
    ("path", "at", "direction", "words"),
    [
        ("load.sites", 5, "up", "the number of your places rises to 5, then"),
        ("load.growth_percent_per_year", -26.915, "down", f"falls below about −27{NBSP}%"),
        ("speed.percentile", 97.26, "up", f"rises above about 97.3{NBSP}%"),
        ("rules.longest_outage_minutes", 4.9982, "down", f"falls below about 5{NBSP}minutes"),
        ("load.open_hours_per_day", 1.0, "down", f"your working day falls below about 1{NBSP}hour,"),
        ("money.electricity_per_kwh", 0.351, "up", f"€0.35 a{NBSP}kWh"),
        ("money.horizon_years", 4.26, "up", f"the time you look ahead rises above about 4.3{NBSP}years"),
        ("load.units_per_day", 1234.5, "up", f"the work of a day rises above about 1,200{NBSP}photos"),
    ],
)
def test_values_are_written_as_people_read_them(path: str, at: float, direction: str, words: str) -> None:
    (t,) = told(need(), Turn(path, 1.0, at, direction, Kind.EDGE_NEW, "x", 0.1)).turning_points
    assert words in t.text


def test_a_stop_of_the_work_is_no_broken_rule() -> None:
    answer = told(
        need(),
        Turn("quality.health", None, "failed", "to", Kind.NONE, "no-change", 1),
        Turn("site.internet", "wired", "none", "to", Kind.NONE, "no-change", 1),
    )
    health, line = (t.text for t in answer.turning_points)
    assert "then not starting yet is better" in health
    assert "no way fits all your rules" in line


def test_the_report_shows_the_nearest_few_and_no_far_ones() -> None:
    turns = [Turn("load.units_per_day", 400, 500.0, "up", Kind.CLOUD_API, "x", 0.2)]
    turns += [Turn("load.input_kb_per_unit", 300, 1e6, "up", Kind.CLOUD_API, "x", 8.1)]
    answer = told(need(), *turns)
    changes = next(s for s in answer.report.sections if s.id == "changes").bullets
    assert answer.turning_points[0].text in changes
    assert answer.turning_points[1].text not in changes
