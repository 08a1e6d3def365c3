"""The queues of the ways that are shown, played through: what is printed was seen in a simulation, not only calculated.

The choice among all ways rests on closed forms (`advisor.waiting`), which are quick; the few that are listed are then
played answer by answer (`advisor.queue_simulation`), and their times replace the calculated ones everywhere they are shown.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from advisor.queue_simulation import play

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from advisor.options import Group
    from advisor.queue_simulation import Played, Queued
    from advisor.recommend import Candidate, Choice

# Answers played for all ways together, so that the time is bounded; an answer at several machines takes about ten times as
# long to play as one at a single machine.
ALL_ANSWERS: Final = 12_000_000
_WEIGHT_OF_SEVERAL: Final = 10
# So many standard errors may be chance.
_CHANCE: Final = 2.0


def play_listed(choice: Choice, seed: int) -> tuple[Choice, Mapping[str, Played]]:
    """The choice with the times of its listed ways as played, and what was played, by the id of the way.

    A way keeps its calculated time where the play lies beyond the limit by no more than chance.
    """
    shown = {c.id: c for c in (*choice.listed, *choice.near)}
    queues = {name: q for name, c in shown.items() if c.group.queue is not None and (q := c.group.queue(c.row)) is not None}
    most = _most(queues.values())
    plays = {name: play(q, seed, most) for name, q in queues.items()}
    kept = {name: p for name, p in plays.items() if p is not None and _holds(shown[name], p)}
    groups: dict[int, Group] = {}
    for c in shown.values():
        if id(c.group) not in groups:
            rows = [(x.row, kept[x.id]) for x in shown.values() if x.group is c.group and x.id in kept]
            groups[id(c.group)] = _with(c.group, rows) if rows else c.group

    def again(c: Candidate) -> Candidate:
        return replace(c, group=groups.get(id(c.group), c.group))

    best, rival = (None if c is None else again(c) for c in (choice.best, choice.rival))
    listed, near = (tuple(again(c) for c in cs) for cs in (choice.listed, choice.near))
    return replace(choice, best=best, rival=rival, listed=listed, near=near), kept


def _most(queues: Iterable[Queued]) -> int:
    """The most answers for each queue: a fair part of all."""
    weights = sum(1 if q.machines == 1 else _WEIGHT_OF_SEVERAL for q in queues)
    return ALL_ANSWERS // max(weights, 1)


def _holds(c: Candidate, played: Played) -> bool:
    """Whether the play says more than the calculation: not where both lie on one side of the limit each by chance."""
    limit, calculated = c.group.limit_s, float(c.group.p_likely[c.row])
    apart = (calculated <= limit) != (played.p_s <= limit)
    return not (apart and abs(played.p_s - limit) <= _CHANCE * played.error_s)


def _with(group: Group, rows: Sequence[tuple[int, Played]]) -> Group:
    """The group with the times of some rows as played; the range keeps its width around them."""
    p50, p, low, high = (x.copy() for x in (group.p50, group.p_likely, group.p_low, group.p_high))
    for row, played in rows:
        factor = played.p_s / p[row]
        p50[row], p[row], low[row], high[row] = min(played.p50_s, played.p_s), played.p_s, low[row] * factor, high[row] * factor
    return replace(group, p50=p50, p_likely=p, p_low=low, p_high=high)
