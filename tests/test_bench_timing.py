"""The figures of the bench: told where there are enough quiet repeats, else said not to be measurable."""

from __future__ import annotations

from typing import Any

import pytest

from tests.bench_timing import NEEDED, Repeat, tell


def a_round(ms: float, busy: float = 0.0, tail: float = 1.0) -> dict[str, Any]:
    """A hundred answers, one in ten of them `tail` times as slow."""
    return {"samples_ns": [round(ms * 1e6)] * 90 + [round(ms * tail * 1e6)] * 10, "busy_others": busy, "asleep_s": 0.0}


def a_repeat(ours: tuple[float, ...] = (10.0, 10.1, 10.2), plain: tuple[float, ...] = (10.1,) * 3, **more: Any) -> Repeat:
    return Repeat("m", 1, tuple(a_round(x, **more) for x in ours), tuple(a_round(x) for x in plain))


def figures(made: list[Repeat]) -> dict[str, str]:
    told: dict[str, str] = {}
    tell(lambda name, value: told.update({name.split(" (")[0]: value}), made)
    return told


def test_what_a_repeat_says() -> None:
    r = a_repeat()
    assert (r.plain_ms, r.off, r.p95_off) == (pytest.approx(10.1), pytest.approx(0), pytest.approx(10.2 / 10.1 - 1))
    assert r.is_quiet
    assert r.is_covered
    assert not a_repeat(plain=(9.9,) * 3).is_covered
    assert not a_repeat(busy=0.4).is_quiet
    assert a_repeat(tail=1.5).p95_off == pytest.approx(0.5, abs=0.02)
    assert Repeat("m", 1, ({"samples_ns": [1] * 9, "busy_others": 0.0},), (a_round(1.0),)).p95_off is None


def test_under_twenty_quiet_repeats_no_figure_is_told() -> None:
    told = figures([a_repeat()] * (NEEDED - 1) + [a_repeat(busy=0.4)] * 50)
    assert told["repeats in which the computer was truly left to us"] == "19 of 69"
    assert told["median within 5 %, models from 0.5 ms"] == "not measurable here: 19 quiet repeats, 20 are needed"
    assert told["stated range holds the plain loop's median, all repeats"] == "100.0% of 69"


def test_shares_are_of_the_quiet_repeats_alone() -> None:
    off = a_repeat(ours=(10.8,) * 3)
    quick = a_repeat(ours=(0.108,) * 3, plain=(0.1,) * 3)
    told = figures([a_repeat()] * 30 + [off] * 10 + [quick] * 20 + [a_repeat(ours=(20.0,), busy=0.4)] * 40)
    assert told["median within 5 %, models from 0.5 ms"] == "75.0% of 40"
    assert told["median within 10 %, models of 0.05 to 0.5 ms"] == "100.0% of 20"
    assert told["stated range holds the plain loop's median, quiet ones"] == "50.0% of 60"
    assert told["stated range holds the plain loop's median, all repeats"] == "30.0% of 100"
