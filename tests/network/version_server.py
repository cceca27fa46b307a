"""An HTTPS server on loopback that tells a version, with an authority that the tests trust."""

from __future__ import annotations

import datetime
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest


@dataclass
class VersionServer:
    """What it answers, and what it was asked: the request's line and headers."""

    port: int = 0
    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    dripping: bool = False
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)

    @property
    def address(self) -> str:
        return f"https://localhost:{self.port}/newest?channel=stable"


@pytest.fixture
def version_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[VersionServer]:
    told = VersionServer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            told.asked.append((self.requestline, dict(self.headers)))
            self.send_response(told.status)
            for name, value in told.headers.items():
                self.send_header(name, value)
            self.end_headers()
            while told.dripping and not told.closing.wait(0.1):
                try:
                    self.wfile.write(b"1")
                except OSError:
                    return
            self.wfile.write(told.body)

        def log_message(self, *_arguments: object) -> None:
            pass

    certificate = _write_certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # who does not trust it
    told.port = server.server_address[1]
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))  # where OpenSSL finds the system's
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield told
    told.closing.set()
    server.shutdown()
    thread.join()
    server.server_close()


def _write_certificate(folder: Path) -> Path:
    """A key and a certificate of localhost that vouches for itself, in one file."""
    x509 = pytest.importorskip("cryptography.x509", reason="no cryptography to make one with")
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    day = datetime.timedelta(days=1)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - day)
        .not_valid_after(now + day)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    target = folder / "localhost.pem"
    pem = serialization.Encoding.PEM
    target.write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(pem)
    )
    return target
