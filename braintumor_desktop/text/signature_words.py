"""What is said of a bundle's signature."""

from __future__ import annotations

from braintumor_desktop.inference.bundle_signature import Signature
from braintumor_desktop.text.bidi import isolated
from braintumor_desktop.text.language import _


def signed_by(signature: Signature) -> str:
    """Say who signed the bundle, or that nobody did; without a full stop."""
    if signature.signer:
        return _("Signed by {signer}, key {key}").format(
            signer=isolated(signature.signer), key=signature.key_id
        )
    if signature.key_id:
        return _("Signed with the key {key}, which is not known here: not checked").format(
            key=signature.key_id
        )
    return _("Not signed")
