"""What the plan of a screening costs, before anything is answered, as JSON.

    python tests/benchmarks/bench_screen_plan.py FOLDER [--slices N] [--made-up]

FOLDER has DICOM files of one series, of which `bench_screen_archive` makes an archive of small
slices; it is walked, its headers are looked at and its series put into partitions by the same
workers. `--made-up` partitions names of files that there are not. Needs Linux and the extra
`screening`.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from bench_screen_archive import ADDRESS, IN_SERIES, Cluster, own_peak_mb, write_archive
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
from braintumor_desktop.screening.distributed.run import ClusterOptions, connected, make_plan
from braintumor_desktop.screening.distributed.source_files import SourceFiles


def by_workers(archive: Path, out: Path, cluster: Cluster) -> dict[str, object]:
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
        "client_peak_mb": own_peak_mb(),
        "worker_peak_mb": round(cluster.peak / 2**20),
    }


def made_up(folder: Path, slices: int) -> dict[str, object]:
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
    before = own_peak_mb()
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
        "peak_mb_before": before,
        "peak_mb": own_peak_mb(),
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--slices", type=int, default=100_000)
    parser.add_argument("--distinct", type=int, default=200, help="series (default: 200)")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--made-up", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        if options.made_up:
            told = made_up(folder, options.slices)
        else:
            write_archive(folder, options.folder, options.slices, options.distinct, light=True)
            cluster = Cluster(options.workers, stack, folder, None)
            told = by_workers(folder / "archive", folder / "plan-only", cluster)
        print(json.dumps(told | machine(), indent=2))


if __name__ == "__main__":
    main()
