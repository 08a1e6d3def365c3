"""Needs for the tests of the core, and their answers, worked out once for each need in a run of the tests."""

from __future__ import annotations

import json
from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from advisor import __version__, answer
from advisor.answer import Inputs
from advisor.catalog import Catalog, load
from advisor.explain import explain
from advisor.findings import Findings
from advisor.need import from_json
from advisor.options import candidates
from advisor.played import play_listed
from advisor.recommend import choose

if TYPE_CHECKING:
    from collections.abc import Mapping

    from advisor.advice import Advice
    from advisor.explain import Told
    from advisor.options import Group, Setting
    from advisor.recommend import Choice

ROOT: Final = Path(__file__).resolve().parents[2]
EXAMPLES: Final = ROOT / "assets" / "examples"
TODAY: Final = date(2026, 11, 24)
SEED: Final = 1
SCENARIOS: Final = ROOT.parent / "shared" / "scenarios"


@lru_cache(maxsize=1)
def the_catalog() -> Catalog:
    """The catalog of the repository."""
    return load(ROOT / "catalogs")


def need(**changes: Any) -> dict[str, Any]:
    """A workshop's NEED.json; `load__units_per_day=5` sets a field of a group, `load={...}` a whole group."""
    document: dict[str, Any] = {
        "format": "edgewise/need/1",
        "business": {"country": "DE", "it_skill": "medium"},
        "job": {"task": "object-detection", "unit": "photo", "model": {"features": {"params_millions": 3.2, "gmacs": 4.4}}},
        "load": {
            "units_per_day": 400, "days_per_week": 6, "open_hours_per_day": 10, "busiest_hour_units": 120,
            "growth_percent_per_year": 0, "input_kb_per_unit": 300, "output_kb_per_unit": 2,
        },
        "speed": {"limit_ms": 2000},
        "rules": {"data": "none"},
        "site": {"owned": [{"what": "office PC 2021", "free": "always"}]},
        "money": {"currency": "EUR"},
    }  # fmt: skip
    return changed(document, **changes)


def changed(document: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
    """A copy of a NEED.json with some fields set."""
    out = deepcopy(dict(document))
    for path, value in changes.items():
        *groups, field = path.split("__")
        inner = out
        for group in groups:
            inner = inner.setdefault(group, {})
        inner[field] = deepcopy(value)
    return out


def example(name: str) -> dict[str, Any]:
    """An example need of the program; the bakery's own model is given by its size, as no file of it is kept."""
    document: dict[str, Any] = json.loads((EXAMPLES / f"{name}.json").read_text(encoding="utf-8"))
    if "onnx" in document["job"]["model"]:
        document["job"]["model"] = {"features": {"params_millions": 1.2, "gmacs": 0.32, "activations_millions": 3.4}}
    return document


EXAMPLE_NAMES: Final = tuple(sorted(p.stem for p in EXAMPLES.glob("*.json")))

# One need for each kind of answer.
KINDS: Final[dict[str, dict[str, Any]]] = {
    "edge_existing": need(),
    "edge_new": need(site={"internet": "none"}, load__units_per_day=20_000, load__busiest_hour_units=4_000, speed__limit_ms=300),
    "cloud_api": need(
        site={}, job={"task": "speech-to-text", "unit": "minute of audio", "model": {"reference": "speech-notes"}},
        load__units_per_day=20, load__busiest_hour_units=6, speed__limit_ms=60_000,
    ),
    "cloud_instance": need(
        site={"traffic_comes_from": "internet"}, job={"task": "recommendation", "model": {"reference": "suggestions"}},
        load={"units_per_day": 8_000_000, "busiest_hour_units": 900_000, "input_kb_per_unit": 1, "output_kb_per_unit": 1},
        speed__limit_ms=400,
    ),
    "cloud_batch": need(
        site={"uplink_mbps": 1000}, job__model={"features": {"params_millions": 60, "gmacs": 150}}, job__task="segmentation",
        load={"units_per_day": 500, "batch": {"units": 40_000, "times_per_year": 4}, "arrivals": "batch", "input_kb_per_unit": 100},
        speed={"limit_ms": 24 * 3_600_000, "of": "batch"}, money={"currency": "EUR"},
    ),
    "hybrid": need(
        business__it_skill="high", job={"task": "chat", "unit": "question", "model": {
            "text_model": {"params_billions": 8, "prompt_tokens": 900, "output_tokens": 250}}},
        load={"units_per_day": 300, "busiest_hour_units": 60}, speed={"limit_ms": 4000, "of": "first-word"},
        rules={"data": "ordinary", "confidential_share": 0.3}, site={"owned": [{"what": "gaming PC 2022", "memory_gb": 32}]},
        quality={"needs_large_model": True},
    ),
    "none": need(quality={"health": "failed"}),
}  # fmt: skip


@dataclass(frozen=True)
class Worked:
    """An answer before its turning points."""

    setting: Setting
    groups: tuple[Group, ...]
    choice: Choice

    def group(self, start: str) -> Group:
        """The group whose candidates' ids start so."""
        return next(g for g in self.groups if g.ids(0).startswith(start))

    def told(self) -> Told:
        """The answer in words, without turning points."""
        choice, played = play_listed(self.choice, SEED)
        return explain(Findings(self.setting, self.groups, choice, (), (), None, played=played), "en", __version__)


def setting_of(document: Mapping[str, Any], catalog: Catalog | None = None) -> Setting:
    """The ground of a need's answer."""
    inputs = Inputs(from_json(document))
    return answer._setting(inputs, inputs.need, catalog or the_catalog(), TODAY)


def worked(document: Mapping[str, Any], catalog: Catalog | None = None, seed: int = SEED) -> Worked:
    """A need's answer; the same need is worked out once."""
    if catalog is not None:
        return _worked(document, catalog, seed)
    return _worked_once(json.dumps(document, sort_keys=True), seed)


@lru_cache(maxsize=200)
def _worked_once(text: str, seed: int) -> Worked:
    return _worked(json.loads(text), the_catalog(), seed)


def _worked(document: Mapping[str, Any], catalog: Catalog, seed: int) -> Worked:
    setting = setting_of(document, catalog)
    groups = candidates(setting)
    return Worked(setting, groups, choose(setting, groups, seed))


def told(document: Mapping[str, Any]) -> Told:
    """A need's answer in words, without turning points."""
    return _told_once(json.dumps(document, sort_keys=True))


@lru_cache(maxsize=200)
def _told_once(text: str) -> Told:
    return worked(json.loads(text)).told()


def advised(document: Mapping[str, Any]) -> Advice:
    """The whole answer, turning points included; the same need is worked out once."""
    return _advised_once(json.dumps(document, sort_keys=True))


@lru_cache(maxsize=50)
def _advised_once(text: str) -> Advice:
    return answer.advise(Inputs(from_json(json.loads(text))), the_catalog(), today=TODAY, seed=SEED, language="en")


def with_case(setting: Setting, **changes: Any) -> Setting:
    """The same ground with some facts of the case changed, its work counted again."""
    from advisor.load import demand

    case = replace(setting.case, **changes)
    return replace(setting, case=case, demand=demand(case))
