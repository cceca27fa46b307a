"""Signs Windows programs where the environment names a certificate; elsewhere does nothing.

`SIGN_CERTIFICATE` is the path of a PKCS#12 file, `SIGN_PASSWORD_FILE` that of a file with its
password, `SIGN_TIMESTAMP` the address of a time-stamping authority (RFC 3161): without one a
signature ends with its certificate. On Windows `signtool` signs, elsewhere `osslsigncode`.

    python resources/installer/signing.py FILE…
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

_TITLE = "Braintumor Desktop"


class SigningError(Exception):
    """A certificate is named, and something could not be signed with it."""


def sign(files: Sequence[Path]) -> bool:
    """Sign each file in place; returns whether a certificate was named at all.

    Raises `SigningError` where one is named and there is no tool, no password or no signature.
    """
    certificate = os.environ.get("SIGN_CERTIFICATE", "")
    if not certificate:
        return False
    password = Path(os.environ.get("SIGN_PASSWORD_FILE", ""))
    if not password.is_file():
        raise SigningError("SIGN_PASSWORD_FILE names no file.")
    tool = shutil.which("signtool" if sys.platform == "win32" else "osslsigncode")
    if tool is None:
        raise SigningError("There is neither signtool (Windows) nor osslsigncode (elsewhere).")
    for file in files:
        signed = file.with_name(f"{file.name}.signed")
        command = _command(tool, certificate, password, file, signed)
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            signed.unlink(missing_ok=True)
            raise SigningError(f"{file.name} was not signed: {done.stdout}{done.stderr}")
        if signed.exists():
            signed.replace(file)
    return True


def _command(tool: str, certificate: str, password: Path, file: Path, signed: Path) -> list[str]:
    authority = os.environ.get("SIGN_TIMESTAMP", "")
    if sys.platform == "win32":  # signs in place, and takes a password in no other way
        secret = password.read_text(encoding="utf-8").strip()
        stamp = ["/tr", authority, "/td", "sha256"] if authority else []
        command = [tool, "sign", "/fd", "sha256", "/f", certificate, "/p", secret, "/d", _TITLE]
        return [*command, *stamp, str(file)]
    stamp = ["-ts", authority] if authority else []
    command = [tool, "sign", "-pkcs12", certificate, "-readpass", str(password), "-h", "sha256"]
    return [*command, "-n", _TITLE, *stamp, "-in", str(file), "-out", str(signed)]


if __name__ == "__main__":
    if not sign([Path(name) for name in sys.argv[1:]]):
        sys.exit("SIGN_CERTIFICATE names no certificate: nothing was signed.")
