"""Answers and decisions, kept in one SQLite file per user.

Answers are keyed by the SHA-256 of the file's content and `versions.answering_key`. What happened
stands in the table `audit`, which the database itself refuses to change or shorten; a decision is
its last event for a content. Write-ahead logging: a kill at any moment leaves the last whole
transaction.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import platformdirs

from braintumor_desktop.domain.decision import Decision
from braintumor_desktop.domain.result import FileResult, from_json, to_json
from braintumor_desktop.store.database import RecordsError, is_database, open_database, put_aside


def user_records() -> Path:
    """The user's own file of answers and decisions."""
    folder = platformdirs.user_data_path("braintumor-desktop", appauthor=False)
    return folder / "records.sqlite"


class DecidedMeanwhileError(RecordsError):
    """Somebody else has decided since; `stands` is what."""

    def __init__(self, stands: Decision) -> None:
        super().__init__("Somebody else has decided about this slice meanwhile.")
        self.stands = stands


_PATIENCE_MS = 10_000  # with another process that is writing
_WATCHED_MS = 2_000  # the same, where a person waits


class Records:
    """The open file. Every method may be called from any thread."""

    def __init__(self, path: Path, who: str) -> None:
        """Open or create the file at `path`; `who` is written beside every event.

        A damaged file is renamed, never deleted, and `set_aside` says to what. Raises
        `RecordsError` where the file is a newer app's, something else, or cannot be opened.
        """
        path = path.absolute()
        self._who = who
        self._path = path
        self._lock = threading.RLock()
        self.set_aside: Path | None = None
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                self._connection = open_database(path)
            except sqlite3.OperationalError:
                raise
            except sqlite3.DatabaseError as error:
                if path.suffix != ".sqlite" and not is_database(path):
                    raise RecordsError(
                        "{file} holds no records and was left as it is.", file=path.name
                    ) from error
                self.set_aside = put_aside(path)
                self._connection = open_database(path)
            self._opened = _identity(path)
        except (OSError, sqlite3.Error) as error:
            raise RecordsError(
                "The records in {file} cannot be opened ({reason}).", file=path.name, reason=error
            ) from error

    def close(self) -> None:
        """Close the file; the write-ahead log is folded into it."""
        with self._lock:
            self._connection.close()

    def find(self, content: str, key: str) -> FileResult | None:
        """The answer for a content, None where there is none under this key."""
        rows = self._read("SELECT outcome FROM answer WHERE content = ? AND key = ?", content, key)
        return from_json(rows[0][0]) if rows else None

    def thumbnail(self, content: str, key: str) -> bytes | None:
        """The thumbnail's JPEG bytes, None where there is none."""
        sql = "SELECT thumbnail FROM answer WHERE content = ? AND key = ?"
        rows = self._read(sql, content, key)
        return rows[0][0] if rows else None

    def add(self, key: str, results: Iterable[FileResult]) -> None:
        """Keep results by `content`, and that they were given, in one transaction.

        The first answer stays; one takes the place of a refusal, and the audit has both.
        """
        with self._writing() as write:
            for item in results:
                said = to_json(item)
                added = write.execute(
                    """INSERT INTO answer (content, key, outcome, thumbnail) VALUES (?, ?, ?, ?)
                       ON CONFLICT (content, key) DO UPDATE
                       SET outcome = excluded.outcome, thumbnail = excluded.thumbnail
                       WHERE json_extract(outcome, '$.reason') IS NOT NULL
                       AND json_extract(excluded.outcome, '$.reason') IS NULL""",
                    (item.content, key, said, item.thumbnail),
                )
                if added.rowcount:
                    self._log("answered", item.content, key, _summary(item))

    def decide(
        self, content: str, key: str, decision: Decision, seen: Decision | None = None
    ) -> int:
        """Append a decision; returns its event for `undo`.

        Raises `DecidedMeanwhileError` where what stands is not what was `seen`, if that is given.
        """
        with self._writing(_WATCHED_MS):
            before = self.decision(content)
            if seen is not None and seen != before:
                raise DecidedMeanwhileError(before)
            details = asdict(decision) | {"before": asdict(before)}
            answer = self.find(content, key)
            if answer is not None:
                details["answer"] = _summary(answer)
            return self._log("decided", content, key, details)

    def undo(self, event: int) -> Decision:
        """Append that the decision `event` is taken back; returns what stands now.

        Raises `DecidedMeanwhileError` where it did not stand any more.
        """
        sql = "SELECT content, key, details FROM audit WHERE id = ? AND event = 'decided'"
        with self._writing(_WATCHED_MS):
            ((content, key, details),) = self._read(sql, event)
            stands = self.decision(content)
            if stands != _decision(details):
                raise DecidedMeanwhileError(stands)
            before = json.loads(details)["before"]
            self._log("undone", content, key, before, event)
        return Decision(**before)

    def decision(self, content: str) -> Decision:
        """What is decided about a content now."""
        sql = """SELECT details FROM audit WHERE content = ? AND event IN ('decided', 'undone')
                 ORDER BY id DESC LIMIT 1"""
        rows = self._read(sql, content)
        return _decision(rows[0][0]) if rows else Decision()

    def decisions(self) -> dict[str, Decision]:
        """All decisions that stand, by content."""
        sql = """SELECT content, details FROM audit WHERE id IN (SELECT max(id) FROM audit
                 WHERE event IN ('decided', 'undone') GROUP BY content)"""
        return {content: _decision(details) for content, details in self._read(sql)}

    def begin_run(self, roots: Sequence[Path], key: str) -> tuple[int, bool]:
        """Note that a run begins; returns its number, and whether it goes on with one cut off.

        It takes the place of that one, after all others: `last_run` is the one begun last.
        """
        named = _roots(roots)
        with self._writing() as write:
            cut_off = "DELETE FROM run WHERE roots = ? AND key = ? AND ended IS NULL"
            resumed = write.execute(cut_off, (named, key)).rowcount > 0
            insert = "INSERT INTO run (roots, key, started) VALUES (?, ?, ?)"
            return int(write.execute(insert, (named, key, _now())).lastrowid or 0), resumed

    def end_run(self, run: int) -> None:
        """Note that a run has come to its end."""
        with self._writing() as write:
            write.execute("UPDATE run SET ended = ? WHERE id = ?", (_now(), run))

    def last_run(self) -> tuple[list[Path], bool] | None:
        """What the latest run went through, and whether it came to its end."""
        rows = self._read("SELECT roots, ended FROM run ORDER BY id DESC LIMIT 1")
        if not rows:
            return None
        return [Path(name) for name in json.loads(rows[0][0])], rows[0][1] is not None

    def audit(self) -> Iterator[dict[str, Any]]:
        """Every event, the oldest first."""
        last = 0
        sql = """SELECT id, at, who, event, content, key, details, undoes FROM audit
                 WHERE id > ? ORDER BY id LIMIT 1000"""
        while rows := self._read(sql, last):
            for number, at, who, event, content, key, details, undoes in rows:
                yield {
                    "id": number, "at": at, "who": who, "event": event, "content": content,
                    "key": key, "details": json.loads(details), "undoes": undoes,
                }  # fmt: skip
            last = rows[-1][0]

    def _read(self, sql: str, *values: object) -> list[Any]:
        try:
            with self._lock:
                return self._connection.execute(sql, values).fetchall()
        except sqlite3.Error as error:
            raise _unusable(error) from error

    @contextmanager
    def _writing(self, patience_ms: int = _PATIENCE_MS) -> Iterator[sqlite3.Connection]:
        """A transaction. What is written into a file that was renamed would never be found."""
        found = _identity(self._path)
        if found is None:
            raise RecordsError(
                "{file} cannot be found now: nothing is kept while it is away.",
                file=self._path.name,
            )
        if found != self._opened:
            raise RecordsError(
                "{file} was replaced while it was open: nothing more is kept until the app is "
                "restarted.",
                file=self._path.name,
            )
        try:
            with self._lock:
                self._connection.execute(f"PRAGMA busy_timeout = {patience_ms}")
                self._connection.execute("BEGIN IMMEDIATE")
                try:
                    yield self._connection
                    self._connection.execute("COMMIT")
                except BaseException:
                    with suppress(sqlite3.Error):  # a full disk may have rolled back already
                        self._connection.execute("ROLLBACK")
                    raise
        except sqlite3.Error as error:
            raise _unusable(error) from error

    def _log(
        self, event: str, content: str, key: str, details: dict[str, Any], undoes: int | None = None
    ) -> int:
        said = json.dumps(details, ensure_ascii=False)
        done = self._connection.execute(
            """INSERT INTO audit (at, who, event, content, key, details, undoes)
               VALUES (?, ?, ?, ?, ?, ?, ?)""",
            (_now(), self._who, event, content, key, said, undoes),
        )
        return int(done.lastrowid or 0)


def _identity(path: Path) -> tuple[int, int] | None:
    """Which file lies at `path`, None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _unusable(error: sqlite3.Error) -> RecordsError:
    return RecordsError(
        "The records cannot be read or written ({reason}); what was kept before stays.",
        reason=error,
    )


def _summary(result: FileResult) -> dict[str, Any]:
    if result.reason is not None:
        return {"refused": result.reason.kind}
    model = asdict(result.model) if result.model else None
    return {"label": result.label, "probability": result.probability, "model": model}


def _decision(details: str) -> Decision:
    values = json.loads(details)
    return Decision(values["verdict"], values["class_name"], values["comment"])


def _roots(roots: Sequence[Path]) -> str:
    return json.dumps([str(root.absolute()) for root in roots])


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
