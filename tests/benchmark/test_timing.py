"""The timing loop against a clock and a model that do exactly as told: the tester is tested first."""

from itertools import chain, repeat

from hypothesis import given
from hypothesis import strategies as st

from advisor.benchmark.timing import is_warm, one, timed


class FakeModel:
    """Takes the given times [ns], one after the other, then the last for ever; its clock moves only while it runs."""

    def __init__(self, *times):
        self.now = 0
        self.calls = 0
        self._times = chain(times, repeat(times[-1]))

    def clock(self):
        return self.now

    def run(self):
        self.calls += 1
        self.now += next(self._times)


def test_one_call_takes_what_the_model_takes():
    model = FakeModel(1234)
    assert one(model.run, model.clock) == 1234


@given(st.integers(1_000_000, 50_000_000))
def test_constant_model_is_reported_as_it_is(each):
    model = FakeModel(each)
    found = timed(model.run, model.clock, 1.0, 1.0)
    assert set(found.samples_ns) == {each}
    assert found.is_steady
    assert len(found.samples_ns) == max(-(-1_000_000_000 // each), 3)
    assert found.median_ms == each / 1e6


def test_slow_beginning_stays_out_of_the_samples():
    model = FakeModel(*[90_000_000] * 4, *[9_000_000] * 3, 5_000_000)
    found = timed(model.run, model.clock, 0.5, 5.0)
    assert set(found.samples_ns) == {5_000_000}
    assert max(found.warm_up_ns) == 90_000_000


def test_model_that_never_settles_is_said_to_be_so():
    model = FakeModel(*[n * 1_000_000 for n in range(1, 500)])
    found = timed(model.run, model.clock, 3.0, 1.0)
    assert not found.is_steady


def test_slow_model_is_asked_as_often_as_said_at_least():
    model = FakeModel(60_000_000_000)
    found = timed(model.run, model.clock, 1.0, 0.0, least=1)
    assert model.calls == len(found.samples_ns) == 1
    assert found.warm_up_ns == ()


def test_null_model_ends():
    ticks = iter(range(0, 10**12, 1000))
    found = timed(lambda: None, lambda: next(ticks), 10.0, 0.1)
    assert found.samples_ns[:3] == (1000, 1000, 1000)
    assert len(found.samples_ns) == 20_000


def test_steady_needs_two_windows_that_agree():
    assert not is_warm([5] * 9)
    assert is_warm([5] * 10)
    assert is_warm([100] * 5 + [109] * 5)
    assert not is_warm([100] * 5 + [112] * 5)
