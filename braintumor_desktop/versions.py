"""The libraries that make an answer or a window, and which versions of them are here."""

from __future__ import annotations

from functools import cache
from importlib.metadata import PackageNotFoundError, entry_points, version

ANSWERING = ("onnxruntime", "opencv-python-headless", "pydicom", "pillow", "contourpy", "numpy")
"""Those through which a file becomes an answer."""

SHOWN = ("PySide6-Essentials", *ANSWERING)
"""Those that `info` and the crash report name."""

DECODERS = "pylibjpeg.pixel_data_decoders"
"""The entry points by which pydicom finds decoders of compressed pictures, where there are any."""


def version_of(name: str) -> str:
    """The version of an installed library, or words that say that none is known."""
    try:
        return version(name)
    except PackageNotFoundError:
        return "of unknown version"


@cache
def answering_versions() -> dict[str, str]:
    """By name, the versions of `ANSWERING` and of the decoders that pydicom finds."""
    decoders = {entry.dist.name for entry in entry_points(group=DECODERS) if entry.dist}
    return {name: version_of(name) for name in sorted({*ANSWERING, *decoders})}
