"""Describes the computer that a benchmark runs on and what else it is doing."""

from __future__ import annotations

import ctypes
import os
import platform
import re
import sys
import time
from pathlib import Path
from typing import Any, Final

from advisor.measurement import Machine

# Instruction sets that matter for the speed of models; /proc/cpuinfo names to common ones.
_ISA: Final = {
    "sse4_2": "sse4.2", "avx": "avx", "avx2": "avx2", "fma": "fma", "f16c": "f16c", "avx_vnni": "avx-vnni", "avx512f": "avx512f",
    "avx512bw": "avx512bw", "avx512_vnni": "avx512-vnni", "avx512_bf16": "avx512-bf16", "avx512_fp16": "avx512-fp16",
    "amx_tile": "amx", "amx_int8": "amx-int8", "amx_bf16": "amx-bf16", "neon": "neon", "asimd": "neon", "asimddp": "dotprod",
    "asimdhp": "fp16", "i8mm": "i8mm", "bf16": "bf16", "sve": "sve", "sve2": "sve2",
}  # fmt: skip


def describe() -> Machine:
    """This computer; what cannot be told is `None` or empty."""
    import psutil

    name, flags = _processor()
    physical = psutil.cpu_count(logical=False) or psutil.cpu_count() or 1
    return Machine(
        cpu=name,
        physical_cores=physical,
        logical_cores=psutil.cpu_count() or physical,
        isa=tuple(dict.fromkeys(_ISA[f] for f in _ISA if f in flags)),
        memory_gb=round(psutil.virtual_memory().total / 1e9, 2),
        gpu=None,
        os=f"{platform.system()} {platform.release()} {platform.machine()}",
        power_source=power_source(),
        chip_id=None,
    )


def logical_cores() -> int:
    """Logical cores that `busy_seconds` counts."""
    import psutil

    return psutil.cpu_count() or 1


def usable_cores() -> int:
    """Physical cores that this process may use (a container or an affinity mask may allow fewer than there are)."""
    import psutil

    physical = psutil.cpu_count(logical=False) or psutil.cpu_count() or 1
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else physical
    return max(1, min(physical, allowed))


def _processor() -> tuple[str, frozenset[str]]:
    if sys.platform == "darwin":
        name = brand_on_mac(ctypes.CDLL(None)) or platform.processor() or platform.machine()
        return name, frozenset({"neon"} if platform.machine() == "arm64" else ())
    if sys.platform == "win32":
        import winreg

        features = frozenset(flag for number, flag in _WINDOWS_FEATURES.items() if ctypes.windll.kernel32.IsProcessorFeaturePresent(number))
        try:
            with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, r"HARDWARE\DESCRIPTION\System\CentralProcessor\0") as key:
                return " ".join(str(winreg.QueryValueEx(key, "ProcessorNameString")[0]).split()), features
        except OSError:
            return platform.processor() or platform.machine(), features
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return platform.processor() or platform.machine(), frozenset()
    named = re.search(r"^(?:model name|Model|Hardware)\s*:\s*(.+)$", text, re.MULTILINE)
    flagged = re.search(r"^(?:flags|Features)\s*:\s*(.+)$", text, re.MULTILINE)
    name = named.group(1).strip() if named else platform.processor() or platform.machine()
    return name, frozenset(flagged.group(1).split() if flagged else ())


def brand_on_mac(library: Any) -> str | None:
    """The processor's name as macOS tells it. `library`: the C library."""
    said, size = ctypes.create_string_buffer(256), ctypes.c_size_t(256)
    if library.sysctlbyname(b"machdep.cpu.brand_string", said, ctypes.byref(size), None, ctypes.c_size_t(0)) != 0:
        return None
    return said.value.decode("utf-8", "replace").strip() or None


def power_source() -> str | None:
    """`mains`, `battery`, or `None` where the computer does not say (desktops have no battery to ask)."""
    import psutil

    try:
        battery: Any = psutil.sensors_battery() if hasattr(psutil, "sensors_battery") else None
    except (OSError, NotImplementedError, RuntimeError):
        return None
    if battery is None or battery.power_plugged is None:
        return None
    return "mains" if battery.power_plugged else "battery"


# IsProcessorFeaturePresent of winnt.h: PF_SSE4_2, PF_AVX, PF_AVX2, PF_AVX512F, PF_ARM_NEON and PF_ARM_V82_DP.
_WINDOWS_FEATURES: Final = {38: "sse4_2", 39: "avx", 40: "avx2", 41: "avx512f", 19: "neon", 43: "asimddp"}
# Power plans that come with Windows (powercfg /list); others are made by the maker or the owner and say nothing.
_POWER_PLANS: Final = {
    "a1841308-3541-4fab-bc81-f71556f20b4a": "powersave",
    "381b4222-f694-41f0-9685-ff5bb260df2e": "balanced",
    "8c5e7fda-e8bf-4a96-9a85-a6e23a8c635c": "performance",
}


def governor() -> str | None:
    """The rule by which the processor's clock is set: Linux's own word, or what Windows' power plan comes to."""
    if sys.platform == "win32":
        return power_plan(ctypes.windll.powrprof)
    try:
        return Path("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor").read_text(encoding="ascii").strip() or None
    except (OSError, UnicodeDecodeError):
        return None


def power_plan(library: Any) -> str | None:
    """`powersave`, `balanced`, `performance`, or `None` for a plan of the maker's or owner's. `library`: powrprof.dll."""
    import uuid

    found = ctypes.POINTER(ctypes.c_ubyte * 16)()
    if library.PowerGetActiveScheme(None, ctypes.byref(found)) != 0 or not found:
        return None
    return _POWER_PLANS.get(str(uuid.UUID(bytes_le=bytes(found.contents))))


def asleep_seconds() -> float | None:
    """How long this computer has slept since it started [s]; `None` where it does not say."""
    if sys.platform == "linux":
        return time.clock_gettime(time.CLOCK_BOOTTIME) - time.clock_gettime(time.CLOCK_MONOTONIC)
    if sys.platform == "darwin":
        return time.clock_gettime(time.CLOCK_MONOTONIC_RAW) - time.clock_gettime(time.CLOCK_UPTIME_RAW)
    if sys.platform == "win32":
        return asleep_by(ctypes.windll.kernel32)
    return None


def asleep_by(kernel: Any) -> float | None:
    """The same by Windows' two clocks, one of which stands still asleep. `kernel`: kernel32.dll."""
    kernel.GetTickCount64.restype = ctypes.c_uint64
    awake = ctypes.c_uint64()
    if not kernel.QueryUnbiasedInterruptTime(ctypes.byref(awake)):
        return None
    return float(kernel.GetTickCount64()) / 1e3 - awake.value / 1e7


def busy_seconds() -> float:
    """Processor seconds used on all cores together since the computer started."""
    import psutil

    t = psutil.cpu_times()
    # Linux counts guests' time within user time; waiting for disks is idle time for others.
    return float(sum(getattr(t, kind, 0.0) for kind in ("user", "nice", "system", "irq", "softirq", "steal", "interrupt", "dpc")))


def own_seconds() -> float:
    """Processor seconds used by this process."""
    t = os.times()
    return t.user + t.system


def peak_memory_mb() -> float | None:
    """The most memory this process has held [MB of 10^6 bytes]."""
    if sys.platform == "win32":
        import psutil

        return float(psutil.Process().memory_info().peak_wset) / 1e6
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak * 1024 / 1e6


def memory_allowance(weights_bytes: float) -> int:
    """Memory that one process running a model of this size may take [bytes].

    Room for three copies of the weights (file, parsed, laid out for the processor) and 4 GB to work in, but never
    more than three quarters of what is free now.
    """
    import psutil

    return int(min(4e9 + 3 * weights_bytes, 0.75 * psutil.virtual_memory().available))
