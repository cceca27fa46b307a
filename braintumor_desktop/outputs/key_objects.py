"""The slices that a series' answer rests on, as a Key Object Selection (PS3.3, A.35.4)."""

from __future__ import annotations

import highdicom
from pydicom.dataset import Dataset
from pydicom.sr.codedict import codes

from braintumor_desktop.outputs.dicom_series import (
    MANUFACTURER,
    NOT_FOR_DIAGNOSIS,
    SeriesSource,
    device_observer,
    new_object,
)

SERIES_NUMBER = 9004


def key_object_selection(source: SeriesSource, marked: tuple[int, ...] = ()) -> Dataset | None:
    """Return the key images: those that a person `marked`, else where each lesion is surest.

    Those of a multi-frame file are referred to by their frames. None where there are neither.
    """
    lesions = source.answered.answer.lesions
    indices = marked or tuple(sorted({lesion.peak_slice for lesion in lesions}))
    if not indices:
        return None
    referred = [source.datasets[index] for index in indices]
    unique = list({str(one.SOPInstanceUID): one for one in referred}.values())
    content = highdicom.ko.KeyObjectSelection(
        document_title=codes.DCM.OfInterest,
        referenced_objects=unique,
        observer_device_context=device_observer(source.answered.model),
        description=NOT_FOR_DIAGNOSIS,
    )
    _refer_to_frames(content[0], source, indices)
    made: Dataset = highdicom.ko.KeyObjectSelectionDocument(
        evidence=unique,
        content=content,
        **new_object(SERIES_NUMBER),
        manufacturer=MANUFACTURER,
        series_description="AI key images, supplement the reading",
    )
    return made


def _refer_to_frames(selection: Dataset, source: SeriesSource, indices: tuple[int, ...]) -> None:
    """Narrow the references to multi-frame files to the frames (PS3.3, table 10-3)."""
    frames: dict[str, list[int]] = {}
    for index in indices:
        uid = str(source.datasets[index].SOPInstanceUID)
        frames.setdefault(uid, []).extend(source.frame_number(index) or ())
    for item in selection.ContentSequence:
        for reference in item.get("ReferencedSOPSequence", ()):
            if numbers := sorted(frames.get(str(reference.ReferencedSOPInstanceUID), ())):
                reference.ReferencedFrameNumber = numbers
