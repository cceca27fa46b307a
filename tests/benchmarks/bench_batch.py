"""How fast a folder is answered, as JSON.

    python tests/benchmarks/bench_batch.py FOLDER [--files N] [--loop N] [--rounds N]

Three things in the same run, on the same files:
- the batch from the command line's own pipeline, records, table and all, with one worker and with
  as many as there are cores, in a process of its own each;
- the floor: cores divided by the sum of one slice's reading, preparing and inference times, each
  measured alone on one core, the inference in batches as the pipeline has it;
- a plain loop that reads, prepares and calls Keras' `model.predict` slice by slice. The network is
  the training's, with fresh weights: they do not change how long it takes. Needs the `train` extra.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

ONE_RUN = """
import json, sys, time
from contextlib import closing
from pathlib import Path
from braintumor_desktop import paths
from braintumor_desktop.inference.classifier import Classifier
from braintumor_desktop.screening.batch import Batch
from braintumor_desktop.outputs.table import CsvWriter
from braintumor_desktop.screening.progress import Control
from braintumor_desktop.domain.decision import Decision
from braintumor_desktop.store.records import Records
from braintumor_desktop.sources.walk import walk
folder, out, jobs = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
classifier = Classifier.load(paths.model_bundle())
with closing(Records(out / "records.sqlite", "benchmark")) as records:
    batch = Batch(classifier, records, jobs)
    with (out / "a.csv").open("w", encoding="utf-8", newline="") as stream:
        table = CsvWriter(stream, classifier.classes)
        began, first, count = time.perf_counter(), None, 0
        for row in batch.rows(walk([folder]), Control()):
            first = first or time.perf_counter() - began
            count += 1
            table.write(row, records.decision(row.content))
        seconds = time.perf_counter() - began
print(json.dumps({"files": count, "seconds": seconds, "first": first}))
"""


def pipeline(folder: Path, jobs: int) -> dict[str, Any]:
    """One run over everything below `folder`, with fresh records."""
    with tempfile.TemporaryDirectory() as out:
        command = [sys.executable, "-c", ONE_RUN, str(folder), out, str(jobs)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    values: dict[str, Any] = json.loads(done.stdout)
    return values


def alone(files: Sequence[Path]) -> dict[str, float]:
    """The seconds a slice takes in each step, on one core with nothing beside it."""
    import cv2

    from braintumor_desktop import paths
    from braintumor_desktop.imaging.prepare import prepare
    from braintumor_desktop.imaging.read import read_slice
    from braintumor_desktop.inference.classifier import Classifier
    from braintumor_desktop.screening.pipeline import BATCH

    cv2.setNumThreads(1)
    classifier = Classifier.load(paths.model_bundle())
    slices, reading = _timed(lambda: [read_slice(path) for path in files])
    prepared, preparing = _timed(lambda: [prepare(mri, classifier.input_size) for mri in slices])
    batches = [prepared[i : i + BATCH] for i in range(0, len(prepared), BATCH)]
    _, inference = _timed(
        lambda: [classifier.classify_batch(batch, outlined=False) for batch in batches]
    )
    steps = {"reading": reading, "preparing": preparing, "inference": inference}
    return {name: seconds / len(files) for name, seconds in steps.items()}


def plain_loop(files: Sequence[Path]) -> float:
    """Seconds a slice takes with Keras' `model.predict`, one after the other."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    from braintumor_desktop import paths
    from braintumor_desktop.imaging.prepare import prepare
    from braintumor_desktop.imaging.read import read_slice
    from braintumor_desktop.inference.bundle import read_bundle
    from training.models.networks import localizing_cnn

    size = read_bundle(paths.model_bundle())[0].input_size
    model = localizing_cnn(size)

    def one(path: Path) -> Any:
        prepared = prepare(read_slice(path), size)
        return model.predict(prepared.pixels[None, ..., None], verbose=0)

    for path in files[:3]:  # tracing is not work
        one(path)
    _, seconds = _timed(lambda: [one(path) for path in files])
    return seconds / len(files)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--files", type=int, default=500, help="for the floor (default: 500)")
    parser.add_argument("--loop", type=int, default=200, help="for the loop (default: 200)")
    parser.add_argument("--rounds", type=int, default=1)
    options = parser.parse_args(arguments)
    files = sorted(path for path in options.folder.rglob("*.jpg") if path.is_file())
    step = max(1, len(files) // options.files)
    cores = os.cpu_count() or 1
    one, many, floors, steps = [], [], [], {}
    for _ in range(options.rounds):
        one.append(pipeline(options.folder, 1))
        many.append(pipeline(options.folder, cores))
        steps = alone(files[::step])
        floors.append(cores / sum(steps.values()))
    loop = plain_loop(files[:: max(1, len(files) // options.loop)])
    rate = {1: _rate(one), cores: _rate(many)}
    report = {
        "files": many[-1]["files"],
        "cores": cores,
        "load_average": os.getloadavg()[0],
        "slices_per_second": {str(jobs): round(value, 1) for jobs, value in rate.items()},
        "first_answer_seconds": round(median(run["first"] for run in many), 3),
        "steps_ms": {name: round(1000 * value, 2) for name, value in steps.items()},
        "floor_slices_per_second": round(median(floors), 1),
        "share_of_floor": round(rate[cores] / median(floors), 3),
        "all_workers_against_one": round(rate[cores] / rate[1], 2),
        "plain_loop_slices_per_second": round(1 / loop, 2),
        "against_plain_loop": round(rate[cores] * loop, 1),
    }
    print(json.dumps(report, indent=2))


def _rate(runs: Sequence[dict[str, Any]]) -> float:
    return median(run["files"] / run["seconds"] for run in runs)


def _timed(work: Callable[[], Any]) -> tuple[Any, float]:
    began = time.perf_counter()
    result = work()
    return result, time.perf_counter() - began


if __name__ == "__main__":
    main()
