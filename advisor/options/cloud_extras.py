"""What clouds bill beside the machine, by seller and place: data sent out (T17) and the disk (T19)."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from advisor.catalog.data_out import Billing, billing
from advisor.cost import Line, Origin, nothing, stated
from advisor.evidence import Basis, Estimate
from advisor.options.setting import at_a_price, both
from advisor.quotes import DATA_OUT
from advisor.units import HOURS_PER_MONTH, MONTHS_PER_YEAR

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from advisor.catalog import Catalog
    from advisor.evidence import Source
    from advisor.options.setting import Setting

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    Sellers = tuple[tuple[str, str], ...]


def sellers_of(catalog: Catalog) -> Sellers:
    """Seller and place of every region of the offers, by its row."""
    o = catalog.offers
    return tuple(zip(o.region_provider.tolist(), o.region_name.tolist(), strict=True))


def data_out(setting: Setting, sellers: Sellers, at: Ints) -> Line:
    """T17: the answers sent out of the cloud, by the gigabyte, at what the seller bills there.

    Args:
        sellers: seller and place; the place '' where it is not told.
        at: the row of `sellers` of each candidate.
    """
    case, years = setting.case, setting.demand.years
    gb = setting.demand.units * case.output_kb / 1e6
    if gb <= 0:
        return nothing("T17", "zero.no_data_out")
    unknown = setting.judged("cloud.egress_usd_per_gb")
    own = setting.quotes.prices.get(DATA_OUT)
    if own is not None:
        return at_a_price("T17", "monthly", "line.data_out", gb, "GB", own, "data out", (DATA_OUT,), spread=setting.by_work)
    table = _billing(setting.catalog, sellers, case.country, unknown)
    months = [MONTHS_PER_YEAR * y.share for y in years]
    paid = table.paid([y.units * case.output_kb / 1e6 / m for y, m in zip(years, months, strict=True)], months)
    ends = paid.sum(axis=2)
    sure = np.where(ends[1] > 0, ends[1], 1.0)
    days = [(told[1] if told is not None else unknown.source).as_of for told in table.sources]
    moves = {day: setting.moved("data out", day, case.years / 2) for day in dict.fromkeys(days)}
    moved = np.array([moves[day] for day in days]).T
    low, high = both((np.where(ends[1] > 0, ends[0] / sure, 1.0), np.where(ends[1] > 0, ends[2] / sure, 1.0)), (moved[0], moved[1]))

    def origin(i: int) -> Origin:
        basis, source = table.sources[int(at[i])] or (Basis.ESTIMATED, unknown.source)
        return Origin(basis, source.title, source.as_of, "data out", (DATA_OUT,))

    return Line(
        "T17", "monthly", "line.data_out", gb, "GB", (ends[1] / gb)[at], np.asarray(low)[at], np.asarray(high)[at], origin,
        spread=lambda i: paid[1, int(at[i])].tolist(), if_nothing="zero.free_data_out",
    )  # fmt: skip


@lru_cache(maxsize=32)
def _billing(catalog: Catalog, sellers: Sellers, country: str, unknown: Estimate) -> Billing:
    return billing([catalog.data_out.schedule(p, r, country) for p, r in sellers], unknown)


def disk(setting: Setting, sellers: Sellers, at: Ints, machine_hours: Floats, spread: Callable[[int], Sequence[float]]) -> Line:
    """T19: the disk of machines rented all month, with the model on it, at the seller's price there."""
    size = setting.judged("cloud.disk_gb")
    model = setting.work.weight_bytes / 1e9
    ends = (size.low + model) / (size.likely + model), (size.high + model) / (size.likely + model)
    prices, sources = _disks(setting.catalog, sellers, setting.judged("cloud.disk_usd_per_gb_month"))
    low, high = both(ends, (prices[0] / prices[1], prices[2] / prices[1]))

    def origin(i: int) -> Origin:
        basis, source = sources[int(at[i])]
        return Origin(basis, source.title, source.as_of)

    gb_months = machine_hours * ((size.likely + model) / HOURS_PER_MONTH)
    return Line(
        "T19", "monthly", "line.disk", gb_months, "GB months", prices[1][at], np.asarray(low)[at], np.asarray(high)[at], origin,
        spread=spread,
    )  # fmt: skip


@lru_cache(maxsize=32)
def _disks(catalog: Catalog, sellers: Sellers, unknown: Estimate) -> tuple[Floats, tuple[tuple[Basis, Source], ...]]:
    found = [catalog.disks.price(p, r) or unknown for p, r in sellers]
    return np.array([[e.low, e.likely, e.high] for e in found]).T, tuple((e.basis, e.source) for e in found)


def store(setting: Setting) -> Line:
    """T19: the model and one heap of inputs kept between heaps, where machines live for hours only."""
    price = setting.judged("cloud.object_usd_per_gb_month")
    gb = setting.work.weight_bytes / 1e9 + setting.demand.heap_units * setting.case.input_kb / 1e6
    months = gb * setting.case.years * MONTHS_PER_YEAR
    ends = price.low / price.likely, price.high / price.likely
    origin = stated(price.basis, price.source.title, price.source.as_of)
    return Line("T19", "monthly", "line.store", months, "GB months", price.likely, *ends, origin)
