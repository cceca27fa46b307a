"""Several frames in one DICOM file: which attributes are whose (PS3.3, C.7.6.6 and C.7.6.16)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from pydicom.datadict import tag_for_keyword
from pydicom.dataset import Dataset

from braintumor_desktop.errors import DimensionsError, UnsupportedImageError
from braintumor_desktop.imaging.dicom.attributes import attribute, contradiction, stored, tag
from braintumor_desktop.imaging.dicom.vendors import stand_ins

SHARED = "SharedFunctionalGroupsSequence"
PER_FRAME = "PerFrameFunctionalGroupsSequence"

# The macros whose attributes are those of single-frame objects, or are asked for by their names.
# Later ones win. Others are left out: their attributes may have names that mean something else.
_MACROS = (
    "UnassignedSharedConvertedAttributesSequence",
    "UnassignedPerFrameConvertedAttributesSequence",
    "PixelMeasuresSequence",
    "PlanePositionSequence",
    "PlaneOrientationSequence",
    "FrameContentSequence",
    "FrameAnatomySequence",
    "FrameVOILUTSequence",
    "PixelValueTransformationSequence",
    "MRImageFrameTypeSequence",
    "MRTimingAndRelatedParametersSequence",
    "MREchoSequence",
    "MRModifierSequence",
    "MRDiffusionSequence",
    "ContrastBolusUsageSequence",
    "TemporalPositionSequence",
)
_MOST_FRAMES = 100_000
_COLOUR_MR = "1.2.840.10008.5.1.4.1.1.4.3"


class FrameAttributes:
    """One frame's attributes: those of its functional groups, else the shared, else the file's.

    Answers `get` as a data set does, so that what reads a single-frame file reads a frame.
    """

    def __init__(
        self,
        dataset: Dataset,
        groups: tuple[Dataset, ...] = (),
        vendors: Mapping[str, tuple[Any, str]] = MappingProxyType({}),
    ) -> None:
        self._dataset = dataset
        self._vendors = vendors
        self._found: dict[int, Dataset] = {}
        for group in groups:  # the frame's own last
            for name in _MACROS:
                for item in (attribute(group, name) or ())[:1]:
                    self._found.update(dict.fromkeys(item.keys(), item))

    def get(self, keyword: str, default: Any = None) -> Any:
        """The value of the attribute, else what a vendor's element says, else `default`."""
        place = tag_for_keyword(keyword)
        found = stored(self._found.get(place or 0, self._dataset), keyword)
        if found is None and keyword in self._vendors:
            return self._vendors[keyword][0]
        return default if found is None else found

    def name_of(self, keyword: str) -> str:
        """The attribute, or the vendor's element that stands for it, as sentences name it."""
        place = tag_for_keyword(keyword)
        absent = stored(self._found.get(place or 0, self._dataset), keyword) is None
        if absent and keyword in self._vendors:
            return self._vendors[keyword][1]
        return f"{keyword} {tag(keyword)}"

    def has_own(self, keyword: str) -> bool:
        """Whether the attribute is the frame's by a functional group, not the file's."""
        return (tag_for_keyword(keyword) or 0) in self._found


def frame_count(dataset: Dataset) -> int:
    """How many frames the pixels have; NumberOfFrames (0028,0008) is 1 where it says none or 0."""
    frames = attribute(dataset, "NumberOfFrames") or 0
    if not isinstance(frames, int) or frames < 0:
        raise contradiction("NumberOfFrames", frames)
    if frames > _MOST_FRAMES:
        raise DimensionsError(
            "The DICOM header says {frames} frames; a file may have {limit} at most.",
            frames=int(frames),
            limit=_MOST_FRAMES,
        )
    return max(1, int(frames))


def frame_attributes(dataset: Dataset, frames: int) -> tuple[FrameAttributes, ...]:
    """The attributes of each of `frames` frames.

    Raises UnsupportedImageError where the file has groups of fewer or more frames, or is an
    enhanced MR image in colour, whose values are no brightness.
    """
    if str(attribute(dataset, "SOPClassUID") or "") == _COLOUR_MR:
        raise UnsupportedImageError(
            "The DICOM file is an enhanced MR image in colour, which is not read."
        )
    shared = tuple(attribute(dataset, SHARED) or ())
    if len(shared) > 1:  # which of them are meant is not said
        raise contradiction(SHARED, f"{len(shared)} items")
    own = tuple(attribute(dataset, PER_FRAME) or ())
    if own and len(own) != frames:
        raise contradiction(PER_FRAME, f"{len(own)} items")
    vendors = stand_ins(dataset)
    if not own:
        return (FrameAttributes(dataset, shared, vendors),) * frames
    return tuple(FrameAttributes(dataset, (*shared, group), vendors) for group in own)
