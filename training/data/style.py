"""Looks that carry no class: another slice's histogram, random convolutions, another contrast.

A network that sees each class in the look of its own sources learns the look. Here the look of a
view is drawn apart from its class, and the tumour's own contrast apart from the sequence.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.float32]

_HEAD = 0.03  # brightness above which a pixel belongs to the head
_LEAST_PIXELS = 500  # of a head, for its histogram to say something
_QUANTILES = np.linspace(0, 1, 33)
_LEAST_TUMOUR = 20  # pixels of a tumour, and of what lies around it


def match_histogram(view: Pixels, other: Pixels, rng: np.random.Generator) -> Pixels:
    """Draw a view's brightness towards the histogram of another slice's head.

    Both float32 (size, size) in [0, 1]; by a random share from 0.3 to 1 of the whole way. A view
    with too small a head stays as it is.
    """
    inside, theirs = view > _HEAD, other[other > _HEAD]
    if inside.sum() < _LEAST_PIXELS or len(theirs) < _LEAST_PIXELS:
        return view
    ours = np.quantile(view[inside], _QUANTILES)
    rising = np.maximum.accumulate(ours + 1e-6 * np.arange(len(ours)))
    levels = np.concatenate([[0], np.quantile(theirs, _QUANTILES)])
    curve = np.interp(view, np.concatenate([[0], rising]), levels)
    share = rng.uniform(0.3, 1.0)
    return np.asarray((1 - share) * view + share * curve, np.float32)


def random_convolution(view: Pixels, rng: np.random.Generator) -> Pixels:
    """Mix a view, float32 (size, size) in [0, 1], with random shallow convolutions of it.

    Three layers of 1x1 or 3x3 kernels, leaky ReLU between them, mixed with the view by a random
    share and brought to its norm (Ouyang et al. 2022, "Causality-inspired single-source domain
    generalization for medical image segmentation"). A view with too small a head stays as it is.
    """
    made = _convolved(view, rng)
    inside = view > _HEAD
    if inside.sum() < _LEAST_PIXELS:
        return view
    low, high = np.quantile(made[inside], (0.01, 0.99))
    if high - low < 1e-4:
        return view
    head = cv2.GaussianBlur(inside.astype(np.float32), (0, 0), 1.5)
    share = rng.uniform(0.0, 1.0)
    mixed = (1 - share) * view + share * np.clip((made - low) / (high - low), 0, 1) * head
    norm = np.linalg.norm(view) / max(float(np.linalg.norm(mixed)), 1e-3)
    return np.asarray(np.clip(mixed * norm, 0, 1), np.float32)


def _convolved(view: Pixels, rng: np.random.Generator) -> Pixels:
    channels = [view]
    for count in (2, 2, 1):
        size = int(rng.choice((1, 3)))
        made = []
        for _ in range(count):
            total = np.full_like(view, 0.1 * rng.standard_normal())
            for channel in channels:
                kernel = rng.standard_normal((size, size)).astype(np.float32)
                if size == 1:
                    total += kernel[0, 0] * channel
                else:
                    total += cv2.filter2D(channel, -1, 0.5 * kernel)
            made.append(total if count == 1 else np.where(total > 0, total, 0.1 * total))
        channels = made
    return channels[0]


def change_tumour_contrast(view: Pixels, mask: Pixels, rng: np.random.Generator) -> Pixels | None:
    """Make a view's tumour darker or brighter against what lies around it.

    `mask` float32 (size, size), above 0.5 inside the tumour. Its mean becomes 0.5 to 1.4 times that
    of the ring around it, its texture 0.3 to 1 times as strong, with a soft edge: so a tumour that
    takes up contrast becomes one that does not, and the type can no longer be told. None where
    there is too little tumour, or too little around it.
    """
    inside = mask > 0.5
    if inside.sum() < _LEAST_TUMOUR:
        return None
    size = len(view)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * (size // 20) + 1,) * 2)
    ring = (cv2.dilate(inside.astype(np.uint8), kernel) > 0) & ~inside & (view > 0.05)
    if ring.sum() < _LEAST_TUMOUR:
        return None
    own, around = float(view[inside].mean()), float(view[ring].mean())
    edge = rng.uniform(0.6, 3.0) * size / 160
    soft = cv2.GaussianBlur(inside.astype(np.float32), (0, 0), edge)
    target = around * rng.uniform(0.5, 1.4)
    changed = target + rng.uniform(0.3, 1.0) * (view - own)
    return np.asarray(np.clip((1 - soft) * view + soft * changed, 0, 1), np.float32)
