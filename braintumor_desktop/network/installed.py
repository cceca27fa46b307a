"""What the archive's room needs of other packages, without asking anybody anything."""

from __future__ import annotations

from pathlib import Path

from braintumor_desktop.network.refusals import ArchiveConnectionError


def parts_found() -> dict[str, str]:
    """Return what was found of the parts that are looked up by name while the app runs.

    The authorities that certificates are held against are a file, and keyrings are found by their
    entry points: a packaged app that lacks one of them starts, and fails when a person asks an
    archive. Opens no connection and no keyring. Raises `ArchiveConnectionError`, or `ImportError`
    where a whole package is missing.
    """
    import requests.certs
    from keyring import backend

    from braintumor_desktop.network import dicomweb, dimse, receiver

    authorities = Path(requests.certs.where())
    if not authorities.is_file():
        raise ArchiveConnectionError("The list of certificate authorities is missing.")
    keyrings = sorted(
        {type(one).__module__.rpartition(".")[2] for one in backend.get_all_keyring()}
        - {"fail", "null", "chainer"}
    )
    return {
        "rooms": ", ".join(one.__name__.rpartition(".")[2] for one in (dicomweb, dimse, receiver)),
        "authorities": authorities.name,
        "keyrings": ", ".join(keyrings) or "-",  # a bare system has none
    }
