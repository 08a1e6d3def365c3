"""Sources that differ on a fact of a chip leave the likely figure alone, widen the range and never lend memory."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from advisor.forecast import machines as m
from advisor.forecast.contradictions import slower_or_faster, sure_memory_gb, widened, widened_time
from advisor.forecast.tables import speeds_of
from tests.advisor.answers import the_catalog

if TYPE_CHECKING:
    from advisor.catalog import Chip


def told(chip: Chip, put: object) -> m._Columns:
    c = m._Columns(1, speeds_of(the_catalog()))
    assert put(c, np.array([0]), c.speeds, chip)  # type: ignore[operator]
    return c


def unknown(kind: str) -> Chip:
    """A chip of this kind with everything told and no published rows."""
    every = the_catalog().chips.values()
    found = next(c for c in every if c.kind == kind and not c.doubts and c.fp32_tflops and c.bandwidth_gbps)
    return replace(found, id="a-chip-of-our-own")


def test_a_disputed_fact_widens_the_range_of_a_graphics_chip_and_moves_nothing() -> None:
    sure = unknown("gpu")
    open_ = replace(sure, doubts=(("memory_bandwidth_gbps", 0.5, 1.0),))
    a, b = told(sure, m._graphics), told(open_, m._graphics)
    assert a.speed == b.speed
    assert a.words_gbps == b.words_gbps
    # Half the memory speed would be a root of a half of the speed.
    assert math.log(b.high[0]) == pytest.approx(math.hypot(math.log(a.high[0]), math.log(2) / 2))
    assert b.low[0] == pytest.approx(a.low[0])
    assert math.log(b.words_low[0]) == pytest.approx(-math.hypot(math.log(a.words_low[0]), math.log(2)))
    assert b.words_high[0] == pytest.approx(a.words_high[0])


def test_a_disputed_peak_widens_the_range_of_an_accelerator() -> None:
    sure = replace(unknown("gpu"), kind="npu", int8_tops=26.0)
    a, b = told(sure, m._accelerator), told(replace(sure, doubts=(("int8_tops", 0.8, 1.1),)), m._accelerator)
    assert a.speed == b.speed
    assert b.low[0] < a.low[0]
    # The widest range we ever tell is told already.
    assert b.high[0] >= a.high[0]


def test_published_rows_of_a_chip_are_not_doubted_for_its_data_sheet() -> None:
    speeds = speeds_of(the_catalog())
    known = next(c for c in the_catalog().chips.values() if (c.id, "gpu") in speeds.chips and c.fp32_tflops and c.bandwidth_gbps)
    a, b = told(replace(known, doubts=()), m._graphics), told(replace(known, doubts=(("fp32_tflops", 0.5, 2.0),)), m._graphics)
    assert (a.low[0], a.high[0]) == (b.low[0], b.high[0])


def test_a_model_has_to_fit_into_the_smallest_memory_any_source_tells() -> None:
    chip = the_catalog().chips["nvidia-b200"]
    assert chip.memory_gb is not None
    assert sure_memory_gb(replace(chip, doubts=(("memory_gb", 0.5, 1.0),))) == pytest.approx(chip.memory_gb / 2)
    assert sure_memory_gb(replace(chip, memory_gb=None)) is None


def test_without_a_contradiction_nothing_changes() -> None:
    chip = unknown("gpu")
    assert slower_or_faster(chip, fp32_tflops=1, base_ghz=2) == (1.0, 1.0)
    assert widened(0.5, 3.0, (1.0, 1.0)) == pytest.approx((0.5, 3.0))
    assert widened_time(0.5, 3.0, (1.0, 1.0)) == pytest.approx((0.5, 3.0))


def test_two_doubts_are_wider_than_each_and_narrower_than_their_product() -> None:
    low, high = widened(0.5, 2.0, (0.5, 2.0))
    assert 0.25 < low < 0.5
    assert 2.0 < high < 4.0
