"""The same slices screened from disk, from an object store and from a DICOMweb archive, as JSON.

    python tests/benchmarks/bench_screen_sources.py FOLDER [--slices N] [--instances N]

FOLDER has DICOM files of one series. Halved in width and height, so that the store has room for
them in memory, they are written as many series of 20, each a patient's of its own. `--slices` of
them go into an object store (moto's server), `--instances` into Orthanc by STOW-RS; each is
screened by two workers, and the first by two from disk: the rows, without the files' names, must be
the same. Needs the extras `screening` and `dev`, and Orthanc with its DICOMweb plugin.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pydicom
import s3fs
from bench_screen import write_copy
from moto.server import ThreadedMotoServer
from timing import machine

sys.path.insert(0, str(Path(__file__).parents[2]))

from braintumor_desktop.network import dicomweb
from braintumor_desktop.screening.distributed.results import open_results
from braintumor_desktop.screening.distributed.run import ClusterOptions, screen
from braintumor_desktop.screening.distributed.sources import source_of
from tests.network.conftest import free_port, started_orthanc

IN_SERIES = 20
WORKERS = 2
NAMES = ("file",)


def write_archive(folder: Path, series: Path, slices: int) -> None:
    """Write so many slices, halved, in series with identifiers of their own."""
    given = [pydicom.dcmread(path) for path in sorted(series.glob("*.dcm"))[:IN_SERIES]]
    for one in given:
        half = one.pixel_array[::2, ::2]
        one.Rows, one.Columns = half.shape
        one.PixelSpacing = [2 * float(value) for value in one.PixelSpacing]
        one.PixelData = half.tobytes()
    for number in range(slices // IN_SERIES):
        write_copy(given, folder / f"{number:06}", number)


@contextmanager
def object_store(folder: Path) -> Iterator[tuple[str, dict[str, object]]]:
    """Put the archive into an object store on loopback."""
    os.environ |= {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}
    port = free_port()
    store = ThreadedMotoServer(ip_address="127.0.0.1", port=port, verbose=False)
    store.start()
    try:
        endpoint = f"http://127.0.0.1:{port}"
        system = s3fs.S3FileSystem(endpoint_url=endpoint)
        system.mkdir("archive")
        system.put(str(folder), "archive/mr", recursive=True)
        yield "s3://archive/mr", {"endpoint_url": endpoint}
    finally:
        store.stop()


@contextmanager
def dicomweb_archive(folder: Path, scratch: Path) -> Iterator[tuple[str, dict[str, object]]]:
    """Send the archive to Orthanc."""
    scratch.mkdir()
    with started_orthanc(scratch, free_port()) as (_, web):
        for series in sorted(folder.iterdir()):
            dicomweb.send(web, sorted(series.iterdir()))
        yield f"dicomweb+{web.url}?ModalitiesInStudy=MR", {"time_out_s": 120}


def screened(address: str, options: dict[str, object], out: Path) -> tuple[float, list[str]]:
    """Seconds of a screening with two workers, and its rows without the files' names."""
    began = time.perf_counter()
    screen(source_of(address, options), out, ClusterOptions(workers=WORKERS))
    seconds = time.perf_counter() - began
    rows = open_results(out).to_table().to_pylist()
    return seconds, sorted(
        repr({key: value for key, value in row.items() if key not in NAMES}) for row in rows
    )


def compared(
    folder: Path, out: Path, address: str, options: dict[str, object]
) -> dict[str, object]:
    """How long the screening from disk and from there takes, and whether the rows are the same."""
    (disk, expected), (there, rows) = (
        screened(*where, out / name)
        for name, where in (("disk", (str(folder), {})), ("there", (address, options)))
    )
    return {
        "slices": len(expected),
        "same_rows": rows == expected,
        "answered": sum("'answered': True" in row for row in rows),
        "disk_s": round(disk, 1),
        "there_s": round(there, 1),
        "slices_per_second": [round(len(expected) / disk, 1), round(len(rows) / there, 1)],
        **machine(),
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--slices", type=int, default=10_000, help="in the object store")
    parser.add_argument("--instances", type=int, default=2_000, help="in the DICOMweb archive")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        for what, count in (("dicomweb", options.instances), ("s3", options.slices)):
            if not count:
                continue
            folder = scratch / what
            write_archive(folder, options.folder, count)
            kept = (
                object_store(folder)
                if what == "s3"
                else dicomweb_archive(folder, scratch / "orthanc")
            )
            with kept as (address, settings):
                told = compared(folder, scratch / f"{what}-results", address, settings)
            print(json.dumps({what: told}, indent=2), flush=True)


if __name__ == "__main__":
    main()
