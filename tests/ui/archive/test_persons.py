"""What persons decided, as the store has it, goes into the report by the series and the slice."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from pydicom.dataset import Dataset

from braintumor_desktop.domain.decision import Decision
from braintumor_desktop.inference.classifier import Classifier
from braintumor_desktop.outputs.dicom_export import ObjectKind, answers_as_objects
from braintumor_desktop.outputs.stored_persons import StoredPersons, group_subject
from braintumor_desktop.screening.groups import By, groups
from braintumor_desktop.screening.series_answering import answer_whole
from braintumor_desktop.sources.catalogue import scan
from braintumor_desktop.store.records import Records
from braintumor_desktop.store.subject import slice_subject
from braintumor_desktop.ui.session.notes_keeper import NotesKeeper
from tests.network.conftest import write_study


@pytest.fixture
def records(tmp_path: Path) -> Records:
    opened = Records(tmp_path / "records.sqlite", "eva")
    yield opened
    opened.close()


def test_the_report_is_verified_once_the_series_is_decided_until_that_is_taken_back(
    classifier: Classifier, records: Records, tmp_path: Path
) -> None:
    files = write_study(tmp_path / "study", 3)
    persons = StoredPersons(lambda: records, NotesKeeper(lambda: records).noted)

    def report() -> Dataset:
        kinds = [ObjectKind.STRUCTURED_REPORT]
        (made,) = answers_as_objects([tmp_path / "study"], classifier, kinds, persons=persons)
        return made.objects[0]

    content = hashlib.sha256(files[1].read_bytes()).hexdigest()
    records.decide(slice_subject(content), "model", Decision("unsure"))
    assert report().VerificationFlag == "UNVERIFIED", "one slice is not the series"
    assert "Undetermined" in str(report())
    event = records.decide(_series(tmp_path / "study", classifier), "model", Decision("unsure"))
    decided = report()
    assert decided.VerificationFlag == "VERIFIED"
    assert decided.VerifyingObserverSequence[0].VerifyingObserverName == "eva^"
    records.undo(event)
    assert report().VerificationFlag == "UNVERIFIED"


def _series(folder: Path, classifier: Classifier) -> str:
    """The subject that the worklist keeps a decision about the series under."""
    (patient,) = scan([folder]).patients
    ((series,),) = [study.series for study in patient.studies]
    whole = answer_whole(series, classifier)
    assert whole is not None
    (group,) = groups([one.result for one in whole.slices], By.SERIES)
    return group_subject(group)
