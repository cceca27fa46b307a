"""How long one slice takes from file to answer on one core; prints JSON.

The process is bound to one core and ONNX Runtime has one thread. After 20 warm-up slices, 200 real
slices are read, prepared and classified one by one, each a different file: the data set's Testing
slices where `BRAINTUMOR_DATA` or `../shared/data` has them, else the demo slice over and over. The
files are in the disk's cache. Nothing is asserted.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from itertools import pairwise
from pathlib import Path

from timing import machine, summary

from braintumor_desktop import paths
from braintumor_desktop.imaging.prepare import prepare
from braintumor_desktop.imaging.read import read_slice
from braintumor_desktop.inference.classifier import Classifier
from braintumor_desktop.sources.demo import write_demo_slice

WARM_UP = 20
SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"


def slices(count: int, fallback: Path) -> list[Path]:
    """`count` Testing slices spread over the classes, or the demo slice as often."""
    data = Path(os.environ.get("BRAINTUMOR_DATA", SHARED))
    found = sorted((data / "brain-tumor-mri" / "Testing").glob("*/*.jpg"))
    if not found:
        return [write_demo_slice(fallback)] * count
    return [found[index * len(found) // count] for index in range(count)]


def measure(path: Path, classifier: Classifier) -> dict[str, float]:
    """Milliseconds of each step of one slice."""
    moments = [time.perf_counter()]
    mri = read_slice(path)
    moments.append(time.perf_counter())
    prepared = prepare(mri, classifier.input_size)
    moments.append(time.perf_counter())
    classifier.classify(prepared)
    moments.append(time.perf_counter())
    steps = [1000 * (end - start) for start, end in pairwise(moments)]
    return {**dict(zip(("read", "prepare", "infer"), steps, strict=True)), "total": sum(steps)}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--slices", type=int, default=200)
    count = parser.parse_args().slices
    bound = hasattr(os, "sched_setaffinity")  # Linux
    if bound:
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    classifier = Classifier.load(paths.model_bundle(), threads=1)
    with tempfile.TemporaryDirectory() as folder:
        files = slices(count, Path(folder))
        for path in files:
            path.read_bytes()  # into the disk's cache
        for path in files[:WARM_UP]:
            measure(path, classifier)
        times = [measure(path, classifier) for path in files]
    columns = {name: [one[name] for one in times] for name in times[0]}
    result = {
        "milliseconds": {name: summary(values, 2) for name, values in columns.items()},
        "slices": len(times),
        "different_files": len(set(files)),
        "one_core": bound,
        "model": classifier.info.name,
        "machine": machine(),
    }
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
