"""What persons decided and marked, as the store has it, for what is handed over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from braintumor_desktop.domain.decision import Decision
from braintumor_desktop.domain.measurement import SliceNotes
from braintumor_desktop.domain.result import FileResult
from braintumor_desktop.screening.groups import By, Group, groups
from braintumor_desktop.store.events import deciders
from braintumor_desktop.store.records import Records
from braintumor_desktop.store.subject import series_subject, slice_subject


class StoredPersons:
    """`outputs.dicom_export.Persons` of the store, in any thread.

    All methods raise `RecordsError` where the store cannot be read.
    """

    def __init__(
        self,
        open_records: Callable[[], Records],
        noted: Callable[[str, int], SliceNotes | None],
    ) -> None:
        """`noted` says what is put down about a frame of a file, by its SHA-256 in hex."""
        self._open_records, self._noted = open_records, noted

    @classmethod
    def of(cls, records: Records) -> StoredPersons:
        """What persons said, by open records alone."""
        return cls(lambda: records, lambda content, frame: records.notes.of(content).get(frame))

    def is_key_image(self, content: str, frame: int) -> bool:
        """Whether somebody marked a frame of a file, by the SHA-256 of its bytes in hex."""
        noted = self._noted(content, frame)
        return noted is not None and noted.key_image

    def on_slice(self, row: FileResult) -> Decision:
        """Return what is decided about a slice."""
        return self._open_records().decision(slice_subject(row.content, row.frame))

    def on_series(self, row: FileResult) -> tuple[Decision, str]:
        """Return what is decided about the series of a slice, and by whom."""
        records = self._open_records()
        for group in groups([replace(row, duplicate_of="")], By.SERIES):
            subject = group_subject(group)
            decision = records.decision(subject)
            if decision.verdict:
                return decision, deciders(records.audit()).get(subject, ("", ""))[0]
        return Decision(), ""


def group_subject(group: Group) -> str:
    """What a decision about a series of the worklist is kept under."""
    patient, uid, file = group.key
    return series_subject(uid, contents=[file], patient=patient)
