"""What all computers in the building share: when they are free, what power there is, which parts of a bill stay empty."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from advisor.options.setting import Setting

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]


_HALF_DAY_S: Final = 43200.0


_OFFICE_DAY_HOURS: Final = 12.0


ZERO_PARTS: Final = {
    "T05": "zero.in_electricity",
    "T09": "left_out.it_firm",
    "T10": "zero.care",
    "T12": "zero.cash_view",
    "T13": "zero.residual",
    "T14": "zero.nothing_rented",
    "T15": "zero.nothing_rented",
    "T16": "zero.no_pay_per_use",
    "T17": "zero.no_data_out",
    "T18": "zero.nothing_rented",
    "T19": "zero.storage",
    "T20": "zero.no_line_needed",
    "T25": "zero.licences",
    "T26": "zero.tax",
    "T28": "zero.discount",
    "T29": "zero.price_change",
}


def is_shut(setting: Setting, free: str | None) -> bool:
    """Whether a machine that is free only at times keeps people waiting who need an answer at other times."""
    case = setting.case
    if case.is_batch or case.limit_s is None or case.limit_s >= _HALF_DAY_S:
        return False
    return free == "nights" or (free == "office-hours" and case.open_hours_per_day > _OFFICE_DAY_HOURS)


def power_broken(setting: Setting, watts: Floats) -> NDArray[np.bool_]:
    limit = setting.case.power_limit_w
    if limit is None:
        # Off the mains without a stated limit we cannot promise anything that draws more than a lamp.
        limit = np.inf if setting.case.power == "mains" else 30.0
    return np.asarray(~(watts <= limit))


def too_small(setting: Setting) -> bool:
    """Whether the owner wants a large text model and names a small one to run at home."""
    text = setting.work.text
    return setting.case.needs_large_model and text is not None and text.params_billions < 30
