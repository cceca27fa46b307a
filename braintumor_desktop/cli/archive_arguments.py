"""What the commands about archives take; nothing is imported for them before they run."""

from __future__ import annotations

import argparse
from pathlib import Path


def add_export(command: argparse.ArgumentParser) -> None:
    """Add what `export` takes."""
    command.add_argument("paths", type=Path, nargs="+", metavar="PATH")
    command.add_argument("--out", type=Path, required=True, metavar="FOLDER")
    for kind, words in (
        ("sr", "a structured report about each series"),
        ("seg", "the outlines as a Segmentation"),
        ("sc", "pictures of where a lesion is surest"),
        ("ko", "the key images"),
    ):
        command.add_argument(f"--{kind}", action="store_true", help=words)
    command.add_argument("--dicomdir", action="store_true", help="write a DICOMDIR with them")


def add_pacs(command: argparse.ArgumentParser) -> None:
    """Add what `pacs` takes."""
    actions = command.add_subparsers(dest="action", metavar="ACTION", required=True)
    words = (
        "a name of the settings, dimse://AE_TITLE@HOST:PORT, or the address of a DICOMweb service"
    )
    for name, said in (
        ("echo", "ask whether the archive is there"),
        ("find", "print the studies that fit"),
        ("get", "retrieve a study"),
        ("send", "send DICOM files"),
    ):
        action = actions.add_parser(name, help=said)
        action.add_argument("archive", metavar="ARCHIVE", help=words)
        if name == "find":
            for option in ("patient-id", "patient-name", "date", "modality", "accession"):
                action.add_argument(f"--{option}", default="")
        if name == "get":
            action.add_argument("study", metavar="STUDY_INSTANCE_UID")
            action.add_argument("--out", type=Path, metavar="FOLDER", help="in place of the cache")
        if name == "send":
            action.add_argument("paths", type=Path, nargs="+", metavar="PATH")
    actions.add_parser("clear", help="clear the cache of what was retrieved")


def add_deidentify(command: argparse.ArgumentParser) -> None:
    """Add what `deidentify` takes."""
    command.add_argument("paths", type=Path, nargs="+", metavar="PATH")
    command.add_argument("--out", type=Path, required=True, metavar="FOLDER")
    command.add_argument(
        "--pseudonyms",
        type=Path,
        required=True,
        metavar="FILE",
        help="who is who: it stays with you and is made where there is none",
    )
    command.add_argument(
        "--pixels-confirmed",
        action="store_true",
        help="you have looked: the pixels of these files name nobody",
    )
