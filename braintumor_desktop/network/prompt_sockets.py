"""Associations that do not wait for acknowledgements: some twenty times as many files a second.

Peers, and pynetdicom, send a message in several small writes. By Nagle's algorithm (RFC 896) the
second waits until the first is acknowledged, which the other side puts off for 40 ms or more
(RFC 1122, 4.2.3.2). Here nothing of ours waits, and on Linux what comes is acknowledged at once.
"""

from __future__ import annotations

import socket
from contextlib import suppress
from typing import Any

from pynetdicom import evt

_QUICK = getattr(socket, "TCP_QUICKACK", None)


def _send_at_once(event: Any) -> None:
    _set(event, socket.TCP_NODELAY)


def _acknowledge_at_once(event: Any) -> None:
    if _QUICK is not None:  # holds until the next answer is sent, so that it is set after each
        _set(event, _QUICK)


def _set(event: Any, option: int) -> None:
    with suppress(AttributeError, OSError):  # it was closed meanwhile
        event.assoc.dul.socket.socket.setsockopt(socket.IPPROTO_TCP, option, 1)


PROMPT = (
    (evt.EVT_CONN_OPEN, _send_at_once),
    (evt.EVT_DATA_SENT, _acknowledge_at_once),
    (evt.EVT_DATA_RECV, _acknowledge_at_once),
)
"""Handlers for an association's events."""
