"""`card`: the bundle's figures → MODEL_CARD.md beside them."""

from __future__ import annotations

import argparse
from pathlib import Path

HELP = "the bundle's figures → MODEL_CARD.md beside them"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("--bundle", type=Path, default=Path("resources/model"))


def run(options: argparse.Namespace) -> None:
    """Run the command."""
    from training.release.card import write_card

    print(write_card(options.bundle))
