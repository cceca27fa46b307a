"""`audit`: a data folder → its copies, leaks, groups and folds."""

from __future__ import annotations

import argparse
from pathlib import Path

HELP = "a data folder → its copies, leaks, groups and folds"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("data", type=Path, help="a folder of CLASS/FILE or SPLIT/CLASS/FILE")
    parser.add_argument("--out", type=Path, default=Path("runs/audit"))
    given = parser.add_mutually_exclusive_group()
    given.add_argument("--index", type=Path, help="gives groups and folds; as in `records`")
    given.add_argument("--pixels-only", action="store_true", help="take nothing from an index")


def run(options: argparse.Namespace) -> None:
    """Run the command."""
    from training.audit.command import audit
    from training.audit.report import REPORT, summary

    print("\n".join(summary(audit(options.data, options.out, options.index, options.pixels_only))))
    print(f"{options.out / REPORT}")
