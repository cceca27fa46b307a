"""Slices that are on every machine with this app: a healthy head, and a lesion painted into it.

The head is the MR sample that matplotlib ships. The lesion is painted by `painted`, and nobody's.
"""

from __future__ import annotations

import gzip
import random
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from braintumor_desktop.errors import FileMissingError, gettext_noop

SAMPLE = "s1045.ima.gz"
SIZE = 256
HEALTHY = gettext_noop("Healthy head, T1")
PAINTED = gettext_noop("Lesion painted in")

_Pixels = NDArray[np.uint16]


def write_demo_slice(folder: Path) -> Path:
    """Write the sample, a sagittal T1 head of 256x256 pixels, as a 16-bit PNG into `folder`.

    Returns the PNG's path. Raises `FileMissingError` where matplotlib came without its samples,
    and `OSError` where `folder` cannot be written.
    """
    encoded = cv2.imencode(".png", _head())[1]
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "demo-slice.png"
    encoded.tofile(path)  # not cv2.imwrite: it fails on accents in Windows paths
    return path


def write_demo(folder: Path, translated: Callable[[str], str] = str) -> tuple[Path, Path]:
    """Write the head and the same head with a lesion painted in as DICOM into `folder`.

    The healthy head names its sequence, T1, on which the network abstains by name. The painted one
    names none, so that it is answered, and says in its file's name and in its series' that it is
    painted. Neither has spacing, position or orientation, for the sample has none.

    Parameters
    ----------
    folder
        Is made where it is missing.
    translated
        Gives the series' descriptions in the language that is spoken.

    Returns
    -------
    tuple of Path
        The painted one, then the healthy one.

    Raises
    ------
    FileMissingError
        Where matplotlib came without its samples.
    OSError
        Where `folder` cannot be written.

    """
    head = _head()
    folder.mkdir(parents=True, exist_ok=True)
    healthy, lesion = folder / "demo-healthy-head.dcm", folder / "demo-lesion-painted-in.dcm"
    _write_dicom(healthy, head, 1, translated(HEALTHY))
    _write_dicom(lesion, painted(head), 2, translated(PAINTED))
    return lesion, healthy


def painted(head: _Pixels) -> _Pixels:
    """Paint a bright lesion with a dark surrounding into the sample, uint16 (256, 256).

    Bright, even and sharp, as a meningioma with contrast is; the brain around it is darkened, as by
    oedema. Where and how large it is was tried out until the bundled network called it a tumour: it
    overlooks many that are painted otherwise. The same pixels every time.
    """
    chance = random.Random(1)  # the installed app has no numpy.random
    y, x = np.mgrid[:SIZE, :SIZE].astype(np.float32)
    turn, (across, down) = 0.8, (x - 100, y - 80)
    along = across * np.cos(turn) + down * np.sin(turn)
    beside = down * np.cos(turn) - across * np.sin(turn)
    distance = np.hypot(along / 1.18, beside)
    angle = np.arctan2(beside, along)
    lobes = sum(
        chance.uniform(-0.06, 0.06) * np.cos(k * angle + chance.uniform(0, 2 * np.pi))
        for k in range(2, 6)
    )
    radius = 23 * (1 + lobes)
    noise = [chance.gauss(0, 1) for _ in range(SIZE * SIZE)]
    grain = cv2.GaussianBlur(np.array(noise, np.float32).reshape(SIZE, SIZE), (0, 0), 1.5)
    around = head * (1 - 0.45 * _inside(distance, 2.1 * radius, 5))
    share = _inside(distance, radius, 1.5)
    lesion = 56_000 * (1 + 0.05 * grain / grain.std())
    mixed = around * (1 - share) + lesion * share
    return np.asarray(np.clip(mixed, 0, 65_535), np.uint16)


def _inside(distance: NDArray[Any], radius: NDArray[Any], edge: float) -> NDArray[Any]:
    """From 1 inside the radius to 0 outside, over a soft edge of so many pixels."""
    return np.asarray(1 / (1 + np.exp(np.clip((distance - radius) / edge, -50, 50))))


def _write_dicom(path: Path, pixels: _Pixels, number: int, description: str) -> None:
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.uid import ExplicitVRLittleEndian, MRImageStorage, generate_uid

    def uid(what: str) -> str:
        return generate_uid(entropy_srcs=["braintumor-desktop demo", what])

    one = Dataset()
    one.SpecificCharacterSet = "ISO_IR 192"
    one.SOPClassUID, one.SOPInstanceUID = MRImageStorage, uid(path.name)
    one.StudyInstanceUID, one.SeriesInstanceUID = uid("study"), uid(f"series {number}")
    one.PatientName, one.PatientID = "DEMO", ""
    one.Modality, one.SeriesNumber, one.InstanceNumber = "MR", number, 1
    one.SeriesDescription = description
    one.Rows, one.Columns = pixels.shape
    one.SamplesPerPixel, one.PhotometricInterpretation = 1, "MONOCHROME2"
    one.BitsAllocated = one.BitsStored = 16
    one.HighBit, one.PixelRepresentation = 15, 0
    one.PixelData = pixels.astype("<u2").tobytes()
    one.file_meta = FileMetaDataset()
    one.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    one.save_as(path, enforce_file_format=True)


def _head() -> _Pixels:
    packed = _sample()
    return np.frombuffer(gzip.decompress(packed.read_bytes()), "<u2").reshape(SIZE, SIZE)


def _sample() -> Path:
    spec = find_spec("matplotlib")  # finds the package without the second that importing it takes
    for package in (spec and spec.submodule_search_locations) or ():
        path = Path(package, "mpl-data", "sample_data", SAMPLE)
        if path.is_file():
            return path
    raise FileMissingError("matplotlib's sample slice {file} is not installed.", file=SAMPLE)
