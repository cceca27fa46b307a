"""The network on one core by ONNX Runtime, TensorFlow's own runtime and Keras; prints JSON.

One network in one run: that of RUN (`runs/app/everything` of `make train`), written as an ONNX
graph as the bundle's is, converted by `tf.lite.TFLiteConverter` for `ai-edge-litert`, and as it is
for `model.predict`. Without RUN, the bundled network's layers with untrained weights. Its input
size is the bundle's. The process is bound to one core (Linux), every runtime has one thread. A time
is that from one prepared slice to all of the network's outputs. The runtimes take turns, 20 slices
each turn, after 20 to warm up. The slices are those of `bench_answer.py`. With RUN, `bundle` is the
bundled graph, which must answer as RUN does and has the distance from the training data besides.
Runtimes whose answers differ are not compared: the program ends. No time is judged.

    pip install -e '.[bench]'; python tests/benchmarks/bench_runtimes.py RUN
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from bench_answer import slices
from numpy.typing import NDArray
from timing import machine, summary

from braintumor_desktop import paths
from braintumor_desktop.imaging.prepare import prepare
from braintumor_desktop.imaging.read import read_slice
from braintumor_desktop.inference.bundle import NETWORK_FILE, read_bundle
from braintumor_desktop.inference.classifier import LOGITS

TURN = 20

Answer = Callable[[NDArray[np.float32]], NDArray[np.float32]]
"""From one prepared slice (1, size, size, 1) to its logits (1, classes)."""


def by_onnxruntime(graph: Path) -> Answer:
    """ONNX Runtime, set as in the app."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    image = session.get_inputs()[0].name
    place = [item.name for item in session.get_outputs()].index(LOGITS)
    return lambda pixels: session.run(None, {image: pixels})[place]


def by_litert(flatbuffer: bytes) -> Answer:
    """TensorFlow's own runtime."""
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_content=flatbuffer, num_threads=1)
    run = interpreter.get_signature_runner()
    (image,) = run.get_input_details()
    return lambda pixels: run(**{image: pixels})[LOGITS]


def converted(model: Any, folder: Path) -> bytes:
    """The network for one slice as a float32 flatbuffer; leaves a SavedModel in `folder`."""
    import keras
    import tensorflow as tf

    shape = (1, *model.input_shape[1:])
    signature = [keras.InputSpec(dtype="float32", shape=shape, name="image")]
    model.export(folder, format="tf_saved_model", input_signature=signature, verbose=False)
    return bytes(tf.lite.TFLiteConverter.from_saved_model(str(folder)).convert())


def largest_difference(logits: NDArray[np.float32], reference: NDArray[np.float32]) -> float:
    """Between the logits of two runtimes; ends the run where they are not of one network."""
    difference = float(np.abs(logits - reference).max())
    if not difference < 1e-3:
        raise SystemExit(f"The networks differ, by {difference} in the logits.")
    return difference


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path, nargs="?", help="the run that the bundle was made from")
    parser.add_argument("--bundle", type=Path, default=paths.model_bundle())
    parser.add_argument("--turns", type=int, default=10)
    options = parser.parse_args()
    bound = hasattr(os, "sched_setaffinity")
    if bound:
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    from training.engine.localizing import load_localizing
    from training.models.networks import localizing_cnn
    from training.release.onnx_graph import write_onnx

    description, _ = read_bundle(options.bundle)
    size, classes = description.input_size, len(description.classes)
    if options.run:
        model = load_localizing(options.run, size, classes)
    else:
        model = localizing_cnn(size, classes)
    with tempfile.TemporaryDirectory() as temporary:
        graph = Path(temporary) / "network.onnx"
        write_onnx(model, graph)
        flatbuffer = converted(model, Path(temporary) / "saved")
        sizes = {"onnx": graph.stat().st_size, "litert": len(flatbuffer)}
        ways: dict[str, Answer] = {
            "onnxruntime": by_onnxruntime(graph),
            "litert": by_litert(flatbuffer),
            "keras_predict": lambda pixels: model.predict(pixels, verbose=0)[LOGITS],
        }
        files = slices(TURN, Path(temporary))
        prepared = [prepare(read_slice(f), size).pixels[None, ..., None] for f in files]
    if options.run:
        ways["bundle"] = by_onnxruntime(options.bundle / NETWORK_FILE)
    logits = {name: np.concatenate([way(p) for p in prepared]) for name, way in ways.items()}
    differences = {
        name: largest_difference(values, logits["keras_predict"]) for name, values in logits.items()
    }
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(options.turns):
        for name, way in ways.items():
            for pixels in prepared:
                start = time.perf_counter()
                way(pixels)
                times[name].append(1000 * (time.perf_counter() - start))
    middle = {name: statistics.median(values) for name, values in times.items()}
    result = {
        "milliseconds": {name: summary(values, 2) for name, values in times.items()},
        "over_onnxruntime": {n: round(v / middle["onnxruntime"], 2) for n, v in middle.items()},
        "logits_largest_difference_from_keras": differences,
        "network": {
            "name": model.name,
            "input_size": size,
            "parameters": model.count_params(),
            "trained": options.run is not None,
            "bytes": sizes,
        },
        "bundle": {"name": description.name, "parameters": description.parameters},
        "slices": len(times["onnxruntime"]),
        "one_core": bound,
        "versions": _versions("onnxruntime", "ai-edge-litert", "tensorflow", "keras"),
        "machine": machine(),
    }
    print(json.dumps(result, indent=2))


def _versions(*names: str) -> dict[str, str]:
    from importlib.metadata import version

    return {name: version(name) for name in names}


if __name__ == "__main__":
    main()
