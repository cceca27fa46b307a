"""Whose a bundle is: a detached signature in minisign's format (Ed25519) beside `model.json`.

`model.json.minisig` signs the bytes of `model.json`. As that holds the SHA-256 of `model.onnx`, it
covers both; not the model card. `minisign -Vm model.json -p KEY.pub` comes to the same verdict.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from braintumor_desktop import paths
from braintumor_desktop.errors import ModelBundleError
from braintumor_desktop.policy import SIGNED_ONLY, policy_file, read_policy, trusted_keys_folder

SIGNATURE_FILE = "model.json.minisig"
MOST_SIGNATURE_BYTES = 16_384
_MOST_KEY_BYTES = 4096
_MOST_KEYS = 100


@dataclass(frozen=True)
class Signature:
    """What is known of a bundle's signature; as it stands, that there is none.

    Attributes
    ----------
    key_id
        Of the key that signed, 16 hexadecimal digits as `minisign` shows them; "" where the bundle
        is not signed.
    signer
        Whose key that is, by the name of its file; "" where it is none of the trusted, so that the
        signature could not be checked.

    """

    key_id: str = ""
    signer: str = ""


@dataclass(frozen=True)
class BundleTrust:
    """Whose bundles are trusted.

    Attributes
    ----------
    keys
        Owner and base64 text of each trusted public key.
    signed_only
        Whether a bundle that none of them signed is refused.

    """

    keys: tuple[tuple[str, str], ...] = ()
    signed_only: bool = False

    @classmethod
    def installed(cls, *, signed_only: bool = False) -> BundleTrust:
        """Trust the key that comes with the app, and those that an administrator has added.

        The policy can demand `signed_only`, too. A key file that cannot be read is no key.
        """
        folders = (paths.resources() / "keys", trusted_keys_folder())
        files = [file for folder in folders for file in sorted(folder.glob("*.pub"))[:_MOST_KEYS]]
        keys = [(file.stem, text) for file in files if (text := _key_text(file))]
        demanded = read_policy(policy_file())[0].get(SIGNED_ONLY) is True
        return cls(tuple(keys), signed_only or demanded)


def check_signature(
    description: bytes, signature: Callable[[], bytes] | None, trust: BundleTrust
) -> Signature:
    """Say whose `description` is, the bytes of `model.json`; `signature` reads those of its own.

    Raises
    ------
    ModelBundleError
        Where there is a signature, but it is damaged, or by a trusted key over something else;
        and where no trusted key has signed though `trust` wants it so.

    """
    if signature is None:
        if trust.signed_only:
            raise ModelBundleError(
                "The model bundle is not signed, and only signed ones are allowed here."
            )
        return Signature()
    import minisign  # cryptography comes with it, which takes a while

    try:
        given = minisign.Signature.from_bytes(signature())
    except minisign.ParseError as error:
        raise ModelBundleError("{file} is damaged.", file=SIGNATURE_FILE) from error
    key_id = _key_id(bytes(given).splitlines()[1])
    named = [(owner, text) for owner, text in trust.keys if _key_id(text.encode()) == key_id]
    for owner, text in named:
        try:
            minisign.PublicKey.from_base64(text).verify(description, given)
        except minisign.Error:
            continue
        return Signature(key_id, owner)
    if named:
        raise ModelBundleError(
            "The signature of the model bundle does not fit: it was changed after it was signed."
        )
    if trust.signed_only:
        raise ModelBundleError(
            "The model bundle is signed with the key {key}, which is not trusted here.", key=key_id
        )
    return Signature(key_id)


def _key_text(file: Path) -> str:
    """The base64 line of a public key's file, "" where it is none."""
    try:
        if not file.is_file() or file.stat().st_size > _MOST_KEY_BYTES:
            return ""
        text = file.read_text(encoding="utf-8").split("\n")[1].strip()
        return text if len(base64.b64decode(text, validate=True)) == 42 else ""
    except (OSError, ValueError, IndexError):
        return ""


def _key_id(line: bytes) -> str:
    """Of a public key or a signature: 8 bytes behind two for the algorithm, little-endian."""
    return base64.b64decode(line)[2:10][::-1].hex().upper()
