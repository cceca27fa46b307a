"""All that a DICOMweb archive has, series by series (PS3.18: QIDO-RS and WADO-RS)."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import NamedTuple

import pydicom
import requests
from pydicom.dataset import Dataset

from braintumor_desktop.network.dicomweb import opened
from braintumor_desktop.network.servers import Archive

_STUDIES_AT_ONCE = 100
_GONE = (404, 410)


class InstanceName(NamedTuple):
    """The UIDs of an instance, of its series and of its study."""

    study: str
    series: str
    instance: str


def instances(
    archive: Archive, filters: dict[str, str], secret: str = ""
) -> Iterator[InstanceName]:
    """Give every instance of the studies that fit, each once, study by study.

    A study that comes into the archive meanwhile may be left out. Raises `ArchiveConnectionError`
    or `ArchiveAnswerError`.
    """
    met: set[str] = set()
    with opened(archive, secret) as client:
        start = 0
        while True:
            rows = client.search_for_studies(
                limit=_STUDIES_AT_ONCE, offset=start, search_filters=filters
            )
            start += len(rows)
            studies = {str(Dataset.from_json(row).get("StudyInstanceUID", "")) for row in rows}
            if not studies - met:
                return  # the end; or the archive does not know pages, and gave all at once
            for study in sorted(studies - met):
                found = client.search_for_instances(study, get_remaining=True)
                named = map(Dataset.from_json, found)
                yield from sorted(
                    {
                        InstanceName(study, str(one.SeriesInstanceUID), str(one.SOPInstanceUID))
                        for one in named
                    }
                )
            met |= studies


def series_files(
    archive: Archive, study: str, series: str, secret: str = ""
) -> Iterator[tuple[str, bytes]]:
    """Give the instances of a series as they are stored: their UIDs and their files' content.

    None where the archive has the series no more. Raises `ArchiveConnectionError` or
    `ArchiveAnswerError`.
    """
    with opened(archive, secret) as client:
        try:
            for dataset in client.iter_series(study, series):
                buffer = BytesIO()
                pydicom.dcmwrite(buffer, dataset, enforce_file_format=True)
                yield str(dataset.get("SOPInstanceUID", "")), buffer.getvalue()
        except requests.exceptions.HTTPError as error:
            if error.response is None or error.response.status_code not in _GONE:
                raise
