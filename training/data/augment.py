"""Other views of the same slice: moved, turned, zoomed, mirrored; with another look."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.float32]


@dataclass(frozen=True)
class Warp:
    """How far a slice is turned (± degrees), zoomed (± as a factor), stretched and shifted.

    `stretch` is the ratio of width to height (± as a factor), `shift` a share of the side.
    """

    rotation_degrees: float = 17.0
    zoom: float = 0.2
    stretch: float = 0.1
    shift: float = 0.1
    flip: bool = True

    def matrix(self, size: int, rng: np.random.Generator) -> NDArray[np.float64]:
        """A random affine map (2, 3) from a slice's pixels to its view's."""
        angle = math.radians(rng.uniform(-1, 1) * self.rotation_degrees)
        scale = math.exp(rng.uniform(-1, 1) * math.log1p(self.zoom))
        stretch = math.exp(rng.uniform(-0.5, 0.5) * math.log1p(self.stretch))
        shift = rng.uniform(-1, 1, 2) * self.shift * size
        mirror = -1.0 if self.flip and rng.random() < 0.5 else 1.0
        turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
        linear = turn @ np.diag([mirror * scale * stretch, scale / stretch])
        center = np.full(2, (size - 1) / 2)
        return np.column_stack([linear, center + shift - linear @ center])

    def apply(self, pixels: Pixels, matrix: NDArray[np.float64]) -> Pixels:
        """The view of float32 (size, size); 0 comes in from beyond the border."""
        size = pixels.shape[0]
        return np.asarray(cv2.warpAffine(pixels, matrix, (size, size), flags=cv2.INTER_LINEAR))


SEED_WARP = Warp(stretch=0.0, shift=0.0)
"""The seed's augmentation: rotation, zoom, flip."""


@dataclass(frozen=True)
class Appearance:
    """How far a slice's look is changed, as another scanner or sequence would.

    `gain` and `bias_field` are ± shares, the field smooth over a grid of 4x4; `gamma` is an
    exponent or its inverse; `noise` and `blur` are the largest standard deviations, in units of
    brightness and in pixels; a share `curve` of the slices get a random monotonic tone curve.
    """

    gain: float = 0.1
    gamma: float = 1.6
    bias_field: float = 0.25
    noise: float = 0.04
    blur: float = 1.0
    curve: float = 0.3


def change_appearance(pixels: Pixels, settings: Appearance, rng: np.random.Generator) -> Pixels:
    """A slice, float32 (size, size) in [0, 1], with another look."""
    view = np.clip(pixels, 0, 1) ** math.exp(rng.uniform(-1, 1) * math.log(settings.gamma))
    if rng.random() < settings.curve:
        steps = np.concatenate([[0.0], np.cumsum(rng.uniform(0.2, 1, 6))])
        view = np.interp(view, np.linspace(0, 1, 7), steps / steps[-1]).astype(np.float32)
    view = uneven(view, settings.bias_field, rng) * (1 + rng.uniform(-1, 1) * settings.gain)
    if rng.random() < 0.3:
        view = np.asarray(cv2.GaussianBlur(view, (0, 0), rng.uniform(0.2, settings.blur)))
    noise = rng.standard_normal(pixels.shape, np.float32) * (rng.random() ** 2 * settings.noise)
    return np.asarray(np.clip(view + noise, 0, 1), np.float32)


def uneven(pixels: Pixels, share: float, rng: np.random.Generator) -> Pixels:
    """A slice (size, size) whose brightness changes smoothly, by about ± `share` at most."""
    grid = rng.uniform(-1, 1, (4, 4)).astype(np.float32) * share
    bias_field = cv2.resize(grid, pixels.shape[::-1], interpolation=cv2.INTER_CUBIC)
    return np.asarray(pixels * (1 + np.asarray(bias_field)), np.float32)
