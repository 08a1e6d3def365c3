"""Which mixes are shown: those that beat here alone and there alone on something the owner asked for."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from advisor.options.weighing import least_score as least_of
from advisor.options.weighing import scores

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from advisor.options.group import Group
    from advisor.options.setting import Setting

    Bools = NDArray[np.bool_]


def beats_both(setting: Setting, mix: Group, here: Sequence[Group], there: Sequence[Group]) -> Bools:
    """Which rows of a mix beat both pure designs, shape (n,).

    What the owner asked for are the rules, the budget, the speed and the wish. A pure way that breaks one of them is no rival,
    however cheap. Among those that keep them all only the score counts (`advisor.options.weighing.scores`): bill, own hours, wish,
    and the chance to be too slow. A pure way with a price to be taken with caution is a rival where its side has no sound one,
    and of a mix whose own price is no better.

    Args:
        here: the pure ways in the building.
        there: the pure ways elsewhere.
    """
    own = scores(setting, mix)
    keep = np.ones(mix.n, dtype=bool)
    for side in (here, there):
        keep &= own < np.where(mix.flagged, least_score(setting, side, doubtful=True), least_score(setting, side))
    return keep


class Side(tuple["Group", ...]):
    """The pure ways of one side, with what every mix is held against worked out once."""

    setting: Setting

    @staticmethod
    def of(setting: Setting, groups: Iterable[Group]) -> Side:
        """`setting`: the ground they were worked out on."""
        side = Side(groups)
        side.setting = setting
        return side

    @cached_property
    def least_sound(self) -> float:
        """The best score, doubtful prices only where there are no others."""
        return _least(self.setting, self, doubtful=False)

    @cached_property
    def least_of_all(self) -> float:
        """The best score, doubtful prices too."""
        return _least(self.setting, self, doubtful=True)

    @cached_property
    def is_any_feasible(self) -> bool:
        """Whether any of them can be done."""
        return any(g.feasible().any() for g in self)


def least_score(setting: Setting, groups: Sequence[Group], *, doubtful: bool = False) -> float:
    """The best score of a side; infinite where nothing is feasible.

    Ways with a doubtful price count where there is no sound one, or where `doubtful` ones are asked for as well.
    """
    if isinstance(groups, Side) and groups.setting is setting:
        return groups.least_of_all if doubtful else groups.least_sound
    return _least(setting, groups, doubtful=doubtful)


def _least(setting: Setting, groups: Sequence[Group], *, doubtful: bool) -> float:
    allowed = [(g, g.feasible()) for g in groups]
    sound = not doubtful and any((ok & ~g.flagged).any() for g, ok in allowed)
    best = np.inf
    for g, ok in allowed:
        rows = ok & ~g.flagged if sound else ok
        best = min(best, least_of(setting, g, rows))
    return best
