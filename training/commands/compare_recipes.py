"""`compare`: recipes side by side, also of single folds."""

from __future__ import annotations

import argparse
from pathlib import Path

HELP = "recipes side by side, also of single folds"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("runs", type=Path, nargs="+", help="a folder of runs for each recipe")
    parser.add_argument("--folds", type=int, nargs="+", default=[0, 1, 2, 3, 4])
    parser.add_argument("--look", default="as they are", help="that slices get: noisy, …")


def run(options: argparse.Namespace) -> None:
    """Run the command."""
    from training.evaluation.comparison import table

    print("\n".join(table(options.runs, options.folds, options.look)))
