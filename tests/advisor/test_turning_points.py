"""Turning points are proven: 2 % before each the kind is what it is now, 2 % beyond it is the one named."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pytest

from advisor.advice import Kind
from advisor.answer import Inputs, advise, begin
from advisor.moves import Scale
from advisor.need import from_json
from advisor.need_paths import plain_path, value_at, with_value
from advisor.turnable import CHOICES, NOT_MOVED, NUMBERS, choices, numbers
from advisor.turning_points import CancelledError, Outcome, Tries, turning_points
from advisor.words import Words
from tests.advisor.answers import KINDS, SEED, TODAY, example, need, setting_of, the_catalog
from tests.advisor.random_needs import SCHEMA
from tests.advisor.test_random_needs import assert_it_turns

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from advisor.findings import Turn

NEEDS: dict[str, dict[str, Any]] = {
    "photos": need(load__growth_percent_per_year=10, money={"currency": "EUR", "upfront_max": 2500, "monthly_max": 40}),
    "cloud_batch": KINDS["cloud_batch"],
    "cloud_instance": KINDS["cloud_instance"],
    "chat": example("agency-text-model"),
    "farm": example("farm-features"),
    "nothing": need(site={}, rules={"must_work_without_internet": True}, money={"currency": "EUR", "upfront_max": 50}),
}


def solved(document: dict[str, Any], turned: Callable[[dict[str, Any]], Outcome | None]) -> tuple[Turn, ...]:
    """The turning points of a made-up answer."""
    told = from_json(document).to_json()
    today = turned(told)
    assert today is not None
    return turning_points(setting_of(document), today, Tries(told, turned))


@pytest.mark.parametrize("name", sorted(NEEDS))
def test_every_turning_point_is_proven(name: str) -> None:
    asked = from_json(NEEDS[name])
    advice = advise(Inputs(asked), the_catalog(), today=TODAY, seed=SEED, language="en")
    assert advice.turning_points
    for t in advice.turning_points:
        assert_it_turns(asked.to_json(), advice, t)
    assert len({(t.input, t.direction, str(t.at)) for t in advice.turning_points}) == len(advice.turning_points)


# ---- the table -------------------------------------------------------------------------------------------------------


def fields(rule: dict[str, Any], path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every field of the schema that holds a single value, those in lists once."""
    if "$ref" in rule:
        rule = SCHEMA["$defs"][rule["$ref"].rsplit("/", 1)[1]]
    if "properties" in rule:
        for name, inner in rule["properties"].items():
            yield from fields(inner, f"{path}.{name}".lstrip("."))
    elif "items" in rule:
        yield from fields(rule["items"], f"{path}[]")
    else:
        yield path, rule


def is_number_or_choice(rule: dict[str, Any]) -> bool:
    kinds = rule.get("type", [])
    each = rule.get("anyOf", [])
    return "enum" in rule or any(k in kinds for k in ("number", "integer", "boolean")) or any(map(is_number_or_choice, each))


def test_every_number_and_choice_of_a_need_is_moved_or_says_why_not() -> None:
    moved = [n.path for n in NUMBERS] + [c.path for c in CHOICES]
    assert len(set(moved)) == len(moved)
    every = dict(fields(SCHEMA))
    assert set(moved) <= set(every)
    left = {p for p, rule in every.items() if is_number_or_choice(rule)} - set(moved)
    excused = {p for p in left if any(p == x or p.startswith((f"{x}.", f"{x}[")) for x in NOT_MOVED)}
    assert left == excused
    for why in NOT_MOVED:
        assert any(p == why or p.startswith((f"{why}.", f"{why}[")) for p in every), why
        assert not any(m == why or m.startswith(f"{why}.") for m in moved), why


def test_numbers_are_moved_as_numbers_and_within_what_the_schema_takes() -> None:
    every = dict(fields(SCHEMA))
    setting = setting_of(need())
    for n in NUMBERS:
        rules = [r for r in (every[n.path], *every[n.path].get("anyOf", ())) if "maximum" in r]
        (rule,) = rules
        low, high = (end(setting) if callable(end) else end for end in (n.low, n.high))
        assert rule.get("minimum", rule.get("exclusiveMinimum")) <= low < high <= rule["maximum"], n.path
        assert ("integer" in rule["type"]) is (n.scale is Scale.WHOLE), n.path
    for c in CHOICES:
        offered = every[c.path].get("enum") or SCHEMA["$defs"]["yes_no"]["enum"]
        if c.path != "quality.health":
            assert set(c.values) >= {v for v in offered if v not in (None, "not-sure", "batch")}, c.path


def test_every_answer_that_is_moved_has_words() -> None:
    words = Words("en", "EUR")
    for n in NUMBERS:
        assert words.has(f"turn.{plain_path(n.path)}"), n.path
    for c in CHOICES:
        for value in c.values:
            assert words.has(f"turn.{plain_path(c.path)}.{'null' if value is None else str(value).lower()}"), (c.path, value)


FULL = need(
    load__sites=2, load__rare_peak={"units_per_day": 9000, "busiest_hour_units": 3000, "days_per_year": 8},
    site={"internet": "mobile", "uplink_mbps": 10, "mobile_gb_per_month": 5, "mobile_price_per_gb": 3, "power_limit_w": 60,
          "line_down_hours_per_year": 8,
          "owned": [{"what": "office PC 2021", "free": "nights"}, {"what": "till PC"}],
          "rented": [{"provider": "hetzner", "instance_type": "cx33", "spare_share": 0.4}]},
    rules={"confidential_share": 0.3, "identifies_people": True, "legal_basis_confirmed": True},
    money={"currency": "EUR", "upfront_max": 2500, "monthly_max": 40, "lost_hour": 30, "fittings_per_site": 80, "it_firm_per_month": 60,
           "second_line_per_month": 25, "quotes": [{"price_of": "device:raspberry-pi-5", "amount": 90}]},
    job={"task": "chat", "retrainings_per_year": 1, "labels_per_retraining": 100, "people_using": 3,
         "model": {"text_model": {"params_billions": 8, "prompt_tokens": 900, "output_tokens": 250}},
         "more_models": [{"model": {"reference": "photo-sorting"}, "calls_per_unit": 2}]},
)  # fmt: skip
HEAP = KINDS["cloud_batch"]


def test_every_row_of_the_table_is_moved_in_some_case() -> None:
    seen: set[str] = set()
    for document in (FULL, HEAP):
        told = from_json(document).to_json()
        setting = setting_of(document)
        seen |= {plain_path(m.path) for m in numbers(setting, told)} | {plain_path(c.path) for c in choices(setting, told)}
    assert seen == {plain_path(r.path) for r in (*NUMBERS, *CHOICES)}


def test_an_open_answer_counts_with_the_value_we_took() -> None:
    document = need(load={"units_per_day": 400}, speed={}, rules={})
    told, setting = from_json(document).to_json(), setting_of(document)
    now = {m.path: m.now for m in numbers(setting, told)}
    assert now["load.days_per_week"] == pytest.approx(6)
    assert now["speed.limit_ms"] == pytest.approx(2000)
    assert now["site.uplink_mbps"] == pytest.approx(18.4)
    assert now["money.staff_hour"] == pytest.approx(setting.wage.likely * setting.money.rate)
    # No limit was taken, so there is none to move.
    assert "money.upfront_max" not in now
    chosen = {c.path: (c.now, c.others) for c in choices(setting, told)}
    assert chosen["rules.data"] == ("ordinary", ("none", "sensitive"))
    assert chosen["site.owned[0].free"] == ("always", ("nights", "office-hours"))


def test_no_number_is_moved_where_the_work_is_stopped_whatever_they_are() -> None:
    document = need(quality={"health": "failed"})
    assert list(numbers(setting_of(document), from_json(document).to_json())) == []
    found = solved(document, lambda d: (Kind.NONE, "no-change") if d["quality"]["health"] == "failed" else (Kind.EDGE_NEW, "x"))
    assert [(t.input, t.now, t.at, t.then_kind) for t in found] == [("quality.health", "failed", "passed", Kind.EDGE_NEW)]


def test_places_in_a_document() -> None:
    document = {"a": {"b": [{"c": 1}, {"c": 2}]}, "d": None}
    assert value_at(document, "a.b[1].c") == 2
    assert value_at(document, "d.x") is None
    assert value_at(document, "e.f.g") is None
    assert with_value(document, "a.b[1].c", 5) == {"a": {"b": [{"c": 1}, {"c": 5}]}, "d": None}
    assert with_value(document, "d.x", True)["d"] == {"x": True}
    assert document["a"] == {"b": [{"c": 1}, {"c": 2}]}
    assert plain_path("a.b[12].c") == plain_path("a.b[].c") == "a.b.c"


# ---- solving ---------------------------------------------------------------------------------------------------------


def only(path: str, where: Callable[[Any], bool]) -> Callable[[dict[str, Any]], Outcome | None]:
    """A made-up answer that is another one where a field says so."""
    return lambda d: (Kind.EDGE_NEW, "then") if where(value_at(d, path)) else (Kind.EDGE_EXISTING, "now")


def test_an_answer_that_never_changes_has_no_turning_point() -> None:
    assert solved(FULL, lambda _: (Kind.CLOUD_API, "x")) == ()


@pytest.mark.parametrize(
    ("path", "document", "at", "up"),
    [
        ("load.units_per_day", need(load__busiest_hour_units=None), 1000, True),
        ("load.units_per_day", need(load__busiest_hour_units=None), 2, False),
        ("site.uplink_mbps", need(site={"uplink_mbps": 100}), 25, False),
        ("load.growth_percent_per_year", need(load__growth_percent_per_year=0), 12.3, True),
        ("load.growth_percent_per_year", need(load__growth_percent_per_year=0), -7, False),
        ("load.growth_percent_per_year", need(load__growth_percent_per_year=-20), -5, True),
        ("money.upfront_max", need(money={"currency": "EUR", "upfront_max": 0}), 333, True),
        ("load.input_kb_per_unit", need(load__input_kb_per_unit=0), 77, True),
        ("rules.confidential_share", need(rules={"confidential_share": 0.3}), 0.8, True),
        ("speed.percentile", need(speed={"limit_ms": 900, "percentile": 95}), 99, True),
        ("load.days_per_week", need(), 3.5, False),
        ("rules.longest_outage_minutes", need(rules={"longest_outage_minutes": 480}), 5, False),
    ],
)  # fmt: skip
def test_a_flip_is_found_to_its_place(path: str, document: dict[str, Any], at: float, up: bool) -> None:
    found = solved(document, only(path, lambda v: v is not None and (v >= at if up else v <= at)))
    (t,) = found
    assert (t.input, t.direction, t.then_kind, t.then_id) == (path, "up" if up else "down", Kind.EDGE_NEW, "then")
    assert t.at == pytest.approx(at, rel=0.0051)
    # The place itself lies beyond already.
    assert t.at >= at if up else t.at <= at


def test_whole_numbers_stay_whole() -> None:
    found = solved(need(load__sites=2), only("load.sites", lambda v: v >= 5))
    assert [(t.input, t.now, t.at) for t in found] == [("load.sites", 2, 5)]
    assert isinstance(found[0].at, int)
    tokens = "job.model.text_model.prompt_tokens"
    (t,) = solved(FULL, only(tokens, lambda v: v < 333))
    assert isinstance(t.at, int)
    assert t.at == pytest.approx(332, abs=1)


def test_what_is_told_is_what_holds_two_parts_in_a_hundred_beyond() -> None:
    def turned(d: dict[str, Any]) -> Outcome:
        units = d["load"]["units_per_day"]
        return (Kind.EDGE_EXISTING, "now") if units < 1000 else (Kind.CLOUD_API, "short") if units < 1010 else (Kind.HYBRID, "then")

    (t,) = solved(need(load__busiest_hour_units=None), turned)
    assert (t.then_kind, t.then_id) == (Kind.HYBRID, "then")


@pytest.mark.parametrize(
    ("then", "at"),
    [
        # The first half way from 400 to 2,400 is 980. It falls into an island of another kind: the flip lies behind it.
        (lambda u: 975 <= u < 985 or u >= 2000, 2000),
        # It falls into an island of today's kind: the flip lies before it.
        (lambda u: 500 <= u < 970 or u >= 985, 500),
        # Nowhere is there a flip with room on both sides.
        (lambda u: u >= 985 and int(u / 5) % 2, None),
    ],
)
def test_an_island_that_is_too_narrow_is_passed_over(then: Callable[[float], bool], at: float | None) -> None:
    found = solved(need(load__busiest_hour_units=None), only("load.units_per_day", then))
    assert [t.at for t in found if t.direction == "up"] == ([] if at is None else [pytest.approx(at, rel=0.006)])


def test_a_flip_at_once_is_none_that_can_be_told() -> None:
    """There is nothing before it: today's value stands on the edge."""
    assert solved(need(), only("load.growth_percent_per_year", lambda v: v > 0)) == ()


def test_a_day_is_not_moved_beyond_what_it_can_be() -> None:
    seen: list[float] = []

    def turned(d: dict[str, Any]) -> Outcome:
        seen.append(d["load"]["units_per_day"])
        return Kind.EDGE_EXISTING, "now"

    solved(need(load__rare_peak={"units_per_day": 500, "busiest_hour_units": 200, "days_per_year": 5}), turned)
    assert max(seen) == 500
    seen.clear()
    solved(need(load__busiest_hour_units=60), turned)
    assert max(seen) == 600


def test_what_would_be_refused_is_no_turning_point() -> None:
    assert solved(need(), lambda d: None if d["speed"]["limit_ms"] != 2000 else (Kind.EDGE_EXISTING, "now")) == ()


def test_the_nearest_come_first_and_choices_count_as_a_doubling() -> None:
    def turned(d: dict[str, Any]) -> Outcome:
        load = d["load"]
        if load["units_per_day"] >= 3000 or load["input_kb_per_unit"] >= 400 or d["rules"]["data_must_stay"] == "eu":
            return Kind.CLOUD_API, "then"
        return Kind.EDGE_EXISTING, "now"

    found = solved(need(load__busiest_hour_units=None, rules__data_must_stay="anywhere"), turned)
    assert [t.input for t in found] == ["load.input_kb_per_unit", "rules.data_must_stay", "load.units_per_day"]
    assert [t.distance for t in found] == sorted(t.distance for t in found)
    assert found[1].distance == pytest.approx(math.log(2))


def test_what_was_left_open_is_nearer_and_what_nobody_knows_is_nearest() -> None:
    stay = {
        value: next(c.distance for c in choices(setting_of(d), from_json(d).to_json()) if c.path == "rules.data_must_stay")
        for value in ("anywhere", None, "not-sure")
        for d in (need(rules__data_must_stay=value),)
    }
    assert stay == {"anywhere": math.log(2), None: math.log(2) / 2, "not-sure": 0}


def test_each_change_is_worked_out_once_and_a_cancelled_search_goes_on_where_it_was() -> None:
    told = from_json(FULL).to_json()
    asked: list[str] = []

    def turned(d: dict[str, Any]) -> Outcome:
        asked.append(str(d))
        return only("load.units_per_day", lambda v: v >= 1000)(d) or (Kind.NONE, "")

    tries, setting, today = Tries(told, turned), setting_of(FULL), (Kind.EDGE_EXISTING, "now")
    with pytest.raises(CancelledError):
        turning_points(setting, today, tries, lambda: len(asked) >= 20)
    assert len(asked) == 20
    found = turning_points(setting, today, tries)
    assert len(set(asked)) == len(asked)
    assert found == turning_points(setting, today, Tries(told, turned))


def test_a_search_takes_few_recomputations() -> None:
    """Nearly all answers told, and nothing turns: what a search costs at least."""
    count = 0

    def turned(_: dict[str, Any]) -> Outcome:
        nonlocal count
        count += 1
        return Kind.EDGE_EXISTING, "now"

    solved(need(), turned)
    assert count <= 90


# ---- in the whole answer ---------------------------------------------------------------------------------------------


def test_an_answer_is_there_at_once_and_is_completed_later() -> None:
    inputs = Inputs(from_json(NEEDS["photos"]))
    begun = begin(inputs, the_catalog(), today=TODAY, seed=SEED, language="en")
    first = begun.at_once()
    assert first.turning_points == ()
    (sought,) = next(s for s in first.report.sections if s.id == "changes").bullets
    assert "still looking" in sought
    assert begun.complete(cancelled=lambda: True) is None
    whole = begun.complete()
    assert whole is not None
    assert whole.to_bytes() == advise(inputs, the_catalog(), today=TODAY, seed=SEED, language="en").to_bytes()
    assert whole.turning_points
    # Nothing but what would change it, and the figures in it, is new.
    changed = {s.id for s, old in zip(whole.report.sections, first.report.sections, strict=True) if s != old}
    assert {"changes", "ledger"} <= changed <= {"changes", "ledger", "known"}
    assert (whole.sentence, whole.options, whole.reasons) == (first.sentence, first.options, first.reasons)


def test_sentences_of_turning_points_name_their_figures() -> None:
    advice = advise(Inputs(from_json(NEEDS["photos"])), the_catalog(), today=TODAY, seed=SEED, language="en")
    rows = {r.id: r for r in advice.ledger}
    for t in advice.turning_points:
        assert t.text.startswith("If ")
        assert t.text.endswith(".")
        if t.direction != "to":
            row = rows[f"turn.{t.input}.{t.direction}"]
            assert row.text_form in t.text
