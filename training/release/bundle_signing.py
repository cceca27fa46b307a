"""Signs a bundle, in minisign's format (`braintumor_desktop.inference.bundle_signature`)."""

from __future__ import annotations

import getpass
from pathlib import Path

import minisign

from braintumor_desktop.errors import ModelBundleError
from braintumor_desktop.inference.bundle import DESCRIPTION_FILE, read_signed_bundle
from braintumor_desktop.inference.bundle_signature import SIGNATURE_FILE, BundleTrust, Signature


def sign_bundle(folder: Path, key: Path) -> Signature:
    """Write `model.json.minisig` into `folder`, by the secret key in the file `key`.

    The bundle must be whole. The password is asked for where the key has one. The signature's
    comment, which is signed too, names the model and the SHA-256 of its network. Returns what the
    app now says of it. Raises `ValueError` where the key cannot be used or the bundle is not whole,
    and `OSError`.
    """
    beside = folder / SIGNATURE_FILE
    with minisign.SecretKey.from_file(key) as secret:
        if secret.is_encrypted():
            secret.decrypt(getpass.getpass(f"Password of {key.name}: "))
        beside.unlink(missing_ok=True)  # one over what stood there before would not fit
        try:
            description = read_signed_bundle(folder, BundleTrust()).description
        except ModelBundleError as error:
            raise ValueError(f"{folder} holds no whole bundle: {error}") from error
        comment = f"{description.name}, model.onnx SHA-256 {description.sha256}"
        signature = secret.sign((folder / DESCRIPTION_FILE).read_bytes(), trusted_comment=comment)
    beside.write_bytes(bytes(signature) + b"\n")
    return read_signed_bundle(folder, BundleTrust.installed()).signature
