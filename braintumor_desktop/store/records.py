"""Answers and decisions, kept in one SQLite file per user.

Answers are keyed by the SHA-256 of the file's content, the frame, and `versions.answering_key`.
What happened stands in the table `audit`, which the database itself refuses to change or shorten; a
decision is the last event about its subject (`store.subject`). Every row carries a checksum: one
that is not whole counts as none, so that its slice is answered anew, and is counted.
Write-ahead logging, where the file system allows it: a kill at any moment leaves the last whole
transaction.
"""

from __future__ import annotations

import getpass
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import platformdirs

from braintumor_desktop.domain.decision import Decision
from braintumor_desktop.domain.result import FileResult, from_json, to_json
from braintumor_desktop.errors import BraintumorError
from braintumor_desktop.store.connection import OpenFile
from braintumor_desktop.store.database import RecordsError
from braintumor_desktop.store.encryption import KeyRing
from braintumor_desktop.store.events import EVENT, append
from braintumor_desktop.store.notes import Notes
from braintumor_desktop.store.runs import Runs
from braintumor_desktop.store.schema import checksum
from braintumor_desktop.store.subject import joined, parts

_WATCHED_MS = 2_000  # how long another process is waited for where a person waits

_Answer = tuple[str, int, int, bytes | None, bytes | None]  # result, frame, frames, picture, sum


def user_name() -> str:
    """Return the user's name as the system knows it, without an account the user's number.

    Containers often run under numbers alone (`getpass.getuser` raises KeyError, from Python 3.13 on
    OSError).
    """
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return f"uid {os.getuid()}" if hasattr(os, "getuid") else "unknown"


def user_records() -> Path:
    """Return the user's own file of answers and decisions.

    Raises `RecordsError` without a home folder.
    """
    folder = platformdirs.user_data_path("braintumor-desktop", appauthor=False)
    if not folder.is_absolute():  # "~" stayed as it is
        raise RecordsError(
            "There is no home folder to keep the records in; name a file for them instead."
        )
    return folder / "records.sqlite"


class DecidedMeanwhileError(RecordsError):
    """Somebody else has decided since; `stands` is what."""

    def __init__(self, stands: Decision) -> None:
        super().__init__("Somebody else has decided about this slice meanwhile.")
        self.stands = stands


class Records(Runs):
    """The open file. Every method may be called from any thread, and raises `RecordsError`."""

    def __init__(self, path: Path, who: str, keys: KeyRing | None = None) -> None:
        """Open or create the file at `path`; `who` is written beside every event.

        `keys` has the key where the file is encrypted. A damaged file is renamed, never deleted,
        and `set_aside` says to what; an encrypted one stays where it is. Raises `RecordsError`
        where the file is a newer app's, something else, or cannot be opened.
        """
        super().__init__(OpenFile(path, keys))
        self._who = who
        self.set_aside = self._file.set_aside
        self.not_as_wanted: BraintumorError | None = None
        """Why they are not encrypted, or not in clear, though that was asked for."""
        self.notes = Notes(self._file, who)
        self._not_whole: set[tuple[str, str]] = set()
        self.decisions_lost = 0
        """How many decisions were found that are not whole; they count as not made."""

    @property
    def answers_lost(self) -> int:
        """How many files' answers were found that are not whole; they are answered anew."""
        return len(self._not_whole)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def find(self, content: str, key: str) -> list[FileResult]:
        """Return the results of a file's frames in their order; none where one is not whole."""
        return self._whole(self._answers(content, key), content, key)

    def thumbnail(self, subject: str, key: str) -> bytes | None:
        """Return the JPEG bytes of a slice's thumbnail, None where there is none."""
        content, frame, _ = parts(subject)
        found = [row for row in self._answers(content, key) if row[1] == frame]
        return found[0][3] if _sound(found, content, key) else None

    def add(self, key: str, results: Iterable[FileResult]) -> None:
        """Keep results by `content` and `frame`, and that they were given, in one transaction.

        All frames of a file come together; of copies the first counts. The first answer stays; one
        takes the place of a refusal or of what is not whole, and the audit has both.
        """
        files: dict[str, dict[int, FileResult]] = {}
        for item in results:
            files.setdefault(item.content, {}).setdefault(item.frame, item)
        with self._file.writing() as write:
            for content, frames in files.items():
                new = list(frames.values())
                rows = self._answers(content, key)
                before = self._whole(rows, content, key)
                refused_before = any(item.reason is not None for item in before)
                answered_now = any(item.reason is None for item in new)
                if before and not (refused_before and answered_now):
                    continue
                write.execute("DELETE FROM answer WHERE content = ? AND key = ?", (content, key))
                for item in new:
                    said = to_json(item)
                    values = content, key, item.frame, len(new), said, item.thumbnail
                    write.execute(
                        "INSERT INTO answer VALUES (?, ?, ?, ?, ?, ?, ?)",
                        (*values, checksum(*values)),
                    )
                    self._log("answered", content, item.frame, "", key, _summary(item))

    def decide(
        self, subject: str, key: str, decision: Decision, seen: Decision | None = None
    ) -> int:
        """Append a decision about a slice or a series; returns its event for `undo`.

        Raises `DecidedMeanwhileError` where what stands is not what was `seen`, if that is given.
        """
        content, frame, series = parts(subject)
        with self._file.writing(_WATCHED_MS):
            before = self.decision(subject)
            if seen is not None and seen != before:
                raise DecidedMeanwhileError(before)
            details = asdict(decision) | {"before": asdict(before)}
            for answer in self.find(content, key):
                if answer.frame == frame:
                    details["answer"] = _summary(answer)
            return self._log("decided", content, frame, series, key, details)

    def undo(self, event: int) -> Decision:
        """Append that the decision `event` is taken back; returns what stands now.

        Raises `DecidedMeanwhileError` where it did not stand any more.
        """
        sql = """SELECT content, frame, series, key, details FROM audit
                 WHERE id = ? AND event = 'decided'"""
        with self._file.writing(_WATCHED_MS):
            ((content, frame, series, key, details),) = self._file.read(sql, event)
            stands = self.decision(joined(content, frame, series))
            if stands != _decision(details):
                raise DecidedMeanwhileError(stands)
            before = json.loads(details)["before"]
            self._log("undone", content, frame, series, key, before, event)
        return Decision(**before)

    def decision(self, subject: str) -> Decision:
        """Return what is decided about a subject now."""
        sql = f"""SELECT {EVENT}, checksum FROM audit
                  WHERE content = ? AND frame = ? AND series = ?
                  AND event IN ('decided', 'undone') ORDER BY id DESC LIMIT 1"""
        return self._standing(self._file.read(sql, *parts(subject))).get(subject, Decision())

    def decisions(self) -> dict[str, Decision]:
        """Return all decisions that stand, by subject."""
        sql = f"""SELECT {EVENT}, checksum FROM audit WHERE id IN (SELECT max(id) FROM audit
                  WHERE event IN ('decided', 'undone') GROUP BY content, frame, series)"""
        return self._standing(self._file.read(sql))

    def audit(self) -> Iterator[dict[str, Any]]:
        """Every event, the oldest first; `whole` is false where it has changed since."""
        last = 0
        names = ("id", *EVENT.split(", "))
        sql = f"SELECT id, {EVENT}, checksum FROM audit WHERE id > ? ORDER BY id LIMIT 1000"
        while rows := self._file.read(sql, last):
            for *values, kept in rows:
                event = dict(zip(names, values, strict=True))
                whole = kept == checksum(*values[1:])
                event["details"] = json.loads(event["details"]) if whole else {}
                subject = joined(event["content"], event["frame"], event["series"])
                yield event | {"subject": subject, "whole": whole}
            last = rows[-1][0]

    def _answers(self, content: str, key: str) -> list[_Answer]:
        sql = """SELECT result, frame, frames, thumbnail, checksum FROM answer
                 WHERE content = ? AND key = ? ORDER BY frame"""
        return self._file.read(sql, content, key)

    def _whole(self, rows: Sequence[_Answer], content: str, key: str) -> list[FileResult]:
        if not rows:
            return []
        complete = [row[1] for row in rows] == list(range(rows[0][2]))
        if complete and _sound(rows, content, key):
            return [from_json(row[0]) for row in rows]
        self._not_whole.add((content, key))
        return []

    def _standing(self, rows: Sequence[Any]) -> dict[str, Decision]:
        found: dict[str, Decision] = {}
        lost = 0
        for *values, kept in rows:
            if kept != checksum(*values):
                lost += 1
                continue
            _, _, _, content, frame, series, _, details, _ = values
            found[joined(content, frame, series)] = _decision(details)
        self.decisions_lost = max(self.decisions_lost, lost)
        return found

    def _log(
        self, event: str, content: str, frame: int, series: str, key: str,
        details: dict[str, Any], undoes: int | None = None,
    ) -> int:  # fmt: skip
        said = json.dumps(details, ensure_ascii=False)
        return append(self._file, self._who, event, content, frame, series, key, said, undoes)


def _sound(rows: Sequence[_Answer], content: str, key: str) -> bool:
    return bool(rows) and all(
        kept == checksum(content, key, frame, frames, said, picture)
        for said, frame, frames, picture, kept in rows
    )


def _summary(result: FileResult) -> dict[str, Any]:
    if result.reason is not None:
        return {"refused": result.reason.kind}
    model = asdict(result.model) if result.model else None
    return {"label": result.label, "probability": result.probability, "model": model}


def _decision(details: str) -> Decision:
    values = json.loads(details)
    return Decision(values["verdict"], values["class_name"], values["comment"])
