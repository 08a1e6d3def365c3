"""The three-year bill: named lines T01..T29, each a quantity times a unit price, for many candidates at once.

Amounts are reckoned in US dollars, the currency of the catalog, and converted once at the end at a dated rate.
Unknown amounts are left out of the sum and say so; they never become zero. The parts are those of
`catalogs/cost_parts.csv`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from advisor.advice import Cost, CostLine
from advisor.catalog.ageing import state_of
from advisor.cost_years import CENT, DISCOUNT, by_year, in_cents, summed
from advisor.evidence import Basis
from advisor.units import MONTHS_PER_YEAR

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import date

    from numpy.typing import NDArray

    from advisor.catalog.ageing import State

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]
    # What many candidates have in common stays one number: adding it up is then no work over the whole catalog.
    Amount = Floats | float

# Own hours and the weighing of later payments are in the bill, but no purse pays them.
NOT_CASH: Final = frozenset({"T07", "T08", "T22", "T28"})
ALL_PARTS: Final = tuple(f"T{i:02d}" for i in range(1, 30))


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a line's price comes from.

    `kind` is the kind of price in `advisor.catalog.ageing` by which it grows old, '' for what is no price of a list;
    `price_of` names the prices in it as `advisor.quotes` does, so that the owner can put their own in the place of ours.
    """

    basis: Basis
    source: str
    as_of: str | None = None
    kind: str = ""
    price_of: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """One line of n bills. `quantity`, `unit_price` (USD) and the range factors broadcast to shape (n,).

    `low`/`high` multiply the amount to give the ends of its 80 % range. A NaN amount is left out of the sum.
    `text` is a phrase key of `advisor.words`; `origin(i)` says where the i-th candidate's price comes from.
    `own`: hours or losses of the firm itself, which no purse pays. `spread(i)`: what falls in each year of the horizon, in any
    measure; without it a line is spread evenly, or falls in the last year where it comes at the end. `if_nothing` is the phrase key
    for a candidate whose amount is nothing.
    """

    code: str
    when: str
    text: str
    quantity: Floats | float
    unit: str
    unit_price: Floats | float
    low: Floats | float
    high: Floats | float
    origin: Callable[[int], Origin]
    own: bool = False
    spread: Callable[[int], Sequence[float]] | None = None
    if_nothing: str = ""

    def has_amount(self) -> bool:
        """Whether any candidate's amount is known and not zero; false saves adding zeros over the whole catalog."""
        if isinstance(self.quantity, np.ndarray) or isinstance(self.unit_price, np.ndarray):
            return True
        product = self.quantity * self.unit_price
        return math.isfinite(product) and product != 0

    def amounts(self, n: int) -> Floats:
        """Amounts in USD, shape (n,)."""
        product = np.asarray(self.quantity, dtype=np.float64) * self.unit_price
        return np.broadcast_to(product, (n,))

    @property
    def is_cash(self) -> bool:
        """Whether a purse pays it."""
        return not self.own and self.code not in NOT_CASH

    def parts(self, i: int, lengths: Sequence[float]) -> list[float]:
        """The shares of candidate `i`'s amount that fall in each year, for years of these lengths; they sum to 1."""
        if self.when == "end":
            return [0.0] * (len(lengths) - 1) + [1.0]
        weights = list(lengths) if self.spread is None else [float(x) for x in self.spread(i)]
        if not sum(weights) > 0:
            weights = list(lengths)
        return [x / sum(weights) for x in weights]


def stated(basis: Basis, source: str, as_of: str | None = None, kind: str = "", price_of: tuple[str, ...] = ()) -> Callable[[int], Origin]:
    """The same origin for every candidate."""
    return _Same(Origin(basis, source, as_of, kind, price_of))


@dataclass(frozen=True, slots=True)
class _Same:
    origin: Origin

    def __call__(self, _: int) -> Origin:
        return self.origin


def nothing(code: str, text: str) -> Line:
    """A part of the bill that is zero, with the phrase that says why."""
    return Line(code, "end", text, 0.0, "", 0.0, 1.0, 1.0, stated(Basis.ESTIMATED, "rule of the calculation"))


def left_out(code: str, text: str, quantity: Floats | float = float("nan"), unit: str = "", source: str = "") -> Line:
    """A part of the bill that we cannot put in money, with the phrase that says why (and a quantity if we know one)."""
    return Line(code, "end", text, quantity, unit, float("nan"), 1.0, 1.0, stated(Basis.ESTIMATED, source))


class _Sums(NamedTuple):
    """Sums of the lines of many bills [USD]: all, the first day, of both what no purse pays, and what a purse pays after the years."""

    total: Amount
    upfront: Amount
    own_upfront: Amount
    own_total: Amount
    end_total: Amount


@dataclass(frozen=True)
class Bills:
    """The bills of n candidates as named lines. Sums are worked out when they are asked for, and once."""

    n: int
    lines: tuple[Line, ...]

    @cached_property
    def _counted(self) -> tuple[Line, ...]:
        """The lines that have an amount."""
        return tuple(line for line in self.lines if line.has_amount())

    @cached_property
    def _sums(self) -> _Sums:
        paid = [(x, _product(x.quantity, x.unit_price)) for x in self._counted]
        first = [(x, a) for x, a in paid if x.when == "upfront"]
        return _Sums(
            _added(a for _, a in paid),
            _added(a for _, a in first),
            _added(a for x, a in first if not x.is_cash),
            _added(a for x, a in paid if not x.is_cash),
            _added(a for x, a in paid if x.when == "end" and x.is_cash),
        )

    def _each(self, amount: Amount) -> Floats:
        return np.asarray(amount) if np.shape(amount) == (self.n,) else np.full(self.n, amount)

    @cached_property
    def totals(self) -> Floats:
        """The sum of each bill [USD], shape (n,)."""
        return self._each(self._sums.total)

    @cached_property
    def upfronts(self) -> Floats:
        """What falls due on the first day [USD], shape (n,)."""
        return self._each(self._sums.upfront)

    @cached_property
    def own_upfronts(self) -> Floats:
        """The part of it that no purse pays."""
        return self._each(self._sums.own_upfront)

    @cached_property
    def own_totals(self) -> Floats:
        """The part of the bill that no purse pays."""
        return self._each(self._sums.own_total)

    @cached_property
    def end_totals(self) -> Floats:
        """What a purse pays after the horizon."""
        return self._each(self._sums.end_total)

    @cached_property
    def _every_end(self) -> tuple[Floats, Floats]:
        return self.ends(slice(None))

    @property
    def lows(self) -> Floats:
        """The low ends of the 80 % ranges [USD], shape (n,)."""
        return self._every_end[0]

    @property
    def highs(self) -> Floats:
        """The high ends of the 80 % ranges [USD], shape (n,)."""
        return self._every_end[1]

    def ends(self, rows: Ints | slice) -> tuple[Floats, Floats]:
        """Low and high ends of the bills of these candidates [USD]: the few that are shown need no sum over the whole catalog."""

        def at(value: Amount) -> Amount:
            return value if isinstance(value, (int, float)) or np.shape(value) != (self.n,) else value[rows]

        down: Amount = 0.0
        up: Amount = 0.0
        # Independent lines: their deviations add in squares, otherwise thirty small doubts would look like a large one.
        for x in self._counted:
            amount, low, high = _product(at(x.quantity), at(x.unit_price)), at(x.low), at(x.high)
            down = down + np.square(amount * (1 - np.minimum(low, high)))
            up = up + np.square(amount * (np.maximum(low, high) - 1))
        total = self.totals[rows]
        # Nobody is paid for having a bill, however wide the doubt about a discount.
        return np.maximum(total - np.sqrt(down), np.minimum(total, 0.0)), total + np.sqrt(up)

    def monthly(self, years: float) -> Floats:
        """Average to pay each month after the first day, in USD."""
        return self._each(_less(self._sums.total, self._sums.upfront) / (years * MONTHS_PER_YEAR))

    def cash_upfront(self) -> Floats:
        """What is paid to others on the first day, in USD: own hours are not paid out of a purse."""
        return self._each(_less(self._sums.upfront, self._sums.own_upfront))

    def cash_monthly(self, years: float) -> Floats:
        """What is paid to others each month after that, in USD, undiscounted, without own hours and what comes after the years."""
        s = self._sums
        later = _less(_less(_less(s.total, s.upfront), _less(s.own_total, s.own_upfront)), s.end_total)
        return self._each(later / (years * MONTHS_PER_YEAR))

    def cost(self, i: int, money: Money, years: float, units: float, words: Callable[[Line, int], str], today: date | None = None) -> Cost:
        """The bill of candidate `i` in the owner's currency, exact to the cent: the total is the sum of its lines.

        `today` tells how old each price is; without it no age is told.
        """
        lines: list[CostLine] = []
        shown = sorted(self.lines, key=lambda x: x.code)
        for line in shown:
            amount = _at(line.quantity, i) * _at(line.unit_price, i)
            origin = line.origin(i)
            known = np.isfinite(amount)
            low, high = sorted((amount * _at(line.low, i), amount * _at(line.high, i))) if known else (0.0, 0.0)
            price = _at(line.unit_price, i)
            quantity = _at(line.quantity, i)
            cents = money.cents(amount) if known else None
            lines.append(
                CostLine(
                    code=line.code,
                    when=line.when,
                    text=words(replace(line, text=line.if_nothing) if line.if_nothing and amount == 0 else line, i),
                    quantity=quantity if np.isfinite(quantity) else None,
                    unit=line.unit,
                    unit_price=price * money.rate if np.isfinite(price) and price else None,
                    amount=cents,
                    low=min(money.cents(low), cents) if cents is not None else None,
                    high=max(money.cents(high), cents) if cents is not None else None,
                    basis=origin.basis,
                    source=origin.source,
                    as_of=origin.as_of,
                    age=_age(origin, today) if amount and known else None,
                    price_of=origin.price_of,
                ),
            )
        total, upfront = summed(lines), summed(x for x in lines if x.when == "upfront")
        discount = summed(x for x in lines if x.code == DISCOUNT)
        end = summed(x for x in lines if x.when == "end" and x.code != DISCOUNT)
        months = Decimal(str(years * MONTHS_PER_YEAR))
        least, most = (float(end[0]) for end in self.ends(np.array([i])))
        return Cost(
            currency=money.currency,
            upfront=upfront,
            monthly_average=((total - upfront) / months).quantize(CENT, ROUND_HALF_UP),
            total=total,
            low=min(money.cents(least), total),
            high=max(money.cents(most), total),
            per_unit=float(total) / units if units else 0.0,
            lines=tuple(lines),
            running=total - upfront - end - discount,
            end=end,
            discount=discount,
            undiscounted=total - discount,
            years=by_year(zip(shown, lines, strict=True), i, upfront, years),
        )


@dataclass(frozen=True, slots=True)
class Money:
    """The owner's currency and how many of it one US dollar buys."""

    currency: str
    rate: float
    source: str
    as_of: str | None

    def cents(self, usd: float) -> Decimal:
        """An amount of US dollars in the owner's currency, rounded half up to the cent."""
        return in_cents(usd * self.rate)

    def usd(self, amount: float) -> float:
        """An amount the owner typed, in US dollars."""
        return amount / self.rate


def complete(lines: Sequence[Line], reasons: Mapping[str, str], n: int, discount: float = 0.0, years: float = 0.0) -> tuple[Line, ...]:
    """The lines with every part T01..T29 present: parts not counted say why.

    Args:
        lines: the lines that carry an amount.
        reasons: phrase key by part code for parts that are zero; a key starting with `left_out.` is left out instead.
        n: number of candidates.
        discount: the owner's yearly discount rate (0.05 = 5 %); 0 leaves every amount as it is paid.
        years: the horizon.
    """
    if discount:
        paid_later = [(_product(x.quantity, x.unit_price), x.low, x.high) for x in lines if x.when != "upfront" and x.has_amount()]
        later = _added(a for a, _, _ in paid_later)
        low, high = _added(a * low for a, low, _ in paid_later), _added(a * high for a, _, high in paid_later)
        sure = np.where(np.asarray(later) > 0, later, 1.0)
        # Even payments over the horizon are worth (1 - (1+r)^-N) / (N ln(1+r)) of their sum today.
        worth = (1 - (1 + discount) ** -years) / (years * np.log1p(discount))
        rate = stated(Basis.YOURS, "your discount rate")
        lines = (*lines, Line("T28", "end", "line.discount", worth - 1, "of later payments", later, low / sure, high / sure, rate))
    have = {line.code for line in lines}
    return (*lines, *(_uncounted(code, reasons.get(code, f"zero.{code}")) for code in ALL_PARTS if code not in have))


@lru_cache(maxsize=512)
def _uncounted(code: str, reason: str) -> Line:
    return left_out(code, reason) if reason.startswith("left_out.") else nothing(code, reason)


def _product(quantity: Amount, unit_price: Amount) -> Amount:
    """The amount of a line that has one [USD], unknown ones as nought: one number where all candidates pay the same."""
    if not (isinstance(quantity, np.ndarray) or isinstance(unit_price, np.ndarray)):
        return quantity * unit_price
    product = np.multiply(quantity, unit_price, dtype=np.float64)
    # One sum tells that all are known, which is nearly always so.
    return product if np.isfinite(product.sum()) else np.nan_to_num(product)


def _less(a: Amount, b: Amount) -> Amount:
    """The difference; taking nothing away is no work over the whole catalog."""
    return a if isinstance(b, float) and b == 0 else a - b


def _added(amounts: Iterable[Amount]) -> Amount:
    """The sum in the order given; none is changed."""
    total: Amount = 0.0
    mine = False
    for amount in amounts:
        if mine and np.shape(amount) in ((), np.shape(total)):
            total += amount
        else:
            total = total + amount
            mine = isinstance(total, np.ndarray)
    return total


def joined(a: Bills, which_a: Ints, b: Bills, which_b: Ints) -> Bills:
    """Bills of things used together: candidate k is `which_a[k]` of `a` with `which_b[k]` of `b`.

    A part that one of the two leaves at zero shows only what the other one says of it.
    """
    sides = [_picked(line, bills.n, which) for bills, which in ((a, which_a), (b, which_b)) for line in bills.lines]
    counted = {line.code for line in sides if _is_counted(line)}
    seen: set[str] = set()
    lines = []
    for line in sides:
        if _is_counted(line) or (line.code not in counted and line.code not in seen):
            seen.add(line.code)
            lines.append(line)
    return Bills(len(which_a), tuple(lines))


def _is_counted(line: Line) -> bool:
    """Whether a line says more than a reason: an amount, or hours without a price."""
    if isinstance(line.quantity, (int, float)):
        return line.quantity != 0 and not math.isnan(line.quantity)
    return bool(np.any((line.quantity != 0) & ~np.isnan(line.quantity)))


def _picked(line: Line, n: int, which: Ints) -> Line:
    numbers = (line.quantity, line.unit_price, line.low, line.high)
    if isinstance(line.origin, _Same) and all(isinstance(x, (int, float)) for x in numbers):
        return line

    def of(values: Amount) -> Amount:
        return np.broadcast_to(values, (n,))[which] if np.ndim(values) else values

    rows, origin, spread = which.tolist(), line.origin, line.spread
    return replace(
        line,
        quantity=of(line.quantity),
        unit_price=of(line.unit_price),
        low=of(line.low),
        high=of(line.high),
        origin=lambda k: origin(rows[k]),
        spread=None if spread is None else lambda k: spread(rows[k]),
    )


def _age(origin: Origin, today: date | None) -> State | None:
    """How old the price behind a line is; what the owner typed is theirs to judge."""
    if not origin.kind or today is None or origin.basis is Basis.YOURS:
        return None
    return state_of(origin.kind, origin.as_of or "", today)


def _at(value: Floats | float, i: int) -> float:
    return float(value) if isinstance(value, (int, float)) or not np.ndim(value) else float(value[i])
