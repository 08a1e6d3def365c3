"""Forecasts beside published figures, as wide bands: a slip of a unit or a factor of two shows, a new row does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from advisor.forecast import Machines, TextWorkload, Workload, forecast, machines_from_builds, machines_from_offers, machines_from_owned
from advisor.need import Owned

if TYPE_CHECKING:
    from advisor.catalog import Catalog

MOBILENET = Workload(0.569, 4.24, 5.0, 17e6, "fp32")
RESNET = Workload(4.11, 25.6, 11.1, 102e6, "fp32")


def build(catalog: Catalog, device: str) -> Machines:
    return machines_from_builds([b for b in catalog.builds([]) if b.device_id == device][:1], catalog)


def rent(catalog: Catalog, provider: str, name: str) -> Machines:
    row = catalog.offers.type_row_of(provider, name)
    assert row is not None
    return machines_from_offers(catalog, np.array([row]))


def card(catalog: Catalog, chip: str) -> Machines:
    o = Owned("workstation 2022", None, 64.0, chip, "always", None)
    return machines_from_owned([o], [catalog.owned_class(o.what, 64.0)], catalog)


def test_mobilenet_on_a_raspberry_pi_5_takes_tens_of_milliseconds(catalog: Catalog) -> None:
    # ncnn (github.com/Tencent/ncnn, benchmark/README.md, f4e9a7829): mobilenet 4 threads on BCM2712, about 15 ms; the
    # ONNX Runtime figures of the Ultralytics guide on the same board are three times slower for the same work.
    assert 0.015 < forecast(MOBILENET, build(catalog, "raspberry-pi-5"), None).latency_likely[0] < 0.120


def test_resnet_on_an_8_vcpu_server_takes_tens_of_milliseconds(catalog: Catalog) -> None:
    # MLPerf Inference v3.1, closed, reference implementation with ONNX Runtime on cloud hosts: 17 to 58 ms.
    f = forecast(RESNET, rent(catalog, "aws", "c6i.2xlarge"), None)
    assert 0.010 < f.latency_likely[0] < 0.080
    assert f.latency_low[0] < 0.039 < f.latency_high[0]


def test_resnet_on_a_t4_takes_a_few_milliseconds(catalog: Catalog) -> None:
    # MLPerf Inference v3.1, closed, edge: reference implementation with ONNX Runtime 1.15.1 on a T4, 5.2 ms.
    f = forecast(RESNET, rent(catalog, "aws", "g4dn.xlarge"), None)
    assert f.latency_low[0] < 0.0052 < f.latency_high[0]


def test_resnet_never_runs_faster_than_its_launches(catalog: Catalog) -> None:
    # ONNX Runtime on an RTX 4090: 1.0 to 1.7 ms (MLPerf v3.1 to v5.1), far above 4.11 GMACs over the card's peak (0.1 ms).
    f = forecast(RESNET, card(catalog, "nvidia-rtx-4090"), None)
    assert f.latency_low[0] > 0.0005
    assert f.latency_low[0] < 0.0017 < f.latency_high[0] * 1.5


@pytest.mark.parametrize(
    ("chip", "billions", "published"),
    [
        # geerlingguy/ai-benchmarks README (2026): llama.cpp, default 4-bit form, tokens a second while writing.
        ("nvidia-rtx-a4000", 3.2, 149.0),
        ("nvidia-rtx-a4000", 14.8, 36.2),
        ("nvidia-rtx-4090", 14.8, 92.5),
        # XiongjieDai/GPU-Benchmarks-on-LLM-Inference README: Llama 3 70B, Q4_K_M.
        ("nvidia-rtx-a6000", 70.6, 14.6),
    ],
)
def test_words_a_second_on_cards(chip: str, billions: float, published: float, catalog: Catalog) -> None:
    f = forecast(TextWorkload(billions, 100, 200, 500), card(catalog, chip), None)
    assert published / 2 < f.words_per_s_likely[0] < published * 2


def test_an_8_billion_model_on_an_a4000_writes_a_few_tens_of_words_a_second(catalog: Catalog) -> None:
    # Between the two rows above (36 at 14 billion, 149 at 3 billion).
    assert 30 < forecast(TextWorkload(8.0, 600, 200, 2000), card(catalog, "nvidia-rtx-a4000"), None).words_per_s_likely[0] < 90


def test_reading_a_prompt_on_an_a100(catalog: Catalog) -> None:
    # XiongjieDai: Llama 3 70B Q4_K_M, 1024-token prompts at 727 to 797 tokens a second.
    f = forecast(TextWorkload(70.6, 1024, 1, 1100), card(catalog, "nvidia-a100-sxm-80gb"), None)
    assert 0.6 < f.first_word_likely[0] < 2.8
