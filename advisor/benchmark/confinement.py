"""Limits that a benchmark process puts on itself before it touches a model."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from typing import IO, Final

_END_WITH_PARENT: Final = 1  # PR_SET_PDEATHSIG in linux/prctl.h
_KILL: Final = 9
_LARGEST_OUTPUT: Final = 256 * 1024 * 1024


def end_with_parent(stdin: IO[bytes]) -> None:
    """Ends this process when the asking side closes the pipe or dies.

    On Linux the system does it even while a model runs in native code that never lets go; elsewhere a thread watches
    the pipe.
    """
    if sys.platform == "linux":
        import ctypes

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


def limit_files() -> None:
    """No core dumps, no large files written."""
    if sys.platform == "win32":
        return
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (_LARGEST_OUTPUT, _LARGEST_OUTPUT))


def limit(memory_bytes: int | None, processor_s: float) -> None:
    """At most so much memory and processor time [s over all cores], where the system can hold us to it."""
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


def _runs_on_cards() -> bool:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return bool(version("onnxruntime-gpu"))
    except PackageNotFoundError:
        return False
