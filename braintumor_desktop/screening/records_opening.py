"""Records opened as settings and policy want them: encrypted, in clear, or as they are."""

from __future__ import annotations

from pathlib import Path

from braintumor_desktop.errors import BraintumorError
from braintumor_desktop.network.record_keys import SystemKeyRing
from braintumor_desktop.policy import RECORDS_ENCRYPTION, policy_file, read_policy
from braintumor_desktop.store.cipher import key_name
from braintumor_desktop.store.encryption import KeyRing, decrypt, encrypt, remove_leftovers
from braintumor_desktop.store.records import Records

ENCRYPTED, CLEAR, AS_THEY_ARE = "encrypted", "clear", ""


def open_records(
    path: Path, who: str, wanted: str = AS_THEY_ARE, keys: KeyRing | None = None
) -> Records:
    """Open the records at `path` for `who`, brought over first where that is wanted.

    What the policy wants goes before `wanted`. Where they could not be brought over they are opened
    as they were, and `not_as_wanted` of what is returned says why. `keys` are the system's keyring
    unless given. Raises `RecordsError` as `Records`.
    """
    keys = SystemKeyRing() if keys is None else keys
    policy = read_policy(policy_file())[0].get(RECORDS_ENCRYPTION)
    if policy in (ENCRYPTED, CLEAR):
        wanted = str(policy)
    records = Records(path, who, keys)
    remove_leftovers(path)
    encrypted = bool(key_name(path))
    if wanted == AS_THEY_ARE or encrypted == (wanted == ENCRYPTED):
        return records
    set_aside, trouble = records.set_aside, None
    records.close()
    try:
        (encrypt if wanted == ENCRYPTED else decrypt)(path, keys)
    except BraintumorError as error:
        trouble = error
    records = Records(path, who, keys)
    records.set_aside, records.not_as_wanted = set_aside, trouble
    return records
