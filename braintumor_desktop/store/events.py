"""The audit's events: how one is appended, with the checksum that says whether it is whole.

And who decided what.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

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


def deciders(events: Iterable[dict[str, Any]]) -> dict[str, tuple[str, str]]:
    """Return who decided last about each subject, and when, of `Records.audit`'s events.

    What was taken back counts as not decided.
    """
    standing: dict[str, list[tuple[int, str, str]]] = {}
    for event in events:
        if event["event"] == "decided" and event["whole"]:
            made = event["id"], event["who"], event["at"]
            standing.setdefault(event["subject"], []).append(made)
        elif event["event"] == "undone":
            own = standing.get(event["subject"], [])
            own[:] = [one for one in own if one[0] != event["undoes"]]
    return {subject: own[-1][1:] for subject, own in standing.items() if own}


def now() -> str:
    """Return the time as events have it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")
