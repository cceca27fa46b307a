"""`evaluate`: a run → its figures beside the seed's."""

from __future__ import annotations

import argparse
from pathlib import Path

HELP = "a run → its figures beside the seed's"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("run", type=Path)


def run(options: argparse.Namespace) -> None:
    """Run the command."""
    from training.evaluation.evaluate import SEED_FIGURES, evaluate

    print(f"{'':34}{'slices':>7}{'cross-entropy':>15}{'accuracy':>10}{'95 %':>16}   the seed's")
    for runtime, parts in evaluate(options.run).items():
        for name, result in parts.items():
            seed = SEED_FIGURES.get(name)
            beside = f"{seed[0]:.2f}, {seed[1]:.1%}" if seed else ""
            figures = f"{result.slices:7}{result.cross_entropy:15.4f}{result.accuracy:10.2%}"
            if result.accuracy_interval:
                figures += "{:8.2%} to {:.2%}".format(*result.accuracy_interval).rjust(19)
            print(f"{runtime:12}{name:22}{figures}   {beside}")
