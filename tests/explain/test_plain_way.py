"""The plain way without AI and not starting: answers like the others, with what they cost or that we do not know it."""

from __future__ import annotations

from typing import Any

import pytest

from advisor.advice import Kind
from tests.advisor.answers import need, the_catalog, told, worked


def options(**changes: Any) -> tuple[Any, ...]:
    return told(need(**changes)).options


def test_where_a_rule_could_do_it_is_the_answer_and_has_the_whole_share() -> None:
    found = options(quality={"simple_rule_could_do": True})
    first, second = found[:2]
    assert (first.id, second.id) == ("plain-way", "no-change")
    assert (first.kind, first.feasible) == (Kind.NONE, True)
    assert (first.win_share, second.win_share) == (1, 0)
    assert sum(o.win_share for o in found) == pytest.approx(1)
    assert worked(need(quality={"simple_rule_could_do": True})).choice.none_because == "plain-way"


def test_where_the_owner_is_not_sure_it_stands_beside_the_way_that_is_advised() -> None:
    found = options(quality={"simple_rule_could_do": "not-sure"})
    assert found[0].kind is not Kind.NONE
    plain = next(o for o in found if o.id == "plain-way")
    assert plain.win_share == 0
    assert sum(o.win_share for o in found) == pytest.approx(1)


@pytest.mark.parametrize("quality", [{}, {"simple_rule_could_do": False}])
def test_it_is_not_there_unasked(quality: dict[str, Any]) -> None:
    assert not [o for o in options(quality=quality) if o.id == "plain-way"]


def test_its_hours_are_in_money_only_where_the_owner_named_their_cost() -> None:
    hours, watch = (float(the_catalog().default(f"hours.{x}").value) for x in ("upkeep.plain_way", "watch"))
    free = next(o for o in options(quality={"simple_rule_could_do": True}) if o.id == "plain-way")
    assert free.cost.total == 0
    assert free.upkeep_hours_per_month == hours + watch
    assert {x.quantity for x in free.cost.lines if x.code == "T08"} == {36 * hours}
    changes = {"quality": {"simple_rule_could_do": True}, "money": {"currency": "EUR", "staff_hour": 30}}
    paid = next(o for o in options(**changes) if o.id == "plain-way")
    setup = float(the_catalog().default("hours.setup.plain_way").value)
    assert float(paid.cost.total) == pytest.approx(30 * (setup + 36 * (hours + watch)))
    # What a wrong answer costs nobody knows.
    assert next(x for x in paid.cost.lines if x.code == "T21").amount is None


def test_not_yet_says_that_today_s_way_has_a_cost_that_we_do_not_know() -> None:
    nothing = next(o for o in options(quality={"health": "failed"}) if o.id == "no-change")
    lost = next(x for x in nothing.cost.lines if x.code == "T21")
    assert lost.amount is None
    assert "not known to us" in lost.text
    assert nothing.win_share == 1


def test_the_table_names_it_as_the_advice() -> None:
    answer = told(need(quality={"simple_rule_could_do": True}))
    table = next(s.table for s in answer.report.sections if s.id == "compare")
    verdicts = {row[0]: row[-1] for row in table.rows}
    assert verdicts["A simple rule, without AI"] == "our advice"
    assert verdicts["Change nothing"] == "possible"
