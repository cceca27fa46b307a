"""A slice with what the network marked, as one picture: for Secondary Capture and for handing over.

The greys, the tint and the colours are those of the window.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from braintumor_desktop.domain.answer import HeatMap, Polygon, Prediction
from braintumor_desktop.domain.image import DisplayWindow, MRISlice
from braintumor_desktop.imaging.turning import upright
from braintumor_desktop.rendering.display import default_window, to_grey
from braintumor_desktop.rendering.heat_map import heat_rgba
from braintumor_desktop.rendering.palette import class_colour, rgb

RGBImage = NDArray[np.uint8]

LEAST_SIDE = 512
"""Smaller slices are enlarged to it, so that an outline is thinner than what it surrounds."""

_SHIFT = 4  # bits behind the binary point of the coordinates that OpenCV draws by


def composite(
    mri: MRISlice,
    prediction: Prediction | None = None,
    *,
    window: DisplayWindow | None = None,
    heat_opacity: float = 0.0,
    outline_opacity: float = 1.0,
) -> RGBImage:
    """Return the slice in grey with outline and heat map over it, uint8 (height, width, 3).

    Pixels are square; the longer side has at least `LEAST_SIDE`. It is turned as it is looked at
    (`MRISlice.turn`), as in the window and the report. `window` is that of the file, or
    the default, where none is given. Opacities are in [0, 1]. Where the prediction is of a slice
    unlike the training data nothing is marked: the answer is withheld.
    """
    height, width = mri.pixels.shape
    tall = height * mri.pixel_aspect
    scale = max(1.0, LEAST_SIDE / max(tall, width))
    size = max(1, round(width * scale)), max(1, round(tall * scale))
    grey = to_grey(mri.pixels, window or default_window(mri))
    large = cv2.resize(grey, size, interpolation=cv2.INTER_CUBIC)
    picture = np.asarray(cv2.cvtColor(large, cv2.COLOR_GRAY2RGB), np.uint8)
    if prediction is None or prediction.unlike_training:
        return _turned(picture, mri)
    to_picture = size[0] / width, size[1] / height
    if heat_opacity > 0 and prediction.located:
        picture = _tinted(picture, prediction.heat_map, heat_opacity, to_picture)
    colour = class_colour(prediction.suspect)
    marked = _outlined(picture, prediction.outline, colour, outline_opacity, to_picture)
    return _turned(marked, mri)


def _turned(picture: RGBImage, mri: MRISlice) -> RGBImage:
    return np.ascontiguousarray(upright(picture, mri.turn))


def _tinted(
    picture: RGBImage, heat: HeatMap, opacity: float, to_picture: tuple[float, float]
) -> RGBImage:
    tint = heat_rgba(heat.values, opacity=opacity)
    side = tint.shape[0]
    across, down = to_picture
    crop = heat.crop
    # Pixel centres of the tint to pixel centres of the picture; edges count from 0.
    step_x, step_y = crop.width / side * across, crop.height / side * down
    place = np.array(
        [
            [step_x, 0, crop.left * across + step_x / 2 - 0.5],
            [0, step_y, crop.top * down + step_y / 2 - 0.5],
        ]
    )
    height, width = picture.shape[:2]
    laid = cv2.warpAffine(tint, place, (width, height), flags=cv2.INTER_LINEAR).astype(np.float32)
    share = laid[..., 3:] / 255
    return np.rint(picture * (1 - share) + laid[..., :3] * share).astype(np.uint8)


def _outlined(
    picture: RGBImage,
    outline: tuple[Polygon, ...],
    colour: str,
    opacity: float,
    to_picture: tuple[float, float],
) -> RGBImage:
    if not outline or opacity <= 0:
        return picture
    drawn = picture.copy()
    lines = [
        np.rint((polygon * to_picture - 0.5) * 2**_SHIFT).astype(np.int32) for polygon in outline
    ]
    thick = max(2, max(picture.shape) // 256)
    cv2.polylines(drawn, lines, True, rgb(colour), thick, cv2.LINE_AA, _SHIFT)
    return np.rint(picture * (1.0 - opacity) + drawn * float(opacity)).astype(np.uint8)
