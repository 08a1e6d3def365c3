"""Columns that are worked out for the rows asked for: what they give is what an array gives, and no more is worked out."""

from __future__ import annotations

import numpy as np
import pytest

from advisor.cost import Bills, Line, Money, stated
from advisor.evidence import Basis
from advisor.options.column import column

N = 1000
TWICE = 2.0 * np.arange(N)


def twice(asked: list[int]) -> np.ndarray:
    def at(rows: np.ndarray | slice) -> np.ndarray:
        found = TWICE[rows]
        asked.append(len(found))
        return found.copy()

    return column(N, at)


def test_only_the_rows_asked_for_are_worked_out() -> None:
    asked: list[int] = []
    found = twice(asked)
    assert found[7] == 14
    assert found[np.int64(-1)] == 2 * (N - 1)
    assert found[np.array([3, 1, 3])].tolist() == [6, 2, 6]
    assert (len(found), found.shape, found.ndim, sum(asked)) == (N, (N,), 1, 5)


def test_as_a_whole_it_is_worked_out_once() -> None:
    asked: list[int] = []
    found = twice(asked)
    assert np.array_equal(np.asarray(found), TWICE)
    assert np.array_equal(found + 1, TWICE + 1)
    assert np.array_equal(3 * found, 3 * TWICE)
    assert np.array_equal(found >= TWICE, np.ones(N, dtype=bool))
    assert np.array_equal(found[TWICE > 100], TWICE[TWICE > 100])
    assert np.array_equal(found[5:9], TWICE[5:9])
    assert np.array_equal(np.where(np.isfinite(found), found, 0), TWICE)
    assert np.partition(found, 3)[3] == 6
    assert asked == [N]


def test_a_copy_can_be_written_to_and_the_column_cannot() -> None:
    found = twice([])
    mine = found.copy()
    mine[0] = 9
    assert found[0] == 0
    with pytest.raises(ValueError, match="read-only"):
        np.asarray(found)[0] = 1


def test_a_bill_takes_a_column_for_an_array() -> None:
    origin = stated(Basis.PUBLISHED, "a list")
    plain, late = (
        Line("T14", "monthly", "line.rent", TWICE + 1, "hours", 0.5, low, 1.5, origin) for low in (TWICE / 4000, twice([]) / 4000)
    )
    a, b = Bills(N, (plain,)), Bills(N, (late,))
    rows = np.array([4, 900])
    for x, y in zip(a.ends(rows), b.ends(rows), strict=True):
        assert np.array_equal(x, y)
    assert np.array_equal(a.lows, b.lows)


def test_a_line_that_is_a_column_is_told_row_by_row() -> None:
    asked: list[int] = []
    line = Line("T14", "monthly", "line.rent", 2.0, "hours", 3.0, twice(asked), twice(asked), stated(Basis.PUBLISHED, "a list"))
    cost = Bills(N, (line,)).cost(0, Money("USD", 1.0, "itself", None), 3, 10, lambda x, _: x.text)
    assert float(cost.total) == 6
    assert set(asked) == {1}
