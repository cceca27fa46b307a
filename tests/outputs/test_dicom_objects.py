"""What is written about a series, held against dicom3tools, dcmtk and a second reader."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pydicom
import pytest

from braintumor_desktop.domain.answer import ModelInfo, Prediction
from braintumor_desktop.domain.decision import Decision
from braintumor_desktop.domain.series_answer import SeriesFinding
from braintumor_desktop.inference.classifier import Classifier
from braintumor_desktop.inference.series import SeriesRule, answer_series
from braintumor_desktop.outputs.atomic import ExportError
from braintumor_desktop.outputs.dicom_export import (
    ObjectKind,
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
    write_study(folder, 10)
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
