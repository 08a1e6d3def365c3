"""When nothing fits: which single answer of the owner would have to give way, and how far.

Each answer is relaxed alone, all else as it is, and the whole answer is worked out again. A number is moved only as far as it must be;
of choices the next looser one that helps is taken. What the law or the check of the model asks never gives way, and
neither does a fact of the site that no wish can change. Where no single answer is enough, a pair is tried.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from advisor.findings import Relaxed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from advisor.advice import Kind
    from advisor.case import Case
    from advisor.need import Need
    from advisor.options import Group

# Kind, id and name of the best way of a changed need; `None` where nothing fits or the need would be refused.
Found = tuple["Kind", str, str]
# A number is known to this part of its value, then rounded to what an owner would type.
CLOSE_ENOUGH: Final = 0.01
# Beyond these no owner's answer means anything; whoever asks for so much asks for no limit at all.
_LOOSEST: Final = {
    "money.upfront_max": 1e7,
    "money.monthly_max": 1e6,
    "speed.limit_ms": 6e8,
    "rules.longest_outage_minutes": 43_200.0,
    "site.power_limit_w": 5_000.0,
    "site.uplink_mbps": 10_000.0,
    "site.mobile_gb_per_month": 1e6,
}
# From the strict to the loose.
_CHOICES: Final[dict[str, tuple[Any, ...]]] = {
    "rules.data_must_stay": ("on-site", "country", "eu", "anywhere"),
    "rules.must_work_without_internet": (True, False),
    "rules.confidential_share": ("some", 0.0),
    "quality.needs_large_model": (True, False),
}
# Which answer stands behind a rule. Law, health, memory and software are no answers that may give way.
_ANSWER_BEHIND: Final = {
    "rule.upfront": "money.upfront_max", "rule.monthly": "money.monthly_max", "rule.too-slow": "speed.limit_ms",
    "rule.outage": "rules.longest_outage_minutes", "rule.power": "site.power_limit_w", "rule.uplink": "site.uplink_mbps",
    "rule.mobile-plan": "site.mobile_gb_per_month", "rule.place-of-data": "rules.data_must_stay",
    "rule.offline": "rules.must_work_without_internet", "rule.confidential": "rules.confidential_share",
    "rule.quality": "quality.needs_large_model",
}  # fmt: skip
# How near a choice is beside numbers: one step of a choice counts like a number trebled.
_STEP: Final = math.log(3.0)
# Budgets that begin at nothing are counted from this [their unit].
_FROM_NOTHING: Final = 1.0
_MOST_PAIRS: Final = 6
# Amounts, minutes and watts are told without parts.
_WHOLE: Final = ("money.upfront_max", "money.monthly_max", "rules.longest_outage_minutes", "site.power_limit_w")


@dataclass(frozen=True, slots=True)
class _Answer:
    """One answer that may give way: its value now, and the looser ones in order (of a number only the loosest)."""

    path: str
    now: Any
    looser: tuple[Any, ...]

    @property
    def is_number(self) -> bool:
        return self.path in _LOOSEST


def relaxations(need: Need, case: Case, groups: Sequence[Group], again: Callable[[dict[str, Any]], Found | None]) -> tuple[Relaxed, ...]:
    """Every answer that alone makes some way possible, the nearest first; else the two of a pair; else nothing.

    Args:
        groups: all candidates as things stand, none of them feasible.
        again: the best way of a changed NEED.json document.
    """
    document = need.to_json()
    answers = {a.path: a for a in _answers(case)}
    found = [r for a in answers.values() for r in _alone(document, a, again)]
    if not found:
        found = list(_pair(document, answers, groups, again))
    return tuple(sorted(found, key=lambda r: (distance(r), r.input)))


def distance(r: Relaxed) -> float:
    """How far an answer has to give way: the logarithm of the factor of a number, steps of a choice."""
    if r.input in _LOOSEST:
        return math.log(max(float(r.to), _FROM_NOTHING) / max(float(r.now), _FROM_NOTHING)) if r.now is not None else math.inf
    order = _CHOICES[r.input]
    steps = order.index(r.to) - order.index(r.now) if r.now in order else 1
    return _STEP * steps


def _answers(case: Case) -> Iterator[_Answer]:
    """The answers that stand in somebody's way and may be loosened."""
    now = {
        "money.upfront_max": case.upfront_max,
        "money.monthly_max": case.monthly_max,
        "speed.limit_ms": None if case.limit_s is None else case.limit_s * 1000,
        "rules.longest_outage_minutes": case.longest_outage_s / 60,
        "site.power_limit_w": case.power_limit_w,
        "site.uplink_mbps": None if case.internet == "none" else case.uplink_mbps,
        "site.mobile_gb_per_month": case.mobile_gb_per_month if case.internet in ("mobile", "metered") else None,
    }
    for path, value in now.items():
        if value is not None and value < _LOOSEST[path]:
            yield _Answer(path, value, (_LOOSEST[path],))
    chosen: dict[str, Any] = {
        "rules.data_must_stay": case.stay,
        "rules.must_work_without_internet": case.offline,
        "quality.needs_large_model": case.needs_large_model,
    }
    for path, choice in chosen.items():
        order = _CHOICES[path]
        if choice in order[:-1]:
            yield _Answer(path, choice, order[order.index(choice) + 1 :])
    if case.confidential_share:
        yield _Answer("rules.confidential_share", case.confidential_share, (0.0,))


def _alone(document: dict[str, Any], a: _Answer, again: Callable[[dict[str, Any]], Found | None]) -> Iterator[Relaxed]:
    for value in a.looser:
        best = again(_with(document, a.path, value))
        if best is not None:
            if a.is_number:
                value, best = _least(document, a, best, again)
            yield Relaxed(a.path, a.now, value, *best)
            return


def _least(document: dict[str, Any], a: _Answer, best: Found, again: Callable[[dict[str, Any]], Found | None]) -> tuple[float, Found]:
    """The least loosening of a number that is enough, as an owner would type it, and what is then the best way."""
    near, far = max(float(a.now), _FROM_NOTHING / 100), _LOOSEST[a.path]
    while far / near > 1 + CLOSE_ENOUGH:
        middle = math.sqrt(near * far)
        found = again(_with(document, a.path, middle))
        if found is None:
            near = middle
        else:
            far, best = middle, found
    for shown in _as_typed(a.path, far):
        found = again(_with(document, a.path, shown))
        if found is not None and shown > a.now:
            return shown, found
    return far, best


def _as_typed(path: str, value: float) -> tuple[float, float]:
    """The value rounded down and up: to three digits that mean something, and to a whole one of what nobody tells in parts."""
    step = 10.0 ** (math.floor(math.log10(value)) - 2)
    if path in _WHOLE and value > 1:
        step = max(step, 1.0)
    down, up = math.floor(value / step + 1e-9), math.ceil(value / step - 1e-9)
    return float(f"{down * step:.10g}"), float(f"{up * step:.10g}")


def _pair(
    document: dict[str, Any], answers: dict[str, _Answer], groups: Sequence[Group], again: Callable[[dict[str, Any]], Found | None]
) -> Iterator[Relaxed]:
    """Two answers that are enough together: the pairs that stand alone in some way's path are tried, the first that helps is solved."""
    for one, other in _pairs_in_the_way(answers, groups):
        loose = _with(document, other.path, other.looser[-1])
        first = next(_alone(loose, one, again), None)
        if first is None:
            continue
        second = next(_alone(_with(document, one.path, first.to), other, again), None)
        if second is None:
            continue
        yield Relaxed(one.path, one.now, first.to, second.then_kind, second.then_id, second.then_name, other.path)
        yield Relaxed(other.path, other.now, second.to, second.then_kind, second.then_id, second.then_name, one.path)
        return


def _pairs_in_the_way(answers: dict[str, _Answer], groups: Sequence[Group]) -> list[tuple[_Answer, _Answer]]:
    """Pairs of answers that together are all that stands against some candidate, those of the most candidates first."""
    import numpy as np

    counts: dict[tuple[str, str], int] = {}
    for g in groups:
        masks: dict[str, Any] = {}
        for removal in g.removals:
            path = _ANSWER_BEHIND.get(removal.rule, "")
            masks[path] = masks[path] | removal.mask if path in masks else removal.mask
        free = ~masks.get("", np.zeros(g.n, dtype=bool))
        paths = sorted(p for p in masks if p in answers)
        broken = np.sum([masks[p] for p in masks if p], axis=0) if any(masks) else np.zeros(g.n)
        for k, a in enumerate(paths):
            for b in paths[k + 1 :]:
                n = int(np.count_nonzero(free & masks[a] & masks[b] & (broken == 2)))
                if n:
                    counts[a, b] = counts.get((a, b), 0) + n
    best = sorted(counts, key=lambda pair: (-counts[pair], pair))[:_MOST_PAIRS]
    return [(answers[a], answers[b]) for a, b in best]


def _with(document: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    group, field = path.split(".")
    return {**document, group: {**(document.get(group) or {}), field: value}}
