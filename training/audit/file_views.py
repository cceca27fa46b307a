"""Every slice of a folder of class folders, read once: facts about the file, and two small views.

The views are what copies are found by: `coarse` is compared with every other slice, `fine` only
where `coarse` is alike.
"""

from __future__ import annotations

import hashlib
import multiprocessing
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from braintumor_desktop.domain.image import FloatImage, MRISlice
from braintumor_desktop.errors import BraintumorError
from braintumor_desktop.imaging.raster.jpeg_segments import walk
from braintumor_desktop.imaging.read import decode_slice

COARSE = 32
FINE = 128
LOCAL_SIGMA = 3.0
"""Pixels of the fine view: how far its local mean and contrast reach. Half the width of a fold of
the cortex there: brightness, contrast, sharpening and blur change little that is left, while the
next slice of the same head has other folds."""

POOL_FROM = 200
"""Files from which starting processes pays."""

_PNG_COLOUR_TYPE = 25  # PNG, 11.2.1: the byte of IHDR with 2, 3 or 6 for colour


@dataclass(frozen=True)
class Found:
    """A file: `name` is its POSIX path below the data, `split` empty without split folders."""

    path: Path
    name: str
    split: str
    label: str


@dataclass(frozen=True, eq=False)
class ReadFile:
    """A file that was read.

    `sha256` over its bytes; `format` as `imaging.read` names it; `mode` is "grey", "grey stored as
    colour" (told for JPEG and PNG) or "colour". `coarse` float32 (32, 32) and `fine` float16
    (128, 128) have mean 0 and length 1, or are 0 everywhere for a blank slice. Both squeeze the
    slice into a square, so that the 8 rotations and mirrorings map onto each other whatever its
    shape.
    """

    file: Found
    sha256: str
    size_bytes: int
    format: str
    mode: str
    height: int
    width: int
    coarse: NDArray[np.float32]
    fine: NDArray[np.float16]


@dataclass(frozen=True)
class RefusedFile:
    """A file that was not read, and the sentence that says why."""

    file: Found
    reason: str


def find_files(data: Path) -> list[Found]:
    """The files of `data`/CLASS or `data`/SPLIT/CLASS, in the order of their names.

    Files directly in `data` and hidden ones are left out. Raises `FileNotFoundError` where there
    are none, `ValueError` where the two layouts are mixed or folders lie deeper.
    """
    if not data.is_dir():
        raise FileNotFoundError(f"There is no folder {data}.")
    names = [p.relative_to(data) for p in sorted(data.rglob("*")) if p.is_file()]
    names = [n for n in names if len(n.parts) > 1 and not any(p.startswith(".") for p in n.parts)]
    depths = {len(name.parts) for name in names}
    if not names:
        raise FileNotFoundError(f"{data} has no class folders with files.")
    if depths not in ({2}, {3}):
        raise ValueError(f"{data} holds neither CLASS/FILE alone nor SPLIT/CLASS/FILE alone.")
    return [
        Found(data / n, n.as_posix(), n.parts[0] if len(n.parts) == 3 else "", n.parts[-2])
        for n in names
    ]


def read_files(found: Sequence[Found]) -> tuple[list[ReadFile], list[RefusedFile]]:
    """All files that can be read, and those that cannot, each in the order of `found`."""
    show = partial(tqdm, total=len(found), desc="Reading", unit="file")
    if len(found) < POOL_FROM:
        results = list(show(map(_read, found)))
    else:
        # Spawned, not forked: a fork in a process with threads (OpenCV, TensorFlow) may hang.
        with ProcessPoolExecutor(mp_context=multiprocessing.get_context("spawn")) as pool:
            results = list(show(pool.map(_read, found, chunksize=64)))
    return (
        [result for result in results if isinstance(result, ReadFile)],
        [result for result in results if isinstance(result, RefusedFile)],
    )


def unit(pixels: FloatImage) -> FloatImage:
    """Float32 of the same shape with mean 0 and length 1; 0 everywhere where `pixels` is flat."""
    centred = pixels - pixels.mean()
    length = float(np.linalg.norm(centred))
    scaled = centred / length if length > 1e-4 else np.zeros_like(centred)
    return np.asarray(scaled, np.float32)


def shrink(pixels: FloatImage, size: int) -> FloatImage:
    """Float32 (size, size), each pixel the mean of what it covers."""
    return np.asarray(cv2.resize(pixels, (size, size), interpolation=cv2.INTER_AREA), np.float32)


def fine_view(pixels: FloatImage) -> FloatImage:
    """Local structure, float32 (128, 128), mean 0, length 1: less local mean, over local contrast.

    Contrast below 2 % of the slice's own is taken as 2 %, so that noise in the air stays small.
    """
    small = shrink(pixels, FINE)
    small = small / max(float(small.std()), 1e-6)
    detail = small - cv2.GaussianBlur(small, (0, 0), LOCAL_SIGMA)
    contrast = cv2.GaussianBlur(detail * detail, (0, 0), LOCAL_SIGMA)
    return unit(np.asarray(detail / np.sqrt(contrast + 0.02**2), np.float32))


def _read(file: Found) -> ReadFile | RefusedFile:
    cv2.setNumThreads(1)
    try:
        data = file.path.read_bytes()
        mri = decode_slice(data, file.path)
    except (BraintumorError, OSError) as error:
        return RefusedFile(file, str(error))
    height, width = mri.pixels.shape
    return ReadFile(
        file=file,
        sha256=hashlib.sha256(data).hexdigest(),
        size_bytes=len(data),
        format=mri.source.format,
        mode=_mode(data, mri),
        height=height,
        width=width,
        coarse=unit(shrink(mri.pixels, COARSE)),
        fine=fine_view(mri.pixels).astype(np.float16),
    )


def _mode(data: bytes, mri: MRISlice) -> str:
    if any(warning.kind == "colour" for warning in mri.warnings):
        return "colour"
    stored = (mri.source.format == "JPEG" and walk(data).components > 1) or (
        mri.source.format == "PNG" and data[_PNG_COLOUR_TYPE] in (2, 3, 6)
    )
    return "grey stored as colour" if stored else "grey"
