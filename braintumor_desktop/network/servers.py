"""The archives that a user has named, kept as JSON; passwords and tokens are never among it."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from braintumor_desktop.errors import BraintumorError
from braintumor_desktop.private_json import write_private_json

_AE_TITLE = re.compile(r"[\x21-\x5b\x5d-\x7e]([\x20-\x5b\x5d-\x7e]{0,14}[\x21-\x5b\x5d-\x7e])?")
"""Up to 16 characters of the default repertoire without a backslash (PS3.5, 6.2, VR AE)."""


class ArchiveSettingsError(BraintumorError):
    """What is said of an archive cannot be used."""

    kind = "archive_settings"


class Protocol(StrEnum):
    """How an archive is spoken to."""

    DIMSE = "dimse"
    DICOMWEB = "dicomweb"


class Authentication(StrEnum):
    """How a DICOMweb archive knows who asks."""

    NONE = "none"
    BASIC = "basic"
    BEARER = "bearer"


@dataclass(frozen=True)
class Archive:
    """One archive.

    Attributes
    ----------
    name
        What the user calls it, and the credentials' key.
    protocol
        DIMSE or DICOMweb.
    host, port, ae_title
        Of a DIMSE archive: where it listens, and what it is called.
    calling_ae_title
        What this app calls itself.
    url
        Of a DICOMweb archive: the root of its services.
    authentication, user
        Of a DICOMweb archive; the password or token is in the system's keyring.
    certificate_authority
        A file of certificates to trust beside the system's; empty for those alone.
    time_out_s
        How long an answer may take, in seconds.

    """

    name: str
    protocol: Protocol = Protocol.DIMSE
    host: str = ""
    port: int = 104
    ae_title: str = "ANY-SCP"
    calling_ae_title: str = "BRAINTUMOR"
    url: str = ""
    authentication: Authentication = Authentication.NONE
    user: str = ""
    certificate_authority: str = ""
    time_out_s: float = 30.0

    def __post_init__(self) -> None:
        if not self.name.strip():
            raise ArchiveSettingsError("An archive needs a name.")
        if not 0 < self.time_out_s <= 3600:
            raise ArchiveSettingsError("The time-out is no number of seconds from 0 to 3600.")
        if self.protocol is Protocol.DIMSE:
            check_address(self.host, self.port)
            check_ae_title(self.ae_title)
            check_ae_title(self.calling_ae_title)
        else:
            self._check_url()

    def _check_url(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ArchiveSettingsError("A DICOMweb archive needs an address with http or https.")
        if parts.username or parts.password or parts.query:
            raise ArchiveSettingsError(
                "The address of a DICOMweb archive holds a password or a query: give the password "
                "on its own, so that it goes into the keyring."
            )
        secret = self.authentication is not Authentication.NONE
        if secret and parts.scheme == "http" and not _is_loopback(parts.hostname):
            raise ArchiveSettingsError("A password goes over https alone, not over http.")


def check_ae_title(title: str) -> None:
    """Raise `ArchiveSettingsError` unless `title` is an application entity title."""
    if not _AE_TITLE.fullmatch(title):
        raise ArchiveSettingsError(
            "{title} is no AE title: 1 to 16 letters, digits or signs, without a backslash.",
            title=title or '""',
        )


def check_address(host: str, port: int) -> None:
    """Raise `ArchiveSettingsError` unless there may be such an address."""
    if not host or any(sign in host for sign in " /\\@"):
        raise ArchiveSettingsError("The archive's host is no name and no address.")
    if not 0 < port < 65536:
        raise ArchiveSettingsError("The archive's port is no number from 1 to 65535.")


def read_archives(path: Path) -> dict[str, Archive]:
    """Return the archives in a file by name; none where there is no file.

    Raises `ArchiveSettingsError` where the file cannot be used.
    """
    try:
        text = path.read_text(encoding="utf-8") if path.is_file() else "[]"
        return {one.name: one for one in map(_archive, json.loads(text))}
    except BraintumorError:
        raise
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise ArchiveSettingsError("The list of archives cannot be read.") from error


def write_archives(path: Path, archives: dict[str, Archive]) -> None:
    """Write the archives, whole or not at all, into a file that its user alone may read."""
    write_private_json(path, [asdict(one) for one in archives.values()])


def _archive(values: dict[str, Any]) -> Archive:
    known = {one.name for one in fields(Archive)}
    given = {key: value for key, value in values.items() if key in known}
    given["protocol"] = Protocol(given["protocol"])
    given["authentication"] = Authentication(given.get("authentication", "none"))
    return Archive(**given)


def _is_loopback(host: str) -> bool:
    return host in ("localhost", "::1") or host.startswith("127.")
