"""Archives and callers that do what they must not: one sentence, nothing outside the cache."""

from __future__ import annotations

import os
import random
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pydicom
import pytest
from pydicom.dataset import Dataset
from pynetdicom import AE, AllStoragePresentationContexts, evt
from pynetdicom.sop_class import (
    StudyRootQueryRetrieveInformationModelFind,
    StudyRootQueryRetrieveInformationModelGet,
)

from braintumor_desktop.network import cache as caches
from braintumor_desktop.network import dimse
from braintumor_desktop.network import services as archives
from braintumor_desktop.network.cache import Cache
from braintumor_desktop.network.query import StudyQuery
from braintumor_desktop.network.receiver import StorageReceiver
from braintumor_desktop.network.refusals import ArchiveAnswerError, ArchiveConnectionError
from braintumor_desktop.network.servers import Archive
from tests.network.conftest import RECEIVER, free_port, write_study

Handler = tuple[Any, Callable[..., Any]]


@contextmanager
def _server(*handlers: Handler) -> Iterator[Archive]:
    """An archive that answers as the handlers say."""
    entity = AE(ae_title="HOSTILE")
    entity.add_supported_context(StudyRootQueryRetrieveInformationModelFind)
    entity.add_supported_context(StudyRootQueryRetrieveInformationModelGet)
    for context in AllStoragePresentationContexts:
        entity.add_supported_context(context.abstract_syntax, scu_role=True, scp_role=True)
    port = free_port()
    server = entity.start_server(("127.0.0.1", port), block=False, evt_handlers=list(handlers))
    try:
        yield Archive("hostile", host="127.0.0.1", port=port, ae_title="HOSTILE", time_out_s=3)
    finally:
        server.shutdown()


@contextmanager
def _socket(serve: Callable[[socket.socket], None]) -> Iterator[Archive]:
    """Something that listens and is no archive."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()

        def accept() -> None:
            try:
                while True:
                    serve(listening.accept()[0])
            except OSError:
                return  # closed: the test is over

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        port = listening.getsockname()[1]
        yield Archive("socket", host="127.0.0.1", port=port, time_out_s=1)
        with suppress(OSError):  # Windows ends `accept` when the socket closes, and refuses this
            listening.shutdown(socket.SHUT_RDWR)
    thread.join(5)


def _sends(datasets: list[Dataset]) -> Handler:
    def handle(event: Any) -> Iterator[Any]:
        yield len(datasets)
        for dataset in datasets:
            yield 0xFF00, dataset

    return evt.EVT_C_GET, handle


def _datasets(folder: Path, count: int) -> list[Dataset]:
    return [pydicom.dcmread(path) for path in write_study(folder, count)]


@pytest.mark.parametrize("stalls", [True, False])
def test_who_stalls_or_hangs_up_is_not_waited_for(stalls: bool, tmp_path: Path) -> None:
    kept = []

    def serve(connection: socket.socket) -> None:
        if stalls:
            kept.append(connection)
        else:
            connection.recv(64)
            connection.close()

    with _socket(serve) as archive:
        with pytest.raises(ArchiveConnectionError, match="No archive answers"):
            archives.check(archive)
        with pytest.raises(ArchiveConnectionError):
            archives.retrieve(archive, "1.2.3", Cache(tmp_path / "cache"))
    for connection in kept:
        connection.close()
    assert list((tmp_path / "cache").iterdir()) == []


def test_a_server_that_drops_in_the_middle_loses_nothing_that_was_there(tmp_path: Path) -> None:
    datasets = _datasets(tmp_path / "study", 3)
    uid = str(datasets[0].StudyInstanceUID)
    cache = Cache(tmp_path / "cache")
    with _server(_sends(datasets)) as archive:
        folder = archives.retrieve(archive, uid, cache)
        assert len(list(folder.iterdir())) == 3

    def drop(event: Any) -> Iterator[Any]:
        yield 3
        yield 0xFF00, datasets[0]
        event.assoc.abort()
        yield 0xFF00, datasets[1]

    with _server((evt.EVT_C_GET, drop)) as archive, pytest.raises(ArchiveAnswerError):
        archives.retrieve(archive, uid, cache)
    assert len(list(folder.iterdir())) == 3, "the whole study from before is still there"
    assert [one.name for one in cache.folder.iterdir()] == [folder.name]


def test_another_study_than_was_asked_for_is_refused(tmp_path: Path) -> None:
    datasets = _datasets(tmp_path / "study", 2)
    with (
        _server(_sends(datasets)) as archive,
        pytest.raises(ArchiveAnswerError, match="another study"),
    ):
        archives.retrieve(archive, "1.2.3.4", Cache(tmp_path / "cache"))
    assert list((tmp_path / "cache").iterdir()) == []


def test_a_path_in_an_identifier_leads_nowhere(tmp_path: Path) -> None:
    (dataset,) = _datasets(tmp_path / "study", 1)
    uid = str(dataset.StudyInstanceUID)
    dataset.SOPInstanceUID = "../../escaped"
    dataset.file_meta.MediaStorageSOPInstanceUID = "../../escaped"
    cache = Cache(tmp_path / "a" / "b" / "cache")
    with _server(_sends([dataset])) as archive, pytest.raises(ArchiveAnswerError):
        archives.retrieve(archive, uid, cache)
    with pytest.raises(ArchiveAnswerError, match="in place of a UID"):
        cache.study_folder("../../../escaped")
    assert not list(tmp_path.rglob("*escaped*"))


def test_a_server_that_does_not_end_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    datasets = _datasets(tmp_path / "study", 40)
    monkeypatch.setattr(caches, "MOST_INSTANCES", 20)
    with _server(_sends(datasets)) as archive, pytest.raises(ArchiveAnswerError, match="more than"):
        archives.retrieve(archive, str(datasets[0].StudyInstanceUID), Cache(tmp_path / "cache"))
    assert list((tmp_path / "cache").iterdir()) == []


def test_a_search_that_finds_no_end_is_cut_off() -> None:
    answer = Dataset()
    answer.QueryRetrieveLevel = "STUDY"

    def find(event: Any) -> Iterator[Any]:
        for number in range(100_000):
            answer.StudyInstanceUID = f"1.2.{number + 1}"
            yield 0xFF00, answer

    with _server((evt.EVT_C_FIND, find)) as archive:
        assert len(dimse.find(archive, StudyQuery(patient_id="*"))) == 500


def test_what_is_no_uid_is_no_study() -> None:
    answer = Dataset()
    answer.QueryRetrieveLevel = "STUDY"
    answer.StudyInstanceUID = "1.2.3/../4"
    answer.is_undefined_length = False

    def find(event: Any) -> Iterator[Any]:
        yield 0xFF00, answer

    with (
        _server((evt.EVT_C_FIND, find)) as archive,
        pytest.raises(ArchiveAnswerError, match="in place of a UID"),
    ):
        dimse.find(archive, StudyQuery(patient_id="1"))


def _send_when_there_is_room(archive: Archive, files: list[Path]) -> None:
    """What was broken off takes up places until its time is over; then the caller gets in."""
    for _ in range(30):
        try:
            return dimse.send(archive, files)
        except ArchiveConnectionError:
            continue  # each try waits itself
    pytest.fail("The receiver did not let a listed caller in again.")


def test_broken_units_do_not_end_the_receiver(tmp_path: Path) -> None:
    """Openings of nonsense, then a caller who is listed; `BRAINTUMOR_FUZZ` says how many."""
    files = write_study(tmp_path / "study", 2)
    uid = str(pydicom.dcmread(files[0]).StudyInstanceUID)
    port, rng = free_port(), random.Random(7)
    writer = Cache(tmp_path / "cache").open_study(uid)
    with StorageReceiver("127.0.0.1", port, RECEIVER, ["PEER"], writer) as receiver:
        for _ in range(int(os.environ.get("BRAINTUMOR_FUZZ", "200"))):
            kind = rng.choice((1, 1, 2, 3, 4, 5, 6, 7, rng.randrange(256)))
            length = rng.choice((0, 4, 68, 2**31, 2**32 - 1, rng.randrange(2**32)))
            body = rng.randbytes(rng.randrange(200))
            with socket.create_connection(("127.0.0.1", port), 5) as peer:
                try:
                    peer.sendall(bytes([kind, 0]) + length.to_bytes(4) + body)
                except OSError:
                    continue  # it has hung up already
        peer_archive = Archive(
            "peer", host="127.0.0.1", port=port, ae_title=RECEIVER, calling_ae_title="PEER"
        )
        _send_when_there_is_room(peer_archive, files)
    assert receiver.fault is None
    assert len(list(writer.finish().iterdir())) == 2
