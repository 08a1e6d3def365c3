"""The catalog in memory: what can be bought or rented, what it costs, how old the figure is.

`load(folder)` reads the index only; each table is read at first use. Big tables are NumPy columns, small ones tuples
of frozen rows. Unknown is `None` or NaN; a row without a price is never offered. A row with a cell that its schema does not
allow is left out and counted in `left_out`; a file that is not the one of the index is refused whole.
"""

from __future__ import annotations

import csv
import hashlib
import json
import re
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from advisor.catalog.ageing import AGEING, DAYS_A_YEAR, UNDATED_YEARS, kind_of_rent, read_day
from advisor.catalog.faults import UNREADABLE, offer_faults, packed_faults, table_faults, trip_faults, unsound_offers
from advisor.catalog.offers import USABLE_CAUTION, USABLE_NO, USABLE_YES, Offers, read_arrays
from advisor.catalog.packed import Packed
from advisor.catalog.round_trips import RoundTrips
from advisor.catalog.rows import Build, Chip, Default, Function, OwnedClass, SampleWorkload, Service, Speed, TextService
from advisor.catalog.schema import PACKED, TABLES
from advisor.catalog.text_table import Row, TextTable, read_table
from advisor.evidence import Basis, Estimate, Source
from advisor.problems import AdvisorError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date
    from pathlib import Path

    from numpy.typing import NDArray

    from advisor.need import Owned

    Floats = NDArray[np.float64]

__all__ = [
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

SCHEMA = 1
# Figures on what an hour of work costs, the best first, with what an old one is worth today (low, likely, high).
_WAGES = {
    "hourly_labour_cost": (0.6, 1.0, 1.6),
    "hourly_labour_cost_2017": (0.8, 1.3, 2.0),
    "hourly_compensation_manufacturing_2010": (0.7, 1.3, 2.2),
}


def load(folder: Path) -> Catalog:
    """The catalog in `folder`.

    Raises:
        AdvisorError: there is no catalog, or it is of a schema this version does not know.
    """
    try:
        index = json.loads((folder / "catalog.json").read_text(encoding="utf-8"))
        files = {name: (str(f["sha256"]), int(f["rows"])) for name, f in index["files"].items()}
        version, day, schema = str(index["version"]), str(index["date"]), int(index["schema"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise AdvisorError(_broken(folder.name or "catalogs", "catalog.json")) from None
    if schema != SCHEMA:
        raise AdvisorError(
            Problem(
                "CATALOG",
                "catalog.json",
                f"This catalog has the form {schema}; this program reads the form {SCHEMA}.",
                "Reading it could give wrong prices.",
                "Install the catalog that came with this version.",
            ),
        )
    return Catalog(folder, version, day, files)


def _broken(where: str, name: str) -> Problem:
    return Problem(
        "CATALOG",
        name,
        f"The price catalog in {where} is damaged: {name} is missing or was changed.",
        "We do not give advice on prices we cannot trust.",
        "Install the program again, or go back to the catalog before.",
    )


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
        """The bytes of a file, which are those that the index tells of."""
        try:
            content = (self.folder / name).read_bytes()
            if name in self.files and hashlib.sha256(content).hexdigest() == self.files[name][0]:
                return content
        except OSError:
            pass
        raise AdvisorError(_broken(self.folder.name, name))

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
                raise AdvisorError(_broken(self.folder.name, f"{name}.csv")) from None
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
            raise AdvisorError(_broken(self.folder.name, f"{name}.npz")) from None
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
            raise AdvisorError(_broken(self.folder.name, "offers.npz")) from None
        if bad.any():
            self.left_out["offers.npz"] = int(bad.sum())
        return Offers(arrays, titles, ~bad)

    def price_doubt(self, rows: NDArray[np.int64], today: date) -> tuple[Floats, Floats]:
        """How far each price may have moved since its day, as factors low and high.

        The bands are those of `ageing`; a price without a day counts as three years old.
        """
        days = (read_day(d) for d in self.offers.dates)
        ages = np.array([UNDATED_YEARS if d is None else (today - d).days / DAYS_A_YEAR for d in days])
        age = np.maximum(ages[self.offers.date_code[rows]], 0)
        yearly = np.array([AGEING[kind_of_rent(p)].yearly for p in self.offers.type_provider.tolist()])[self.offers.type_row[rows]]
        band = yearly * (0.5 + age)
        return 1 / (1 + band), 1 + band

    @cached_property
    def round_trips(self) -> RoundTrips:
        """Round trips from every country to every region of a provider."""
        content = self._content("round_trips.npz")
        try:
            arrays = read_arrays(content)
            bad = {c.row for c in trip_faults(arrays)}
            found = RoundTrips(arrays, bad)
        except UNREADABLE:
            raise AdvisorError(_broken(self.folder.name, "round_trips.npz")) from None
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
        doubts: dict[str, list[tuple[str, float, float]]] = {}
        for (chip_id, fact), said in self.chip_ranges.items():
            doubts.setdefault(chip_id, []).append((fact, said.low / said.likely, said.high / said.likely))
        return {
            r["chip_id"]: Chip(
                r["chip_id"],
                r["name"],
                r["kind"],
                r["class"],
                _number(r["fp32_tflops"]),
                _number(r["fp16_tflops"]),
                _number(r["int8_tops"]),
                _number(r["memory_gb"]),
                _number(r["memory_bandwidth_gbps"]),
                _number(r["tdp_w"]),
                _number(r["cores"]),
                _number(r["base_ghz"]),
                r["simd"],
                r["supported_runtimes"],
                r["recommendable"] == "yes",
                r["as_of"],
                tuple(doubts.get(r["chip_id"], ())),
            )
            for r in self.table("chips")
        }

    @cached_property
    def chip_ranges(self) -> dict[tuple[str, str], Estimate]:
        """Facts of chips on which sources differ, by chip and column of chips.csv: lowest, used and highest."""
        return {
            (r["chip_id"], r["fact"]): Estimate(
                float(r["low"]), float(r["used"]), float(r["high"]), Basis.PUBLISHED, Source(r["values"], r["as_of"])
            )
            for r in self.table("chip_ranges")
        }

    @cached_property
    def speeds(self) -> dict[tuple[str, str], Speed]:
        """Fitted speeds by chip and unit."""
        return {
            (r["chip_id"], r["unit"]): Speed(
                r["chip_id"],
                r["unit"],
                float(r["gmacs_per_s"]),
                float(r["overhead_s"]),
                float(r["log_spread"]),
                int(r["rows"]),
                r["sources"],
            )
            for r in self.table("chip_speeds")
        }

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

        def estimate(r: Row, what: str) -> Estimate:
            low, likely, high = (float(r[f"{what}_{end}"]) for end in ("low", "likely", "high"))
            return Estimate(low, likely, high, Basis.ESTIMATED, Source(r["source"], r["as_of"]))

        return tuple(
            OwnedClass(
                r["id"],
                tuple(w for w in r["words"].split("|") if w),
                int(r["year_from"]),
                int(r["year_to"]),
                int(r["cores"]),
                estimate(r, "gflops"),
                float(r["bandwidth_gbps"]),
                estimate(r, "idle_w"),
                estimate(r, "busy_w"),
                float(r["memory_gb"]),
                r["takes_card"] == "yes",
            )
            for r in self.table("owned_classes")
        )

    def owned_class(self, what: str, memory_gb: float | None = None) -> OwnedClass:
        """The typical machine that the owner's own words fit best: kind first, then year ("old" counts as before 2016)."""
        from dataclasses import replace

        text = f" {what.lower()} "
        found = re.search(r"\b(19|20)\d{2}\b", text)
        year = int(found[0]) if found else (2013 if re.search(r"\bold\b|\balt", text) else 2019)
        fitting = [c for c in self.owned_classes if any(w in text for w in c.words)]
        # "till PC" is a till first and a PC second: the most particular word wins.
        first = next((c.words for c in fitting), ())
        best = next(
            (c for c in fitting if c.words == first and c.year_from <= year <= c.year_to), fitting[0] if fitting else self.owned_classes[-1]
        )
        return best if memory_gb is None else replace(best, memory_gb=memory_gb)

    # ---- pay per use ---------------------------------------------------------------------------------------------

    @cached_property
    def services(self) -> tuple[Service, ...]:
        """Vision, reading, speech, embedding and translation services with a price."""
        rows = self.table("hosted_services")
        # A service that bills its answers apart would look too cheap by its input alone.
        two_part = {(r["provider"], r["service_model"]) for r in rows if "output" in r["unit"]}
        return tuple(
            Service(
                f"{r['provider']}:{_service_name(r['service_model']).replace(' ', '-')}",
                r["task"],
                r["provider"],
                _service_name(r["service_model"]),
                r["unit"],
                float(r["usd_per_unit"]),
                r["retires_on"] if re.fullmatch(r"\d{4}-\d{2}-\d{2}", r["retires_on"] or "") else None,
                r["caution"],
                Source(r["source"], r["as_of"] or None),
            )
            for r in rows
            if float(r["usd_per_unit"] or 0) > 0 and (r["provider"], r["service_model"]) not in two_part
        )

    @cached_property
    def text_services(self) -> tuple[TextService, ...]:
        """Hosted text models by size class."""
        return tuple(
            TextService(
                f"{r['provider']}:{r['model'].split('/')[-1]}",
                r["provider"],
                r["model"].split("/")[-1],
                r["size_class"],
                float(r["usd_per_1m_input"]),
                float(r["usd_per_1m_output"]),
                _number(r["context_tokens"]),
                r["eu_hosting"] == "yes",
                r["retires_on"] or None,
                r["caution"],
                Source(r["source"], r["as_of"] or None),
            )
            for r in self.table("hosted_text")
        )

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
        for r in self.table("fx"):
            if r["currency"] == currency and _number(r["per_usd"]):
                return float(r["per_usd"]), Source(r["source"], r["as_of"])
        raise AdvisorError(
            Problem(
                "BAD_FIELD",
                "money.currency",
                f"We have no exchange rate for {currency}.",
                "Prices in the catalog are in US dollars.",
                "Use one of: " + ", ".join(sorted(r["currency"] for r in self.table("fx"))) + ".",
            ),
        )

    def currency_of(self, country: str) -> str:
        """The currency of a country; US dollars where it has none that we can convert."""
        from babel.numbers import get_territory_currencies

        known = {r["currency"] for r in self.table("fx") if _number(r["per_usd"])}
        return next((c for c in get_territory_currencies(country) if c in known), "USD")

    def electricity_for(self, country: str) -> Estimate:
        """USD per kWh for a small firm: business rows first, homes next, a wide guess last."""
        rows = [r for r in self.table("electricity") if r["country_iso2"] == country and r["usable"] != "no" and _number(r["usd_per_kwh"])]
        if not rows:
            return self._judged("electricity.fallback_usd_per_kwh")
        best = min(rows, key=lambda r: (r["consumer"] == "household", -int(float(r["year"] or 0))))
        value = float(best["usd_per_kwh"])
        # Small firms pay more than the middle-sized ones the statistics count; households somewhat more still.
        low, high = (0.8, 1.1) if best["consumer"] == "household" else (0.9, 1.4)
        return Estimate(value * low, value, value * high, Basis.PUBLISHED, Source(best["source"], best["as_of"] or None))

    def hour_of_work(self, country: str) -> Estimate:
        """USD per hour that the firm's own people cost: today's figure, else an older one with a wide range, else a guess."""
        found = {r["item"]: r for r in self.table("labour") if r["country"] == country and r["item"] in _WAGES and _number(r["value"])}
        for item, (low, likely, high) in _WAGES.items():
            if item in found:
                r = found[item]
                rate = 1.0 if r["unit"].startswith("USD") else 1 / self.exchange(r["unit"][:3])[0]
                value = float(r["value"]) * rate
                source = Source(r["source"], r["source_date"] or None)
                return Estimate(value * low, value * likely, value * high, Basis.PUBLISHED if likely == 1 else Basis.ESTIMATED, source)
        return self._judged("labour.fallback_usd_per_hour")

    def mobile_per_gb(self, country: str) -> Estimate:
        """USD per GB on a mobile plan: the middle plan of the country, cheapest to dearest as the range; else the world's.

        A country of which only a floor is known gets that floor as its low end.
        """
        rows = [r for r in self.table("mobile") if r["item"] == "mobile_data" and r["unit"] == "USD/GB"]
        own = next((r for r in rows if r["country"] == country), None)
        if own is not None and _number(own["value"]):
            value = float(own["value"])
            source = Source(own["source"], own["source_date"])
            return Estimate(_number(own["low"]) or value * 0.3, value, _number(own["high"]) or value * 5, Basis.PUBLISHED, source)
        world = next(r for r in rows if r["where"] and r["country"] == "world")
        floor = (_number(own["low"]) if own is not None else None) or 0.0
        value = max(float(world["value"]), floor * 1.5)
        source = Source(f"the world's middle, as we have none for your country: {world['source']}", world["source_date"])
        return Estimate(floor or value * 0.1, value, value * 8, Basis.ESTIMATED, source)

    def carbon(self, country: str) -> Estimate | None:
        """Grams of CO2e per kWh of the country's grid."""
        for r in self.table("carbon"):
            if r["scope"] == "country" and r["code"] == country and _number(r["gco2e_per_kwh"]):
                value = float(r["gco2e_per_kwh"])
                return Estimate(value * 0.7, value, value * 1.3, Basis.PUBLISHED, Source(r["source"], r["as_of"]))
        return None

    def in_eu(self, country: str) -> bool:
        """Whether a country is a member of the European Union."""
        return any(r["country"] == country and r["note"] == "EU member" for r in self.table("vat"))

    # ---- defaults and samples ------------------------------------------------------------------------------------

    @cached_property
    def _defaults(self) -> dict[str, Default]:
        return {
            r["path"]: Default(r["path"], r["value"], _number(r["low"]), _number(r["high"]), r["unit"], Source(r["source"], r["as_of"]))
            for r in self.table("defaults")
        }

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
        return tuple(
            SampleWorkload(
                r["id"],
                r["task"],
                r["unit"],
                r["name"],
                r["model"],
                _number(r["params_millions"]),
                _number(r["gmacs"]),
                _number(r["activations_millions"]),
                r["precision"] or None,
                _number(r["params_billions"]),
                _number(r["prompt_tokens"]),
                _number(r["output_tokens"]),
                _number(r["context_tokens"]),
                float(r["input_kb"]),
                float(r["output_kb"]),
                float(r["units_small"]),
                float(r["units_typical"]),
                float(r["units_busy"]),
                Source(r["source"], r["as_of"]),
            )
            for r in self.table("sample_workloads")
        )

    def sample_workload(self, id: str) -> SampleWorkload | None:
        """A sample job by its id."""
        return next((s for s in self.sample_workloads if s.id == id), None)

    def sample_for_task(self, task: str) -> SampleWorkload:
        """The sample job of a task."""
        return next(s for s in self.sample_workloads if s.task == task)


def _number(text: str | None) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        return None


def _service_name(path: str) -> str:
    """The name behind the address of a model; a slash between words is part of a name."""
    return path if " " in path else path.rsplit("/", 1)[-1]
