"""What other readers make of a file: float arrays of grey values, as this app has them."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable

import imagecodecs
import numpy as np
import pydicom
import tifffile
from PIL import Image, ImageOps

LUMA = (0.299, 0.587, 0.114)


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
    try:
        import gdcm
    except ImportError:
        return _by_pydicom

    def by_gdcm(data: bytes, form: str) -> np.ndarray | None:
        dataset = pydicom.dcmread(io.BytesIO(data), force=True, stop_before_pixels=True)
        if not _plain(dataset):
            return None
        reader = gdcm.ImageReader()
        with tempfile.NamedTemporaryFile() as file:
            file.write(data)
            file.flush()
            reader.SetFileName(file.name)
            if not reader.Read():
                return None
            image = reader.GetImage()
            if image.GetNumberOfDimensions() != 2:
                return None
            kind = image.GetPixelFormat()
            bits, signed = kind.GetBitsAllocated(), kind.GetPixelRepresentation()
            dtype = np.dtype(f"{'i' if signed else 'u'}{bits // 8}")
            raw = image.GetBuffer().encode("utf-8", "surrogateescape")
        values = np.frombuffer(raw, dtype).reshape(image.GetDimension(1), image.GetDimension(0))
        return _of_modality(values, dataset)

    return by_gdcm


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
