"""`records`: a data folder → TFRecord shards."""

from __future__ import annotations

import argparse
from pathlib import Path

HELP = "a data folder → TFRecord shards"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("data", type=Path, help="the folder with Training/ and Testing/")
    parser.add_argument("--index", type=Path, help="index.csv; by default in or beside DATA")
    parser.add_argument("--out", type=Path, default=Path("records"))


def run(options: argparse.Namespace) -> None:
    """Run the command."""
    from training.data.tfrecords import write_records
    from training.datasets.folder import find_slices

    manifest = write_records(find_slices(options.data, options.index), options.out)
    for split, counts in manifest.counts.items():
        print(f"{split}: {sum(counts.values())} slices, {counts}")
    print(f"Fingerprint {manifest.fingerprint}")
