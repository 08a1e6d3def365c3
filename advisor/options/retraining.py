"""Training the owner's own model again: how long that keeps a machine, and which machines here can do it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from advisor.forecast import REACH_YES
from advisor.need import FeatureModel, OnnxModel
from advisor.options.group import Removal
from advisor.units import SECONDS_PER_HOUR

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from advisor.options.setting import Setting
    from advisor.work import UnitTimes

    Floats = NDArray[np.float64]


def is_asked(setting: Setting) -> bool:
    """Whether the owner trains a model of their own again. How long a text model learns we cannot tell."""
    times = setting.case.retrainings_per_year
    own = isinstance(setting.case.need.job.model, (OnnxModel, FeatureModel))
    return bool(times) and own and setting.work.text is None and bool(setting.work.steps)


def hours_of_one(setting: Setting, per_s: Floats) -> Floats:
    """Hours to train the model once on machines that answer so many units a second, shape as `per_s`.

    Learning passes through the model as often as a default says (`retrain.passes`), counted in answers.
    """
    with np.errstate(divide="ignore"):
        return np.asarray(setting.judged("retrain.passes").likely / per_s / SECONDS_PER_HOUR)


def about_retraining(setting: Setting, times: UnitTimes) -> tuple[Removal, ...]:
    """The rule on machines that cannot train the model again in the time between two weeks; only where that was asked for.

    Small accelerators answer only: their models are trained elsewhere and converted.
    """
    if not is_asked(setting):
        return ()
    too_long = hours_of_one(setting, times.per_s) > setting.judged("retrain.most_hours").likely
    return (Removal("rule.retraining", too_long | (times.reach != REACH_YES)),)
