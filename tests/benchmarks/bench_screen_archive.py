"""A simulated archive screened twice, undisturbed and disturbed, and both compared, as JSON.

    python tests/benchmarks/bench_screen_archive.py FOLDER [--slices N] [--plan-only]

FOLDER has DICOM files of one series. The archive has links to copies of it: so many series of 20
slices, each with its own identifiers as far as `--distinct` goes (then the same files come again,
below other folders), and 5 in 100 files faulty: cut off, or no image. The disturbed run has workers
killed four times, the scheduler killed once and started again, and 1,000 files, half of each of
100 series, taken away and put back; both runs end with `--resume`. Equal: all rows, sorted, as
bytes. `--plan-only` walks and partitions, by the same workers, and answers nothing;
`--partition-only` partitions names that it makes up, of files that there are not. Needs Linux and
the extra `screening`.
"""

from __future__ import annotations

import argparse
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

import psutil
import pydicom
from bench_screen import write_copy
from timing import machine

from braintumor_desktop.screening.distributed.partition import SLICES, FileKey
from braintumor_desktop.screening.distributed.plan import (
    Plan,
    buckets_for,
    close_plan,
    keep_list,
    looked_name,
    planned,
    write_bucket,
    write_looked,
)
from braintumor_desktop.screening.distributed.results import open_results
from braintumor_desktop.screening.distributed.run import (
    ClusterOptions,
    connected,
    make_plan,
    screen,
)
from braintumor_desktop.screening.distributed.source_files import ScreeningError, SourceFiles

IN_SERIES = 20
FAULTY = 20  # every so many is faulty
PORT = 8791
ADDRESS = f"tcp://127.0.0.1:{PORT}"


def write_archive(folder: Path, series: Path, slices: int, distinct: int) -> None:
    """Write the distinct files beside the archive, and the archive as links to them."""
    given = [pydicom.dcmread(path) for path in sorted(series.glob("*.dcm"))[:IN_SERIES]]
    originals = folder / "originals"
    for number in range(min(distinct, slices // IN_SERIES)):
        for place, path in enumerate(write_copy(given, originals / str(number), number)):
            if place == number % FAULTY:
                content = path.read_bytes()
                path.write_bytes(content[: len(content) // 2] if number % 2 else b"no image")
    ready = [sorted(one.iterdir()) for one in sorted(originals.iterdir())]
    for number in range(slices // IN_SERIES):
        target = folder / "archive" / f"{number // 1000:04}" / f"{number:07}"
        target.mkdir(parents=True)
        for path in ready[number % len(ready)]:
            os.link(path, target / path.name)


class Cluster:
    """A scheduler and workers, which can be killed."""

    def __init__(self, workers: int, stack: ExitStack, logs: Path) -> None:
        self.workers, self.stack, self.logs = workers, stack, logs
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
        process = subprocess.Popen(command, stdout=log, stderr=log)
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
        """Take 1,000 files away: every other one of a hundred series."""
        self.aside.mkdir()
        folders = sorted(self.archive.glob("*/*"))
        for number, folder in enumerate(self.random.sample(folders, min(100, len(folders)))):
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
    """How many rows, and what tells them apart, sorted."""
    rows = sorted(map(repr, open_results(out).to_table().to_pylist()))
    return len(rows), hashlib.sha256("\n".join(rows).encode()).hexdigest()


def plan_only(archive: Path, out: Path, cluster: Cluster) -> dict[str, object]:
    """Walk, look at every header on the workers, make partitions."""
    source = SourceFiles(str(archive))
    began = time.perf_counter()
    count = sum(1 for _ in source.names())
    walked = time.perf_counter() - began
    out.mkdir()
    began = time.perf_counter()
    looked = 0.0

    def progress(_: str, done: int, __: int) -> None:
        nonlocal looked
        looked = time.perf_counter() - began
        cluster.look()

    with connected(ClusterOptions(ADDRESS)) as client:
        client.wait_for_workers(cluster.workers)
        began, own, theirs = time.perf_counter(), time.process_time(), cluster.cpu_s()
        plan = make_plan(client, source, out, SLICES, progress)
        seconds = time.perf_counter() - began
        own, theirs = time.process_time() - own, cluster.cpu_s() - theirs
    return {
        "files": count,
        "partitions": plan.partitions,
        "walk_alone_s": round(walked, 1),
        "walk_and_headers_s": round(looked, 1),
        "partitions_s": round(seconds - looked, 1),
        "files_per_second": round(count / seconds),
        "client_cpu_s": round(own, 1),
        "workers_cpu_s": round(theirs, 1),
        "client_peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "worker_peak_mb": round(cluster.peak / 2**20),
    }


def partition_only(folder: Path, slices: int) -> dict[str, object]:
    """Partitions of so many names, made up, as they stand after the headers were looked at."""
    looked = []
    for start in range(0, slices, 1000):
        series = range(start // IN_SERIES, (start + 1000) // IN_SERIES)
        keys = [
            FileKey(f"/archive/{one // 1000:04}/{one:07}/{place:02}.dcm", f"1.2.826.0.1.{one:020}")
            for one in series
            for place in range(IN_SERIES)
        ]
        looked.append(looked_name([one.name for one in keys], last=False))
        write_looked(folder, looked[-1], keys, last=False)
    keep_list(folder, looked)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    buckets = buckets_for(slices)
    began = time.process_time()
    count = sum(write_bucket(folder, number, buckets, SLICES) for number in range(buckets))
    cpu = time.process_time() - began
    plan = Plan(count, buckets)
    close_plan(folder, plan)
    began = time.process_time()
    names = sum(len(one.names) for one in planned(folder, plan))
    size = sum(path.stat().st_size for path in (folder / "plan").iterdir())
    return {
        "files": names,
        "partitions": count,
        "buckets": buckets,
        "buckets_cpu_s": round(cpu, 1),
        "read_back_cpu_s": round(time.process_time() - began, 1),
        "plan_mb": round(size / 2**20, 1),
        "peak_mb_before": round(before / 1024),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--slices", type=int, default=1_000_000)
    parser.add_argument("--distinct", type=int, default=200, help="series (default: 200)")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--plan-only", action="store_true")
    parser.add_argument("--partition-only", action="store_true")
    options = parser.parse_args()
    if options.partition_only:
        with tempfile.TemporaryDirectory() as name:
            print(json.dumps(partition_only(Path(name), options.slices) | machine(), indent=2))
        return
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        write_archive(folder, options.folder, options.slices, options.distinct)
        archive = folder / "archive"
        cluster = Cluster(options.workers, stack, folder)
        if options.plan_only:
            told = plan_only(archive, folder / "plan-only", cluster) | machine()
            print(json.dumps(told, indent=2))
            return
        seconds = screened(archive, folder / "undisturbed", cluster)
        peak, by_tenth = cluster.peak, dict(cluster.by_tenth)
        disturb = Disturb(archive, cluster)
        again = screened(archive, folder / "disturbed", cluster, disturb)
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
                    "client_peak_mb": round(
                        resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
                    ),
                    **machine(),
                },
                indent=2,
            )
        )


if __name__ == "__main__":
    main()
