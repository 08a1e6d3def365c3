"""The way to a cloud and back: round trip and upload."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from advisor.options.setting import Setting

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Spread:
    """Low, likely and high of many candidates, shape (n,)."""

    low: Floats
    likely: Floats
    high: Floats


@dataclass(frozen=True, slots=True)
class Reach:
    """What the line adds to each answer, and the upload of one unit [s]."""

    extra: Spread
    upload_s: float


def reach_of(setting: Setting, region_rows: NDArray[np.int64]) -> Reach:
    """The way to each region (row of the catalog's regions, -1 = some region nearby)."""
    case, catalog = setting.case, setting.catalog
    near, far = setting.judged("network.same_country_s"), setting.judged("network.other_s")
    regions, back = np.unique(region_rows, return_inverse=True)
    table = np.empty((3, len(regions)))
    for k, row in enumerate(regions.tolist()):
        found = near
        if row >= 0:
            o = catalog.offers
            found = catalog.round_trip(case.country, str(o.region_provider[row]), str(o.region_name[row])) or far
        table[:, k] = found.low, found.likely, found.high
    # People who come over the internet bring their own line; the firm's upload is not in their way.
    upload = 0.0 if case.traffic_from == "internet" else case.input_kb * 8 / 1000 / case.uplink_mbps
    line = {"mobile": 0.04, "metered": 0.02}.get(case.internet, 0.0)
    spread = Spread(table[0][back] + upload * 0.7 + line / 2, table[1][back] + upload + line, table[2][back] + upload * 2 + line * 3)
    return Reach(spread, upload)
