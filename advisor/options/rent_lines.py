"""What a bill for rented machines is made of: rent, small extra lines, data out, disk, an IT firm, the line, own hours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from advisor.catalog.ageing import kind_of_rent
from advisor.cost import Line, Origin, nothing, stated
from advisor.evidence import Basis, Estimate, Source
from advisor.options.cloud_extras import data_out, disk, sellers_of, store
from advisor.options.field import offer_id
from advisor.options.setting import at_a_price
from advisor.units import HOURS_PER_MONTH, MONTHS_PER_YEAR

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from advisor.options.field import Field
    from advisor.options.setting import Setting

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]


ZERO_PARTS: Final = {
    "T01": "zero.nothing_bought",
    "T02": "zero.nothing_bought",
    "T03": "zero.nothing_bought",
    "T04": "zero.in_rent",
    "T05": "zero.in_rent",
    "T06": "zero.in_rent",
    "T09": "left_out.it_firm",
    "T10": "zero.nothing_bought",
    "T11": "zero.nothing_bought",
    "T12": "zero.cash_view",
    "T13": "zero.residual",
    "T15": "zero.in_rent_hours",
    "T16": "zero.no_pay_per_use",
    "T20": "zero.line_you_have",
    "T25": "zero.licences",
    "T26": "zero.tax",
    "T28": "zero.discount",
    "T29": "zero.price_change",
}


def rent_hours(setting: Setting, how: str) -> tuple[Estimate, Estimate, Estimate]:
    """Hours to set up (with reading the data contract), to look after and to watch."""
    setup, contract = setting.own_hours(f"hours.setup.{how}"), setting.judged(f"hours.contract.{setting.case.data}")
    both = Estimate(setup.low + contract.low, setup.likely + contract.likely, setup.high + contract.high, setup.basis, setup.source)
    upkeep = setting.own_hours(f"hours.upkeep.{how}")
    # A machine that lives for hours is nothing to look after; one rented all month may be given to an IT firm.
    if how == "cloud_instance" and setting.case.it_firm_per_month is not None:
        upkeep = upkeep.scaled(0.0)
    return both, upkeep, setting.judged("hours.watch")


def rent_lines(
    setting: Setting,
    field: Field,
    hours: Floats,
    more: Floats | None = None,
    rest: Floats | None = None,
    each_year: Callable[[int], Sequence[float]] | None = None,
) -> tuple[Line, ...]:
    """What a rented machine costs beside one's own time.

    Args:
        more: hours beyond the usual machines on the days of a rare peak. Who is bound to a machine by a quote rents them by
            the hour: at their own price of an hour if they have one, else at the list price.
        rest: hours that a quote binds for after the years looked at.
        each_year: the hours of each year of a machine rented all month, in any measure; `None` for machines rented for each heap.
    """
    bound = field.bound_months > 0
    hourly = {r.row: r.price for r in setting.quotes.rents if not r.bound_months}
    spread: Callable[[int], Sequence[float]] = setting.by_work if each_year is None else each_year
    further: tuple[Line, ...] = ()
    by_the_hour: Floats | None = None
    if more is not None:
        hours = hours + np.where(bound, 0.0, more)
        if bound.any() and more.any():
            listed = field.offers.usd_per_hour[field.rows]
            low, high = setting.catalog.price_doubt(field.rows, setting.paid_on)
            for i in np.flatnonzero(bound).tolist():
                if (own := hourly.get(int(field.rows[i]))) is not None:
                    listed[i], low[i], high[i] = own.likely, own.low / own.likely, own.high / own.likely
            apart = np.where(bound, more, 0.0)
            by_the_hour = apart * listed
            further = (Line("T14", "monthly", "line.rent_more", apart, "hours", listed, low, high, lambda i: origin(i, by_hour=True)),)

    def origin(i: int, *, by_hour: bool = False) -> Origin:
        row = int(field.rows[i])
        offers = field.offers
        name = (f"machine:{offer_id(field, i)}",)
        typed = field.own_at(i)
        price = None if typed is None else hourly.get(row) if by_hour else typed.price
        if price is not None:
            source = price.source
            return Origin(Basis.YOURS, source.title, source.as_of, "", name)
        return Origin(Basis.PUBLISHED, offers.source_title(row), offers.as_of_text(row), kind_of_rent(offers.provider_text(row)), name)

    if rest is not None and rest.any():
        further = (*further, Line("T14", "end", "line.rent_rest", rest, "hours", field.price, field.price_low, field.price_high, origin))
    hidden = setting.judged("cloud.hidden_share")
    extra = stated(Basis.ESTIMATED, hidden.source.title, hidden.source.as_of)
    ends = hidden.low / hidden.likely, hidden.high / hidden.likely
    rent = hours * field.price
    if by_the_hour is not None:
        rent += by_the_hour
    sellers, at = sellers_of(setting.catalog), field.offers.region_row[field.rows]
    return (
        Line("T14", "monthly", "line.rent", hours, "hours", field.price, field.price_low, field.price_high, origin, spread=spread),
        *further,
        Line("T18", "monthly", "line.hidden", hidden.likely, "of the rent", rent, *ends, extra, spread=spread),
        data_out(setting, sellers, at),
        store(setting) if each_year is None else disk(setting, sellers, at, hours, spread),
        *line_costs(setting),
        *(() if each_year is None else it_firm(setting, hours / HOURS_PER_MONTH, spread)),
    )


def it_firm(setting: Setting, machine_months: Floats | float, spread: Callable[[int], Sequence[float]] | None = None) -> tuple[Line, ...]:
    """T09: an IT firm that looks after the machines, where the owner told its price."""
    price = setting.case.it_firm_per_month
    if price is None:
        return ()
    if not price:
        return (nothing("T09", "zero.it_firm_free"),)
    usd, origin = setting.money.usd(price), stated(Basis.YOURS, "your answer")
    return (Line("T09", "monthly", "line.it_firm", machine_months, "machine months", usd, 1.0, 1.0, origin, spread=spread),)


def line_costs(setting: Setting) -> tuple[Line, ...]:
    """T20: a second line, where the owner would take one, and data over a mobile plan that charges by the gigabyte."""
    case = setting.case
    out = []
    if case.second_line_per_month:
        months, usd = MONTHS_PER_YEAR * case.years * case.sites, setting.money.usd(case.second_line_per_month)
        told = Estimate(usd, usd, usd, Basis.YOURS, Source("your answer"))
        out.append(at_a_price("T20", "monthly", "line.second_line", months, "months", told))
    each_year = _mobile_gb(setting)
    if sum(each_year) > 0:
        price = setting.catalog.mobile_per_gb(case.country)
        if case.mobile_price_per_gb is not None:
            usd = setting.money.usd(case.mobile_price_per_gb)
            price = Estimate(usd, usd, usd, Basis.YOURS, Source("your answer"))
        names = ("site.mobile_price_per_gb",)
        line = at_a_price("T20", "monthly", "line.mobile_data", sum(each_year), "GB", price, "fact", names, spread=lambda _: each_year)
        out.append(line)
    return tuple(out)


def _mobile_gb(setting: Setting) -> tuple[float, ...]:
    """Gigabytes sent in each year beyond what the plan holds in its months: what is left of one month is no help in another year."""
    case = setting.case
    if case.internet not in ("mobile", "metered") or case.traffic_from == "internet":
        return ()
    plan = (case.mobile_gb_per_month or 0.0) * MONTHS_PER_YEAR * case.sites
    return tuple(max(y.units * case.input_kb / 1e6 - plan * y.share, 0.0) for y in setting.demand.years)
