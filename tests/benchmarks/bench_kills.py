"""Kills the batch at random moments and resumes it; prints as JSON whether the tables are equal.

python tests/benchmarks/bench_kills.py FOLDER [--kills 20] [--seed 4]
"""

from __future__ import annotations

import argparse
import json
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def main() -> None:
    """An undisturbed run, then one that is killed so many times before it may end."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=4)
    options = parser.parse_args()
    chance = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as name:
        whole, cut = Path(name) / "whole.csv", Path(name) / "cut.csv"
        began = time.monotonic()
        subprocess.run(_command(options.folder, whole), capture_output=True, check=False)
        seconds = time.monotonic() - began
        killed = 0
        said = b""
        for _ in range(options.kills):
            process = subprocess.Popen(
                _command(options.folder, cut), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            try:
                # Resumed runs grow shorter at the end: a share of what one run takes for each.
                process.wait(chance.uniform(0.3, 1.5 * seconds / options.kills + 0.3))
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                process.wait()
                killed += 1
        done = subprocess.run(_command(options.folder, cut), capture_output=True, check=False)
        said = done.stderr
        report = {
            "kills": killed,
            "rows": whole.read_bytes().count(b"\r\n") - 1,
            "undisturbed_seconds": round(seconds, 1),
            "said_that_it_resumes": b"goes on where it was" in said,
            "equal_byte_for_byte": whole.read_bytes() == cut.read_bytes(),
        }
    print(json.dumps(report, indent=2))


def _command(folder: Path, out: Path) -> list[str]:
    records = str(out.with_suffix(".sqlite"))
    return [
        sys.executable, "-m", "braintumor_desktop", "batch", str(folder), "--out", str(out),
        "--records", records, "--jobs", "2",
    ]  # fmt: skip


if __name__ == "__main__":
    main()
