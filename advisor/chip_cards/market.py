"""How one gets a chip: the devices that carry it, the cheapest machine to rent with it, and what its electricity costs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from advisor.catalog import USABLE_CAUTION, USABLE_YES
from advisor.catalog.ageing import kind_of_rent, state_of
from advisor.catalog.builds import device_power, device_price
from advisor.catalog.names import provider_name
from advisor.catalog.operators import RUNS_NOT
from advisor.chip_cards.kinds import reasons
from advisor.chip_cards.values import Way
from advisor.options.field import reason_key, rentable
from advisor.options.operators import levels
from advisor.units import HOURS_PER_MONTH
from advisor.work import unit_times

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from advisor.catalog import Chip
    from advisor.chip_cards.ground import Ground

Row = dict[str, str]
SHOWN: Final = 3
# Rows of the catalog that stand for something else than a thing to buy, by the beginning of their reason.
_NO_PRODUCT: Final = ("generic archetype", "one reviewer")
_RAISED: Final = "We raised it to what it may be today."


@dataclass(frozen=True, slots=True)
class Rent:
    """The cheapest offer with a chip: its row in the offers, and whether the model runs on it.

    `low`, `likely` and `high` are the time of one unit [s], NaN where it is not known; `told` says how we came to it.
    """

    row: int
    runs: bool
    low: float
    likely: float
    high: float
    told: str


# ---- to buy ----------------------------------------------------------------------------------------------------------


def carriers(devices: Sequence[Row]) -> dict[str, tuple[Row, ...]]:
    """Devices by the chip they carry: advised ones first, then those with a price, the cheapest first."""
    found: dict[str, list[Row]] = {}
    for row in devices:
        if row["recommend_reason"].startswith(_NO_PRODUCT):
            continue
        for chip in filter(None, row["chip_ids"].split("|")):
            found.setdefault(chip, []).append(row)

    def rank(row: Row) -> tuple[bool, bool, float, str]:
        return row["recommendable"] != "yes", not is_priced(row), listed(row), row["name"]

    return {chip: tuple(sorted(rows, key=rank)) for chip, rows in found.items()}


def is_priced(row: Row) -> bool:
    """Whether we know a price of a device."""
    return bool(row["price_usd"] or (row["price_low_usd"] and row["price_high_usd"]))


def listed(row: Row) -> float:
    """The listed price of a device [USD]; 0 where there is none."""
    return float(row["price_usd"] or row["price_low_usd"] or 0)


def buy(ground: Ground, row: Row) -> Way:
    """One device: what it costs today, of which day its price is, what it has to be put into, why it is not advised."""
    minds = [f"It needs a {_host(row['host_kind'])}."] if row["needs_host"] == "True" and row["host_kind"] else []
    if row["recommendable"] != "yes" and (why := reasons(row["recommend_reason"])):
        minds.append(f"Not advised: {why}.")
    if not is_priced(row):
        return Way(row["name"], "", "", None, tuple(minds))
    price = device_price(ground.catalog, row)
    if row["price_age"].startswith("before"):
        minds.insert(0, _RAISED)
    words = f"about {ground.money(price.likely)}"
    if price.high > price.low:
        words += f", likely between {ground.money(price.low)} and {ground.money(price.high)}"
    day = price.source.as_of
    state = state_of("device", row["price_as_of"], ground.today)
    return Way(row["name"], words, _of_day(ground, day), state, tuple(minds), f"device:{row['device_id']}")


def _host(text: str) -> str:
    return re.sub(r" \(.*\)", "", text).replace("x16 slot", "slot").replace("a strong enough supply", "a strong power supply")


def _of_day(ground: Ground, day: str | None) -> str:
    return f"price of {ground.words.day(day)}" if day else "price without a day"


# ---- to rent ---------------------------------------------------------------------------------------------------------


def rents(ground: Ground) -> Mapping[str, Rent]:
    """The cheapest offer by chip: one that runs the model before others, a plain price before one with a caution."""
    offers = ground.catalog.offers
    rows, kind_of, machines = rentable(ground.catalog, ())
    if not len(rows):
        return {}
    kinds = offers.type_row[rows]
    names = np.where(offers.type_chip[kinds] == "", offers.type_cpu_chip[kinds], offers.type_chip[kinds])
    runs, low, likely, high = np.zeros(machines.n, dtype=bool), *(np.full(machines.n, np.nan) for _ in range(3))
    told: Callable[[int], str] = _nothing
    if ground.work is not None and ground.work.steps:
        t = unit_times(ground.work, machines, ground.own, ground.own_guess)
        software = levels(ground.catalog, machines, ground.work.operators)
        runs = t.fits & np.isfinite(t.likely) & (t.reach == 0) & (software < RUNS_NOT)
        low, likely, high = t.low, t.likely, t.high
        told = t.told
    order = np.lexsort((offers.usd_per_hour[rows], offers.usable[rows] != USABLE_YES, ~runs[kind_of], names))
    found, first = np.unique(names[order], return_index=True)
    picked = order[first]
    return {
        str(name): Rent(int(rows[i]), bool(runs[k]), float(low[k]), float(likely[k]), float(high[k]), told(k))
        for name, i, k in zip(found.tolist(), picked.tolist(), kind_of[picked].tolist(), strict=True)
        if name
    }


def _nothing(_: int) -> str:
    return ""


def rent(ground: Ground, row: int) -> Way:
    """One offer: whose, where, for how much an hour and a whole month, of which day, and what to mind."""
    o = ground.catalog.offers
    kind = o.type_row[row]
    place = o.place_text(row)
    what = f"{provider_name(o.provider_text(row))} {o.type_text(row)}" + (f" in {place}" if place else "")
    usd, day = float(o.usd_per_hour[row]), o.as_of_text(row)
    price = f"{ground.words.fine(_two_digits(usd * ground.per_usd))} an hour, {ground.money(usd * HOURS_PER_MONTH)} a month day and night"
    minds = []
    share = float(o.type_chips[kind])
    if o.type_chip[kind] != "" and np.isfinite(share) and share != 1:
        minds.append(f"It has {share:g} of these chips." if share > 1 else "It is a part of one chip.")
    if o.usable[row] == USABLE_CAUTION:
        keys = (f"caution.price.{reason_key(code)}" for code in o.reason_text(row).split(";") if code)
        minds += [ground.words.say(key) for key in keys if ground.words.has(key)]
    state = state_of(kind_of_rent(o.provider_text(row)), day or "", ground.today)
    name = f"machine:{o.provider_text(row)}:{o.type_text(row)}:{o.region_text(row)}"
    return Way(what, price, _of_day(ground, day), state, tuple(minds), name)


def _two_digits(value: float) -> float:
    return float(f"{value:.2g}")


# ---- electricity -----------------------------------------------------------------------------------------------------


def power(ground: Ground, chip: Chip, devices: Sequence[Row], *, is_rented: bool) -> str:
    """What it burns in a month day and night, idle to busy; what is not known is said, and never counted as nothing."""
    device = next((d for d in devices if d["typical_load_w"] or d["max_w"]), None)
    e = ground.electricity
    if device is not None:
        idle, load, _ = device_power(ground.catalog, device)
        low, high = (_a_month(ground, w, usd) for w, usd in ((idle.low, e.low), (load.high, e.high)))
        which = f" ({device['name']})" if len(devices) > 1 else ""
        alone = " Its computer comes on top." if device["needs_host"] == "True" else ""
        return f"{_span(low, high)} a month, resting to busy, day and night{which}.{alone}"
    if chip.tdp_w:
        most = f"at most {_a_month(ground, chip.tdp_w, e.high)} a month for this chip alone."
        return f"Part of the rent. In a computer of your own: {most}" if is_rented else f"{most[0].upper()}{most[1:]}"
    return "Part of the rent." if is_rented else "Not known."


def _a_month(ground: Ground, watts: float, usd_per_kwh: float) -> str:
    return ground.money(_two_digits(watts * HOURS_PER_MONTH / 1000 * usd_per_kwh * ground.per_usd) / ground.per_usd)


def _span(low: str, high: str) -> str:
    return f"About {low}" if low == high else f"{low} to {high}"
