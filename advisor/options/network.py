"""The way to a cloud and back: round trip, upload, and what a mobile plan adds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from advisor.load import UNEVENNESS, busiest_upload_mbps

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from advisor.options.setting import Setting

    Floats = NDArray[np.float64]


# Beyond it the wait on a line has no meaning any more.
_FULLEST: Final = 0.95


@dataclass(frozen=True, slots=True)
class Spread:
    """Low, likely and high of many candidates, shape (n,)."""

    low: Floats
    likely: Floats
    high: Floats


@dataclass(frozen=True, slots=True)
class Reach:
    """What the line adds to each answer [s], the upload of one unit [s], and gigabytes sent by mobile over the horizon."""

    extra: Spread
    upload_s: float
    mobile_gb: float


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
    sending = upload * _in_line(setting)
    line = {"mobile": 0.04, "metered": 0.02}.get(case.internet, 0.0)
    spread = Spread(table[0][back] + upload * 0.7 + line / 2, table[1][back] + sending + line, table[2][back] + sending * 2 + line * 3)
    mobile = (
        setting.demand.units * case.input_kb / 1e6 if case.internet in ("mobile", "metered") and case.traffic_from != "internet" else 0.0
    )
    included = (case.mobile_gb_per_month or 0.0) * 12 * setting.demand.duration * case.sites
    return Reach(spread, upload, max(mobile - included, 0.0))


def _in_line(setting: Setting) -> float:
    """How many times as long sending takes in the busiest hour as on an empty line: one input waits for those before it.

    The mean wait at one server with even service (Pollaczek-Khinchine; Allen-Cunneen for other gaps). A line that is too full is
    ruled out elsewhere.
    """
    case = setting.case
    if case.is_batch:
        return 1.0
    full = min(busiest_upload_mbps(case, setting.demand) / case.uplink_mbps, _FULLEST)
    return 1 + UNEVENNESS[case.arrivals] * full / (2 * (1 - full))
