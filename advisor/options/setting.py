"""What all candidates of one answer share: the case, the work, the catalog, money, and the lines every bill has."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from advisor.catalog.ageing import AGEING, UNDATED_YEARS, days_old
from advisor.cost import Bills, Line, complete, left_out, nothing, stated
from advisor.evidence import Basis, Estimate, Source
from advisor.options.places import Places
from advisor.options.tax import tax_lines
from advisor.quotes import Quotes
from advisor.units import DAYS_PER_YEAR, MONTHS_PER_YEAR

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
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
        """The bills of n candidates with every part T01..T29 (see `advisor.cost.complete`), and tax where the owner wants it."""
        if self.case.with_tax:
            lines, reasons = tax_lines(self, lines, reasons, n)
        return Bills(n, complete(lines, reasons, n, self.case.discount, self.case.years))

    @property
    def paid_on(self) -> date:
        """The middle of the years looked at: what is paid all along is paid at the prices of about that day."""
        return self.today + timedelta(days=DAYS_PER_YEAR * self.case.years / 2)

    def by_work(self, _: int) -> tuple[float, ...]:
        """How much of the work falls in each year, for any candidate (`Line.spread`)."""
        return tuple(y.units for y in self.demand.years)

    def own_hours(self, path: str) -> Estimate:
        """Hours of the owner's people on a machine they look after themselves: a default times what their skill makes of it."""
        hours, skill = self.judged(path), self.judged(f"skill.{self.case.it_skill}")
        return Estimate(hours.low * skill.low, hours.likely * skill.likely, hours.high * skill.high, hours.basis, hours.source)

    def judged(self, path: str) -> Estimate:
        """A default of the catalog as an estimate with its range."""
        return _judged(self.catalog, path)

    def moved(self, kind: str, as_of: str | None, ahead: float = 0.0) -> tuple[float, float]:
        """How far a price of a kind and a day may have moved until today, or `ahead` years later, as factors low and high."""
        days = days_old(as_of or "", self.today)
        return AGEING[kind].factors((UNDATED_YEARS if days is None else max(days, 0) / DAYS_PER_YEAR) + ahead)

    def all_moved(self, origins: Sequence[Origin]) -> tuple[Floats, Floats]:
        """`moved` of prices paid all along, with these origins, as two arrays; what the owner typed without a day is of today."""
        typed, ahead = self.today.isoformat(), self.case.years / 2
        ends = [self.moved(o.kind, o.as_of or typed if o.basis is Basis.YOURS else o.as_of, ahead) for o in origins]
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
    firm = upkeep.likely == 0 and setting.case.it_firm_per_month is not None
    return (
        own_time(setting, "T07", "upfront", "line.setup", setup, more),
        nothing("T08", "zero.it_firm") if firm else own_time(setting, "T08", "monthly", "line.upkeep", upkeep.scaled(months)),
        own_time(setting, "T22", "monthly", "line.watch", watch.scaled(months)),
    )


def own_time(setting: Setting, code: str, when: str, key: str, hours: Estimate, more: Floats | float = 0.0) -> Line:
    """Hours of the owner's people (with `more` for some candidates): in money where they told its hourly cost, else as hours."""
    quantity = hours.likely + more
    if setting.case.staff_hour is None:
        return left_out(code, f"{key}.hours", quantity, "hours", hours.source.title)
    line = priced(code, when, key, hours, "hours", setting.wage.likely, Basis.YOURS, "your hourly cost")
    return replace(line, quantity=quantity, own=True)


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
    code: str,
    when: str,
    text: str,
    quantity: float,
    unit: str,
    price: Estimate,
    kind: str = "",
    price_of: tuple[str, ...] = (),
    spread: Callable[[int], Sequence[float]] | None = None,
) -> Line:
    """A line whose quantity is known and whose price [USD a unit] is the uncertain part.

    `kind` and `price_of` as in `Origin`, `spread` as in `Line`.
    """
    low = price.low / price.likely if price.likely else 1.0
    high = price.high / price.likely if price.likely else 1.0
    origin = stated(price.basis, price.source.title, price.source.as_of, kind, price_of)
    return Line(code, when, text, quantity, unit, price.likely, low, high, origin, spread=spread)


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
