"""Slices a second from TFRecords and from the JPEG files that they hold; prints JSON.

The data set's Testing slices, as files and as the records that `python -m training records` writes
of them, side by side in one temporary folder, read in turns by one process. `read`: until the
file's bytes and its label are there. `read_and_prepare`: until the slice is as the bundled network
sees it. `cold`: before each round the disk's cache of both is dropped (Linux). Nothing is asserted.

    python tests/benchmarks/bench_records.py DATA/brain-tumor-mri
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from timing import machine, summary

from braintumor_desktop import paths
from braintumor_desktop.imaging.prepare import prepare
from braintumor_desktop.imaging.read import decode_slice
from braintumor_desktop.inference.bundle import read_bundle
from training.data.tfrecords import read_records, write_records
from training.datasets.folder import LabelledSlice, find_slices

SPLIT = "Testing"

Read = Callable[[], Iterator[tuple[bytes, str]]]


def copies(data: Path, count: int, folder: Path) -> list[LabelledSlice]:
    """Copies in `folder` of `count` slices spread over the split."""
    found = [item for item in find_slices(data) if item.split == SPLIT]
    chosen = [found[index * len(found) // count] for index in range(min(count, len(found)))]
    files = []
    for item in chosen:
        path = folder / item.path.relative_to(data)
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(item.path, path)
        files.append(replace(item, path=path))
    return files


def evict(folder: Path) -> None:
    """Drop what the disk's cache holds of the files in `folder`."""
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def slices_a_second(read: Read, size: int | None) -> float:
    """One round over all slices, prepared to `size` where there is one."""
    start = time.perf_counter()
    count = 0
    for image, name in read():
        if size:
            prepare(decode_slice(image, Path(name)), size)
        count += 1
    return count / (time.perf_counter() - start)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="the folder with Training/ and Testing/")
    parser.add_argument("--slices", type=int, default=600)
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    description, _ = read_bundle(paths.model_bundle())
    states = ("cold", "warm") if hasattr(os, "posix_fadvise") else ("warm",)
    result: dict[str, object] = {}
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        files = copies(options.data, options.slices, folder / "files")
        write_records(files, folder / "records")
        if hasattr(os, "sync"):
            os.sync()  # what is not on the disk yet cannot leave the cache
        ways: dict[str, Read] = {
            "records": lambda: ((r.image, r.name) for r in read_records(folder / "records", SPLIT)),
            "files": lambda: ((item.path.read_bytes(), item.path.name) for item in files),
        }
        for task, size in (("read", None), ("read_and_prepare", description.input_size)):
            for state in states:
                for read in ways.values():
                    slices_a_second(read, size)  # imports TensorFlow, fills the cache
                rates: dict[str, list[float]] = {name: [] for name in ways}
                for _ in range(options.repeats):
                    for name, read in ways.items():
                        if state == "cold":
                            evict(folder)
                        rates[name].append(slices_a_second(read, size))
                middle = {name: statistics.median(values) for name, values in rates.items()}
                result[f"{task}, {state}"] = {
                    "slices_a_second": {name: summary(v, 0) for name, v in rates.items()},
                    "records_over_files": round(middle["records"] / middle["files"], 2),
                }
        sizes = {name: sum(f.stat().st_size for f in (folder / name).rglob("*")) for name in ways}
    result |= {"slices": len(files), "size": description.input_size, "repeats": options.repeats}
    result |= {"bytes": sizes, "machine": machine()}
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
