"""Random needs: every field of the schema, told or left open or not sure, at ordinary values and at the ends the schema allows."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from advisor.need import TASKS
from advisor.schema_check import schema

if TYPE_CHECKING:
    from random import Random

SCHEMA: Final = schema("need")
MODELS: Final[tuple[dict[str, Any], ...]] = (
    {"reference": "photo-sorting"},
    {"reference": "suggestions"},
    {"reference": "speech-notes"},
    {"reference": "chat-helper"},
    {"hosted_service": "azure_ai:prebuilt-read"},
    {"features": {"params_millions": 3.2, "gmacs": 4.4}},
    {"features": {"params_millions": 60, "gmacs": 150, "activations_millions": 90, "precision": "fp16"}},
    {"text_model": {"params_billions": 8, "prompt_tokens": 900, "output_tokens": 250}},
    {"text_model": {"params_billions": 1.5, "prompt_tokens": 300, "output_tokens": 60, "context_tokens": 4000}},
)
COUNTRIES: Final = ("DE", "US", "CH", "GB", "NL", "BT", "AR", "JP", "IN", "PL")
# Computers as owners name them; the strange one stands for what nobody has heard of.
COMPUTERS: Final = ("office PC 2021", "till PC", "gaming PC 2022", "old laptop 2012", "server 2023", "Wunderkiste")
RENTED: Final = (("hetzner", "cx33"), ("hetzner", "cx23"))
QUOTES: Final = ("device:raspberry-pi-5", "machine:hetzner:cx33:fsn1", "service:groq:whisper-large-v3-turbo", "data-out")
# What ordinary firms tell; the ends of the schema come in besides.
ORDINARY: Final[dict[str, tuple[float, float]]] = {
    "business.people": (1, 200),
    "job.model_calls_per_unit": (0.5, 20),
    "load.units_per_day": (5, 200_000),
    "load.days_per_week": (1, 7),
    "load.open_hours_per_day": (2, 24),
    "load.busiest_hour_units": (2, 20_000),
    "load.growth_percent_per_year": (-20, 60),
    "load.sites": (1, 12),
    "load.input_kb_per_unit": (0.5, 5000),
    "load.output_kb_per_unit": (0.1, 200),
    "load.rare_peak.units_per_day": (500, 500_000),
    "load.rare_peak.busiest_hour_units": (100, 50_000),
    "load.rare_peak.days_per_year": (1, 30),
    "load.batch.units": (100, 100_000),
    "load.batch.times_per_year": (1, 100),
    "speed.limit_ms": (50, 60_000_000),
    "speed.percentile": (50, 100),
    "rules.confidential_share": (0, 1),
    "rules.longest_outage_minutes": (1, 5000),
    "site.uplink_mbps": (0.5, 1000),
    "site.mobile_gb_per_month": (1, 500),
    "site.mobile_price_per_gb": (0.2, 15),
    "site.power_limit_w": (5, 2000),
    "site.owned[].memory_gb": (2, 128),
    "site.rented[].spare_share": (0, 1),
    "money.upfront_max": (0, 20_000),
    "money.monthly_max": (0, 2000),
    "money.horizon_years": (0.5, 8),
    "money.electricity_per_kwh": (0.05, 0.6),
    "money.staff_hour": (8, 120),
    "money.discount_percent": (0, 12),
    "money.quotes[].amount": (0.001, 500),
    "money.quotes[].bound_months": (1, 36),
}


def random_need(rng: Random) -> dict[str, Any]:
    """A NEED.json that fits the schema; a few contradict themselves and are refused."""
    need: dict[str, Any] = _value(rng, SCHEMA, "")
    need["job"] |= {"task": rng.choice(TASKS), "model": rng.choice(MODELS)}
    if need["job"].get("more_models"):
        need["job"]["more_models"] = [{"model": MODELS[5], "calls_per_unit": rng.choice((None, 1, 3)), "what": None}]
    need["business"]["country"] = rng.choice(COUNTRIES)
    quality = need.get("quality")
    if quality:
        quality["health"] = rng.choice((None, None, None, "passed", "failed"))
    for group, field, chance in (
        ("rules", "identifies_people", 0.1), ("rules", "decision_about_people", 0.1), ("quality", "simple_rule_could_do", 0.1),
        ("rules", "must_work_without_internet", 0.3), ("load", "rare_peak", 0.3), ("load", "batch", 0.2),
    ):  # fmt: skip
        # Otherwise most would be stopped by one of them, and nothing else would be tried.
        if need.get(group) and need[group].get(field) not in (None, False) and rng.random() > chance:
            need[group][field] = None
    peak = need["load"].get("rare_peak")
    if peak and rng.random() < 0.9:
        peak["units_per_day"] = max(peak["units_per_day"], need["load"]["units_per_day"])
    money, site = need.get("money"), need.get("site")
    if money:
        money["currency"] = rng.choice((None, "EUR", "USD", "JPY"))
        quotes = rng.sample(QUOTES, len(money.get("quotes") or ()))
        money["quotes"] = [
            {**q, "price_of": p, "currency": None, "per": None, "bound_months": None, "seen_on": None}
            for p, q in zip(quotes, money.get("quotes") or (), strict=True)
        ]
    if site:
        site["owned"] = [
            {**o, "what": rng.choice(COMPUTERS), "chip_id": None, "gpu_chip_id": None, "is_this_computer": False}
            for o in site.get("owned") or ()
        ]
        rented = rng.sample(RENTED, min(len(site.get("rented") or ()), len(RENTED)))
        site["rented"] = [{**r, "provider": p, "instance_type": t} for (p, t), r in zip(rented, site.get("rented") or (), strict=False)]
    return need


def _value(rng: Random, rule: dict[str, Any], path: str) -> Any:
    if "$ref" in rule:
        return _value(rng, SCHEMA["$defs"][rule["$ref"].rsplit("/", 1)[1]], path)
    if "const" in rule:
        return rule["const"]
    if "enum" in rule:
        return rng.choice(rule["enum"])
    if "anyOf" in rule:
        return _value(rng, rng.choices(rule["anyOf"], [6, 1, 2])[0], path)
    kinds = rule["type"] if isinstance(rule["type"], list) else [rule["type"]]
    if kinds == ["null"] or ("null" in kinds and rng.random() < 0.3):
        return None
    match next(k for k in kinds if k != "null"):
        case "object":
            if path == "job.model" or path.endswith(".model"):
                return MODELS[0]
            told = [f for f in rule["properties"] if f in rule.get("required", ()) or rng.random() < 0.7]
            return {f: _value(rng, rule["properties"][f], f"{path}.{f}".lstrip(".")) for f in told}
        case "array":
            return [_value(rng, rule["items"], f"{path}[]") for _ in range(rng.choice((0, 1, 1, 2)))]
        case "boolean":
            return rng.random() < 0.5
        case "integer":
            return round(_number(rng, rule, path))
        case "number":
            return _number(rng, rule, path)
        case _:
            return (
                "DE"
                if "{2}" in rule.get("pattern", "")
                else "EUR"
                if "{3}" in rule.get("pattern", "")
                else rng.choice(("x", "Größe 7 & Co"))
            )


def _number(rng: Random, rule: dict[str, Any], path: str) -> float:
    # A field that nobody gave ordinary values yet.
    low, high = ORDINARY.get(path) or (max(rule.get("minimum", 0.0), 1.0), min(rule["maximum"], 100.0))
    if rng.random() < 0.06:
        least = rule.get("minimum", rule.get("exclusiveMinimum", 0) + 1e-6)
        return float(rng.choice((least, rule["maximum"])))
    if low <= 0 or high / low < 20:
        return float(rng.choice((low, high, round(rng.uniform(low, high), 3)))) if rng.random() < 0.3 else round(rng.uniform(low, high), 3)
    return float(f"{math.exp(rng.uniform(math.log(low), math.log(high))):.4g}")
