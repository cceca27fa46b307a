"""What a decision is about, as one word: a slice, a frame of a file, or a series."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

_FRAME, _SERIES = "#", "series "


def slice_subject(content: str, frame: int = 0) -> str:
    """Return the subject of a frame of a file, by the SHA-256 of the file's bytes in hex.

    That of the first frame is the hash itself, as for a file that has but one.
    """
    return f"{content}{_FRAME}{frame}" if frame else content


def series_subject(
    series_instance_uid: str, part: str = "", contents: Iterable[str] = (), patient: str = ""
) -> str:
    """Return the subject of a series, or of a part of one (`domain.study.Series.key`).

    With `patient`, two patients whose series have one UID by mistake are two. A series without UID,
    as of numbered pictures, is known by the SHA-256s, or else the names, of its files in order.
    """
    if series_instance_uid:
        owner = f":{_digest([patient])[:16]}" if patient else ""
        return f"{_SERIES}{series_instance_uid}:{part}{owner}"
    return f"{_SERIES}sha256:{_digest([patient, *contents])}:{part}"


def _digest(texts: Iterable[str]) -> str:
    return hashlib.sha256("\0".join(texts).encode("utf-8", "surrogateescape")).hexdigest()


def parts(subject: str) -> tuple[str, int, str]:
    """Return content, frame and series of a subject: those columns of the audit trail."""
    if subject.startswith(_SERIES):
        return "", 0, subject.removeprefix(_SERIES)
    content, _, frame = subject.partition(_FRAME)
    return content, int(frame or 0), ""


def joined(content: str | None, frame: int, series: str) -> str:
    """Return the subject of those columns: the inverse of `parts`."""
    return f"{_SERIES}{series}" if series else slice_subject(content or "", frame)
