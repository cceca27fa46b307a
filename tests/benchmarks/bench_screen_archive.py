"""A simulated archive screened twice, undisturbed and disturbed, and both compared, as JSON.

    python tests/benchmarks/bench_screen_archive.py FOLDER [--slices N] [--light]

FOLDER has DICOM files of one series. The archive has copies of it: so many series of 50 slices,
each with identifiers of its own, and 5 in 100 files faulty: cut off, or no image. The disturbed run
has workers killed four times, the scheduler killed once and started again, and 1,000 files, half of
the slices of 40 series, taken away and put back; both runs end with `--resume`. Equal: all rows,
sorted, as the bytes of one Parquet file. With `--light` the slices are of 64x64 pixels and answered
by `light_bundle`, so that 1,000,000 can be answered: what is asked here is not the network's. Needs
Linux and the extra `screening`.
"""

from __future__ import annotations

import argparse
import copy
import hashlib
import json
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pyarrow.parquet as pq
import pydicom
from bench_screen import UNWATCHED, write_copy
from light_bundle import write_app
from timing import machine

from braintumor_desktop.outputs.screening_report import write_report
from braintumor_desktop.screening.distributed.results import open_results
from braintumor_desktop.screening.distributed.run import ClusterOptions, screen
from braintumor_desktop.screening.distributed.sample_pictures import read_samples
from braintumor_desktop.screening.distributed.source_files import ScreeningError, SourceFiles

IN_SERIES = 50
FAULTY = 20  # every so many is faulty
SMALL = 64  # pixels a side
IDENTIFIERS = ("SeriesInstanceUID", "SOPInstanceUID")
PORT = 8791
ADDRESS = f"tcp://127.0.0.1:{PORT}"


def write_archive(folder: Path, series: Path, slices: int, distinct: int, *, light: bool) -> None:
    """Write so many slices below `archive`, of `distinct` series beside it."""
    given = in_order([pydicom.dcmread(path) for path in sorted(series.glob("*.dcm"))], light=light)
    ready: list[list[tuple[Path, list[bytes]]]] = []
    for number in range(min(distinct, slices // IN_SERIES)):
        files = []
        for place, path in enumerate(write_copy(given, folder / f"originals/{number}", number)):
            uids = [str(given[place][name].value).encode() for name in IDENTIFIERS]
            if place % FAULTY == number % FAULTY:
                content = path.read_bytes()
                path.write_bytes(content[: len(content) // 2] if number % 2 else b"no image")
            files.append((path, uids))
        ready.append(files)
    for number in range(slices // IN_SERIES):
        target = folder / "archive" / f"{number // 1000:04}" / f"{number:07}"
        target.mkdir(parents=True)
        for path, uids in ready[number % len(ready)]:
            content = path.read_bytes()
            for uid in uids:  # of the same length, so that no other byte moves
                content = content.replace(uid, uid[:-9] + b"%09d" % number)
            (target / path.name).write_bytes(content)


def in_order(given: list[pydicom.Dataset], *, light: bool) -> list[pydicom.Dataset]:
    """A series of `IN_SERIES` slices, each 3 mm from the next: the given ones over and over."""
    made = []
    for place in range(IN_SERIES):
        one = copy.deepcopy(given[place % len(given)])
        across = np.array(one.ImageOrientationPatient, float).reshape(2, 3)
        start = np.array(given[0].ImagePositionPatient, float)
        one.ImagePositionPatient = [*(start + 3.0 * place * np.cross(*across)).round(3)]
        one.InstanceNumber = place + 1
        if light:
            pixels = one.pixel_array
            steps = [max(1, side // SMALL) for side in pixels.shape]
            pixels = np.ascontiguousarray(pixels[:: steps[0], :: steps[1]][:SMALL, :SMALL])
            one.Rows, one.Columns = pixels.shape
            one.PixelSpacing = [float(s) * t for s, t in zip(one.PixelSpacing, steps, strict=True)]
            one.PixelData = pixels.tobytes()
        made.append(one)
    return made


class Cluster:
    """A scheduler and workers, which can be killed."""

    def __init__(self, workers: int, stack: ExitStack, logs: Path, app: Path | None) -> None:
        self.workers, self.stack, self.logs = workers, stack, logs
        self.environment = os.environ | UNWATCHED | ({"PYTHONPATH": str(app)} if app else {})
        self.peak = 0
        self.by_tenth: dict[int, int] = {}
        self.start()

    def start(self) -> None:
        """Start the scheduler and the workers."""
        where = ("--host", "127.0.0.1", "--port", str(PORT), "--no-dashboard")
        self.scheduler = self._started("dask_scheduler", *where)
        own = (ADDRESS, "--nthreads", "1", "--no-dashboard", "--local-directory", str(self.logs))
        self.nannies = [self._started("dask_worker", *own) for _ in range(self.workers)]

    def _started(self, program: str, *arguments: str) -> subprocess.Popen[bytes]:
        log = self.stack.enter_context((self.logs / program).open("ab"))
        command = [sys.executable, "-m", f"distributed.cli.{program}", *arguments]
        process = subprocess.Popen(
            command, stdout=log, stderr=log, env=self.environment, cwd=self.logs
        )
        self.stack.callback(process.wait)
        self.stack.callback(process.terminate)
        return process

    def processes(self) -> list[psutil.Process]:
        """The workers below their nannies."""
        found = []
        for nanny in self.nannies:
            with suppress(psutil.Error):  # what ends meanwhile
                for one in psutil.Process(nanny.pid).children(recursive=True):
                    if "spawn_main" in " ".join(one.cmdline()):
                        found.append(one)
        return found

    def look(self, part: float = 0.0) -> None:
        """Keep the most memory that a worker has had, in bytes, by tenths of the run."""
        for one in self.processes():
            try:
                size = one.memory_info().rss
            except psutil.Error:
                continue
            self.peak = max(self.peak, size)
            tenth = min(9, int(10 * part))
            self.by_tenth[tenth] = max(self.by_tenth.get(tenth, 0), size)

    def cpu_s(self) -> float:
        """The processor time of the workers that live, in seconds."""
        return sum(sum(one.cpu_times()[:2]) for one in self.processes())

    def kill_all(self) -> None:
        """Kill the scheduler, and end the workers with it."""
        self.scheduler.kill()
        self.scheduler.wait()
        for nanny in self.nannies:
            nanny.terminate()
            nanny.wait()


def screened(archive: Path, out: Path, cluster: Cluster, disturb: Any = None) -> float:
    """Seconds until everything is answered, with as many calls as that takes."""
    began = time.perf_counter()
    calls = 0
    while True:
        calls += 1
        if calls > 5:
            raise SystemExit("It does not come to an end.")

        def progress(what: str, done: int, total: int) -> None:
            cluster.look(done / total if total else 0.0)
            if disturb is not None and what == "answered":
                disturb(done, total)

        try:
            screen(
                SourceFiles(str(archive)),
                out,
                ClusterOptions(ADDRESS),
                resume=calls > 1,
                progress=progress,
            )
            if disturb is None or not disturb.pending():
                return time.perf_counter() - began
        except ScreeningError as error:
            print(error, file=sys.stderr)
            if cluster.scheduler.poll() is not None:
                cluster.start()
        if disturb is not None:
            disturb.put_back()


class Disturb:
    """What happens at which part of the run."""

    def __init__(self, archive: Path, cluster: Cluster) -> None:
        self.cluster, self.aside, self.archive = cluster, archive.parent / "aside", archive
        self.taken: list[tuple[Path, Path]] = []
        self.done: list[str] = []
        self.random = random.Random(1)
        self.steps = [(0.1, "worker"), (0.2, "take"), (0.3, "worker"), (0.5, "scheduler")]
        self.steps += [(0.6, "worker"), (0.8, "worker")]

    def __call__(self, done: int, total: int) -> None:
        """Do what is due."""
        while self.steps and done >= self.steps[0][0] * total:
            _, what = self.steps.pop(0)
            self.done.append(what)
            if what == "worker":
                alive = self.cluster.processes()
                if alive:
                    os.kill(self.random.choice(alive).pid, signal.SIGKILL)
            elif what == "scheduler":
                self.cluster.kill_all()
                return  # the rest when it goes on
            else:
                self.take()

    def take(self) -> None:
        """Take 1,000 files away: every other one of 40 series."""
        self.aside.mkdir()
        folders = sorted(self.archive.glob("*/*"))
        for number, folder in enumerate(self.random.sample(folders, min(40, len(folders)))):
            for place, path in enumerate(sorted(folder.iterdir())[::2]):
                target = self.aside / f"{number}-{place}"
                path.rename(target)
                self.taken.append((path, target))

    def put_back(self) -> None:
        """Put them back."""
        while self.taken:
            path, target = self.taken.pop()
            target.rename(path)

    def pending(self) -> bool:
        """Whether files are still away."""
        return bool(self.taken)


def digest(out: Path) -> tuple[int, str]:
    """How many rows, and the SHA-256 of all of them, sorted, as one Parquet file."""
    table = open_results(out).to_table().sort_by([("file", "ascending"), ("frame", "ascending")])
    whole = out / "whole"  # not among the partitions
    pq.write_table(table, whole)
    with whole.open("rb") as file:
        return len(table), hashlib.file_digest(file, "sha256").hexdigest()


def own_peak_mb() -> int:
    """The most memory that this process has had, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--slices", type=int, default=1_000_000)
    parser.add_argument("--light", action="store_true")
    parser.add_argument("--distinct", type=int, default=200, help="series (default: 200)")
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        light = options.light
        write_archive(folder, options.folder, options.slices, options.distinct, light=light)
        archive = folder / "archive"
        app = write_app(folder / "app") if light else None
        cluster = Cluster(options.workers, stack, folder, app)
        seconds = screened(archive, folder / "undisturbed", cluster)
        peak, by_tenth = cluster.peak, dict(cluster.by_tenth)
        disturb = Disturb(archive, cluster)
        again = screened(archive, folder / "disturbed", cluster, disturb)
        client, began = own_peak_mb(), time.perf_counter()
        write_report(
            open_results(folder / "undisturbed"), read_samples(folder / "undisturbed"), folder
        )
        reported = time.perf_counter() - began, own_peak_mb()
        one, other = digest(folder / "undisturbed"), digest(folder / "disturbed")
        print(
            json.dumps(
                {
                    "slices": options.slices,
                    "rows": [one[0], other[0]],
                    "equal": one == other,
                    "disturbed_by": disturb.done,
                    "seconds": [round(seconds, 1), round(again, 1)],
                    "slices_per_second": round(options.slices / seconds, 1),
                    "worker_peak_mb": round(peak / 2**20),
                    "worker_mb_by_tenths": [round(by_tenth[n] / 2**20) for n in sorted(by_tenth)],
                    "client_peak_mb": client,
                    "report_s": round(reported[0], 1),
                    "report_peak_mb": reported[1],
                    **machine(),
                },
                indent=2,
            )
        )


if __name__ == "__main__":
    main()
