"""Networks as ONNX graphs, and their answers by ONNX Runtime."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray

from braintumor_desktop.inference.classifier import LOGITS

Logits = NDArray[np.float32]
Predict = Callable[[NDArray[np.float32]], Logits]
"""From the pixels (n, size, size) of prepared slices to logits (n, classes)."""


def write_onnx(model: keras.Model, path: Path) -> None:
    """Write the network's float32 graph, its outputs under their names, for any batch size."""
    shape = (None, *model.input_shape[1:])
    signature = [keras.InputSpec(dtype="float32", shape=shape, name="image")]
    model.export(path, format="onnx", input_signature=signature, verbose=False)
    graph = onnx.load(path)
    for node in graph.graph.node:
        for attribute in node.attribute:
            # Deprecated; for whole factors the same cells are the nearest.
            if node.op_type == "Resize" and attribute.s == b"tf_half_pixel_for_nn":
                attribute.s = b"asymmetric"
    onnx.save(graph, path)


def predictor(path: Path) -> Predict:
    """The logits of a written graph by ONNX Runtime on two cores."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 2
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    (name,) = (item.name for item in session.get_inputs())

    def predict(pixels: NDArray[np.float32]) -> Logits:
        parts = np.array_split(pixels[..., None], len(pixels) // 64 + 1)
        return np.concatenate([session.run([LOGITS], {name: part})[0] for part in parts])

    return predict
