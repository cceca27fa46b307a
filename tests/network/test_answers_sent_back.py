"""A study retrieved from an archive and answered: what is sent back stands under that study."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pydicom
import pytest

from braintumor_desktop.domain.series_answer import SeriesAnswer
from braintumor_desktop.inference.classifier import Classifier
from braintumor_desktop.inference.series import SeriesRule, answer_series
from braintumor_desktop.network import services
from braintumor_desktop.network.cache import Cache
from braintumor_desktop.network.query import StudyQuery
from braintumor_desktop.network.servers import Archive
from braintumor_desktop.outputs.dicom_export import ObjectKind, objects_about, write_objects
from braintumor_desktop.screening.series_answering import AnsweredSlice, answer_whole, in_order
from braintumor_desktop.sources.catalogue import scan
from tests.network.conftest import write_study

RULE = SeriesRule(suspicious_from=0.5, threshold=0.1, least_usable=3)


def _with_a_tumour(one: AnsweredSlice) -> AnsweredSlice:
    assert one.prediction is not None
    shares = {"glioma": 0.9, "meningioma": 0.04, "notumor": 0.03, "pituitary": 0.03}
    square = np.array([[20.0, 20.0], [36.0, 20.0], [36.0, 36.0], [20.0, 36.0]])
    made = replace(one.prediction, probabilities=shares, outline=(square,), unlike_training=False)
    return replace(one, prediction=made)


def _answers(folder: Path, classifier: Classifier, out: Path) -> list[Path]:
    """Answer what was retrieved, and write the four objects about it."""
    (patient,) = scan([folder]).patients
    ((series,),) = [study.series for study in patient.studies]
    whole = answer_whole(series, classifier, RULE)
    assert whole is not None
    slices = tuple(_with_a_tumour(one) for one in whole.slices)
    answer: SeriesAnswer = answer_series(in_order(slices), RULE)
    objects = objects_about(replace(whole, slices=slices, answer=answer), list(ObjectKind))
    assert [one.Modality for one in objects] == ["SR", "SEG", "OT", "KO"]
    return write_objects(objects, out)


def _round(archive: Archive, classifier: Classifier, tmp_path: Path, patient: str) -> None:
    """Two studies are there; one is answered, and the other has nothing of it afterwards."""
    files = write_study(tmp_path / "study", 6, patient, seed=5)
    other = write_study(tmp_path / "other", 2, f"{patient}-OTHER", seed=6)
    services.send(archive, [*files, *other])
    uid = str(pydicom.dcmread(files[0]).StudyInstanceUID)
    retrieved = services.retrieve(archive, uid, Cache(tmp_path / "cache"))
    answers = _answers(retrieved, classifier, tmp_path / "answers")
    services.send(archive, answers)
    (found,) = services.find(archive, StudyQuery(patient_id=patient))
    assert found.study_instance_uid == uid
    again = services.retrieve(archive, uid, Cache(tmp_path / "again"))
    back = {str(one.SOPInstanceUID): one for one in map(pydicom.dcmread, again.iterdir())}
    sent = {str(one.SOPInstanceUID): one for one in map(pydicom.dcmread, answers)}
    assert len(back) == 6 + 4
    for key, one in sent.items():
        assert (back[key].StudyInstanceUID, back[key].PatientID) == (uid, patient)
        assert back[key].Modality == one.Modality
        assert back[key].SeriesInstanceUID == one.SeriesInstanceUID
    (segmentation,) = (one for one in sent.values() if one.Modality == "SEG")
    kept = back[str(segmentation.SOPInstanceUID)]
    np.testing.assert_array_equal(kept.pixel_array, segmentation.pixel_array)
    (left,) = services.find(archive, StudyQuery(patient_id=f"{patient}-OTHER"))
    elsewhere = services.retrieve(archive, left.study_instance_uid, Cache(tmp_path / "left"))
    assert len(list(elsewhere.iterdir())) == 2


@pytest.mark.parametrize("way", [0, 1], ids=["dimse", "dicomweb"])
def test_orthanc_has_the_answers_under_their_study(
    orthanc: tuple[Archive, Archive], way: int, classifier: Classifier, tmp_path: Path
) -> None:
    _round(orthanc[way], classifier, tmp_path, f"BACK-{way}")


def test_dcmqrscp_has_the_answers_under_their_study(
    dcmtk: Archive, classifier: Classifier, tmp_path: Path
) -> None:
    _round(dcmtk, classifier, tmp_path, "BACK-2")
