"""The outlines of a series as a DICOM Segmentation: binary, frame by frame on its source."""

from __future__ import annotations

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


def segmentation(source: SeriesSource) -> Dataset | None:
    """Return the outlines as a Segmentation, None where nothing is outlined.

    Slices that are unlike the training data have no outline here, as in the window. Raises
    `DicomExportError` where the slices do not say where they lie in the patient.
    """
    slices = source.answered.slices
    indices = outlined(slices)
    if not indices:
        return None
    if not source.one_frame_each:
        raise DicomExportError(
            "Outlines of files with several frames are not written as a Segmentation; the "
            "structured report names the frames."
        )
    sources = [source.datasets[index] for index in indices]
    for keyword in ("ImagePositionPatient", "ImageOrientationPatient", "FrameOfReferenceUID"):
        if not all(one.get(keyword) for one in sources):
            raise DicomExportError(
                "The series lacks {keyword}, without which no Segmentation can be placed.",
                keyword=keyword,
            )
    masks = np.stack(
        [
            filled(slices[index].prediction.outline, int(one.Rows), int(one.Columns))  # type: ignore[union-attr]
            for index, one in zip(indices, sources, strict=True)
        ]
    )
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
        **new_object(SERIES_NUMBER),
        **equipment(source.answered.model),
        omit_empty_frames=False,
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
