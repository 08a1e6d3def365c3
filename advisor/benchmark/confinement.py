"""Limits that a benchmark process puts on itself before it touches a model."""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
import threading
from typing import IO, Any, Final

_END_WITH_PARENT: Final = 1  # PR_SET_PDEATHSIG in linux/prctl.h
_KILL: Final = 9
# Flags of a job object's limits and their class, winnt.h.
_PROCESS_TIME, _PROCESS_MEMORY, _NO_CRASH_WINDOW, _ENDS_WITH_JOB = 0x2, 0x100, 0x400, 0x2000
_EXTENDED_LIMITS: Final = 9
_LARGEST_OUTPUT: Final = 256 * 1024 * 1024


def end_with_parent(stdin: IO[bytes]) -> None:
    """Ends this process when the asking side closes the pipe or dies.

    On Linux the system does it even while a model runs in native code that never lets go; elsewhere a thread watches
    the pipe.
    """
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None, use_errno=True).prctl(_END_WITH_PARENT, _KILL, 0, 0, 0)
    threading.Thread(target=_watch, args=(stdin,), daemon=True).start()


def _watch(stdin: IO[bytes]) -> None:
    with contextlib.suppress(OSError, ValueError):
        while stdin.read(1):
            pass
    os._exit(3)


def report_nothing() -> None:
    """No word to the makers of onnxruntime; to be called before it is loaded.

    Since 1.29 its builds for Linux and macOS tell them of each session (the model's name and fingerprints too) and keep a
    number for the computer, unless this is set when they load; `disable_telemetry_events` alone comes too late (pull requests
    27379 and 29843 of microsoft/onnxruntime).
    """
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"


def limit_files(room_bytes: int = 0, *, may_lend: bool = False) -> None:
    """No core dumps, no files written larger than 256 MB or, if that is more, `room_bytes`.

    Args:
        may_lend: processes that this one starts may have more room; of those that touch a model none may.
    """
    if sys.platform == "win32":
        return
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _, hardest = resource.getrlimit(resource.RLIMIT_FSIZE)
    most = max(_LARGEST_OUTPUT, room_bytes)
    if hardest != resource.RLIM_INFINITY:
        most = min(most, hardest)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, hardest if may_lend else most))


def limit(memory_bytes: int | None, processor_s: float) -> None:
    """At most so much memory and processor time [s over all cores], where the system can hold us to it.

    On macOS it cannot; there the asking side alone watches time and memory.
    """
    if sys.platform == "win32":
        limit_by_job(ctypes.windll.kernel32, memory_bytes, processor_s)
    if sys.platform != "linux":
        return
    import resource

    # The driver of a graphics card reserves far more addresses than it ever uses; there the watching side counts real memory.
    if memory_bytes is not None and not _runs_on_cards():
        # Threads reserve address space that they never use: 8 MB of stack and an arena of 64 MB each.
        reserved = (os.cpu_count() or 1) * 2 * 72 * 2**20
        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes + reserved, memory_bytes + reserved))
    seconds = int(processor_s) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))


class _BasicLimits(ctypes.Structure):
    # JOBOBJECT_BASIC_LIMIT_INFORMATION of winnt.h; sizes and times as Windows for 64 bits has them.
    _fields_ = (
        ("process_time", ctypes.c_int64),
        ("job_time", ctypes.c_int64),
        ("flags", ctypes.c_uint32),
        ("least_set", ctypes.c_size_t),
        ("most_set", ctypes.c_size_t),
        ("most_processes", ctypes.c_uint32),
        ("affinity", ctypes.c_size_t),
        ("priority", ctypes.c_uint32),
        ("scheduling", ctypes.c_uint32),
    )


class JobLimits(ctypes.Structure):
    """JOBOBJECT_EXTENDED_LIMIT_INFORMATION of winnt.h."""

    _fields_ = (
        ("basic", _BasicLimits),
        ("counters", ctypes.c_uint64 * 6),
        ("process_memory", ctypes.c_size_t),
        ("job_memory", ctypes.c_size_t),
        ("peak_process_memory", ctypes.c_size_t),
        ("peak_job_memory", ctypes.c_size_t),
    )


def limit_by_job(kernel: Any, memory_bytes: int | None, processor_s: float) -> bool:
    """Puts this process into a job object of Windows: memory it may commit, processor time, and nothing outlives it.

    Args:
        kernel: kernel32.

    Returns:
        Whether Windows took it; the asking side watches in any case.
    """
    limits = JobLimits()
    limits.basic.flags = _PROCESS_TIME | _ENDS_WITH_JOB | _NO_CRASH_WINDOW
    limits.basic.process_time = int(processor_s * 10_000_000)
    if memory_bytes is not None and not _runs_on_cards():
        limits.basic.flags |= _PROCESS_MEMORY
        limits.process_memory = memory_bytes
    kernel.CreateJobObjectW.restype = ctypes.c_void_p
    kernel.GetCurrentProcess.restype = ctypes.c_void_p
    job = kernel.CreateJobObjectW(None, None)
    if not job:
        return False
    taken = kernel.SetInformationJobObject(ctypes.c_void_p(job), _EXTENDED_LIMITS, ctypes.byref(limits), ctypes.sizeof(limits))
    # The handle stays open as long as this process: when it closes, all in the job end.
    return bool(taken and kernel.AssignProcessToJobObject(ctypes.c_void_p(job), ctypes.c_void_p(kernel.GetCurrentProcess())))


def _runs_on_cards() -> bool:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return bool(version("onnxruntime-gpu"))
    except PackageNotFoundError:
        return False
