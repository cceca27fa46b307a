"""A series' answer as a DICOM structured report: Comprehensive 3D SR by TID 1500 (PS3.16)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import highdicom
from highdicom.sr import (
    Measurement,
    MeasurementReport,
    MeasurementsAndQualitativeEvaluations,
    ObservationContext,
    QualitativeEvaluation,
    SourceImageForMeasurementGroup,
    TrackingIdentifier,
)
from pydicom.dataset import Dataset
from pydicom.sr.codedict import codes
from pydicom.sr.coding import Code
from pydicom.uid import generate_uid

from braintumor_desktop.domain.answer import NO_TUMOUR
from braintumor_desktop.domain.decision import Decision
from braintumor_desktop.domain.result import FileResult
from braintumor_desktop.domain.series_answer import SeriesFinding
from braintumor_desktop.outputs.dicom_series import (
    TUMOUR_CODES,
    SeriesSource,
    device_observer,
    equipment,
    new_object,
)

SERIES_NUMBER = 9001

_SCHEME = "99BTD"
_NEOPLASM: Code = codes.SCT.Neoplasm
_UNLIKE = Code("unlike-training", _SCHEME, "Unlike the training data: not answered")
_WITHHELD = Code("sequence", _SCHEME, "The model does not hold on this sequence: not answered")
_USABLE = Code("usable-slices", _SCHEME, "Slices that could be answered")
_SUSPICIOUS = Code("suspicious-slices", _SCHEME, "Slices that are suspicious for tumour")
_MOST_LIKE = Code("most-like", _SCHEME, "Type of tumour that it is most like")
_OUTCOMES = {
    SeriesFinding.SUSPICIOUS: codes.DCM.AllAlgorithmsSucceededWithFindings,
    SeriesFinding.NOTHING_FLAGGED: codes.DCM.AllAlgorithmsSucceededWithoutFindings,
    SeriesFinding.NOT_ANSWERED: codes.DCM.NotAttempted,
}


def structured_report(
    source: SeriesSource,
    decision: Decision | None = None,
    decided_by: str = "",
    by_slice: Mapping[int, Decision] = MappingProxyType({}),
) -> Dataset:
    """Return the report about a series.

    It holds what is said of the series, of each slice the probability of any tumour or why it was
    not answered, and of each lesion where it lies. It is not verified, unless a person has decided.

    Parameters
    ----------
    source
        The series with its answers.
    decision
        What a person decided about the series; None or undecided leaves it unverified.
    decided_by
        The name of that person as DICOM writes names; without it the report stays unverified.
    by_slice
        What was decided about slices, by their places in the series; it verifies no report, which
        speaks of the whole.

    """
    model = source.answered.model
    report = MeasurementReport(
        observation_context=ObservationContext(observer_device_context=device_observer(model)),
        procedure_reported=codes.LN.BrainMRI,
        title=codes.DCM.ImagingMeasurementReport,
        imaging_measurements=[
            _about_series(source, decision),
            *(
                _about_slice(source, index, by_slice.get(index, Decision()))
                for index in range(len(source.datasets))
            ),
        ],
        referenced_images=_described(source) or None,
    )
    verified = bool(decision is not None and decision.verdict and decided_by)
    person = {"verifying_observer_name": decided_by, "verifying_organization": "Unknown"}
    made: Dataset = highdicom.sr.Comprehensive3DSR(
        evidence=source.files,
        content=report,
        **new_object(SERIES_NUMBER),
        manufacturer=equipment(model)["manufacturer"],
        is_complete=True,
        is_verified=verified,
        **(person if verified else {}),
        series_description="AI answer, supplements the reading",
    )
    return made


_DESCRIPTORS = (
    "PixelSpacing",
    "ImageOrientationPatient",
    "ImagePositionPatient",
    "SliceThickness",
    "FrameOfReferenceUID",
)


def _described(source: SeriesSource) -> list[Dataset]:
    """The files for the optional image library (TID 1600): those that say where they lie.

    Files of several frames say it by frame, which the library's entries cannot; the measurements
    refer to their frames all the same.
    """
    return [one for one in source.files if all(one.get(keyword) for keyword in _DESCRIPTORS)]


def _algorithm(source: SeriesSource) -> highdicom.sr.AlgorithmIdentification:
    model = source.answered.model
    return highdicom.sr.AlgorithmIdentification(
        name=model.name,
        version=equipment(model)["software_versions"],
        parameters=[f"bundle_sha256={model.sha256}"],
    )


def _about_series(
    source: SeriesSource, decision: Decision | None
) -> MeasurementsAndQualitativeEvaluations:
    answer = source.answered.answer
    said = [QualitativeEvaluation(codes.DCM.SummaryOfDetections, _OUTCOMES[answer.finding])]
    if answer.finding is SeriesFinding.SUSPICIOUS and answer.lesions:
        said.append(QualitativeEvaluation(_MOST_LIKE, _type_code(answer.lesions[0].label)))
    if decision is not None and decision.verdict:
        said.append(QualitativeEvaluation(*_decided(decision)))
    return MeasurementsAndQualitativeEvaluations(
        tracking_identifier=TrackingIdentifier(generate_uid(), "Series"),
        finding_type=codes.SCT.Neoplasm,
        finding_category=codes.SCT.MorphologicallyAbnormalStructure,
        algorithm_id=_algorithm(source),
        measurements=[
            Measurement(_USABLE, answer.usable_count, codes.UCUM.NoUnits),
            Measurement(_SUSPICIOUS, answer.suspicious, codes.UCUM.NoUnits),
        ],
        qualitative_evaluations=said,
        source_images=[_reference(source, index) for index in _referred(source)],
    )


def _about_slice(
    source: SeriesSource, index: int, decision: Decision
) -> MeasurementsAndQualitativeEvaluations:
    one = source.answered.slices[index]
    measurements, said = [], []
    if one.prediction is None:
        said.append(QualitativeEvaluation(codes.DCM.SummaryOfDetections, _refused(one.result)))
    elif one.prediction.withheld:
        said.append(QualitativeEvaluation(codes.DCM.SummaryOfDetections, _WITHHELD))
    elif one.prediction.unlike_training:
        said.append(QualitativeEvaluation(codes.DCM.SummaryOfDetections, _UNLIKE))
    else:
        tumour = one.prediction.tumour_probability
        measurements.append(
            Measurement(codes.DCM.Probability, round(100 * tumour, 2), codes.UCUM.Percent)
        )
        if one.prediction.label in TUMOUR_CODES:
            said.append(QualitativeEvaluation(_MOST_LIKE, _type_code(one.prediction.label)))
        if one.prediction.area_mm2:
            measurements.append(
                Measurement(
                    codes.SCT.Area, round(one.prediction.area_mm2, 1), codes.UCUM.SquareMillimeter
                )
            )
    if decision.verdict:
        said.append(QualitativeEvaluation(*_decided(decision)))
    return MeasurementsAndQualitativeEvaluations(
        tracking_identifier=TrackingIdentifier(generate_uid(), f"Slice {index + 1}"),
        finding_type=codes.SCT.Neoplasm,
        algorithm_id=_algorithm(source),
        measurements=measurements or None,
        qualitative_evaluations=said or None,
        source_images=[_reference(source, index)],
    )


def _refused(result: FileResult) -> Code:
    """Why there is no answer, by the kind of the refusal, as a code (meanings: 64 characters)."""
    kind = "unreadable" if result.reason is None else result.reason.kind
    return Code(kind[:16], _SCHEME, f"Not answered: {kind.replace('_', ' ')}"[:64])


def _referred(source: SeriesSource) -> list[int]:
    """The slices that the statement about the whole rests on: the lesions', else the usable."""
    answer = source.answered.answer
    found = sorted({index for lesion in answer.lesions for index in lesion.slices})
    usable = [index for index, counts in enumerate(answer.usable) if counts]
    return found or usable or [0]


def _reference(source: SeriesSource, index: int) -> SourceImageForMeasurementGroup:
    dataset = source.datasets[index]
    return SourceImageForMeasurementGroup(
        dataset.SOPClassUID, dataset.SOPInstanceUID, source.frame_number(index)
    )


def _type_code(label: str) -> Code:
    return TUMOUR_CODES.get(label, _NEOPLASM)


def _decided(decision: Decision) -> tuple[Code, Code]:
    name = Code("decision", _SCHEME, "Decision of the reader")
    if decision.verdict == "unsure":
        return name, codes.SCT.Undetermined
    if decision.class_name == NO_TUMOUR:
        return name, Code("no-tumour", _SCHEME, "No tumour")
    return name, _type_code(decision.class_name)
