"""`assess-external`: what the bundle says of whole heads of other hospitals."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

HELP = "what the bundle, or a run, says of whole heads of other hospitals"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("volumes", type=Path, help="the folder with manifest.csv")
    parser.add_argument("--bundle", type=Path, default=Path("resources/model"))
    parser.add_argument(
        "--run", type=Path, help="a run of the seed's recipe, judged in place of the bundle"
    )
    parser.add_argument("--json", type=Path, help="write the figures there too")
    parser.add_argument(
        "--keep", action="store_true", help="write the figures into model.json, for the card"
    )


def run(options: argparse.Namespace) -> None:
    """Run the command."""
    from training.evaluation.external import external_figures
    from training.evaluation.external_command import assess_external
    from training.evaluation.external_tables import external_report
    from training.evaluation.volume_answers import answer_volumes_by_run

    if options.run:
        figures = external_figures(answer_volumes_by_run(options.run, options.volumes))
    else:
        figures = assess_external(options.volumes, options.bundle, keep=options.keep)
    print(external_report(figures))
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
