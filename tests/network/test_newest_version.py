"""The newest version is asked of a real HTTPS server on loopback, and nothing is told to it."""

from __future__ import annotations

import pytest

from braintumor_desktop import __version__
from braintumor_desktop.network.newest_version import (
    VersionAddressError,
    is_newer,
    newest_version,
)
from tests.network.conftest import free_port
from tests.network.version_server import VersionServer, version_server

__all__ = ["version_server"]


def test_the_number_is_told_and_nothing_of_the_user_is_said(version_server: VersionServer) -> None:
    version_server.body = b"v0.3.1\n"
    assert newest_version(version_server.address) == "0.3.1"
    ((line, headers),) = version_server.asked
    assert line == "GET /newest?channel=stable HTTP/1.1"
    assert headers == {
        "Host": f"localhost:{version_server.port}",
        "User-Agent": "braintumor-desktop",
        "Accept-Encoding": "identity",
    }
    assert __version__ not in str(headers)


@pytest.mark.parametrize(
    "body", [b"", b"<html>Not found</html>", b"0.3.1 <b>", b"1" * 64, b"7", b"\xff\xfe0.3.1"]
)
def test_what_is_no_number_is_said(version_server: VersionServer, body: bytes) -> None:
    version_server.body = body
    with pytest.raises(VersionAddressError, match="is no version number"):
        newest_version(version_server.address)


def test_an_answer_that_points_elsewhere_is_not_followed(version_server: VersionServer) -> None:
    version_server.status, version_server.headers = 302, {"Location": version_server.address}
    with pytest.raises(VersionAddressError, match="HTTP status 302"):
        newest_version(version_server.address)
    assert len(version_server.asked) == 1


def test_a_certificate_that_nobody_vouches_for_is_said(
    version_server: VersionServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(VersionAddressError, match=r"certificate .* is not trusted"):
        newest_version(version_server.address)
    assert version_server.asked == []


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("http://localhost/newest", "does not begin with https"),
        ("localhost", "does not begin with https"),
        ("https://", "Nobody answers"),
        ("https://[", "Nobody answers"),
        ("https://localhost:99999/", "Nobody answers"),
        ("https://localhost/a b", "Nobody answers"),
    ],
)
def test_an_address_that_is_none_is_said(address: str, said: str) -> None:
    with pytest.raises(VersionAddressError, match=said):
        newest_version(address)


def test_nobody_there_is_said() -> None:
    with pytest.raises(VersionAddressError, match="Nobody answers"):
        newest_version(f"https://localhost:{free_port()}/")


def test_who_says_a_letter_now_and_then_is_not_waited_for(
    version_server: VersionServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("braintumor_desktop.network.newest_version._MOST_S", 0.5)
    version_server.dripping = True
    with pytest.raises(VersionAddressError, match="Nobody answers"):
        newest_version(version_server.address)


@pytest.mark.parametrize(
    ("told", "here", "newer"),
    [
        ("0.1.1", "0.1.0", True),
        ("0.10", "0.9.9", True),
        ("1.0", "0.99.99.99", True),
        ("0.1", "0.1.0", False),
        ("0.1.0", "0.1.0", False),
        ("0.0.9", "0.1.0", False),
        ("0.1.0", "0.1.0+local.7", False),
    ],
)
def test_versions_are_compared_number_by_number(told: str, here: str, newer: bool) -> None:
    assert is_newer(told, here) is newer
