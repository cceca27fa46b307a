"""What is written about a series, held against dicom3tools, dcmtk and a second reader."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import nibabel
import nibabel.affines
import numpy as np
import pydicom
import pytest

from braintumor_desktop.domain.answer import ModelInfo, Prediction
from braintumor_desktop.domain.decision import Decision
from braintumor_desktop.domain.result import FileResult, refused
from braintumor_desktop.domain.series_answer import SeriesFinding
from braintumor_desktop.errors import TruncatedFileError
from braintumor_desktop.inference.classifier import Classifier
from braintumor_desktop.inference.series import SeriesRule, answer_series
from braintumor_desktop.outputs.atomic import ExportError
from braintumor_desktop.outputs.dicom_export import (
    ObjectKind,
    answers_as_objects,
    objects_about,
    write_disc,
    write_objects,
)
from braintumor_desktop.outputs.dicom_seg import filled
from braintumor_desktop.screening.series_answering import (
    AnsweredSeries,
    AnsweredSlice,
    answer_whole,
    in_order,
)
from braintumor_desktop.sources.catalogue import scan
from tests.network.conftest import write_study

RULE = SeriesRule(suspicious_from=0.5, threshold=0.1, least_usable=3)


def _seen(slices: AnsweredSlice, tumour: bool, unlike: bool) -> AnsweredSlice:
    """The slice's real prediction, with the probabilities and the outline that a test needs."""
    prediction = slices.prediction
    assert prediction is not None
    share = 0.9 if tumour else 0.02
    rest = (1 - share) / 3
    polygon = np.array([[20.0, 21.0], [34.0, 20.0], [36.0, 33.0], [22.0, 36.0]])
    made: Prediction = replace(
        prediction,
        probabilities={
            "glioma": share,
            "meningioma": rest,
            "notumor": rest if tumour else 1 - share - 2 * rest,
            "pituitary": rest,
        },
        unlike_training=unlike,
        outline=(polygon,) if tumour else (),
        area_mm2=180.0 if tumour else 0.0,
    )
    return replace(slices, prediction=made)


@pytest.fixture(scope="module")
def answered(tmp_path_factory: pytest.TempPathFactory, classifier: Classifier) -> AnsweredSeries:
    """Ten slices: three with a tumour outlined, two unlike the training data, one of these too."""
    write_study(tmp_path_factory.mktemp("study") / "s", 10)
    folder = tmp_path_factory.mktemp("answered")
    for path in write_study(folder, 10)[4:5]:
        dataset = pydicom.dcmread(path)
        dataset.ImageOrientationPatient = [1, 0, 0, 0, 1, 0.000001]  # rounding, as scanners do
        dataset.save_as(path)
    (patient,) = scan([folder]).patients
    ((series,),) = [study.series for study in patient.studies]
    whole = answer_whole(series, classifier, RULE)
    assert whole is not None
    slices = tuple(
        _seen(one, tumour=3 <= place <= 5 or place == 8, unlike=place in (8, 9))
        for place, one in enumerate(whole.slices)
    )
    return replace(whole, slices=slices, answer=answer_series(in_order(slices), RULE))


def _check(path: Path) -> None:
    """`dciodvfy` finds no error."""
    program = shutil.which("dciodvfy")
    if program is None:
        pytest.skip("no dciodvfy (Debian: dicom3tools)")
    done = subprocess.run([program, str(path)], capture_output=True, text=True)
    errors = [line for line in done.stderr.splitlines() if line.startswith("Error")]
    assert not errors, "\n".join(errors)


def test_every_object_is_sound_and_stands_in_the_study(
    answered: AnsweredSeries, tmp_path: Path
) -> None:
    assert answered.answer.finding is SeriesFinding.SUSPICIOUS
    objects = objects_about(answered, list(ObjectKind))
    assert [one.Modality for one in objects] == ["SR", "SEG", "OT", "KO"]
    of_file = pydicom.dcmread(answered.slices[0].instance.path)
    for one in objects:
        assert one.StudyInstanceUID == of_file.StudyInstanceUID
        assert one.SeriesInstanceUID != of_file.SeriesInstanceUID
        assert (one.PatientID, one.PatientName) == (of_file.PatientID, of_file.PatientName)
    for path in write_objects(objects, tmp_path / "out"):
        _check(path)
    assert write_disc(objects, tmp_path / "disc").is_file()


def test_the_segmentation_gives_the_outline_back_to_the_pixel(answered: AnsweredSeries) -> None:
    (made,) = objects_about(answered, [ObjectKind.SEGMENTATION])
    frames = made.pixel_array
    assert frames.shape == (3, 64, 64), "slice 8 is unlike the training data: no outline"
    referred = [
        item.DerivationImageSequence[0].SourceImageSequence[0].ReferencedSOPInstanceUID
        for item in made.PerFrameFunctionalGroupsSequence
    ]
    by_uid = {one.instance.sop_instance_uid: one for one in answered.slices}
    for frame, uid in zip(frames, referred, strict=True):
        prediction = by_uid[uid].prediction
        assert prediction is not None
        np.testing.assert_array_equal(frame, filled(prediction.outline, 64, 64))


def test_the_report_says_what_was_not_answered_and_who_decided(
    answered: AnsweredSeries, tmp_path: Path
) -> None:
    (unverified,) = objects_about(answered, [ObjectKind.STRUCTURED_REPORT])
    assert unverified.VerificationFlag == "UNVERIFIED"
    decision = Decision("agree", "glioma")
    (report,) = objects_about(answered, [ObjectKind.STRUCTURED_REPORT], decision, "López^Eva")
    assert report.VerificationFlag == "VERIFIED"
    (path,) = write_objects([report], tmp_path)
    program = shutil.which("dsrdump")
    if program is None:
        pytest.skip("no dsrdump (Debian: dcmtk)")
    done = subprocess.run([program, str(path)], capture_output=True, text=True, check=True)
    assert done.stdout.count("Unlike the training data: not answered") == 2
    assert "Glioma" in done.stdout
    assert "bundle_sha256" in done.stdout


def test_a_series_without_a_finding_has_a_report_and_no_pictures(
    answered: AnsweredSeries,
) -> None:
    slices = tuple(_seen(one, tumour=False, unlike=False) for one in answered.slices)
    quiet = replace(
        answered,
        slices=slices,
        answer=answer_series(in_order(slices), RULE),
        model=ModelInfo("another", "0" * 64),
    )
    (report,) = objects_about(quiet, list(ObjectKind))
    assert report.Modality == "SR"


def test_a_disc_holds_studies_that_have_no_identifier_of_their_own(
    answered: AnsweredSeries, tmp_path: Path
) -> None:
    """Many scanners leave the Study ID empty, which a DICOMDIR must not (PS3.3, table F.5-2)."""
    objects = objects_about(answered, [ObjectKind.STRUCTURED_REPORT])
    for one in objects:
        one.StudyID = ""
    directory = pydicom.dcmread(write_disc(objects, tmp_path / "disc"))
    (study,) = [
        record
        for record in directory.DirectoryRecordSequence
        if record.DirectoryRecordType == "STUDY"
    ]
    assert study.StudyID == "1"
    assert [one.StudyID for one in objects] == [""], "what is sent to an archive stays as it was"


def test_a_disc_without_a_patients_identifier_is_refused_in_words(
    answered: AnsweredSeries, tmp_path: Path
) -> None:
    objects = objects_about(answered, [ObjectKind.STRUCTURED_REPORT])
    for one in objects:
        one.PatientID = ""
    with pytest.raises(ExportError, match="patient's identifier"):
        write_disc(objects, tmp_path / "disc")
    assert not (tmp_path / "disc").exists()


def _by_dcmqi(made: pydicom.Dataset, folder: Path) -> np.ndarray:
    """Where the segment's pixels lie in the patient as dcmqi reads them, in mm, sorted (n, 3)."""
    program = shutil.which("segimage2itkimage") or shutil.which(
        "segimage2itkimage", path=str(Path(sys.executable).parent)
    )
    if program is None:
        pytest.skip("no segimage2itkimage (PyPI: dcmqi)")
    folder.mkdir()
    made.save_as(folder / "seg.dcm", enforce_file_format=True)
    command = [program, "--inputDICOM", str(folder / "seg.dcm"), "-t", "nifti"]
    subprocess.run([*command, "--outputDirectory", str(folder)], check=True, capture_output=True)
    (written,) = folder.glob("*.nii.gz")
    volume = nibabel.load(written)
    places = nibabel.affines.apply_affine(volume.affine, np.argwhere(volume.dataobj))
    return _sorted(places * [-1, -1, 1])  # NIfTI counts to the right and to the front


def _drawn(slices: Sequence[AnsweredSlice]) -> np.ndarray:
    """Where the outlines' pixels lie in the patient, in mm, sorted (n, 3)."""
    places = []
    for one in slices:
        where, spacing = one.instance.geometry, one.instance.spacing_mm
        assert one.prediction is not None
        assert where is not None
        assert spacing is not None
        mask = filled(one.prediction.outline, one.instance.rows, one.instance.columns)
        assert mask.any()
        rows, columns = np.nonzero(mask)
        down = np.outer(rows * spacing[0], where.column_direction)
        places.append(where.position + down + np.outer(columns * spacing[1], where.row_direction))
    return _sorted(np.concatenate(places))


def _sorted(places: np.ndarray) -> np.ndarray:
    return places[np.lexsort(np.round(places, 1).T)]


def test_dcmqi_reads_the_outline_back_to_the_pixel(
    answered: AnsweredSeries, tmp_path: Path
) -> None:
    (made,) = objects_about(answered, [ObjectKind.SEGMENTATION])
    np.testing.assert_allclose(
        _by_dcmqi(made, tmp_path / "seg"), _drawn(answered.slices[3:6]), atol=0.02
    )


def _outline(one: AnsweredSlice) -> tuple[np.ndarray, ...]:
    assert one.prediction is not None
    return one.prediction.outline


MULTIFRAME = "neurolabusc+dcm_qa_xa60/In/XA60/DICOM/24100413/39280000/75739475"


def test_outlines_on_frames_of_one_file_refer_to_those_frames(
    dicom_cases: Path, classifier: Classifier, tmp_path: Path
) -> None:
    shutil.copy(dicom_cases / MULTIFRAME, tmp_path / "enhanced.dcm")
    found = [
        series
        for patient in scan([tmp_path / "enhanced.dcm"]).patients
        for study in patient.studies
        for series in study.series
    ]
    series = max(found, key=lambda one: len(one.instances))
    whole = answer_whole(series, classifier, RULE)
    assert whole is not None
    slices = tuple(
        _seen(one, tumour=place in (2, 3), unlike=False) for place, one in enumerate(whole.slices)
    )
    answered = replace(whole, slices=slices, answer=answer_series(in_order(slices), RULE))
    objects = objects_about(answered, list(ObjectKind))
    assert [one.Modality for one in objects] == ["SR", "SEG", "OT", "KO"]
    for path in write_objects(objects, tmp_path / "out"):
        _check(path)
    made = objects[1]
    frames = [
        item.DerivationImageSequence[0].SourceImageSequence[0].ReferencedFrameNumber
        for item in made.PerFrameFunctionalGroupsSequence
    ]
    assert sorted(frames) == sorted(slices[place].instance.frame + 1 for place in (2, 3))
    by_frame = {one.instance.frame + 1: one for one in slices}
    for frame, mask in zip(frames, made.pixel_array, strict=True):
        np.testing.assert_array_equal(
            mask, filled(_outline(by_frame[frame]), made.Rows, made.Columns)
        )
    read = _by_dcmqi(made, tmp_path / "seg")
    np.testing.assert_allclose(read, _drawn(slices[2:4]), atol=0.02)
    (keys,) = objects_about(answered, [ObjectKind.KEY_OBJECTS], marked=(1, 3))
    (reference,) = [
        item.ReferencedSOPSequence[0] for item in keys.ContentSequence if item.ValueType == "IMAGE"
    ]
    assert reference.ReferencedSOPInstanceUID == slices[1].instance.sop_instance_uid
    marked = sorted(slices[place].instance.frame + 1 for place in (1, 3))
    assert list(reference.ReferencedFrameNumber) == marked
    for path in write_objects([keys], tmp_path / "marked"):
        _check(path)


class _Reader:
    """One person who agreed about the series and one slice, and marked another."""

    def __init__(self, content: str) -> None:
        self._content = content

    def is_key_image(self, content: str, frame: int) -> bool:
        return content == self._content and frame == 0

    def on_slice(self, row: FileResult) -> Decision:
        return Decision("unsure") if row.content == self._content else Decision()

    def on_series(self, row: FileResult) -> tuple[Decision, str]:
        return Decision("disagree", "meningioma"), "CLINIC\\eva"


def test_what_was_decided_goes_along_with_who_decided(
    classifier: Classifier, tmp_path: Path
) -> None:
    files = write_study(tmp_path / "study", 4)
    reader = _Reader(hashlib.sha256(files[2].read_bytes()).hexdigest())
    kinds = [ObjectKind.STRUCTURED_REPORT, ObjectKind.KEY_OBJECTS]
    (one,) = answers_as_objects([tmp_path / "study"], classifier, kinds, persons=reader)
    assert (one.patient, one.study_date) == ("Prueba^Ana", "20260301")
    report, keys = one.objects
    assert report.VerificationFlag == "VERIFIED"
    assert report.VerifyingObserverSequence[0].VerifyingObserverName == "CLINIC eva^"
    decided = [name for name in _meanings(report) if name in ("Undetermined", MENINGIOMA)]
    assert decided.count("Undetermined") == 1
    assert MENINGIOMA in decided
    (study,) = keys.CurrentRequestedProcedureEvidenceSequence
    (series,) = study.ReferencedSeriesSequence
    (item,) = series.ReferencedSOPSequence
    assert item.ReferencedSOPInstanceUID == pydicom.dcmread(files[2]).SOPInstanceUID
    for path in write_objects(one.objects, tmp_path / "out"):
        _check(path)
    (nobodys,) = answers_as_objects([tmp_path / "study"], classifier, kinds[:1])
    assert nobodys.objects[0].VerificationFlag == "UNVERIFIED"


MENINGIOMA = "Intracranial meningioma"


def _meanings(report: pydicom.Dataset) -> list[str]:
    found = []
    report.walk(lambda _, element: found.append(str(element.value)))
    return found


def test_the_report_says_why_each_slice_was_not_answered(
    answered: AnsweredSeries, tmp_path: Path
) -> None:
    first, second, *others = answered.slices
    assert first.prediction is not None
    withheld = replace(first, prediction=replace(first.prediction, withheld=True))
    refusal = refused(TruncatedFileError("The file is incomplete."))
    unread = replace(second, prediction=None, result=replace(refusal, path=second.result.path))
    (report,) = objects_about(
        replace(answered, slices=(withheld, unread, *others)), [ObjectKind.STRUCTURED_REPORT]
    )
    said = _meanings(report)
    assert said.count("The model does not hold on this sequence: not answered") == 1
    assert said.count("Not answered: truncated") == 1
    assert said.count("Unlike the training data: not answered") == 2
    (path,) = write_objects([report], tmp_path)
    _check(path)


def test_what_is_no_dicom_series_gives_no_object_and_one_sentence(
    classifier: Classifier, demo_slice: Path, tmp_path: Path
) -> None:
    shutil.copy(demo_slice, tmp_path / "picture.png")
    (path,) = write_study(tmp_path / "alone", 1)
    dataset = pydicom.dcmread(path)
    del dataset.SeriesInstanceUID
    dataset.save_as(path)
    made = list(answers_as_objects([tmp_path], classifier, list(ObjectKind)))
    assert not any(one.objects for one in made)
    (error,) = (one.error for one in made)
    assert "of no DICOM series" in str(error)


def test_a_series_without_spacing_or_place_has_its_report(
    classifier: Classifier, tmp_path: Path
) -> None:
    for path in write_study(tmp_path / "study", 3):
        dataset = pydicom.dcmread(path)
        for keyword in ("PixelSpacing", "ImagePositionPatient", "ImageOrientationPatient"):
            del dataset[keyword]
        dataset.save_as(path)
    made = list(answers_as_objects([tmp_path], classifier, [ObjectKind.STRUCTURED_REPORT]))
    assert [one.error for one in made] == [None] * len(made)
    for path in write_objects([one.objects[0] for one in made], tmp_path / "out"):
        _check(path)
