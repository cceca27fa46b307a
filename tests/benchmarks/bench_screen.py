"""An archive screened by hosts of their own: two workers against one, and against `batch`, as JSON.

    python tests/benchmarks/bench_screen.py FOLDER [--series N] [--rounds N]

Three hosts, each a network namespace of Linux with an address of its own, joined by a bridge: on
the first the scheduler and the client, on the others a worker each, with TLS between all of them.
They share this machine's cores and disk, so that what a network costs is in the figures as far as
a bridge has it, and nothing of a slow share. FOLDER has the DICOM files of one series, which are
copied as many series, each by its own identifiers. `batch` reads the same files in one process.
Beside the seconds stands the processor time a slice of all processes together, which a machine that
is busy with other things changes little: what a run of eight series takes is subtracted.

Needs Linux, root, iproute2 and the extra `screening`.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shlex
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psutil
import pydicom
from bench_batch import pipeline
from distributed.security import Security
from pydicom.uid import generate_uid
from timing import machine, summary

ADDRESS = "10.77.0.{}"
SCHEDULER = f"tls://{ADDRESS.format(1)}:8786"
HOSTS = ("screening-1", "screening-2", "screening-3")

# As in docs/screening.md.
UNWATCHED = {
    "DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED": "False",
    "DASK_DISTRIBUTED__ADMIN__TICK__INTERVAL": "500ms",
}

_ON_FIRST = ("ip", "netns", "exec", HOSTS[0], sys.executable)

ONE_RUN = """
import json, sys, time
from pathlib import Path
from braintumor_desktop.screening.distributed.run import ClusterOptions, screen
from braintumor_desktop.screening.distributed.source_files import SourceFiles
source, out, slices, *cluster = sys.argv[1:]
began = time.perf_counter()
parts = screen(SourceFiles(source), Path(out), ClusterOptions(cluster[0], 1, *cluster[1:]),
               slices=int(slices))
print(json.dumps({"partitions": parts, "seconds": time.perf_counter() - began}))
"""


def write_archive(folder: Path, series: Path, count: int) -> int:
    """Copy a series `count` times, each a patient's of its own; returns how many slices that is."""
    slices = [pydicom.dcmread(path) for path in sorted(series.glob("*.dcm"))]
    for number in range(count):
        write_copy(slices, folder / f"{number:05}", number)
    return len(slices) * count


def write_copy(slices: Sequence[pydicom.Dataset], target: Path, number: int) -> list[Path]:
    """Write a series into the new folder `target` as patient `number`'s; returns its files."""
    target.mkdir(parents=True)
    study, own = generate_uid(), generate_uid()
    written = []
    for place, one in enumerate(slices):
        one.PatientID = f"P{number}"
        one.StudyInstanceUID, one.SeriesInstanceUID = study, own
        one.SOPInstanceUID = one.file_meta.MediaStorageSOPInstanceUID = generate_uid()
        written.append(target / f"{place:04}.dcm")
        one.save_as(written[-1])
    return written


@contextmanager
def hosts() -> Iterator[None]:
    """Three network namespaces on a bridge that stands in the first."""
    remove = [f"ip netns del {name}" for name in HOSTS]
    try:
        for line in remove:
            subprocess.run(shlex.split(line), capture_output=True)
        first = f"ip -n {HOSTS[0]}"
        for name in HOSTS:
            _run(f"ip netns add {name}")
            _run(f"ip -n {name} link set lo up")
        _run(f"{first} link add bridge type bridge")
        _run(f"{first} addr add {ADDRESS.format(1)}/24 dev bridge")
        _run(f"{first} link set bridge up")
        for number, name in enumerate(HOSTS[1:], start=2):
            _run(f"{first} link add port{number} type veth peer name eth0 netns {name}")
            _run(f"{first} link set port{number} master bridge up")
            _run(f"ip -n {name} addr add {ADDRESS.format(number)}/24 dev eth0")
            _run(f"ip -n {name} link set eth0 up")
        yield
    finally:
        for line in remove:
            subprocess.run(shlex.split(line), capture_output=True)


@contextmanager
def cluster(
    certificates: Sequence[str], workers: int, logs: Path
) -> Iterator[list[subprocess.Popen[bytes]]]:
    """A scheduler on the first host, and workers on the next ones: the processes of all."""
    tls = [
        each
        for pair in zip(("--tls-ca-file", "--tls-cert", "--tls-key"), certificates, strict=True)
        for each in pair
    ]
    module = [sys.executable, "-m", "distributed.cli.dask_{}"]
    scheduler = [*module, "--host", ADDRESS.format(1), "--port", "8786", "--no-dashboard"]
    scheduler[2] = scheduler[2].format("scheduler")
    worker = [*module, SCHEDULER, "--nthreads", "1", "--no-dashboard"]
    worker[2] = worker[2].format("worker")
    with ExitStack() as stack:
        started = []
        commands = [[*scheduler, "--protocol", "tls"], *[worker] * workers]
        for number, command in enumerate(commands):
            log = stack.enter_context((logs / f"{HOSTS[number]}.log").open("ab"))
            process = subprocess.Popen(
                ["ip", "netns", "exec", HOSTS[number], *command, *tls],
                stdout=log,
                stderr=log,
                env=os.environ | UNWATCHED,
            )
            stack.callback(process.wait)
            stack.callback(process.terminate)
            started.append(process)
        yield started


def cpu_s(processes: Sequence[subprocess.Popen[bytes]]) -> float:
    """The processor time of processes, of what they have started, and of what has ended here."""
    trees = [psutil.Process(one.pid) for one in processes]
    living = [each for one in trees for each in (one, *one.children(recursive=True))]
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return sum(sum(one.cpu_times()[:2]) for one in living) + ended.ru_utime + ended.ru_stime


def screened(archive: Path, certificates: Sequence[str], slices: int) -> float:
    """Seconds that one screening takes from the first host, from the first file to the last row."""
    with tempfile.TemporaryDirectory() as out:
        done = subprocess.run(
            [*_ON_FIRST, "-c", ONE_RUN, str(archive), out, str(slices), SCHEDULER, *certificates],
            capture_output=True,
            text=True,
        )
    if done.returncode:
        raise SystemExit(done.stderr)
    return float(json.loads(done.stdout.splitlines()[-1])["seconds"])


def _run(line: str) -> None:
    subprocess.run(shlex.split(line), check=True)


def _certificates(folder: Path) -> list[str]:
    own = Security.temporary()
    paths = []
    for name in ("tls_ca_file", "tls_client_cert", "tls_client_key"):
        path = folder / f"{name}.pem"
        path.write_text(getattr(own, name))
        paths.append(str(path))
    return paths


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--series", type=int, default=80)
    parser.add_argument("--slices", type=int, default=96, help="in a partition (default: 96)")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, hosts():
        folder = Path(name)
        certificates = _certificates(folder)
        small, archive = folder / "small", folder / "archive"
        few = write_archive(small, options.folder, 8)
        count = write_archive(archive, options.folder, options.series)
        times: dict[str, list[float]] = {"batch": [], "one worker": [], "two workers": []}
        cpu: dict[str, list[float]] = {key: [] for key in times}

        def measure(
            key: str, run: Callable[[Path], float], own: Sequence[subprocess.Popen[bytes]]
        ) -> None:
            before = cpu_s(own)
            run(small)
            between = cpu_s(own)
            times[key].append(run(archive))
            taken = cpu_s(own) - between - (between - before)
            cpu[key].append(1000 * taken / (count - few))

        for _ in range(options.rounds):
            measure("batch", lambda path: float(pipeline(path, 1)["seconds"]), ())
            for workers, key in ((1, "one worker"), (2, "two workers")):
                with cluster(certificates, workers, folder) as own:
                    time.sleep(5)  # until all workers have come
                    screened(small, certificates, 24)  # each worker loads the network
                    measure(key, lambda path: screened(path, certificates, options.slices), own)
    middle = {key: statistics.median(own) for key, own in times.items()}
    print(
        json.dumps(
            {
                "slices": count,
                "seconds": {key: summary(own, 1) for key, own in times.items()},
                "slices_per_second": {key: round(count / own, 1) for key, own in middle.items()},
                "cpu_ms_a_slice": {key: summary(own, 2) for key, own in cpu.items()},
                "two_workers_against_one": round(middle["one worker"] / middle["two workers"], 2),
                "one_worker_against_batch": round(middle["one worker"] / middle["batch"], 2),
                **machine(),
            },
            indent=2,
        )
    )


if __name__ == "__main__":
    main()
