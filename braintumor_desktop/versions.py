"""When stored answers still hold, and which versions of the libraries are here."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

READER = 9
"""Changes with every change of what a file is read as: its pixels, its refusal, its warnings."""

PREPARE = 2
"""Changes with every change of what the network sees of a slice."""

PREPROCESSING = "1"
"""What a network was trained on: a bundle names it, and answers for no other.

Changes with `PREPARE` where networks trained before would see what they have not learned from; not
where a file of another kind is prepared that they were never shown.
"""

CLASSIFIER = 2
"""Changes with every change of what is said of the network's outputs."""


def answering_key(bundle: str) -> str:
    """What an answer depends on besides the file.

    `bundle` is the fingerprint of the model bundle, a SHA-256 in hex. The tests hold golden arrays
    and answers against the three numbers, so that a change of either forces a new one.
    """
    return f"{READER}.{PREPARE}.{CLASSIFIER}-{bundle}"


ANSWERING = (
    "onnxruntime",
    "opencv-python-headless",
    "pydicom",
    "pillow",
    "simplejpeg",
    "imagecodecs",
    "pydicom-jpeg-decoder",
    "pylibjpeg-openjpeg",
    "contourpy",
    "numpy",
)
"""Those through which a file becomes an answer."""

SHOWN = ("PySide6-Essentials", *ANSWERING)
"""Those that `info` and the crash report name."""


def version_of(name: str) -> str:
    """The version of an installed library, or words that say that none is known."""
    try:
        return version(name)
    except PackageNotFoundError:
        return "of unknown version"
