"""The machines that can be rented: about 100,000 priced offers as coded columns."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from advisor.catalog.ageing import AGEING, DAYS_A_YEAR, UNDATED_YEARS, kind_of_rent, read_day
from advisor.catalog.packed import Npz

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Bools = NDArray[np.bool_]
    Texts = NDArray[np.str_]

USABLE_NO: Final = 0
USABLE_CAUTION: Final = 1
USABLE_YES: Final = 2


PER_OFFER: Final = (
    "type_row",
    "region_row",
    "usd_per_hour",
    "usd_per_hour_spot",
    "usable",
    "reason_code",
    "flags_code",
    "date_code",
    "spot_use_code",
    "source_code",
)


def read_arrays(content: bytes) -> dict[str, NDArray[Any]]:
    """Every array of the file of offers."""
    file = Npz(content)
    return {name: file[name] for name in file.names}


class Offers:
    """Columns over offers (shape (n,)), over machine types (`types.*`, shape (t,)) and over regions.

    `usd_per_hour` is the on-demand price; `usable` is USABLE_NO, _CAUTION or _YES. `usd_per_hour_spot` (NaN where there is
    none) may stand beside it with the words of `spot_text`, never in its place: the machine can be taken away. Offers that
    `keep` does not pick are not here.
    """

    def __init__(self, arrays: Mapping[str, NDArray[Any]], source_titles: Mapping[str, str], keep: Bools) -> None:
        a = dict(arrays)
        if not keep.all():
            a |= {name: a[name][keep] for name in PER_OFFER}
        self._a = a
        self._titles = source_titles
        self.type_row: Ints = a["type_row"].astype(np.int64)
        self.region_row: Ints = a["region_row"].astype(np.int64)
        self.usd_per_hour: Floats = a["usd_per_hour"]
        self.usd_per_hour_spot: Floats = a["usd_per_hour_spot"].astype(np.float64)
        self.usable: NDArray[np.uint8] = a["usable"]
        self.country: Texts = a["region_country"][self.region_row]
        self.in_eu: Bools = a["region_in_eu"][self.region_row]
        self.in_eea: Bools = a["region_in_eea"][self.region_row]
        self.owner_can_use: Bools = a["region_open"][self.region_row]
        self.region_country: Texts = a["region_country"]
        self.region_in_eu: Bools = a["region_in_eu"]
        self.region_provider: Texts = a["region_provider"]
        self.region_name: Texts = a["region_name"]
        self.type_provider: Texts = a["type_provider"]
        self.type_name: Texts = a["type_name"]
        self.type_chip: Texts = a["type_chip"]
        self.type_chips: Floats = a["type_chips"]
        self.type_chip_gib: Floats = a["type_chip_gib"]
        self.type_vcpus: Floats = a["type_vcpus"]
        self.type_memory_gib: Floats = a["type_memory_gib"]
        self.type_ghz: Floats = a["type_ghz"]
        self.type_isa: Texts = a["type_isa"]
        self.type_vcpus_per_core: Floats = a["type_vcpus_per_core"]
        self.type_cpu_chip: Texts = a["type_cpu_chip"]
        self._doubts: tuple[date, Floats, Floats] | None = None

    def __len__(self) -> int:
        return len(self.type_row)

    @property
    def dates(self) -> tuple[str, ...]:
        """The distinct dates of the prices."""
        return tuple(str(d) for d in self._a["dates"])

    @property
    def date_code(self) -> Ints:
        """Row of `dates` for each offer."""
        codes: Ints = self._a["date_code"].astype(np.int64)
        return codes

    @cached_property
    def _type_of(self) -> dict[tuple[str, str], int]:
        return {(p, t): i for i, (p, t) in enumerate(zip(self.type_provider.tolist(), self.type_name.tolist(), strict=True))}

    def type_row_of(self, provider: str, instance_type: str) -> int | None:
        """The row of a machine type, `None` if the catalog does not know it."""
        return self._type_of.get((provider, instance_type))

    def provider_text(self, offer: int) -> str:
        """Who rents the machine out."""
        return str(self.type_provider[self.type_row[offer]])

    def type_text(self, offer: int) -> str:
        """The provider's name of the machine."""
        return str(self.type_name[self.type_row[offer]])

    def region_text(self, offer: int) -> str:
        """The provider's name of the place."""
        return str(self.region_name[self.region_row[offer]])

    def place_text(self, offer: int) -> str:
        """The country it stands in, in English; the provider's name of the place, or nothing, where that is not told."""
        from babel import Locale

        country = str(self.country[offer])
        name: str = Locale("en").territories.get(country) or self.region_text(offer)
        return "" if name == "unspecified" else name

    def as_of_text(self, offer: int) -> str | None:
        """The day the price was true."""
        return str(self._a["dates"][self._a["date_code"][offer]]) or None

    def source_title(self, offer: int) -> str:
        """Where the price was read."""
        code = str(self._a["sources"][self._a["source_code"][offer]])
        return self._titles.get(code, code)

    @property
    def reasons(self) -> tuple[str, ...]:
        """The distinct reasons for caution, codes joined by semicolons."""
        return tuple(str(r) for r in self._a["reasons"])

    @property
    def reason_code(self) -> Ints:
        """Row of `reasons` for each offer."""
        codes: Ints = self._a["reason_code"].astype(np.int64)
        return codes

    def reason_text(self, offer: int) -> str:
        """Why an offer is to be taken with caution ('' if it is not)."""
        return str(self._a["reasons"][self._a["reason_code"][offer]])

    def flags_text(self, offer: int) -> str:
        """What the source's price is known to suffer from ('' if nothing)."""
        return str(self._a["flags"][self._a["flags_code"][offer]])

    def spot_text(self, offer: int) -> str:
        """What is to be said of the spot price: "no" (not to be used), a caution, or ''."""
        return str(self._a["spot_uses"][self._a["spot_use_code"][offer]])

    @cached_property
    def spot_usable(self) -> Bools:
        """Which offers have a spot price that may be told, always with the caution beside it."""
        told = np.array([t not in ("", "no") for t in self._a["spot_uses"].tolist()], dtype=bool)
        usable: Bools = told[self._a["spot_use_code"]] & np.isfinite(self.usd_per_hour_spot) & (self.usd_per_hour_spot > 0)
        return usable

    def special_text(self, offer: int) -> str:
        """What kind of place it stands in ("normal", "local-zone", "government" ...)."""
        return str(self._a["region_special"][self.region_row[offer]])

    def price_doubt(self, rows: Ints, today: date) -> tuple[Floats, Floats]:
        """How far the price of each of these offers may have moved since its day, as factors low and high."""
        low, high = self._doubts_on(today)
        return low[rows], high[rows]

    def _doubts_on(self, today: date) -> tuple[Floats, Floats]:
        """The same for every offer; kept for one day, as a program is seldom asked about two."""
        kept = self._doubts
        if kept is None or kept[0] != today:
            days = (read_day(d) for d in self.dates)
            ages = np.array([UNDATED_YEARS if d is None else (today - d).days / DAYS_A_YEAR for d in days])
            age = np.maximum(ages[self.date_code], 0)
            yearly = np.array([AGEING[kind_of_rent(p)].yearly for p in self.type_provider.tolist()])[self.type_row]
            band = yearly * (0.5 + age)
            kept = self._doubts = today, 1 / (1 + band), 1 + band
        return kept[1:]
