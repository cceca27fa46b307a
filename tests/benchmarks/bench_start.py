"""How long the app takes from the start of its process to a usable window; prints JSON.

Three times, each in a fresh process, in turns so that all see the same machine:

- `window`: until the window has been painted and its event loop answers, so that a person can open
  a slice. Measured through `app.run`, the way the app starts.
- `answer`: in the same process, until the network is loaded and the demo slice's answer is shown.
- `tensorflow`: until `import tensorflow` alone is done.

The first round warms the disk's cache and does not count. Nothing is asserted.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from timing import machine, summary

from braintumor_desktop.sources.demo import write_demo_slice

WINDOW = """
import sys, time
from pathlib import Path

from braintumor_desktop.ui import app
from PySide6.QtCore import QEvent, QObject, QTimer

build, watches, seen = app.build_window, [], {}

class Watch(QObject):
    def __init__(self, window):
        super().__init__()
        self.window = window
        window.installEventFilter(self)
        window.bench.idle.connect(lambda: QTimer.singleShot(0, self.end))

    def eventFilter(self, watched, event):
        if event.type() is QEvent.Type.Paint and "window" not in seen:
            QTimer.singleShot(0, lambda: seen.setdefault("window", time.monotonic()))
        return False

    def end(self):
        seen.setdefault("answer", time.monotonic())
        self.window.close()

def build_watched(*given):
    window = build(*given)
    watches.append(Watch(window))
    return window

app.build_window = build_watched
app.run([Path(sys.argv[1])])
print(seen["window"], seen["answer"])
"""

TENSORFLOW = "import time, tensorflow; print(time.monotonic())"


def measure(code: str, *arguments: str, home: str) -> list[float]:
    """Seconds from here to the moments that `code`, run in a fresh process, prints."""
    folders = dict.fromkeys(("XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"), home)
    environment = {"QT_QPA_PLATFORM": "offscreen", **os.environ, **folders}
    start = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return [float(moment) - start for moment in done.stdout.split()[-2:]]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=5)
    repeats = parser.parse_args().repeats
    times: dict[str, list[float]] = {"window": [], "answer": [], "tensorflow": []}
    with tempfile.TemporaryDirectory() as home:
        demo_slice = str(write_demo_slice(Path(home)))
        for turn in range(repeats + 1):
            window, answer = measure(WINDOW, demo_slice, home=home)
            (tensorflow,) = measure(TENSORFLOW, home=home)
            if turn > 0:
                for name, value in zip(times, (window, answer, tensorflow), strict=True):
                    times[name].append(value)
    middle = {name: statistics.median(values) for name, values in times.items()}
    result = {
        "seconds": {name: summary(values, 3) for name, values in times.items()},
        "repeats": repeats,
        "tensorflow_over_window": round(middle["tensorflow"] / middle["window"], 2),
        "tensorflow_over_answer": round(middle["tensorflow"] / middle["answer"], 2),
        "machine": machine(),
    }
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
