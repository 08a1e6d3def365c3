"""Whether a model finds room, and what a chip with little memory of its own makes of a large one."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.catalog import Build, load
from advisor.evidence import Basis, Estimate, Source
from advisor.forecast import Workload, forecast, machines_from_builds, machines_from_sizes
from advisor.forecast.accuracy import packed, score
from advisor.forecast.evidence import number, single_call
from advisor.forecast.learn_memory import learn_pipeline, learn_spill
from advisor.forecast.memory import LINK, MAY_BE_READ_AGAIN, READ_AGAIN, ROOM, needed_gb
from advisor.forecast.tables import speeds_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from advisor.catalog import Catalog
    from advisor.forecast import Forecast, Machines
    from advisor.forecast.evidence import Row
    from advisor.forecast.learned import Errors, Known

SOURCES = Path(__file__).parents[2] / "catalogs" / "sources"
SMALL = Workload(0.569, 4.24, 5.0, 17e6, "fp32")
LARGE = Workload(15.5, 138.4, 13.6, 554e6, "fp32")
NOTHING = Estimate(0.0, 0.0, 0.0, Basis.ESTIMATED, Source("not needed here"))


def alone(catalog: Catalog, chip: str, host: str | None = None, memory_gb: float = 16.0) -> Machines:
    """One chip in a computer of which nothing else is known."""
    b = Build(
        id=chip, device_id=chip, device_name=chip, name=chip, form="", chip_ids=(chip,), memory_gb=memory_gb, priced=(), idle_w=NOTHING,
        load_w=NOTHING, max_w=0.0, host_id=host, host_name="", host_purchase="", host_free=None, cautions=(), lock_in="",
    )  # fmt: skip
    return machines_from_builds([b], catalog)


def ms(f: Forecast) -> tuple[float, float, float]:
    return float(f.latency_low[0]) * 1000, float(f.latency_likely[0]) * 1000, float(f.latency_high[0]) * 1000


@cache
def edge_tpu() -> Machines:
    return alone(load(SOURCES.parent), "google-edge-tpu")


def learned(withheld: str = "") -> tuple[dict[str, Known], Errors]:
    """Learned again without the rows of one model."""
    everything = packed(SOURCES)

    def tables(name: str) -> Sequence[Row]:
        return [r for r in everything(name) if not withheld or r.get("model_id") != withheld]

    kinds: dict[str, Known] = {}
    errors: Errors = {}
    learn_pipeline(tables, kinds)
    learn_spill(tables, {r["chip_id"]: r for r in tables("chips")}, kinds, errors)
    return kinds, errors


def test_a_model_larger_than_the_chips_memory_is_slower_wider_and_says_so(catalog: Catalog) -> None:
    m = alone(catalog, "google-edge-tpu")
    room = replace(SMALL, gmacs=4.0, activations_millions=10.0)
    fits, spills = forecast(room, m, None), forecast(replace(room, params_millions=25.6, weight_bytes=102e6), m, None)
    assert READ_AGAIN not in fits.told(0)
    assert spills.told(0).endswith(READ_AGAIN)
    # 25.6 MB over about 0.46 GB/s.
    assert ms(spills)[1] - ms(fits)[1] == pytest.approx(25.6 / 0.46, rel=0.1)
    assert ms(spills)[2] - ms(spills)[0] > ms(fits)[2] - ms(fits)[0]
    # It runs all the same, and always after a specialist.
    assert spills.fits[0]
    assert spills.reach[0] == 1


@pytest.mark.parametrize(
    ("model", "millions", "gmacs", "published"),
    [
        # coral.ai, Edge TPU performance benchmarks: USB accelerator on USB 3 and Dev Board.
        ("vgg16", 138.4, 15.5, (296.0, 343.0)),
        ("vgg19", 143.7, 19.6, (308.0, 357.0)),
        ("resnet-50-v1", 25.6, 7.5, (49.0, 56.0)),
        ("resnet-152-v2", 60.4, 20.6, (128.0, 151.0)),
    ],
)
def test_large_networks_on_an_edge_tpu_are_forecast_from_the_other_networks(
    model: str, millions: float, gmacs: float, published: tuple[float, float]
) -> None:
    kinds, _ = learned(withheld=model)
    reading = 1000 * millions / 1000 / kinds[LINK + "google-edge-tpu"].value
    # By work alone it would be a few milliseconds: 15.5 GMACs over 2,000 a millisecond of peak.
    for seen in published:
        assert abs(reading / seen - 1) < 0.25, (model, reading, seen)
        assert gmacs / 2000 * 1000 < seen / 5


def test_what_is_read_again_is_forecast_from_other_networks_of_the_chip() -> None:
    s = score(learned()[1]["npu.spill"])
    assert s is not None
    assert s.chips >= 4
    assert s.median < 0.4
    assert s.coverage > 0.75


def test_the_room_learned_from_two_batches_is_near_what_is_said_of_the_chip() -> None:
    # Hailo-8: 20 MB by an integrator; learned from frames a second alone, without that figure.
    room = learned()[0][ROOM + "hailo-8"]
    assert room.low < 20 < room.high
    assert room.value == pytest.approx(20, rel=0.25)


def test_around_the_limit_the_range_holds_both(catalog: Catalog) -> None:
    room = speeds_of(catalog).kinds[ROOM + "hailo-8"]
    m = alone(catalog, "hailo-8")
    work = Workload(4.0, 0.9 * room.value, 11.0, 80e6, "fp32")
    below, above = forecast(work, m, None), forecast(replace(work, params_millions=1.1 * room.value), m, None)
    assert below.told(0).endswith(MAY_BE_READ_AGAIN)
    assert above.told(0).endswith(READ_AGAIN)
    assert ms(below)[1] < ms(above)[1] <= ms(below)[2] * 1.3
    assert ms(above)[0] == pytest.approx(ms(below)[0])


def test_a_narrow_connector_makes_reading_again_slower(catalog: Catalog) -> None:
    pc, board = forecast(LARGE, alone(catalog, "hailo-8"), None), forecast(LARGE, alone(catalog, "hailo-8", "raspberry-pi-5"), None)
    assert ms(board)[1] > 2 * ms(pc)[1]
    # A chip with memory beside it does not read over the connector.
    own = [forecast(LARGE, alone(catalog, "hailo-10h", host), None) for host in (None, "raspberry-pi-5")]
    assert ms(own[0]) == ms(own[1])


def test_reading_again_does_not_overlap(catalog: Catalog) -> None:
    # Frames of a filled pipeline overlap, the reading stands in line: never more calls a second than it allows.
    m = alone(catalog, "hailo-8")
    f = forecast(LARGE, m, None)
    assert f.throughput_likely[0] <= 1 / (LARGE.params_millions / 1000 / m.link_gbps[0])


@given(millions=st.floats(0.1, 500), more=st.floats(1.0, 5.0))
def test_a_larger_model_is_never_faster(millions: float, more: float) -> None:
    m = edge_tpu()
    small, large = (forecast(replace(SMALL, params_millions=x), m, None) for x in (millions, millions * more))
    for end in ("latency_low", "latency_likely", "latency_high"):
        assert getattr(large, end)[0] >= getattr(small, end)[0] * 0.999999


def test_frames_a_second_are_never_sold_as_the_time_of_one_answer(catalog: Catalog) -> None:
    # Every published stream of single frames on a chip known by nothing else: one answer is forecast to take longer.
    rows = packed(SOURCES)("published_public")
    for chip in ("hailo-8", "hailo-8l", "hailo-10h"):
        assert not any(r["chip_id_catalog"] == chip and single_call(r) for r in rows)
        f = forecast(SMALL, alone(catalog, chip), None)
        assert f.latency_likely[0] > 1.5 / f.throughput_likely[0]


def test_the_overlap_of_calls_is_what_was_published() -> None:
    overlap = learned()[0]["npu.pipeline"]
    assert overlap.rows >= 10
    assert 1.0 <= overlap.low < overlap.value < overlap.high < 10


def test_what_was_seen_goes_before_a_bound(catalog: Catalog) -> None:
    # All that the layers of a network hand on is far more than what is alive at once.
    work = Workload(5.0, 10.0, 500.0, 40e6, "fp32")
    bound, seen = needed_gb(work, 500.0), needed_gb(replace(work, seen_bytes=400e6), 500.0)
    assert seen == pytest.approx(0.4)
    assert seen < bound
    small = machines_from_sizes(np.array([2.0]), np.array([1.0]), catalog)
    assert not forecast(work, small, None).fits[0]
    assert forecast(replace(work, seen_bytes=400e6), small, None).fits[0]
    # Many calls side by side were seen to take more than one can; the weights are needed whatever was seen.
    assert needed_gb(replace(work, seen_bytes=9e9), 500.0) == bound
    assert needed_gb(replace(work, seen_bytes=1.0), 500.0) == pytest.approx(0.04)


def test_the_measured_memory_reaches_the_forecast(catalog: Catalog) -> None:
    from advisor.need import OnnxModel
    from advisor.work import _workload

    class Seen:
        peak_memory_mb = 321.0
        model = type("M", (), {"gmacs": 1.0, "params_millions": 5.0, "activations_millions": 7.0, "work": {}})()

    work = _workload(OnnxModel("model.onnx"), "job.model", catalog, None, Seen())  # type: ignore[arg-type]
    assert isinstance(work, Workload)
    assert work.seen_bytes == 321e6


def test_numbers_on_small_memories_have_a_source() -> None:
    for name in ("on_chip_memory", "host_links", "model_sizes"):
        for r in packed(SOURCES)(name):
            assert r["source"]
            assert r["as_of"] >= "2020"
            assert all(number(v) > 0 for k, v in r.items() if k in ("on_chip_memory_mb", "gb_per_s", "params_millions"))
