"""`records`: says how the records are kept, encrypts them, or writes them in clear again."""

from __future__ import annotations

import argparse
from contextlib import closing

from braintumor_desktop.screening.records_opening import CLEAR, ENCRYPTED, open_records
from braintumor_desktop.store.cipher import key_name
from braintumor_desktop.store.records import user_name, user_records
from braintumor_desktop.text import _

_WANTED = {"status": "", "encrypt": ENCRYPTED, "decrypt": CLEAR}


def run(options: argparse.Namespace) -> bool:
    """Do what is asked; returns whether the records are not as they were asked for.

    Raises `RecordsError` where they cannot be opened, and why they were not brought over.
    """
    path = (options.records or user_records()).absolute()
    if options.action == "status" and not path.exists():
        print(_("There are no records."))
        return False
    with closing(open_records(path, user_name(), _WANTED[options.action])) as records:
        if records.not_as_wanted is not None:
            raise records.not_as_wanted
    encrypted = bool(key_name(path))
    print(_("The records are encrypted.") if encrypted else _("The records are in clear."))
    return bool(options.action != "status" and encrypted != (options.action == "encrypt"))
