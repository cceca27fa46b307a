"""`foreign`: what the bundle says of foreign images."""

from __future__ import annotations

import argparse
from pathlib import Path

HELP = "what the bundle says of foreign images"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("data", type=Path, help="the folder with Testing/")
    parser.add_argument("--bundle", type=Path, default=Path("resources/model"))


def run(options: argparse.Namespace) -> None:
    """Run the command."""
    from training.evaluation.foreign import judge_foreign

    counts = judge_foreign(options.bundle, options.data)
    for kind, count in counts.items():
        print(f"{kind:34}{count.refused:5} of {count.total:3} refused", end="")
        print(f", {count.as_upright} answered as upright" if count.as_upright else "")
    refused = sum(count.refused for count in counts.values())
    total = sum(count.total for count in counts.values())
    print(f"{'all':34}{refused:5} of {total:3} refused, {refused / total:.1%}")
