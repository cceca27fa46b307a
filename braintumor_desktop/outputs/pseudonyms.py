"""New identifiers for old ones, the same at every export, in a file that stays with the user."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

from braintumor_desktop.outputs.atomic import ExportError
from braintumor_desktop.private_json import write_private_json

_MOST_DAYS = 3650


@dataclass(frozen=True)
class PseudonymOfPatient:
    """A patient's new name, which is the new identifier too, and by how many days dates move."""

    pseudonym: str
    shift_days: int


class Pseudonyms:
    """The mapping, with the secret that new UIDs are made with.

    Who has the file can tell whose copies they are: it is written for its user alone and is no part
    of what is handed out. Raises `ExportError` where it cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._secret = secrets.token_bytes(32)
        self._patients: dict[str, PseudonymOfPatient] = {}
        if path.exists():
            self._read()

    def patient(self, patient_id: str, issuer: str = "") -> PseudonymOfPatient:
        """Return the patient's pseudonym, a new one the first time."""
        key = json.dumps([issuer, patient_id])
        if key not in self._patients:
            shift = secrets.randbelow(_MOST_DAYS) + 1
            self._patients[key] = PseudonymOfPatient(f"P{secrets.token_hex(4).upper()}", -shift)
            self._write()
        return self._patients[key]

    def uid(self, uid: str) -> str:
        """Return the new UID of an old one: of a keyed hash, so that nobody can go back."""
        digest = hmac.new(self._secret, uid.encode(), hashlib.sha256).digest()
        return f"2.25.{int.from_bytes(digest[:16])}"

    def _read(self) -> None:
        try:
            values = json.loads(self._path.read_text(encoding="utf-8"))
            self._secret = bytes.fromhex(values["secret"])
            self._patients = {
                key: PseudonymOfPatient(**one) for key, one in values["patients"].items()
            }
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise ExportError(
                "{name} is no list of pseudonyms, or is damaged.", name=self._path.name
            ) from error

    def _write(self) -> None:
        patients = {key: asdict(one) for key, one in self._patients.items()}
        try:
            write_private_json(self._path, {"secret": self._secret.hex(), "patients": patients})
        except OSError as error:
            raise ExportError("{name} cannot be written.", name=self._path.name) from error
