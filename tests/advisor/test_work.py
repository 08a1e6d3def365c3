"""What reading and preparing one input adds: as timed on the owner's own files, else judged by its size."""

from __future__ import annotations

from dataclasses import replace

import pytest

from advisor.evidence import Basis
from advisor.measurement import preparing_ms, run_of
from advisor.need import from_json
from advisor.work import work_of
from tests.advisor.answers import need, setting_of, the_catalog
from tests.advisor.test_measurement import a_measurement

_PARTS = {"read_ms": 1.0, "decode_ms": 20.0, "prepare_ms": 9.0, "model_ms": 70.0, "files": 3.0}


def with_own_files(**changes: float) -> object:
    m = a_measurement()
    own = run_of("end-to-end", [100.0, 101.0, 99.0], threads=1, details={**_PARTS, **changes})
    return replace(m, runs=(*m.runs, own), measured_on="2026-11-20")


def test_own_files_tell_what_preparing_takes() -> None:
    assert preparing_ms(with_own_files()) == 30.0
    assert preparing_ms(a_measurement()) is None
    m = with_own_files()
    # A file of another program may lack a part; a sum without it would be too short.
    short = replace(m.runs[-1], details={k: v for k, v in _PARTS.items() if k != "decode_ms"})
    assert preparing_ms(replace(m, runs=(*m.runs[:-1], short))) is None


def test_the_work_takes_preparing_from_own_files() -> None:
    case = replace(setting_of(need()).case, need=from_json(need(job__model={"onnx": "m.onnx"})))
    timed = work_of(case, the_catalog(), None, with_own_files()).prepare
    assert timed.basis is Basis.MEASURED
    assert timed.likely == pytest.approx(0.03)
    assert (timed.low, timed.high) == (pytest.approx(0.015), pytest.approx(0.06))
    assert timed.source.as_of == "2026-11-20"
    judged = work_of(case, the_catalog(), None, a_measurement()).prepare
    assert judged.basis is Basis.ESTIMATED
    assert judged.likely != timed.likely


def test_a_model_given_by_its_size_was_not_timed() -> None:
    case = setting_of(need()).case
    assert work_of(case, the_catalog(), None, with_own_files()).prepare.basis is Basis.ESTIMATED
