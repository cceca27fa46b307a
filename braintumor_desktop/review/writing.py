"""Files and folders that are complete or absent: written beside, then renamed."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from braintumor_desktop.errors import BraintumorError


class ExportError(BraintumorError):
    """What was to be handed over cannot be written."""

    kind = "export"


@contextmanager
def whole_file(target: Path) -> Iterator[Path]:
    """A path beside `target` to write to; it becomes `target` where the block succeeds.

    Raises `ExportError` where the operating system refuses.
    """
    beside = _beside(target)
    try:
        yield beside
        with beside.open("rb+") as stream:
            os.fsync(stream.fileno())
        beside.replace(target)
    except OSError as error:
        raise _refused(target, error) from error
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)


@contextmanager
def whole_folder(target: Path) -> Iterator[Path]:
    """A new folder beside `target` to fill; it becomes `target` where the block succeeds.

    Raises `ExportError` where `target` exists or the operating system refuses.
    """
    if target.exists():
        raise ExportError("{name} exists already; nothing was written.", name=target.name)
    beside = _beside(target)
    try:
        shutil.rmtree(beside, ignore_errors=True)  # left by a run that was killed
        beside.mkdir()
        yield beside
        beside.rename(target)
    except OSError as error:
        raise _refused(target, error) from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _beside(target: Path) -> Path:
    return target.with_name(f".{target.name}.part")


def _refused(target: Path, error: OSError) -> ExportError:
    return ExportError(
        "{name} cannot be written: {reason}.",
        name=target.name,
        reason=error.strerror or type(error).__name__,
    )
