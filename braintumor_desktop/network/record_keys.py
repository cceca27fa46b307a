"""The keys of encrypted records, in the system's keyring and nowhere else."""

from __future__ import annotations

from collections.abc import Callable

from braintumor_desktop.errors import KeyringError

_SERVICE = "braintumor-desktop records"


class SystemKeyRing:
    """The keyring of who is logged in; opened when it is asked for the first time."""

    def get(self, name: str) -> str:
        """Return a key's secret, "" where there is none of the name; raises `KeyringError`."""
        import keyring

        return _told(lambda: keyring.get_password(_SERVICE, name)) or ""

    def put(self, name: str, secret: str) -> None:
        """Keep a secret; raises `KeyringError`."""
        import keyring

        _told(lambda: keyring.set_password(_SERVICE, name, secret))

    def remove(self, name: str) -> None:
        """Forget a secret, if there is one of the name; raises `KeyringError`."""
        import keyring

        if self.get(name):
            _told(lambda: keyring.delete_password(_SERVICE, name))


def _told(act: Callable[[], str | None]) -> str | None:
    try:
        return act()
    except Exception as error:  # keyring's own errors, and those of its back ends, as of D-Bus
        raise KeyringError("The system has no keyring that can be used.") from error
