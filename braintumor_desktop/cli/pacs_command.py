"""`pacs`: test, search, retrieve from and send to an archive."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from braintumor_desktop.errors import BraintumorError, NotAnImageError
from braintumor_desktop.imaging.dicom.file import has_prefix
from braintumor_desktop.imaging.read import SNIFFED
from braintumor_desktop.network import services as archives
from braintumor_desktop.network.cache import Cache
from braintumor_desktop.network.query import StudyQuery
from braintumor_desktop.network.servers import (
    Archive,
    ArchiveSettingsError,
    Authentication,
    Protocol,
    read_archives,
)
from braintumor_desktop.network.user_files import archives_file, cache_folder
from braintumor_desktop.sources.archive import archive_of
from braintumor_desktop.sources.passed_over import PASSED_OVER
from braintumor_desktop.sources.walk import walk
from braintumor_desktop.text import _
from braintumor_desktop.text.numbers import integer
from braintumor_desktop.text.reading import plain_sentence


def run(options: argparse.Namespace) -> bool:
    """Do what is asked; returns whether something failed."""
    if options.action == "clear":
        Cache(cache_folder()).clear()
        return False
    archive = archive_named(options.archive, read_archives(archives_file()))
    if options.action == "echo":
        archives.check(archive)
        print(_("The archive answers."))
    elif options.action == "find":
        return _find(archive, options)
    elif options.action == "get":
        cache = Cache(options.out or cache_folder())
        print(archives.retrieve(archive, options.study, cache, _shown))
    else:
        return _send(archive, options.paths)
    return False


def archive_named(given: str, known: dict[str, Archive]) -> Archive:
    """Return an archive by its name in the settings, or by its address.

    Raises `ArchiveSettingsError` where it is neither.
    """
    if given in known:
        return known[given]
    parts = urlsplit(given)
    if parts.scheme == "dimse" and parts.hostname and parts.username:
        port = parts.port or 104
        return Archive(given, host=parts.hostname, port=port, ae_title=parts.username)
    if parts.scheme in ("http", "https"):
        return Archive(given, Protocol.DICOMWEB, url=given, authentication=Authentication.NONE)
    raise ArchiveSettingsError("There is no archive {name} in the settings.", name=given)


def _find(archive: Archive, options: argparse.Namespace) -> bool:
    query = StudyQuery(
        options.patient_id,
        options.patient_name,
        options.date,
        options.modality,
        options.accession,
    )
    found = archives.find(archive, query)
    for study in found:
        row = (study.study_date, study.patient_id, study.patient_name, study.description)
        count = "" if study.instances is None else str(study.instances)
        line = (study.study_instance_uid, *row, "/".join(study.modalities), count)
        # Nothing of an archive's answer may move the terminal's cursor.
        print("\t".join("".join(c for c in text if c.isprintable()) for text in line))
    return not found


def _send(archive: Archive, paths: Sequence[Path]) -> bool:
    """Send the DICOM files below `paths`; what is none, or in an archive, is left out and said."""
    files, left_out = [], False
    for item in walk(paths):
        try:
            if item.peek is None:
                raise item.problem or NotAnImageError("There is nothing to read.")
            if archive_of(item.path) is not None:
                raise NotAnImageError("It lies in an archive: unpack it, to send it.")
            if not has_prefix(item.peek(SNIFFED)):
                raise NotAnImageError("It is no DICOM file.")
            files.append(item.path)
        except BraintumorError as error:
            if not isinstance(error, PASSED_OVER):
                print(f"{item.name}: {plain_sentence(error)}", file=sys.stderr)
                left_out = True
    archives.send(archive, files, _shown)
    print(_("Files sent: {count}.").format(count=integer(len(files))))
    return left_out or not files


def _shown(count: int) -> None:
    if sys.stderr.isatty():
        print(f"\r{count}", end="", file=sys.stderr, flush=True)
