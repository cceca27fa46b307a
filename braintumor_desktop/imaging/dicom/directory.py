"""DICOMDIR: which files a disc holds (DICOM PS3.3, F)."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO

import pydicom

from braintumor_desktop.errors import BraintumorError, TruncatedFileError
from braintumor_desktop.imaging.dicom.file import ends_early


@dataclass(frozen=True, slots=True)
class DirectoryRecord:
    """A file by its File ID, folder by folder, and the SOPInstanceUID that it should have."""

    file_id: tuple[str, ...]
    sop_instance_uid: str = ""

    @property
    def inside(self) -> bool:
        """Whether it leads nowhere but into the disc's own folders."""
        return all(
            part not in ("", ".", "..") and not any(sign in part for sign in "/\\:")
            for part in self.file_id
        )


def read_directory(data: bytes) -> tuple[DirectoryRecord, ...]:
    """The records of a DICOMDIR that name files, in its order (F.3.2.2: Referenced File ID).

    Raises TruncatedFileError where it is damaged or cut off: files that it names no more would be
    missing without a word.
    """
    try:
        directory = pydicom.dcmread(BytesIO(data))
        if ends_early(directory, data):
            raise EOFError
        records = directory.get("DirectoryRecordSequence") or ()
        return tuple(
            _record(record.ReferencedFileID, str(record.get("ReferencedSOPInstanceUIDInFile", "")))
            for record in records
            if record.get("ReferencedFileID")
        )
    except (BraintumorError, MemoryError):
        raise
    except Exception as error:  # pydicom raises whatever its readers meet
        raise TruncatedFileError("The DICOMDIR is damaged.") from error


def _record(file_id: object, uid: str) -> DirectoryRecord:
    parts = [file_id] if isinstance(file_id, str) else list(file_id)  # type: ignore[call-overload]
    return DirectoryRecord(tuple(str(part) for part in parts), uid.strip("\0 "))
