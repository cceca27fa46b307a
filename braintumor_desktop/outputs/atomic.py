"""Files and folders that are complete or absent: written beside, then renamed."""

from __future__ import annotations

import errno
import os
import re
import shutil
import stat
import sys
from codecs import BOM_UTF8
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from braintumor_desktop.errors import BraintumorError

_NOT_SUPPORTED = {
    getattr(errno, name)
    for name in ("EINVAL", "ENOLCK", "ENOSYS", "ENOTSUP", "EOPNOTSUPP", "EBADRPC")
    if hasattr(errno, name)
}
"""How file systems, shares above all, say that they do not know what was asked."""


class ExportError(BraintumorError):
    """What was to be handed over cannot be written."""

    kind = "export"


@contextmanager
def whole_file(target: Path) -> Iterator[Path]:
    """A path beside `target` to write to; it becomes `target` where the block succeeds.

    Raises `ExportError` where the operating system refuses what is written, where another run
    writes there, or where `target` is there and is no regular file. What the block raises for
    another file's or stream's sake passes.
    """
    check_regular(target)
    beside = beside_of(target)
    try:
        claim = _claim(beside)
    except OSError as error:
        raise refusal(target, error) from error
    if claim is None:
        raise ExportError("{name} is being written by another run.", name=target.name)
    try:
        yield beside
        _flush(claim)
        if not os.path.samestat(os.fstat(claim.fileno()), beside.stat()):
            raise ExportError("{name} is being written by another run.", name=target.name)
        if sys.platform == "win32":  # what is open cannot be renamed there
            claim.close()
        beside.replace(target)
    except OSError as error:
        if isinstance(error, BrokenPipeError) or _of_another(error, beside, target):
            raise
        raise refusal(target, error) from error
    finally:
        with suppress(OSError):
            mine = claim.closed or os.path.samestat(os.fstat(claim.fileno()), beside.stat())
            claim.close()
            if mine:
                beside.unlink(missing_ok=True)


def _of_another(error: OSError, *own: Path) -> bool:
    """Whether an error is about a file that is named and is none of these."""
    names = {name for name in (error.filename, error.filename2) if isinstance(name, str)}
    return bool(names) and not names & {str(path) for path in own}


def _flush(stream: BinaryIO) -> None:
    """Have the system write what it still holds; some shares cannot be asked to."""
    try:
        os.fsync(stream.fileno())
    except OSError as error:
        if error.errno not in _NOT_SUPPORTED:
            raise


_DEVICES = re.compile(r"(CON|PRN|AUX|NUL|COM[1-9¹²³]|LPT[1-9¹²³]) *(\..*)?", re.IGNORECASE)


def names_device(name: str) -> bool:
    """Whether Windows takes a file's name for a device, whatever its suffix ("aux.csv").

    Microsoft, "Naming Files, Paths, and Namespaces".
    """
    return _DEVICES.fullmatch(name) is not None


def check_regular(target: Path) -> None:
    """Raise `ExportError` where a folder, a link, a device or a pipe would be written over."""
    if sys.platform == "win32" and names_device(target.name):
        raise ExportError(
            "{name} is a name that Windows keeps for a device; choose another.", name=target.name
        )
    try:
        regular = stat.S_ISREG(target.lstat().st_mode)
    except FileNotFoundError:
        return
    except OSError as error:
        raise refusal(target, error) from error
    if not regular:
        raise ExportError(
            "{name} is there and is no regular file; it was left as it is.", name=target.name
        )


def check_earlier(target: Path, *beginnings: bytes) -> None:
    """Raise `ExportError` where `target` is there and is no earlier one of what is to be written.

    Those begin with one of `beginnings`, behind the byte order mark that a spreadsheet may have
    put there.
    """
    check_regular(target)
    try:
        with target.open("rb") as stream:
            found = stream.read(len(BOM_UTF8) + max(map(len, beginnings)))
    except FileNotFoundError:
        return
    except OSError as error:
        raise refusal(target, error) from error
    if found and not found.removeprefix(BOM_UTF8).startswith(beginnings):
        raise ExportError(
            "{name} is there and was not written by this app; it was left as it is.",
            name=target.name,
        )


def _claim(path: Path) -> BinaryIO | None:
    """An empty file at `path`, locked until it is closed; None where another process has it.

    On a share without locks the last who claims it has it, and the other notices at its end.
    """
    while True:
        stream = path.open("ab")
        try:
            _lock(stream)
        except OSError as error:
            stream.close()
            if error.errno not in _NOT_SUPPORTED:
                return None
            path.unlink()
            return path.open("xb")
        with suppress(OSError):  # the other one may have renamed it meanwhile
            if os.path.samestat(os.fstat(stream.fileno()), path.stat()):
                stream.truncate(0)
                return stream
        stream.close()


if sys.platform == "win32":
    import msvcrt

    def _lock(stream: BinaryIO) -> None:
        stream.seek(1 << 30)  # where nothing is written: such a lock keeps from writing, too
        msvcrt.locking(stream.fileno(), msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _lock(stream: BinaryIO) -> None:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextmanager
def whole_folder(target: Path) -> Iterator[Path]:
    """A new folder beside `target` to fill; it becomes `target` where the block succeeds.

    Raises `ExportError` where `target` exists or the operating system refuses.
    """
    beside = beside_of(target)
    try:
        if target.exists():
            raise ExportError("{name} exists already; nothing was written.", name=target.name)
        shutil.rmtree(beside, ignore_errors=True)  # left by a run that was killed
        beside.mkdir()
        yield beside
        beside.rename(target)
    except OSError as error:
        if _of_another(error, target, *([] if not beside.exists() else beside.rglob("*")), beside):
            raise
        raise refusal(target, error) from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def beside_of(target: Path) -> Path:
    """Where a target is written until it is whole."""
    return target.with_name(f".{target.name}.part")


def refusal(target: Path, error: OSError) -> ExportError:
    """Return the sentence for what the operating system refused about `target`."""
    return ExportError(
        "{name} cannot be written: {reason}.",
        name=target.name,
        reason=error.strerror or type(error).__name__,
    )
