"""A copy of the app with a network of a few multiplications, for what is not about the network.

A simulated archive of 1,000,000 slices takes the bundled network hours on two cores. What is asked
of it there (that nothing is lost, nothing twice, and that memory does not grow) is asked of
everything around it: reading, preparing, answering and writing stay as they are.
"""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from braintumor_desktop import paths
from braintumor_desktop.imaging import prepare
from braintumor_desktop.inference.bundle import (
    NETWORK_FILE,
    BundleDescription,
    named_network,
    write_description,
)

SIDE = 64
CLASSES = ("glioma", "meningioma", "notumor", "pituitary")


def write_app(folder: Path) -> Path:
    """Copy the app into `folder` with such a bundle; returns what to put into PYTHONPATH."""
    shutil.copytree(
        paths.PACKAGE, folder / paths.PACKAGE.name, ignore=shutil.ignore_patterns("__pycache__")
    )
    bundle = folder / "resources" / "model"
    shutil.copytree(
        paths.resources(), folder / "resources", ignore=shutil.ignore_patterns("model", "fonts")
    )
    bundle.mkdir()
    network = named_network(_network(), CLASSES, prepare.VERSION)
    (bundle / NETWORK_FILE).write_bytes(network)
    write_description(
        BundleDescription(
            name="light",
            classes=CLASSES,
            input_size=SIDE,
            preprocessing=prepare.VERSION,
            parameters=8,
            sha256=hashlib.sha256(network).hexdigest(),
            temperature=1.0,
            set_thresholds=dict.fromkeys(CLASSES, 0.1),
            unlike_threshold=3.0,
            series_rule={"suspicious_from": 0.5, "threshold": 0.1, "least_usable": 6},
        ),
        bundle,
    )
    return folder


def _network() -> bytes:
    """Logits and distance by the mean of the slice, mask and activation by those of its parts."""
    values = {
        "weights": np.array([[9, -4, -7, 2]], np.float32),
        "bias": np.array([-2, 0, 2, -1], np.float32),
        "far": np.array([[4]], np.float32),
        "steep": np.array(40, np.float32),
        "edge": np.array(36, np.float32),
    }
    nodes = [
        helper.make_node("GlobalAveragePool", ["first"], ["whole"]),
        helper.make_node("Flatten", ["whole"], ["mean"]),
        helper.make_node("Gemm", ["mean", "weights", "bias"], ["logits"]),
        helper.make_node("MatMul", ["mean", "far"], ["distance"]),
        helper.make_node("AveragePool", ["first"], ["parts"], kernel_shape=[4, 4], strides=[4, 4]),
        helper.make_node("Transpose", ["parts"], ["last"], perm=[0, 2, 3, 1]),
        helper.make_node("Mul", ["last", "steep"], ["large"]),
        helper.make_node("Sub", ["large", "edge"], ["mask"]),
        helper.make_node("MatMul", ["last", "weights"], ["activation"]),
    ]
    return bytes(_model(nodes, values).SerializeToString())


def _model(nodes: list[onnx.NodeProto], values: dict[str, np.ndarray]) -> onnx.ModelProto:
    cells = SIDE // 4
    shapes = {
        "logits": [None, len(CLASSES)],
        "activation": [None, cells, cells, len(CLASSES)],
        "mask": [None, cells, cells, 1],
        "distance": [None, 1],
    }
    turned = helper.make_node("Transpose", ["slices"], ["first"], perm=[0, 3, 1, 2])
    graph = helper.make_graph(
        [turned, *nodes],
        "light",
        [helper.make_tensor_value_info("slices", TensorProto.FLOAT, [None, SIDE, SIDE, 1])],
        [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
            for name, shape in shapes.items()
        ],
        [numpy_helper.from_array(value, name) for name, value in values.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
