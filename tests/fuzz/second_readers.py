"""What other readers make of a file: float arrays of grey values, as this app has them."""

from __future__ import annotations

import importlib.util
import io
import json
import select
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import imagecodecs
import numpy as np
import pydicom
import tifffile
from PIL import Image, ImageOps

LUMA = (0.299, 0.587, 0.114)
_PATIENCE_S = 20.0


def raster(data: bytes, form: str) -> np.ndarray | None:
    """The picture by Pillow, imagecodecs or tifffile; None for what they are not asked for."""
    if form == "TIFF":
        return _tiff(data)
    if form == "PNG" and data[24] == 16:
        return _grey(imagecodecs.png_decode(data))
    with Image.open(io.BytesIO(data), formats=(form,)) as image:
        if form == "JPEG" or image.mode in ("1", "L", "P", "RGB"):
            upright = ImageOps.exif_transpose(image)
            return np.asarray(upright.convert("RGB"), np.float64) @ LUMA
    return None


def _tiff(data: bytes) -> np.ndarray | None:
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        page = file.pages[0]
        if int(page.photometric) == 3 or page.extrasamples:
            return None
        values = page.asarray(maxworkers=1)
        orientation = page.tags.get(274)
        if int(page.planarconfig) == 2 and values.ndim == 3:
            values = values.transpose(1, 2, 0)
        if int(page.photometric) == 0:
            values = np.invert(values)
        if orientation is not None and orientation.value in range(2, 9):
            values = _upright(values, orientation.value)
        return _grey(values)


def _upright(values: np.ndarray, orientation: int) -> np.ndarray:
    if orientation in (5, 6, 7, 8):
        values = values.swapaxes(0, 1)
    if orientation in (2, 3, 6, 7):
        values = values[:, ::-1]
    return values[::-1] if orientation in (3, 4, 7, 8) else values


def _grey(values: np.ndarray) -> np.ndarray | None:
    if values.ndim == 3 and values.shape[2] == 3:
        return values.astype(np.float64) @ LUMA
    return values.astype(np.float64) if values.ndim == 2 else None


def dicom() -> Callable[[bytes, str], np.ndarray | None]:
    """GDCM's picture of one grey frame after the modality transform, else pydicom's."""
    return _Gdcm() if importlib.util.find_spec("gdcm") else _by_pydicom


class _Gdcm:
    """GDCM in a process that is started again where it has died."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self._process: subprocess.Popen[str] | None = None

    def __call__(self, data: bytes, form: str) -> np.ndarray | None:
        dataset = pydicom.dcmread(io.BytesIO(data), force=True, stop_before_pixels=True)
        if not _plain(dataset):
            return None
        path = Path(self._folder.name) / "mutant.dcm"
        path.write_bytes(data)
        if self._process is None or self._process.poll() is not None:
            self._process = subprocess.Popen(
                [sys.executable, Path(__file__).with_name("gdcm_child.py")],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
            )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(path, file=self._process.stdin, flush=True)
        if not select.select([self._process.stdout], [], [], _PATIENCE_S)[0]:
            self._process.kill()
            return None
        said = json.loads(self._process.stdout.readline() or "{}")
        if "shape" not in said:
            return None
        raw = np.frombuffer(Path(f"{path}.raw").read_bytes(), said["dtype"])
        return _of_modality(raw.reshape(said["shape"]), dataset)


def _plain(dataset: pydicom.Dataset) -> bool:
    """Whether the file has one grey frame, whose values nothing but a slope changes."""
    return (
        dataset.get("PhotometricInterpretation") == "MONOCHROME2"
        and int(dataset.get("NumberOfFrames") or 1) == 1
        and "ModalityLUTSequence" not in dataset
        and "SharedFunctionalGroupsSequence" not in dataset
    )


def _of_modality(values: np.ndarray, dataset: pydicom.Dataset) -> np.ndarray:
    slope, intercept = dataset.get("RescaleSlope"), dataset.get("RescaleIntercept")
    values = values.astype(np.float64)
    return values * float(1 if slope is None else slope) + float(intercept or 0)


def _by_pydicom(data: bytes, form: str) -> np.ndarray | None:
    dataset = pydicom.dcmread(io.BytesIO(data), force=True)
    return _of_modality(dataset.pixel_array, dataset) if _plain(dataset) else None
