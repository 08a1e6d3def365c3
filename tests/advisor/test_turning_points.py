"""Turning points are proven: a little before each the kind is what it is now, a little beyond it is the one named."""

from __future__ import annotations

from typing import Any

import pytest

from advisor.advice import Kind
from advisor.answer import Inputs, _outcome
from advisor.need import from_json
from advisor.options import candidates
from advisor.problems import AdvisorError
from advisor.recommend import decide
from advisor.turning_points import turning_points
from tests.advisor.answers import KINDS, changed, example, need, setting_of

NEEDS: dict[str, dict[str, Any]] = {
    "photos": need(load__growth_percent_per_year=10, money={"currency": "EUR", "upfront_max": 2500, "monthly_max": 40}),
    "cloud_batch": KINDS["cloud_batch"],
    "cloud_instance": KINDS["cloud_instance"],
    "chat": example("agency-text-model"),
    "farm": example("farm-features"),
    "nothing": need(site={}, rules={"must_work_without_internet": True}, money={"currency": "EUR", "upfront_max": 50}),
}


def kind_of(document: dict[str, Any]) -> tuple[Kind, str]:
    setting = setting_of(document)
    return _outcome(*decide(setting, candidates(setting)))


def again(document: dict[str, Any]) -> tuple[Kind, str] | None:
    try:
        return kind_of(document)
    except AdvisorError:
        return None


def at(document: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    return changed(document, **{path.replace(".", "__"): value})


@pytest.mark.parametrize("name", sorted(NEEDS))
def test_every_turning_point_is_proven(name: str) -> None:
    document = from_json(NEEDS[name]).to_json()
    now = kind_of(document)
    case = setting_of(document).case
    found = turning_points(from_json(document), case, now, again)
    assert found
    for t in found:
        if t.direction == "to":
            assert kind_of(at(document, t.input, t.at)) == (t.then_kind, t.then_id), t
            continue
        assert isinstance(t.at, float)
        assert isinstance(t.now, float)
        up = t.direction == "up"
        assert (t.at > t.now) is up
        # Two parts in a hundred on either side; the point itself is already beyond.
        before, beyond = (t.at / 1.02, t.at * 1.02) if up else (t.at * 1.02, t.at / 1.02)
        if (before > t.now) is up:
            assert kind_of(at(document, t.input, before))[0] == now[0], t
        assert kind_of(at(document, t.input, t.at)) == (t.then_kind, t.then_id), t
        assert kind_of(at(document, t.input, beyond))[0] == t.then_kind, t
    assert len({(t.input, t.direction, t.at) for t in found}) == len(found)


def test_no_other_inputs_are_moved_than_those_that_can_be_told() -> None:
    from advisor.words import Words

    words = Words("en", "EUR")
    document = from_json(NEEDS["photos"]).to_json()
    seen: list[dict[str, Any]] = []
    turning_points(from_json(document), setting_of(document).case, (Kind.EDGE_EXISTING, "x"), lambda d: seen.append(d))
    moved = {f"{g}.{k}" for d in seen for g in d if isinstance(d[g], dict) for k in d[g] if d[g][k] != document[g][k]}
    assert moved >= {"load.units_per_day", "speed.limit_ms", "money.upfront_max", "rules.longest_outage_minutes"}
    assert all(words.has(f"turn.{m}") or any(words.has(f"turn.{m}.{v}") for v in ("true", "on-site", "passed")) for m in moved)


def test_an_answer_that_never_changes_has_no_turning_point() -> None:
    document = from_json(NEEDS["photos"]).to_json()
    now = (Kind.CLOUD_API, "x")
    assert turning_points(from_json(document), setting_of(document).case, now, lambda _: now) == ()


def test_a_step_is_found_to_its_place() -> None:
    """A made-up answer that turns at exactly 1,000 units a day, and one that turns below 25 Mbit/s."""
    document = from_json(need(site={"uplink_mbps": 100})).to_json()

    def turned(d: dict[str, Any]) -> tuple[Kind, str]:
        if d["load"]["units_per_day"] >= 1000:
            return Kind.CLOUD_BATCH, "up"
        return (Kind.EDGE_NEW, "down") if d["site"]["uplink_mbps"] < 25 else (Kind.EDGE_EXISTING, "now")

    units, line = (
        next(t for t in turning_points(from_json(document), setting_of(document).case, turned(document), turned) if t.input == path)
        for path in ("load.units_per_day", "site.uplink_mbps")
    )
    assert (units.direction, units.then_kind, units.now) == ("up", Kind.CLOUD_BATCH, 400)
    assert 1000 <= units.at <= 1000 * 1.0041
    assert (line.direction, line.then_kind) == ("down", Kind.EDGE_NEW)
    assert 25 / 1.0041 <= line.at < 25


def test_what_would_be_refused_is_no_turning_point() -> None:
    """Above a rare peak's day the need would contradict itself."""
    document = from_json(need(load__rare_peak={"units_per_day": 500, "busiest_hour_units": 200, "days_per_year": 5})).to_json()

    def turned(d: dict[str, Any]) -> tuple[Kind, str] | None:
        return None if d["load"]["units_per_day"] > 500 else (Kind.EDGE_EXISTING, "now")

    found = turning_points(from_json(document), setting_of(document).case, (Kind.EDGE_EXISTING, "now"), turned)
    assert not [t for t in found if t.input == "load.units_per_day"]


def test_inputs_are_those_of_a_need() -> None:
    assert Inputs(from_json(need())).measurements == ()
