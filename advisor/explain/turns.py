"""Turning points in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from advisor.advice import Kind, TurningPoint
from advisor.evidence import Basis
from advisor.explain.figures import Figures, Origin

if TYPE_CHECKING:
    from advisor.findings import Findings, Turn

_SOLVED = Origin(Basis.ESTIMATED, "found by working the answer out again")


def turning_points(f: Figures, found: Findings) -> tuple[TurningPoint, ...]:
    """Every turning point with its sentence."""
    return tuple(TurningPoint(t.input, t.now, t.at, t.direction, t.then_kind, t.then_id, _sentence(f, found, t)) for t in found.turns)


def _sentence(f: Figures, found: Findings, t: Turn) -> str:
    say = f.words.say
    if t.then_kind is Kind.NONE:
        lost = t.input not in ("quality.simple_rule_could_do",)
        then = say("turn.none") if lost else say("then", kind=say("kind.none"))
    elif found.choice.best is None:
        then = say("turn.start", kind=say(f"kind.{t.then_kind}"))
    else:
        then = say("then", kind=say(f"kind.{t.then_kind}"))
    if t.direction == "to":
        value = str(t.at).lower()
        return say("turn.text.yes", what=say(f"turn.{t.input}.{value}"), then=then)
    return say(f"turn.text.{t.direction}", what=say(f"turn.{t.input}"), at=_value(f, found, t), then=then)


def _value(f: Figures, found: Findings, t: Turn) -> str:
    assert isinstance(t.at, float)
    at, words, id = t.at, f.words, f"turn.{t.input}.{t.direction}"
    match t.input:
        case "load.units_per_day" | "load.busiest_hour_units":
            return f.count(id, at, found.setting.case.unit, _SOLVED, digits=2)
        case "speed.limit_ms":
            return f.time(id, at / 1000, _SOLVED)
        case "rules.longest_outage_minutes":
            return f.time(id, at * 60, _SOLVED)
        case "money.upfront_max" | "money.monthly_max":
            return f.text(id, at, words.currency, words.money(at), _SOLVED)
        case "site.uplink_mbps":
            return f.text(id, at, "Mbit/s", f"{words.number(at)}\u00a0Mbit a second", _SOLVED)
        case "load.input_kb_per_unit":
            return f.text(id, at, "kB", f"{words.number(at)}\u00a0kB", _SOLVED)
        case _:
            return f.text(id, at, "%", f"{words.number(at)}\u00a0%", _SOLVED)
