"""Forecasts from counted work: costs are found again, what is unknown stays unknown, and a known relation between machines holds."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from advisor.forecast.accuracy import packed
from advisor.forecast.counted import SURE, Rooflines, alone, expected
from advisor.forecast.newcomers import from_alike
from advisor.forecast.placing import sheet_shift, shifted
from advisor.forecast.published import Known
from advisor.forecast.roofline import POWERS, Prior, fitted, grouped_prior, log_time, log_times, rows_of, shared_prior
from advisor.forecast.work import FINE_GROUPS, FORMS, Counted, coarse, fine, form_of, plain, powers, totals
from advisor.operator_classes import COLUMNS
from tests.forecast.test_predict import FIELDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from advisor.forecast.evidence import Row


def sources() -> Path:
    from catalogs import __file__ as here

    return Path(here).parent / "sources"


COUNTED = Counted(packed(sources()))


def random_work(rng: np.random.Generator, n: int, k: int) -> np.ndarray:
    return np.exp(rng.normal(0, 1.5, (n, k)))


def test_costs_are_found_again() -> None:
    rng = np.random.default_rng(3)
    costs, x = rng.normal(-3, 0.7, 6), random_work(rng, 200, 6)
    found, spread = fitted(x, log_time(x, costs), Prior(np.full(6, -3.0), 4 * np.eye(6), 0.05))
    assert found == pytest.approx(costs, abs=0.05)
    assert np.all(np.diag(spread) > 0)


def test_rows_far_off_count_little() -> None:
    rng = np.random.default_rng(4)
    costs, x = np.full(4, -2.0), random_work(rng, 80, 4)
    logs = log_time(x, costs)
    logs[:6] += 3.0
    found, _ = fitted(x, logs, grouped_prior(x, logs, (2,), 1.0, 0.05))
    assert float(np.median(np.abs(log_time(x, found) - log_time(x, costs)))) < 0.03


def test_machines_of_a_kind_share_what_they_have_in_common() -> None:
    rng = np.random.default_rng(5)
    shape = rng.normal(0, 1, 5)
    machines = []
    for level in rng.normal(-3, 1, 12):
        x = random_work(rng, 15, 5)
        machines.append((x, log_time(x, shape + level)))
    prior, _ = shared_prior(machines)
    x = random_work(rng, 40, 5)
    few = random_work(rng, 2, 5)
    costs, _ = fitted(few, log_time(few, shape - 1.0), prior)
    assert float(np.median(np.abs(log_time(x, costs) - log_time(x, shape - 1.0)))) < 0.1


def test_counts_agree_with_what_is_published() -> None:
    """ResNet-50: 4.1 GMACs and 25.6 million parameters (He et al. 2016, table 1); ViT-B/16: 17.6 GMACs with its attention."""
    row = {"model": "resnet50", "input_shape": "3x224x224", "params_millions": "25.6"}
    work = COUNTED.of("timm", row)
    assert work is not None
    macs = [i for i, c in enumerate(COLUMNS) if c.startswith("macs_") and c != "macs_pool"]
    assert work[macs].sum() == pytest.approx(4100, rel=0.02)
    vit = COUNTED.of("timm", {"model": "vit_base_patch16_224", "input_shape": "3x224x224", "params_millions": "86.6"})
    assert vit is not None
    assert vit[macs].sum() == pytest.approx(17_600, rel=0.05)


@pytest.mark.parametrize(
    "row",
    [
        {"model": "resnet50", "input_shape": "3x224x224", "params_millions": "60"},
        {"model": "resnet50", "input_shape": "3x999x999", "params_millions": "25.6"},
        {"model": "no-such-model", "input_shape": "3x224x224", "params_millions": ""},
    ],
)
def test_another_size_or_name_is_not_taken_for_a_counted_model(row: Row) -> None:
    assert COUNTED.of("timm", row) is None


def test_work_done_once_a_call_is_shared_by_the_batch() -> None:
    work = np.arange(1.0, len(COLUMNS) + 1)
    one, many = fine(work, 1.0), fine(work, 64.0)
    assert one[:-2] == pytest.approx(many[:-2])
    assert one[-2:] == pytest.approx(64 * many[-2:], rel=1e-4)


def test_number_formats_have_costs_of_their_own() -> None:
    work = np.ones(len(COLUMNS))
    blocks = [np.flatnonzero(coarse(work, f) > 1e-3) for f in FORMS]
    assert not set(blocks[0]) & set(blocks[1])
    assert [form_of(p, "net") for p in ("float", "w8a8", "w8a16", "w16a16")] == ["float", "a8", "a16", "float"]
    assert form_of("int8", "net") == form_of("fp32", "net_int8") == "a8"


def test_a_data_sheet_moves_arithmetic_and_memory_apart() -> None:
    specs = {
        "new": {"fp32_tflops": "80", "memory_bandwidth_gbps": "1000"},
        "old": {"fp32_tflops": "40", "memory_bandwidth_gbps": "1000"},
        "bare": {"fp32_tflops": "", "memory_bandwidth_gbps": "1000"},
    }
    shift = sheet_shift(specs, "new", "old", len(COLUMNS))
    assert shift is not None
    assert shift[0] == pytest.approx(np.log(0.5))
    assert shift[FINE_GROUPS[0] :] == pytest.approx(0.0)
    assert sheet_shift(specs, "bare", "old", len(COLUMNS)) is None
    assert sheet_shift(specs, "unknown", "old", len(COLUMNS)) is None


def test_three_figures_place_a_new_machine() -> None:
    rng = np.random.default_rng(6)
    x = random_work(rng, 60, len(COLUMNS))
    costs = np.full(len(COLUMNS), -4.0)
    truth = costs.copy()
    truth[: FINE_GROUPS[0]] -= 0.4
    found = shifted(costs, x[:3], log_time(x[:3], truth))
    before, after = (float(np.median(np.abs(log_time(x, c) - log_time(x, truth)))) for c in (costs, found))
    assert after < 0.3 * before
    assert shifted(costs, x[:0], np.empty(0)) is costs


def published() -> list[dict[str, str]]:
    """Twelve made-up processors that run ncnn's networks exactly as fast as their counted work says, each with its own class costs."""
    from advisor.forecast.evidence import number

    sizes = {r["model"]: r for r in packed(sources())("ncnn_models")}
    rng = np.random.default_rng(7)
    shape = rng.normal(0, 0.5, len(coarse(np.ones(len(COLUMNS)), "float")))
    rows = []
    for i in range(12):
        costs = shape + rng.normal(-7, 1) + rng.normal(0, 0.2, len(shape))
        for model, size in sizes.items():
            form = form_of("", model)
            blank = dict.fromkeys(FIELDS, "") | {"model": model, "params_millions": size["params_millions"]}
            work = COUNTED.of("ncnn", blank)
            assert work is not None
            seconds = float(np.exp(log_time(coarse(work, form)[None], costs)[0]))
            rows.append(
                blank
                | {"source": "made up", "chip_id": f"chip{i}", "runtime": "ncnn-cpu", "precision": "fp32", "batch": "1"}
                | {"config_id": f"chip{i}|cpu4", "latency_ms": f"{seconds:.9g}", "gmacs": size["gmacs"]},
            )
    assert number(rows[0]["latency_ms"]) > 0
    return rows


def rooflines() -> Rooflines:
    """Of the made-up machines above."""
    made = published()

    def tables(name: str) -> Sequence[Row]:
        if name == "ncnn_public":
            return made
        return packed(sources())(name) if name in ("ncnn_models", "model_work") else []

    return Rooflines(Known(tables, []))


def test_a_family_left_out_is_forecast_from_the_others() -> None:
    lines = rooflines()
    fit = lines.of("chip3|cpu4")
    assert fit is not None
    assert len(fit.errors) == 35
    assert float(np.median(np.abs([e.mean() for e in fit.errors.values()]))) < 0.15
    carry = lines.carry("ncnn-cpu", "ncnn-cpu")
    assert 0 <= carry.share <= 1
    assert all(0 < width * SURE < 0.4 for width in carry.widths.values())
    inside = []
    for target, own in itertools.permutations(lines.of_kind("ncnn-cpu").values(), 2):
        off = np.array([target.errors[m] - carry.share * own.errors[m] for m in target.errors])
        usual = np.array([carry.widths[form_of("", m)] for m in target.errors])
        inside += (np.abs(off.mean(axis=1)) <= usual * expected(off)).tolist()
    assert 0.7 < float(np.mean(inside)) < 0.9
    assert lines.of("nobody|cpu1") is None


def test_every_view_tells_a_time_of_its_own() -> None:
    rng = np.random.default_rng(8)
    views = (random_work(rng, 5, 4), random_work(rng, 5, 2))
    costs = (np.zeros(4), np.ones(2))
    told = log_times(views, costs)
    assert told.shape == (5, 2)
    assert told[:, 1] == pytest.approx(log_time(views[1], costs[1]))


def test_what_winograd_shortens_costs_less() -> None:
    """VGG-16 is nearly all 3x3 convolutions of stride one (Simonyan & Zisserman 2015); MobileNet has none that are dense."""
    vgg, mobile = (COUNTED.of("ncnn", {"model": m, "params_millions": ""}) for m in ("vgg16", "mobilenet"))
    assert vgg is not None
    assert mobile is not None
    assert vgg[-1] == pytest.approx(vgg[0], rel=0.01)
    assert mobile[-1] == 0
    long = vgg.copy()
    long[-1] = 0.0
    assert plain(vgg, "float")[0] == pytest.approx(0.6 * plain(long, "float")[0], rel=0.02)
    # Not counted is not nothing shortened by mistake: the MACs stay what they are.
    long[-1] = np.nan
    assert plain(long, "float")[0] > plain(vgg, "float")[0]
    assert np.flatnonzero(plain(vgg, "a8") > 1e-3).tolist() == [3, 4, 5]


def test_narrow_convolutions_are_told_apart_and_counted_twice() -> None:
    """MobileNet begins with 3 channels and narrow pointwise convolutions; its totals are the same work."""
    work = COUNTED.of("ncnn", {"model": "mobilenet", "params_millions": ""})
    assert work is not None
    apart, twice = totals(work, "float"), plain(work, "float")
    assert apart[1] == pytest.approx(10.84 + 25.69, rel=0.01)
    assert twice[0] == pytest.approx(apart[0] + 2 * apart[1])
    assert apart[2:4].tolist() == twice[1:3].tolist()


def test_relatives_share_what_a_roofline_misses() -> None:
    """Designs in four sizes, each a quarter faster or slower than its work says: the fourth size is told by the other three."""
    rng = np.random.default_rng(9)
    designs = random_work(rng, 120, len(COLUMNS))
    work = np.concatenate([designs * size * np.exp(rng.normal(0, 0.05, designs.shape)) for size in np.geomspace(0.4, 2.5, 4)])
    logs = log_time(work, np.full(len(COLUMNS), -4.0)) + np.tile(rng.choice([-0.25, 0.25], 120), 4)
    new = np.arange(480) // 120 == 1
    fit = alone((work[~new],), logs[~new])
    bent, straight = logs[new] - fit.log_times((work[new],))[:, 0], logs[new] - log_time(work[new], fit.costs[0])
    assert float(np.median(np.abs(bent))) < 0.3 * float(np.median(np.abs(straight)))


def test_a_power_law_is_found_again_and_shared() -> None:
    rng = np.random.default_rng(10)
    shape = np.array([0.0, 0.7, 0.4, -0.1])
    machines = []
    for level in rng.normal(0, 1, 10):
        x = np.column_stack([np.ones(15), rng.normal(0, 1, (15, 3))])
        machines.append((x, x @ np.array([level, *shape[1:]])))
    prior, found = shared_prior(machines, POWERS)
    assert prior.mean[1:] == pytest.approx(shape[1:], abs=0.05)
    x, y = machines[3]
    assert POWERS.log_time(x, found[3]) == pytest.approx(y, abs=0.03)


def test_the_views_of_a_model_agree_on_its_format() -> None:
    work = COUNTED.of("ncnn", {"model": "resnet50", "params_millions": ""})
    assert work is not None
    floats, bytes8 = powers(work, "float"), powers(work, "a8")
    assert floats[:4] == pytest.approx(bytes8[:4])
    assert floats[4:].tolist() == [0.0] * 4
    assert bytes8[4] == 1.0
    assert bytes8[5] == pytest.approx(floats[1] - floats[2])


def test_machines_that_differ_evenly_from_a_new_one_stand_for_it() -> None:
    lines = rooflines()
    models, x, y = lines.rows("chip5|cpu4")
    few = np.array([m in ("mobilenet_v2", "resnet50", "squeezenet") for m in models])
    # Twice as slow as chip5 in everything, so chip5 is the likest and all others count for little.
    times = {m: float(t) + np.log(2) for m, t, k in zip(models, y, few, strict=True) if k}
    values = from_alike(lines, "ncnn-cpu", times, rows_of(x, ~few), "new", "new|cpu4")
    assert values is not None
    assert float(np.median(np.abs(values.mean(axis=1) - y[~few] - np.log(2)))) < 0.15


def test_views_that_disagree_widen_the_range() -> None:
    agree, disagree = np.array([[0.1, 0.1, 0.1]]), np.array([[-0.4, 0.1, 0.6]])
    assert expected(agree)[0] == pytest.approx(SURE)
    assert expected(disagree)[0] > 2 * SURE
