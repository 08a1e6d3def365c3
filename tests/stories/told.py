"""Twenty made-up firms: what each told us, what goes with it, and its answer. Not copied from anywhere.

NAME.json is a NEED.json; NAME.measurement.json and NAME.health.json go with it where they are there.
"""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from advisor import __version__, answer
from advisor.answer import Inputs
from advisor.explain import explain
from advisor.findings import Findings
from advisor.measurement import read
from advisor.need import from_json
from advisor.options import candidates
from advisor.recommend import choose
from tests.advisor.answers import EXAMPLE_NAMES, SEED, TODAY, example, the_catalog

if TYPE_CHECKING:
    from advisor.advice import Advice
    from advisor.explain import Told

FOLDER: Final = Path(__file__).parent
STORIES: Final = tuple(sorted(p.stem for p in FOLDER.glob("*.json") if "." not in p.stem))
# The stories, and the examples that come with the program.
ALL: Final = (*STORIES, *EXAMPLE_NAMES)


def need_of(name: str) -> dict[str, Any]:
    """The NEED.json of a story or of an example."""
    if name in EXAMPLE_NAMES:
        return example(name)
    document: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return document


def inputs_of(name: str) -> Inputs:
    """All that goes into the answer of a story."""
    measured, health = FOLDER / f"{name}.measurement.json", FOLDER / f"{name}.health.json"
    return Inputs(
        from_json(need_of(name)),
        measurements=(read(measured),) if measured.is_file() else (),
        health=json.loads(health.read_text(encoding="utf-8")) if health.is_file() else None,
    )


@lru_cache(maxsize=100)
def findings(name: str) -> Findings:
    """What is found for a story, but its turning points."""
    inputs = inputs_of(name)
    setting = answer.setting_of(inputs, the_catalog(), TODAY)
    groups = candidates(setting)
    return Findings(setting, groups, choose(setting, groups, SEED), (), inputs.measurements, inputs.health)


@lru_cache(maxsize=100)
def told(name: str) -> Told:
    """The answer of a story in words, without turning points."""
    return explain(findings(name), "en", __version__)


@lru_cache(maxsize=100)
def advised(name: str) -> Advice:
    """The whole answer of a story."""
    return answer.advise(inputs_of(name), the_catalog(), today=TODAY, seed=SEED, language="en")
