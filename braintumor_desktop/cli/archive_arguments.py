"""What the commands about archives take; nothing is imported for them before they run."""

from __future__ import annotations

import argparse
from pathlib import Path

from braintumor_desktop.text import _


def add_export(command: argparse.ArgumentParser) -> None:
    """Add what `export` takes."""
    command.add_argument("paths", type=Path, nargs="+", metavar=_("PATH"))
    command.add_argument("--out", type=Path, required=True, metavar=_("FOLDER"))
    for kind, words in (
        ("sr", _("a structured report about each series")),
        ("seg", _("the outlines as a Segmentation")),
        ("sc", _("pictures of where a lesion is surest")),
        ("ko", _("the key images")),
    ):
        command.add_argument(f"--{kind}", action="store_true", help=words)
    command.add_argument(
        "--records",
        type=Path,
        metavar=_("FILE"),
        help=_("records with what was decided and marked, and by whom"),
    )
    command.add_argument("--dicomdir", action="store_true", help=_("write a DICOMDIR with them"))


def add_pacs(command: argparse.ArgumentParser) -> None:
    """Add what `pacs` takes."""
    actions = command.add_subparsers(dest="action", metavar=_("ACTION"), required=True)
    words = _(
        "a name of the settings, dimse://AE_TITLE@HOST:PORT, or the address of a DICOMweb service"
    )
    for name, said in (
        ("echo", _("ask whether the archive is there")),
        ("find", _("print the studies that fit")),
        ("get", _("retrieve a study")),
        ("send", _("send DICOM files")),
    ):
        action = actions.add_parser(name, help=said)
        action.add_argument("archive", metavar=_("ARCHIVE"), help=words)
        if name == "find":
            for option in ("patient-id", "patient-name", "date", "modality", "accession"):
                action.add_argument(f"--{option}", default="")
        if name == "get":
            action.add_argument("study", metavar="STUDY_INSTANCE_UID")
            action.add_argument(
                "--out", type=Path, metavar=_("FOLDER"), help=_("in place of the cache")
            )
        if name == "send":
            action.add_argument("paths", type=Path, nargs="+", metavar=_("PATH"))
    actions.add_parser("clear", help=_("clear the cache of what was retrieved"))


def add_deidentify(command: argparse.ArgumentParser) -> None:
    """Add what `deidentify` takes."""
    command.add_argument("paths", type=Path, nargs="+", metavar=_("PATH"))
    command.add_argument("--out", type=Path, required=True, metavar=_("FOLDER"))
    command.add_argument(
        "--pseudonyms",
        type=Path,
        required=True,
        metavar=_("FILE"),
        help=_("who is who: it stays with you and is made where there is none"),
    )
    command.add_argument(
        "--pixels-confirmed",
        action="store_true",
        help=_("you have looked: the pixels of these files name nobody"),
    )


def add_records(command: argparse.ArgumentParser) -> None:
    """Add what `records` takes."""
    command.add_argument("action", choices=("status", "encrypt", "decrypt"))
    command.add_argument(
        "--records", type=Path, metavar=_("FILE"), help=_("the records (default: the user's own)")
    )


def add_screen(command: argparse.ArgumentParser) -> None:
    """Add what `screen` takes."""
    command.add_argument("source", metavar="SOURCE", help=_("a folder, or an address as s3://…"))
    command.add_argument("--out", type=Path, required=True, metavar="FOLDER")
    command.add_argument("--workers", type=int, default=1, metavar="N", help=_("on this machine"))
    command.add_argument("--cluster", default="", metavar="ADDRESS", help=_("of a Dask scheduler"))
    command.add_argument("--resume", action="store_true", help=_("go on where it was cut off"))
    command.add_argument("--slices", type=int, default=400, metavar="N", help=_("a partition"))
    command.add_argument(
        "--storage-options", default="", metavar="JSON", help=_("what fsspec takes: endpoint, keys")
    )
    for name, words in (
        ("ca", _("TLS: the file of the authority")),
        ("cert", _("TLS: the file of the certificate")),
        ("key", _("TLS: the file of the private key")),
    ):
        command.add_argument(f"--tls-{name}", default="", metavar="FILE", help=words)
