"""`assess`: the runs of all folds → every figure by group."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

HELP = "the runs of all folds → every figure by group"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("runs", type=Path)


def run(options: argparse.Namespace) -> None:
    """Run the command."""
    from training.data.packing import load_packed
    from training.engine.recipe import read_recipe, run_name
    from training.evaluation.assessment import assess_runs

    packed = load_packed(Path(read_recipe(options.runs / run_name(0)).packed))
    print(json.dumps(assess_runs(options.runs, packed), indent=2))
