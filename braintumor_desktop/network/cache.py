"""What was retrieved, in the user's own cache: bounded in size and age, cleared by a command.

No identifier of a file becomes a path: files are named by the SHA-256 of their UIDs.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from braintumor_desktop.network.at_rest import encrypt_folder
from braintumor_desktop.network.query import check_uid
from braintumor_desktop.network.refusals import ArchiveAnswerError

MOST_BYTES = 20 * 2**30
MOST_DAYS = 14.0
MOST_INSTANCES = 20_000
"""Of one study; more is no study of a head but a peer that does not end."""

MOST_STUDY_BYTES = 8 * 2**30


@dataclass(frozen=True)
class Cache:
    """A folder of retrieved studies.

    Attributes
    ----------
    folder
        Where it is; made for its user alone.
    most_bytes, most_days
        What is older, or above the size, is taken away, the studies used longest ago first.

    """

    folder: Path
    most_bytes: int = MOST_BYTES
    most_days: float = MOST_DAYS

    def study_folder(self, study_instance_uid: str) -> Path:
        """Return the folder of a study, whether it is there or not."""
        return self.folder / _digest(check_uid(study_instance_uid))

    def open_study(self, study_instance_uid: str) -> StudyWriter:
        """Begin to take in a study's files; `finish` makes them visible."""
        if not self.folder.is_dir():
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            encrypt_folder(self.folder)  # folders made in it take it over
        return StudyWriter(study_instance_uid, self.study_folder(study_instance_uid))

    def trim(self) -> None:
        """Take away what is too old, then what is too much."""
        if not self.folder.is_dir():
            return
        oldest = time.time() - self.most_days * 86_400
        kept = []
        for study in self.folder.iterdir():
            used = study.stat().st_mtime
            if used < oldest:
                shutil.rmtree(study, ignore_errors=True)
            else:
                size = sum(file.stat().st_size for file in study.rglob("*") if file.is_file())
                kept.append((used, size, study))
        total = sum(size for _, size, _ in kept)
        for _, size, study in sorted(kept):
            if total <= self.most_bytes:
                return
            shutil.rmtree(study, ignore_errors=True)
            total -= size

    def clear(self) -> None:
        """Take away everything."""
        if self.folder.is_dir():
            shutil.rmtree(self.folder)


class StudyWriter:
    """Takes in the files of one study, and nothing else.

    What came before stays until `finish`: a study that breaks off half-way replaces no whole one.
    A file that comes twice is kept once. Raises `ArchiveAnswerError` for files of another study,
    and where there are too many or too large.
    """

    def __init__(self, study_instance_uid: str, folder: Path) -> None:
        self.study_instance_uid = check_uid(study_instance_uid)
        self.folder = folder
        self.count = 0
        self._bytes = 0
        self._beside = Path(tempfile.mkdtemp(prefix="part-", dir=folder.parent))  # 0700

    def add(self, study_instance_uid: str, sop_instance_uid: str, data: bytes) -> None:
        """Keep one file's bytes."""
        if study_instance_uid != self.study_instance_uid:
            raise ArchiveAnswerError("The archive sent a file of another study.")
        self._bytes += len(data)
        path = self._beside / f"{_digest(check_uid(sop_instance_uid))}.dcm"
        self.count += not path.exists()
        if self.count > MOST_INSTANCES or self._bytes > MOST_STUDY_BYTES:
            raise ArchiveAnswerError("The archive sends more than a study of a head may have.")
        path.write_bytes(data)

    def finish(self) -> Path:
        """Put the study in place of what was there before, and return its folder."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self._beside.replace(self.folder)
        return self.folder

    def give_up(self) -> None:
        """Take away what came."""
        shutil.rmtree(self._beside, ignore_errors=True)


def _digest(uid: str) -> str:
    return hashlib.sha256(uid.encode("ascii")).hexdigest()[:40]
