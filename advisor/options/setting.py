"""What all candidates of one answer share: the case, the work, the catalog, money, and the lines every bill has."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from advisor.catalog.ageing import AGEING, UNDATED_YEARS, days_old
from advisor.cost import Bills, Line, complete, left_out, stated
from advisor.evidence import Basis, Estimate, Source
from advisor.options.places import Places
from advisor.quotes import Quotes
from advisor.units import DAYS_PER_YEAR, MONTHS_PER_YEAR

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from numpy.typing import NDArray

    from advisor.case import Case
    from advisor.catalog import Catalog
    from advisor.cost import Money, Origin
    from advisor.forecast import OwnRun
    from advisor.load import Demand
    from advisor.work import Work

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Setting:
    """The fixed ground of one calculation. `own` is the measured run on this computer and
    `own_guess` what was forecast for it before [s]; `None` if it was not measured. `quotes` are the owner's own prices,
    `places` all measurements by machine (empty where no model of the owner's is timed)."""

    case: Case
    demand: Demand
    work: Work
    catalog: Catalog
    money: Money
    today: date
    own: OwnRun | None
    own_guess: float | None
    electricity: Estimate
    wage: Estimate
    quotes: Quotes = field(default_factory=Quotes)
    places: Places = field(default_factory=Places)

    def bills(self, n: int, lines: Sequence[Line], reasons: Mapping[str, str]) -> Bills:
        """The bills of n candidates with every part T01..T29 (see `advisor.cost.complete`)."""
        return Bills(n, complete(lines, reasons, n, self.case.discount, self.case.years))

    def own_hours(self, path: str) -> Estimate:
        """Hours of the owner's people on a machine they look after themselves: a default times what their skill makes of it."""
        hours, skill = self.judged(path), self.judged(f"skill.{self.case.it_skill}")
        return Estimate(hours.low * skill.low, hours.likely * skill.likely, hours.high * skill.high, hours.basis, hours.source)

    def judged(self, path: str) -> Estimate:
        """A default of the catalog as an estimate with its range."""
        return _judged(self.catalog, path)

    def moved(self, kind: str, as_of: str | None) -> tuple[float, float]:
        """How far a price of a kind and a day may have moved until today, as factors low and high (`advisor.catalog.ageing`)."""
        days = days_old(as_of or "", self.today)
        return AGEING[kind].factors(UNDATED_YEARS if days is None else days / DAYS_PER_YEAR)

    def all_moved(self, origins: Sequence[Origin]) -> tuple[Floats, Floats]:
        """`moved` of the prices with these origins, as two arrays; what the owner typed without a day is of today."""
        typed = self.today.isoformat()
        ends = [self.moved(o.kind, o.as_of or typed if o.basis is Basis.YOURS else o.as_of) for o in origins]
        low, high = np.array(ends).T
        return low, high


@lru_cache(maxsize=512)
def _judged(catalog: Catalog, path: str) -> Estimate:
    d = catalog.default(path)
    value = float(d.value)
    low = value if d.low is None else d.low
    high = value if d.high is None else d.high
    return Estimate(min(low, value), value, max(high, value), Basis.ESTIMATED, d.source)


def electricity_price(case: Case, catalog: Catalog, money: Money) -> Estimate:
    """USD per kWh: the owner's own price if given, else the country's."""
    if case.electricity_per_kwh is not None:
        value = money.usd(case.electricity_per_kwh)
        return Estimate(value, value, value, Basis.YOURS, Source("your answer"))
    return catalog.electricity_for(case.country)


def hour_of_work(case: Case, catalog: Catalog, money: Money) -> Estimate:
    """USD per hour of the owner's staff: typed by the owner, else the country's mean."""
    if case.staff_hour is not None:
        value = money.usd(case.staff_hour)
        return Estimate(value, value, value, Basis.YOURS, Source("your answer"))
    return catalog.hour_of_work(case.country)


def own_time_lines(setting: Setting, setup: Estimate, upkeep: Estimate, watch: Estimate, more: Floats | float = 0.0) -> tuple[Line, ...]:
    """T07, T08 and T22: set-up (with `more` hours for some candidates), upkeep and watching by the owner's own people.

    In money only where the owner gave an hourly cost; otherwise the hours stand in the bill without an amount, and
    the choice still weighs them at the country's mean wage.
    """
    months = setting.case.years * MONTHS_PER_YEAR
    out = []
    for code, when, key, hours in (
        ("T07", "upfront", "line.setup", setup),
        ("T08", "monthly", "line.upkeep", upkeep.scaled(months)),
        ("T22", "monthly", "line.watch", watch.scaled(months)),
    ):
        quantity = hours.likely + (more if code == "T07" else 0.0)
        if setting.case.staff_hour is None:
            out.append(left_out(code, f"{key}.hours", quantity, "hours", hours.source.title))
        else:
            line = priced(code, when, key, hours, "hours", setting.wage.likely, Basis.YOURS, "your hourly cost")
            out.append(replace(line, quantity=quantity))
    return tuple(out)


def priced(
    code: str,
    when: str,
    text: str,
    quantity: Estimate,
    unit: str,
    usd: float,
    basis: Basis,
    source: str,
    as_of: str | None = None,
) -> Line:
    """A line whose quantity is the uncertain part and whose price is known."""
    low = quantity.low / quantity.likely if quantity.likely else 1.0
    high = quantity.high / quantity.likely if quantity.likely else 1.0
    return Line(code, when, text, quantity.likely, unit, usd, low, high, stated(basis, source, as_of))


def at_a_price(
    code: str, when: str, text: str, quantity: float, unit: str, price: Estimate, kind: str = "", price_of: tuple[str, ...] = ()
) -> Line:
    """A line whose quantity is known and whose price [USD a unit] is the uncertain part; `kind` and `price_of` as in `Origin`."""
    low = price.low / price.likely if price.likely else 1.0
    high = price.high / price.likely if price.likely else 1.0
    origin = stated(price.basis, price.source.title, price.source.as_of, kind, price_of)
    return Line(code, when, text, quantity, unit, price.likely, low, high, origin)


def energy_line(setting: Setting, kwh_per_year: Floats, doubt_low: Floats | float, doubt_high: Floats | float) -> Line:
    """T04: electricity at the wall over the horizon; off the mains the owner makes it, at a cost we do not know."""
    if setting.case.power != "mains":
        return left_out("T04", "left_out.own_supply", kwh_per_year * setting.case.years, "kWh")
    price = setting.electricity
    # Power of one's own may cost nothing; nothing has no range.
    down, up = (price.low / price.likely, price.high / price.likely) if price.likely else (1.0, 1.0)
    return Line(
        "T04",
        "monthly",
        "line.electricity",
        kwh_per_year * setting.case.years,
        "kWh",
        price.likely,
        doubt_low * down,
        doubt_high * up,
        stated(price.basis, price.source.title, price.source.as_of, "electricity", ("money.electricity_per_kwh",)),
    )


def both(*ends: tuple[Floats | float, Floats | float]) -> tuple[Floats | float, Floats | float]:
    """Independent doubts about one amount, as factors low and high: their deviations add in squares, as in `Bills`."""
    low = 1 - np.sqrt(sum(np.square(1 - np.minimum(x, 1.0)) for x, _ in ends))
    high = 1 + np.sqrt(sum(np.square(np.maximum(y, 1.0) - 1) for _, y in ends))
    return np.maximum(low, 0.0), high


def slug(text: str) -> str:
    """A stable short id from free text: letters and digits joined by hyphens."""
    import unicodedata

    flat = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    out = "".join(c.lower() if c.isalnum() else "-" for c in flat)
    return "-".join(p for p in out.split("-") if p)[:60] or "machine"
