"""Pictures for archives that show nothing else: Secondary Captures, marked as computed."""

from __future__ import annotations

import cv2
import highdicom
import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from braintumor_desktop.domain.answer import Prediction
from braintumor_desktop.domain.image import MRISlice
from braintumor_desktop.outputs.dicom_series import (
    NOT_FOR_DIAGNOSIS,
    SeriesSource,
    equipment,
    new_object,
)
from braintumor_desktop.rendering.composite import composite
from braintumor_desktop.rendering.orientation import AS_LOOKED_AT, AS_STORED, view_letters
from braintumor_desktop.rendering.palette import CLASS_COLOURS
from braintumor_desktop.rendering.palette import rgb as colour_of
from braintumor_desktop.sources.catalogue import read_instance

SERIES_NUMBER = 9003
_ORANGE = colour_of(CLASS_COLOURS["glioma"])
_MARK = "COMPUTED BY SOFTWARE - NOT FOR DIAGNOSIS"  # OpenCV's letters are ASCII alone


def secondary_captures(source: SeriesSource) -> list[Dataset]:
    """Return a picture of each slice where a lesion is surest, its outline drawn in.

    Nothing of a slice that is unlike the training data, and none at all where there is no lesion.
    """
    shown = sorted({lesion.peak_slice for lesion in source.answered.answer.lesions})
    series = new_object(SERIES_NUMBER)
    return [
        _capture(source, index, {**series, **_own(number)})
        for number, index in enumerate(shown, start=1)
    ]


def picture(mri: MRISlice, prediction: Prediction) -> NDArray[np.uint8]:
    """Return the slice with its outline and the mark burnt in, uint8 RGB (height, width, 3)."""
    rgb = composite(mri, prediction)
    height = rgb.shape[0]
    framed = cv2.copyMakeBorder(rgb, 0, 32, 0, 0, cv2.BORDER_CONSTANT, value=(0, 0, 0))
    cv2.putText(
        framed, _MARK, (8, height + 21), cv2.FONT_HERSHEY_SIMPLEX, 0.5, _ORANGE, 1, cv2.LINE_AA
    )
    return np.asarray(framed, np.uint8)


def _own(number: int) -> dict[str, object]:
    return {
        "sop_instance_uid": new_object(SERIES_NUMBER)["sop_instance_uid"],
        "instance_number": number,
    }


def _capture(source: SeriesSource, index: int, identifiers: dict[str, object]) -> Dataset:
    one, of_file = source.answered.slices[index], source.datasets[index]
    assert one.prediction is not None  # a lesion stands on answered slices alone
    mri = read_instance(one.instance)
    sides = view_letters(one.instance.geometry, AS_LOOKED_AT.get(mri.turn, AS_STORED))
    orientation = (sides.right, sides.bottom) if sides else None
    made: Dataset = highdicom.sc.SCImage(
        pixel_array=picture(mri, one.prediction),
        photometric_interpretation="RGB",
        bits_allocated=8,
        coordinate_system="PATIENT",
        patient_orientation=orientation or ("L", "P"),  # it must have one; taken back below
        study_instance_uid=of_file.StudyInstanceUID,
        manufacturer=equipment(source.answered.model)["manufacturer"],
        patient_id=of_file.PatientID,
        patient_name=of_file.PatientName,
        patient_birth_date=of_file.PatientBirthDate or None,
        patient_sex=of_file.PatientSex or None,
        accession_number=of_file.AccessionNumber or None,
        study_id=of_file.StudyID or None,
        study_date=of_file.StudyDate or None,
        study_time=of_file.StudyTime or None,
        referring_physician_name=of_file.ReferringPhysicianName or None,
        **identifiers,
    )
    made.SeriesDescription = "AI picture, not for diagnosis"
    made.ImageComments = NOT_FOR_DIAGNOSIS
    made.BurnedInAnnotation = "YES"
    made.LossyImageCompression = "00"
    made.Laterality = ""
    if orientation is None:
        made.PatientOrientation = ""
    if of_file.get("SpecificCharacterSet"):
        made.SpecificCharacterSet = of_file.SpecificCharacterSet
    return made
