"""Pay per use: services by the piece and functions by the second, priced by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.advisor.answers import need, the_catalog, worked

UNITS = 400 * 6 / 7 * 365 * 3


def per_use(g, i: int) -> float:
    return float(sum(np.broadcast_to(x.amounts(g.n), (g.n,))[i] for x in g.bills.lines if x.code == "T16" and x.has_amount()))


def service(document: dict[str, Any], id: str) -> tuple[Any, int]:
    g = worked(document).group("cloud_api")
    return g, [g.ids(i) for i in range(g.n)].index(f"cloud_api:{id}:pay-per-use")


@pytest.mark.parametrize(
    ("job", "id", "usd_per_unit"),
    [
        # 1.5 dollars for 1,000 pages.
        ({"task": "ocr", "unit": "page", "model": {"reference": "paper-reading"}}, "azure_ai:prebuilt-read", 0.0015),
        # Three calls for one unit.
        (
            {"task": "ocr", "unit": "page", "model_calls_per_unit": 3, "model": {"reference": "paper-reading"}},
            "azure_ai:prebuilt-read",
            0.0045,
        ),
        ({"task": "speech-to-text", "unit": "minute of audio", "model": {"reference": "speech-notes"}}, "openai:gpt-transcribe", 0.0045),
        ({"task": "speech-to-text", "unit": "hour of audio", "model": {"reference": "speech-notes"}}, "openai:gpt-transcribe", 0.27),
    ],
)
def test_a_service_by_the_piece(job: dict[str, Any], id: str, usd_per_unit: float) -> None:
    g, i = service(need(job=job), id)
    assert per_use(g, i) == pytest.approx(UNITS * usd_per_unit)


def test_a_text_service_by_the_token() -> None:
    text = {"params_billions": 8, "prompt_tokens": 900, "output_tokens": 250}
    g, i = service(need(job={"task": "chat", "model": {"text_model": text}}), "mistral:ministral-3-8b-2512")
    s = next(s for s in the_catalog().text_services if s.id == "mistral:ministral-3-8b-2512")
    assert per_use(g, i) == pytest.approx(UNITS * (900 * s.usd_per_1m_in + 250 * s.usd_per_1m_out) / 1e6)


def test_a_service_that_ends_within_a_year_is_not_advised() -> None:
    text = {"params_billions": 8, "prompt_tokens": 900, "output_tokens": 250}
    g = worked(need(job={"task": "chat", "model": {"text_model": text}})).group("cloud_api")
    ids = [g.ids(i) for i in range(g.n)]
    assert any(s.id == "openai:gpt-4.1-mini" for s in the_catalog().text_services)
    assert "cloud_api:openai:gpt-4.1-mini:pay-per-use" not in ids


def test_a_service_does_not_know_the_firms_own_kinds() -> None:
    own = need(job={"task": "image-classification", "model": {"features": {"params_millions": 5}}})
    common = need(job={"task": "image-classification", "model": {"reference": "photo-sorting"}})
    for document, known in ((own, False), (common, True)):
        ids = [g.ids(0) for g in worked(document).groups]
        assert any("pay-per-use" in id for id in ids) is known


def test_a_function_by_the_second_and_the_call() -> None:
    w = worked(need())
    g = next(g for g in w.groups if g.ids(0).endswith(":serverless"))
    names = [g.ids(i) for i in range(g.n)]
    i = names.index("cloud_api:aws:Lambda:us-east-1:1gb:serverless")
    f = next(f for f in the_catalog().functions if f.id == "aws:Lambda:us-east-1")
    seconds = next(np.asarray(x.quantity)[i] for x in g.bills.lines if x.text == "line.per_second")
    assert per_use(g, i) == pytest.approx(seconds * f.usd_per_gb_s * 1.0 + UNITS * f.usd_per_request)
    # More memory brings more processor: faster, never slower.
    assert g.p_likely[names.index("cloud_api:aws:Lambda:us-east-1:4gb:serverless")] < g.p_likely[i]


def test_a_quiet_function_wakes_slowly() -> None:
    quiet, busy = (
        next(g for g in worked(need(load__units_per_day=u, load__busiest_hour_units=b)).groups if g.ids(0).endswith(":serverless"))
        for u, b in ((5, 1), (4000, 1200))
    )
    cold = float(the_catalog().default("serverless.cold_start_s").value)
    assert np.all(quiet.p_likely - busy.p_likely >= cold - 1e-6)


def test_pay_per_use_follows_the_work() -> None:
    once, twice = (service(need(load__units_per_day=u), "google:Cloud-Vision-OBJECT_LOCALIZATION") for u in (400, 800))
    assert per_use(*twice) == pytest.approx(2 * per_use(*once))


def test_mobile_data_above_the_plan_is_paid() -> None:
    """400 photos of 300 kB: 112.6 GB in three years; a plan of 1 GB a month holds 36 of them."""
    site = {"internet": "mobile", "uplink_mbps": 10, "mobile_price_per_gb": 3, "mobile_gb_per_month": 1}
    w = worked(need(site=site, money={"currency": "USD"}))
    gb = UNITS * 300 / 1e6
    assert gb == pytest.approx(112.629, abs=1e-3)
    for g in w.groups:
        paid = sum(float(np.asarray(x.amounts(g.n))[0]) for x in g.bills.lines if x.code == "T20" and x.has_amount())
        assert paid == pytest.approx(3 * (gb - 36) if g.sends_out else 0)


def test_a_line_without_end_costs_nothing_more() -> None:
    for g in worked(need()).groups:
        assert not [x for x in g.bills.lines if x.code == "T20" and x.has_amount()]
