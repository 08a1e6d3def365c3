"""Which answer would change the advice, and at what value: solved by working the whole answer out again.

Each answer of `advisor.turnable` is moved alone, all else as it is. A number is moved to a few far values in both
directions; where the kind of advice is another there, the place is closed in on by halves, then proven: 2 % before it the
kind must be today's, 2 % beyond it the one that is told. Answers that are chosen are set to each of their other values.
What is reported was seen; an island of another kind between the values tried can be missed.

The nearest come first. A number is as far away as the factor to its value (its logarithm); for an answer that is chosen the
table names a factor, mostly a doubling: it stands behind numbers that need less than twice or half of today's value.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from advisor.advice import Kind
from advisor.findings import Turn
from advisor.moves import Scale
from advisor.need_paths import with_value
from advisor.turnable import choices, numbers

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from advisor.moves import Movable, Value
    from advisor.options import Setting

    Ask = Callable[[str, Value], "Outcome | None"]

# Kind and id of what is advised; kind `none` where it is not to start.
Outcome = tuple[Kind, str]
# How often a flip that is none is closed in on once more, on its other side.
_ATTEMPTS: Final = 3


class CancelledError(Exception):
    """Nobody waits for the turning points any more."""


class Tries:
    """What would be advised with one answer changed; each change is worked out once, also over several searches."""

    def __init__(self, document: Mapping[str, Any], again: Callable[[dict[str, Any]], Outcome | None]) -> None:
        """`again`: kind and id of what is advised for a changed NEED.json document, `None` where such a need would be refused."""
        self.document = document
        self._again = again
        self._known: dict[tuple[str, Value], Outcome | None] = {}

    def __len__(self) -> int:
        return len(self._known)

    def outcome(self, path: str, value: Value, cancelled: Callable[[], bool]) -> Outcome | None:
        """The outcome with this value at this path.

        Raises:
            CancelledError: nobody waits for it any more.
        """
        # True and 1 are one key of a dict, but a path takes either numbers or yes and no.
        key = (path, value)
        if key not in self._known:
            if cancelled():
                raise CancelledError
            self._known[key] = self._again(with_value(self.document, path, value))
        return self._known[key]


def turning_points(setting: Setting, today: Outcome, tries: Tries, cancelled: Callable[[], bool] = lambda: False) -> tuple[Turn, ...]:
    """Every answer that alone changes the kind of advice, the nearest first.

    Args:
        setting: of today's answer.
        today: kind and id of what is advised now.
        tries: of the same need.
        cancelled: asked before each recomputation.

    Raises:
        CancelledError: it was cancelled; what `tries` knows by then serves the next search.
    """
    kind = today[0]

    def ask(path: str, value: Value) -> Outcome | None:
        return tries.outcome(path, value, cancelled)

    found = [t for m in numbers(setting, tries.document) for values in m.ways() if (t := _on_the_way(m, values, kind, ask)) is not None]
    for c in choices(setting, tries.document):
        for value in c.others:
            then = ask(c.path, value)
            if then is not None and then[0] != kind:
                found.append(Turn(c.path, c.now, value, "to", *then, c.distance))
    return tuple(sorted(found, key=lambda t: (t.distance, t.direction == "to", t.input, str(t.at))))


def _on_the_way(m: Movable, values: tuple[float, ...], kind: Kind, ask: Ask) -> Turn | None:
    """The first flip of one number in one direction."""
    near = m.now
    for far in values:
        then = ask(m.path, far)
        if then is None:
            return None
        if then[0] != kind:
            return _solved(m, near, far, kind, ask)
        near = far
    return None


def _solved(m: Movable, near: float, far: float, kind: Kind, ask: Ask) -> Turn | None:
    """The flip between a value with today's kind and one with another, if it is proven."""
    up = far > near
    for _ in range(_ATTEMPTS):
        at = _closed_in(m, near, far, kind, ask)
        before, after = m.aside(at, up)
        if not _has(kind, ask(m.path, before)):
            # A window of today's kind, too narrow to tell: the flip that matters lies nearer, if there is one.
            if not min(near, far) < before < max(near, far):
                return None
            far = before
            continue
        then = ask(m.path, after)
        if then is None:
            return None
        if then[0] != kind:
            if m.row.scale is Scale.WHOLE and not _has(then[0], ask(m.path, at)):
                # What is told of a whole number holds from that very number on.
                return None
            return Turn(m.path, m.now, at, "up" if up else "down", *then, m.distance(at))
        # A window of another kind, too narrow to tell: the flip that matters lies further away.
        if not min(near, far) < after < max(near, far):
            return None
        near = after
    return None


def _closed_in(m: Movable, near: float, far: float, kind: Kind, ask: Ask) -> float:
    while (middle := m.between(near, far)) is not None:
        if _has(kind, ask(m.path, middle)):
            near = middle
        else:
            far = middle
    return far


def _has(kind: Kind, outcome: Outcome | None) -> bool:
    return outcome is not None and outcome[0] == kind
