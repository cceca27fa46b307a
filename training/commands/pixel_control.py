"""`control`: what ten statistics of the pixels already tell."""

from __future__ import annotations

import argparse
from pathlib import Path

HELP = "what ten statistics of the pixels already tell"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("data", type=Path, help="the folder that the index's paths start from")
    parser.add_argument("--index", type=Path, help="index.csv; by default in or beside DATA")
    parser.add_argument("--json", type=Path, help="write the figures there too")


def run(options: argparse.Namespace) -> None:
    """Run the command."""
    from training.audit.control import control, table, write_control

    result = control(options.data, options.index)
    print("\n".join(table(result)))
    if options.json:
        write_control(result, options.json)
