"""`folds`: the app's recipe, once for each fold left out."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

HELP = "the app's network, once for each fold left out"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("runs", type=Path, help="a folder for the runs; one cut off goes on")
    parser.add_argument("--recipe", type=Path, help="a TOML file; by default recipes/app.toml")
    parser.add_argument(
        "--packed", type=Path, help="by default runs/packed-160.npz, after --start -224.npz"
    )
    parser.add_argument("--folds", type=int, nargs="*", default=[0, 1, 2, 3, 4])
    parser.add_argument(
        "--everything", action="store_true", help="and once on all slices: the bundle's network"
    )
    parser.add_argument("--official", action="store_true", help="and once on all of Training")
    parser.add_argument(
        "--start", type=Path, help="coarser runs, whose networks these go on with: the fine stage"
    )
    parser.add_argument(
        "--classes-alone",
        action="store_true",
        help="leave out the head that knows which way is up: finer runs do not need it to start",
    )
    parser.add_argument("--epochs", type=int, help="in place of the recipe's")
    parser.add_argument("--draws", type=int, help="slices drawn for an epoch")
    parser.add_argument("--appearance-share", type=float, help="of the views that get another look")
    parser.add_argument("--precision", help="a Keras dtype policy")
    parser.add_argument("--seed", type=int)
    parser.add_argument(
        "--at-once", type=int, default=1, help="runs side by side, each on its share of the cores"
    )
    parser.add_argument(
        "--cluster",
        metavar="ADDRESS",
        help="in place of --at-once: a Dask scheduler, whose workers train a run each",
    )
    parser.add_argument(
        "--without",
        action="append",
        choices=("mask", "type-unknown", "appearance"),
        default=[],
        help="leave this out of the recipe; may be given more than once",
    )


def run(options: argparse.Namespace) -> None:
    """Run the command."""
    from training.engine.cluster import train_on_cluster
    from training.engine.folds import train_folds
    from training.engine.recipe import APP, NO_FOLD, Recipe, stage_settings, without

    settings = stage_settings(options.recipe or APP, "fine" if options.start else "coarse")
    for part in options.without:
        settings = without(settings, part)
    names = ("epochs", "draws", "appearance_share", "precision", "seed")
    changes = {name: getattr(options, name) for name in names}
    settings |= {name: value for name, value in changes.items() if value is not None}
    packed = options.packed or Path(f"runs/packed-{224 if options.start else 160}.npz")
    whole = Recipe(
        packed=str(packed), left_out_fold=None, start=str(options.start or ""), **settings
    )
    left_out: list[int | None] = [*options.folds]
    left_out += [NO_FOLD] * options.everything + [None] * options.official
    recipes = [replace(whole, left_out_fold=fold) for fold in left_out]
    heads = not options.classes_alone
    if options.cluster:
        train_on_cluster(recipes, options.runs, heads, options.cluster)
    else:
        train_folds(recipes, options.runs, heads, options.at_once)
