"""ONNX Runtime answers: from prepared slices to predictions."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from braintumor_desktop.errors import ModelBundleError
from braintumor_desktop.imaging.slice import PreparedSlice
from braintumor_desktop.inference.bundle import BundleDescription, read_bundle
from braintumor_desktop.inference.prediction import HeatMap, ModelInfo, Prediction

MASK = "mask"
FEATURES = "features"
LOGITS = "logits"
ACTIVATION = "activation"
"""The network's outputs: float32 (n, classes), and float32 (n, rows, columns, classes) whose mean
over rows and columns is the logits (Zhou et al. 2016, "Learning deep features for discriminative
localization": with global average pooling the class activation map is exact)."""


class Classifier:
    """A loaded model bundle. Stateless between calls; one may serve several threads."""

    def __init__(self, description: BundleDescription, session: onnxruntime.InferenceSession):
        self.description = description
        self.info = ModelInfo(description.name, description.sha256)
        self._session = session

    @classmethod
    def load(cls, folder: Path, threads: int = 1) -> Classifier:
        """Load the bundle in `folder` to run on `threads` cores.

        Raises `ModelBundleError` where the bundle is missing, damaged, or not one for this app.
        """
        description, network = read_bundle(folder)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3  # errors only: warnings would go to the user's terminal
        try:
            session = onnxruntime.InferenceSession(
                network, options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # ONNX Runtime's errors share no narrower public base
            raise ModelBundleError("The network in the model bundle cannot be loaded.") from error
        _check(description, session)
        return cls(description, session)

    @property
    def input_size(self) -> int:
        """The side of the prepared slices that the network takes, in pixels."""
        return self.description.input_size

    @property
    def classes(self) -> tuple[str, ...]:
        """The names of the classes in the network's order."""
        return self.description.classes

    def classify(self, prepared: PreparedSlice) -> Prediction:
        """The prediction for one prepared slice of `input_size`."""
        return self.classify_batch([prepared])[0]

    def classify_batch(self, batch: Sequence[PreparedSlice]) -> list[Prediction]:
        """The predictions for prepared slices of `input_size`, in their order."""
        if not batch:
            return []
        pixels = np.stack([prepared.pixels for prepared in batch])
        logits, activation = self.run(pixels)
        return [
            self._prediction(prepared, *outputs)
            for prepared, *outputs in zip(batch, logits, activation, strict=True)
        ]

    def run(self, pixels: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Logits (n, classes) and activation (n, rows, columns, classes) of (n, size, size)."""
        (name,) = (item.name for item in self._session.get_inputs())
        logits, activation = self._session.run([LOGITS, ACTIVATION], {name: pixels[..., None]})
        return logits, activation

    def _prediction(
        self,
        prepared: PreparedSlice,
        logits: NDArray[np.float32],
        activation: NDArray[np.float32],
    ) -> Prediction:
        probabilities = softmax(logits)
        heat = activation[..., int(np.argmax(probabilities))]
        return Prediction(
            dict(zip(self.classes, map(float, probabilities), strict=True)),
            HeatMap(heat, prepared.crop),
            self.info,
        )


def softmax(logits: NDArray[np.float32]) -> NDArray[np.float64]:
    """Probabilities (…, classes) that sum to 1 over the last axis."""
    shifted = logits.astype(np.float64) - logits.max(axis=-1, keepdims=True)
    powers = np.exp(shifted)
    result: NDArray[np.float64] = powers / powers.sum(axis=-1, keepdims=True)
    return result


def _check(description: BundleDescription, session: onnxruntime.InferenceSession) -> None:
    """Refuse a network whose input or outputs are not what the description promises."""
    inputs = session.get_inputs()
    outputs = {item.name: item.shape for item in session.get_outputs()}
    size, count = description.input_size, len(description.classes)
    fits = (
        len(inputs) == 1
        and list(inputs[0].shape[1:]) == [size, size, 1]
        and {LOGITS, ACTIVATION} <= outputs.keys()
        and outputs[LOGITS][-1] == count
        and len(outputs[ACTIVATION]) == 4
        and outputs[ACTIVATION][-1] == count
    )
    if not fits:
        raise ModelBundleError(
            "The network's input or outputs are not those that {file} describes.",
            file="model.json",
        )
