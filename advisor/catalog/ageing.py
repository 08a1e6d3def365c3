"""How prices grow old: by kind of price, how far one may have moved in a year, and from when it is ageing or stale.

The figures of rented machines rest on `price_drift.csv`, which follows the same prices between two days: of large clouds at
least four prices in five stay within the band (tests/catalogs hold it against every series there), of spot prices hardly any
is the same after a month. Where no series exists (small clouds, services, devices) the figure is our judgement and says so.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Final, Literal

State = Literal["fresh", "ageing", "stale", "undated"]
LARGE_CLOUDS: Final = ("aws", "azure", "gcp")
DAYS_A_YEAR: Final = 365
# Taken for a price without a day.
UNDATED_YEARS: Final = 3.0
_DAY: Final = re.compile(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?$")


@dataclass(frozen=True, slots=True)
class Ageing:
    """`yearly`: share by which a price may have moved in a year, either way (80 % range); days at which it is ageing and stale."""

    yearly: float
    ageing_days: int
    stale_days: int
    basis: str

    def band(self, years: float) -> float:
        """How far a price of this age may be off, as a share; half a year's move is in doubt even on its first day."""
        return self.yearly * (0.5 + max(years, 0.0))

    def factors(self, years: float) -> tuple[float, float]:
        """The same as factors on the price, low and high."""
        return 1 / (1 + self.band(years)), 1 + self.band(years)

    def state(self, days: int | None) -> State:
        """Of a price this many days old; `None` is a price without a day."""
        if days is None:
            return "undated"
        return "stale" if days > self.stale_days else "ageing" if days > self.ageing_days else "fresh"


AGEING: Final[dict[str, Ageing]] = {
    "rented, large cloud": Ageing(0.06, 365, 730, "price_drift.csv: aws, azure and gcp on-demand"),
    "rented, small cloud": Ageing(0.2, 90, 270, "judgement: no series; these sellers change their lists within the year"),
    "spot": Ageing(0.86, 30, 90, "price_drift.csv: gcp spot"),
    "hosted service": Ageing(0.3, 90, 180, "judgement: no series; models are replaced within months"),
    "function": Ageing(0.06, 365, 730, "judgement: as large clouds, whose lists they are on"),
    "data out": Ageing(0.06, 365, 730, "judgement: as large clouds, whose lists they are on"),
    "device": Ageing(0.3, 180, 365, "judgement: memory prices have risen since 2026-01"),
    "electricity": Ageing(0.15, 550, 1100, "judgement: the statistics come out half a year late, twice a year"),
    "exchange rate": Ageing(0.08, 30, 120, "judgement: usual moves of large currencies"),
    "fact": Ageing(0.0, 730, 1100, "judgement: wages, laws and failure rates are counted every few years"),
}


def kind_of_rent(provider: str) -> str:
    """The kind of price of a machine rented from `provider`."""
    return "rented, large cloud" if provider in LARGE_CLOUDS else "rented, small cloud"


def read_day(text: str) -> date | None:
    """A day written to the day, the month or the year (then the first of it); `None` if it is none."""
    found = _DAY.match(text.strip())
    if not found:
        return None
    try:
        return date(int(found[1]), int(found[2] or 1), int(found[3] or 1))
    except ValueError:
        return None


@lru_cache(maxsize=4096)
def days_old(text: str, today: date) -> int | None:
    """Days between a day as written and today; of several in a text ("launch 2025; street 2026-01") the last counts."""
    named = re.findall(r"\d{4}(?:-\d{2}){0,2}", text)
    found = read_day(named[-1]) if named else None
    return None if found is None else (today - found).days


def state_of(kind: str, text: str, today: date) -> State:
    """Whether a price of a kind, with its day as written, is fresh, ageing or stale today."""
    return AGEING[kind].state(days_old(text, today))
