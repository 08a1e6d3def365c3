"""Limits that a process puts on itself: on Linux for real, on Windows as the system is asked for them."""

import ctypes
import subprocess
import sys

import pytest

from advisor.benchmark import confinement
from advisor.benchmark.confinement import JobLimits, limit_by_job

START = "import sys; from advisor.benchmark import confinement; "


def run(code):
    return subprocess.run([sys.executable, "-c", START + code], capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.skipif(sys.platform != "linux", reason="the system's own limits on memory are Linux's")
def test_memory_beyond_the_limit_is_refused():
    assert run("confinement.limit(200 * 2**20, 60); bytearray(100 * 2**20)").returncode == 0
    assert "MemoryError" in run("confinement.limit(200 * 2**20, 60); bytearray(2**30)").stderr


@pytest.mark.skipif(sys.platform != "linux", reason="the system's own limits on time are Linux's")
def test_processor_time_beyond_the_limit_ends_it():
    assert run("confinement.limit(None, 0.0)\nwhile True: pass").returncode < 0


@pytest.mark.skipif(sys.platform == "win32", reason="limits on files of this kind are POSIX's")
def test_no_large_file_is_written(tmp_path):
    path = tmp_path / "big"
    code = f"confinement.limit_files(); f = open({str(path)!r}, 'wb'); f.truncate(300 * 2**20)"
    assert run(code).returncode != 0
    assert not path.exists() or path.stat().st_size == 0


@pytest.mark.skipif(sys.platform == "win32", reason="limits on files of this kind are POSIX's")
def test_a_large_model_s_copy_gets_room_of_its_size_and_no_more(tmp_path):
    path = tmp_path / "big"

    def written(limits, mb):
        done = run(f"{limits}; f = open({str(path)!r}, 'wb'); f.truncate({mb} * 2**20)")
        return done.returncode == 0

    assert written("confinement.limit_files(400 * 2**20)", 300)
    assert not written("confinement.limit_files(400 * 2**20)", 500)
    # Who lends more than it has itself stays within its own room; who was lent nothing cannot take more.
    assert not written("confinement.limit_files(may_lend=True)", 300)
    assert written("confinement.limit_files(may_lend=True); confinement.limit_files(400 * 2**20)", 300)
    assert not written("confinement.limit_files(); confinement.limit_files(400 * 2**20)", 300)


class Kernel:
    """kernel32 as it is asked."""

    def __init__(self, takes=True):
        self.takes, self.asked, self.limits = takes, [], None
        self.CreateJobObjectW = self._answers("CreateJobObjectW", 77)
        self.GetCurrentProcess = self._answers("GetCurrentProcess", 2**64 - 1)
        self.AssignProcessToJobObject = self._answers("AssignProcessToJobObject", 1)

    def _answers(self, name, value):
        def asked(*arguments):
            self.asked.append((name, arguments))
            return value

        return asked

    def SetInformationJobObject(self, job, kind, limits, size):
        self.limits = JobLimits.from_buffer_copy(ctypes.string_at(ctypes.addressof(limits._obj), size))
        self.asked.append(("SetInformationJobObject", (job, kind, size)))
        return int(self.takes)


@pytest.mark.skipif(sys.maxsize < 2**32, reason="sizes are those of 64 bits")
def test_windows_is_asked_for_the_limits():
    kernel = Kernel()
    assert limit_by_job(kernel, 3 * 10**9, 12.5)
    # Sizes of winnt.h on 64 bits.
    assert ctypes.sizeof(JobLimits) == 144
    assert JobLimits.process_memory.offset == 112
    assert kernel.limits.basic.flags == 0x2 | 0x100 | 0x400 | 0x2000
    assert kernel.limits.basic.process_time == 125_000_000
    assert kernel.limits.process_memory == 3 * 10**9
    assert [name for name, _ in kernel.asked] == [
        "CreateJobObjectW", "SetInformationJobObject", "GetCurrentProcess", "AssignProcessToJobObject",
    ]  # fmt: skip
    assert kernel.asked[1][1][1:] == (9, 144)
    assert not limit_by_job(Kernel(takes=False), None, 1.0)


def test_with_a_card_memory_is_left_to_the_asking_side(monkeypatch):
    monkeypatch.setattr(confinement, "_runs_on_cards", lambda: True)
    kernel = Kernel()
    assert limit_by_job(kernel, 10**9, 1.0)
    assert not kernel.limits.basic.flags & 0x100
