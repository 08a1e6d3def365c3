"""Turning points in words."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from advisor import quotes
from advisor.advice import Kind, TurningPoint
from advisor.evidence import Basis
from advisor.explain.figures import YOURS, Figures, Origin
from advisor.moves import Scale
from advisor.need_paths import plain_path
from advisor.turnable import NUMBERS

if TYPE_CHECKING:
    from advisor.findings import Findings, Turn

_SOLVED = Origin(Basis.ESTIMATED, "found by working the answer out again")
_ROWS = {plain_path(n.path): n for n in NUMBERS}
# Answers that stop the work itself, so that no rule of the owner is in the way.
_STOPS = frozenset(
    {
        "quality.simple_rule_could_do", "quality.health",
        "rules.identifies_people", "rules.decision_about_people", "rules.legal_basis_confirmed",
    }
)  # fmt: skip
# Further away than this factor an owner hardly comes.
_FAR_OFF = 20.0


def turning_points(f: Figures, found: Findings) -> tuple[TurningPoint, ...]:
    """Every turning point with its sentence; none while they are still looked for."""
    return tuple(TurningPoint(t.input, t.now, t.at, t.direction, t.then_kind, t.then_id, _sentence(f, found, t)) for t in found.turns or ())


def is_near(t: Turn) -> bool:
    """Whether an owner could come to a turning point."""
    return t.distance <= math.log(_FAR_OFF)


def _sentence(f: Figures, found: Findings, t: Turn) -> str:
    say, path = f.words.say, plain_path(t.input)
    if t.then_kind is Kind.NONE:
        then = say("then", kind=say("kind.none")) if path in _STOPS else say("turn.none")
    elif found.choice.best is None:
        then = say("turn.start", kind=say(f"kind.{t.then_kind}"))
    else:
        then = say("then", kind=say(f"kind.{t.then_kind}"))
    if t.direction == "to":
        value = "null" if t.at is None else str(t.at).lower()
        return say("turn.text.yes", what=say(f"turn.{path}.{value}", **_names(f, found, t)), then=then)
    row = _ROWS[path]
    key = f"turn.text.{t.direction}" + (".whole" if row.scale is Scale.WHOLE else "")
    return say(key, what=say(f"turn.{path}", **_names(f, found, t)), at=_value(f, found, t, row.shown), then=then)


def _names(f: Figures, found: Findings, t: Turn) -> dict[str, str]:
    """What the phrase of an answer in a list names: the computer, or what the price is for."""
    place = re.search(r"\[(\d+)\]", t.input)
    i, need = int(place[1]) if place else 0, found.setting.case.need
    if t.input.startswith("site.owned["):
        return {"name": f.words.say("your", name=f.quoted(f"yours.owned.{i}", need.site.owned[i].what, YOURS))}
    if t.input.startswith("money.quotes["):
        priced = quotes.listed(found.setting.catalog, need.money.quotes[i].price_of)
        assert priced is not None
        return {"name": f.quoted(f"yours.quote.{i}", priced.name, YOURS)}
    return {}


def _value(f: Figures, found: Findings, t: Turn, shown: str) -> str:
    assert isinstance(t.at, (int, float))
    at, words, id = float(t.at), f.words, f"turn.{t.input}.{t.direction}"
    match shown:
        case "count":
            return f.count(id, at, found.setting.case.unit, _SOLVED, digits=2)
        case "milliseconds":
            return f.time(id, at / 1000, _SOLVED)
        case "minutes":
            return f.time(id, at * 60, _SOLVED)
        case "years":
            return f.text(id, at, "years", words.years(round(at, 1)), _SOLVED)
        case "money":
            return f.text(id, at, words.currency, words.money(at), _SOLVED)
        case "fine":
            return f.text(id, at, words.currency, words.fine(at), _SOLVED)
        case "per_gigabyte" | "per_kilowatt_hour":
            return f.text(id, at, words.currency, words.say(f"turn.shown.{shown}", price=words.fine(at)), _SOLVED)
        case "share":
            return f.text(id, at, "", words.say("turn.shown.percent", number=words.number(at * 100)), _SOLVED)
        case "percent":
            # Between 95 and 99 of 100 lie the answers that matter.
            number = words.number(abs(at), 3 if at > 90 else 2)
            return f.text(id, at, "%", words.say("turn.shown.percent", number=f"−{number}" if at < 0 else number), _SOLVED)
        case _:
            number = words.exact(at) if shown in ("places", "tokens") else words.number(at)
            key = f"turn.shown.{shown}" + (".one" if at == 1 and words.has(f"turn.shown.{shown}.one") else "")
            return f.text(id, at, shown.replace("_", " "), words.say(key, number=number), _SOLVED)
