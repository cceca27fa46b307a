"""How long the frozen app takes to a usable window, beside `import tensorflow`; prints JSON.

Each in a fresh process, in turns: `window` from the start of the process until the window has been
painted and its event loop answers (the app logs that moment), `tensorflow` until `import
tensorflow` alone is done. `cold`: before each start the disk's cache of the app's files, or of
TensorFlow's, is dropped, as far as no other process has them open. `warm`: the round before has
filled it. Linux; off-screen unless there is a display. Nothing is asserted.

    make installer; .venv/bin/python tests/benchmarks/bench_frozen.py
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

from timing import machine, summary

PROGRAM = Path(__file__).parents[2] / "dist" / "braintumor-desktop" / "braintumor-desktop"
TENSORFLOW = "import tensorflow, time; print(time.time())"
SECONDS = 120


def window(program: Path) -> float:
    """Seconds from the start of the app's process to its usable window."""
    with tempfile.TemporaryDirectory() as home:
        names = ("HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME")
        environment = {**os.environ, **dict.fromkeys(names, home)}
        if not any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY")):
            environment["QT_QPA_PLATFORM"] = "offscreen"
        start = time.time()
        process = subprocess.Popen([str(program)], env=environment, stderr=subprocess.DEVNULL)
        try:
            while time.time() < start + SECONDS:
                for log in Path(home).rglob("app.log"):
                    for line in log.read_text().splitlines():
                        if line.endswith("The window is open."):
                            moment = datetime.datetime.strptime(line[:23], "%Y-%m-%d %H:%M:%S,%f")
                            return moment.timestamp() - start
                time.sleep(0.02)
        finally:
            process.terminate()
            process.wait()
    raise TimeoutError("The window did not open.")


def tensorflow() -> float:
    """Seconds until `import tensorflow` is done."""
    start = time.time()
    command = [sys.executable, "-c", TENSORFLOW]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return float(done.stdout.split()[-1]) - start


def evict(folder: Path) -> None:
    """Drop what the disk's cache holds of the files in `folder`."""
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program", type=Path, nargs="?", default=PROGRAM)
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    spec = find_spec("tensorflow")
    if spec is None or spec.origin is None:
        parser.error("TensorFlow is not installed beside this Python.")
    libraries = Path(spec.origin).parents[1]
    program = options.program.resolve()
    result: dict[str, object] = {"repeats": options.repeats}
    for state in ("cold", "warm"):
        times: dict[str, list[float]] = {"window": [], "tensorflow": []}
        for turn in range(options.repeats + (state == "warm")):
            if state == "cold":
                evict(program.parent)
                evict(libraries)
            values = window(program), tensorflow()
            if state == "cold" or turn > 0:
                for name, value in zip(times, values, strict=True):
                    times[name].append(value)
        middle = {name: statistics.median(values) for name, values in times.items()}
        result[state] = {
            "seconds": {name: summary(values, 3) for name, values in times.items()},
            "tensorflow_over_window": round(middle["tensorflow"] / middle["window"], 1),
        }
    print(json.dumps({**result, "machine": machine()}, indent=2))


if __name__ == "__main__":
    main()
