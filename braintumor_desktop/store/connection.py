"""The open file behind the records: reads, transactions, and whether it is still that file."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from braintumor_desktop.store.database import RecordsError, is_database, open_database, put_aside
from braintumor_desktop.store.encryption import KeyRing, key_of

PATIENCE_MS = 10_000
"""How long another process that is writing is waited for."""


class OpenFile:
    """The SQLite file. Every method may be called from any thread."""

    def __init__(self, path: Path, keys: KeyRing | None = None) -> None:
        """Open or create the file at `path`, where it is encrypted with its key of `keys`.

        A damaged one is renamed, never deleted, and `set_aside` says to what; an encrypted one
        never is. Raises `RecordsError` where the file is a newer app's, something else, or cannot
        be opened.
        """
        self._path = path.absolute()
        self._keys = keys
        self._lock = threading.RLock()
        self.set_aside: Path | None = None
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self.connection = self._open()
            self._opened = _identity(self._path)
        except OSError as error:
            raise _cannot_open(self._path, error.strerror or type(error).__name__) from error
        except sqlite3.Error as error:
            raise _cannot_open(self._path, error) from error

    def close(self) -> None:
        """Close it; the write-ahead log is folded into it."""
        with self._lock:
            self.connection.close()

    def read(self, sql: str, *values: object) -> list[Any]:
        """Return the rows that a query finds. Raises `RecordsError`."""
        try:
            with self._lock:
                return self.connection.execute(sql, values).fetchall()
        except sqlite3.Error as error:
            raise _unusable(error) from error

    @contextmanager
    def writing(self, patience_ms: int = PATIENCE_MS) -> Iterator[sqlite3.Connection]:
        """Hold a transaction. What is written into a file that was renamed would never be found.

        Raises `RecordsError`; then nothing of the block was kept.
        """
        self._check_place()
        try:
            with self._lock:
                self.connection.execute(f"PRAGMA busy_timeout = {patience_ms}")
                self.connection.execute("BEGIN IMMEDIATE")
                try:
                    self._check_place()  # it was waited for whoever had it, and may have moved it
                    yield self.connection
                    self.connection.execute("COMMIT")
                except BaseException:
                    with suppress(sqlite3.Error):  # a full disk may have rolled back already
                        self.connection.execute("ROLLBACK")
                    raise
        except sqlite3.Error as error:
            raise _unusable(error) from error

    def _check_place(self) -> None:
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

    def _open(self) -> sqlite3.Connection:
        key = key_of(self._path, self._keys)
        try:
            return open_database(self._path, key)
        except sqlite3.OperationalError:
            raise
        except sqlite3.DatabaseError as error:
            if key is not None:
                raise RecordsError(
                    "The encrypted records in {file} cannot be read with the key in the keyring, "
                    "or are damaged; they were left as they are.",
                    file=self._path.name,
                ) from error
            if self._path.suffix != ".sqlite" and not is_database(self._path):
                raise RecordsError(
                    "{file} holds no records and was left as it is.", file=self._path.name
                ) from error
            self.set_aside = put_aside(self._path)
            return open_database(self._path)


def _identity(path: Path) -> tuple[int, int] | None:
    """Which file lies at `path`, None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _cannot_open(path: Path, reason: object) -> RecordsError:
    return RecordsError(
        "The records in {file} cannot be opened ({reason}).", file=path.name, reason=reason
    )


def _unusable(error: sqlite3.Error) -> RecordsError:
    return RecordsError(
        "The records cannot be read or written ({reason}); what was kept before stays.",
        reason=error,
    )
