"""Records brought from clear to encrypted and back: whole and proven, or as they were.

The copy is made beside the file, read again with the key as the keyring gives it, and compared row
by row; then it takes the file's place at once. What was there before stays beside it until the new
one has been opened in its place.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, suppress
from itertools import zip_longest
from pathlib import Path
from typing import Any, Protocol

from braintumor_desktop.errors import KeyringError
from braintumor_desktop.store.cipher import FileKey, connect, key_name, new_key
from braintumor_desktop.store.database import RecordsError, logs_of


class KeyRing(Protocol):
    """Where keys are kept, by name. Its methods raise `KeyringError` where it cannot be used."""

    def get(self, name: str) -> str:
        """Return a key's secret, "" where there is none of the name."""

    def put(self, name: str, secret: str) -> None:
        """Keep a secret."""

    def remove(self, name: str) -> None:
        """Forget a secret, if there is one of the name."""


def key_of(path: Path, keys: KeyRing | None) -> FileKey | None:
    """Return the key of the records at `path`, None where they are not encrypted.

    Raises `RecordsError` where the keyring cannot be used, or has it not.
    """
    name = key_name(path)
    if not name:
        return None
    try:
        secret = "" if keys is None else keys.get(name)
    except KeyringError as error:
        raise RecordsError(
            "The records in {file} are encrypted, and the system's keyring, which has their key, "
            "cannot be opened; they were left as they are.",
            file=path.name,
        ) from error
    if not secret:
        raise RecordsError(
            "The records in {file} are encrypted, and their key is not in this user's keyring; "
            "they were left as they are.",
            file=path.name,
        )
    return FileKey(name, secret)


def encrypt(path: Path, keys: KeyRing) -> None:
    """Encrypt the records at `path`, which nobody has open, with a new key in the keyring.

    Raises `KeyringError` or `RecordsError`; then they are as they were.
    """
    key = new_key()
    keys.put(key.name, key.secret)
    try:
        if keys.get(key.name) != key.secret:
            raise KeyringError("The system's keyring does not keep what it is given.")
        _convert(path, None, key)
    except BaseException:
        with suppress(KeyringError):
            keys.remove(key.name)
        raise


def decrypt(path: Path, keys: KeyRing) -> None:
    """Write the records at `path`, which nobody has open, in clear; their key is forgotten.

    Raises `RecordsError`; then they are as they were.
    """
    key = key_of(path, keys)
    if key is not None:
        _convert(path, key, None)
        with suppress(KeyringError):
            keys.remove(key.name)


def remove_leftovers(path: Path) -> None:
    """Remove what a conversion that was killed left beside records that were opened since."""
    for one in _beside(path):
        with suppress(OSError):
            _remove(one)


def _beside(path: Path) -> tuple[Path, Path]:
    """The copy that is made of a file, and the second name of what was there before."""
    return path.with_name(f"{path.name}.converted"), path.with_name(f"{path.name}.before")


def _convert(path: Path, old: FileKey | None, new: FileKey | None) -> None:
    copy, backup = _beside(path)
    try:
        _remove(copy)
        copy.touch(0o600)
        # By one SQLite alone: closing the file in another gives back the locks of this one.
        with closing(connect(path, old)) as guard:
            _alone(guard, path)
            with closing(connect(path, old)) as source:
                _export(source, copy, new)
                with closing(connect(copy, new)) as written:
                    _compare(source, written)
            _flushed(copy)
            if sys.platform == "win32":  # an open file is not replaced there
                guard.close()
            _kept_as(path, backup)
            copy.replace(path)
        with closing(connect(path, new)) as proven:
            _check(proven)
        _remove(backup)
    except sqlite3.Error as error:
        raise RecordsError(
            "The records cannot be brought over ({reason}); they are as they were.", reason=error
        ) from error
    except OSError as error:
        raise RecordsError(
            "The records cannot be brought over ({reason}); they are as they were.",
            reason=error.strerror or type(error).__name__,
        ) from error
    finally:
        with suppress(OSError):
            _remove(copy)


def _alone(guard: sqlite3.Connection, path: Path) -> None:
    """Fold the log into the file and keep writers out; nobody else may have it open."""
    try:
        (mode,) = guard.execute("PRAGMA journal_mode = DELETE").fetchone()
        guard.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF != sqlite3.SQLITE_BUSY:
            raise
        mode = "busy"
    if mode != "delete":
        raise RecordsError(
            "The records in {file} are open in another window or program: close it first.",
            file=path.name,
        )


def _export(source: sqlite3.Connection, copy: Path, new: FileKey | None) -> None:
    source.execute("ATTACH ? AS copy KEY ?", (str(copy), "" if new is None else new.raw))
    source.execute("SELECT sqlcipher_export('copy')").fetchall()
    for name in ("user_version", "application_id"):  # which the export leaves out
        (value,) = source.execute(f"PRAGMA main.{name}").fetchone()
        source.execute(f"PRAGMA copy.{name} = {value}")
    source.execute("DETACH copy")


def _compare(source: sqlite3.Connection, written: sqlite3.Connection) -> None:
    """Raise `sqlite3.DatabaseError` unless both hold the same."""
    _check(written)
    source.text_factory = written.text_factory = bytes  # damaged text as it is
    for one, other in zip_longest(_all(source), _all(written)):
        if one != other:
            raise sqlite3.DatabaseError("the copy differs")


def _check(connection: sqlite3.Connection) -> None:
    (said,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if said not in ("ok", b"ok"):
        raise sqlite3.DatabaseError("the copy is not whole")


def _all(connection: sqlite3.Connection) -> Iterator[Any]:
    """All that a file holds: version, owner, schema, and every row of every table."""
    for name in ("user_version", "application_id"):
        yield connection.execute(f"PRAGMA {name}").fetchone()
    schema = "SELECT name, type, tbl_name, sql FROM sqlite_master ORDER BY type, name"
    objects = connection.execute(schema).fetchall()
    yield objects
    for name, kind, *_ in objects:
        if kind == b"table":
            table = name.decode()
            columns = connection.execute(f'PRAGMA table_info("{table}")').fetchall()
            order = ", ".join(str(place + 1) for place in range(min(3, len(columns))))
            yield from connection.execute(f'SELECT * FROM "{table}" ORDER BY {order}')


def _flushed(path: Path) -> None:
    with path.open("rb+") as stream:
        os.fsync(stream.fileno())


def _kept_as(path: Path, backup: Path) -> None:
    """Let the file stand under a second name; copied where the file system has no links."""
    _remove(backup)
    try:
        backup.hardlink_to(path)
    except OSError:
        shutil.copyfile(path, backup)
        backup.chmod(0o600)


def _remove(path: Path) -> None:
    for one in (path, *logs_of(path)):
        one.unlink(missing_ok=True)
