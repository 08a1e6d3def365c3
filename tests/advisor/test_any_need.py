"""Whatever the schema allows gets an answer or a refusal in words, never a broken run."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from advisor import answer
from advisor.answer import Inputs, advise
from advisor.need import TASKS, from_json
from advisor.problems import AdvisorError
from advisor.schema_check import check
from tests.advisor.answers import SEED, TODAY, the_catalog
from tests.advisor.test_need_fields import ANY_NEED

MODELS: list[dict[str, Any]] = [
    {"reference": "photo-sorting"},
    {"reference": "chat-helper"},
    {"hosted_service": "azure_ai:prebuilt-read"},
    {"features": {"params_millions": 3.2, "gmacs": 4.4}},
    {"text_model": {"params_billions": 8, "prompt_tokens": 900, "output_tokens": 250}},
]


@pytest.mark.slow
@pytest.mark.parametrize("turning", [False, True])
def test_many_needs_get_an_answer_or_a_refusal(turning: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    _try(monkeypatch, turning, 40 if turning else 500)


def test_any_need_gets_an_answer_or_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    _try(monkeypatch, False, 20)


COUNTRIES = ("DE", "US", "CH", "GB", "NL", "BT", "AR", "JP")


def _try(monkeypatch: pytest.MonkeyPatch, turning: bool, times: int) -> None:
    if not turning:
        monkeypatch.setattr(answer, "turning_points", lambda *_: ())
    seen = {"answers": 0, "refused": 0, "refusals": 0}

    @settings(max_examples=times, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None)
    @given(document=ANY_NEED, model=st.sampled_from(MODELS), task=st.sampled_from(TASKS), country=st.sampled_from(COUNTRIES))
    def attempt(document: dict[str, Any], model: dict[str, Any], task: str, country: str) -> None:
        job = {**document["job"], "task": task, "model": model, "more_models": None}
        money = {**(document.get("money") or {}), "currency": None}
        quality = {**(document.get("quality") or {}), "health": None}
        # Names that nobody knows are refused, each with a test of its own; here the figures are tried.
        business = {**document["business"], "country": country}
        site = {**(document.get("site") or {}), "rented": None}
        site["owned"] = [{**o, "chip_id": None, "gpu_chip_id": None} for o in site.get("owned") or []]
        try:
            need = from_json({**document, "business": business, "job": job, "money": money, "quality": quality, "site": site})
            advice = advise(Inputs(need), the_catalog(), today=TODAY, seed=SEED, language="en")
        except AdvisorError as refused:
            seen["refusals"] += all(p.what_happened and p.what_to_do for p in refused.problems)
            seen["refused"] += 1
            return
        check(json.loads(advice.to_bytes()), "advice")
        assert all(o.cost.total >= 0 for o in advice.options)
        seen["answers"] += 1

    attempt()
    assert seen["refusals"] == seen["refused"]
    assert seen["answers"] > times / 2
