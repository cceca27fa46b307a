"""What persons measured on slices and marked as key images: appended, so that nothing is lost."""

from __future__ import annotations

from braintumor_desktop.domain.measurement import SliceNotes
from braintumor_desktop.store.connection import OpenFile
from braintumor_desktop.store.events import EVENT, append
from braintumor_desktop.store.schema import checksum


class Notes:
    """The notes in an open file. Every method may be called from any thread."""

    def __init__(self, file: OpenFile, who: str) -> None:
        self._file = file
        self._who = who

    def keep(self, content: str, frame: int, notes: SliceNotes) -> None:
        """Append what is put down about a slice now; what was stays in the audit.

        `content` is the SHA-256 of the file's bytes in hex, `frame` counts from 0. Raises
        `RecordsError`.
        """
        with self._file.writing():
            append(self._file, self._who, "noted", content, frame, "", "", notes.to_json())

    def of(self, content: str) -> dict[int, SliceNotes]:
        """Return what is put down about a file, by frame. Raises `RecordsError`.

        What is not whole counts as not there.
        """
        sql = f"""SELECT {EVENT}, checksum FROM audit WHERE event = 'noted' AND content = ?
                  ORDER BY id"""
        found: dict[int, SliceNotes] = {}
        for *values, kept in self._file.read(sql, content):
            if kept == checksum(*values):
                found[values[4]] = SliceNotes.from_json(values[7])
        return {frame: notes for frame, notes in found.items() if notes}
