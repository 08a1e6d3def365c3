"""What is learned from the published rows, and that ranges keep their word for chips left out."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.forecast import Workload, forecast, machines_from_builds
from advisor.forecast.accuracy import packed, score
from advisor.forecast.evidence import engine_of, key_of, number, single_call
from advisor.forecast.fitting import Recipe, serial_share, together
from advisor.forecast.learn_text import billions_of, bytes_of
from advisor.forecast.learned import Learned, balanced, instruction_class
from advisor.forecast.learning import learn
from advisor.forecast.tables import chip_rows, finished, kind_rows, read

if TYPE_CHECKING:
    from collections.abc import Sequence

    from advisor.catalog import Catalog
    from advisor.forecast.evidence import Row

SOURCES = Path(__file__).parents[2] / "catalogs" / "sources"


@cache
def learned() -> Learned:
    return learn(packed(SOURCES))


@pytest.mark.parametrize("tier", ["cpu.family-fit", "cpu.same-chip-fit", "gpu.spec-ratio", "npu.same-chip-fit", "text.gpu"])
def test_ranges_of_chips_left_out_hold_about_80_in_100(tier: str) -> None:
    s = score(learned().errors[tier])
    assert s is not None
    assert 0.65 <= s.coverage <= 0.95
    assert s.half_width < 5


def test_the_committed_tables_are_what_is_learned(catalog: Catalog) -> None:
    here, kept = finished(learned()), read(catalog.table("chip_speeds"), catalog.table("speed_classes"))
    assert set(here.chips) == set(kept.chips)
    assert set(here.kinds) == set(kept.kinds)
    # Another processor's arithmetic may turn the last digits of a fit.
    for key, chip in here.chips.items():
        assert kept.chips[key].speed == pytest.approx(chip.speed, rel=0.02), key
        assert kept.chips[key].rows == chip.rows
    for name, kind in here.kinds.items():
        assert kept.kinds[name].value == pytest.approx(kind.value, rel=0.02), name


def test_tables_survive_writing_and_reading() -> None:
    speeds = finished(learned())
    again = read(chip_rows(speeds), kind_rows(speeds))
    assert chip_rows(again) == chip_rows(speeds)
    assert kind_rows(again) == kind_rows(speeds)


def test_nothing_is_learned_from_rows_that_are_withheld() -> None:
    everything = packed(SOURCES)
    chip = "nvidia-t4"
    assert (chip, "gpu") in learned().chips

    def without(name: str) -> Sequence[Row]:
        return [r for r in everything(name) if r.get("chip_id_catalog") != chip]

    again = learn(without)
    assert not [key for key in again.chips if key[0] == chip]
    assert not [e for errors in again.errors.values() for e in errors if e[0] == chip]
    assert again.kinds["gpu.share"].value != learned().kinds["gpu.share"].value


def test_newer_instruction_sets_reach_more() -> None:
    k = learned().kinds
    assert k["cpu.per_ghz.avx512"].value > k["cpu.per_ghz.avx2"].value > k["cpu.per_ghz.neon"].value


@pytest.mark.parametrize(
    ("runtime", "engine"),
    [
        ("MLCommons reference implementation with CM API, Onnxruntime v1.15.1", "onnxruntime"),
        ("TensorRT 8.6.0, CUDA 12.0", "tensorrt"),
        ("ncnn-vulkan", "ncnn-vulkan"),
        ("NCNN", "ncnn"),
        ("CTuning cpp tflite", "tflite"),
        ("PyTorch Triton", "framework"),
        ("hobot DNN (BPU)", "other"),
    ],
)
def test_runtimes_are_told_apart(runtime: str, engine: str) -> None:
    assert engine_of(runtime) == engine


@pytest.mark.parametrize(
    ("simd", "kind"),
    [
        ("avx512+vnni+amx", "avx512"),
        ("amx", "avx512"),
        ("avx2", "avx2"),
        ("sve+i8mm", "sve"),
        ("neon+sve2", "sve"),
        ("neon+amx(apple)", "neon"),
        ("unknown", "unknown"),
        ("", "unknown"),
    ],
)
def test_instruction_sets_fall_into_classes(simd: str, kind: str) -> None:
    assert instruction_class(simd) == kind


@pytest.mark.parametrize(
    ("name", "size"), [("Llama 3.2:3b", 3.0), ("llama_v3_1_8b_instruct", 8.0), ("DeepSeek R1 14b", 14.0), ("gemma-2b-it", 2.0)]
)
def test_sizes_are_read_from_names(name: str, size: float) -> None:
    assert billions_of(name, "") == size


def test_an_unknown_form_has_no_size() -> None:
    assert np.isnan(bytes_of("mystery"))
    assert np.isnan(billions_of("mystery", ""))
    assert np.isnan(number("n/a"))


@given(cores=st.floats(1, 512), more=st.floats(1, 4), share=st.floats(0, 1))
def test_more_cores_are_worth_no_less(cores: float, more: float, share: float) -> None:
    assert together(cores * more, share) >= together(cores, share) * 0.999999
    assert together(cores, share) <= cores * 1.000001


def test_the_serial_share_of_a_perfect_and_a_hopeless_chip() -> None:
    assert serial_share([(4.0, 4.0), (8.0, 8.0)])[1] == 0.0
    assert serial_share([(4.0, 1.0), (8.0, 1.0)])[1] == 1.0


@given(speed=st.floats(0.1, 1e6), faster=st.floats(1, 100), gmacs=st.floats(0.001, 1000))
def test_a_faster_setup_is_never_slower(speed: float, faster: float, gmacs: float) -> None:
    recipe = Recipe(13.7, 0.99, 1.5e-4, 0.44, 0.3)
    assert recipe.seconds(speed * faster, gmacs, 10.0, 100.0) <= recipe.seconds(speed, gmacs, 10.0, 100.0) * 1.000001


def test_few_chips_get_a_wider_range_than_many() -> None:
    errors = [(f"chip {i}", x) for i, x in enumerate(np.linspace(-1, 1, 40))]
    few = balanced([(f"chip {int(n.split()[1]) % 4}", x) for n, x in errors])
    many = balanced(errors)
    assert few[1] - few[0] > many[1] - many[0]


def test_rows_count_only_where_their_whole_key_and_scenario_say_so() -> None:
    rows = packed(SOURCES)("published_public")
    good = next(r for r in rows if single_call(r))
    # Each of these once entered a fit of single calls, or would.
    for field, value in (
        ("batch", ""), ("batch", "8"), ("scenario", "server"), ("scenario", "offline"), ("device_count", "2"), ("device_variant", "maxq"),
        ("device_variant", "vgpu"), ("weigh", "0"), ("inferred", "1"), ("quality_flag", "suspect-run"), ("row_use", "check-only"),
        ("host", "Cluster of ten boards"),
    ):  # fmt: skip
        assert not single_call({**good, field: value}), (field, value)
    for field, value in (("runtime", "other 1.0"), ("precision", "int4"), ("batch", ""), ("device_kind", "mcu"), ("chip_id_catalog", "x")):
        assert key_of({**good, field: value}) != key_of(good), field
    assert key_of({**good, "runtime": "TensorRT 8.6.0, CUDA 12.0"})[2:4] == ("tensorrt cuda", "8.6.0+12.0")


def test_no_forecast_is_called_published(catalog: Catalog) -> None:
    # `published` is for the exact key of a row; what is worked out from rows is an estimate, however many there are.
    f = forecast(Workload(4.11, 25.6, 11.1, 102e6, "fp32"), machines_from_builds(catalog.builds([]), catalog), None)
    assert {f.basis(i).value for i in range(len(f.fits))} == {"estimated"}
