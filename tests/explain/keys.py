"""Which phrases of the book an answer shows: found by listening to what is said, and looking whether it is in the answer."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields, is_dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final
from unittest.mock import patch

from advisor import __version__, answer
from advisor.answer import Inputs
from advisor.explain import explain
from advisor.findings import Findings
from advisor.need import from_json
from advisor.options import candidates
from advisor.recommend import choose
from advisor.words import Words
from tests.advisor.answers import SEED, TODAY, the_catalog

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from advisor.measurement import Measurement


@dataclass(frozen=True, slots=True)
class Asked:
    """What an answer is made of: a NEED.json as text, measurements and a health check by name."""

    need: str
    measured: tuple[str, ...] = ()
    health: str = ""


MEASURED: Final[dict[str, Measurement]] = {}
HEALTH: Final[dict[str, Mapping[str, Any]]] = {}


def asked(document: Mapping[str, Any], *measured: str, health: str = "") -> Asked:
    """What is asked, with measurements of `MEASURED` and a health check of `HEALTH`."""
    return Asked(json.dumps(document, sort_keys=True), measured, health)


@lru_cache(maxsize=400)
def findings(a: Asked) -> Findings:
    """What is found, but its turning points."""
    inputs = Inputs(from_json(json.loads(a.need)), measurements=tuple(MEASURED[m] for m in a.measured), health=HEALTH.get(a.health))
    setting = answer.setting_of(inputs, the_catalog(), TODAY)
    groups = candidates(setting)
    return Findings(setting, groups, choose(setting, groups, SEED), (), inputs.measurements, inputs.health)


def shown(found: Findings) -> frozenset[str]:
    """The keys of all phrases in the words of an answer."""
    said: list[tuple[str, str]] = []
    original = Words.say

    def listen(self: Words, key: str, **places: str) -> str:
        out = original(self, key, **places)
        said.append((key, out))
        return out

    with patch.object(Words, "say", listen):
        told = explain(found, "en", __version__)
    page = "\n".join(_texts(told))
    # At the start of a sentence a phrase gets a capital.
    return frozenset(key for key, text in said if text and (text in page or text[0].upper() + text[1:] in page))


@lru_cache(maxsize=400)
def keys(a: Asked) -> frozenset[str]:
    """The keys of all phrases in the answer to what is asked."""
    return shown(findings(a))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif is_dataclass(value) and not isinstance(value, type):
        for f in fields(value):
            yield from _texts(getattr(value, f.name))
    elif isinstance(value, (tuple, list)):
        for x in value:
            yield from _texts(x)
