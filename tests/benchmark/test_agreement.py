"""What counts as the same answer, and how sure a share is."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.benchmark.agreement import Tally
from advisor.slimmer import Agreement, Copy, advised, agrees, in_words, is_faster, verdict, wilson


def counted(pairs, name="y", rows=1):
    tally = Tally([name])
    for own, copy in pairs:
        tally.add([np.asarray(own)], [np.asarray(copy)], rows)
    return tally.result("sample")


def test_classes_count_by_the_first():
    shares = counted([([[0.7, 0.3]], [[0.6, 0.4]]), ([[0.2, 0.8]], [[0.6, 0.4]])])
    assert (shares.rule, shares.same_share, shares.n, shares.distinct) == ("top-1", 0.5, 2, 2)
    named = counted([([[3.0, 1.0]], [[9.0, 1.0]])], name="logits")
    assert (named.rule, named.same_share, named.distinct) == ("top-1", 1.0, 1)


def test_a_row_that_may_be_measures_must_stay_near_too():
    own = [[1.0, 5.0, 3.0]]
    assert counted([(own, [[1.1, 5.1, 3.1]])]).same_share == 1
    far = counted([(own, [[1.0, 5.5, 3.0]])])
    assert (far.rule, far.same_share) == ("top-1-and-near", 0)
    assert counted([(own, [[1.0, 3.0, 3.1]])]).same_share == 0


def test_other_numbers_must_be_close_by_the_span_of_all_answers():
    pairs = [([float(x)], [x + off]) for x, off in ((0, 0.5), (50, 0.99), (100, 1.01))]
    found = counted(pairs)
    assert (found.rule, found.n) == ("close", 3)
    assert found.same_share == pytest.approx(2 / 3)
    assert found.largest_change == pytest.approx(0.0101)


def test_whole_numbers_and_words_must_be_equal():
    assert counted([([1, 2], [1, 2]), ([1, 2], [1, 3])]).same_share == 0.5
    assert counted([(np.array(["a"], dtype=object), np.array(["a"], dtype=object))]).rule == "exact"


def test_each_row_of_a_stack_is_an_answer():
    own = [[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]]
    copy = [[0.9, 0.1], [0.7, 0.3], [0.6, 0.4]]
    found = counted([(own, copy)], rows=3)
    assert (found.n, found.same_share) == (3, pytest.approx(2 / 3))


def test_not_a_number_only_equals_itself_and_shapes_must_fit():
    nan = float("nan")
    assert counted([([[nan, 1.0]], [[nan, 1.0]])]).same_share == 1
    assert counted([([[nan, 1.0]], [[0.0, 1.0]])]).same_share == 0
    assert counted([([[1.0, 2.0]], [[1.0, 2.0, 3.0]])]).same_share == 0


def test_scores_by_class_are_read_as_classes():
    tally = Tally(["label", "probabilities"])
    tally.add([np.array([1]), [{"a": 0.1, "b": 0.9}]], [np.array([1]), [{"a": 0.2, "b": 0.8}]])
    tally.add([np.array([1]), [{"a": 0.1, "b": 0.9}]], [np.array([0]), [{"a": 0.7, "b": 0.3}]])
    found = tally.result("made-up")
    assert (found.rule, found.same_share) == ("top-1+exact", 0.5)


def test_lists_of_tables_of_several_sizes_must_be_equal():
    tally = Tally(["boxes"])
    one, two = [np.ones(2), np.ones(3)], [np.ones(2), np.zeros(3)]
    tally.add([one], [one])
    tally.add([one], [two])
    tally.add([one], [one[:1]])
    found = tally.result("made-up")
    assert (found.rule, found.same_share) == ("exact", pytest.approx(1 / 3))


def test_nothing_compared_is_no_agreement():
    assert Tally(["y"]).result("sample") is None


def test_wilson_against_its_published_form():
    # Newcombe 1998, Statistics in Medicine 17, 857-872, table I: 81 of 263 and 0 of 20, method 3.
    assert wilson(81, 263) == (pytest.approx(0.2553, abs=5e-5), pytest.approx(0.3662, abs=5e-5))
    assert wilson(0, 20) == (0.0, pytest.approx(0.1611, abs=5e-5))
    assert wilson(0, 0) == (0.0, 1.0)


@given(st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_holds_what_was_seen(case):
    same, n = case
    low, high = wilson(same, n)
    assert 0 <= low <= same / n <= high <= 1
    assert math.isclose(1 - high, wilson(n - same, n)[0], abs_tol=1e-9)


def agreed(same, n, **other):
    return Agreement(same / n, *wilson(same, n), n, **{"inputs": "sample", "distinct": 5, **other})


def test_agreement_needs_the_owners_samples_and_enough_of_them():
    assert agrees(agreed(73, 73))
    assert not agrees(agreed(72, 72))
    assert not agrees(agreed(90, 100))
    assert not agrees(agreed(100, 100, inputs="made-up"))
    assert not agrees(agreed(100, 100, distinct=1))
    assert not agrees(None)


def copy_of(name, own, copy):
    return Copy(name, "half", round_ms=tuple(copy), beside_ms=tuple(own))


def test_only_a_copy_faster_in_every_round_and_alike_is_advised():
    fast, swaying = copy_of("a", (10, 12, 11), (5, 6, 5)), copy_of("b", (10, 12, 11), (4, 12, 4))
    assert is_faster(fast)
    assert not is_faster(swaying)
    assert not is_faster(copy_of("c", (10, 10), (1, 1)))
    alike = {"a": agreed(100, 100), "b": agreed(100, 100)}
    assert advised([swaying, fast], alike) is fast
    assert advised([fast], {"a": agreed(80, 100)}) is None
    assert advised([fast], {}) is None
    faster = copy_of("b", (10, 10, 10), (2, 2, 2))
    assert advised([fast, faster], alike) is faster
    assert fast.takes == (5 / 11, 0.5, 0.5)


@pytest.mark.parametrize(
    ("said", "own", "found", "word"),
    [
        (agreed(100, 100), (10, 10, 10), "advised", "may stand in"),
        (agreed(100, 100), (5, 5, 5), "alike", "not clearly faster"),
        (agreed(100, 100, inputs="made-up"), (10, 10, 10), "made-up", "say little"),
        (agreed(100, 100, distinct=1), (10, 10, 10), "all-alike", "shows little"),
        (agreed(20, 20), (10, 10, 10), "few", "too few"),
        (agreed(6, 120, distinct=1), (10, 10, 10), "differs", "answers change"),
        (agreed(80, 100), (10, 10, 10), "differs", "answers change"),
        (None, (10, 10, 10), "made-up", "say little"),
    ],
)
def test_a_copy_is_told_of_with_what_it_is_worth(said, own, found, word):
    copy = copy_of("fp16", own, (5, 5, 5))
    assert verdict(copy, said) == found
    words = in_words(copy, said)
    assert word in words
    assert said is None or f"{round(said.same_share * said.n)} of {said.n}" in words


def test_a_copy_without_a_time_is_not_told_of():
    assert in_words(Copy("int8", "dynamic", left_out="No."), None) == ""
