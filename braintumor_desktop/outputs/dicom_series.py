"""What every DICOM object about a series needs: the source's headers, the app as a device."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import highdicom
import pydicom
from pydicom.dataset import Dataset
from pydicom.sr.codedict import codes
from pydicom.sr.coding import Code
from pydicom.uid import UID, generate_uid

from braintumor_desktop import __version__
from braintumor_desktop.domain.answer import ModelInfo
from braintumor_desktop.domain.study import Instance
from braintumor_desktop.errors import BraintumorError
from braintumor_desktop.screening.series_answering import AnsweredSeries, AnsweredSlice
from braintumor_desktop.sources.archive import read_named_bytes

# What highdicom warns of quotes the patient's name, and would go to the user's terminal.
warnings.filterwarnings("ignore", module="highdicom")

MANUFACTURER = "Braintumor Desktop"
MODEL_NAME = "braintumor-desktop"
NOT_FOR_DIAGNOSIS = "Computed by software. Research and education; not for diagnosis."

TUMOUR_CODES: dict[str, Code] = {
    "glioma": Code("393564001", "SCT", "Glioma"),
    "meningioma": Code("302820008", "SCT", "Intracranial meningioma"),
    "pituitary": Code("127024001", "SCT", "Neoplasm of pituitary gland"),
}
"""SNOMED CT's codes of the tumours that the network tells apart."""

_DEVICE_UID = UID("2.25.226364180637287480915823187190434925377")
"""Of this app as a device, in every report that it writes (PS3.5, B.2)."""


class DicomExportError(BraintumorError):
    """An object cannot be made of a series."""

    kind = "dicom_export"


@dataclass(frozen=True, eq=False)
class SeriesSource:
    """The series that objects are made about, with its files' headers.

    Attributes
    ----------
    answered
        The series with its answers.
    datasets
        The header of each slice's file, in the series' order; no pixels. The slices of one
        multi-frame file share one.

    """

    answered: AnsweredSeries
    datasets: tuple[Dataset, ...]

    @property
    def files(self) -> list[Dataset]:
        """Each file's header once, in the series' order."""
        return list({str(one.SOPInstanceUID): one for one in self.datasets}.values())

    @property
    def one_frame_each(self) -> bool:
        """Whether every slice is a file of its own that says itself where it lies."""
        return not any(
            int(one.get("NumberOfFrames", 1) or 1) > 1 or "PerFrameFunctionalGroupsSequence" in one
            for one in self.datasets
        )

    def frame_number(self, index: int) -> list[int] | None:
        """Return the frame of a slice as references count it, from 1; None in single frames."""
        if int(self.datasets[index].get("NumberOfFrames", 1) or 1) == 1:
            return None
        return [self.answered.slices[index].instance.frame + 1]


def read_source(answered: AnsweredSeries) -> SeriesSource:
    """Read the headers of the files that a series was answered from.

    Raises `DicomExportError` where the series is not of DICOM files with all that references need,
    and what reading raises.
    """
    known: dict[Any, Dataset] = {}
    datasets = [_header(one.instance, known) for one in answered.slices]
    for keyword in ("SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID"):
        if not all(one.get(keyword) for one in datasets):
            raise DicomExportError(
                "The series lacks {keyword}, so that nothing can refer to it.", keyword=keyword
            )
    return SeriesSource(answered, tuple(datasets))


def _header(instance: Instance, known: dict[Any, Dataset]) -> Dataset:
    if instance.path not in known:
        data = read_named_bytes(instance.path)
        try:
            dataset = pydicom.dcmread(BytesIO(data), stop_before_pixels=True, force=True)
        except Exception as error:  # pydicom raises whatever its readers meet
            raise DicomExportError("The series' files are no DICOM.") from error
        # Type 2 attributes that some files leave out; highdicom copies them.
        for keyword in ("PatientID", "PatientName", "PatientBirthDate", "PatientSex", "StudyID"):
            if keyword not in dataset:
                setattr(dataset, keyword, "")
        for keyword in ("StudyDate", "StudyTime", "AccessionNumber", "ReferringPhysicianName"):
            if keyword not in dataset:
                setattr(dataset, keyword, "")
        known[instance.path] = dataset
    return known[instance.path]


def equipment(model: ModelInfo) -> dict[str, Any]:
    """Return the attributes of the equipment that made an object (PS3.3, C.7.5.2)."""
    return {
        "manufacturer": MANUFACTURER,
        "manufacturer_model_name": MODEL_NAME,
        "software_versions": __version__,
        "device_serial_number": model.sha256[:32],
    }


def new_object(series_number: int, instance_number: int = 1) -> dict[str, Any]:
    """Return the identifiers of an object in a new series of its own."""
    return {
        "series_instance_uid": generate_uid(),
        "series_number": series_number,
        "sop_instance_uid": generate_uid(),
        "instance_number": instance_number,
    }


def device_observer(model: ModelInfo) -> highdicom.sr.ObserverContext:
    """Return the app as the observer of a report (TID 1004)."""
    return highdicom.sr.ObserverContext(
        observer_type=codes.DCM.Device,
        observer_identifying_attributes=highdicom.sr.DeviceObserverIdentifyingAttributes(
            uid=_DEVICE_UID,
            name=MODEL_NAME,
            manufacturer_name=MANUFACTURER,
            model_name=model.name,
            serial_number=model.sha256[:32],
        ),
    )


def algorithm(model: ModelInfo) -> highdicom.AlgorithmIdentificationSequence:
    """Return the network as an algorithm, its bundle's hash among the parameters."""
    return highdicom.AlgorithmIdentificationSequence(
        name=model.name,
        family=codes.DCM.ArtificialIntelligence,
        version=__version__,
        parameters={"bundle_sha256": model.sha256},
    )


def outlined(slices: Sequence[AnsweredSlice]) -> list[int]:
    """Return the indices of the slices whose outline is said: usable, and something outlined."""
    return [
        index
        for index, one in enumerate(slices)
        if one.prediction is not None
        and not one.prediction.unlike_training
        and one.prediction.outline
    ]


Writer = Callable[[SeriesSource], Dataset | None]
"""Makes an object about a series, or None where there is nothing to say."""
