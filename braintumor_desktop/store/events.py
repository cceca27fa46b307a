"""The audit's events: how one is appended, with the checksum that says whether it is whole."""

from __future__ import annotations

from datetime import UTC, datetime

from braintumor_desktop.store.connection import OpenFile
from braintumor_desktop.store.schema import checksum

EVENT = "at, who, event, content, frame, series, key, details, undoes"
"""The columns of an event, in the order of its checksum."""


def append(
    file: OpenFile,
    who: str,
    event: str,
    content: str,
    frame: int,
    series: str,
    key: str,
    details: str,
    undoes: int | None = None,
) -> int:
    """Append an event inside the transaction that is open, and return its number."""
    values = now(), who, event, content, frame, series, key, details, undoes
    sql = f"INSERT INTO audit ({EVENT}, checksum) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    done = file.connection.execute(sql, (*values, checksum(*values)))
    return int(done.lastrowid or 0)


def now() -> str:
    """Return the time as events have it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")
