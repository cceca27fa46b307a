"""What a child process has taken so far: memory, where nothing limits it, and processor time."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

Process = subprocess.Popen[bytes]


def memory_bytes(process: Process) -> int:
    """The bytes that are the process's own; 0 where it limits itself or that cannot be told.

    Linux has a limit that holds (`RLIMIT_AS`); macOS takes that call and does nothing.
    """
    if sys.platform == "win32":
        return _windows_memory(int(process._handle))  # type: ignore[attr-defined, unused-ignore]
    if sys.platform == "darwin":
        usage = _macos(process.pid)
        return int(usage.ri_phys_footprint) if usage else 0
    return 0


def cpu_seconds(process: Process) -> float | None:
    """The processor time that the process has had, None where that cannot be told.

    A machine that is busy with other things gives less of it in a second.
    """
    if sys.platform == "win32":
        return _windows_time(int(process._handle))  # type: ignore[attr-defined, unused-ignore]
    if sys.platform == "darwin":
        usage = _macos(process.pid)
        return (usage.ri_user_time + usage.ri_system_time) / 1e9 if usage else None
    try:  # fields 14 and 15; the second, a name, may hold blanks, and ends with a bracket
        fields = Path(f"/proc/{process.pid}/stat").read_text("ascii", "replace").rpartition(")")[2]
        user, system = fields.split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError):
        return None


class _Counters(ctypes.Structure):
    """PROCESS_MEMORY_COUNTERS_EX of Windows' psapi.h."""

    _fields_ = (
        ("cb", ctypes.c_uint32),
        ("PageFaultCount", ctypes.c_uint32),
        ("PeakWorkingSetSize", ctypes.c_size_t),
        ("WorkingSetSize", ctypes.c_size_t),
        ("QuotaPeakPagedPoolUsage", ctypes.c_size_t),
        ("QuotaPagedPoolUsage", ctypes.c_size_t),
        ("QuotaPeakNonPagedPoolUsage", ctypes.c_size_t),
        ("QuotaNonPagedPoolUsage", ctypes.c_size_t),
        ("PagefileUsage", ctypes.c_size_t),
        ("PeakPagefileUsage", ctypes.c_size_t),
        ("PrivateUsage", ctypes.c_size_t),
    )


def _windows_memory(handle: int) -> int:
    libraries: Any = ctypes.windll  # type: ignore[attr-defined, unused-ignore]
    counters = _Counters()
    counters.cb = ctypes.sizeof(counters)
    found = libraries.psapi.GetProcessMemoryInfo(
        ctypes.c_void_p(handle), ctypes.byref(counters), counters.cb
    )
    return int(counters.PrivateUsage) if found else 0


def _windows_time(handle: int) -> float | None:
    libraries: Any = ctypes.windll  # type: ignore[attr-defined, unused-ignore]
    times = [ctypes.c_uint64() for _ in range(4)]  # created, ended, kernel, user: in 100 ns
    found = libraries.kernel32.GetProcessTimes(ctypes.c_void_p(handle), *map(ctypes.byref, times))
    return (times[2].value + times[3].value) / 1e7 if found else None


class _Usage(ctypes.Structure):
    """The rusage_info_v0 of macOS' sys/resource.h; times are in nanoseconds on Intel's clock."""

    _fields_ = (
        ("ri_uuid", ctypes.c_uint8 * 16),
        ("ri_user_time", ctypes.c_uint64),
        ("ri_system_time", ctypes.c_uint64),
        ("ri_pkg_idle_wkups", ctypes.c_uint64),
        ("ri_interrupt_wkups", ctypes.c_uint64),
        ("ri_pageins", ctypes.c_uint64),
        ("ri_wired_size", ctypes.c_uint64),
        ("ri_resident_size", ctypes.c_uint64),
        ("ri_phys_footprint", ctypes.c_uint64),
        ("ri_proc_start_abstime", ctypes.c_uint64),
        ("ri_proc_exit_abstime", ctypes.c_uint64),
    )


def _macos(pid: int) -> Any:
    usage = _Usage()
    library = ctypes.CDLL("/usr/lib/libproc.dylib")
    failed = library.proc_pid_rusage(pid, 0, ctypes.byref(usage))
    return None if failed else usage
