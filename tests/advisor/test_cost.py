"""The bill: exact to the cent, every part named, unknown left out and never zero, ranges in order."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.cost import ALL_PARTS, Bills, Line, Money, complete, joined, left_out, nothing, stated
from advisor.evidence import Basis

if TYPE_CHECKING:
    from collections.abc import Sequence

    from advisor.advice import Cost

EUR = Money("EUR", 0.9, "a bank", "2026-11-20")
USD = Money("USD", 1.0, "itself", None)
ORIGIN = stated(Basis.PUBLISHED, "a list", "2026-11-01")


def line(code: str, amount: float | Sequence[float], when: str = "monthly", low: float = 0.8, high: float = 1.5) -> Line:
    return Line(code, when, f"line.{code}", np.asarray(amount, dtype=float), "pieces", 1.0, low, high, ORIGIN)


def bill(lines: Sequence[Line], i: int = 0, n: int = 1, money: Money = USD, years: float = 3, units: float = 1000) -> Cost:
    return Bills(n, tuple(lines)).cost(i, money, years, units, lambda x, _: x.text)


@pytest.mark.parametrize(
    ("usd", "cents"),
    [
        # Half a cent goes up, as on any bill.
        (0.005, "0.01"),
        (0.125, "0.13"),
        (2.675, "2.68"),
        (1.0049, "1.00"),
        (-0.005, "-0.01"),
        (0.0, "0.00"),
        (1e-9, "0.00"),
        (-0.001, "0.00"),
        (1e9, "1000000000.00"),
    ],
)
def test_half_a_cent_is_rounded_up(usd: float, cents: str) -> None:
    assert str(USD.cents(usd)) == cents


def test_currency_there_and_back() -> None:
    # 100 dollars at 0.9 euros each.
    assert EUR.cents(100) == Decimal("90.00")
    assert EUR.usd(90) == pytest.approx(100)


def test_a_bill_by_hand() -> None:
    cost = bill([line("T01", 200, "upfront"), line("T04", 36.006), line("T16", 0.004), left_out("T03", "left_out.mount")], money=EUR)
    # 180 euros on the first day, 32.4054 over three years, 0.0036 is less than a cent.
    assert [x.amount for x in cost.lines] == [Decimal("180.00"), None, Decimal("32.41"), Decimal("0.00")]
    assert (cost.upfront, cost.total) == (Decimal("180.00"), Decimal("212.41"))
    assert cost.monthly_average == Decimal("0.90")
    assert cost.per_unit == pytest.approx(0.21241)


@given(
    amounts=st.lists(st.floats(0, 1e7), min_size=1, max_size=12),
    upfront=st.lists(st.booleans(), min_size=12, max_size=12),
    rate=st.sampled_from([1.0, 0.9, 0.79, 155.3, 3.67]),
    years=st.floats(0.25, 15),
)
def test_sums_are_exact_to_the_cent(amounts: list[float], upfront: list[bool], rate: float, years: float) -> None:
    lines = [line(f"T{k + 1:02d}", a, "upfront" if u else "monthly") for k, (a, u) in enumerate(zip(amounts, upfront, strict=False))]
    cost = bill(lines, money=Money("XXX", rate, "", None), years=years)
    assert cost.total == sum(x.amount for x in cost.lines if x.amount is not None)
    assert cost.upfront == sum((x.amount for x in cost.lines if x.amount is not None and x.when == "upfront"), Decimal(0))
    assert abs(cost.monthly_average - (cost.total - cost.upfront) / Decimal(years * 12)) <= Decimal("0.006")
    assert cost.low <= cost.total <= cost.high
    assert all(x.low <= x.amount <= x.high for x in cost.lines if x.amount is not None and x.low is not None and x.high is not None)


@given(amounts=st.lists(st.floats(0, 1e6), min_size=1, max_size=8), low=st.floats(0, 1), high=st.floats(1, 10))
def test_small_doubts_do_not_add_up_to_a_large_one(amounts: list[float], low: float, high: float) -> None:
    lines = [line(f"T{k + 1:02d}", a, low=low, high=high) for k, a in enumerate(amounts)]
    b = Bills(1, tuple(lines))
    total = sum(amounts)
    assert b.lows[0] <= b.totals[0] + 1e-6
    assert b.totals[0] <= b.highs[0] + 1e-6
    assert b.highs[0] <= total * high + 1e-6
    assert b.lows[0] >= total * low - 1e-6


def test_ranges_add_in_squares_by_hand() -> None:
    b = Bills(1, (line("T01", 30, low=0.9, high=2), line("T04", 40, low=0.9, high=2)))
    # Up: root of 30 squared and 40 squared; down: a tenth of that.
    assert (b.lows[0], b.totals[0], b.highs[0]) == (pytest.approx(65), 70, pytest.approx(120))


def test_unknown_is_left_out_and_never_zero() -> None:
    b = Bills(2, (line("T01", [10, float("nan")]), line("T04", [5, 5])))
    assert b.totals.tolist() == [15, 5]
    first, second = (b.cost(i, USD, 3, 10, lambda x, _: x.text) for i in (0, 1))
    assert first.lines[0].amount == Decimal("10.00")
    assert (second.lines[0].amount, second.lines[0].low, second.lines[0].high) == (None, None, None)
    assert second.total == Decimal("5.00")


def test_hours_without_a_price_keep_their_hours() -> None:
    cost = bill([left_out("T07", "line.setup.hours", 6.0, "hours", "judgement")])
    assert (cost.lines[0].quantity, cost.lines[0].amount, cost.lines[0].unit) == (6.0, None, "hours")


def test_every_part_is_an_amount_or_says_why() -> None:
    lines = complete((line("T01", 5),), {"T09": "left_out.it_firm", "T14": "zero.nothing_rented"}, 1)
    assert sorted({x.code for x in lines}) == list(ALL_PARTS)
    assert len(lines) == len(ALL_PARTS)
    cost = bill(lines)
    by_code = {x.code: x for x in cost.lines}
    assert by_code["T09"].amount is None
    assert (by_code["T14"].amount, by_code["T14"].text) == (Decimal("0.00"), "zero.nothing_rented")
    assert by_code["T03"].text == "zero.T03"


@pytest.mark.parametrize("discount", [0.02, 0.05, 0.3])
@pytest.mark.parametrize("years", [0.5, 3, 10])
def test_discount_against_many_small_payments(discount: float, years: float) -> None:
    """The closed formula beside 20,000 equal payments, each discounted for itself."""
    lines = complete((line("T01", 100, "upfront"), line("T14", 1000)), {}, 1, discount, years)
    t = (np.arange(20_000) + 0.5) / 20_000 * years
    worth = float(np.mean((1 + discount) ** -t)) * 1000
    assert Bills(1, lines).totals[0] == pytest.approx(100 + worth, rel=1e-6)
    assert next(x for x in lines if x.code == "T28").when == "end"


def test_discount_by_hand() -> None:
    # (1 - 1.05^-3) / (3 ln 1.05) = 0.1361624 / 0.1463705 = 0.9302587.
    lines = complete((line("T14", 1000),), {}, 1, 0.05, 3)
    assert Bills(1, lines).totals[0] == pytest.approx(930.2587, abs=1e-3)


def test_no_discount_is_a_part_with_a_reason() -> None:
    (part,) = [x for x in complete((line("T14", 1000),), {"T28": "zero.discount"}, 1) if x.code == "T28"]
    assert part.text == "zero.discount"


def test_joined_bills_add_up_pair_by_pair() -> None:
    a = Bills(2, complete((line("T01", [10, 20], "upfront"), line("T04", [1, 2])), {"T16": "zero.no_pay_per_use"}, 2))
    b = Bills(3, complete((line("T16", [100, 200, 300]),), {"T01": "zero.nothing_bought"}, 3))
    both = joined(a, np.array([0, 1, 1]), b, np.array([2, 0, 1]))
    assert both.totals.tolist() == [311, 122, 222]
    assert both.upfronts.tolist() == [10, 20, 20]
    texts = [x.text for x in both.lines]
    # A part that one side counts says nothing of the other's reason.
    assert "zero.nothing_bought" not in texts
    assert "zero.no_pay_per_use" not in texts
    assert sorted({x.code for x in both.lines}) == list(ALL_PARTS)
    for i, (j, k) in enumerate([(0, 2), (1, 0), (1, 1)]):
        assert both.highs[i] - both.totals[i] == pytest.approx(np.hypot(a.highs[j] - a.totals[j], b.highs[k] - b.totals[k]))


def test_joined_bills_keep_where_each_price_comes_from() -> None:
    from dataclasses import replace

    from advisor.cost import Origin

    named = replace(line("T16", [1, 2]), origin=lambda i: Origin(Basis.PUBLISHED, f"seller {i}"))
    both = joined(Bills(1, (line("T01", 1),)), np.array([0, 0]), Bills(2, (named,)), np.array([1, 0]))
    assert [x.origin(0).source for x in both.lines if x.code == "T16"] == ["seller 1"]
    assert [x.origin(1).source for x in both.lines if x.code == "T16"] == ["seller 0"]


def test_nothing_and_left_out_are_different() -> None:
    assert nothing("T02", "zero.spare").amounts(1)[0] == 0
    assert np.isnan(left_out("T03", "left_out.mount").amounts(1)[0])


def test_the_low_end_of_a_bill_is_never_below_nought() -> None:
    """A small bill with much doubt about a part that is taken off again."""
    off = stated(Basis.ESTIMATED, "made up")
    lines = (
        Line("T04", "monthly", "line.electricity", 1.0, "kWh", 10.0, 0.1, 3.0, off),
        Line("T28", "end", "line.discount", -0.5, "of later payments", 10.0, 0.1, 3.0, off),
    )
    b = Bills(1, lines)
    assert b.totals[0] == 5.0
    assert b.lows[0] == 0.0
    assert b.highs[0] > 5.0
