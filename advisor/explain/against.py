"""Why not to start (yet): what stands in the way, and what to look at once it is settled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from advisor.advice import Kind
from advisor.evidence import Basis
from advisor.explain import case_words
from advisor.explain.figures import OURS, YOURS, Figures, Origin
from advisor.need import HostedService

if TYPE_CHECKING:
    from collections.abc import Iterator

    from advisor.findings import Findings
    from advisor.recommend import Candidate

# Rules that stop every way alike; money and machines have nothing to do with them.
_STOPS: Final = frozenset({"rule.health", "rule.legal-basis", "rule.decision"})
OF_THE_CHECK: Final = Origin(Basis.MEASURED, "the check of your model and data")


def reasons(f: Figures, found: Findings) -> Iterator[str]:
    """At least three: what stops it, what we know of that, and the way to look at afterwards or the nearest one."""
    case, say, choice = found.setting.case, f.words.say, found.choice
    if case.health == "failed":
        yield say("reason.health")
        yield _failed_checks(f, found)
    if choice.none_because == "plain-way":
        yield say("reason.plain")
    if (case.identifies_people or case.decides_about_people) and not case.legal_basis:
        yield say("reason.only_legal")
        yield say("reason.decides" if case.decides_about_people else "reason.identifies")
    if choice.none_because == "nothing-feasible":
        ways = sum(g.n for g in found.groups)
        if ways:
            yield say("reason.nothing", count=f.count("ways.checked", ways, "way", OURS))
        else:
            yield from _no_way(f, found)
    then = afterwards(found)
    if then is not None:
        yield from _later(f, found, then)
    else:
        yield from _nearest(f, found)


def _no_way(f: Figures, found: Findings) -> Iterator[str]:
    """Why there is not one way: a service whose price we cannot bring to the owner's unit, and no model to run elsewhere."""
    case, say = found.setting.case, f.words.say
    yield say("reason.no_way")
    model = case.need.job.model
    if isinstance(model, HostedService):
        unit = f.quoted("yours.unit", case.unit, YOURS)
        yield say("reason.no_way.service", name=f.quoted("yours.service", model.id, YOURS), unit=unit)
    yield say("reason.no_way.model")


def _failed_checks(f: Figures, found: Findings) -> str:
    checks = [] if found.health is None else list(found.health.get("checks", ()))
    failed = sum(c.get("verdict") == "failed" for c in checks)
    if not failed:
        return f.words.say("reason.health.told")
    count = f.text("health.failed", failed, "", f"{failed}", OF_THE_CHECK)
    return f.words.say("reason.health.checks", count=count, all=f.count("health.checks", len(checks), "check", OF_THE_CHECK))


def afterwards(found: Findings) -> Candidate | None:
    """The way to look at once what stops all ways is settled; `None` where every way breaks another rule, too."""
    choice = found.choice
    if choice.best is not None:
        return None
    if choice.listed:
        return choice.listed[0]
    only_stopped = [c for c in choice.near if set(c.group.broken(c.row)) <= _STOPS]
    return min(only_stopped, key=lambda c: (c.score, c.id), default=None)


def name_of(f: Figures, then: Candidate) -> str:
    """What the way to look at afterwards is called."""
    return called(f, "after.name", then)


def called(f: Figures, id: str, c: Candidate) -> str:
    """The name of a way inside a sentence; what the owner has is theirs."""
    name = f.quoted(id, c.group.looks(c.row).name, OURS)
    return f.words.say("your", name=name) if c.kind is Kind.EDGE_EXISTING else name


def _later(f: Figures, found: Findings, then: Candidate) -> Iterator[str]:
    g, i, say = then.group, then.row, f.words.say
    cost = f.money("after.total", g.bills.totals[i], OURS, g.bills.lows[i], g.bills.highs[i])
    key = "reason.after.plain" if found.choice.none_because == "plain-way" else "reason.after"
    yield say(key, name=name_of(f, then), cost=cost, years=case_words.years(f, found.setting.case))
    hours = found.setting.judged("hours.upkeep.edge_new").source
    where = Origin(Basis.ESTIMATED, hours.title, hours.as_of)
    setup = f.hours("after.setup", g.setup_hours[i], where)
    yield say("reason.after.hours", setup=setup, upkeep=f.hours("after.upkeep", g.upkeep_hours_per_month[i], where))


def _nearest(f: Figures, found: Findings) -> Iterator[str]:
    """The way that breaks the fewest rules, and the rule that takes away most ways besides."""
    say, near = f.words.say, found.choice.near
    said: set[str] = set(_STOPS)
    if near:
        broken = [r for r in near[0].group.broken(near[0].row) if r not in _STOPS]
        why = " ".join(case_words.rule_words(f, found.setting, r) for r in broken)
        said |= set(broken)
        yield say("reason.nearest", name=called(f, "near.name", near[0]), why=why)
    counts = removed(found)
    hardest = next((r for r in counts if r not in said), None) or next(iter(counts), None)
    if hardest is not None:
        count = f.count(f"hardest.{hardest}", counts[hardest], "way", OURS)
        yield say("reason.hardest", text=case_words.rule_words(f, found.setting, hardest), count=count)


def removed(found: Findings) -> dict[str, int]:
    """How many ways each rule removed, the hardest rule first."""
    counts: dict[str, int] = {}
    for g in found.groups:
        for r in g.removals:
            counts[r.rule] = counts.get(r.rule, 0) + int(np.count_nonzero(r.mask))
    return {rule: n for rule, n in sorted(counts.items(), key=lambda x: (-x[1], x[0])) if n}
