"""`pack`: every different slice with its outline → one file."""

from __future__ import annotations

import argparse
from pathlib import Path

HELP = "every different slice with its outline → one file"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("data", type=Path, help="the folder with index.csv and brain-tumor-mri/")
    parser.add_argument("--out", type=Path, help="by default runs/packed-SIZE.npz")
    parser.add_argument("--size", type=int, default=160, help="side of the slices in pixels")


def run(options: argparse.Namespace) -> None:
    """Run the command."""
    from training.data.packing import pack

    out = options.out or Path(f"runs/packed-{options.size}.npz")
    packed = pack(options.data, out, options.size)
    print(f"{len(packed)} different slices, {int(packed.outlined.sum())} with a known outline")
    print(f"Fingerprint {packed.fingerprint}")
