"""What goes into the log about an unexpected error: where in the code, and nothing else."""

from __future__ import annotations

import logging
import traceback
from pathlib import Path
from types import TracebackType


def trace(error: BaseException) -> str:
    """The error's type and its frames, innermost last, causes first.

    Messages of exceptions are left out, since they may hold a path or a patient's name, and so
    are the folders of source files.
    """
    frames = " > ".join(
        f"{Path(frame.filename).name}:{frame.lineno} {frame.name}"
        for frame in traceback.extract_tb(error.__traceback__)
    )
    own = f"{type(error).__name__} at {frames}" if frames else type(error).__name__
    cause = error.__cause__ or error.__context__
    return f"{trace(cause)}; then {own}" if cause is not None else own


class PrivateFormatter(logging.Formatter):
    """Writes exceptions as `trace` does, whoever logs them, with or without their traceback."""

    def formatException(  # noqa: N802
        self,
        ei: tuple[type[BaseException], BaseException, TracebackType | None]
        | tuple[None, None, None],
    ) -> str:
        """The exception's type and frames."""
        return trace(ei[1]) if ei[1] is not None else ""
