"""Which version of the app is the newest: one request to one address, when a person asks."""

from __future__ import annotations

import re
import socket
import ssl
from http.client import HTTPException, HTTPSConnection
from threading import Timer
from urllib.parse import urlsplit

from braintumor_desktop.errors import BraintumorError

_VERSION = re.compile(r"v?(\d{1,6}(?:\.\d{1,6}){1,3})\s*")
_MOST_BYTES = 64
_STEP_S = 5.0
_MOST_S = 15.0


class VersionAddressError(BraintumorError):
    """No newest version could be had from the address."""

    kind = "version_address"


def newest_version(address: str) -> str:
    """Return the version number, as "0.2.0", that stands at an https address as plain text.

    The request says the address' host and path and the program's name, and nothing of its version,
    the user, the system, or what was opened; no cookie is kept, no proxy asked, and where the
    answer points elsewhere it is not followed. Certificates are held against the system's
    authorities and those that the app carries. Ends within some 20 s. Raises
    `VersionAddressError`.
    """
    if not address.startswith("https://"):
        raise VersionAddressError("The address for newer versions does not begin with https://.")
    try:
        parts = urlsplit(address)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        host = parts.hostname or ""
        answer = _answer(
            HTTPSConnection(host, parts.port, timeout=_STEP_S, context=_trust()), target
        )
    except ssl.SSLCertVerificationError as error:
        raise VersionAddressError(
            "The certificate at the address for newer versions is not trusted."
        ) from error
    except (OSError, HTTPException, ValueError) as error:
        raise VersionAddressError("Nobody answers at the address for newer versions.") from error
    told = _VERSION.fullmatch(answer.decode("ascii", "replace"))
    if told is None:
        raise VersionAddressError(
            "What stands at the address for newer versions is no version number."
        )
    return told[1]


def is_newer(told: str, here: str) -> bool:
    """Whether the version `told` is newer than the one that runs, `here`, number by number."""
    return _numbers(told) > _numbers(here)


def _trust() -> ssl.SSLContext:
    import requests.certs

    context = ssl.create_default_context()  # a hospital's own authority is among the system's
    context.load_verify_locations(requests.certs.where())
    return context


def _answer(connection: HTTPSConnection, target: str) -> bytes:
    """What is answered, up to one byte more than a version number has."""
    end = None
    try:
        connection.connect()
        end = Timer(_MOST_S, connection.sock.shutdown, (socket.SHUT_RDWR,))
        end.start()
        connection.request("GET", target, headers={"User-Agent": "braintumor-desktop"})
        response = connection.getresponse()
        body = response.read(_MOST_BYTES + 1) if response.status == 200 else b""
        if end.finished.is_set():
            raise TimeoutError  # and what came until then may be half a number
    finally:
        if end is not None:
            end.cancel()
        connection.close()
    if response.status != 200:
        raise VersionAddressError(
            "The address for newer versions answers with HTTP status {code}.", code=response.status
        )
    return body


def _numbers(version: str) -> tuple[int, ...]:
    numbers = [int(part) for part in re.findall(r"\d+", version.split("+")[0])[:4]]
    return tuple(numbers + [0] * (4 - len(numbers)))
