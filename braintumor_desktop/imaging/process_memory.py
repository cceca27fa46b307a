"""How much memory a child process has, where the system does not limit it by itself."""

from __future__ import annotations

import ctypes
import subprocess
import sys
from typing import Any

MUST_BE_WATCHED = sys.platform in ("win32", "darwin")
"""Elsewhere the process limits itself (`RLIMIT_AS`); macOS takes that call and does nothing."""


def of(process: subprocess.Popen[bytes]) -> int:
    """The bytes that are the process's own, 0 where that cannot be told or need not be."""
    if sys.platform == "win32":
        return _windows(int(process._handle))  # type: ignore[attr-defined, unused-ignore]
    if sys.platform == "darwin":
        return _macos(process.pid)
    return 0


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


def _windows(handle: int) -> int:
    libraries: Any = ctypes.windll  # type: ignore[attr-defined, unused-ignore]
    counters = _Counters()
    counters.cb = ctypes.sizeof(counters)
    found = libraries.psapi.GetProcessMemoryInfo(
        ctypes.c_void_p(handle), ctypes.byref(counters), counters.cb
    )
    return int(counters.PrivateUsage) if found else 0


class _Usage(ctypes.Structure):
    """The rusage_info_v0 of macOS' sys/resource.h."""

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


def _macos(pid: int) -> int:
    usage = _Usage()
    library = ctypes.CDLL("/usr/lib/libproc.dylib")
    failed = library.proc_pid_rusage(pid, 0, ctypes.byref(usage))
    return 0 if failed else int(usage.ri_phys_footprint)
