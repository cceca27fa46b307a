"""Sent, found and retrieved, against two archives that others wrote."""

from __future__ import annotations

import os
from pathlib import Path

import pydicom
import pytest

from braintumor_desktop.network import dimse
from braintumor_desktop.network import services as archives
from braintumor_desktop.network.cache import Cache
from braintumor_desktop.network.query import StudyQuery
from braintumor_desktop.network.receiver import StorageReceiver
from braintumor_desktop.network.refusals import ArchiveAnswerError, ArchiveConnectionError
from braintumor_desktop.network.servers import Archive
from tests.network.conftest import RECEIVER, free_port, write_study

SLICES = int(os.environ.get("BRAINTUMOR_ROUND_TRIP", "40"))


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return write_study(tmp_path_factory.mktemp("study"), SLICES)


def _contents(files: list[Path]) -> dict[str, tuple[bytes, str, str]]:
    """Pixels, identifier and place by SOP instance UID."""
    datasets = [pydicom.dcmread(path) for path in files]
    return {
        str(one.SOPInstanceUID): (
            one.PixelData,
            str(one.PatientID) + str(one.PatientName),
            str(one.ImagePositionPatient),
        )
        for one in datasets
    }


def _uid(files: list[Path]) -> str:
    return str(pydicom.dcmread(files[0]).StudyInstanceUID)


def test_what_is_sent_to_orthanc_comes_back_the_same_three_ways(
    orthanc: tuple[Archive, Archive], study: list[Path], receiver_port: int, tmp_path: Path
) -> None:
    by_dimse, by_web = orthanc
    archives.check(by_dimse)
    archives.check(by_web)
    archives.send(by_dimse, study)
    for archive in orthanc:
        (found,) = archives.find(archive, StudyQuery(patient_id="TEST-1"))
        assert found.patient_name == "Prueba^Ana"
        by_pattern = archives.find(archive, StudyQuery(patient_id="TEST-?", patient_name="Prueb*"))
        assert found in by_pattern
        assert (found.instances, found.modalities) == (SLICES, ("MR",))
        folder = archives.retrieve(archive, found.study_instance_uid, Cache(tmp_path / "cache"))
        assert _contents(list(folder.iterdir())) == _contents(study)
    writer = Cache(tmp_path / "moved").open_study(_uid(study))
    with StorageReceiver("127.0.0.1", receiver_port, RECEIVER, ["ORTHANC"], writer) as receiver:
        dimse.move(by_dimse, _uid(study), RECEIVER)
    assert receiver.fault is None
    assert _contents(list(writer.finish().iterdir())) == _contents(study)


def test_what_is_sent_to_dcmtk_comes_back_the_same(
    dcmtk: Archive, study: list[Path], tmp_path: Path
) -> None:
    archives.send(dcmtk, study)
    (found,) = archives.find(dcmtk, StudyQuery(study_instance_uid=_uid(study)))
    folder = archives.retrieve(dcmtk, found.study_instance_uid, Cache(tmp_path))
    assert _contents(list(folder.iterdir())) == _contents(study)


def test_dicomweb_takes_files(orthanc: tuple[Archive, Archive], tmp_path: Path) -> None:
    files = write_study(tmp_path / "sent", 3, "TEST-2", seed=2)
    archives.send(orthanc[1], files)
    folder = archives.retrieve(orthanc[1], _uid(files), Cache(tmp_path / "cache"))
    assert _contents(list(folder.iterdir())) == _contents(files)


def test_a_caller_that_is_not_listed_is_rejected(tmp_path: Path) -> None:
    files = write_study(tmp_path / "study", 2)
    port = free_port()
    writer = Cache(tmp_path / "cache").open_study(_uid(files))
    stranger = Archive(
        "app", host="127.0.0.1", port=port, ae_title=RECEIVER, calling_ae_title="STRANGER"
    )
    with (
        StorageReceiver("127.0.0.1", port, RECEIVER, ["ORTHANC"], writer),
        pytest.raises(ArchiveConnectionError, match="does not let the app in"),
    ):
        dimse.send(stranger, files)
    assert writer.count == 0


def test_a_file_of_another_study_is_not_kept(tmp_path: Path) -> None:
    asked = write_study(tmp_path / "asked", 1, seed=3)
    other = write_study(tmp_path / "other", 1, "ELSE", seed=4)
    port = free_port()
    cache = Cache(tmp_path / "cache")
    writer = cache.open_study(_uid(asked))
    peer = Archive("peer", host="127.0.0.1", port=port, ae_title=RECEIVER, calling_ae_title="PEER")
    with StorageReceiver("127.0.0.1", port, RECEIVER, ["PEER"], writer) as receiver:
        dimse.send(peer, asked)
        with pytest.raises(ArchiveAnswerError):
            dimse.send(peer, other)
    assert "another study" in str(receiver.fault)
    assert _contents(list(writer.finish().iterdir())) == _contents(asked)


def test_where_no_archive_listens_one_sentence_says_so(tmp_path: Path) -> None:
    nobody = Archive("nobody", host="127.0.0.1", port=free_port(), time_out_s=2)
    with pytest.raises(ArchiveConnectionError, match=r"No archive answers at 127\.0\.0\.1"):
        archives.check(nobody)
    with pytest.raises(ArchiveConnectionError):
        archives.retrieve(nobody, "1.2.3", Cache(tmp_path))
    assert list(tmp_path.iterdir()) == []
