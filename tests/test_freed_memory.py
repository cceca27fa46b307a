"""Pictures that are freed leave the window's process; a worker keeps their memory for the next."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

CODE = """
from pathlib import Path
from braintumor_desktop.freed_memory import give_back_freed

def mib():
    return int(Path("/proc/self/status").read_text().split("VmRSS:")[1].split()[0]) // 1024

give_back_freed()
large = b"x" * (20 << 20)
del large  # from here on glibc would keep blocks of up to 20 MiB on its heap
pictures, kept = [], []
for _ in range(300):
    pictures.append(b"x" * 300_000)
    kept.append(b"y" * 1_000)
full = mib()
del pictures
print(full - mib())
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="glibc and /proc are Linux's")
def test_freed_pictures_go_back_to_the_system_although_others_stay() -> None:
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
    assert int(done.stdout) > 70, "of 86 MiB"


KEPT = """
import resource
from braintumor_desktop.freed_memory import keep_freed

def asked_for():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(100):
        slice_ = b"x" * 2_000_000
        del slice_
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

given_back = asked_for()
keep_freed()
asked_for()
print(given_back, asked_for())
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="glibc is Linux's")
def test_a_worker_keeps_what_one_slice_leaves_for_the_next() -> None:
    small = os.environ | {"MALLOC_TRIM_THRESHOLD_": "65536", "MALLOC_MMAP_THRESHOLD_": "65536"}
    command = [sys.executable, "-c", KEPT]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=small)
    given_back, kept = map(int, done.stdout.split())
    assert given_back > 10_000, "of 48,828 pages"
    assert kept < 1_000
