"""A DICOMweb archive as a source: found by QIDO-RS, retrieved series by series by WADO-RS."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from braintumor_desktop.errors import BraintumorError
from braintumor_desktop.network import dicomweb_series
from braintumor_desktop.network.servers import Archive, Authentication, Protocol
from braintumor_desktop.screening.distributed.partition import FileKey
from braintumor_desktop.screening.distributed.source_files import ScreeningError

DICOMWEB = "dicomweb+"
"""What the address of such an archive begins with, before `http://` or `https://`."""


@dataclass(frozen=True)
class SourceWeb:
    """What a DICOMweb archive has; a name is the path of an instance below its root.

    Attributes
    ----------
    archive
        Where it is, and how long an answer may take.
    filters
        Which studies are meant, as pairs of QIDO-RS: an attribute and a value.
    secret
        The password or the token. It goes to the workers, and into no file.

    """

    archive: Archive
    filters: tuple[tuple[str, str], ...] = ()
    secret: str = ""

    @classmethod
    def of(cls, address: str, options: dict[str, Any]) -> SourceWeb:
        """Return the archive at `dicomweb+https://host/root?ModalitiesInStudy=MR`.

        `options` may have `user` and `password`, or `token`; `certificate_authority`; and
        `time_out_s`. Raises `BraintumorError` where the address or an option cannot be meant.
        """
        given = dict(options)
        parts = urlsplit(address.removeprefix(DICOMWEB))
        user, password = str(given.pop("user", "")), str(given.pop("password", ""))
        token = str(given.pop("token", ""))
        how = Authentication.BEARER if token else Authentication.BASIC if user else None
        try:
            archive = Archive(
                "screening",
                Protocol.DICOMWEB,
                url=parts._replace(query="").geturl().rstrip("/"),
                authentication=how or Authentication.NONE,
                user=user,
                **given,
            )
        except TypeError as error:
            raise ScreeningError("A DICOMweb archive does not know one of the options.") from error
        return cls(archive, tuple(parse_qsl(parts.query)), token or password)

    def names(self) -> Iterator[str]:
        """Give every instance, study by study. Raises `ArchiveConnectionError` and such."""
        for one in dicomweb_series.instances(self.archive, dict(self.filters), self.secret):
            yield f"studies/{one.study}/series/{one.series}/instances/{one.instance}"

    def look_at(self, names: Sequence[str]) -> list[FileKey]:
        """Return the series, which the names have."""
        return [FileKey(name, name.split("/")[3]) for name in names]

    @contextmanager
    def as_local(self, names: list[str]) -> Iterator[dict[Path, str]]:
        """Give instances as files for the time being; one that is gone by now is left out."""
        wanted: dict[tuple[str, str], set[str]] = defaultdict(set)
        for name in names:
            _, study, _, series, _, instance = name.split("/")
            wanted[study, series].add(instance)
        with TemporaryDirectory(prefix="screening-") as folder:
            found: dict[Path, str] = {}
            for (study, series), own in wanted.items():
                target = Path(folder, str(len(found)))
                target.mkdir()
                for instance, content in self._series(study, series):
                    if instance in own:
                        path = target / f"{len(found):06}.dcm"
                        path.write_bytes(content)
                        found[path] = f"studies/{study}/series/{series}/instances/{instance}"
            yield found

    def _series(self, study: str, series: str) -> Iterator[tuple[str, bytes]]:
        try:
            yield from dicomweb_series.series_files(self.archive, study, series, self.secret)
        except BraintumorError as error:
            # As text: what it was raised from does not travel between hosts.
            raise ScreeningError(str(error)) from None
