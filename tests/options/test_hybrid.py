"""Mixes of here and there: five written designs, each only where it is called for and pays, each side with its own share."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from advisor.advice import Kind
from advisor.load import demand
from advisor.options.field import field_of
from advisor.options.hybrids.designs import failover, hard_cases, overflow, private, standby_here
from advisor.options.hybrids.joining import for_part_of_the_time
from advisor.options.hybrids.learning import learn_there
from advisor.options.hybrids.outside import few
from advisor.options.hybrids.parts import hours_of, part_of
from advisor.options.hybrids.worth import beats_both
from advisor.options.rented import all_month
from tests.advisor.answers import KINDS, changed, need, told, worked
from tests.options.made_up import a_group

PEAK = {"units_per_day": 4000, "busiest_hour_units": 1200, "days_per_year": 20}
SHARED = {"data": "ordinary", "confidential_share": 0.25}
TEXT = {"text_model": {"params_billions": 8, "prompt_tokens": 900, "output_tokens": 250}}
CHAT: dict[str, Any] = need(
    job={"task": "chat", "unit": "question", "model": TEXT},
    speed={"limit_ms": 8000, "of": "first-word"},
    site={"uplink_mbps": 50, "owned": [{"what": "gaming PC 2022", "memory_gb": 32, "gpu_chip_id": "nvidia-rtx-5070"}]},
)
HARD_MODEL = {"model": {"features": {"params_millions": 300, "gmacs": 900}}, "calls_per_unit": 0.05}
# One need for each design in which it is shown.
DESIGNS: dict[str, dict[str, Any]] = {
    "private": KINDS["hybrid"],
    # The computer here bears the usual days; what is paid by use would break the budget of a month.
    "overflow": changed(
        CHAT,
        load={"units_per_day": 20_000, "busiest_hour_units": 2500,
              "rare_peak": {"units_per_day": 60_000, "busiest_hour_units": 20_000, "days_per_year": 5}},
        money={"currency": "EUR", "upfront_max": 0, "monthly_max": 20},
    ),
    # Machines for the job fit the budget, one more as a spare does not.
    "failover": changed(
        CHAT, site={"uplink_mbps": 500}, rules={"data": "none", "longest_outage_minutes": 60, "data_must_stay": "country"},
        load={"units_per_day": 2000, "busiest_hour_units": 300}, money={"currency": "EUR", "upfront_max": 1000, "monthly_max": 100},
    ),
    # The large model is elsewhere, and the line may not be missed for five minutes.
    "standby": changed(CHAT, quality={"needs_large_model": True}, rules={"data": "none", "longest_outage_minutes": 1}),
    # All questions to the large model would break the budget of a month.
    "hard": changed(
        CHAT, quality={"needs_large_model": True}, load={"units_per_day": 20_000, "busiest_hour_units": 3000},
        money={"currency": "EUR", "monthly_max": 80},
    ),
    # The computer here answers in time, but would learn for more than a weekend; the rest must work without internet.
    "learn": need(
        job={"task": "segmentation", "unit": "photo", "model": {"features": {"params_millions": 60, "gmacs": 600}},
             "retrainings_per_year": 12},
        rules={"data": "none", "must_work_without_internet": True}, speed__limit_ms=60_000, money={"currency": "EUR", "upfront_max": 0},
    ),
}  # fmt: skip


def mixes(document: dict[str, Any]) -> list[Any]:
    return [g for g in worked(document).groups if g.kind is Kind.HYBRID]


def sides(document: dict[str, Any]) -> tuple[list[Any], list[Any]]:
    groups = [g for g in worked(document).groups if g.kind is not Kind.HYBRID]
    here = [g for g in groups if g.kind in (Kind.EDGE_EXISTING, Kind.EDGE_NEW)]
    return here, [g for g in groups if g not in here]


def of_design(document: dict[str, Any], name: str) -> list[Any]:
    return [g for g in mixes(document) if g.ids(0).startswith(f"hybrid:{name}:")]


def amount(g: Any, code: str) -> np.ndarray[Any, Any]:
    lines = [x for x in g.bills.lines if x.code == code and x.has_amount()]
    return sum((np.nan_to_num(x.amounts(g.n)) for x in lines), np.zeros(g.n))


@pytest.mark.parametrize("name", sorted(DESIGNS))
def test_each_design_is_shown_where_it_is_asked_for_and_pays(name: str) -> None:
    found = of_design(DESIGNS[name], name)
    assert found
    here, there = sides(DESIGNS[name])
    setting = worked(DESIGNS[name]).setting
    for g in found:
        assert beats_both(setting, g, here, there).all()
        assert g.sends_out
        for i in range(g.n):
            looks = g.looks(i)
            assert looks.routing == f"route.{name}"
            assert any(p.purchase in ("buy", "own") for p in looks.parts)
            assert any(p.purchase not in ("buy", "own") for p in looks.parts)


@pytest.mark.parametrize("name", sorted(DESIGNS))
def test_its_rule_is_written_with_its_figures(name: str) -> None:
    answer = told(DESIGNS[name])
    options = [o for o in answer.options if o.id.startswith(f"hybrid:{name}:")]
    assert options
    forms = {row.text_form for row in answer.ledger}
    for o in options:
        assert o.routing
        assert any(form in o.routing for form in forms if form[0].isdigit()), o.routing


@pytest.mark.parametrize("name", sorted(set(DESIGNS) - {"private"}))
def test_it_is_advised_in_words_of_its_own(name: str) -> None:
    """Where the design is the answer, its sentence names both sides and its plan has a step of its own."""
    w = worked(DESIGNS[name])
    assert w.choice.best is not None
    assert w.choice.best.id.startswith(f"hybrid:{name}:")
    parts = w.choice.best.group.looks(w.choice.best.row).parts
    answer = told(DESIGNS[name])
    assert all(p.what in answer.sentence for p in (parts[0], parts[-1]))
    if name != "overflow":
        from advisor.words import Words

        assert Words("en", "EUR").say(f"step.route.{name}") in (*answer.plan.first_steps, *answer.plan.next_steps)


def test_no_mix_without_a_reason_for_one() -> None:
    assert not mixes(need())


@pytest.mark.parametrize("share", [0, 1])
def test_no_mix_where_all_or_nothing_is_confidential(share: float) -> None:
    assert not mixes(need(rules={"data": "ordinary", "confidential_share": share}))


def test_no_mix_where_a_computer_here_does_it_all_for_less() -> None:
    assert not mixes(need(rules=SHARED))
    assert not mixes(need(load__rare_peak=PEAK, site__uplink_mbps=100))


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("private", {"rules": {**SHARED, "data_must_stay": "on-site"}}),
        ("private", {"rules": {**SHARED, "must_work_without_internet": True}}),
        ("private", {"rules": SHARED, "site": {"internet": "none", "owned": [{"what": "gaming PC 2022"}]}}),
        ("overflow", {"site__traffic_comes_from": "internet"}),
        # A peak day with no busier hour than usual needs no help.
        ("overflow", {"load__rare_peak": {"units_per_day": 60_000, "busiest_hour_units": 2000, "days_per_year": 5}}),
        ("failover", {"rules__data_must_stay": "on-site"}),
        # A new machine comes in time; then no spare is bought.
        ("failover", {"rules__longest_outage_minutes": 3 * 24 * 60}),
        ("failover", {"rules__confidential_share": 0.1}),
        # A phone's line is quick enough.
        ("standby", {"rules__longest_outage_minutes": 5}),
        ("standby", {"rules__data_must_stay": "on-site"}),
        ("hard", {"quality": {}}),
        ("hard", {"rules": {"data": "none", "data_must_stay": "on-site"}}),
        ("hard", {"rules": {"data": "ordinary", "confidential_share": 0.3}}),
        ("learn", {"job__retrainings_per_year": None}),
        ("learn", {"job__retrainings_per_year": 0}),
        ("learn", {"rules__data_must_stay": "on-site"}),
        ("learn", {"site__internet": "none"}),
    ],
)
def test_rules_leave_no_mix(name: str, changes: dict[str, Any]) -> None:
    assert not [g for g in of_design(changed(DESIGNS[name], **changes), name) if g.feasible().any()]


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"load__rare_peak": PEAK},
        {"load__batch": {"units": 10_000, "times_per_year": 12}, "speed": {"limit_ms": 6 * 3_600_000, "of": "batch"}},
        {"load__growth_percent_per_year": 30, "money__horizon_years": 2.5},
    ],
)
def test_the_two_sides_together_are_the_whole(changes: dict[str, Any], share: float) -> None:
    setting = worked(need(**changes)).setting
    here, there, whole = (demand(c) for c in (part_of(setting.case, share), part_of(setting.case, 1 - share), setting.case))
    assert here.units + there.units == pytest.approx(whole.units)
    assert here.heap_units + there.heap_units == pytest.approx(whole.heap_units)
    assert here.rare_hour_units + there.rare_hour_units == pytest.approx(whole.rare_hour_units)
    assert here.peak_hour_units + there.peak_hour_units == pytest.approx(whole.peak_hour_units)


def test_a_standby_is_as_busy_as_the_whole_but_seldom() -> None:
    case = worked(need(load__rare_peak=PEAK)).setting.case
    whole, part = demand(case), demand(hours_of(case, 0.01))
    assert part.units == pytest.approx(0.01 * whole.units)
    assert (part.peak_hour_units, part.rare_hour_units) == (whole.peak_hour_units, whole.rare_hour_units)


def test_each_side_keeps_its_rules() -> None:
    for g in mixes(KINDS["hybrid"]):
        for i in range(g.n):
            here = [p for p in g.looks(i).parts if p.purchase in ("buy", "own")]
            there = [p for p in g.looks(i).parts if p.purchase not in ("buy", "own")]
            assert here
            assert len(there) == 1
            assert g.looks(i).routing == "route.private"


def test_a_private_mix_is_as_slow_as_its_slower_side() -> None:
    from advisor.options.payperuse import hosted

    setting = worked(KINDS["hybrid"]).setting
    part = part_of(setting.case, 0.7)
    there = hosted(replace(setting, case=part, demand=demand(part)))
    assert there is not None
    times = {there.ids(i): float(there.p_likely[i]) for i in range(there.n)}
    for g in mixes(KINDS["hybrid"]):
        for i in range(g.n):
            assert g.p_likely[i] >= times[g.ids(i).split("+")[-1]] - 1e-9


def test_a_failover_buys_no_spare_and_pays_for_hours_of_failure_only() -> None:
    document = DESIGNS["failover"]
    (g,) = of_design(document, "failover")
    pure = worked(document).group("edge_new")
    rows = {pure.ids(i): i for i in range(pure.n)}
    for k in range(g.n):
        i = rows[g.ids(k).removeprefix("hybrid:failover:").split("+cloud")[0]]
        assert amount(pure, "T02")[i] > 0
        assert amount(g, "T02")[k] == 0
        assert amount(g, "T01")[k] == pytest.approx(amount(pure, "T01")[i])
        assert not any(p.role.startswith("spare") for p in g.looks(k).parts)
        assert [p.role for p in g.looks(k).parts if p.purchase == "on-demand"] == ["steps in"]
        # It answers as the machine here does.
        assert g.p_likely[k] == pytest.approx(pure.p_likely[i])
        # Three machines in a hundred break a year, and five days go by: four hours a year of a machine that costs by the hour.
        rent = next(x for x in g.bills.lines if x.text == "line.rent")
        hours = float(np.broadcast_to(rent.quantity, (g.n,))[k])
        machines = next(p.count for p in g.looks(k).parts if p.purchase == "on-demand")
        assert hours == pytest.approx(0.03 * 5 / 365 * 3 * 8760 * machines, rel=1e-6)
    texts = {x.code: x.text for x in g.bills.lines}
    assert texts["T02"] == "zero.standby"
    # The spare is what breaks the budget of the pure way.
    assert not sides(document)[0][0].feasible().any()


def test_a_standby_here_has_no_spare_and_steps_in_with_what_is_here() -> None:
    document = DESIGNS["standby"]
    for g in of_design(document, "standby"):
        for k in range(g.n):
            parts = g.looks(k).parts
            assert parts[0].purchase == "pay-per-use"
            assert next(p.role for p in parts[1:]) == "steps in"
            assert "caution.standby-small" in g.looks(k).cautions
        assert (amount(g, "T02") == 0).all()
    # Neither side alone does it: the line is the one's end, the size of the model the other's.
    here, there = sides(document)
    assert all("rule.quality" in g.broken(i) for g in here for i in range(g.n))
    assert all("rule.outage" in g.broken(i) for g in there for i in range(0, g.n, 97))


def test_hard_cases_pay_by_the_judged_share_and_the_range_holds_its_ends() -> None:
    document = DESIGNS["hard"]
    g = of_design(document, "hard")[0]
    hosted = worked(document).group("cloud_api")
    per_use = {hosted.ids(i): amount(hosted, "T16")[i] for i in range(hosted.n)}
    line = next(x for x in g.bills.lines if x.code == "T16" and x.has_amount())
    for k in range(g.n):
        whole = per_use[g.ids(k).split("+")[-1]]
        assert amount(g, "T16")[k] == pytest.approx(0.4 * whole)
        assert float(np.broadcast_to(line.low, (g.n,))[k]) < 0.15 / 0.4 + 1e-9
        assert float(np.broadcast_to(line.high, (g.n,))[k]) > 0.7 / 0.4


def test_a_judged_share_does_not_decide() -> None:
    """What pays at the likely share and not at its high end is not shown."""
    setting = worked(DESIGNS["hard"]).setting
    field = field_of(setting)
    shown = [g for g in hard_cases(setting, field, [], []) for _ in range(1)]
    g = next(g for g in shown if g.ids(0).startswith("hybrid:hard:edge_existing"))
    from advisor.options.weighing import scores

    own = float(scores(setting, g).min())
    # A pure way a little dearer than the mix at the likely share; at the high end of the share the mix is dearer.
    rival = a_group(Kind.CLOUD_API, [own * 1.02])
    kept = [x.ids(i) for x in hard_cases(setting, field, [], [rival]) for i in range(x.n)]
    assert g.ids(int(np.argmin(scores(setting, g)))) not in kept


def test_a_further_model_that_is_seldom_called_is_run_there_for_its_share() -> None:
    document = need(
        job={"task": "segmentation", "unit": "photo", "model": {"features": {"params_millions": 3.2, "gmacs": 4.4}},
             "more_models": [HARD_MODEL]},
        speed__limit_ms=8000, load={"units_per_day": 20_000, "busiest_hour_units": 2500, "input_kb_per_unit": 30},
        site={"owned": [{"what": "office PC 2021"}], "uplink_mbps": 500},
    )  # fmt: skip
    setting = worked(document).setting
    found = list(hard_cases(setting, field_of(setting), [], []))
    assert found
    for g in found:
        looks = g.looks(0)
        assert looks.routing == "route.further"
        # A service would answer with a model of its own.
        assert all(p.purchase != "pay-per-use" for p in looks.parts)
        calls = [x for x in g.bills.lines if x.text == "line.per_call"]
        for x in calls:
            assert float(np.broadcast_to(x.quantity, (g.n,))[0]) == pytest.approx(0.05 * setting.demand.units)
    often = changed(document, job__more_models=[{**HARD_MODEL, "calls_per_unit": 1}])
    other = worked(often).setting
    assert not list(hard_cases(other, field_of(other), [], []))


def test_learning_there_pays_for_the_hours_of_training_only() -> None:
    document = DESIGNS["learn"]
    g = next(g for g in of_design(document, "learn") if g.feasible().all())
    pure = worked(document).group("edge_existing")
    assert "rule.retraining" in pure.broken(0)
    # Beside the rent stand the hours of the firm's own people.
    every = [x for x in g.bills.lines if x.code == "T23"]
    assert sorted(x.text for x in every) == ["line.retraining.hours", "line.retraining_rent"]
    # A machine is rented, so nothing in the bill says that none is.
    assert {x.text for x in g.bills.lines if x.code in ("T14", "T15", "T18")} == {"zero.in_retraining"}
    lines = [x for x in every if x.text == "line.retraining_rent"]
    for k in range(g.n):
        assert amount(g, "T23")[k] > 0
        assert amount(g, "T14")[k] == 0
        # Three years with twelve trainings each, none longer than a weekend.
        assert 0 < float(np.broadcast_to(lines[0].quantity, (g.n,))[k]) <= 36 * 60
        assert g.p_likely[k] == pytest.approx(pure.p_likely[0])
        assert [p.role for p in g.looks(k).parts] == ["does the work", "trains the model"]
    # More often costs more.
    twice = changed(document, job__retrainings_per_year=24)
    more = next(g for g in of_design(twice, "learn") if g.feasible().all())
    both = {g.ids(k): k for k in range(g.n)}
    for k in range(more.n):
        if more.ids(k) in both:
            assert amount(more, "T23")[k] == pytest.approx(2 * amount(g, "T23")[both[more.ids(k)]])


def test_machines_for_a_mix_are_the_few_cheap_and_sound_ones() -> None:
    setting = worked(changed(CHAT, rules={"data": "none", "data_must_stay": "eu"})).setting
    field = field_of(setting)
    assert field is not None
    picked = few(setting, field)
    assert picked is not None
    assert 0 < len(picked.rows) < 400
    offers = field.offers
    assert offers.in_eu[picked.rows].all()
    cheapest = field.price[(offers.usable[field.rows] == 2) & offers.in_eu[field.rows] & np.isfinite(field.unit(field.times.likely))].min()
    assert picked.price.min() == cheapest
    group = all_month(setting, picked)
    assert group is not None
    whole = all_month(setting, field)
    assert whole is not None
    same = {whole.ids(i): float(whole.bills.totals[i]) for i in np.flatnonzero(np.isin(field.rows, picked.rows)).tolist()}
    assert {group.ids(i): float(group.bills.totals[i]) for i in range(group.n)} == pytest.approx(same)


def test_rent_for_a_part_of_the_time() -> None:
    setting = worked(CHAT).setting
    field = field_of(setting)
    assert field is not None
    picked = few(setting, field)
    group = all_month(setting, picked)
    assert group is not None
    part = for_part_of_the_time(group.bills, 0.1)
    for code in ("T14", "T18", "T19"):
        of = [sum(np.nan_to_num(x.amounts(b.n)) for x in b.lines if x.code == code) for b in (group.bills, part)]
        assert of[1] == pytest.approx(0.1 * of[0])
    rest = [b.totals - sum(np.nan_to_num(x.amounts(b.n)) for x in b.lines if x.code in ("T14", "T18", "T19")) for b in (group.bills, part)]
    assert rest[0] == pytest.approx(rest[1])


def test_the_bill_says_that_data_leave_and_that_a_line_is_used() -> None:
    g = mixes(KINDS["hybrid"])[0]
    words = {x.code: x.text for x in g.bills.lines}
    assert words["T17"] != "zero.no_data_out"
    assert words["T20"] != "zero.no_line_needed"
    assert words["T16"] != "zero.no_pay_per_use"
    assert words["T01"] not in ("zero.nothing_bought",)


@pytest.mark.parametrize("name", sorted(DESIGNS))
def test_hours_in_the_bill_are_the_hours_told(name: str) -> None:
    """Set-up and upkeep stand in the bill as in the comparison, and answers are watched once."""
    document = changed(DESIGNS[name], money__staff_hour=1)
    for g in mixes(document):
        months = 36
        for code, hours in (("T07", g.setup_hours), ("T08+T22", g.upkeep_hours_per_month * months)):
            lines = [x for x in g.bills.lines if x.code in code.split("+")]
            assert sum(np.broadcast_to(x.quantity, (g.n,)) for x in lines) == pytest.approx(hours)
        assert sum(x.code == "T22" for x in g.bills.lines) == 1


@pytest.mark.parametrize("name", sorted(DESIGNS))
def test_every_part_of_a_mixed_bill_is_there_once_or_says_why_not(name: str) -> None:
    from advisor.cost import ALL_PARTS

    for g in mixes(DESIGNS[name]):
        assert {x.code for x in g.bills.lines} == set(ALL_PARTS)


@pytest.mark.parametrize("design", [private, overflow, failover, standby_here, hard_cases, learn_there])
def test_a_plain_need_asks_for_no_design(design: Any) -> None:
    setting = worked(need()).setting
    here, there = sides(need())
    assert not list(design(setting, field_of(setting), here, there))
