"""What can go wrong with an archive, each one sentence that names the cause."""

from __future__ import annotations

from braintumor_desktop.errors import BraintumorError


class ArchiveConnectionError(BraintumorError):
    """The archive cannot be reached, or does not let the app in."""

    kind = "archive_connection"


class ArchiveAnswerError(BraintumorError):
    """The archive answers what it must not, or breaks off."""

    kind = "archive_answer"


class CancelledError(BraintumorError):
    """A person has cancelled it."""

    kind = "cancelled"

    def __init__(self) -> None:
        super().__init__("It was cancelled.")
