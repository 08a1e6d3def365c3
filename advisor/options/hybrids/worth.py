"""Which mixes are shown: those that beat here alone and there alone on something the owner asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from advisor.options.weighing import least_score as least_of
from advisor.options.weighing import scores

if TYPE_CHECKING:
    from collections.abc import Sequence

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


def least_score(setting: Setting, groups: Sequence[Group], *, doubtful: bool = False) -> float:
    """The best score of a side; infinite where nothing is feasible.

    Ways with a doubtful price count where there is no sound one, or where `doubtful` ones are asked for as well.
    """
    allowed = [(g, g.feasible()) for g in groups]
    sound = not doubtful and any((ok & ~g.flagged).any() for g, ok in allowed)
    best = np.inf
    for g, ok in allowed:
        rows = ok & ~g.flagged if sound else ok
        best = min(best, least_of(setting, g, rows))
    return best
