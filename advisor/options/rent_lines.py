"""What a bill for rented machines is made of: rent, small extra lines, data out, data over a mobile plan, own hours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from advisor.catalog.ageing import kind_of_rent
from advisor.cost import Line, Origin, stated
from advisor.evidence import Basis, Estimate, Source
from advisor.options.field import offer_id
from advisor.options.setting import at_a_price
from advisor.quotes import DATA_OUT

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from advisor.options.field import Field
    from advisor.options.network import Reach
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
    "T19": "zero.in_hidden",
    "T20": "zero.line_you_have",
    "T21": "left_out.lost_work",
    "T23": "left_out.retraining",
    "T24": "left_out.training_staff",
    "T25": "zero.licences",
    "T26": "zero.tax",
    "T27": "left_out.exit",
    "T28": "zero.discount",
    "T29": "zero.price_change",
}


def rent_hours(setting: Setting, how: str) -> tuple[Estimate, Estimate, Estimate]:
    """Hours to set up (with reading the data contract), to look after and to watch."""
    setup, contract = setting.own_hours(f"hours.setup.{how}"), setting.judged(f"hours.contract.{setting.case.data}")
    both = Estimate(setup.low + contract.low, setup.likely + contract.likely, setup.high + contract.high, setup.basis, setup.source)
    return both, setting.own_hours(f"hours.upkeep.{how}"), setting.judged("hours.watch")


def rent_lines(setting: Setting, field: Field, hours: Floats, more: Floats | None = None, rest: Floats | None = None) -> tuple[Line, ...]:
    """What a rented machine costs beside one's own time.

    Args:
        more: hours beyond the usual machines on the days of a rare peak. Who is bound to a machine by a quote rents them by
            the hour: at their own price of an hour if they have one, else at the list price.
        rest: hours that a quote binds for after the years looked at.
    """
    bound = field.bound_months > 0
    hourly = {r.row: r.price for r in setting.quotes.rents if not r.bound_months}
    further: tuple[Line, ...] = ()
    by_the_hour: Floats | None = None
    if more is not None:
        hours = hours + np.where(bound, 0.0, more)
        if bound.any() and more.any():
            listed = field.offers.usd_per_hour[field.rows]
            low, high = setting.catalog.price_doubt(field.rows, setting.today)
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
    return (
        Line("T14", "monthly", "line.rent", hours, "hours", field.price, field.price_low, field.price_high, origin),
        *further,
        Line("T18", "monthly", "line.hidden", hidden.likely, "of the rent", rent, *ends, extra),
        data_out(setting),
        *line_costs(setting, field.reach),
    )


def data_out(setting: Setting) -> Line:
    """T17: the answers sent out of the cloud, by the gigabyte."""
    gb = setting.demand.units * setting.case.output_kb / 1e6
    price = setting.quotes.price(DATA_OUT, setting.judged("cloud.egress_usd_per_gb"))
    return at_a_price("T17", "monthly", "line.data_out", gb, "GB", price, "data out", (DATA_OUT,))


def line_costs(setting: Setting, reach: Reach) -> tuple[Line, ...]:
    """T20: data sent over a mobile plan that charges by the gigabyte."""
    case = setting.case
    if reach.mobile_gb <= 0:
        return ()
    price = setting.catalog.mobile_per_gb(case.country)
    if case.mobile_price_per_gb is not None:
        usd = setting.money.usd(case.mobile_price_per_gb)
        price = Estimate(usd, usd, usd, Basis.YOURS, Source("your answer"))
    return (at_a_price("T20", "monthly", "line.mobile_data", reach.mobile_gb, "GB", price, "fact", ("site.mobile_price_per_gb",)),)
