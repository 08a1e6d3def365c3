"""The catalog in memory: what can be bought or rented, what it costs, how old the figure is.

`load(folder)` reads the index only; each table is read at first use. Big tables are NumPy columns, small ones columns
of text. Unknown is `None` or NaN; a row without a price is never offered. A row with a cell that its schema does not
allow is left out and counted in `left_out`; a file that is not the one of the index is refused whole.
"""

from __future__ import annotations

import csv
import hashlib
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from advisor.catalog import country_facts, defaults, hardware, pay_per_use
from advisor.catalog.ageing import read_day
from advisor.catalog.data_out import DataOut, Disks
from advisor.catalog.faults import UNREADABLE, packed_faults, table_faults
from advisor.catalog.faults_of_offers import offer_faults, trip_faults, unsound_offers
from advisor.catalog.files import SCHEMA, damaged, read_file, read_index
from advisor.catalog.offers import USABLE_CAUTION, USABLE_NO, USABLE_YES, Offers, read_arrays
from advisor.catalog.packed import Packed
from advisor.catalog.round_trips import RoundTrips
from advisor.catalog.rows import Build, Chip, Default, Function, OwnedClass, SampleWorkload, Service, Speed, TextService
from advisor.catalog.schema import PACKED, TABLES
from advisor.catalog.text_table import TextTable, read_table
from advisor.evidence import Basis, Estimate, Source
from advisor.problems import AdvisorError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date
    from pathlib import Path

    from numpy.typing import NDArray

    from advisor.need import Owned

    Floats = NDArray[np.float64]

__all__ = [
    "SCHEMA",
    "USABLE_CAUTION",
    "USABLE_NO",
    "USABLE_YES",
    "Build",
    "Catalog",
    "Chip",
    "Default",
    "Function",
    "Offers",
    "OwnedClass",
    "Packed",
    "SampleWorkload",
    "Service",
    "Speed",
    "TextService",
    "load",
]


def load(folder: Path) -> Catalog:
    """The catalog in `folder`.

    Raises:
        AdvisorError: there is no catalog, or it is of a schema this version does not know.
    """
    return Catalog(folder, *read_index(folder))


class Catalog:
    """All tables; lookups return values with their source and date.

    `left_out` counts, by file, the rows of the tables read so far that were left out for a bad cell.
    """

    def __init__(self, folder: Path, version: str, day: str, files: dict[str, tuple[str, int]]) -> None:
        self.folder = folder
        self.version = version
        self.day = day
        self.files = files
        self.left_out: dict[str, int] = {}
        self._tables: dict[str, TextTable] = {}

    @cached_property
    def sha256(self) -> str:
        """Fingerprint of the whole catalog: of the fingerprints of its files."""
        text = "\n".join(f"{name} {sha}" for name, (sha, _) in sorted(self.files.items()))
        return hashlib.sha256(text.encode()).hexdigest()

    def _content(self, name: str) -> bytes:
        return read_file(self.folder, name, self.files.get(name, ("", 0))[0])

    @property
    def latest(self) -> str:
        """The last day that anything in the catalog may be of."""
        return self.day if read_day(self.day) else "9999-12-31"

    def table(self, name: str) -> TextTable:
        """The rows of a small table as text.

        Raises:
            AdvisorError: the file is missing, differs from the index or is no table.
        """
        if name not in self._tables:
            content = self._content(f"{name}.csv")
            try:
                found = read_table(content)
            except (UnicodeDecodeError, csv.Error):
                raise AdvisorError(damaged(self.folder.name, f"{name}.csv")) from None
            # A table without a declared column is one that the check refuses; here it fails where the column is asked for.
            if name in TABLES and set(found.names).issuperset(c.name for c in TABLES[name].columns):
                bad = {c.row for c in table_faults(TABLES[name], found, self.latest)}
                if bad:
                    self.left_out[f"{name}.csv"] = len(bad)
                    found = found.without(bad)
            self._tables[name] = found
        return self._tables[name]

    def _packed(self, name: str) -> Packed:
        """A big table without the rows that have a bad cell."""
        content = self._content(f"{name}.npz")
        try:
            found = Packed(content)
            bad = {c.row for c in packed_faults(PACKED[name], found, self.latest)}
        except UNREADABLE:
            raise AdvisorError(damaged(self.folder.name, f"{name}.npz")) from None
        if not bad:
            return found
        self.left_out[f"{name}.npz"] = len(bad)
        keep = np.ones(len(found), dtype=bool)
        keep[sorted(bad)] = False
        return found.kept(keep)

    # ---- rented machines -----------------------------------------------------------------------------------------

    @cached_property
    def offers(self) -> Offers:
        """Every priced offer."""
        titles = {r["source_id"]: r["title"] for r in self.table("sources")}
        content = self._content("offers.npz")
        try:
            arrays = read_arrays(content)
            bad = unsound_offers(arrays, offer_faults(arrays, self.latest))
        except UNREADABLE:
            raise AdvisorError(damaged(self.folder.name, "offers.npz")) from None
        if bad.any():
            self.left_out["offers.npz"] = int(bad.sum())
        return Offers(arrays, titles, ~bad)

    def price_doubt(self, rows: NDArray[np.int64], today: date) -> tuple[Floats, Floats]:
        """How far each price may have moved since its day, as factors low and high.

        The bands are those of `ageing`; a price without a day counts as three years old.
        """
        return self.offers.price_doubt(rows, today)

    @cached_property
    def round_trips(self) -> RoundTrips:
        """Round trips from every country to every region of a provider."""
        content = self._content("round_trips.npz")
        try:
            arrays = read_arrays(content)
            bad = {c.row for c in trip_faults(arrays)}
            found = RoundTrips(arrays, bad)
        except UNREADABLE:
            raise AdvisorError(damaged(self.folder.name, "round_trips.npz")) from None
        if bad:
            self.left_out["round_trips.npz"] = len(bad)
        return found

    def round_trip(self, country: str, provider: str, region: str) -> Estimate | None:
        """Round trip between a town of the country and the provider's region, last mile included [s]."""
        return self.round_trips.between(country, provider, region)

    @cached_property
    def hosted_prices(self) -> Packed:
        """Every priced row of pay-per-use models and services; advice rests on the classes in `services` and `text_services`."""
        return self._packed("hosted_prices")

    @cached_property
    def latencies(self) -> Packed:
        """Every published latency and throughput; `use` says what a row may serve for, `chip_id` is '' where it is none of ours."""
        return self._packed("latencies")

    # ---- hardware ------------------------------------------------------------------------------------------------

    @cached_property
    def chips(self) -> dict[str, Chip]:
        """Chips by id."""
        return hardware.chips(self.table("chips"), self.chip_ranges)

    @cached_property
    def chip_ranges(self) -> dict[tuple[str, str], Estimate]:
        """Facts of chips on which sources differ, by chip and column of chips.csv: lowest, used and highest."""
        return hardware.chip_ranges(self.table("chip_ranges"))

    @cached_property
    def speeds(self) -> dict[tuple[str, str], Speed]:
        """Fitted speeds by chip and unit."""
        return hardware.speeds(self.table("chip_speeds"))

    @cached_property
    def devices(self) -> TextTable:
        """Things that can be bought."""
        return self.table("devices")

    def builds(self, owned: Iterable[Owned]) -> tuple[Build, ...]:
        """Every recommendable device that works alone, and every card in a host it fits: a board sold here or a PC owned."""
        from advisor.catalog.builds import builds

        return builds(self, tuple(owned))

    @cached_property
    def owned_classes(self) -> tuple[OwnedClass, ...]:
        """Typical machines by kind and year."""
        return hardware.owned_classes(self.table("owned_classes"))

    def owned_class(self, what: str, memory_gb: float | None = None) -> OwnedClass:
        """The typical machine that the owner's own words fit best: kind first, then year ("old" counts as before 2016)."""
        return hardware.owned_class(self.owned_classes, what, memory_gb)

    # ---- pay per use ---------------------------------------------------------------------------------------------

    @cached_property
    def services(self) -> tuple[Service, ...]:
        """Vision, reading, speech, embedding and translation services with a price."""
        return pay_per_use.services(self.table("hosted_services"))

    @cached_property
    def text_services(self) -> tuple[TextService, ...]:
        """Hosted text models by size class."""
        return pay_per_use.text_services(self.table("hosted_text"))

    def service(self, id: str) -> Service | TextService | None:
        """The pay-per-use service with this id, `None` if there is none."""
        every: Sequence[Service | TextService] = (*self.services, *self.text_services)
        return next((s for s in every if s.id == id), None)

    @cached_property
    def functions(self) -> tuple[Function, ...]:
        """Pay-per-use functions that take a program of one's own, on processors."""
        from advisor.catalog.builds import functions

        return functions(self.table("serverless"))

    # ---- money, power, people ------------------------------------------------------------------------------------

    def exchange(self, currency: str) -> tuple[float, Source]:
        """How many of `currency` one US dollar buys.

        Raises:
            AdvisorError: the currency has no rate.
        """
        return country_facts.exchange(self.table("fx"), currency)

    def currency_of(self, country: str) -> str:
        """The currency of a country; US dollars where it has none that we can convert."""
        return country_facts.currency_of(self.table("fx"), country)

    def electricity_for(self, country: str) -> Estimate:
        """USD per kWh for a small firm: business rows first, homes next, a wide guess last."""
        return country_facts.electricity(self.table("electricity"), country) or self._judged("electricity.fallback_usd_per_kwh")

    def hour_of_work(self, country: str) -> Estimate:
        """USD per hour that the firm's own people cost: today's figure, else an older one with a wide range, else a guess."""
        return country_facts.hour_of_work(self.table("labour"), self.table("fx"), country) or self._judged("labour.fallback_usd_per_hour")

    @cached_property
    def data_out(self) -> DataOut:
        """What clouds bill for data sent out."""
        return DataOut(self.table("egress"))

    @cached_property
    def disks(self) -> Disks:
        """What clouds bill for disks."""
        return Disks(self.table("egress"))

    def tax_rate(self, country: str) -> Estimate | None:
        """The usual tax on what is bought, as a share of the price; `None` where the country has none that we know."""
        return country_facts.tax_rate(self.table("vat"), country)

    def mains_outage(self, country: str) -> Estimate:
        """Hours a year without power from the mains: the country's figure, else a guess."""
        return country_facts.mains_outage(self.table("outage"), country) or self._judged("outage.mains_hours_a_year")

    def mobile_per_gb(self, country: str) -> Estimate:
        """USD per GB on a mobile plan: the middle plan of the country, cheapest to dearest as the range; else the world's.

        A country of which only a floor is known gets that floor as its low end.
        """
        return country_facts.mobile_per_gb(self.table("mobile"), country)

    def carbon(self, country: str) -> Estimate | None:
        """Grams of CO2e per kWh of the country's grid."""
        return country_facts.carbon(self.table("carbon"), country)

    def in_eu(self, country: str) -> bool:
        """Whether a country is a member of the European Union."""
        return any(r["country"] == country and r["note"] == "EU member" for r in self.table("vat"))

    # ---- defaults and samples ------------------------------------------------------------------------------------

    @cached_property
    def _defaults(self) -> dict[str, Default]:
        return defaults.defaults(self.table("defaults"))

    def default(self, path: str) -> Default:
        """What is taken for a blank field.

        Raises:
            KeyError: there is no default for this path; a defect of ours.
        """
        return self._defaults[path]

    def _judged(self, path: str) -> Estimate:
        d = self.default(path)
        value = float(d.value)
        return Estimate(d.low or value, value, d.high or value, Basis.ESTIMATED, d.source)

    @cached_property
    def sample_workloads(self) -> tuple[SampleWorkload, ...]:
        """One typical job for each task."""
        return defaults.sample_workloads(self.table("sample_workloads"))

    def sample_workload(self, id: str) -> SampleWorkload | None:
        """A sample job by its id."""
        return next((s for s in self.sample_workloads if s.id == id), None)

    def sample_for_task(self, task: str) -> SampleWorkload:
        """The sample job of a task."""
        return next(s for s in self.sample_workloads if s.task == task)
