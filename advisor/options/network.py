"""The way to a cloud and back: round trip and upload."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

from advisor.load import UNEVENNESS, busiest_upload_mbps
from advisor.options.column import column

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from advisor.catalog import Catalog
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
    """What the line adds to each answer, and the upload of one unit [s]."""

    extra: Spread
    upload_s: float


def reach_of(setting: Setting, region_rows: NDArray[np.int64]) -> Reach:
    """The way to each region (row of the catalog's regions, -1 = some region nearby)."""
    case = setting.case
    near, far = setting.judged("network.same_country_s"), setting.judged("network.other_s")
    ends = [(e.low, e.likely, e.high) for e in (near, far)]
    low, likely, high = _round_trips(setting.catalog, case.country, *ends)
    # People who come over the internet bring their own line; the firm's upload is not in their way.
    upload = 0.0 if case.traffic_from == "internet" else case.input_kb * 8 / 1000 / case.uplink_mbps
    sending = upload * _in_line(setting)
    line = {"mobile": 0.04, "metered": 0.02}.get(case.internet, 0.0)
    # Reckoned by region: there are hundreds of them, and a hundred thousand offers. Few are asked for their ends.
    n, least, most = len(region_rows), low + upload * 0.7 + line / 2, high + sending * 2 + line * 3
    spread = Spread(
        column(n, lambda at: least[region_rows[at]]),
        (likely + sending + line).take(region_rows),
        column(n, lambda at: most[region_rows[at]]),
    )
    return Reach(spread, upload)


@lru_cache(maxsize=16)
def _round_trips(catalog: Catalog, country: str, near: tuple[float, float, float], far: tuple[float, float, float]) -> Floats:
    """Round trips from a country to every region of the catalog and, in the last column, to one nearby [s]: low, likely, high."""
    o = catalog.offers
    found = [catalog.round_trip(country, p, r) for p, r in zip(o.region_provider.tolist(), o.region_name.tolist(), strict=True)]
    table = np.array([*(far if e is None else (e.low, e.likely, e.high) for e in found), near]).T.copy()
    table.setflags(write=False)
    return table


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
