"""Text models: what a talk keeps in memory, how it slows the words down, models made of parts, and honest refusals."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from advisor.catalog import Catalog, load
from advisor.forecast import Machines, TextWorkload, forecast, machines_from_offers, machines_from_owned
from advisor.forecast.accuracy import packed, score
from advisor.forecast.learn_text import cache_kb, learn_text
from advisor.forecast.tables import speeds_of
from advisor.forecast.text import IN_PARTS, TIGHT, cache_gb, prompt_gmacs
from advisor.need import Owned

SOURCES = Path(__file__).parents[2] / "catalogs" / "sources"
CHAT = TextWorkload(8.0, 600, 200, 2000)


@cache
def whole() -> Catalog:
    return load(SOURCES.parent)


@cache
def rented() -> Machines:
    return machines_from_offers(whole(), np.arange(len(whole().offers.type_name)))


def card(catalog: Catalog, chip: str) -> Machines:
    o = Owned("workstation 2022", None, 64.0, chip, "always", None)
    return machines_from_owned([o], [catalog.owned_class(o.what, 64.0)], catalog)


@pytest.mark.parametrize(
    ("model", "kilobytes"),
    [
        # 2 (key, value) x 2 bytes x layers x heads x head size, from each model's config.json.
        ("Llama-3-8B", 131.1),
        ("Llama-2-7b", 524.3),
        ("Qwen2.5-7B", 57.3),
        ("Llama-3-70B", 327.7),
        ("Phi-3-mini", 393.2),
    ],
)
def test_what_known_models_keep_lies_in_the_range_of_their_size(model: str, kilobytes: float, catalog: Catalog) -> None:
    row = next(r for r in packed(SOURCES)("text_models") if r["model"] == model)
    assert cache_kb(row) == pytest.approx(kilobytes, rel=0.001)
    low, likely, high = (1e6 * x for x in cache_gb(speeds_of(catalog), float(row["params_billions"]), 1))
    assert low * 0.9 < kilobytes < high * 1.4
    assert low < likely < high


def test_the_range_holds_eight_of_ten_public_models(catalog: Catalog) -> None:
    inside = []
    for r in packed(SOURCES)("text_models"):
        low, _, high = (1e6 * x for x in cache_gb(speeds_of(catalog), float(r["params_billions"]), 1))
        inside.append(low <= cache_kb(r) <= high)
    assert 0.75 <= np.mean(inside) <= 0.9


def test_a_long_talk_slows_every_word_and_takes_room() -> None:
    short, long = forecast(CHAT, rented(), None), forecast(replace(CHAT, prompt_tokens=30_000, context_tokens=32_000), rented(), None)
    known = np.isfinite(short.words_per_s_likely)
    assert np.all(long.words_per_s_likely[known] < short.words_per_s_likely[known])
    assert np.all((short.words_per_s_high / short.words_per_s_low)[known] < (long.words_per_s_high / long.words_per_s_low)[known])
    assert long.fits.sum() < short.fits.sum()
    assert np.all(short.fits[long.fits])


def test_tight_memory_is_said(catalog: Catalog) -> None:
    # 8 billion on a card of 8 GB: 4.5 GB of weights, 0.7 of program; what a talk keeps decides.
    m = card(catalog, "nvidia-rtx-3060-12gb")
    easy, tight, too_long = (forecast(replace(CHAT, context_tokens=n), m, None) for n in (2_000, 25_000, 60_000))
    assert easy.fits[0]
    assert TIGHT not in easy.told(0)
    assert tight.fits[0]
    assert TIGHT in tight.told(0)
    assert not too_long.fits[0]


def test_a_model_made_of_parts_holds_all_and_reads_some(catalog: Catalog) -> None:
    m = card(catalog, "nvidia-rtx-4090")
    dense, parts = (
        forecast(replace(CHAT, params_billions=30.0), m, None),
        forecast(replace(CHAT, params_billions=30.0, active_billions=3.0), m, None),
    )
    assert dense.fits[0] == parts.fits[0]
    assert parts.words_per_s_likely[0] > 2 * dense.words_per_s_likely[0]
    # Less sure, and never sold as a model of three billion.
    ratio = [f.words_per_s_high[0] / f.words_per_s_low[0] for f in (parts, dense)]
    assert ratio[0] > ratio[1]
    assert parts.words_per_s_likely[0] < forecast(replace(CHAT, params_billions=3.0), m, None).words_per_s_likely[0]
    assert IN_PARTS.format(active=3.0, all=30.0) in parts.told(0)
    assert not forecast(replace(CHAT, params_billions=120.0, active_billions=5.0), m, None).fits[0]


def test_a_long_prompt_costs_more_than_its_length(catalog: Catalog) -> None:
    s = speeds_of(catalog)
    short, long = (prompt_gmacs(s, replace(CHAT, prompt_tokens=n)) for n in (1000, 32_000))
    assert short == pytest.approx(8000, rel=0.03)
    assert 1.3 * 32 < long / short < 2 * 32


def test_ranges_of_chips_left_out_hold_and_are_narrower_than_a_plain_share() -> None:
    tables = packed(SOURCES)
    errors: dict[str, list[tuple[str, float]]] = {}
    learn_text(tables, {r["chip_id"]: r for r in tables("chips")}, {}, {}, errors)
    for kind, most in (("gpu", 0.30), ("shared", 0.20)):
        s = score(errors[f"text.{kind}"])
        assert s is not None
        assert s.median < most, kind
        assert 0.7 <= s.coverage <= 0.95, kind


def test_a_cluster_says_nothing_about_one_board(catalog: Catalog) -> None:
    # The published cluster of ten boards writes 0.85 tokens a second of a 70-billion model, which one board cannot hold.
    assert speeds_of(catalog).chips["broadcom-bcm2712", "cpu-words"].rows == 4


@pytest.mark.parametrize(
    ("chip", "billions", "published"),
    [
        # geerlingguy/ai-benchmarks README (2026) and XiongjieDai/GPU-Benchmarks-on-LLM-Inference: 4-bit, tokens a second.
        ("nvidia-rtx-3060-12gb", 3.21, (112.8, 122.9)),
        ("nvidia-rtx-3060-12gb", 14.77, (29.4, 29.8)),
        ("nvidia-rtx-4090", 14.77, (83.3, 92.5)),
        ("nvidia-rtx-a6000", 70.55, (14.6, 14.6)),
    ],
)
def test_published_words_lie_in_the_range(chip: str, billions: float, published: tuple[float, float], catalog: Catalog) -> None:
    f = forecast(TextWorkload(billions, 50, 100, 512), card(catalog, chip), None)
    for seen in published:
        # Published with 4.85 bits a weight, forecast with 4.5.
        assert f.words_per_s_low[0] * 4.5 / 4.85 < seen < f.words_per_s_high[0]
