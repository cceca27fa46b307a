"""The outlines of a series as a DICOM Segmentation: binary, frame by frame on its source."""

from __future__ import annotations

from copy import copy
from typing import Any

import cv2
import highdicom
import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.sr.codedict import codes
from pydicom.uid import generate_uid

from braintumor_desktop.domain.answer import Polygon
from braintumor_desktop.outputs.dicom_series import (
    DicomExportError,
    SeriesSource,
    algorithm,
    equipment,
    new_object,
    outlined,
)

SERIES_NUMBER = 9002
_SHIFT = 4  # cv2.fillPoly takes sixteenths of a pixel


def segmentations(source: SeriesSource) -> list[Dataset]:
    """Return the outlines as Segmentations, none where nothing is outlined.

    One for all files of one frame each, else one for each file of several frames, whose frames
    are referred to by their numbers. Slices that are unlike the training data have no outline
    here, as in the window. Raises `DicomExportError` where the slices do not say where they lie
    in the patient.
    """
    indices = outlined(source.answered.slices)
    if not indices:
        return []
    series = new_object(SERIES_NUMBER)
    if source.one_frame_each:
        sources = [source.datasets[index] for index in indices]
        _need(sources, "ImagePositionPatient", "ImageOrientationPatient", "FrameOfReferenceUID")
        masks = np.stack([_mask(source, index) for index in indices])
        return [_made(source, _turned_alike(sources), masks, series)]
    by_file: dict[str, list[int]] = {}
    for index in indices:
        by_file.setdefault(str(source.datasets[index].SOPInstanceUID), []).append(index)
    return [
        _of_file(source, of_one, {**series, **_own(number)})
        for number, of_one in enumerate(by_file.values(), start=1)
    ]


def _own(number: int) -> dict[str, object]:
    return {
        "sop_instance_uid": new_object(SERIES_NUMBER)["sop_instance_uid"],
        "instance_number": number,
    }


def _of_file(source: SeriesSource, indices: list[int], identifiers: dict[str, Any]) -> Dataset:
    """The outlines on the frames of one file; highdicom leaves the empty ones out."""
    dataset = source.datasets[indices[0]]
    _need([dataset], "FrameOfReferenceUID", "SharedFunctionalGroupsSequence")
    _need([dataset], "PerFrameFunctionalGroupsSequence")
    masks = np.zeros(
        (int(dataset.get("NumberOfFrames", 1) or 1), int(dataset.Rows), int(dataset.Columns)),
        np.uint8,
    )
    for index in indices:
        masks[source.answered.slices[index].instance.frame] = _mask(source, index)
    frames = [source.answered.slices[index].instance.frame for index in indices]
    return _made(source, [_sharing(dataset, frames)], masks, identifiers)


def _turned_alike(sources: list[Dataset]) -> list[Dataset]:
    """The headers with the first one's orientation, which highdicom compares digit by digit.

    The slices of a series differ in it by rounding at most.
    """
    made = [copy(one) for one in sources]
    for one in made:
        one.ImageOrientationPatient = sources[0].ImageOrientationPatient
    return made


def _sharing(dataset: Dataset, frames: list[int]) -> Dataset:
    """A header whose shared groups have what these frames have in common, as highdicom needs it.

    Some scanners say spacing and orientation with each frame.
    """
    shared = Dataset()
    shared.update(dataset.SharedFunctionalGroupsSequence[0])
    own = dataset.PerFrameFunctionalGroupsSequence
    for keyword in ("PixelMeasuresSequence", "PlaneOrientationSequence"):
        told = [own[frame].get(keyword) for frame in frames]
        if keyword not in shared and told[0] and all(one == told[0] for one in told):
            setattr(shared, keyword, told[0])
        _need([shared], keyword)
    _need(list(own), "PlanePositionSequence")
    made = copy(dataset)
    made.SharedFunctionalGroupsSequence = [shared]
    return made


def _need(sources: list[Dataset], *keywords: str) -> None:
    for keyword in keywords:
        if not all(one.get(keyword) for one in sources):
            raise DicomExportError(
                "The series lacks {keyword}, without which no Segmentation can be placed.",
                keyword=keyword,
            )


def _mask(source: SeriesSource, index: int) -> NDArray[np.uint8]:
    prediction, dataset = source.answered.slices[index].prediction, source.datasets[index]
    outline = () if prediction is None else prediction.outline
    return filled(outline, int(dataset.Rows), int(dataset.Columns))


def _made(
    source: SeriesSource,
    sources: list[Dataset],
    masks: NDArray[np.uint8],
    identifiers: dict[str, Any],
) -> Dataset:
    description = highdicom.seg.SegmentDescription(
        segment_number=1,
        segment_label="Taken for tumour by the network",
        segmented_property_category=codes.SCT.MorphologicallyAbnormalStructure,
        segmented_property_type=codes.SCT.Neoplasm,
        algorithm_type=highdicom.seg.SegmentAlgorithmTypeValues.AUTOMATIC,
        algorithm_identification=algorithm(source.answered.model),
        tracking_uid=generate_uid(),
        tracking_id="AI outline",
        anatomic_regions=[codes.SCT.Brain],
    )
    made: Dataset = highdicom.seg.Segmentation(
        source_images=sources,
        pixel_array=masks,
        segmentation_type=highdicom.seg.SegmentationTypeValues.BINARY,
        segment_descriptions=[description],
        **identifiers,
        **equipment(source.answered.model),
        omit_empty_frames=len(sources) == 1 and len(masks) > 1,
        content_label="AI_OUTLINE",
        content_description="Computed by software; not for diagnosis",
        content_creator_name="Braintumor Desktop^",
        series_description="AI outline, supplements the reading",
    )
    return made


def filled(polygons: tuple[Polygon, ...], rows: int, columns: int) -> NDArray[np.uint8]:
    """Return outlines filled on the slice: 1 where a pixel's centre lies inside, uint8.

    `polygons` are in source pixels with edges counting from 0; the result is (rows, columns).
    """
    mask = np.zeros((rows, columns), np.uint8)
    for polygon in polygons:
        points = np.round((polygon - 0.5) * 2**_SHIFT).astype(np.int32)
        cv2.fillPoly(mask, [points], 1, shift=_SHIFT)
    return mask
