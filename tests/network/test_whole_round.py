"""The whole round in one go: sent, found, retrieved every way, answered, sent back, found again.

`BRAINTUMOR_ROUND_TRIP=300` does it with 300 instances; fewer by default, for time's sake.
"""

from __future__ import annotations

import os
from pathlib import Path

import cv2
import numpy as np
import pydicom
import pytest

from braintumor_desktop.inference.classifier import Classifier
from braintumor_desktop.network import dimse, services
from braintumor_desktop.network.cache import Cache
from braintumor_desktop.network.query import StudyQuery
from braintumor_desktop.network.receiver import StorageReceiver
from braintumor_desktop.network.servers import Archive
from braintumor_desktop.outputs.dicom_export import ObjectKind, answers_as_objects, write_objects
from braintumor_desktop.sources.demo import painted
from tests.network.conftest import RECEIVER, write_study

SLICES = int(os.environ.get("BRAINTUMOR_ROUND_TRIP", "16"))


def _heads(folder: Path, patient: str, demo_slice: Path) -> list[Path]:
    """A series of a real head, with a lesion painted into the middle third of its slices."""
    healthy = cv2.imdecode(np.fromfile(demo_slice, np.uint8), cv2.IMREAD_UNCHANGED)
    rng = np.random.default_rng(7)
    files = write_study(folder, SLICES, patient, seed=7)
    for place, path in enumerate(files):
        inside = SLICES / 3 <= place < 2 * SLICES / 3
        pixels = (painted(healthy) if inside else healthy) + rng.integers(0, 3, healthy.shape)
        dataset = pydicom.dcmread(path)
        dataset.Rows, dataset.Columns = pixels.shape
        dataset.BitsStored, dataset.HighBit = 16, 15
        dataset.PixelData = pixels.astype("<u2").tobytes()
        dataset.SeriesDescription = "SAG POST"  # names no sequence that the network abstains on
        dataset.save_as(path)
    return files


def _moved(archive: Archive, uid: str, port: int, folder: Path) -> Path:
    writer = Cache(folder).open_study(uid)
    with StorageReceiver("127.0.0.1", port, RECEIVER, [archive.ae_title], writer) as receiver:
        dimse.move(archive, uid, RECEIVER)
    assert receiver.fault is None
    return writer.finish()


def _by_uid(folder: Path) -> dict[str, pydicom.Dataset]:
    return {str(one.SOPInstanceUID): one for one in map(pydicom.dcmread, folder.iterdir())}


def _same(ours: pydicom.Dataset, theirs: pydicom.Dataset) -> bool:
    """Whether both hold the same elements, in whatever encoding they travelled."""
    return all(ours[tag].value == theirs[tag].value for tag in ours.keys() | theirs.keys())


@pytest.mark.parametrize("which", ["orthanc", "dcmqrscp"])
def test_a_study_goes_out_and_its_answers_come_back_under_it(
    which: str,
    request: pytest.FixtureRequest,
    demo_slice: Path,
    classifier: Classifier,
    receiver_port: int,
    tmp_path: Path,
) -> None:
    patient = f"ROUND-{which}"
    ways: tuple[Archive, ...] = (
        request.getfixturevalue("orthanc")
        if which == "orthanc"
        else (request.getfixturevalue("dcmtk"),)
    )
    by_dimse = ways[0]
    sent = {
        str(one.SOPInstanceUID): one
        for one in map(pydicom.dcmread, _heads(tmp_path / "sent", patient, demo_slice))
    }
    uid = str(next(iter(sent.values())).StudyInstanceUID)
    other = write_study(tmp_path / "other", 2, f"{patient}-OTHER", seed=8)
    services.send(by_dimse, [*sorted((tmp_path / "sent").iterdir()), *other])

    retrieved = []
    for way in ways:  # C-GET, and from Orthanc WADO, too
        (found,) = services.find(way, StudyQuery(patient_id=patient))
        assert (found.study_instance_uid, found.instances or SLICES) == (uid, SLICES)
        retrieved.append(services.retrieve(way, uid, Cache(tmp_path / f"by-{way.name}")))
    retrieved.append(_moved(by_dimse, uid, receiver_port, tmp_path / "moved"))
    assert len(retrieved) == len(ways) + 1
    for folder in retrieved:
        back = _by_uid(folder)
        assert back.keys() == sent.keys()
        assert all(_same(one, back[key]) for key, one in sent.items())

    (about,) = answers_as_objects([retrieved[-1]], classifier, list(ObjectKind))
    assert about.error is None
    assert [one.Modality for one in about.objects] == ["SR", "SEG", "OT", "KO"]
    services.send(by_dimse, write_objects(about.objects, tmp_path / "answers"))
    made = _by_uid(tmp_path / "answers")
    middle = [key for place, key in enumerate(sent) if SLICES / 3 <= place < 2 * SLICES / 3]
    for way in ways:
        (found,) = services.find(way, StudyQuery(patient_id=patient))
        assert found.study_instance_uid == uid
        again = _by_uid(services.retrieve(way, uid, Cache(tmp_path / f"again-{way.name}")))
        assert again.keys() == sent.keys() | made.keys()
        for key, one in made.items():
            assert _same(one, again[key]), one.Modality
            assert (again[key].StudyInstanceUID, again[key].PatientID) == (uid, patient)
        (keys,) = (one for one in again.values() if one.Modality == "KO")
        (study,) = keys.CurrentRequestedProcedureEvidenceSequence
        (series,) = study.ReferencedSeriesSequence
        named = {str(one.ReferencedSOPInstanceUID) for one in series.ReferencedSOPSequence}
        assert named <= set(middle), "where the lesion is"
        (left,) = services.find(way, StudyQuery(patient_id=f"{patient}-OTHER"))
        elsewhere = services.retrieve(way, left.study_instance_uid, Cache(tmp_path / "left"))
        assert len(list(elsewhere.iterdir())) == 2, "another patient has nothing of it"
    moved = _by_uid(_moved(by_dimse, uid, receiver_port, tmp_path / "moved-again"))
    assert moved.keys() == sent.keys() | made.keys()
