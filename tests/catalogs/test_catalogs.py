"""The catalog on file: built from its sources byte for byte, refused when changed, and complete where advice leans on it."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import shutil
import zipfile
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pytest

from advisor.catalog import Catalog, load
from advisor.catalog.packed import Npz, Packed, npz_bytes, packed
from advisor.catalog_check import check
from advisor.need import TASKS
from advisor.problems import AdvisorError
from catalogs.build import hardware, tables
from catalogs.build.__main__ import LEFT_ASIDE, PLAIN, main, seal
from catalogs.build.offers import family_of, names
from catalogs.build.tables import number, rows, write
from tests.advisor.answers import KINDS, ROOT, TODAY, the_catalog, worked

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

HERE = ROOT / "catalogs"
INDEX = json.loads((HERE / "catalog.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The whole catalog, built again."""
    folder = tmp_path_factory.mktemp("built")
    main(folder)
    return folder


def test_building_again_gives_the_same_bytes(built: Path) -> None:
    made = {p.name for p in built.iterdir()}
    assert made == {*INDEX["files"], "catalog.json", "REPORT.md"}
    different = [name for name in sorted(made) if (built / name).read_bytes() != (HERE / name).read_bytes()]
    assert not different


def test_the_index_fits_the_files() -> None:
    for name, facts in INDEX["files"].items():
        assert hashlib.sha256((HERE / name).read_bytes()).hexdigest() == facts["sha256"], name
    assert check(HERE) == ()


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    folder = tmp_path / "catalogs"
    folder.mkdir()
    for name in (*INDEX["files"], "catalog.json"):
        shutil.copy(HERE / name, folder / name)
    return folder


@pytest.mark.parametrize("name", ["fx.csv", "defaults.csv", "offers.npz"])
def test_a_changed_file_is_refused_by_name(copy: Path, name: str) -> None:
    content = (copy / name).read_bytes()
    (copy / name).write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    catalog = load(copy)
    with pytest.raises(AdvisorError) as caught:
        _ = catalog.offers if name == "offers.npz" else catalog.table(name.removesuffix(".csv"))
    assert caught.value.problems[0].field == name
    assert [p.field for p in check(copy)] == [name]


def test_a_missing_file_is_refused_by_name(copy: Path) -> None:
    (copy / "fx.csv").unlink()
    with pytest.raises(AdvisorError) as caught:
        load(copy).exchange("EUR")
    assert caught.value.problems[0].field == "fx.csv"


@pytest.mark.parametrize("change", [{"schema": 2}, {"files": None}, {"version": None, "files": 3}])
def test_an_index_of_another_form_is_refused(copy: Path, change: dict[str, object]) -> None:
    (copy / "catalog.json").write_text(json.dumps({**INDEX, **change}), encoding="utf-8")
    with pytest.raises(AdvisorError) as caught:
        load(copy)
    assert caught.value.problems[0].field == "catalog.json"


def test_packed_arrays_have_no_clock_in_them() -> None:
    arrays = {"a": np.arange(5), "b": np.array(["x", "yy"])}
    assert npz_bytes(arrays) == npz_bytes(arrays)


def test_a_packed_table_reads_back_as_it_was_written() -> None:
    table = Packed(npz_bytes(packed({"maker": ["b", "", "é"], "ms": np.array([27.14, np.nan, 1e6], dtype=np.float32)})))
    assert [table.text("maker", i) for i in range(3)] == ["b", "", "é"]
    assert table.row(0) == {"maker": "b", "ms": 27.14}
    assert table.rows_where("maker", "é").tolist() == [2]
    assert table.rows_where("maker", "nobody").tolist() == []
    assert len(table.kept(np.array([True, False, True]))) == 2
    with pytest.raises(ValueError, match="maker"):
        packed({"maker": ["a\nb"]})


@pytest.mark.parametrize(
    "array", [np.arange(6.0).reshape(2, 3), np.arange(6).reshape(2, 3).T, np.zeros(0, dtype=np.uint8), np.array(1.5), np.array(["é", ""])]
)
def test_an_array_reads_back_as_numpy_reads_it(array: np.ndarray) -> None:
    content = npz_bytes({"a": array})
    found = Npz(content)
    with np.load(io.BytesIO(content)) as file:
        assert found.names == tuple(file.files)
        assert found["a"].dtype == file["a"].dtype
        assert found["a"].shape == file["a"].shape
        assert np.array_equal(found["a"], file["a"])
    with pytest.raises(ValueError, match="read-only"):
        found["a"][...] = 1


def test_an_array_of_python_objects_or_of_another_length_is_refused() -> None:
    out = io.BytesIO()
    np.savez(out, a=np.array([{}, None], dtype=object))
    with pytest.raises(ValueError, match="object"):
        Npz(out.getvalue())["a"]
    whole = io.BytesIO()
    np.lib.format.write_array(whole, np.arange(5))
    for member in (whole.getvalue()[:-8], whole.getvalue() + bytes(8), b"", b"PK"):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            archive.writestr("a.npy", member)
        with pytest.raises(ValueError):  # noqa: PT011 - which words numpy finds for it does not matter
            Npz(out.getvalue())["a"]


@pytest.mark.parametrize(
    ("provider", "machine", "family"),
    [("aws", "c5.large", "c5"), ("azure", "Standard_D16as_v5", "DASv5"), ("azure", "Standard_F8s", "FS"), ("gcp", "n2-standard-8", "n2"),
     ("hetzner", "cx33", "cx"), ("azure", "Basic_A1", "")],
)  # fmt: skip
def test_families_of_processors(provider: str, machine: str, family: str) -> None:
    assert family_of(provider, machine) == family


def test_of_several_processors_of_a_family_the_weakest_counts() -> None:
    family = names().families["aws", "c5"]
    assert (family["isa_exposed"], family["cpu_speed_ghz"]) == ("avx512", "3.4")


def test_of_several_figures_the_smallest_is_taken() -> None:
    assert number("2.7/2.8") == 2.7
    assert np.isnan(number(""))


# ---- nothing that was handed over is lost ------------------------------------------------------------------------


def test_every_source_becomes_a_table_or_says_why_not() -> None:
    packed_sources = {p.name.split(".")[0] for p in (HERE / "sources").iterdir()}
    told = {name.split(".")[0] for key in LEFT_ASIDE for name in key.split(", ")}
    own = {"chips", "devices", "hosted_api", "network_model", "distrusted", "operator_support", "tco_components", "cost_part_defaults"}
    assert packed_sources - told - own - set(PLAIN.values()) == set()


def test_counts_reach_what_was_promised() -> None:
    c = the_catalog()
    assert len(c.offers) >= 95_000
    assert len(set(c.offers.region_provider.tolist())) >= 24
    assert len(c.chips) >= 300
    assert len(c.devices) >= 110
    assert len(c.hosted_prices) >= 10_000
    assert len(c.latencies) >= 50_000


def test_what_is_usable_stays_as_the_source_has_it() -> None:
    """But for machines with an accelerator that is none of ours: those are never advised."""
    o = the_catalog().offers
    priced = [p["usable"] for p in rows("prices") if number(p["usd_per_hour_on_demand"]) > 0]
    now = [int(np.sum(o.usable == code)) for code in range(3)]
    unknown = [i for i in range(len(o)) if "accelerator_unknown" in o.reason_text(i)]
    assert set(o.type_chip[o.type_row[unknown]].tolist()) == {"unresolved"}
    assert np.all(o.usable[o.type_chip[o.type_row] == "unresolved"] == 0)
    assert now[0] >= priced.count("no")
    assert sum(now) == len(priced)
    hosted = the_catalog().hosted_prices
    assert [int(np.sum(hosted.numbers("usable") == code)) for code in range(3)] == [
        sum(r["usable"] == word for r in rows("hosted_api")) for word in ("no", "caution", "yes")
    ]


def test_a_spot_price_stands_beside_with_its_words_and_never_in_the_lead() -> None:
    o = the_catalog().offers
    spot = np.flatnonzero(np.isfinite(o.usd_per_hour_spot))
    assert len(spot) > 30_000
    assert np.all(o.usd_per_hour_spot[spot] <= o.usd_per_hour[spot] * 1.05)
    assert all(o.spot_text(i) for i in spot[::501].tolist())
    given = {p["usd_per_hour_spot"] for p in rows("prices")}
    assert f"{o.usd_per_hour_spot[spot[0]]:.5g}" in {f"{float(x):.5g}" for x in given if x}


def test_published_rows_keep_figure_source_day_and_use() -> None:
    table = the_catalog().latencies
    one = table.row(int(table.rows_where("chip_id", "broadcom-bcm2712")[0]))
    assert (one["model"], one["latency_ms"], one["use"], one["as_of"]) == ("YOLO26n", 36.6, "direct", "2026")
    timm = table.rows_where("file", "timm")
    single = table.rows_where("use", "direct")
    batches = np.setdiff1d(timm, single)
    assert len(batches) == 18_070
    assert {table.text("use", i) for i in batches[::97].tolist()} == {"batch: never a single latency"}
    assert set(table.words("chip_id")) - {""} <= set(the_catalog().chips)
    assert "" not in table.words("source")
    assert "" not in table.words("as_of")


def test_where_sources_differ_there_is_a_range_around_the_figure_used() -> None:
    c = the_catalog()
    assert len(c.chip_ranges) == len(rows("contradictions"))
    for (chip, fact), said in c.chip_ranges.items():
        assert said.low <= said.likely <= said.high
        assert float(next(r for r in c.table("chips") if r["chip_id"] == chip)[fact]) == said.likely
        # Of memory we promise the least that a trusted source names.
        assert fact != "memory_gb" or said.likely == said.low
    assert c.chip_ranges["nvidia-rtx-4090", "bf16_tflops"].high == 330
    assert c.chips["nvidia-b200"].doubt("fp32_tflops") == pytest.approx((62.08 / 80, 1))
    assert c.chips["nvidia-l4"].doubt("fp32_tflops") == (1, 1)
    assert c.chip_ranges["nvidia-b300", "int8_tops"].high < 200


def test_nothing_is_read_before_it_is_asked_for() -> None:
    assert not {"offers", "hosted_prices", "latencies", "chips"} & set(vars(load(HERE)))


# ---- a fact taken away takes its advice along --------------------------------------------------------------------


@pytest.fixture
def without(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str, str, str], Catalog]:
    """The catalog built anew after a cell of a source was emptied: without(source, key column, key, column)."""

    def build(source: str, key: str, value: str, column: str) -> Catalog:
        sources, folder = tmp_path / "sources", tmp_path / "catalog"
        shutil.copytree(HERE / "sources", sources)
        shutil.copytree(HERE, folder, ignore=shutil.ignore_patterns("sources", "build", "__pycache__"))
        table = rows(source)
        for r in table:
            if r[key] == value:
                r[column] = ""
        (sources / f"{source}.csv.xz").unlink()
        write(sources / f"{source}.csv", list(table[0]), table)
        monkeypatch.setattr(tables, "SOURCES", sources)
        hardware.build(folder)
        seal(folder, {name: facts["rows"] for name, facts in INDEX["files"].items()})
        return load(folder)

    return build


@pytest.mark.parametrize(
    ("source", "key", "value", "column"),
    [
        ("devices", "device_id", "jetson-orin-nano-super-devkit", "price_usd"),
        ("chips", "chip_id", "nvidia-jetson-orin-nano-super", "supported_runtimes"),
    ],
)
def test_an_advice_goes_when_the_fact_it_rests_on_goes(
    without: Callable[[str, str, str, str], Catalog], source: str, key: str, value: str, column: str
) -> None:
    asked, name = KINDS["edge_new"], "edge_new:jetson-orin-nano-super-devkit"
    before = worked(asked).choice.best
    assert before is not None
    assert before.id == name
    poorer = without(source, key, value, column)
    after = worked(asked, poorer)
    assert after.choice.best is not None
    assert after.choice.best.id != name
    assert not any(name == g.ids(i) for g in after.groups for i in range(min(g.n, 100)))
    lost = next(d for d in poorer.devices if d["device_id"] == "jetson-orin-nano-super-devkit")
    assert lost["recommendable"] == "no"
    assert "not known any more" in lost["recommend_reason"]


def test_a_card_without_a_told_host_is_not_advised(without: Callable[[str, str, str, str], Catalog]) -> None:
    assert any(b.device_id == "hailo-8-m2" for b in the_catalog().builds(()))
    poorer = without("devices", "device_id", "hailo-8-m2", "host_kind")
    assert not any(b.device_id == "hailo-8-m2" for b in poorer.builds(()))
    lost = next(d for d in poorer.devices if d["device_id"] == "hailo-8-m2")
    assert lost["recommend_reason"] == "not known any more: its host and the link to it"


def test_the_link_to_the_host_is_told_wherever_something_may_be_advised() -> None:
    c = the_catalog()
    advised = [d for d in c.devices if d["recommendable"] == "yes"]
    for d in advised:
        assert (d["host_link"] == "none") == (d["needs_host"] == "False") == (d["host_kind"] == ""), d["device_id"]
    # A chip that may be advised sits in a device with a told link, or in a machine that is rented whole.
    here = {chip for d in advised for chip in d["chip_ids"].split("|")}
    o = c.offers
    rented = {*o.type_chip.tolist(), *o.type_cpu_chip.tolist(), *(f["chip_id"] for f in c.table("cpu_families"))}
    rented |= {a["chip_id"] for a in c.table("aliases") if a["alias_type"] == "instance_family_cpu"}
    assert {chip.id for chip in c.chips.values() if chip.recommendable} <= here | rented


# ---- what is in it -----------------------------------------------------------------------------------------------


def test_enough_chips_and_devices_may_be_advised() -> None:
    assert sum(c.recommendable for c in the_catalog().chips.values()) >= 90
    assert sum(d["recommendable"] == "yes" for d in the_catalog().devices) >= 38


def test_what_may_be_advised_has_a_price_a_source_and_a_chip() -> None:
    chips = the_catalog().chips
    for d in the_catalog().devices:
        if d["recommendable"] == "yes":
            assert number(d["price_usd"] or d["price_low_usd"]) > 0, d["device_id"]
            assert d["source"]
            assert d["price_as_of"]
            assert d["typical_load_w"] or d["max_w"], d["device_id"]
            assert all(c in chips for c in d["chip_ids"].split("|")), d["device_id"]
    by_id = {r["chip_id"]: r for r in the_catalog().table("chips")}
    for c in chips.values():
        if c.recommendable:
            assert by_id[c.id]["source"]
            assert c.as_of, c.id


def test_every_build_is_whole() -> None:
    from advisor.need import Owned

    builds = the_catalog().builds((Owned("gaming PC 2022"),))
    ids = {r["device_id"] for r in the_catalog().devices}
    assert len({b.id for b in builds}) == len(builds)
    for b in builds:
        assert b.priced
        for name, price in b.priced:
            assert 0 < price.low <= price.likely <= price.high
            assert name.removeprefix("device:") in ids
        assert 0 < b.idle_w.likely <= b.load_w.likely <= b.max_w * 1.001, b.id
        assert all(price.source.title and price.source.as_of for _, price in b.priced)


def test_main_regions_are_there() -> None:
    offers = the_catalog().offers
    regions = {(offers.provider_text(i), offers.region_text(i)) for i in range(0, len(offers), 3)}
    assert {
        ("aws", "eu-central-1"), ("aws", "us-east-1"), ("aws", "eu-west-1"), ("azure", "westeurope"), ("azure", "eastus"),
        ("azure", "germanywestcentral"), ("gcp", "europe-west3"), ("gcp", "us-central1"),
    } <= regions  # fmt: skip
    assert {"hetzner", "ovhcloud", "scaleway", "digitalocean"} <= {p for p, _ in regions}
    assert {"DE", "FR", "NL", "IE", "GB", "US", "JP", "AU", "CA", "IN", "BR"} <= set(np.unique(offers.country).tolist())


def test_every_priced_machine_with_an_accelerator_is_kept() -> None:
    """Read anew from the sources: each such price is an offer, and its chip is known or the machine is never advised."""
    offers = the_catalog().offers
    with_chip = {(t["provider"], t["instance_type"]) for t in rows("instance_types") if t["accelerator"]}
    regions = {(r["provider"], r["region"]) for r in rows("regions")}
    priced = [
        (p["provider"], p["instance_type"], p["region"])
        for p in rows("prices")
        if (p["provider"], p["instance_type"]) in with_chip and number(p["usd_per_hour_on_demand"]) > 0
    ]
    kept = np.flatnonzero(offers.type_chip[offers.type_row] != "")
    have = {(offers.provider_text(i), offers.type_text(i), offers.region_text(i)) for i in kept.tolist()}
    assert {p for p in priced if (p[0], p[2]) in regions} == have
    known = set(the_catalog().chips) | {"", "unresolved"}
    assert set(np.unique(offers.type_chip).tolist()) <= known


def test_offers_that_are_offered_have_a_price_a_day_and_a_source() -> None:
    offers = the_catalog().offers
    assert len(offers) > 100_000
    assert np.all(offers.usd_per_hour > 0)
    for i in np.flatnonzero(offers.usable > 0)[::499].tolist():
        assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", offers.as_of_text(i) or "")
        assert date.fromisoformat(offers.as_of_text(i) or "") <= TODAY
        assert offers.source_title(i)
    for i in np.flatnonzero(offers.usable == 1)[::97].tolist():
        assert offers.reason_text(i)


@pytest.mark.parametrize("name", sorted(n.removesuffix(".csv") for n in INDEX["files"] if n.endswith(".csv")))
def test_no_price_is_zero_or_below(name: str) -> None:
    for r in the_catalog().table(name):
        for column, value in r.items():
            if re.match(r"(usd_per|price_(usd|low|high)|per_usd|per_eur)", column) and value and r.get("usable") != "no":
                assert float(value) > 0, (name, column, r)


def test_every_default_has_a_source_a_day_and_a_range_around_it() -> None:
    for r in the_catalog().table("defaults"):
        d = the_catalog().default(r["path"])
        assert d.source.title
        assert date.fromisoformat(d.source.as_of or "") <= TODAY
        if d.low is not None and d.high is not None:
            assert d.low <= float(d.value) <= d.high, d.path


def test_services_cover_pictures_papers_speech_and_text() -> None:
    tasks = {s.task for s in the_catalog().services}
    assert {"vision", "ocr", "speech to text", "embedding"} <= tasks
    assert {s.size_class for s in the_catalog().text_services} == {"small", "medium", "large", "frontier"}
    assert all(s.usd_per_unit > 0 for s in the_catalog().services)
    assert all(s.usd_per_1m_in > 0 and s.usd_per_1m_out > 0 for s in the_catalog().text_services)


def test_one_id_stands_for_one_service() -> None:
    ids = [s.id for s in (*the_catalog().services, *the_catalog().text_services)]
    twice = {i for i in ids if ids.count(i) > 1}
    assert len(ids) > 70
    assert not twice
    assert not [i for i in ids if i.count("(") != i.count(")")]


def test_a_function_bills_all_that_its_seller_bills() -> None:
    """Processor time, memory and calls: a part left out makes a function look cheaper than it is."""
    billed: dict[tuple[str, str, str], set[str]] = {}
    for r in the_catalog().table("serverless"):
        if r["resource"] in ("CPU", "vCPU") and r["usable"] != "no" and r["usd_per_unit"]:
            billed.setdefault((r["provider"], r["service"].removesuffix(" x86"), r["region"]), set()).add(r["resource"])
    cheap = [
        f.id
        for f in the_catalog().functions
        for provider, service, region in billed
        if f.id == f"{provider}:{service.replace(' ', '-')}:{region.replace(' ', '-')}" and not f.usd_per_vcpu_s
    ]
    assert not cheap


@pytest.mark.parametrize("task", TASKS)
def test_every_task_has_a_sample_with_a_model(task: str) -> None:
    s = the_catalog().sample_for_task(task)
    assert s.params_millions or s.params_billions
    assert 0 < s.units_small <= s.units_typical <= s.units_busy
    assert s.input_kb > 0
    assert s.source.title


def test_countries_have_a_price_of_power_and_of_an_hour() -> None:
    from advisor.evidence import Basis

    for country in ("DE", "FR", "GB", "US", "NL", "ES", "IT", "PL", "AT", "CH"):
        power, hour = the_catalog().electricity_for(country), the_catalog().hour_of_work(country)
        assert 0.03 < power.likely < 0.8
        assert 5 < hour.likely < 120
        assert power.basis is Basis.PUBLISHED
    assert the_catalog().electricity_for("ZZ").basis is Basis.ESTIMATED


def test_currencies_of_the_owners_are_known() -> None:
    for currency in ("EUR", "USD", "GBP", "CHF", "JPY", "SEK", "PLN", "CAD", "AUD"):
        rate, source = the_catalog().exchange(currency)
        assert rate > 0
        assert source.as_of
    assert the_catalog().exchange("USD")[0] == 1


def test_the_list_of_sources_names_every_source_and_its_licence() -> None:
    text = (HERE / "SOURCES.md").read_text(encoding="utf-8")
    for r in the_catalog().table("sources"):
        assert f"| {r['source_id']} |" in text, r["source_id"]
    for name in INDEX["files"]:
        assert f"`{name}`" in text, name
    with (HERE / "sources" / "defaults.csv").open(encoding="utf-8") as file:
        assert list(csv.DictReader(file))
    assert "SpareCores" in text
    assert "CC BY-SA" in text


def test_every_part_of_a_bill_names_the_defaults_that_carry_its_range() -> None:
    c = the_catalog()
    parts = {r["id"]: [d for d in r["defaults"].split("|") if d] for r in c.table("cost_parts")}
    assert list(parts) == [f"T{i:02d}" for i in range(1, 30)]
    for id, paths in parts.items():
        for path in paths:
            d = c.default(path)
            assert d.source.title, (id, path)
            assert d.low is not None, (id, path)
            assert d.high is not None, (id, path)
    # What the calculation takes for its own hours, failures, cloud extras and power is all told there.
    told = {p for paths in parts.values() for p in paths}
    every = {r["path"] for r in c.table("defaults")}
    assert {p for p in every if p.startswith(("hours.", "skill.", "failure.", "cloud.", "power."))} <= told


def test_usual_volumes_of_every_job_say_where_they_are_from() -> None:
    for s in the_catalog().sample_workloads:
        assert s.volume_source, s.id
        assert s.units_small < s.units_typical < s.units_busy, s.id
    assert sum("judgement" not in s.volume_source for s in the_catalog().sample_workloads) >= 3
