"""What must hold for every forecast: order, monotony, refusal, memory, the owner's own measurement."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from advisor.catalog import Catalog, load
from advisor.forecast import (
    TIERS,
    Machines,
    OwnRun,
    TextWorkload,
    Workload,
    forecast,
    machines_from_builds,
    machines_from_offers,
    machines_from_owned,
    machines_from_sizes,
)  # fmt: skip
from advisor.need import Owned
from advisor.operator_classes import COLUMNS

PICTURE = Workload(4.11, 25.6, 11.1, 102e6, "fp32")
CHAT = TextWorkload(8.0, 600, 200, 2000)


@cache
def whole() -> Catalog:
    return load(Path(__file__).parents[2] / "catalogs")


# Plain functions, not fixtures: a failing property would print thousands of machines.
@cache
def rented() -> Machines:
    return machines_from_offers(whole(), np.arange(len(whole().offers.type_name)))


@cache
def bought() -> Machines:
    return machines_from_builds(whole().builds([]), whole())


def owned(catalog: Catalog, what: str, *, this: bool = False, gpu: str | None = None) -> Machines:
    o = Owned(what, None, 16.0, gpu, "always", this)
    return machines_from_owned([o], [catalog.owned_class(what, 16.0)], catalog)


works = st.builds(
    Workload,
    gmacs=st.one_of(st.none(), st.floats(0.001, 500)),
    params_millions=st.floats(0.01, 2000),
    activations_millions=st.one_of(st.none(), st.floats(0.01, 2000)),
    weight_bytes=st.floats(1e4, 8e9),
    precision=st.sampled_from(["fp32", "fp16", "int8"]),
    classes=st.dictionaries(st.sampled_from(COLUMNS), st.floats(0.01, 5000)),
)


@given(work=works)
@settings(max_examples=40, deadline=None)
def test_ranges_are_in_order_and_positive(work: Workload) -> None:
    for machines in (rented(), bought()):
        f = forecast(work, machines, None)
        known = np.isfinite(f.latency_likely)
        assert known.any()
        assert np.all(f.latency_low[known] > 0)
        assert np.all(f.latency_low[known] <= f.latency_likely[known])
        assert np.all(f.latency_likely[known] <= f.latency_high[known])
        assert np.all(f.throughput_low[known] <= f.throughput_likely[known] * 1.0000001)
        assert np.all(f.throughput_likely[known] <= f.throughput_high[known] * 1.0000001)


@given(work=works)
@settings(max_examples=40, deadline=None)
def test_work_without_a_pause_gets_at_least_one_call_after_the_other(work: Workload) -> None:
    f = forecast(work, rented(), None)
    known = np.isfinite(f.latency_likely)
    assert np.all(f.throughput_likely[known] >= 0.999999 / f.latency_likely[known])
    assert np.all(f.throughput_low[known] >= 0.999999 / f.latency_high[known])


@given(gmacs=st.floats(0.01, 100), more=st.floats(1.01, 50))
@settings(max_examples=40, deadline=None)
def test_more_work_is_never_faster(gmacs: float, more: float) -> None:
    for machines in (rented(), bought()):
        small = forecast(replace(PICTURE, gmacs=gmacs), machines, None)
        large = forecast(replace(PICTURE, gmacs=gmacs * more), machines, None)
        known = np.isfinite(small.latency_likely)
        for end in ("latency_low", "latency_likely", "latency_high"):
            assert np.all(getattr(large, end)[known] >= getattr(small, end)[known])


@given(vcpus=st.floats(0.25, 64), more=st.floats(1.0, 8), work=works)
@settings(max_examples=40, deadline=None)
def test_more_cores_are_never_slower(vcpus: float, more: float, work: Workload) -> None:
    f = forecast(work, machines_from_sizes(np.array([vcpus, vcpus * more]), np.array([64.0, 64.0]), whole()), None)
    assert f.latency_likely[1] <= f.latency_likely[0] * 1.0000001
    assert f.throughput_likely[1] >= f.throughput_likely[0] * 0.9999999


@given(prompt=st.integers(10, 4000), output=st.integers(1, 1000), size=st.floats(0.3, 70))
@settings(max_examples=40, deadline=None)
def test_text_ranges_are_in_order_and_the_first_word_comes_first(prompt: int, output: int, size: float) -> None:
    for machines in (rented(), bought()):
        f = forecast(TextWorkload(size, prompt, output, prompt + output), machines, None)
        known = np.isfinite(f.latency_likely)
        assert np.all(f.first_word_low[known] <= f.first_word_likely[known])
        assert np.all(f.first_word_likely[known] <= f.first_word_high[known])
        assert np.all(f.first_word_likely[known] <= f.latency_likely[known] * 1.0000001)
        assert np.all(f.words_per_s_low[known] <= f.words_per_s_likely[known])
        assert np.all(f.throughput_likely[known] >= 0.999999 / f.latency_likely[known])


def test_a_model_that_is_too_big_does_not_fit(catalog: Catalog) -> None:
    two = machines_from_sizes(np.array([2.0]), np.array([2.0]), catalog)
    assert forecast(PICTURE, two, None).fits[0]
    assert not forecast(replace(PICTURE, weight_bytes=3e9), two, None).fits[0]
    assert not forecast(CHAT, two, None).fits[0]


def test_text_that_needs_several_cards_fits_only_where_there_are_several(catalog: Catalog) -> None:
    o = catalog.offers
    per_card = o.type_chip_gib / np.maximum(o.type_chips, 1)
    many = np.flatnonzero((o.type_chips == 8) & (per_card > 70) & (per_card < 90))
    one = np.flatnonzero((o.type_chips == 1) & (per_card > 70) & (per_card < 90))
    large = TextWorkload(180.0, 600, 200, 2000)
    both = forecast(large, machines_from_offers(catalog, np.concatenate([many, one])), None)
    known = both.reach == 0
    assert both.fits[: len(many)][known[: len(many)]].all()
    assert not both.fits[len(many) :].any()


def test_what_nobody_knows_is_refused_with_a_reason(catalog: Catalog) -> None:
    chips = catalog.offers.type_chip
    f = forecast(PICTURE, rented(), None)
    without_facts = np.flatnonzero(chips == "unresolved")
    assert len(without_facts)
    assert np.isnan(f.latency_likely[without_facts]).all()
    assert {TIERS[t] for t in f.tier[without_facts].tolist()} == {"refused"}
    assert f.why(int(without_facts[0])) == "why.none"
    assert "test run" in f.told(int(without_facts[0]))


def test_unknown_work_widens_the_range() -> None:
    known, unknown = forecast(PICTURE, rented(), None), forecast(replace(PICTURE, gmacs=None, activations_millions=None), rented(), None)
    ok = np.isfinite(known.latency_likely)
    assert np.all((unknown.latency_high / unknown.latency_low)[ok] > (known.latency_high / known.latency_low)[ok])


def test_accelerators_need_a_specialist(catalog: Catalog) -> None:
    f = forecast(PICTURE, bought(), None)
    for i, b in enumerate(catalog.builds([])):
        kinds = {catalog.chips[c].kind for c in b.chip_ids if c in catalog.chips}
        if kinds <= {"npu", "tpu", "asic"}:
            assert f.reach[i] == 1, b.name


def test_the_owners_measurement_stands_on_the_owners_machine(catalog: Catalog) -> None:
    run = OwnRun(0.040, 0.050, 0.065, 0.07)
    machine = owned(catalog, "office PC 2021", this=True)
    f = forecast(PICTURE, machine, run)
    assert (f.latency_low[0], f.latency_likely[0], f.latency_high[0]) == (0.040, 0.050, 0.065)
    assert TIERS[f.tier[0]] == "measured-here"
    assert f.measured[0]
    assert f.why(0) == "why.measured"


@pytest.mark.parametrize("ratio", [0.4, 2.5])
def test_a_part_of_the_owners_surprise_is_carried_over(ratio: float, catalog: Catalog) -> None:
    guess = float(forecast(PICTURE, owned(catalog, "office PC 2021"), None).latency_likely[0])
    plain = forecast(PICTURE, rented(), None)
    told = forecast(PICTURE, rented(), OwnRun(guess * ratio, guess * ratio, guess * ratio, None), guess)
    moved = (told.latency_likely / plain.latency_likely)[np.isfinite(plain.latency_likely)]
    assert np.all((moved - 1) * (ratio - 1) > 0)
    assert np.all(np.abs(np.log(moved)) < abs(np.log(ratio)))


def test_the_shop_floor_needs_numpy_only() -> None:
    # The window's first paint must not wait for what only building the catalog needs.
    code = (
        "import sys, advisor.forecast; print(sorted({m.split('.')[0] for m in sys.modules} & {'scipy', 'pandas', 'onnx', 'onnxruntime'}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2])
    assert done.stdout.strip() == "[]"


def test_text_names_the_rows_it_rests_on(catalog: Catalog) -> None:
    f = forecast(CHAT, owned(catalog, "workstation 2022", gpu="nvidia-rtx-a4000"), None)
    assert TIERS[f.tier[0]] == "same-chip-fit"
    assert "text models" in f.told(0)
    assert f.basis(0).value == "estimated"


def test_a_graphics_card_in_the_owners_computer_is_used(catalog: Catalog) -> None:
    without, with_card = owned(catalog, "workstation 2022"), owned(catalog, "workstation 2022", gpu="nvidia-rtx-a4000")
    assert forecast(CHAT, with_card, None).words_per_s_likely[0] > 3 * forecast(CHAT, without, None).words_per_s_likely[0]


def test_a_shared_card_is_slower_than_a_whole_one(catalog: Catalog) -> None:
    o = catalog.offers
    counts = o.type_chips
    parts = np.flatnonzero((counts > 0) & (counts < 1))
    assert len(parts)
    for i in parts.tolist():
        whole = np.flatnonzero((o.type_chip == o.type_chip[i]) & (counts == 1))
        if len(whole):
            f = forecast(PICTURE, machines_from_offers(catalog, np.array([i, whole[0]])), None)
            if np.isfinite(f.latency_likely).all():
                assert f.latency_likely[0] > f.latency_likely[1]
