"""Passwords and tokens, in the system's keyring and nowhere else."""

from __future__ import annotations

from braintumor_desktop.network.refusals import ArchiveConnectionError

_SERVICE = "braintumor-desktop archive"


def secret_of(archive: str) -> str:
    """Return the password or token of an archive, by its name; empty where there is none.

    Raises `ArchiveConnectionError` where the keyring cannot be opened.
    """
    import keyring
    from keyring.errors import KeyringError

    try:
        return keyring.get_password(_SERVICE, archive) or ""
    except KeyringError as error:
        raise ArchiveConnectionError(
            "The system's keyring, where the archive's password is kept, cannot be opened."
        ) from error


def keep_secret(archive: str, secret: str) -> None:
    """Keep a password or token in the keyring, or take it out where `secret` is empty."""
    import keyring
    from keyring.errors import KeyringError, PasswordDeleteError

    try:
        if secret:
            keyring.set_password(_SERVICE, archive, secret)
        else:
            keyring.delete_password(_SERVICE, archive)
    except PasswordDeleteError:
        return
    except KeyringError as error:
        raise ArchiveConnectionError(
            "The system has no keyring for the archive's password, so that it is not kept."
        ) from error
