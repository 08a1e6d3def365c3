"""Which answer would have to give way, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from advisor.advice import Kind, Relaxation
from advisor.evidence import Basis
from advisor.explain.figures import OURS, YOURS, Figures, Origin
from advisor.words import NBSP

if TYPE_CHECKING:
    from advisor.findings import Findings, Relaxed

_SOLVED = Origin(Basis.ESTIMATED, "found by working the answer out again")


def relaxations(f: Figures, found: Findings) -> tuple[Relaxation, ...]:
    """Every answer that would have to give way, with its sentence."""
    relaxed = found.relaxed or ()
    return tuple(Relaxation(r.input, r.now, r.to, r.then_kind, r.then_id, _sentence(f, r), r.with_input) for r in relaxed)


def section(f: Figures, found: Findings, told: tuple[Relaxation, ...]) -> tuple[str, ...]:
    """What stands under the heading: the sentences, and that it takes two where no single answer is enough."""
    if found.relaxed is None:
        return ()
    if not told:
        return (f.words.say("relax.none"),)
    texts = tuple(r.text for r in told)
    return (f.words.say("relax.two"), *texts) if told[0].with_input is not None else texts


def _sentence(f: Figures, r: Relaxed) -> str:
    say = f.words.say
    name = f.quoted(f"relax.{r.input}.name", r.then_name, OURS)
    what = say(f"kind.{r.then_kind}") if r.then_kind is Kind.HYBRID else name
    if r.input == "rules.confidential_share":
        return say(f"relax.{r.input}", what=what)
    if not isinstance(r.to, float):
        return say(f"relax.{r.input}.{str(r.to).lower()}", what=what)
    to, now = (_value(f, r.input, end, value) for end, value in (("to", r.to), ("now", float(r.now or 0.0))))
    return say(f"relax.{r.input}", to=to, now=now, what=what)


def _value(f: Figures, path: str, end: str, value: float) -> str:
    words, id, origin = f.words, f"relax.{path}.{end}", YOURS if end == "now" else _SOLVED
    match path:
        case "money.upfront_max" | "money.monthly_max":
            return f.text(id, value, words.currency, words.cents(value).removesuffix(".00"), origin)
        case "speed.limit_ms":
            return f.text(id, value / 1000, "s", words.exact_time(value / 1000), origin)
        case "rules.longest_outage_minutes":
            return f.text(id, value * 60, "s", words.exact_time(value * 60), origin)
        case "site.power_limit_w":
            return f.text(id, value, "W", f"{words.exact(value)}{NBSP}watts", origin)
        case "site.uplink_mbps":
            return f.text(id, value, "Mbit/s", f"{words.exact(value)}{NBSP}Mbit", origin)
        case _:
            return f.text(id, value, "GB/month", f"{words.exact(value)}{NBSP}GB", origin)
