"""What the network says of one slice."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from braintumor_desktop.imaging.slice import Crop


@dataclass(frozen=True)
class ModelInfo:
    """Which model answered: its name with version, and the SHA-256 of `model.onnx` in hex."""

    name: str
    sha256: str


@dataclass(frozen=True, eq=False)
class HeatMap:
    """Where the network found evidence for one class.

    `values` is float32 (rows, columns), coarse, in logit units: the class activation map, whose
    mean is the class's logit. Its cells tile the prepared slice, so that `crop` places it in the
    source's pixels.
    """

    values: NDArray[np.float32]
    crop: Crop

    @property
    def peak(self) -> tuple[float, float]:
        """The (x, y) of the strongest cell's centre in source pixels, edges counting from 0."""
        rows, columns = self.values.shape
        row, column = np.unravel_index(int(np.argmax(self.values)), (rows, columns))
        crop = self.crop
        x = crop.left + (float(column) + 0.5) * crop.width / columns
        y = crop.top + (float(row) + 0.5) * crop.height / rows
        return x, y


@dataclass(frozen=True, eq=False)
class Prediction:
    """Class probabilities, where the evidence is, and which model said so.

    `probabilities` maps the model's class names, in the model's order, to numbers in [0, 1] that
    sum to 1. `heat_map` belongs to `label`.
    """

    probabilities: dict[str, float]
    heat_map: HeatMap
    model: ModelInfo

    @property
    def label(self) -> str:
        """The name of the most probable class."""
        return max(self.probabilities, key=self.probabilities.__getitem__)

    @property
    def ranked(self) -> list[tuple[str, float]]:
        """The classes with their probabilities, the most probable first."""
        return sorted(self.probabilities.items(), key=lambda item: -item[1])
