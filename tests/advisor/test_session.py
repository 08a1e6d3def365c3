"""Saved answers: there and back without loss, whole at every moment, plain words when damaged."""

import json
from dataclasses import fields, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.measurement import Measurement
from advisor.need import NOT_SURE, FeatureModel, HostedService, Need, OnnxModel, Owned, ReferenceModel, Rented, TextModel
from advisor.problems import AdvisorError
from advisor.session import Session, from_json, load, save, to_need
from tests.advisor.test_measurement import a_measurement
from tests.advisor.test_model_profile import PROFILE

FULL = Session(
    task="image-classification",
    unit="photo",
    units_per_day=400.0,
    busiest_hour_units=120.0,
    limit_ms=1000.0,
    speed_of="answer",
    model_choice="none",
    reference="photo-sorting",
    data="ordinary",
    data_must_stay="eu",
    identifies_people=False,
    longest_outage_minutes=NOT_SURE,
    firm="Corner Bakery",
    country="DE",
    owned=(Owned("office PC 2021", memory_gb=16.0, free="nights", is_this_computer=True),),
    rented=(Rented("hetzner", "cx33", 0.5),),
    currency="EUR",
    upfront_max=300.0,
    with_tax=True,
    lost_hour=40.0,
    line_down_hours_per_year=12.0,
    retrainings_per_year=2.0,
    labels_per_retraining=300.0,
    people_using=4,
    fittings_per_site=90.0,
    it_firm_per_month=60.0,
    care_contract=False,
    second_line_per_month=25.0,
    discount_percent=4.0,
    done=("task", "volume"),
    program_version="0.1.0",
)


def test_answers_survive_saving_and_opening(tmp_path: Path) -> None:
    path = tmp_path / "new folder" / "a.edgewise"
    save(FULL, path)
    assert load(path) == FULL
    assert [p.name for p in path.parent.iterdir()] == ["a.edgewise"]


@given(
    units=st.none() | st.floats(0.001, 1e9),
    limit=st.none() | st.just(NOT_SURE) | st.floats(1, 1e8),
    yes=st.sampled_from([None, True, False, NOT_SURE]),
    name=st.none() | st.text(max_size=100),
)
def test_any_draft_goes_there_and_back(units: float | None, limit: float | str | None, yes: bool | str | None, name: str | None) -> None:
    session = replace(FULL, units_per_day=units, limit_ms=limit, identifies_people=yes, firm=name)
    assert from_json(json.loads(json.dumps(session.to_json()))) == session


def test_an_empty_draft_says_all_that_is_missing() -> None:
    problems = to_need(Session())
    assert not isinstance(problems, Need)
    assert [p.field for p in problems] == ["job.task", "load.units_per_day", "job.model", "business.country"]


def test_full_answers_make_the_need_that_was_typed() -> None:
    need = to_need(FULL)
    assert isinstance(need, Need)
    assert need.load.units_per_day == 400
    assert need.job.model == ReferenceModel("photo-sorting")
    assert need.rules.longest_outage_minutes == NOT_SURE
    assert need.site.owned == FULL.owned


@pytest.mark.parametrize(
    ("answers", "model"),
    [
        ({"model_choice": "file", "model_path": "/m.onnx"}, OnnxModel("/m.onnx")),
        ({"model_choice": "service", "service": "a:b"}, HostedService("a:b")),
        ({"model_choice": "size", "params_millions": 5.0}, FeatureModel(5.0)),
        ({"model_choice": "size", "params_billions": 8.0, "prompt_tokens": 900, "output_tokens": 90}, TextModel(8.0, 900, 90)),
    ],
)
def test_each_kind_of_model_is_carried_over(answers: dict[str, object], model: object) -> None:
    need = to_need(replace(FULL, **answers))  # type: ignore[arg-type]
    assert isinstance(need, Need)
    assert need.job.model == model


def test_a_value_out_of_bounds_is_refused_as_the_command_line_would() -> None:
    problems = to_need(replace(FULL, days_per_week=9.0))
    assert not isinstance(problems, Need)
    assert [p.field for p in problems] == ["load.days_per_week"]


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"format": "edgewise/session/1", "nonsense": 1}',
     '{"format": "edgewise/session/1", "units_per_day": "many"}',
     '{"format": "edgewise/session/1", "owned": [{"what": "PC", "wheels": 4}]}',
     '{"format": "edgewise/session/1", "profile": {"name": "x"}}'],
)  # fmt: skip
def test_a_damaged_file_is_said_in_plain_words(tmp_path: Path, text: str) -> None:
    path = tmp_path / "old.edgewise"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(AdvisorError) as caught:
        load(path)
    assert "old.edgewise" in str(caught.value)
    assert caught.value.problems[0].what_to_do


def test_a_file_of_a_newer_program_is_not_called_damaged(tmp_path: Path) -> None:
    path = tmp_path / "new.edgewise"
    path.write_text('{"format": "edgewise/session/9"}', encoding="utf-8")
    with pytest.raises(AdvisorError, match="another version"):
        load(path)


def test_a_failed_save_leaves_the_old_file(tmp_path: Path) -> None:
    target = tmp_path / "folder"
    target.mkdir()
    with pytest.raises(AdvisorError) as caught:
        save(FULL, target)
    assert caught.value.problems[0].code == "NO_ACCESS"
    assert [p.name for p in tmp_path.iterdir()] == ["folder"]


def test_another_file_or_size_drops_the_old_test_run() -> None:
    timed = replace(FULL, model_path="a.onnx", done=("model_file", "test_run"))
    assert timed.with_model_file("a.onnx", None).done == ("model_file", "test_run")
    assert timed.with_model_file("b.onnx", None).done == ("model_file",)
    assert timed.with_model_file("a.onnx", None, (("height", 224),)).done == ("model_file",)


def test_every_answer_is_in_the_file() -> None:
    assert {f.name for f in fields(Session)} <= set(Session().to_json())


def test_test_runs_of_other_computers_are_kept_by_name(tmp_path: Path) -> None:
    made = a_measurement()

    def of(name: str | None, ms: float = 10.0, **model: str) -> Measurement:
        return replace(made, machine=replace(made.machine, name=name), seconds_used=ms, model=replace(made.model, **model))

    s = Session(measurement=made).with_elsewhere(of("shop")).with_elsewhere(of("van")).with_elsewhere(of("shop", 11.0))
    assert [(m.machine.name, m.seconds_used) for m in s.elsewhere] == [("van", 10.0), ("shop", 11.0)]
    assert s.measurements == (made, *s.elsewhere)
    save(s, tmp_path / "s.json")
    assert load(tmp_path / "s.json") == s
    for wrong, word in ((of(None), "which computer"), (of("van", sha256="1" * 64), "another model")):
        with pytest.raises(AdvisorError, match=word):
            replace(s, profile=replace(PROFILE, sha256=made.model.sha256)).with_elsewhere(wrong)
    # Another model makes them all worthless.
    assert s.with_model_file("other.onnx", None).measurements == ()
