"""What the app asks of an archive, whichever protocol it speaks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from braintumor_desktop.network.cache import Cache
from braintumor_desktop.network.credentials import secret_of
from braintumor_desktop.network.query import FoundStudy, StudyQuery
from braintumor_desktop.network.servers import Archive, Authentication, Protocol


def check(archive: Archive) -> None:
    """Ask the archive whether it is there and lets the app in; raises one sentence why not."""
    if archive.protocol is Protocol.DIMSE:
        from braintumor_desktop.network import dimse

        dimse.echo(archive)
    else:
        from braintumor_desktop.network import dicomweb

        dicomweb.echo(archive, _secret(archive))


def find(archive: Archive, query: StudyQuery) -> list[FoundStudy]:
    """Return the studies that fit, the newest first."""
    if archive.protocol is Protocol.DIMSE:
        from braintumor_desktop.network import dimse

        found = dimse.find(archive, query)
    else:
        from braintumor_desktop.network import dicomweb

        found = dicomweb.find(archive, query, _secret(archive))
    return sorted(found, key=lambda study: study.study_date, reverse=True)


def retrieve(
    archive: Archive,
    study_instance_uid: str,
    cache: Cache,
    progress: Callable[[int], None] = lambda _: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Path:
    """Retrieve a study into the cache, whole or not at all, and return its folder."""
    writer = cache.open_study(study_instance_uid)
    try:
        if archive.protocol is Protocol.DIMSE:
            from braintumor_desktop.network import dimse

            dimse.get(archive, study_instance_uid, writer, progress, cancelled)
        else:
            from braintumor_desktop.network import dicomweb

            dicomweb.get(archive, writer, _secret(archive), progress, cancelled)
        return writer.finish()
    finally:
        writer.give_up()
        cache.trim()


def send(
    archive: Archive,
    files: Sequence[Path],
    progress: Callable[[int], None] = lambda _: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> None:
    """Send files to the archive."""
    if archive.protocol is Protocol.DIMSE:
        from braintumor_desktop.network import dimse

        dimse.send(archive, files, progress, cancelled)
    else:
        from braintumor_desktop.network import dicomweb

        dicomweb.send(archive, files, _secret(archive), progress, cancelled)


def _secret(archive: Archive) -> str:
    if archive.authentication is Authentication.NONE:
        return ""
    return secret_of(archive.name)
