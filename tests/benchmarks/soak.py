"""The real window for half an hour: slices walked through over series, a review beside, as JSON.

    python tests/benchmarks/soak.py SERIES FOLDER [--minutes 30] [--switches 10000]

SERIES has the DICOM files of one series; they are copied as four patients' series, which are opened
in turns. Beside it worklists of 300 slices are reviewed, one after the other: JPEG files of FOLDER,
each with a comment of its own, so that no slice was ever answered. Each minute the memory,
threads and open files of the program and its helpers are taken from /proc; what they are after five
minutes is held against the end. Fails where memory has grown by more than a fifth, or a thread or a
file is left over. Linux.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from bench_screen import write_archive
from timing import machine

MOST_GROWTH = 0.2
WARM_UP = 5  # minutes

DRIVER = """
import itertools, json, os, sys, time
from pathlib import Path
from PySide6.QtCore import QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from braintumor_desktop.ui import app

FOLDER, NEW, MINUTES, SWITCHES, *SERIES = sys.argv[1:]
SLICES = sorted(Path(FOLDER).glob("*.jp*g"))[:300]
MINUTES, SWITCHES = float(MINUTES), int(SWITCHES)
SERIES = [Path(one) for one in SERIES]
build, told = app.build_window, {"samples": [], "switches": 0, "reviews": 0, "opened": 0}

def wait(until, seconds=120):
    ends = time.monotonic() + seconds
    while not until():
        if time.monotonic() > ends:
            raise TimeoutError(told["switches"])
        QTest.qWait(5)

def processes():
    waiting, found = [os.getpid()], []
    while waiting:
        pid = waiting.pop()
        found.append(pid)
        for task in Path(f"/proc/{pid}/task").iterdir():
            waiting += map(int, (task / "children").read_text().split())
    return found

def write_new(number):
    # 300 slices that no review has seen, in the folder of the last but one.
    folder = Path(NEW, str(number % 2))
    folder.mkdir(exist_ok=True)
    for place, path in enumerate(SLICES):
        jpeg = path.read_bytes()
        words = f"{number}-{place}".encode()
        comment = b"\\xff\\xfe" + (len(words) + 2).to_bytes(2, "big") + words
        (folder / path.name).write_bytes(jpeg[:2] + comment + jpeg[2:])
    return folder

def sample(began):
    sizes, threads, files = [], 0, 0
    for pid in processes():
        try:
            status = Path(f"/proc/{pid}/status").read_text()
            sizes.append(int(status.split("VmRSS:")[1].split()[0]) // 1024)
            if pid == os.getpid():
                threads = int(status.split("Threads:")[1].split()[0])
                files = len(os.listdir(f"/proc/{pid}/fd"))
        except (OSError, IndexError):
            continue  # ended meanwhile
    told["samples"].append({
        "minute": round((time.monotonic() - began) / 60, 1), "mib": sizes[0],
        "mib_with_helpers": sum(sizes), "threads": threads, "files": files,
        "switches": told["switches"],
    })

def steps(window):
    bench, began = window.bench, time.monotonic()
    wait(lambda: bench.model_settled and not bench.scans.going)
    next_sample, pace = began + 60, MINUTES * 60 / SWITCHES
    while told["switches"] < SWITCHES or time.monotonic() < began + 60 * MINUTES:
        window.reviewing.start([write_new(told["reviews"])])
        told["reviews"] += 1
        window.actions_.review.setChecked(False)
        page = window.reviewing.dock.page
        window.open_paths([SERIES[told["opened"] % len(SERIES)]])
        told["opened"] += 1
        wait(lambda: not bench.scans.going and bench.loaded is not None)
        keys = list(bench.series.keys)
        for key in itertools.cycle([*keys, *reversed(keys)]):
            if page.settled:
                break
            bench.select(key)
            wait(lambda: bench.loaded is not None)
            told["switches"] += 1
            behind = began + told["switches"] * pace - time.monotonic()
            QTest.qWait(max(1, int(1000 * min(behind, pace))))
            if time.monotonic() >= next_sample:
                sample(began)
                next_sample += 60
        bench.close_all()
    QTest.qWait(2000)
    sample(began)

def watched(*parts):
    window = build(*parts)
    def begin():
        try:
            steps(window)
        except BaseException as error:
            told["error"] = repr(error)
        window.close()
        QApplication.instance().exit()
    QTimer.singleShot(0, begin)
    return window

app.build_window = watched
status = app.main([str(SERIES[0])])
print(json.dumps({**told, "status": status}))
"""


def main() -> int:
    """Run, print, and say whether something grew."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("series", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--switches", type=int, default=10_000)
    options = parser.parse_args()
    names = ("HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME")
    with tempfile.TemporaryDirectory() as name:
        write_archive(Path(name, "series"), options.series, 4)
        series = sorted(map(str, Path(name, "series").iterdir()))
        home = Path(name, "home")
        home.mkdir()
        new = Path(name, "new")
        new.mkdir()
        given = options.folder, new, options.minutes, options.switches
        done = subprocess.run(
            [sys.executable, "-c", DRIVER, *map(str, given), *series],
            env={"QT_QPA_PLATFORM": "offscreen", **os.environ, **dict.fromkeys(names, str(home))},
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
    told = json.loads(done.stdout.splitlines()[-1])
    samples = told["samples"]
    if not samples:
        sys.exit(told["error"])
    early = [one for one in samples if one["minute"] < WARM_UP + 0.5] or samples[:1]
    last = samples[-1]
    found = {
        **told,
        "memory_against_warm": round(last["mib"] / early[-1]["mib"], 3),
        "threads_more": last["threads"] - max(one["threads"] for one in early),
        "files_more": last["files"] - max(one["files"] for one in early),
        **machine(),
    }
    print(json.dumps(found, indent=2))
    return int(
        "error" in told
        or found["memory_against_warm"] > 1 + MOST_GROWTH
        or found["threads_more"] > 0
        or found["files_more"] > 0
    )


if __name__ == "__main__":
    sys.exit(main())
