"""Round trips between the countries and the regions of providers, in milliseconds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from advisor.evidence import Basis, Estimate, Source

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

_SOURCE = Source("distance model on Azure's round trips, plus a wired last mile", "2026-08-01")
# Likely, low and high of a wired last mile [ms].
_LAST_MILE = (15, 5, 40)


class RoundTrips:
    """`country`, `provider` and `region` by row, and `ms` of shape (n, 3): likely, low and high. Rows in `bad` are never found."""

    def __init__(self, arrays: Mapping[str, NDArray[Any]], bad: Collection[int]) -> None:
        self.country, self.provider, self.region = (arrays[n] for n in ("country", "provider", "region"))
        self.ms: Floats = arrays["ms"].astype(np.float64)
        self._bad = bad
        # A firm sits in one country, so the names of its rows are unpacked only.
        self._from: dict[str, dict[tuple[str, str], int]] = {}

    def __len__(self) -> int:
        return len(self.ms)

    def between(self, country: str, provider: str, region: str) -> Estimate | None:
        """The round trip between a town of the country and the region, last mile included [s]."""
        if country not in self._from:
            rows = [i for i in np.flatnonzero(self.country == country).tolist() if i not in self._bad]
            names = zip(self.provider[rows].tolist(), self.region[rows].tolist(), strict=True)
            self._from[country] = dict(zip(names, rows, strict=True))
        row = self._from[country].get((provider, region))
        if row is None:
            return None
        likely, low, high = ((ms + more) / 1000 for ms, more in zip(self.ms[row].tolist(), _LAST_MILE, strict=True))
        return Estimate(low, likely, high, Basis.ESTIMATED, _SOURCE)
