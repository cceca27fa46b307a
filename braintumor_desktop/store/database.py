"""The SQLite file behind the records: whose it is, how it is opened, and how it is brought up."""

from __future__ import annotations

import errno
import os
import sqlite3
import stat
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from braintumor_desktop.errors import BraintumorError
from braintumor_desktop.store import cipher
from braintumor_desktop.store.cipher import FileKey
from braintumor_desktop.store.schema import (
    APPLICATION_ID,
    FIRST_TABLES,
    MIGRATIONS,
    migrated_answer,
    migrated_event,
)

_MAGIC = b"SQLite format 3\0"
_USER_VERSION, _APPLICATION_ID = slice(60, 64), slice(68, 72)  # of the header, big-endian
_PATIENCE_S = 10.0  # with another process that sets up the same file

_MODES = (
    # As it should be: readers beside a writer, and a kill leaves the last whole transaction.
    ("PRAGMA journal_mode = WAL", "PRAGMA synchronous = NORMAL"),
    # On a share without memory that processes share, where WAL cannot be.
    (
        "PRAGMA locking_mode = EXCLUSIVE",
        "PRAGMA journal_mode = DELETE",
        "PRAGMA locking_mode = NORMAL",
        "PRAGMA synchronous = FULL",
    ),
    # On one that refuses to flush besides: a kill loses nothing, a power cut may.
    (
        "PRAGMA synchronous = OFF",
        "PRAGMA locking_mode = EXCLUSIVE",
        "PRAGMA journal_mode = DELETE",
        "PRAGMA locking_mode = NORMAL",
    ),
)
"""Ways to keep the file, the best first; the next is tried where the file system refuses one."""


class RecordsError(BraintumorError):
    """The records cannot be used."""

    kind = "records"


def open_database(path: Path, key: FileKey | None = None) -> sqlite3.Connection:
    """Open the file at `path`, made where there is none and brought up to this version.

    It is encrypted with `key`, or not without.

    Only the user may read it, where the file system knows users. Any number of processes may do
    this at once. Raises `RecordsError` for a newer app's file, for another program's, for what is
    no regular file, and where the file system cannot lock; `sqlite3.DatabaseError` for a damaged
    file, and `OSError`.
    """
    check_ours(path)
    with suppress(FileExistsError):
        path.touch(0o600, exist_ok=False)  # its log gets the same from SQLite
    for mode in _MODES[:-1]:
        try:
            return _patiently(path, mode, key)
        except sqlite3.OperationalError as error:
            if _primary(error) not in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN):
                raise _without_locks(path, error) from error
    return _patiently(path, _MODES[-1], key)


def check_ours(path: Path) -> None:
    """Raise `RecordsError` where `path` leads to what no records can be, before it is touched.

    That is a pipe, a device, a folder, and another program's SQLite file. A damaged file passes.
    """
    try:
        found = path.stat()
    except FileNotFoundError:
        return
    if not stat.S_ISREG(found.st_mode):
        raise RecordsError("{file} is no regular file and was left as it is.", file=path.name)
    with path.open("rb") as stream:
        header = stream.read(100)
    if not header.startswith(_MAGIC) or len(header) < 100:
        return
    owner = int.from_bytes(header[_APPLICATION_ID])
    if owner == APPLICATION_ID:
        return
    version = int.from_bytes(header[_USER_VERSION])
    tables = _tables(path) if owner == 0 and version <= 1 else None
    if tables is None or tables not in (set(), FIRST_TABLES):
        raise RecordsError(
            "{file} is another program's database and was left as it is.", file=path.name
        )


def is_database(path: Path) -> bool:
    """Whether the file begins as SQLite's do, damaged or not."""
    with path.open("rb") as stream:
        return stream.read(len(_MAGIC)) == _MAGIC


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
    return [path.with_name(path.name + end) for end in ("-wal", "-shm", "-journal")]


def _tables(path: Path) -> set[str]:
    """The tables of a SQLite file, which is not changed; none where it is damaged."""
    address, found = path.absolute().as_uri(), set[str]()
    # First without its log, which leaves nothing beside the file; what is new may be in that alone.
    for how in ("mode=ro&immutable=1", "mode=ro"):
        with suppress(sqlite3.DatabaseError):
            connection = sqlite3.connect(f"{address}?{how}", uri=True, timeout=_PATIENCE_S)
            try:
                sql = "SELECT name FROM sqlite_master WHERE type = 'table'"
                found = {name for (name,) in connection.execute(sql)} - {"sqlite_sequence"}
            finally:
                connection.close()
        if found or not logs_of(path)[0].exists():
            break
    return found


def _patiently(path: Path, mode: tuple[str, ...], key: FileKey | None) -> sqlite3.Connection:
    """`_opened`, tried again while another process sets up the file: not all steps wait."""
    until = time.monotonic() + _PATIENCE_S
    while True:
        try:
            return _opened(path, mode, key)
        except sqlite3.OperationalError as error:
            if _primary(error) != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(0.02)


def _opened(path: Path, mode: tuple[str, ...], key: FileKey | None) -> sqlite3.Connection:
    if key is None:
        connection = sqlite3.connect(path, timeout=2, isolation_level=None, check_same_thread=False)
    else:
        connection = cipher.connect(path, key)
    # A damaged row may hold what is no text: its checksum says so, not an error of the whole query.
    connection.text_factory = lambda data: data.decode("utf-8", "surrogateescape")
    try:
        for step in mode:
            connection.execute(step)
        if connection.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
            raise sqlite3.DatabaseError("damaged")
        _bring_up(connection)
        connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()  # as later writes will
        _for_the_user_alone(path)
    except UnicodeDecodeError as error:  # of SQLite's message, which quotes a damaged schema
        connection.close()
        raise sqlite3.DatabaseError("damaged") from error
    except BaseException:
        connection.close()
        raise
    connection.execute(f"PRAGMA busy_timeout = {round(1000 * _PATIENCE_S)}")
    return connection


def _bring_up(connection: sqlite3.Connection) -> None:
    """The steps from the file's version to this one, in one transaction under the write lock."""
    if _state(connection) == (len(MIGRATIONS), APPLICATION_ID):
        return
    connection.create_function("migrated_answer", 4, migrated_answer, deterministic=True)
    connection.create_function("migrated_event", 7, migrated_event, deterministic=True)
    connection.execute("BEGIN IMMEDIATE")
    try:
        version, _ = _state(connection)  # another process may have been here meanwhile
        if version > len(MIGRATIONS):
            raise RecordsError("The records were written by a newer version of this app.")
        for script in MIGRATIONS[version:]:
            for statement in _statements(script):
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise


def _state(connection: sqlite3.Connection) -> tuple[int, int]:
    """Version and owner of the file."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (owner,) = connection.execute("PRAGMA application_id").fetchone()
    return version, owner


def _statements(script: str) -> Iterator[str]:
    """A script's statements: `executescript` would end the transaction before the first."""
    so_far = ""
    for piece in script.split(";"):
        so_far += piece + ";"
        if sqlite3.complete_statement(so_far):
            if so_far.strip() != ";":
                yield so_far
            so_far = ""


def _for_the_user_alone(path: Path) -> None:
    if (
        sys.platform == "win32"
    ):  # the folder's own rights hold there, and open files stay as they are
        return
    for own in (path, *logs_of(path)):
        with suppress(OSError):  # not there, or on a share that knows no such rights
            own.chmod(0o600)


def _primary(error: sqlite3.Error) -> int:
    """The error's code without what SQLite's extended codes say besides."""
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF


def _without_locks(path: Path, error: sqlite3.OperationalError) -> Exception:
    """The error, or where the file system cannot lock, which SQLite takes for a lock, that."""
    if sys.platform == "win32" or _primary(error) != sqlite3.SQLITE_BUSY:
        return error
    import fcntl

    # A file of its own: closing the records' would give back what this process has locked there.
    probe = path.with_name(f".{path.name}.{os.getpid()}.lock")
    lock: Callable[..., object] = fcntl.lockf
    try:
        with probe.open("wb") as stream:
            lock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as refusal:
        if refusal.errno not in (errno.EAGAIN, errno.EACCES):
            return RecordsError(
                "The records in {file} cannot be opened: the file system there cannot lock files.",
                file=path.name,
            )
    finally:
        with suppress(OSError):
            probe.unlink(missing_ok=True)
    return error
