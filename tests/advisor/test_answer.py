"""The whole answer: the same bytes for the same inputs, valid against its schema, led by the owner's own measurement."""

from __future__ import annotations

import hashlib
import json
from copy import deepcopy
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest

from advisor import answer
from advisor.advice import HEADLINE_OF, Kind
from advisor.answer import Inputs, advise
from advisor.evidence import Basis
from advisor.forecast import machines_from_offers, own_run
from advisor.measurement import Measurement, Round, run_of
from advisor.need import from_json
from advisor.problems import AdvisorError
from advisor.schema_check import check, schema
from advisor.slimmer import Agreement, Copy, wilson
from advisor.work import unit_times
from tests.advisor.answers import EXAMPLE_NAMES, KINDS, SCENARIOS, SEED, TODAY, advised, example, need, setting_of, the_catalog, worked
from tests.advisor.test_measurement import a_measurement

OWN = need(site={"owned": [{"what": "office PC 2021", "free": "always", "is_this_computer": True}]}, job__model={"onnx": "m.onnx"})


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers without turning points, which have tests of their own."""
    monkeypatch.setattr(answer, "turning_points", lambda *_: ())


def answered(document: dict[str, Any], seed: int = SEED, day: date = TODAY, **more: Any) -> Any:
    return advise(Inputs(from_json(document), **more), the_catalog(), today=day, seed=seed, language="en")


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("name", [*EXAMPLE_NAMES, *sorted(KINDS)])
def test_the_same_inputs_give_the_same_bytes(name: str) -> None:
    document = KINDS[name] if name in KINDS else example(name)
    first, again = (answered(document).to_bytes() for _ in range(2))
    assert first == again
    parsed = json.loads(first)
    check(parsed, "advice")
    assert parsed["provenance"]["today"] == TODAY.isoformat()
    assert parsed["options"][0]["kind"] == parsed["kind"]
    assert HEADLINE_OF[Kind(parsed["kind"])] == parsed["headline"]
    assert sum(o["win_share"] for o in parsed["options"]) == pytest.approx(1, abs=1e-6)
    assert [o["id"] for o in parsed["options"]].count("no-change") == 1
    assert len({o["id"] for o in parsed["options"]}) == len(parsed["options"])
    for o in parsed["options"]:
        latency = [o["latency_ms"][k] for k in ("low", "p95", "high")]
        if None not in latency:
            assert latency == sorted(latency)
            assert o["latency_ms"]["p50"] <= o["latency_ms"]["p95"]
        assert o["speed_met_probability"] is None or 0 <= o["speed_met_probability"] <= 1


def test_a_whole_answer_with_its_turning_points_fits_the_schema() -> None:
    parsed = json.loads(advised(example("agency-text-model")).to_bytes())
    check(parsed, "advice")
    assert parsed["turning_points"]
    assert {t["direction"] for t in parsed["turning_points"]} <= {"up", "down", "to"}


@pytest.mark.usefixtures("quick")
def test_another_seed_or_day_moves_only_what_it_may() -> None:
    a, seed, day = answered(need()), answered(need(), seed=2), answered(need(), day=date(2027, 11, 24))
    assert (a.kind, a.options[0].id, a.options[0].cost) == (seed.kind, seed.options[0].id, seed.options[0].cost)
    assert [o.win_share for o in a.options] != [o.win_share for o in seed.options]
    # A year later every rented price is less sure, and none of them has moved.
    rented = {o.id: o for o in a.options if o.kind is Kind.CLOUD_INSTANCE}
    later = {o.id: o for o in day.options if o.kind is Kind.CLOUD_INSTANCE}
    assert rented.keys() & later.keys()
    for id in rented.keys() & later.keys():
        assert later[id].cost.total == rented[id].cost.total
        assert later[id].cost.high > rented[id].cost.high


@pytest.mark.usefixtures("quick")
def test_provenance_is_what_went_in() -> None:
    a = answered(need())
    text = json.dumps(from_json(need()).to_json(), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert a.provenance.need_sha256 == hashlib.sha256(text.encode()).hexdigest()
    assert a.provenance.measurement_sha256 is None
    assert (a.provenance.catalog_sha256, a.provenance.catalog_version) == (the_catalog().sha256, the_catalog().version)
    assert answered(need(load__units_per_day=401)).provenance.need_sha256 != a.provenance.need_sha256


# ---- the owner's own measurement ---------------------------------------------------------------------------------


def measured(best_ms: float) -> Measurement:
    """A made-up measurement of this speed."""
    rounds = tuple(Round(best_ms * x, 200) for x in (1.0, 1.05, 1.1))
    runs = (run_of("single-stream", [best_ms] * 400, threads=1),)
    return replace(a_measurement(), runs=runs, rounds=rounds, best_round_ms=best_ms, range_ms=(best_ms, best_ms * 1.1))


@pytest.mark.usefixtures("quick")
def test_the_measured_time_leads() -> None:
    slow, fast = (answered(OWN, measurements=(measured(ms),)) for ms in (400.0, 40.0))
    own = [next(o for o in a.options if o.kind is Kind.EDGE_EXISTING) for a in (slow, fast)]
    assert all(o.basis is Basis.MEASURED for o in own)
    for o, ms in zip(own, (400.0, 40.0), strict=True):
        # The file is read and prepared too, and somebody may be before you.
        assert ms <= o.latency_ms.p50 <= 1.6 * ms + 30
    rows = {r.id: r for r in fast.ledger}
    if fast.kind is Kind.EDGE_EXISTING:
        assert rows["best.time"].basis is Basis.MEASURED
    assert any(r.basis is Basis.MEASURED for r in fast.ledger)
    sha = hashlib.sha256(
        json.dumps([measured(40.0).to_json()], ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    ).hexdigest()
    assert fast.provenance.measurement_sha256 == sha != slow.provenance.measurement_sha256


@pytest.mark.usefixtures("quick")
def test_other_computers_stay_a_forecast() -> None:
    two = deepcopy(OWN)
    two["site"]["owned"].append({"what": "gaming PC 2022", "free": "always"})
    a = answered(two, measurements=(measured(60.0),))
    bases = {o.name: o.basis for o in a.options if o.kind is Kind.EDGE_EXISTING}
    assert sorted(bases.values()) == [Basis.ESTIMATED, Basis.MEASURED]


def with_copy(same: int, inputs: str = "sample", takes: float = 0.5, of: float = 400.0) -> Measurement:
    """A measurement with a slimmer copy that gave the same answer to so many of 100 inputs."""
    said = Agreement(same / 100, *wilson(same, 100), 100, inputs, "top-1", 7, 0.01)
    copy = Copy("int8", "static", 4.0, 16.0, tuple(of * takes * x for x in (1.0, 1.1, 0.9)), (of, of * 1.1, of * 0.9))
    return replace(measured(of), agreement={"int8": said}, copies=(copy,))


def told_of(a: Any) -> str:
    return " ".join(p for s in a.report.sections for p in (*s.paragraphs, *s.bullets, *s.steps))


@pytest.mark.usefixtures("quick")
def test_a_slimmer_copy_counts_only_where_its_answers_agree() -> None:
    plain = answered(OWN, measurements=(measured(400.0),))
    before = next(o for o in plain.options if o.kind is Kind.EDGE_EXISTING).latency_ms
    for m, counts in (
        (with_copy(100), True),
        (with_copy(90), False),
        (with_copy(100, inputs="made-up"), False),
        (with_copy(100, takes=1.0), False),
    ):
        a = answered(OWN, measurements=(m,))
        own = next(o for o in a.options if o.kind is Kind.EDGE_EXISTING)
        words = told_of(a)
        assert (own.latency_ms.p50 < before.p50) == counts
        assert (own.latency_ms == before) == (not counts)
        assert any("slimmer copy" in c for c in own.cautions) == counts
        assert "A slimmer copy (int8)" in words
        assert ("do not reckon with it" in words) != counts
        if a.kind is Kind.EDGE_EXISTING:
            assert any("slimmer copy" in r and "of 100" in r for r in a.reasons) == counts
            assert any("slimmer copy" in s for s in a.plan.first_steps) == counts


def test_a_copy_says_nothing_of_other_machines() -> None:
    slim, plain = own_run(with_copy(100)), own_run(measured(400.0))
    assert (slim.copy, slim.as_is_s) == ("int8", plain.likely_s)
    assert slim.likely_s == pytest.approx(plain.likely_s / 2)
    assert slim.low_s <= slim.likely_s <= slim.high_s
    work, every = setting_of(need()).work, np.arange(len(the_catalog().offers.type_name))
    rented = [unit_times(work, machines_from_offers(the_catalog(), every), run, 0.1).likely for run in (slim, plain)]
    assert np.isfinite(rented[0]).any()
    assert np.array_equal(*rented, equal_nan=True)


@pytest.mark.usefixtures("quick")
def test_every_scenario_of_the_test_run_has_a_row() -> None:
    kinds = ("single-stream", "multi-stream", "offline", "cold-start", "after-idle", "sustained", "end-to-end")
    runs = tuple(run_of(k, [50.0, 60.0, 400.0], threads=1, batch=8 if k == "offline" else 1) for k in kinds)
    one = run_of("offline", [50.0], threads=2)
    slim = run_of("single-stream", [5.0], threads=1, precision="int8")
    a = answered(OWN, measurements=(replace(measured(50.0), runs=(*runs, one, slim)),))
    table = next(s.table for s in a.report.sections if s.id == "test-run")
    assert len(table.rows) == len(kinds)
    words = [r[0] for r in table.rows]
    assert "done together 8" in words
    assert "your own files, from reading to answer" in words
    assert all(r[3] == "3" for r in table.rows)
    rows = {r.id: r for r in a.ledger}
    assert rows["measured.run.1.time"].basis is Basis.MEASURED
    assert (rows["measured.run.1.time"].low, rows["measured.run.1.time"].high) == (0.05, 0.4)
    assert not [s for s in answered(OWN | {"job": need()["job"]}).report.sections if s.id == "test-run"]


@pytest.mark.usefixtures("quick")
def test_every_test_run_is_told_with_what_it_was_fed() -> None:
    fed = {"name": "wave", "shape": [1, 16000], "values": "sample"}
    other = replace(measured(70.0), model=replace(measured(70.0).model, inputs=(fed,)))
    words = told_of(answered(OWN, measurements=(measured(60.0), other)))
    assert "Its input “x” had the size 1 x 3 (made-up values)." in words
    assert "Its input “wave” had the size 1 x 16000 (from your own sample)." in words


# ---- refusals ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"job__model": {"reference": "no-such-job"}}, "job.model.reference"),
        ({"job__model": {"hosted_service": "no:such"}}, "job.model.hosted_service"),
        ({"job__model": {"onnx": "lost.onnx"}}, "job.model.onnx"),
        ({"job__more_models": [{"model": {"reference": "nope"}}]}, "job.more_models[0].model.reference"),
        ({"job__more_models": [{"model": {"onnx": "b.onnx"}}]}, "job.more_models[0].model"),
        ({"money": {"currency": "XXX"}}, "money.currency"),
    ],
)
def test_what_the_catalog_does_not_know_is_named(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(AdvisorError) as caught:
        setting_of(need(**changes))
    (problem,) = caught.value.problems
    assert problem.field == field
    assert problem.what_to_do


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(("verdict", "kind"), [("failed", Kind.NONE), ("passed", Kind.EDGE_EXISTING)])
def test_a_health_check_decides_first(verdict: str, kind: Kind) -> None:
    document = need(quality={"health": "H.json"})
    a = answered(document, health={"verdict": verdict, "checks": []})
    assert a.kind is kind


@pytest.mark.usefixtures("quick")
def test_a_further_model_takes_its_own_time() -> None:
    one = answered(need())
    more = {"model": {"features": {"params_millions": 3.2, "gmacs": 4.4}}, "calls_per_unit": 3, "what": "second look"}
    two = answered(need(job__more_models=[more]))
    times = [next(o for o in a.options if o.kind is Kind.EDGE_EXISTING).latency_ms.p50 for a in (one, two)]
    # Reading the photo happens once; the model runs once, then four times.
    assert times[1] > 3 * times[0]


def test_a_simple_rule_that_could_do_gets_an_answer() -> None:
    document = need(quality={"simple_rule_could_do": True})
    assert worked(document).told().sentence
    a = answered(document)
    assert a.none_because == "plain-way"


def test_a_language_without_words_is_refused() -> None:
    with pytest.raises(AdvisorError) as caught:
        advise(Inputs(from_json(need())), the_catalog(), today=TODAY, seed=SEED, language="de")
    assert caught.value.problems[0].code == "LANGUAGE"


@pytest.mark.parametrize(
    ("rented", "field"),
    [({"provider": "hetzner", "instance_type": "no-such"}, "instance_type"), ({"provider": "nobody", "instance_type": "cx33"}, "provider")],
)
def test_a_rented_machine_that_nobody_knows_is_named(rented: dict[str, str], field: str) -> None:
    with pytest.raises(AdvisorError) as caught:
        answered(need(site={"rented": [rented]}))
    assert caught.value.problems[0].field == f"site.rented[0].{field}"


# ---- realistic owners --------------------------------------------------------------------------------------------


def scenario_ids() -> list[str]:
    return sorted(p.stem for p in (SCENARIOS / "needs").glob("*.json")) if SCENARIOS.exists() else []


@pytest.mark.skipif(not scenario_ids(), reason="the realistic owners are not here")
@pytest.mark.parametrize("id", scenario_ids() or [""])
def test_a_realistic_owner_gets_what_a_good_consultant_would_say(id: str) -> None:
    document = json.loads((SCENARIOS / "needs" / f"{id}.json").read_text(encoding="utf-8"))
    expected = json.loads((SCENARIOS / "expected" / f"{id}.json").read_text(encoding="utf-8"))
    choice = worked(document).choice
    kind = str(choice.best.kind) if choice.best else "none"
    assert kind not in {w["kind"] for w in expected["wrong_kinds"]}
    assert kind in expected["acceptable_kinds"]


def test_the_schema_of_the_answer_is_strict_about_its_kinds() -> None:
    kinds = json.dumps(schema("advice"))
    assert all(f'"{k}"' in kinds for k in Kind)


def test_changing_a_need_does_not_change_the_one_before() -> None:
    first = from_json(need())
    assert replace(first, prefer="cheapest") != first
    assert first == from_json(need())
