"""Other views of the same slice: the seed's rotation, zoom and flips."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Augmentation:
    """How far a slice is turned (± degrees) and zoomed (± as a factor), and if it is mirrored."""

    rotation_degrees: float = 17.0
    zoom: float = 0.2
    flip: bool = True


def augment(
    pixels: NDArray[np.float32], settings: Augmentation, rng: np.random.Generator
) -> NDArray[np.float32]:
    """A randomly turned, zoomed and mirrored copy of a prepared slice, float32 (size, size).

    What comes in from beyond the border is 0, as in `imaging.prepare`.
    """
    size = pixels.shape[0]
    angle = math.radians(rng.uniform(-settings.rotation_degrees, settings.rotation_degrees))
    scale = math.exp(rng.uniform(-1, 1) * math.log1p(settings.zoom))
    mirror = -1.0 if settings.flip and rng.random() < 0.5 else 1.0
    cos, sin = math.cos(angle) * scale, math.sin(angle) * scale
    linear = np.array([[cos * mirror, -sin], [sin * mirror, cos]])
    center = np.full(2, (size - 1) / 2)
    matrix = np.column_stack([linear, center - linear @ center])
    return np.asarray(cv2.warpAffine(pixels, matrix, (size, size), flags=cv2.INTER_LINEAR))
