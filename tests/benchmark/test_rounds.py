"""Rounds that others disturbed are made again or marked; and how sleep, power plans and processors are told."""

import ctypes
import time
import uuid

import pytest

from advisor.benchmark import machine
from advisor.benchmark.rounds import counted, has_slept, is_one_more_worth_it, is_quiet


def one(busy=0.0, asleep=0.0):
    return {"busy_others": busy, "asleep_s": asleep}


QUIET, BUSY, SLEPT = one(), one(busy=0.25), one(asleep=4.0)


@pytest.mark.parametrize(
    ("done", "cores", "quiet"),
    [
        (one(busy=0.07), 2, True),
        (one(busy=0.08), 2, False),
        # Half a core is a small share of many cores, and still counts.
        (one(busy=0.5 / 16), 16, False),
        (one(busy=None), 2, True),
        (one(asleep=None), 2, True),
        (one(asleep=0.2), 2, False),
        ({"busy_others": 0.0}, 2, True),
    ],
)
def test_what_quiet_means(done, cores, quiet):
    assert is_quiet(done, cores) is quiet


def test_disturbed_rounds_are_made_again_while_there_is_time():
    def again(rounds, elapsed=5.0):
        return is_one_more_worth_it(rounds, 6, 2, elapsed, 2.0, 30.0)

    assert not again([QUIET] * 6)
    assert again([QUIET] * 5 + [BUSY])
    assert again([QUIET] * 5 + [SLEPT, SLEPT])
    assert not again([QUIET] * 6 + [BUSY])
    assert not again([QUIET] * 5 + [BUSY], elapsed=21.0)
    assert not again([BUSY] * 12)


def test_only_what_others_did_decides_which_rounds_count():
    assert counted([QUIET, BUSY, QUIET, QUIET], 6, 2) == [QUIET] * 3
    # Too few quiet ones: all count, and the warnings say that they were disturbed.
    assert counted([QUIET, BUSY, QUIET, BUSY], 6, 2) == [QUIET, BUSY, QUIET, BUSY]
    assert counted([BUSY, QUIET], 1, 2) == [QUIET]
    assert not has_slept([QUIET, BUSY])
    assert has_slept([QUIET, SLEPT])


def test_sleep_is_told_by_the_clocks():
    before = machine.asleep_seconds()
    if before is not None:
        time.sleep(0.05)
        assert machine.asleep_seconds() - before == pytest.approx(0, abs=0.01)


class Kernel:
    """kernel32 of a computer that has been awake for 100 s and asleep for 20 s."""

    def __init__(self):
        def ticks():
            return 120_000

        self.GetTickCount64 = ticks

    def QueryUnbiasedInterruptTime(self, out):
        out._obj.value = 1_000_000_000
        return 1


def test_sleep_on_windows():
    assert machine.asleep_by(Kernel()) == pytest.approx(20.0)


@pytest.mark.parametrize(
    ("plan", "word"),
    [
        ("a1841308-3541-4fab-bc81-f71556f20b4a", "powersave"),
        ("8c5e7fda-e8bf-4a96-9a85-a6e23a8c635c", "performance"),
        ("00000000-0000-0000-0000-000000000001", None),
    ],
)
def test_power_plan_of_windows(plan, word):
    class Library:
        def PowerGetActiveScheme(self, root, out):
            assert root is None
            self.kept = (ctypes.c_ubyte * 16)(*uuid.UUID(plan).bytes_le)
            out._obj.contents = self.kept
            return 0

    assert machine.power_plan(Library()) == word


@pytest.mark.parametrize(("answer", "name"), [(0, "Apple M4 Pro"), (-1, None)])
def test_processor_of_a_mac(answer, name):
    class Library:
        def sysctlbyname(self, asked, out, size, new, new_size):
            assert asked == b"machdep.cpu.brand_string"
            out.value = b"Apple M4 Pro"
            return answer

    assert machine.brand_on_mac(Library()) == name


def test_this_computer_is_told():
    here = machine.describe()
    assert here.cpu
    assert 1 <= here.physical_cores <= here.logical_cores
    assert here.memory_gb > 0
    assert here.name is None
