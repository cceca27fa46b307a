"""An archive by DIMSE (PS3.4, annexes B and C; PS3.7), through pynetdicom."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import pydicom
from pydicom.dataset import Dataset
from pydicom.filebase import DicomFileLike
from pydicom.filewriter import write_file_meta_info
from pynetdicom import AE, build_role, evt
from pynetdicom.association import Association
from pynetdicom.presentation import build_context
from pynetdicom.sop_class import (
    StudyRootQueryRetrieveInformationModelFind,
    StudyRootQueryRetrieveInformationModelGet,
    StudyRootQueryRetrieveInformationModelMove,
    Verification,
)

from braintumor_desktop.errors import gettext_noop
from braintumor_desktop.network.cache import StudyWriter
from braintumor_desktop.network.library_logging import drop_library_logs
from braintumor_desktop.network.object_classes import RETRIEVED, TRANSFER_SYNTAXES
from braintumor_desktop.network.prompt_sockets import PROMPT
from braintumor_desktop.network.query import MOST_STUDIES, FoundStudy, StudyQuery, check_uid
from braintumor_desktop.network.reactor_pause import keep_answers
from braintumor_desktop.network.refusals import (
    ArchiveAnswerError,
    ArchiveConnectionError,
    CancelledError,
)
from braintumor_desktop.network.servers import Archive

_PENDING = (0xFF00, 0xFF01)
_WARNINGS = (0xB000, 0xB006, 0xB007)
_STUDY_KEYS = (
    *("PatientID", "PatientName", "PatientBirthDate", "PatientSex", "StudyInstanceUID"),
    *("StudyDate", "StudyDescription", "AccessionNumber", "ModalitiesInStudy"),
    "NumberOfStudyRelatedInstances",
)
_TRIES, _PAUSE_S, _TRANSIENT = 3, 1.0, 2
_CONTEXTS_AT_ONCE = 120  # an association has room for 128 (PS3.8, 7.1.1.13)

drop_library_logs()

Cancelled = Callable[[], bool]
Progress = Callable[[int], None]


def echo(archive: Archive) -> None:
    """Ask the archive whether it is there (C-ECHO).

    Raises `ArchiveConnectionError` or `ArchiveAnswerError`, which name the cause.
    """
    with _associated(archive, [build_context(Verification)]) as association:
        _check(association.send_c_echo(), gettext_noop("the test"))


def find(
    archive: Archive, query: StudyQuery, cancelled: Cancelled = lambda: False
) -> list[FoundStudy]:
    """Return the studies that fit, at most `MOST_STUDIES` (C-FIND at study level)."""
    dataset = Dataset()
    dataset.QueryRetrieveLevel = "STUDY"
    for keyword in _STUDY_KEYS:
        setattr(dataset, keyword, "")
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.PatientID = query.patient_id
    dataset.PatientName = query.patient_name
    dataset.StudyDate = query.study_date
    dataset.ModalitiesInStudy = query.modality
    dataset.AccessionNumber = query.accession_number
    dataset.StudyInstanceUID = query.study_instance_uid
    found: list[FoundStudy] = []
    model = StudyRootQueryRetrieveInformationModelFind
    with _associated(archive, [build_context(model)]) as association:
        for status, identifier in association.send_c_find(dataset, model):
            if cancelled():
                raise CancelledError()
            if _check(status, gettext_noop("the search")) and identifier is not None:
                found.append(found_study(identifier))
            if len(found) >= MOST_STUDIES:
                break
    return found


def get(
    archive: Archive,
    study_instance_uid: str,
    into: StudyWriter,
    progress: Progress = lambda _: None,
    cancelled: Cancelled = lambda: False,
) -> None:
    """Retrieve a study over the same association (C-GET); its files go to `into`."""
    fault: list[Exception] = []

    def store(event: Any) -> int:
        if cancelled():
            fault.append(CancelledError())
        if fault:
            return 0xC000
        try:
            take(event, into)
        except Exception as error:  # comes out in the thread that waits for it
            fault.append(error)
            return 0xC000
        progress(into.count)
        return 0x0000

    model = StudyRootQueryRetrieveInformationModelGet
    classes = list(RETRIEVED)[:_CONTEXTS_AT_ONCE]
    contexts = [build_context(model), *(build_context(uid, TRANSFER_SYNTAXES) for uid in classes)]
    roles = [build_role(uid, scp_role=True) for uid in classes]
    handlers = [(evt.EVT_C_STORE, store)]
    with _associated(archive, contexts, roles=roles, handlers=handlers) as association:
        for status, _ in association.send_c_get(_study(study_instance_uid), model):
            if fault:
                association.abort()
                raise fault[0]
            _check_retrieval(status)
    if fault:
        raise fault[0]


def move(
    archive: Archive,
    study_instance_uid: str,
    destination_ae_title: str,
    cancelled: Cancelled = lambda: False,
) -> None:
    """Have the archive send a study to an application that it knows (C-MOVE).

    A `receiver.StorageReceiver` of that AE title takes it in.
    """
    model = StudyRootQueryRetrieveInformationModelMove
    with _associated(archive, [build_context(model)]) as association:
        answers = association.send_c_move(_study(study_instance_uid), destination_ae_title, model)
        for status, _ in answers:
            if cancelled():
                association.abort()
                raise CancelledError()
            _check_retrieval(status)


def send(
    archive: Archive,
    files: Sequence[Path],
    progress: Progress = lambda _: None,
    cancelled: Cancelled = lambda: False,
) -> None:
    """Send DICOM files to the archive (C-STORE), all or up to the first that it refuses."""
    kinds = {_class_and_syntax(path) for path in files}
    contexts = [build_context(sop_class, syntax) for sop_class, syntax in sorted(kinds)]
    with _associated(archive, contexts[:_CONTEXTS_AT_ONCE]) as association:
        for done, path in enumerate(files, start=1):
            if cancelled():
                raise CancelledError()
            try:
                status = association.send_c_store(path)
            except ValueError as error:  # no presentation context was accepted for it
                raise ArchiveAnswerError(
                    "The archive does not take objects of this kind ({kind}).",
                    kind=pydicom.uid.UID(_class_and_syntax(path)[0]).name,
                ) from error
            _check(status, "a file")
            progress(done)


def take(event: Any, into: StudyWriter) -> None:
    """Give a C-STORE request's file to a writer, with the file meta that it needs."""
    dataset = event.dataset
    context = event.context
    meta = event.file_meta
    meta.TransferSyntaxUID = context.transfer_syntax
    study = str(dataset.get("StudyInstanceUID", ""))
    instance = str(event.request.AffectedSOPInstanceUID)
    if str(dataset.get("SOPInstanceUID", "")) != instance:
        raise ArchiveAnswerError("The archive sent a file under another file's UID.")
    buffer = BytesIO()
    # The data set's bytes as they came: what is written is what was sent.
    buffer.write(b"\0" * 128 + b"DICM")
    write_file_meta_info(DicomFileLike(buffer), meta)
    buffer.write(event.request.DataSet.getvalue())
    into.add(study, instance, buffer.getvalue())


def found_study(identifier: Dataset) -> FoundStudy:
    """Return an archive's answer as a study; raises `ArchiveAnswerError` where it has no UID."""
    modalities = identifier.get("ModalitiesInStudy", "") or ""
    several = [modalities] if isinstance(modalities, str) else list(modalities)
    count = str(identifier.get("NumberOfStudyRelatedInstances", "") or "")

    def text(keyword: str) -> str:
        return str(identifier.get(keyword, "") or "")

    return FoundStudy(
        check_uid(text("StudyInstanceUID")),
        text("PatientID"),
        text("PatientName"),
        text("PatientBirthDate"),
        text("PatientSex"),
        text("StudyDate"),
        text("StudyDescription"),
        text("AccessionNumber"),
        tuple(str(one) for one in several if one),
        int(count) if count.isdecimal() else None,
    )


@contextmanager
def _associated(
    archive: Archive,
    contexts: Sequence[Any],
    roles: Sequence[Any] = (),
    handlers: Sequence[Any] = (),
) -> Iterator[Association]:
    association = _associate(archive, contexts, roles, handlers)
    for _ in range(_TRIES - 1):
        if not _busy(association):
            break
        time.sleep(_PAUSE_S)
        association = _associate(archive, contexts, roles, handlers)
    try:
        if not association.is_established:
            raise _refusal(archive, association)
        if not association.accepted_contexts:
            raise ArchiveAnswerError("The archive does not offer what was asked for.")
        yield association
    except (ValueError, RuntimeError) as error:
        raise ArchiveAnswerError("The archive broke off or does not offer this.") from error
    finally:
        if association.is_established:
            association.release()
        association.kill()


def _associate(
    archive: Archive, contexts: Sequence[Any], roles: Sequence[Any], handlers: Sequence[Any]
) -> Association:
    entity = AE(ae_title=archive.calling_ae_title)
    entity.acse_timeout = entity.connection_timeout = archive.time_out_s
    entity.dimse_timeout = entity.network_timeout = archive.time_out_s
    association = entity.associate(
        archive.host,
        archive.port,
        contexts=list(contexts),
        ae_title=archive.ae_title,
        ext_neg=list(roles),
        evt_handlers=[*PROMPT, *handlers],
    )
    keep_answers(association)
    return association


def _busy(association: Association) -> bool:
    """Whether the archive refused for now alone (PS3.8, 9.3.4), so that asking again is safe."""
    answer = association.acceptor.primitive
    return bool(association.is_rejected and answer is not None and answer.result == _TRANSIENT)


def _refusal(archive: Archive, association: Association) -> ArchiveConnectionError:
    if association.is_rejected:
        return ArchiveConnectionError(
            "The archive at {host} does not let the app in: it may not know the AE title {title}.",
            host=archive.host,
            title=archive.calling_ae_title,
        )
    return ArchiveConnectionError(
        "No archive answers at {host}, port {port}.", host=archive.host, port=archive.port
    )


def _check(status: Dataset, what: str) -> bool:
    """Whether an answer is one with a result; raises `ArchiveAnswerError` for a failure."""
    code = status.get("Status") if status else None
    if code is None:
        raise ArchiveAnswerError("The archive broke off, or took too long.")
    if code not in (0x0000, *_PENDING, *_WARNINGS):
        raise ArchiveAnswerError(
            "The archive refuses {what} (status {code}).", what=what, code=f"{code:04X}"
        )
    return code in (0x0000, *_PENDING)


def _check_retrieval(status: Dataset) -> None:
    _check(status, gettext_noop("the study"))
    failed = int(status.get("NumberOfFailedSuboperations", 0) or 0)
    if status.Status not in _PENDING and failed:
        raise ArchiveAnswerError(
            "The archive could not send {count} of the study's files.", count=failed
        )


def _study(study_instance_uid: str) -> Dataset:
    dataset = Dataset()
    dataset.QueryRetrieveLevel = "STUDY"
    dataset.StudyInstanceUID = check_uid(study_instance_uid)
    return dataset


def _class_and_syntax(path: Path) -> tuple[str, str]:
    meta = pydicom.filereader.read_file_meta_info(path)
    return str(meta.MediaStorageSOPClassUID), str(meta.TransferSyntaxUID)
