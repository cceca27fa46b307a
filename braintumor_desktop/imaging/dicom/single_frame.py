"""DICOM: one frame with its spacing, its display window and its identifiers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset, FileDataset
from pydicom.multival import MultiValue

from braintumor_desktop.domain.image import (
    DicomIdentifiers,
    DisplayWindow,
    MRISlice,
    ReadWarning,
    SliceSource,
)
from braintumor_desktop.errors import NoPixelDataError, TruncatedFileError, UnsupportedImageError
from braintumor_desktop.imaging.dicom.cautions import about
from braintumor_desktop.imaging.dicom.file import (
    attribute,
    ends_early,
    has_prefix,
    may_lack_prefix,
    numbers,
    parse,
    tag,
    without_cut,
)
from braintumor_desktop.imaging.dicom.layout import MONOCHROME, contradiction, read_layout
from braintumor_desktop.imaging.dicom.pixels import read_brightness

# Enhanced objects keep in functional groups what others have at the top (PS3.3, C.7.6.16).
_FUNCTIONAL_GROUPS = ("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence")
_WANTED_GROUPS = (
    "PixelMeasuresSequence",
    "FrameVOILUTSequence",
    "PixelValueTransformationSequence",
    "PlaneOrientationSequence",
)
_X, _Z = 0, 2
_DIRECTIONS: dict[str, tuple[float, ...]] = {
    "L": (1, 0, 0),
    "R": (-1, 0, 0),
    "P": (0, 1, 0),
    "A": (0, -1, 0),
    "H": (0, 0, 1),
    "F": (0, 0, -1),
}
_ASPECTS = ("PixelAspectRatio", "ImagerPixelSpacing", "NominalScannedPixelSpacing")
_SQUARE = 0.01  # sides that differ by less are rounded ones
_LEAST_MM, _MOST_MM = 0.01, 100.0  # no scanner's pixels are smaller or larger


def decode(data: bytes, path: Path) -> MRISlice:
    """The slice of a single-frame DICOM file.

    Pixels are as `dicom_pixels.read_brightness` says: after the modality transform, bright-is-high.
    `spacing_mm` is PixelSpacing (0028,0030) only: ImagerPixelSpacing is measured at a detector.
    The window is the first of WindowCenter and WindowWidth as written, whatever VOILUTFunction
    says; a VOI LUT alone gives none. Raises SliceReadError's kinds.
    """
    dataset = parse(data)
    truncated = ends_early(dataset, data)
    if "FloatPixelData" in dataset or "DoubleFloatPixelData" in dataset:
        raise UnsupportedImageError(
            "The DICOM file has pixels of floating point (FloatPixelData (7FE0,0008)), which is "
            "not read."
        )
    if not attribute(dataset, "PixelData"):
        if truncated:
            raise TruncatedFileError("The DICOM file ends before its pixels.")
        raise NoPixelDataError("The DICOM file has no picture (PixelData (7FE0,0010)).")
    if truncated:
        raise TruncatedFileError(
            "The DICOM file ends inside its pixels (PixelData (7FE0,0010)) or behind them."
        )
    layout = read_layout(dataset)
    _lift_functional_groups(dataset)
    brightness = read_brightness(dataset, layout)
    grey = layout.photometric in MONOCHROME  # a window is in the units of these alone
    warnings = list(brightness.warnings)
    identifiers = _identifiers(dataset)
    return MRISlice(
        pixels=brightness.pixels,
        source=SliceSource(path=path, format="DICOM", identifiers=identifiers),
        spacing_mm=_spacing(dataset, warnings),
        window=_window(dataset, brightness.mirror, warnings) if grey else None,
        warnings=(*warnings, *_orientation(dataset), *about(dataset, identifiers.modality)),
    )


def read_identifiers(data: bytes) -> DicomIdentifiers | None:
    """Those of a file that is refused as a slice, None where it has no DICOM header to be read.

    An identifier at which the file is cut off is left empty: a part of it is another patient's.
    """
    if not (has_prefix(data) or may_lack_prefix(data)):
        return None
    try:
        return _identifiers(without_cut(parse(data, header_only=True)))
    except Exception:  # whatever it is, the file has its reason already
        return None


def _lift_functional_groups(dataset: FileDataset) -> None:
    """Put the one frame's measures, window and rescale where single-frame objects have them."""
    for keyword in _FUNCTIONAL_GROUPS:
        groups = attribute(dataset, keyword)
        if groups and len(groups) > 1:  # which of them are this frame's is not said
            raise contradiction(keyword, f"{len(groups)} items")
        for name in _WANTED_GROUPS if groups else ():
            items = attribute(groups[0], name)
            if items:
                dataset.update(Dataset(items[0]))


def _spacing(dataset: FileDataset, warnings: list[ReadWarning]) -> tuple[float, float] | None:
    """(between rows, between columns) in mm (PS3.3, 10.7.1.1)."""
    values = numbers(dataset, "PixelSpacing")
    if not values:
        _warn_of_aspect(dataset, warnings)
        return None
    if len(values) == 2 and all(_LEAST_MM <= value <= _MOST_MM for value in values):
        return values[0], values[1]
    warnings.append(
        ReadWarning("spacing", "The pixel spacing in the file is no distance; it is not used.")
    )
    return None


def _warn_of_aspect(dataset: FileDataset, warnings: list[ReadWarning]) -> None:
    ratios = (numbers(dataset, keyword) for keyword in _ASPECTS)
    if any(r and (len(r) != 2 or not math.isclose(*r, rel_tol=_SQUARE)) for r in ratios):
        warnings.append(
            ReadWarning(
                "spacing",
                "The file says that its pixels are not square, but not how large they are; they "
                "are taken for square.",
            )
        )


def _window(
    dataset: FileDataset, mirror: float | None, warnings: list[ReadWarning]
) -> DisplayWindow | None:
    """The first window (PS3.3, C.11.2.1.2), turned with the pixels where those were turned."""
    centers, widths = (numbers(dataset, "Window" + part) for part in ("Center", "Width"))
    if not centers and not widths:
        return None
    if centers and widths and math.isfinite(centers[0]) and 0 < widths[0] < math.inf:
        center = centers[0] if mirror is None else mirror - centers[0]
        return DisplayWindow(center, widths[0])
    warnings.append(
        ReadWarning("window", "The display window in the file has no range; it is not used.")
    )
    return None


def _orientation(dataset: FileDataset) -> list[ReadWarning]:
    """What the file says of how the slice lies, where that is not how slices are looked at.

    Radiologists look at axial slices with the front of the head above, at the others with its top
    above, and at all but sagittal ones with the patient's left on the right. The directions of
    rows and of columns have x to the left, y to the back and z to the top (PS3.3, C.7.6.2.1.1).
    Where a file lacks them, it may have the letters of PatientOrientation (C.7.6.1.1.1). Pixels
    stay as they are.
    """
    keyword = "ImageOrientationPatient"
    found = _two_directions(numbers(dataset, keyword))
    if found is None:
        keyword = "PatientOrientation"
        found = _two_directions(_by_letters(dataset, keyword))
    if found is None:
        return []
    by = (("attribute", f"{keyword} {tag(keyword)}"),)
    rows, columns, normal = found
    across = int(normal.argmax())
    down = columns[1] if across == _Z else -columns[2]
    if down <= max(np.abs(columns)) / 2:
        return [
            ReadWarning(
                "orientation",
                "The slice does not stand upright, by the file's {attribute}.",
                by,
            )
        ]
    if across != _X and rows[_X] < 0:
        return [
            ReadWarning(
                "orientation",
                "The slice is mirrored, by the file's {attribute}: the patient's left is on the "
                "left.",
                by,
            )
        ]
    return []


def _two_directions(values: Sequence[float]) -> tuple[NDArray[np.float64], ...] | None:
    """Those of rows and of columns, and how far the slice's normal lies along each axis."""
    if len(values) != 6 or not np.isfinite(values).all():
        return None
    rows, columns = np.array(values[:3]), np.array(values[3:])
    normal = np.abs(np.cross(rows, columns))
    return (rows, columns, normal) if normal.max() >= 0.5 else None


def _by_letters(dataset: FileDataset, keyword: str) -> tuple[float, ...]:
    """Rows' and columns' direction by the first, strongest letter of each; () where not said."""
    try:
        letters = attribute(dataset, keyword)
    except TruncatedFileError:  # damaged, and nothing that the pixels need
        return ()
    if not isinstance(letters, (MultiValue, list)) or len(letters) != 2:
        return ()
    rows, columns = (_DIRECTIONS.get(str(item)[:1], ()) for item in letters)
    return rows + columns


def _identifiers(dataset: FileDataset) -> DicomIdentifiers:
    def text(keyword: str) -> str:
        raw = dataset.get_item(keyword)
        value = attribute(dataset, keyword)
        if isinstance(value, MultiValue):
            value = "\\".join(map(str, value))
        said = "" if value is None else str(value).strip()
        if "\ufffd" in said and isinstance(raw, RawDataElement):
            # Not of the character set that the file names: two patients' would be the same.
            return (raw.value or b"").decode("ascii", "backslashreplace").strip("\0 ")
        return said

    return DicomIdentifiers(
        patient_id=text("PatientID"),
        patient_name=text("PatientName"),
        study_instance_uid=text("StudyInstanceUID"),
        series_instance_uid=text("SeriesInstanceUID"),
        sop_instance_uid=text("SOPInstanceUID"),
        modality=text("Modality"),
        issuer_of_patient_id=text("IssuerOfPatientID"),
    )
