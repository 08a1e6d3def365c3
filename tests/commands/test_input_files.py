"""Files of answers that cannot be used: every fault is named by its field, in plain words, all at once."""

import json
from pathlib import Path

import pytest

from advisor import need
from advisor.problems import AdvisorError
from advisor.schema_check import parse_json, read_bytes, read_json

NEED = {
    "format": "edgewise/need/1",
    "business": {"country": "DE"},
    "job": {"task": "ocr", "model": {"reference": "x"}},
    "load": {"units_per_day": 4},
}


def refused(call):
    with pytest.raises(AdvisorError) as caught:
        call()
    for p in caught.value.problems:
        words = p.sentence().lower()
        assert not any(w in words for w in ("invalid", "sorry", "please", "oops", "traceback"))
        assert p.what_to_do
    return caught.value.problems


@pytest.mark.parametrize(
    ("text", "field", "word"),
    [
        ('{"a": {"b": NaN}}', "a.b", "plain number"),
        ('{"a": [1, -Infinity]}', "a[1]", "plain number"),
        ('{"a": 1e999}', "a", "plain number"),
        ('{"a": {"b": 1, "b": 2}}', "a.b", "twice"),
        ('{"a": "\\ud800"}', "a", "half a character"),
        ('{"\\ud800": 1}', "", "half a character"),
        ('{"a": ' + "[" * 90 + "]" * 90 + "}", None, "too deep"),
    ],
)
def test_values_that_json_of_ours_never_holds(text, field, word):
    (problem,) = refused(lambda: parse_json(text.encode(), "need.json", "a file of your answers"))
    assert word in problem.sentence()
    assert field is None or problem.field == field


@pytest.mark.parametrize("content", [b"", b"null", b"[]", b"{", b"\xff\xfe{", b"[" * 100_000, b"{'a': 1}", b'{"a": ' + b"9" * 5000 + b"}"])
def test_what_is_no_json_object(content):
    (problem,) = refused(lambda: parse_json(content, "need.json", "a file of your answers"))
    assert (problem.code, problem.field) == ("NOT_JSON", "need.json")


def test_byte_order_mark_and_umlauts_are_fine():
    assert parse_json('\ufeff{"größe": 1}'.encode(), "n", "w") == {"größe": 1}


def test_files_that_cannot_be_opened(tmp_path):
    assert refused(lambda: read_bytes(tmp_path, "a file"))[0].what_happened.endswith("is a folder.")
    assert refused(lambda: read_bytes(tmp_path / "gone.json", "a file"))[0].code == "NO_ACCESS"
    assert refused(lambda: read_bytes(tmp_path / ("x" * 5000), "a file"))[0].code == "NO_ACCESS"
    assert refused(lambda: read_bytes(Path("a\0b"), "a file"))[0].code == "NO_ACCESS"
    big = tmp_path / "big.json"
    with big.open("wb") as file:
        file.truncate(65 * 1024 * 1024)
    assert refused(lambda: read_json(big, "a file"))[0].code == "TOO_BIG"


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({"load": {"units_per_day": 4, "unit_per_day": 5, "zz": 1}}, ["load.unit_per_day", "load.zz"]),
        ({"business": {}, "job": {}}, ["business.country", "job.model", "job.task"]),
        ({"load": {"units_per_day": -4}, "prefer": "best"}, ["load.units_per_day", "prefer"]),
        ({"load": {"units_per_day": True}}, ["load.units_per_day"]),
        ({"load": {"units_per_day": 10**400}}, ["load.units_per_day"]),
        ({"job": {"task": "ocr", "model": {}}}, ["job.model"]),
        ({"job": {"task": "ocr", "model": {"onnx": "a", "reference": "b"}}}, ["job.model"]),
        ({"speed": {"limit_ms": "soon"}}, ["speed.limit_ms"]),
        ({"site": {"owned": [{"what": "PC", "ram": 3}]}}, ["site.owned[0].ram"]),
        ({"format": "edgewise/need/9"}, ["format"]),
    ],
)
def test_every_wrong_field_is_named(change, fields):
    assert [p.field for p in refused(lambda: need.from_json(json.loads(json.dumps({**NEED, **change}))))] == fields


def test_a_slip_of_the_pen_is_answered_with_the_right_word():
    (problem,) = refused(lambda: need.from_json({**NEED, "load": {"units_per_day": 4, "unit_per_day": 5}}))
    assert problem.what_to_do == "Perhaps you meant units_per_day."
