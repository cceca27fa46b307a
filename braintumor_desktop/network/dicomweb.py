"""An archive by DICOMweb (PS3.18): QIDO, WADO and STOW, through dicomweb-client."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import pydicom
import requests
from dicomweb_client.api import DICOMwebClient
from pydicom.dataset import Dataset

from braintumor_desktop.network.cache import StudyWriter
from braintumor_desktop.network.dimse import found_study
from braintumor_desktop.network.library_logging import drop_library_logs
from braintumor_desktop.network.object_classes import RETRIEVED
from braintumor_desktop.network.query import MOST_STUDIES, FoundStudy, StudyQuery
from braintumor_desktop.network.refusals import (
    ArchiveAnswerError,
    ArchiveConnectionError,
    CancelledError,
)
from braintumor_desktop.network.servers import Archive, Authentication

drop_library_logs()

_SENT_AT_ONCE = 50  # files in one request
_FIELDS = ("StudyDescription", "ModalitiesInStudy", "NumberOfStudyRelatedInstances")


def find(archive: Archive, query: StudyQuery, secret: str = "") -> list[FoundStudy]:
    """Return the studies that fit, at most `MOST_STUDIES` (QIDO-RS)."""
    asked = {
        "PatientID": query.patient_id,
        "PatientName": query.patient_name,
        "StudyDate": query.study_date,
        "ModalitiesInStudy": query.modality,
        "AccessionNumber": query.accession_number,
        "StudyInstanceUID": query.study_instance_uid,
    }
    filters = {key: value for key, value in asked.items() if value}
    with opened(archive, secret) as client:
        rows = client.search_for_studies(
            limit=MOST_STUDIES, fields=list(_FIELDS), search_filters=filters
        )
        return [found_study(Dataset.from_json(row)) for row in rows[:MOST_STUDIES]]


def get(
    archive: Archive,
    into: StudyWriter,
    secret: str = "",
    progress: Callable[[int], None] = lambda _: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> None:
    """Retrieve a study as it is stored there (WADO-RS); its files go to `into`."""
    with opened(archive, secret) as client:
        for dataset in client.iter_study(into.study_instance_uid):
            if cancelled():
                raise CancelledError()
            if str(dataset.get("SOPClassUID", "")) not in RETRIEVED:
                continue
            buffer = BytesIO()
            pydicom.dcmwrite(buffer, dataset, enforce_file_format=True)
            into.add(
                str(dataset.get("StudyInstanceUID", "")),
                str(dataset.get("SOPInstanceUID", "")),
                buffer.getvalue(),
            )
            progress(into.count)


def send(
    archive: Archive,
    files: Sequence[Path],
    secret: str = "",
    progress: Callable[[int], None] = lambda _: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> None:
    """Send DICOM files to the archive (STOW-RS), all or up to the first that it refuses."""
    with opened(archive, secret) as client:
        for start in range(0, len(files), _SENT_AT_ONCE):
            if cancelled():
                raise CancelledError()
            some = files[start : start + _SENT_AT_ONCE]
            answer = client.store_instances([pydicom.dcmread(path) for path in some])
            failed = answer.get("FailedSOPSequence") if answer is not None else None
            if failed:
                raise ArchiveAnswerError("The archive refuses {count} files.", count=len(failed))
            progress(start + len(some))


def echo(archive: Archive, secret: str = "") -> None:
    """Ask the archive whether it is there, by a search for one study."""
    with opened(archive, secret) as client:
        client.search_for_studies(limit=1)


class _Session(requests.Session):  # type: ignore[misc]
    """Requests that end: each with the archive's time-out, none led elsewhere."""

    def __init__(self, archive: Archive, secret: str) -> None:
        super().__init__()
        self._time_out_s = archive.time_out_s
        self.trust_env = False  # no proxy, no .netrc of the account
        self.max_redirects = 0
        self.verify = archive.certificate_authority or True
        if archive.authentication is Authentication.BASIC:
            self.auth = (archive.user, secret)
        elif archive.authentication is Authentication.BEARER:
            self.headers["Authorization"] = f"Bearer {secret}"

    def request(self, method: str, url: str, **settings: Any) -> requests.Response:
        settings.setdefault("timeout", self._time_out_s)
        # Wildcards need no escape in a query (RFC 3986, 3.4), and Orthanc's plugin undoes none.
        plain = url.replace("%2A", "*").replace("%3F", "?")
        return super().request(method, plain, **settings)


@contextmanager
def opened(archive: Archive, secret: str = "") -> Iterator[DICOMwebClient]:
    """Give a client of the archive; its errors are raised as `ArchiveConnectionError` and such."""
    with _Session(archive, secret) as session:
        try:
            yield DICOMwebClient(archive.url, session=session)
        except requests.exceptions.SSLError as error:
            raise ArchiveConnectionError(
                "The archive's certificate is not trusted: name its authority's file in the "
                "archive's settings."
            ) from error
        except requests.exceptions.HTTPError as error:
            raise _refusal(error) from error
        except requests.exceptions.TooManyRedirects as error:
            raise ArchiveAnswerError("The archive points to another address.") from error
        except requests.exceptions.Timeout as error:
            raise ArchiveConnectionError("The archive took too long to answer.") from error
        except requests.exceptions.RequestException as error:
            raise ArchiveConnectionError("No archive answers at this address.") from error
        except (ValueError, KeyError, TypeError, AttributeError, EOFError, OSError) as error:
            raise ArchiveAnswerError("The archive's answer is no DICOMweb.") from error


def _refusal(error: requests.exceptions.HTTPError) -> ArchiveConnectionError | ArchiveAnswerError:
    code = error.response.status_code if error.response is not None else 0
    if code in (401, 403):
        return ArchiveConnectionError("The archive does not accept the user or the password.")
    return ArchiveAnswerError("The archive refuses it (HTTP status {code}).", code=code)
