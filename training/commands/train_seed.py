"""`train`: the student project's recipe, from records to a run."""

from __future__ import annotations

import argparse
from pathlib import Path

HELP = "records → a run with its weights, by the seed's recipe"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("run", type=Path, help="the run's folder; one that was cut off goes on")
    parser.add_argument("--records", type=Path, default=Path("records"))
    parser.add_argument("--recipe", type=Path, help="a TOML file; by default recipes/seed.toml")
    parser.add_argument(
        "--network", choices=("compact_cnn", "efficientnet_cnn", "seed_cnn"), help="of the recipe"
    )
    parser.add_argument("--size", type=int, help="side of the slices in pixels")
    parser.add_argument("--epochs", type=int)
    parser.add_argument("--learning-rate", type=float)
    parser.add_argument("--validation-share", type=float, help="of Training, drawn at random")
    parser.add_argument(
        "--last-epoch",
        action="store_true",
        default=None,
        help="its weights count, not those of lowest validation cross-entropy",
    )
    parser.add_argument("--precision", help="a Keras dtype policy")
    parser.add_argument("--seed", type=int)


def run(options: argparse.Namespace) -> None:
    """Run the command."""
    from training.engine.recipe import SEED
    from training.engine.seed import configuration_from, train_seed

    names = ("network", "size", "epochs", "learning_rate", "validation_share", "last_epoch")
    changes = {name: getattr(options, name) for name in (*names, "precision", "seed")}
    train_seed(configuration_from(options.recipe or SEED, options.records, changes), options.run)
