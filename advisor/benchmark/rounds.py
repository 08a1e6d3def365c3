"""Which rounds of a measurement count: those in which the computer was left to us, if there are enough of them.

A round is judged by what others did meanwhile, never by its own time: throwing slow rounds away would make the model look faster
than it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Round = Mapping[str, Any]

# Used by others during the run, in cores: caught 80 of 80 runs with a busy core when tried.
BUSY_CORES: Final = 0.15
# Asleep for less than a tick of any clock is not asleep.
_ASLEEP_S: Final = 0.1
_ENOUGH: Final = 3
# Rounds may be made again until this share of the asked time is gone; the rest is for what comes after them.
_SHARE_FOR_ROUNDS: Final = 0.75
_MOST_AGAIN: Final = 2


def is_quiet(done: Round, cores: int) -> bool:
    """Whether the computer was left to us: no other work worth a name, no sleep. What cannot be told counts as quiet."""
    others, asleep = done["busy_others"], done.get("asleep_s")
    return (others is None or others * cores <= BUSY_CORES) and (asleep is None or asleep <= _ASLEEP_S)


def is_one_more_worth_it(rounds: Sequence[Round], planned: int, cores: int, elapsed_s: float, one_s: float, seconds: float) -> bool:
    """Whether to make a disturbed round again: fewer quiet ones than planned, some time left, and no end in sight to none."""
    quiet = sum(is_quiet(r, cores) for r in rounds)
    return quiet < planned and len(rounds) < _MOST_AGAIN * planned and elapsed_s + one_s <= _SHARE_FOR_ROUNDS * seconds


def counted(rounds: Sequence[Round], planned: int, cores: int) -> list[Round]:
    """The quiet rounds where they are enough to stand for all, else every round (and the warnings say so)."""
    quiet = [r for r in rounds if is_quiet(r, cores)]
    return quiet if len(quiet) >= min(_ENOUGH, planned) else list(rounds)


def has_slept(rounds: Sequence[Round]) -> bool:
    """Whether the computer slept in any of these rounds."""
    return any((r.get("asleep_s") or 0.0) > _ASLEEP_S for r in rounds)
