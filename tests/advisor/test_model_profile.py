"""P.json survives its file and is checked."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from advisor import model_profile
from advisor.model_profile import ModelProfile, Port
from advisor.problems import AdvisorError

if TYPE_CHECKING:
    from pathlib import Path

PROFILE = ModelProfile(
    name="m.onnx",
    sha256="0" * 64,
    size_bytes=1000,
    opset=17,
    producer="",
    inputs=(Port("x", "float", ("batch", 3, "x[2]", "x[3]")), Port("mask", "int64", ("batch", 8))),
    outputs=(Port("y", "float", ()),),
    params_millions=1.5,
    weight_bytes=6e6,
    gmacs=None,
    activations_millions=None,
    layers=3,
    operators={"Conv": 3},
    precision="fp32",
    external_files=("m.data",),
    operator_types=("Conv", "com.microsoft:Gelu"),
)


def test_survives_its_file(tmp_path: Path) -> None:
    path = tmp_path / "P.json"
    path.write_text(json.dumps(PROFILE.to_json()), encoding="utf-8")
    assert model_profile.read(path) == PROFILE


def test_facts_written_before_operator_types_were_read_are_still_good() -> None:
    document = json.loads(json.dumps(PROFILE.to_json()))
    del document["operator_types"]
    assert model_profile.from_json(document).operator_types == ()


def test_free_sizes_are_named_once() -> None:
    assert PROFILE.free_sizes == ("batch", "x[2]", "x[3]")
    assert PROFILE.inputs[1].free == ("batch",)
    assert Port("z", "float", (1, "")).free == ("z[1]",)


def test_wrong_and_missing_fields_are_named() -> None:
    document = json.loads(json.dumps(PROFILE.to_json()))
    document["params_millions"] = -1
    del document["layers"]
    with pytest.raises(AdvisorError) as caught:
        model_profile.from_json(document)
    assert [p.field for p in caught.value.problems] == ["layers", "params_millions"]
