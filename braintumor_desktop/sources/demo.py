"""A real slice that is on every machine with this app: the MR sample that matplotlib ships."""

from __future__ import annotations

import gzip
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np

from braintumor_desktop.errors import FileMissingError

SAMPLE = "s1045.ima.gz"
SIZE = 256


def write_demo_slice(folder: Path) -> Path:
    """Write the sample, a sagittal T1 head of 256x256 pixels, as a 16-bit PNG into `folder`.

    Returns the PNG's path. Raises `FileMissingError` where matplotlib came without its samples,
    and `OSError` where `folder` cannot be written.
    """
    packed = _sample()
    pixels = np.frombuffer(gzip.decompress(packed.read_bytes()), "<u2").reshape(SIZE, SIZE)
    encoded = cv2.imencode(".png", pixels)[1]
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "demo-slice.png"
    encoded.tofile(path)  # not cv2.imwrite: it fails on accents in Windows paths
    return path


def _sample() -> Path:
    spec = find_spec("matplotlib")  # finds the package without the second that importing it takes
    for package in (spec and spec.submodule_search_locations) or ():
        path = Path(package, "mpl-data", "sample_data", SAMPLE)
        if path.is_file():
            return path
    raise FileMissingError("matplotlib's sample slice {file} is not installed.", file=SAMPLE)
