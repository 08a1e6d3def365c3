"""The offers that may be rented at all, with the time a unit of work takes on each."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final, TypeVar

import numpy as np

from advisor.advice import Part
from advisor.catalog import USABLE_CAUTION, USABLE_NO
from advisor.catalog.names import provider_name
from advisor.catalog.operators import RUNS, RUNS_NOT
from advisor.evidence import Basis
from advisor.forecast import machines_from_offers
from advisor.options.group import FAR, HERE, NEAR, Looks
from advisor.options.network import Reach, reach_of
from advisor.options.operators import cautions, falls_short, levels
from advisor.units import MONTHS_PER_YEAR
from advisor.work import unit_times

if TYPE_CHECKING:
    from datetime import date

    from numpy.typing import NDArray

    from advisor.catalog import Catalog, Offers
    from advisor.forecast import Machines
    from advisor.options.setting import Setting
    from advisor.quotes import Rent
    from advisor.work import UnitTimes

    Bools = NDArray[np.bool_]
    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    _Value = TypeVar("_Value", bound=np.generic)


# What makes a price of the list doubtful and a quote in the owner's hand does not: the leading word of each reason.
_ABOUT_THE_PRICE: Final = frozenset(
    {
        "price_older_than_9_months_small_cloud", "price_older_than_18_months_small_cloud", "price_far_below_same_type_elsewhere",
        "price_far_above_same_type_elsewhere", "price_3x_below_market", "too_dear", "currency_may_be_EUR", "suspect_windows_price",
        "undated_and_vendor_raised_prices_since", "superseded_by_newer_row_of_same_provider_and_gpu", "single",
        "gcp_availability_not_confirmed", "gcp_accelerator_probably_not_offered_here",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Known:
    """What hangs on nothing but the rows of some offers: read-only arrays, kept between answers.

    `regions` are rows of the catalog's regions. `flagged` are prices to be taken with caution; the owner's quote answers every
    doubt about the price itself. `strangers` are computers of private people.
    """

    rows: Ints
    regions: Ints
    flagged: Bools
    strangers: Bools


@dataclass(frozen=True, slots=True)
class Field:
    """The offers that may be rented at all, with the time a unit takes on each; arrays over the kept offers.

    `machines`, `times` and `software` are over kinds of machine, and `kind_of` is the kind of each offer. The last `len(own)`
    of them are at the owner's prices, `own[k]` being that of candidate `n - len(own) + k`. `kept` may be of other rows.
    """

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
    own: tuple[Rent, ...]
    kept: Known | None = None

    def unit(self, values: NDArray[_Value]) -> NDArray[_Value]:
        """Per-kind values spread over the offers."""
        return values.take(self.kind_of)

    def in_region(self, values: NDArray[_Value]) -> NDArray[_Value]:
        """Values by region of the catalog spread over the offers."""
        return values.take(self.known.regions)

    def own_at(self, i: int) -> Rent | None:
        """The owner's price of candidate `i`, if it is at one."""
        k = i - (len(self.rows) - len(self.own))
        return self.own[k] if k >= 0 else None

    @property
    def bound_months(self) -> Ints:
        """Months that the owner's quote binds them for; 0 for a price by the hour."""
        bound = np.zeros(len(self.rows), dtype=np.int64)
        if self.own:
            bound[-len(self.own) :] = [r.bound_months for r in self.own]
        return bound

    @property
    def known(self) -> Known:
        """What hangs on nothing but the rows."""
        if self.kept is not None and self.kept.rows is self.rows:
            return self.kept
        return _known(self.offers, self.rows, self.own)

    @property
    def flagged(self) -> Bools:
        """Prices to be taken with caution."""
        return self.known.flagged


def field_of(setting: Setting) -> Field | None:
    """Every offer that is not ruled out by its own row (unusable, closed to the owner, without a price)."""
    if not setting.work.steps:
        return None
    catalog, rents = setting.catalog, setting.quotes.rents
    offers, typed = catalog.offers, tuple(sorted({r.row for r in rents}))
    _, _, machines = rentable(catalog, typed)
    types = _types(catalog, typed)
    times = unit_times(setting.work, machines, setting.own, setting.own_guess, setting.places.rented_runs(offers, types))
    # Where the model was timed it ran.
    software = np.where(times.measured, RUNS, _levels(catalog, typed, setting.work.operators))
    # A machine that cannot hold or run the model is no candidate anywhere; drop it before the wide arrays are made.
    runs = times.fits & np.isfinite(times.likely) & (times.reach == 0) & (software < RUNS_NOT)
    fixed = _fixed(catalog, rents, setting.case.years * MONTHS_PER_YEAR if rents else 0.0, setting.paid_on, runs.tobytes())
    return Field(
        fixed.known.rows, offers, machines, times, software, fixed.kind_of, reach_of(setting, fixed.known.regions),
        fixed.price, fixed.price_low, fixed.price_high, fixed.own, fixed.known,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Fixed:
    """What most answers leave as it is, of the offers of machines that run a model: read-only arrays as in `Field`."""

    known: Known
    kind_of: Ints
    price: Floats
    price_low: Floats
    price_high: Floats
    own: tuple[Rent, ...]


@lru_cache(maxsize=4)
def _fixed(catalog: Catalog, rents: tuple[Rent, ...], months: float, paid_on: date, runs: bytes) -> _Fixed:
    """The offers of those kinds of machine that run a model; `runs` are the bytes of a mask over the kinds of `rentable`."""
    offers, typed = catalog.offers, tuple(sorted({r.row for r in rents}))
    rows, kind_of, _ = rentable(catalog, typed)
    picked, own = _at_the_owners_prices(offers, rents, rows)
    rows, kind_of = rows[picked], kind_of[picked]
    can = np.frombuffer(runs, dtype=bool)[kind_of]
    own = tuple(r for r, ok in zip(own, can[len(can) - len(own) :].tolist(), strict=True) if ok)
    rows, kind_of = rows[can], kind_of[can]
    low, high = catalog.price_doubt(rows, paid_on)
    price = offers.usd_per_hour[rows]
    if own:
        last = slice(-len(own), None)
        price[last] = [r.price.likely for r in own]
        low[last], high[last] = np.array([_doubt(r, months) for r in own]).T
    known = _known(offers, rows, own)
    for column in (rows, known.regions, known.flagged, known.strangers, kind_of, price, low, high):
        column.setflags(write=False)
    return _Fixed(known, kind_of, price, low, high, own)


def _known(offers: Offers, rows: Ints, own: tuple[Rent, ...]) -> Known:
    flagged: Bools = offers.usable[rows] == USABLE_CAUTION
    if own:
        flagged[-len(own) :] = [bool(doubts(offers, r.row, typed=True)) for r in own]
    strangers = np.array(["community_host" in r for r in offers.reasons])[offers.reason_code[rows]]
    return Known(rows, offers.region_row[rows], flagged, strangers)


def _at_the_owners_prices(offers: Offers, rents: tuple[Rent, ...], rows: Ints) -> tuple[Ints, tuple[Rent, ...]]:
    """Which of the rentable rows are candidates: those at our prices, then the owner's; a price by the hour takes the place of ours."""
    if not rents:
        return np.arange(len(rows)), ()
    ours = (offers.usable[rows] != USABLE_NO) & (offers.usd_per_hour[rows] > 0)
    ours &= ~np.isin(rows, [r.row for r in rents if not r.bound_months])
    own = tuple(r for r in rents if r.row in rows)
    return np.concatenate([np.flatnonzero(ours), np.searchsorted(rows, [r.row for r in own]).astype(np.int64)]), own


def _doubt(rent: Rent, months: float) -> tuple[float, float]:
    """The range of an owner's price over so many months, as factors: none for the months it is fixed for."""
    free = 1 - min(rent.bound_months / months, 1.0)
    p = rent.price
    return 1 - (1 - p.low / p.likely) * free, 1 + (p.high / p.likely - 1) * free


@lru_cache(maxsize=4)
def rentable(catalog: Catalog, typed: tuple[int, ...]) -> tuple[Ints, Ints, Machines]:
    """Rows of the offers that may be rented at all, the kind of machine of each, and those kinds as machines.

    `typed`: rows that the owner has a price for; one that was left out for our doubtful price alone may be rented.
    """
    offers = catalog.offers
    may = (offers.usable != USABLE_NO) & (offers.usd_per_hour > 0)
    for row in typed:
        may[row] |= offers.usable[row] != USABLE_NO or (bool(offers.reason_text(row)) and not doubts(offers, row, typed=True))
    rows = np.flatnonzero(may & offers.owner_can_use)
    kinds, kind_of = np.unique(offers.type_row[rows], return_inverse=True)
    return rows, kind_of, machines_from_offers(catalog, kinds)


@lru_cache(maxsize=4)
def _types(catalog: Catalog, typed: tuple[int, ...]) -> Ints:
    """The machine type behind each kind of `rentable`."""
    return np.unique(catalog.offers.type_row[rentable(catalog, typed)[0]])


def doubts(offers: Offers, row: int, *, typed: bool) -> tuple[str, ...]:
    """The phrase keys of what is doubtful about an offer; with a price that the owner typed, only what is not about the price."""
    keys = tuple(reason_key(code) for code in offers.reason_text(row).split(";") if code)
    return tuple(k for k in keys if not (typed and k in _ABOUT_THE_PRICE))


@lru_cache(maxsize=4)
def _levels(catalog: Catalog, typed: tuple[int, ...], operators: tuple[str, ...]) -> Ints:
    return levels(catalog, rentable(catalog, typed)[2], operators)


def distance(setting: Setting, field: Field) -> Floats:
    """How far each offer is from the owner: HERE, NEAR or FAR."""
    o, case = field.offers, setting.case
    near = o.region_in_eu & setting.catalog.in_eu(case.country)
    return field.in_region(np.where(o.region_country == case.country, HERE, np.where(near, NEAR, FAR)))


def offer_id(field: Field, i: int) -> str:
    row = int(field.rows[i])
    o = field.offers
    return f"{o.provider_text(row)}:{o.type_text(row)}:{o.region_text(row)}"


def purchase(field: Field, i: int) -> str:
    """How candidate `i` is paid: with a term only at a price that the owner typed."""
    typed = field.own_at(i)
    return "reserved" if typed is not None and typed.bound_months else "on-demand"


def offer_looks(setting: Setting, field: Field, i: int, count: int) -> Looks:
    row = int(field.rows[i])
    o = field.offers
    what = f"{provider_name(o.provider_text(row))} {o.type_text(row)}"
    kind = int(field.kind_of[i])
    typed = field.own_at(i)
    beside = [*cautions(field.software, kind)]
    if typed is not None or o.usable[row] == USABLE_CAUTION:
        beside += [f"caution.price.{key}" for key in doubts(o, row, typed=typed is not None)]
    if typed is not None and typed.bound_months:
        beside.append("caution.bound")
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
                purchase(field, i),
                o.region_text(row),
                o.provider_text(row),
            ),
        ),
        None,
        "lock.machine",
        tuple(beside),
        Basis.MEASURED if field.times.measured[kind] else Basis.ESTIMATED,
        field.times.why(kind),
        field.times.told(kind),
        falls_short(setting, field.machines, kind) if field.software[kind] != RUNS else (),
    )


def reason_key(code: str) -> str:
    """The phrase key of a reason that the price list gives: its leading word."""
    return code.split(":")[0].split(" ")[0].strip()


def others_machines(setting: Setting, field: Field) -> NDArray[np.bool_]:
    """Which offers are computers of strangers: nothing about people may go there."""
    return field.known.strangers & (setting.case.data != "none")
