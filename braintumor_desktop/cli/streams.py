"""Standard output and error as a command needs them, whoever started it."""

from __future__ import annotations

import errno
import io
import os
import sys
from pathlib import Path


def make_ready() -> None:
    """Give every stream a target, and write UTF-8 where the output goes into a file or a pipe.

    A program without a console, or started with its streams closed, has none: what it prints goes
    nowhere then. Windows would write a file in the code page of the console's language.
    """
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            nowhere = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 — to the end
            setattr(sys, name, nowhere)
            continue
        redirected = isinstance(stream, io.TextIOWrapper) and not stream.isatty()
        if sys.platform == "win32" and redirected:
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def reader_left(error: OSError) -> bool:
    """Whether an error says that who read the output has gone, as `head` does.

    Windows calls it an invalid argument.
    """
    return isinstance(error, BrokenPipeError) or (
        sys.platform == "win32" and error.errno == errno.EINVAL
    )


def drop_output() -> None:
    """Send what is still to be flushed nowhere: Python flushes once more at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
