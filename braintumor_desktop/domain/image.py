"""What travels through the app: a slice as read, and the same slice as the network sees it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from braintumor_desktop.domain.geometry import SliceGeometry

FloatImage = NDArray[np.float32]


@dataclass(frozen=True)
class DisplayWindow:
    """A display range in the pixels' own units: `center` ± `width` / 2. `width` is above 0."""

    center: float
    width: float


@dataclass(frozen=True)
class DicomIdentifiers:
    """The attributes by which a DICOM slice is told from others; empty where the file has none."""

    patient_id: str = ""
    patient_name: str = ""
    study_instance_uid: str = ""
    series_instance_uid: str = ""
    sop_instance_uid: str = ""
    modality: str = ""
    issuer_of_patient_id: str = ""
    study_date: str = ""
    series_description: str = ""

    @property
    def patient(self) -> str:
        """The patient's identifier, with who gave it where the file says: two may give the same."""
        if self.patient_id and self.issuer_of_patient_id:
            return f"{self.patient_id} ({self.issuer_of_patient_id})"
        return self.patient_id


@dataclass(frozen=True)
class SliceSource:
    """Where a slice came from.

    `format` is the short name of the file format ("PNG", "JPEG", "DICOM" …), `frame` counts from
    0, `identifiers` is None where the format has no such thing. `sha256`, in hex, is of the file's
    bytes.
    """

    path: Path
    format: str
    frame: int = 0
    identifiers: DicomIdentifiers | None = None
    sha256: str = ""


@dataclass(frozen=True)
class ReadWarning:
    """Something a person should know about how a file was read.

    `kind` is a stable word; `template` with `fields` makes the English sentence, as in
    `errors.BraintumorError`.
    """

    kind: str
    template: str
    fields: tuple[tuple[str, object], ...] = ()

    def __str__(self) -> str:
        return self.template.format(**dict(self.fields))


@dataclass(frozen=True, eq=False)
class ByteLevels:
    """What was found of a picture's levels while it was read, so that nobody counts them again.

    `of` are the pixels that it is about; `levels` the same as uint8 and `counts`, int64 (256,), how
    many have each level: both None where not all are whole numbers from 0 to 255.
    """

    of: FloatImage
    levels: NDArray[np.uint8] | None = None
    counts: NDArray[np.int64] | None = None


@dataclass(frozen=True, eq=False)
class MRISlice:
    """One slice as its file has it.

    `pixels` is float32 (height, width), finite, bright-is-high, in the file's own units after the
    modality transform, and read-only. `spacing_mm` is (between rows, between columns). `geometry`
    is its place in the patient, None where the file does not say. `sequence` is the family that
    the file's header names ("T1", "T1+C", "T2", "FLAIR" …), empty where that is not known.
    `turn` is how the slice has to be turned to be looked at, Exif's code from 1, as it stands, to 8
    (`imaging.grey.upright`). `byte_levels` is what its reader counted, None where it did not.
    """

    pixels: FloatImage
    source: SliceSource
    spacing_mm: tuple[float, float] | None = None
    window: DisplayWindow | None = None
    warnings: tuple[ReadWarning, ...] = ()
    geometry: SliceGeometry | None = None
    sequence: str = ""
    turn: int = 1
    byte_levels: ByteLevels | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        self.pixels.flags.writeable = False

    @property
    def pixel_aspect(self) -> float:
        """How many times as tall as wide a pixel is; 1 without spacing."""
        rows_mm, columns_mm = self.spacing_mm or (1.0, 1.0)
        return rows_mm / columns_mm

    def size_within(self, side: int) -> tuple[int, int]:
        """(width, height), at most `side`, of a picture of the whole slice with square pixels."""
        height, width = self.pixels.shape
        tall = height * self.pixel_aspect
        scale = side / max(tall, width)
        return max(1, round(width * scale)), max(1, round(tall * scale))


@dataclass(frozen=True)
class Crop:
    """The rectangle of the source that a prepared slice shows.

    In source pixels, edges not centres: the source image covers (0, 0) to (`image_width`,
    `image_height`). The rectangle may reach beyond the head or the image; there the prepared slice
    is 0. The prepared slice shows it turned by `turn` (`MRISlice.turn`).
    """

    left: float
    top: float
    width: float
    height: float
    image_width: int
    image_height: int
    turn: int = 1

    def to_source(self, x: float, y: float, size: int) -> tuple[float, float]:
        """The point (x, y) of a prepared slice of `size` pixels, in the source; edges to edges."""
        right, down = x / size, y / size
        if self.turn in (3, 4, 7, 8):
            down = 1 - down
        if self.turn in (2, 3, 6, 7):
            right = 1 - right
        if self.turn >= 5:
            right, down = down, right
        return self.left + right * self.width, self.top + down * self.height

    def to_prepared(self, x: float, y: float, size: int) -> tuple[float, float]:
        """The inverse of `to_source`."""
        right, down = (x - self.left) / self.width, (y - self.top) / self.height
        if self.turn >= 5:
            right, down = down, right
        if self.turn in (2, 3, 6, 7):
            right = 1 - right
        if self.turn in (3, 4, 7, 8):
            down = 1 - down
        return right * size, down * size


@dataclass(frozen=True, eq=False)
class PreparedSlice:
    """What the network sees: `pixels` is float32 (size, size) in [0, 1], read-only.

    `spacing_mm` is that of the source's pixels, (between rows, between columns), or None, and
    `sequence` as `MRISlice` has it.
    """

    pixels: FloatImage
    crop: Crop
    spacing_mm: tuple[float, float] | None = None
    sequence: str = ""

    def __post_init__(self) -> None:
        self.pixels.flags.writeable = False

    @property
    def size(self) -> int:
        """Width and height in pixels."""
        return int(self.pixels.shape[0])
