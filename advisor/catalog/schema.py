"""What every table of the catalog holds: columns with type, unit, range and allowed words, keys, and what points where.

Read by the check of the catalog and by its loading: a row that does not hold is named by the one and left out by the other.
"""

from __future__ import annotations

from typing import Final

from advisor.catalog.columns import FLAGS, YES_NO, Column, Table, amount, day, flag, number, one_of, refers, text, told

_FAR_AHEAD: Final = 2200
_QUALITY: Final = one_of("quality", "primary", "secondary", "judgement", "", needed=False)
# Facts with a source: a number with its range, where it holds, and how sure it is.
_FACTS: Final = (
    *told("item"), *number("as in unit", "value", "low", "high"), *text("unit", "country", "where", "source"), *day("source_date"),
    *_QUALITY, *text("note"),
)  # fmt: skip


def _facts(*key: str) -> Table:
    return Table(
        _FACTS, key or ("item", "country", "where", "unit", "source", "value"), amounts=("value",), dated="source_date",
        excuse="quality", sourced=("value",), ordered=(("low", "value", "high"),),
    )  # fmt: skip


_CHIP_KINDS: Final = ("gpu", "igpu", "cpu", "npu", "tpu", "asic", "soc")
_UNIT_KINDS: Final = ("cpu", "gpu", "igpu", "npu", "asic", "fpga", "mcu")
_ISA: Final = ("neon", "sve+i8mm", "avx2", "avx512", "avx512+vnni", "amx", "unknown")

TABLES: Final[dict[str, Table]] = {
    "aliases": Table(
        (
            *told("alias"), *one_of("alias_type", "accelerator", "cpu_string", "instance_family_accelerator", "instance_family_cpu"),
            *told("publisher"), *amount("GB", "memory_gb_hint", high=1000), *refers("chip_id", "chips.chip_id", needed=False),
            *number("share of the family", "share", high=1), *one_of("confidence", "high", "medium", "low", "none"),
            *text("notes"), *told("source"), *day("as_of", needed=True),
        ),
        ("alias", "alias_type", "publisher", "memory_gb_hint", "chip_id"),
    ),
    "carbon": Table(
        (
            *one_of("scope", "country", "us_state", "cloud_region", "cloud_region_pue", "provider_pue"), *text("provider", "code", "name"),
            *number("g CO2e/kWh", "gco2e_per_kwh", high=2000), *number("share", "carbon_free_share", high=1),
            *number("ratio", "pue", low=1, high=3), *number("year", "year", low=1990, high=_FAR_AHEAD, needed=True), *told("source"),
            *day("as_of", needed=True), *flag("usable"), *text("usable_reason"),
        ),
        ("scope", "provider", "code", "name", "year", "source"), "usable",
    ),
    "checks": Table(
        (
            *told("id", "check", "plain_question", "needs_from_owner", "minimum_sample", "method", "library", "library_status",
                  "honest_verdict", "cannot_tell", "seed_section", "source"), *day("as_of", needed=True),
        ),
        ("id",),
    ),
    "chip_id_map": Table(
        (
            *told("file", "chip_id_in_file"), *one_of("device_kind", *_UNIT_KINDS), *told("device_example"),
            *amount("rows", "rows", needed=True), *refers("chip_id_catalog", "chips.chip_id", needed=False), *told("match"),
            *refers("nearest_in_catalog", "chips.chip_id", needed=False), *text("note", "flag"),
        ),
        ("file", "chip_id_in_file", "device_kind"),
    ),
    "chip_ranges": Table(
        (
            *refers("chip_id", "chips.chip_id"), *told("fact"), *amount("as in chips", "low", "used", "high", needed=True),
            *told("values"), *text("left_aside", "left_aside_because"), *day("as_of", needed=True),
        ),
        ("chip_id", "fact"), ordered=(("low", "used", "high"),),
    ),
    "chip_speeds": Table(
        (
            # May be a chip that chips.csv lacks: it teaches the fit and is never advised.
            *told("chip_id"), *one_of("unit", "cpu", "cpu-words", "gpu", "gpu-words", "npu"),
            *amount("GMAC/s, GB/s for words", "gmacs_per_s", needed=True), *number("s", "overhead_s", high=10, needed=True),
            *number("log", "log_spread", high=5, needed=True), *amount("rows", "rows", needed=True), *told("sources", "basis"),
            *number("log", "departure", low=-5, high=5, needed=True),
        ),
        ("chip_id", "unit"),
    ),
    "chips": Table(
        (
            *told("chip_id", "name", "vendor"), *one_of("kind", *_CHIP_KINDS),
            *one_of("class", "datacenter", "workstation", "laptop", "edge-module", "usb-stick"), *text("arch"),
            *day("release_date", loose=True),
            *amount("TFLOPS", "fp32_tflops", "tf32_tflops", "fp16_tflops", "fp16_fp32acc_tflops", "fp16_vector_tflops", "bf16_tflops",
                    "fp8_tflops", "fp4_tflops", high=1e6),
            *amount("TOPS", "int8_tops", "int4_tops", high=1e6), *number("GB", "memory_gb", high=100_000), *text("memory_type"),
            *amount("GB/s", "memory_bandwidth_gbps", high=1e8), *amount("MB", "on_chip_memory_mb", high=1e6),
            *amount("W", "tdp_w", high=30_000), *amount("nm", "process_nm", high=1000), *amount("", "cores", "threads", high=1e6),
            *amount("GHz", "base_ghz", "boost_ghz", high=10), *text("simd"), *amount("FLOP", "fp32_flops_per_cycle_core", high=1024),
            *text("supported_runtimes", "ort_execution_providers", "small_business_access", "perf_basis", "notes"), *told("source"),
            *day("as_of", needed=True), *text("fact_note"), *flag("recommendable", YES_NO), *told("recommend_reason"),
        ),
        ("chip_id",), promises=(("supported_runtimes",),),
    ),
    "cold_start": _facts(),
    "cost_parts": Table(
        (
            *told("id", "component"), *one_of("edge", "yes", "no"), *one_of("cloud", "yes", "no"), *one_of("hybrid", "yes", "no"),
            *text("typical_range", "unit", "source"), *day("source_date", loose=True), *text("source_quality", "note"),
            *day("as_of", needed=True),
            *refers("defaults", "defaults.path", "|", needed=False),
        ),
        ("id",), sourced=("typical_range",),
    ),
    "cpu_families": Table(
        (
            *told("provider", "family"), *refers("chip_id", "chips.chip_id", needed=False),
            *text("cpu_manufacturer", "cpu_model", "cpu_speed_ghz", "vcpus_per_core"), *one_of("isa_exposed", *_ISA),
            *text("memory_generation"), *amount("MT/s", "memory_speed_mts", high=20_000),
            *amount("types", "n_instance_types", "min_vcpus", "max_vcpus", needed=True), *told("example", "source"),
            *day("as_of", needed=True),
        ),
        ("provider", "family", "chip_id", "cpu_model", "cpu_speed_ghz", "isa_exposed"), ordered=(("min_vcpus", "max_vcpus"),),
    ),
    "defaults": Table(
        (
            *told("path", "value"), *number("as in unit", "low", "high"), *text("unit"), *told("source"), *day("as_of", needed=True),
            *_QUALITY,
        ),
        ("path",), ordered=(("low", "high"),),
    ),
    "devices": Table(
        (
            *told("device_id", "name", "vendor", "form"), *refers("chip_ids", "chips.chip_id", "|", needed=False),
            *amount("GB", "memory_gb", high=10_000), *amount("USD", "price_usd", "price_low_usd", "price_high_usd", high=200_000),
            *day("price_as_of", loose=True), *text("price_basis"), *amount("W", "idle_w", "typical_load_w", "max_w", high=5000),
            *text("power_basis"), *amount("years", "expected_life_years", high=30), *text("os"), *one_of("needs_host", "True", "False"),
            *text("notes"), *told("source"), *flag("recommendable", YES_NO), *told("recommend_reason"), *text("host_kind", "price_age"),
            *one_of("host_link", "none", "M.2", "PCIe", "USB", "board connector", "", needed=False),
        ),
        ("device_id",), amounts=("price_usd", "price_low_usd"), dated="price_as_of", excuse="price_age",
        ordered=(("price_low_usd", "price_usd", "price_high_usd"), ("idle_w", "typical_load_w", "max_w")), price="device",
        promises=(("chip_ids",), ("price_usd", "price_low_usd"), ("price_as_of",), ("typical_load_w", "max_w"), ("host_link",)),
    ),
    "egress": Table(
        (
            *told("provider", "region"), *one_of("kind", "internet_egress", "inter_region", "object_storage", "block_storage"),
            *told("tier"), *one_of("unit", "GB", "GB-month"), *amount("USD", "usd_per_unit", high=2, needed=True), *told("source"),
            *day("as_of", needed=True), *flag("usable"), *text("usable_reason"),
        ),
        ("provider", "region", "kind", "tier", "unit", "source"), "usable", price="data out",
    ),
    "electricity": Table(
        (
            *told("country_iso2", "consumer"), *amount("USD/kWh", "usd_per_kwh", high=2, needed=True), *amount("/kWh", "local_per_kwh"),
            *text("local_currency"), *number("year", "year", low=2000, high=_FAR_AHEAD, needed=True), *text("period"), *told("source"),
            *day("as_of", needed=True), *flag("usable"), *text("usable_reason"),
        ),
        ("country_iso2", "consumer", "year", "period", "source"), "usable", price="electricity",
    ),
    "failure": _facts(),
    "fx": Table(
        (*told("currency"), *amount("", "per_eur", "per_usd", needed=True), *told("source"), *day("as_of", needed=True)),
        ("currency",), price="exchange rate",
    ),
    "governance": Table((*told("ref", "topic_in_own_words", "program_does", "owner_does", "source"), *day("as_of", needed=True)), ("ref",)),
    "hosted_services": Table(
        (
            *told("task", "provider", "service_model", "unit"), *amount("USD", "usd_per_unit", high=1000, needed=True), *text("tier_note"),
            *text("retires_on"), *amount("line", "hosted_api_line", needed=True), *told("source"), *day("as_of"), *text("caution"),
        ),
        ("task", "provider", "service_model", "unit"), amounts=("usd_per_unit",), dated="as_of", excuse="caution", price="hosted service",
    ),
    "hosted_text": Table(
        (
            *told("provider", "model"), *one_of("size_class", "small", "medium", "large", "frontier"), *told("class_basis"),
            *one_of("open_weights", "yes", "no", "unknown"), *told("open_weights_basis"), *amount("10^9", "params_billions", high=10_000),
            *amount("tokens", "context_tokens", needed=True),
            *amount("USD/10^6 tokens", "usd_per_1m_input", "usd_per_1m_output", high=1000, needed=True),
            *amount("USD/10^6 tokens", "usd_per_1m_cached_input", high=1000), *one_of("eu_hosting", "yes", "no", "likely", "unknown"),
            *told("eu_hosting_basis"), *text("retires_on"), *amount("line", "hosted_api_line_in", "hosted_api_line_out", needed=True),
            *told("source"), *day("as_of", needed=True), *text("caution"), *told("cross_check"),
        ),
        ("provider", "model"), price="hosted service",
    ),
    "labour": _facts(),
    "mobile": _facts(),
    "models": Table(
        (
            *told("model_id", "model", "family"), *text("task"), *amount("10^6", "params_millions"), *amount("10^9", "gmacs"),
            *amount("MB", "weights_mb_fp32"), *text("input_shape"), *told("source", "cost_basis"),
        ),
        ("model_id",),
    ),
    "network": _facts(),
    "network_model": Table(
        (
            *told("zones"), *number("ms", "intercept_ms", low=-100, high=1000, needed=True),
            *amount("ms/km", "ms_per_km", high=1, needed=True), *amount("ratio", "ratio_p10", "ratio_p50", "ratio_p90", high=10),
            *amount("pairs", "pairs"),
        ),
        ("zones",), ordered=(("ratio_p10", "ratio_p50", "ratio_p90"),),
    ),
    "noise_floor": Table(
        (
            *told("what"), *amount("rows", "n", needed=True), *amount("ratio", "ratio_median", needed=True),
            *number("%", "med_abs_pct", "p90_abs_pct", "med_abs_pct_after_removing_common_factor", "p90_after", needed=True),
        ),
        ("what",), ordered=(("med_abs_pct", "p90_abs_pct"),),
    ),
    "operator_support": Table(
        (
            *refers("runtime", "runtimes.runtime"), *told("operator"), *one_of("support", "yes", "partly", "no", "unknown"),
            *text("condition"), *told("source"), *day("as_of", needed=True),
        ),
        ("runtime", "operator"),
    ),
    "outage": _facts(),
    "owned_classes": Table(
        (
            *told("id"), *text("words"), *number("year", "year_from", "year_to", low=1900, high=_FAR_AHEAD, needed=True),
            *amount("", "cores", needed=True), *amount("GFLOPS", "gflops_low", "gflops_likely", "gflops_high", needed=True),
            *amount("GB/s", "bandwidth_gbps", needed=True),
            *amount("W", "idle_w_low", "idle_w_likely", "idle_w_high", "busy_w_low", "busy_w_likely", "busy_w_high", needed=True),
            *amount("GB", "memory_gb", needed=True), *one_of("takes_card", "yes", "no"),
            *number("W", "card_w", low=0, high=2000, needed=True), *one_of("m2_slot", "yes", "no"),
            *told("source"), *day("as_of", needed=True),
        ),
        ("id",), ordered=(
            ("year_from", "year_to"), ("gflops_low", "gflops_likely", "gflops_high"), ("idle_w_low", "idle_w_likely", "idle_w_high"),
            ("busy_w_low", "busy_w_likely", "busy_w_high"),
        ),
    ),
    "preprocessing": _facts("item", "country", "where", "unit", "source", "value", "low", "note"),
    "price_drift": Table(
        (
            *told("series"), *day("from", "to", needed=True), *amount("pairs", "matched_pairs", needed=True),
            *number("share", "share_unchanged", "share_up", "share_down", high=1, needed=True),
            *number("ratio", "median_abs_change_of_changed", "p95_abs_change", needed=True),
            *number("share", "share_within_10pct", high=1, needed=True),
        ),
        ("series", "from", "to"), ordered=(("share_unchanged", "share_within_10pct"),),
    ),
    "regions": Table(
        (
            *told("provider", "region"), *text("country_iso2"), *one_of("eu_member", "yes", "no", "", needed=False),
            *one_of("eea_member", "yes", "no", "", needed=False), *told("special_region", "owner_can_use"), *text("special_basis"),
        ),
        ("provider", "region"),
    ),
    "runtimes": Table(
        (
            *told("runtime"), *one_of("runs_on", "processor", "accelerator", "both"),
            *one_of("unsupported", "processor", "stops", "unknown"), *told("source"), *day("as_of", needed=True),
        ),
        ("runtime",),
    ),
    "sample_workloads": Table(
        (
            *told("id", "task", "unit", "name", "model"), *amount("10^6", "params_millions"), *amount("10^9", "gmacs"),
            *amount("10^6", "activations_millions"), *text("precision", "input_shape"), *amount("10^9", "params_billions"),
            *amount("tokens", "prompt_tokens", "output_tokens", "context_tokens"), *amount("kB", "input_kb", "output_kb", needed=True),
            *amount("a day", "units_small", "units_typical", "units_busy", needed=True), *told("volume_source", "source"),
            *day("as_of", needed=True),
        ),
        ("id",), ordered=(("units_small", "units_typical", "units_busy"),),
    ),
    "serverless": Table(
        (
            *told("provider", "service", "region", "resource", "unit"), *amount("USD", "usd_per_unit", high=1000),
            *text("free_tier", "notes"), *told("source"), *day("as_of"), *flag("usable"), *text("usable_reason"),
        ),
        ("provider", "service", "region", "resource", "unit", "notes"), "usable", amounts=("usd_per_unit",), dated="as_of",
        excuse="usable_reason", price="function",
    ),
    "sources": Table(
        (*told("source_id", "title", "licence", "url"), *day("as_of_min", "as_of_max", needed=True), *amount("rows", "rows", needed=True)),
        ("source_id",),
    ),
    "speed_classes": Table(
        (
            *told("name"), *number("", "value", "low", "high", low=-1e6, high=1e6, needed=True), *number("rows", "rows", needed=True),
            *told("source"),
        ),
        ("name",), ordered=(("low", "high"),),
    ),
    "unresolved": Table(
        (
            *one_of("kind", "accelerator", "cpu family", "evidence", "alias"), *told("provider"), *text("name"),
            *amount("rows", "rows", needed=True), *told("reason"), *refers("nearest", "chips.chip_id", needed=False),
        ),
        ("kind", "provider", "name"),
    ),
    "upkeep": _facts(),
    "vat": _facts("item", "country", "where", "value"),
    "volumes": _facts(),
}  # fmt: skip

# Big tables: packed columns (`advisor.catalog.packed`).
PACKED: Final[dict[str, Table]] = {
    "hosted_prices": Table(
        (
            *amount("USD", "usd_per_unit", high=100_000, needed=True), *number("0 no, 1 caution, 2 yes", "usable", high=2, needed=True),
            *told("provider", "service_model", "task", "unit"), *text("limits"), *told("source"), *day("as_of"),
            *one_of("row_kind", "list", "cached", "batch", "audio tokens", "image tokens", "reasoning (already in output price)"),
            *told("seller_kind"), *text("region_in_id"),
            *one_of("life", "no date in source", "retires within 6 months", "retires later", "retired"),
            *text("retires_on", "retires_basis", "alias_of", "usable_reason"),
        ),
        ("provider", "service_model", "task", "unit", "row_kind", "limits"), "usable", amounts=("usd_per_unit",), dated="as_of",
        excuse="usable_reason", price="hosted service",
    ),
    "latencies": Table(
        (
            *amount("10^6", "params_millions"), *amount("10^9", "gmacs"), *amount("10^6", "activations_millions"), *amount("", "batch"),
            *amount("", "threads", "device_count"), *amount("ms", "latency_ms", "latency_low_ms", "latency_high_ms", high=1e9),
            *amount("as in throughput_unit", "throughput", high=1e12), *amount("W", "power_w", high=1e6),
            *number("", "weigh", high=1, needed=True),
            *one_of("file", "published", "timm", "aihub", "aihub_llm", "ncnn"), *told("source", "source_commit"), *text("source_ref"),
            *told("as_of", "device", "chip_in_source"), *refers("chip_id", "chips.chip_id", needed=False),
            *one_of("device_kind", *_UNIT_KINDS), *text("device_variant", "host"), *told("model"),
            *text("model_id", "task", "input_shape", "precision", "precision_norm", "runtime"), *told("scenario"),
            *text("latency_kind", "throughput_unit", "power_kind"), *told("use"), *text("flags"), *told("licence"), *text("notes"),
        ),
    ),
}  # fmt: skip

# Offers: columns over offers, over machine types and over regions. Codes point into the word lists beside them.
OFFERS: Final[dict[str, Column]] = {
    c.name: c
    for c in (
        *amount("USD/hour", "usd_per_hour", high=2000, needed=True), *amount("USD/hour", "usd_per_hour_spot", high=2000),
        Column("usable", "number", "0 no, 1 caution, 2 yes", 0, 2, needed=True, allowed=FLAGS),
        *amount("", "type_vcpus", high=2000), *amount("GiB", "type_memory_gib", high=50_000), *amount("", "type_chips", high=1000),
        *amount("GiB", "type_chip_gib", high=50_000), *amount("GHz", "type_ghz", high=10), *amount("", "type_vcpus_per_core", high=8),
    )
}  # fmt: skip
# The column of codes and the list that it points into.
OFFER_CODES: Final = {
    "type_row": "type_name", "region_row": "region_name", "reason_code": "reasons", "flags_code": "flags", "date_code": "dates",
    "spot_use_code": "spot_uses", "source_code": "sources", "type_note_code": "notes",
}  # fmt: skip
OFFER_WORDS: Final = {
    "type_arch": ("", "x86_64", "arm64"), "type_status": ("ok", "caution", "no"), "type_isa": _ISA,
}  # fmt: skip
# What is known to be wrong with a price.
PRICE_FLAGS: Final = frozenset(
    {
        "", "spot_derived", "known_price_cut_since", "windows_price_corrected", "suspect_windows_price", "as_of_is_window_start",
        "currency_unverified", "undated_source",
    }
)  # fmt: skip
SPOT_OVER_ON_DEMAND: Final = 1.05
FAR_FROM_NEIGHBOURS: Final = 4.0
