"""Peak memory of the batch for 1,000 and for many files with 1 % broken ones, as JSON.

That of the app's own process, and that of the largest of its helper processes. Linux.

    python tests/benchmarks/bench_memory.py FOLDER [--files 100000] [--distinct]

The files are hard links to those of FOLDER, over and over, every hundredth a broken one with
content of its own. With `--distinct` every file is a copy with bytes of its own behind the image's
end, so that every one is answered by the network.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

WATCHED = """
import json, sys
from braintumor_desktop.cli import main
from braintumor_desktop.screening.workers import Helper

def peak(process):
    # Not rusage's: for a process that was started, that is at least what its starter had by then.
    with open(f"/proc/{process}/status") as lines:
        return next((int(l.split()[1]) for l in lines if l.startswith("VmHWM:")), 0) / 1024

def close_measured(helper):
    helpers.append(peak(helper.process.pid))
    close(helper)

helpers, close = [0], Helper.close
Helper.close = close_measured
status = main(sys.argv[1:])
print(json.dumps({"status": status, "peak_mb": peak("self"), "helpers_peak_mb": max(helpers)}))
"""


def main() -> None:
    """Both runs."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--files", type=int, default=100_000)
    parser.add_argument("--distinct", action="store_true")
    parser.add_argument("--scratch", type=Path, help="on the file system of FOLDER, for the links")
    options = parser.parse_args()
    sources = sorted(path for path in options.folder.rglob("*.jpg") if path.is_file())
    few = _run(sources, 1000, options.distinct, options.scratch)
    many = _run(sources, options.files, options.distinct, options.scratch)
    grown = many["peak_mb"] - few["peak_mb"]
    print(json.dumps({"few": few, "many": many, "grown_mb": round(grown, 1)}, indent=2))


def _run(
    sources: list[Path], count: int, distinct: bool, scratch: Path | None
) -> dict[str, float | int | bool]:
    with tempfile.TemporaryDirectory(dir=scratch) as name:
        folder, out = Path(name) / "slices", Path(name) / "a.csv"
        for i in range(count):
            place = folder / f"{i // 1000:03}"
            if i % 1000 == 0:
                place.mkdir(parents=True)
            _make(place / f"{i:06}.jpg", sources[i % len(sources)], i, distinct)
        arguments = ["batch", str(folder), "--out", str(out), "--jobs", str(os.cpu_count() or 1)]
        arguments += ["--records", str(Path(name) / "records.sqlite")]
        command = [sys.executable, "-c", WATCHED, *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        with out.open(newline="", encoding="utf-8-sig") as stream:
            rows = list(csv.DictReader(stream))
        broken = [row for row in rows if row["status"] == "refused"]
        peaks = json.loads(done.stdout.splitlines()[-1])
        return {
            "files": count,
            "rows": len(rows),
            "broken": len(broken),
            "every_broken_one_has_its_reason": all(row["reason"] for row in broken),
            "peak_mb": round(peaks["peak_mb"], 1),
            "largest_helper_mb": round(peaks["helpers_peak_mb"], 1),
        }


def _make(path: Path, source: Path, i: int, distinct: bool) -> None:
    if i % 100 == 50:
        path.write_bytes(source.read_bytes()[:2000] + b"%d" % i)
    elif distinct:
        path.write_bytes(source.read_bytes() + b"%d" % i)
    else:
        try:
            os.link(source, path)
        except OSError:  # another file system
            path.symlink_to(source)


if __name__ == "__main__":
    main()
