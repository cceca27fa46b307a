"""The SQLite file behind the records: schema, migrations, and what is done with a damaged one."""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from braintumor_desktop.errors import BraintumorError

MIGRATIONS = (
    """
    CREATE TABLE answer (
        content TEXT NOT NULL, key TEXT NOT NULL, outcome TEXT NOT NULL, thumbnail BLOB,
        PRIMARY KEY (content, key)
    );
    CREATE TABLE run (
        id INTEGER PRIMARY KEY, roots TEXT NOT NULL, key TEXT NOT NULL, started TEXT NOT NULL,
        ended TEXT
    );
    CREATE TABLE audit (
        id INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, who TEXT NOT NULL,
        event TEXT NOT NULL, content TEXT, key TEXT, details TEXT NOT NULL, undoes INTEGER
    );
    CREATE INDEX audit_of_content ON audit (content, id) WHERE event IN ('decided', 'undone');
    CREATE TRIGGER audit_stays BEFORE UPDATE ON audit
        BEGIN SELECT RAISE(ABORT, 'the audit trail is only appended to'); END;
    CREATE TRIGGER audit_keeps BEFORE DELETE ON audit
        BEGIN SELECT RAISE(ABORT, 'the audit trail is only appended to'); END;
    """,
)
"""Each brings the file from the version of its index to the next; never edited once released."""


class RecordsError(BraintumorError):
    """The records cannot be used."""

    kind = "records"


def open_database(path: Path) -> sqlite3.Connection:
    """The file at `path`, created or brought up to this version, in one transaction a step.

    Only the user may read it. Raises `RecordsError` for a newer app's file and
    `sqlite3.DatabaseError` for a damaged one.
    """
    with suppress(FileExistsError):
        path.touch(0o600, exist_ok=False)  # its log gets the same from SQLite
    connection = sqlite3.connect(path, timeout=10, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        if connection.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
            raise sqlite3.DatabaseError("damaged")
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version > len(MIGRATIONS):
            raise RecordsError("The records were written by a newer version of this app.")
        for number, script in enumerate(MIGRATIONS[version:], start=version + 1):
            connection.executescript(
                f"BEGIN IMMEDIATE; {script}; PRAGMA user_version = {number}; COMMIT;"
            )
    except BaseException:
        connection.close()
        raise
    for own in (path, *logs_of(path)):
        with suppress(FileNotFoundError):
            own.chmod(0o600)
    return connection


def is_database(path: Path) -> bool:
    """Whether the file begins as SQLite's do, damaged or not."""
    with path.open("rb") as stream:
        return stream.read(16) == b"SQLite format 3\0"


def put_aside(path: Path) -> Path:
    """Rename a damaged file, and its log with it, so that nothing in it is lost."""
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S-%f")
    target = path.with_name(f"{path.stem}-damaged-{stamp}{path.suffix}")
    path.rename(target)
    for log, aside in zip(logs_of(path), logs_of(target), strict=True):
        with suppress(FileNotFoundError):
            log.rename(aside)
    return target


def logs_of(path: Path) -> list[Path]:
    """What SQLite keeps beside the file at `path`."""
    return [path.with_name(path.name + end) for end in ("-wal", "-shm")]
