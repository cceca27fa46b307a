"""The decoders of compressed frames: what runs in the decoding process.

Native code that others wrote gets bytes from anywhere here, so nothing calls these functions in the
app's own process. Each takes a codestream whose header was checked (`codestream`) and returns its
values as the codestream has them, (rows, columns) or (rows, columns, 3).
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
import types
from contextlib import suppress
from typing import Any

import numpy as np
from numpy.typing import NDArray


def jpeg(codestream: bytes, colour: str) -> NDArray[Any]:
    """Baseline, extended and progressive JPEG of 8 and 12 bits, by libjpeg-turbo (imagecodecs).

    `colour` is "RGB" or "YBR", what three components are; they come out as red, green and blue.
    imagecodecs passes over libjpeg's warnings, as of data that end early, and simplejpeg, which
    reads 8 bits alone, makes errors of them.
    """
    decode = _extension("imagecodecs", "_jpeg8").jpeg8_decode
    if not colour:
        values = np.asarray(decode(codestream))
    else:
        space = {"RGB": "RGB", "YBR": "YCBCR"}[colour]
        values = np.asarray(decode(codestream, colorspace=space, outcolorspace="RGB"))
    if values.dtype == np.uint8:
        importlib.import_module("simplejpeg").decode_jpeg(codestream, "GRAY", strict=True)
    return values


def jpeg_ls(codestream: bytes, colour: str) -> NDArray[Any]:
    """JPEG-LS, by CharLS (imagecodecs)."""
    decoder = _extension("imagecodecs", "_jpegls")
    return _rgb(np.asarray(decoder.jpegls_decode(codestream)), colour)


def jpeg_lossless(codestream: bytes, colour: str) -> NDArray[Any]:
    """Lossless JPEG (process 14), by pydicom-jpeg-decoder.

    A panic of its Rust code is a BaseException, which `decoder_worker` catches. It reads on where
    bytes were lost or put in, and so does libjpeg-turbo, but to other values: where the two
    disagree, neither is the picture.
    """
    decoded = _extension("pydicom_jpeg_decoder", "pydicom_jpeg_decoder").decode_jpeg(codestream)
    count = decoded.height * decoded.width
    samples = 3 if colour else 1
    size = len(decoded.pixel_data) // (count * samples)
    values = np.frombuffer(decoded.pixel_data, f"<u{size}")
    shape = (decoded.height, decoded.width, 3) if colour else (decoded.height, decoded.width)
    values = values.reshape(shape)
    if not colour:
        second = _extension("imagecodecs", "_jpeg8").jpeg8_decode(codestream)
        if not np.array_equal(values, second):
            raise ValueError("two decoders disagree")
    return _rgb(values, colour)


def jpeg_2000(codestream: bytes, colour: str) -> NDArray[Any]:
    """JPEG 2000 and HTJ2K, by OpenJPEG (pylibjpeg-openjpeg), signed as the codestream says."""
    from openjpeg.utils import decode

    return _rgb(np.asarray(decode(codestream, j2k_format=0)), colour)


def load() -> None:
    """Load what this installation has of the decoders, which takes longer than a frame."""
    for package, name in (
        ("imagecodecs", "_jpeg8"),
        ("imagecodecs", "_jpegls"),
        ("pydicom_jpeg_decoder", "pydicom_jpeg_decoder"),
    ):
        with suppress(ImportError):
            _extension(package, name)
    for name in ("openjpeg", "simplejpeg"):
        with suppress(ImportError):
            importlib.import_module(name)


# Red, green and blue of YBR_FULL (PS3.3, C.7.6.3.1.2; ITU-T T.871, 7).
_TO_RGB = np.array([[1, 1, 1], [0, -0.344136286, 1.772], [1.402, -0.714136286, 0]])


def _rgb(values: NDArray[Any], colour: str) -> NDArray[Any]:
    """Red, green and blue of 8-bit YBR_FULL; anything else as it is."""
    if colour != "YBR":
        return values
    if values.dtype != np.uint8:
        raise ValueError("YBR of more than 8 bits")
    shifted = values.astype(np.float64) - (0, 128, 128)
    return np.asarray(np.clip(np.rint(shifted @ _TO_RGB), 0, 255), np.uint8)


def _extension(package: str, name: str) -> Any:
    """A package's native module without the package's own start.

    That of imagecodecs lists all that it has, that of pydicom-jpeg-decoder loads pydicom.
    """
    if package not in sys.modules:
        spec = importlib.util.find_spec(package)
        if spec is None or spec.submodule_search_locations is None:
            raise ModuleNotFoundError(package)
        bare = types.ModuleType(package)
        bare.__path__ = list(spec.submodule_search_locations)
        sys.modules[package] = bare
    return importlib.import_module(f"{package}.{name}")
