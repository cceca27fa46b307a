"""Who a slice is of: identifiers as they stand in the file, whatever stands beside them."""

from __future__ import annotations

from braintumor_desktop.domain.image import DicomIdentifiers
from braintumor_desktop.text.bidi import isolated, visible
from braintumor_desktop.text.language import _, pgettext


def patient(identifiers: DicomIdentifiers) -> str:
    """Return a patient's identifier, with who gave it where the file says: two may give the same.

    Alone in a cell an identifier needs no isolation, and its text is what a search finds.
    """
    number, issuer = identifiers.patient_id, identifiers.issuer_of_patient_id
    if not (number and issuer):
        return visible(number)
    return _("{identifier} ({issuer})").format(identifier=isolated(number), issuer=isolated(issuer))


def sex(value: str) -> str:
    """Return a patient's sex in a letter or a word; empty where the file does not say."""
    return {"M": _("M"), "F": _("F"), "O": pgettext("a patient's sex", "other")}.get(value, "")
