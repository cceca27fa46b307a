"""What is asked of an archive, and what it says that it has."""

from __future__ import annotations

import re
from dataclasses import dataclass

from braintumor_desktop.network.refusals import ArchiveAnswerError

MOST_STUDIES = 500
"""So many studies of one answer are shown; who finds more asks more narrowly."""

_UID = re.compile(r"[0-9]+(\.[0-9]+)*")
_DATES = re.compile(r"(\d{8})?(-(\d{8})?)?")


@dataclass(frozen=True)
class StudyQuery:
    """What studies are looked for; an empty field asks for nothing.

    `patient_id` and `patient_name` may hold the wildcards * and ?; `study_date` is YYYYMMDD or a
    range YYYYMMDD-YYYYMMDD with either end left out; `modality` is one of ModalitiesInStudy.
    """

    patient_id: str = ""
    patient_name: str = ""
    study_date: str = ""
    modality: str = ""
    accession_number: str = ""
    study_instance_uid: str = ""

    def __post_init__(self) -> None:
        if self.study_date and not _DATES.fullmatch(self.study_date):
            raise ArchiveAnswerError(
                "The study date is no date and no range: 20240131, 20240101-20240131, 20240101-."
            )
        if self.study_instance_uid:
            check_uid(self.study_instance_uid)

    @property
    def empty(self) -> bool:
        """Whether it asks for everything that the archive has."""
        return not any(vars(self).values())


@dataclass(frozen=True)
class FoundStudy:
    """A study as the archive describes it; empty fields where it does not."""

    study_instance_uid: str
    patient_id: str = ""
    patient_name: str = ""
    birth_date: str = ""
    sex: str = ""
    study_date: str = ""
    description: str = ""
    accession_number: str = ""
    modalities: tuple[str, ...] = ()
    instances: int | None = None


def check_uid(uid: str) -> str:
    """Return `uid`, or raise `ArchiveAnswerError` where it is no unique identifier (PS3.5, 9)."""
    if not (_UID.fullmatch(uid) and len(uid) <= 64):
        raise ArchiveAnswerError("The archive gave something else in place of a UID.")
    return uid
