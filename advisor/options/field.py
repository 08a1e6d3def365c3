"""The offers that may be rented at all, with the time a unit of work takes on each."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from advisor.advice import Part
from advisor.catalog import USABLE_CAUTION, USABLE_NO
from advisor.catalog.names import provider_name
from advisor.catalog.operators import RUNS_NOT
from advisor.evidence import Basis
from advisor.forecast import machines_from_offers
from advisor.options.group import FAR, HERE, NEAR, Looks
from advisor.options.network import Reach, reach_of
from advisor.options.operators import cautions, falls_short, levels
from advisor.work import unit_times

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from advisor.catalog import Catalog, Offers
    from advisor.forecast import Machines
    from advisor.options.setting import Setting
    from advisor.work import UnitTimes

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Field:
    """The offers that may be rented at all, with the time a unit takes on each; arrays over the kept offers."""

    rows: Ints
    offers: Offers
    machines: Machines
    times: UnitTimes
    software: Ints
    kind_of: Ints
    reach: Reach
    price: Floats
    price_low: Floats
    price_high: Floats

    def unit(self, values: Floats) -> Floats:
        """Per-kind values spread over the offers."""
        return values[self.kind_of]


def field_of(setting: Setting) -> Field | None:
    """Every offer that is not ruled out by its own row (unusable, closed to the owner, without a price)."""
    if not setting.work.steps:
        return None
    catalog = setting.catalog
    offers = catalog.offers
    rows, kind_of, machines = _rentable(catalog)
    times = unit_times(setting.work, machines, setting.own, setting.own_guess)
    # A machine that cannot hold or run the model is no candidate anywhere; drop it before the wide arrays are made.
    software = _levels(catalog, setting.work.operators)
    runs = (times.fits & np.isfinite(times.likely) & (times.reach == 0) & (software < RUNS_NOT))[kind_of]
    rows, kind_of = rows[runs], kind_of[runs]
    low, high = catalog.price_doubt(rows, setting.today)
    return Field(
        rows,
        offers,
        machines,
        times,
        software,
        kind_of,
        reach_of(setting, offers.region_row[rows]),
        offers.usd_per_hour[rows],
        low,
        high,
    )


@lru_cache(maxsize=4)
def _rentable(catalog: Catalog) -> tuple[Ints, Ints, Machines]:
    """Rows of the offers that may be rented at all, the kind of machine of each, and those kinds as machines."""
    offers = catalog.offers
    rows = np.flatnonzero((offers.usable != USABLE_NO) & offers.owner_can_use & (offers.usd_per_hour > 0))
    kinds, kind_of = np.unique(offers.type_row[rows], return_inverse=True)
    return rows, kind_of, machines_from_offers(catalog, kinds)


@lru_cache(maxsize=4)
def _levels(catalog: Catalog, operators: tuple[str, ...]) -> Ints:
    return levels(catalog, _rentable(catalog)[2], operators)


def distance(setting: Setting, field: Field) -> Floats:
    country, in_eu = field.offers.country[field.rows], field.offers.in_eu[field.rows]
    return np.where(country == setting.case.country, HERE, np.where(in_eu & setting.catalog.in_eu(setting.case.country), NEAR, FAR))


def offer_id(field: Field, i: int) -> str:
    row = int(field.rows[i])
    o = field.offers
    return f"{o.provider_text(row)}:{o.type_text(row)}:{o.region_text(row)}"


def offer_looks(setting: Setting, field: Field, i: int, count: int, purchase: str) -> Looks:
    row = int(field.rows[i])
    o = field.offers
    what = f"{provider_name(o.provider_text(row))} {o.type_text(row)}"
    kind = int(field.kind_of[i])
    beside = [*cautions(field.software, kind)]
    if o.usable[row] == USABLE_CAUTION:
        beside += [f"caution.price.{reason_key(code)}" for code in o.reason_text(row).split(";") if code]
    if str(o.country[row]) != setting.case.country and not (o.in_eu[row] and setting.catalog.in_eu(setting.case.country)):
        beside.append("caution.far")
    return Looks(
        f"{what} in {o.place_text(row)}" if o.place_text(row) else what,
        (
            Part(
                "does the work",
                f"{o.provider_text(row)}:{o.type_text(row)}",
                what,
                max(count, 1),
                purchase,
                o.region_text(row),
                o.provider_text(row),
            ),
        ),
        None,
        "lock.machine",
        tuple(beside),
        Basis.ESTIMATED,
        field.times.why(kind),
        field.times.told(kind),
        falls_short(setting, field.machines, kind),
    )


def reason_key(code: str) -> str:
    """The phrase key of a reason that the price list gives: its leading word."""
    return code.split(":")[0].split(" ")[0].strip()


def others_machines(setting: Setting, field: Field) -> NDArray[np.bool_]:
    """Which offers are computers of strangers: nothing about people may go there."""
    o = field.offers
    strangers = np.array(["community_host" in str(r) for r in o.reasons])
    return strangers[o.reason_code[field.rows]] & (setting.case.data != "none")
