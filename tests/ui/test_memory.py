"""Pictures that are freed leave the process, also with small objects that stay between them."""

from __future__ import annotations

import subprocess
import sys

import pytest

CODE = """
from pathlib import Path
from braintumor_desktop.ui.system.memory import give_back_freed

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
