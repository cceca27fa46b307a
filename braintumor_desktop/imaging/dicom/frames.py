"""DICOM: the slices of a file, each with its place, its display window and its cautions."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numpy.typing import NDArray
from pydicom.dataset import FileDataset

from braintumor_desktop.domain.geometry import SliceGeometry
from braintumor_desktop.domain.image import (
    DicomIdentifiers,
    DisplayWindow,
    FloatImage,
    MRISlice,
    ReadWarning,
    SliceSource,
)
from braintumor_desktop.errors import NoPixelDataError, TruncatedFileError, UnsupportedImageError
from braintumor_desktop.imaging.dicom import cautions
from braintumor_desktop.imaging.dicom.acquisition import SequenceFamily, acquisition_of
from braintumor_desktop.imaging.dicom.attributes import attribute, number, numbers, text
from braintumor_desktop.imaging.dicom.file import DicomFile, read_file, refuse_twice
from braintumor_desktop.imaging.dicom.identifiers import identifiers_of
from braintumor_desktop.imaging.dicom.layout import MONOCHROME, read_layout
from braintumor_desktop.imaging.dicom.mosaic import Grid, grid_of
from braintumor_desktop.imaging.dicom.multiframe import (
    FrameAttributes,
    frame_attributes,
    frame_count,
)
from braintumor_desktop.imaging.dicom.object_kinds import no_picture, object_name
from braintumor_desktop.imaging.dicom.pixels import modality_values, read_brightness
from braintumor_desktop.imaging.dicom.plane import geometry_of, spacing_of, turn_of
from braintumor_desktop.imaging.dicom.stored import StoredFrames
from braintumor_desktop.imaging.slices_of_file import SlicesOfFile

_BLOCK = 512
"""Bytes from which on what fills a file up behind its pixels is nothing that was moved there."""


@dataclass(frozen=True, eq=False)
class SliceHeader:
    """What a file says of one of its slices, its pixels aside.

    `index` counts the slices of the file from 0, `frame` those of its pixel data; a mosaic has one
    frame, and `tile` counts the slices on it. `attributes` answers `get(keyword)` for the frame.
    """

    index: int
    frame: int
    tile: int | None
    attributes: FrameAttributes
    geometry: SliceGeometry | None
    spacing_mm: tuple[float, float] | None
    rows: int
    columns: int


def slice_headers(dataset: FileDataset) -> tuple[SliceHeader, ...]:
    """The slices of a file, from its header alone (`file.read_file` with `header_only`).

    Raises UnsupportedImageError where it is undecided how many they are, or which attributes are
    whose.
    """
    return _headers(dataset)[0]


class DicomFrames(SlicesOfFile):
    """The slices of a DICOM file: frames, or the tiles of a mosaic. Each is decoded when asked for.

    Pixels are as `pixels.read_brightness` says: after the modality transform, bright-is-high.
    `spacing_mm` is PixelSpacing (0028,0030) only: ImagerPixelSpacing is measured at a detector.
    The window is the first of WindowCenter and WindowWidth as written, whatever VOILUTFunction
    says; a VOI LUT alone gives none. Not for several threads at once.
    """

    def __init__(self, data: bytes, path: Path) -> None:
        """Read all but the pixels of `data`; `path` is only recorded. Raises SliceReadError."""
        file = read_file(data)
        dataset = self._dataset = file.dataset
        _require_pixels(file)
        refuse_twice(file)
        self._layout = read_layout(dataset, file.syntax)
        self.headers, self._grid = _headers(dataset)
        self._stored = StoredFrames(file, self._layout, self.headers[-1].frame + 1)
        self._path = path
        self._rescaled = any(_is_rescaled(header.attributes) for header in self.headers)
        self._mosaic: tuple[NDArray[Any], bool] | None = None
        self.identifiers: DicomIdentifiers = identifiers_of(dataset)
        self.transfer_syntax = str(file.syntax)
        self._about_file = [*_of_ending(file), *cautions.of_file(file)]

    def __len__(self) -> int:
        return len(self.headers)

    def decode(self, index: int) -> MRISlice:
        """The slice at `index`; raises SliceReadError where its pixels cannot be read."""
        header = self.headers[index]
        warnings = list(self._about_file)
        raw, lossy = self._raw(header)
        found = read_brightness(self._dataset, header.attributes, self._layout, raw)
        warnings += found.warnings
        grey = self._layout.photometric in MONOCHROME  # a window is in the units of these alone
        window = _window(header.attributes, found.mirror, warnings) if grey else None
        spacing_of(header.attributes, warnings)  # for what it says of it
        turn, turned = turn_of(header.attributes)
        acquisition = acquisition_of(header.attributes)
        family = acquisition.family
        return MRISlice(
            pixels=found.pixels,
            source=SliceSource(self._path, "DICOM", header.index, self.identifiers),
            spacing_mm=header.spacing_mm,
            window=window,
            warnings=(
                *warnings,
                *turned,
                *cautions.of_frame(
                    header.attributes, self.identifiers.modality, acquisition, lossy
                ),
            ),
            geometry=header.geometry,
            sequence="" if family == SequenceFamily.UNKNOWN else family.value,
            turn=turn,
        )

    def modality_values(self, index: int) -> FloatImage:
        """The values of a slice after the modality transform: not turned, padding as stored."""
        header = self.headers[index]
        raw, _ = self._raw(header)
        return modality_values(self._dataset, header.attributes, self._layout, raw)

    def _raw(self, header: SliceHeader) -> tuple[NDArray[Any], bool]:
        """The stored values of a slice, and whether they are lossy; a mosaic is decoded once."""
        if self._rescaled and not _is_rescaled(header.attributes):
            raise UnsupportedImageError(
                "The frame lacks the rescale (RescaleSlope (0028,1053)) that other frames of its "
                "DICOM file have: its values would be in other units."
            )
        if self._grid is None or header.tile is None:
            return self._stored.read(header.frame)
        if self._mosaic is None:
            raw, lossy = self._stored.read(header.frame)
            # Where slices are said to be no more, there is nothing, unless the number is wrong.
            if not lossy and any(raw[place].any() for place in self._grid.unused):
                raise UnsupportedImageError(
                    "The DICOM file says that it is a mosaic of {count} slices, but has more.",
                    count=self._grid.count,
                )
            self._mosaic = raw, lossy
        raw, lossy = self._mosaic
        return raw[self._grid.place(header.tile)], lossy


def decode(data: bytes, path: Path) -> MRISlice:
    """The slice of a file that has one; raises UnsupportedImageError for one of several."""
    frames = DicomFrames(data, path)
    if len(frames) > 1 and frames.headers[0].tile is not None:
        raise UnsupportedImageError(
            "The DICOM file is a mosaic of {count} slices, each of which is a picture of its own.",
            count=len(frames),
        )
    if len(frames) > 1:
        raise UnsupportedImageError(
            "The DICOM file has {frames} frames (NumberOfFrames (0028,0008)), each of which is a "
            "picture of its own.",
            frames=len(frames),
        )
    return frames[0]


def _headers(dataset: FileDataset) -> tuple[tuple[SliceHeader, ...], Grid | None]:
    count = frame_count(dataset)
    frames = frame_attributes(dataset, count)
    grid = grid_of(dataset) if count == 1 else None
    if grid is not None:
        spacing = spacing_of(frames[0], [])
        return tuple(
            SliceHeader(tile, 0, tile, frames[0], place, spacing, grid.rows, grid.columns)
            for tile, place in enumerate(grid.geometries)
        ), grid
    rows, columns = (int(number(dataset, keyword) or 0) for keyword in ("Rows", "Columns"))
    return tuple(
        SliceHeader(
            index,
            index,
            None,
            attributes,
            # A position of the whole file is that of its first frame at most.
            geometry_of(attributes)
            if count == 1 or attributes.has_own("ImagePositionPatient")
            else None,
            spacing_of(attributes, []),
            rows,
            columns,
        )
        for index, attributes in enumerate(frames)
    ), None


def _is_rescaled(attributes: FrameAttributes) -> bool:
    return any(numbers(attributes, "Rescale" + part) for part in ("Slope", "Intercept"))


def _require_pixels(file: DicomFile) -> None:
    """Raise where there is no whole picture in the file.

    A segmentation has pixels, too, but none of a patient.
    """
    name = object_name(text(file.dataset, "SOPClassUID"))
    if "FloatPixelData" in file.dataset or "DoubleFloatPixelData" in file.dataset:
        raise UnsupportedImageError(
            "The DICOM file has pixels of floating point (FloatPixelData (7FE0,0008)), which is "
            "not read."
        )
    if not attribute(file.dataset, "PixelData"):
        if file.cut or any(file.body[file.end :]):
            raise TruncatedFileError("The DICOM file ends before its pixels.")
        if not name:
            raise NoPixelDataError("The DICOM file has no picture (PixelData (7FE0,0010)).")
    if name:
        raise no_picture(name)
    if file.cut:
        raise TruncatedFileError(
            "The DICOM file ends inside its pixels (PixelData (7FE0,0010)) or behind them."
        )


def _of_ending(file: DicomFile) -> list[ReadWarning]:
    """What is said of bytes behind the last element; raises where they may be the picture's.

    Zeros, or any other byte over and over, fill files up. But where bytes were put into
    uncompressed pixels, what stands behind them is their own end, which is mostly dark.
    """
    tail = bytes(file.body[file.end :])
    if not tail:
        return []
    fill = tail[0]
    if tail.count(fill) != len(tail):
        raise TruncatedFileError("Behind the pixels of the DICOM file stands what is no element.")
    last = file.dataset.PixelData[-2:]
    if file.dataset["PixelData"].is_undefined_length or last.count(fill) < len(last):
        return []
    if len(tail) == 1 and len(file.dataset.PixelData) % 2:  # makes the length even
        return []
    if len(tail) < _BLOCK:
        raise UnsupportedImageError(
            "{count} bytes stand behind the pixels of the DICOM file: it is undecided whether they "
            "are the pixels' own end, moved by bytes that were put in.",
            count=len(tail),
        )
    return [
        ReadWarning(
            "ending",
            "{count} bytes stand behind the pixels of the DICOM file: where bytes were put in, the "
            "picture is shifted.",
            (("count", len(tail)),),
        )
    ]


def _window(
    attributes: Any, mirror: float | None, warnings: list[ReadWarning]
) -> DisplayWindow | None:
    """The first window (PS3.3, C.11.2.1.2), turned with the pixels where those were turned."""
    centers, widths = (numbers(attributes, "Window" + part) for part in ("Center", "Width"))
    if not centers and not widths:
        return None
    if centers and widths and math.isfinite(centers[0]) and 0 < widths[0] < math.inf:
        center = centers[0] if mirror is None else mirror - centers[0]
        return DisplayWindow(center, widths[0])
    warnings.append(
        ReadWarning("window", "The display window in the file has no range; it is not used.")
    )
    return None
