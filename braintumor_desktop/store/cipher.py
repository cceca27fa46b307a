"""Encrypted SQLite files (SQLCipher 4: AES-256, every page authenticated) as `sqlite3` shows them.

SQLCipher is a SQLite of its own, which is loaded for encrypted files alone. Its errors are raised
as those of `sqlite3`, so that who reads and writes need not know which of the two a file has.
"""

from __future__ import annotations

import secrets
import sqlite3
import stat
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

_MARK = b"BTMRENC1"
"""How encrypted records begin: half of SQLCipher's salt, which is free where the key is random."""

_BEGINNING = 16


@dataclass(frozen=True)
class FileKey:
    """The key of one file.

    Attributes
    ----------
    name
        By which the keyring has it: 16 hexadecimal digits, which the file begins with.
    secret
        256 random bits as 64 hexadecimal digits.

    """

    name: str
    secret: str = field(repr=False)

    @property
    def raw(self) -> str:
        """Key and salt as SQLCipher takes them."""
        return f"x'{self.secret}{_MARK.hex()}{self.name}'"


def new_key() -> FileKey:
    """Make a key at random."""
    return FileKey(secrets.token_hex(_BEGINNING - len(_MARK)), secrets.token_hex(32))


def key_name(path: Path) -> str:
    """Return the name of the key of the file at `path`, "" where it is not encrypted by this app.

    Raises `OSError` where the file cannot be read; a file that is not there is not encrypted.
    """
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # a pipe would wait for its other end
            return ""
        with path.open("rb") as stream:
            beginning = stream.read(_BEGINNING)
    except FileNotFoundError:
        return ""
    encrypted = len(beginning) == _BEGINNING and beginning.startswith(_MARK)
    return beginning[len(_MARK) :].hex() if encrypted else ""


def connect(path: Path, key: FileKey | None, timeout_s: float = 2.0) -> sqlite3.Connection:
    """Open a file by SQLCipher, which reads what is not encrypted, too, without `key`.

    A key that does not fit shows with the first query, as `sqlite3.DatabaseError`. Raises
    `sqlite3.NotSupportedError` where another SQLite stands in SQLCipher's place.
    """
    driver, connection_class = _driver()
    connection: sqlite3.Connection = _translated(
        lambda: driver.connect(
            str(path),
            timeout=timeout_s,
            isolation_level=None,
            check_same_thread=False,
            factory=connection_class,
        )
    )
    if not connection.execute("PRAGMA cipher_version").fetchone():
        # TensorFlow, loaded before, hands its own to it; that would take keys, and write in clear.
        connection.close()
        raise sqlite3.NotSupportedError("another SQLite was loaded in place of SQLCipher")
    connection.execute("PRAGMA cipher_log_level = NONE")  # else to the user's terminal
    if key is not None:
        connection.execute(f'PRAGMA key = "{key.raw}"')
    return connection


@cache
def _driver() -> tuple[Any, Any]:
    """SQLCipher's module, and its connection with the errors of `sqlite3`."""
    from sqlcipher3 import dbapi2

    class Cursor(dbapi2.Cursor):
        """A cursor whose errors are `sqlite3`'s."""

        def execute(self, *given: Any) -> Any:
            return _translated(lambda: dbapi2.Cursor.execute(self, *given))

        def fetchone(self) -> Any:
            return _translated(lambda: dbapi2.Cursor.fetchone(self))

        def fetchall(self) -> Any:
            return _translated(lambda: dbapi2.Cursor.fetchall(self))

        def __next__(self) -> Any:
            return _translated(lambda: dbapi2.Cursor.__next__(self))

    class Connection(dbapi2.Connection):
        """A connection whose errors are `sqlite3`'s."""

        def execute(self, *given: Any) -> Any:
            return _translated(lambda: self.cursor(Cursor).execute(*given))

    return dbapi2, Connection


def _translated(act: Callable[[], Any]) -> Any:
    from sqlcipher3 import dbapi2

    try:
        return act()
    except dbapi2.Error as error:
        known = getattr(sqlite3, type(error).__name__, sqlite3.DatabaseError)
        same = known(*error.args)
        same.sqlite_errorcode = getattr(error, "sqlite_errorcode", 0)
        raise same from error
