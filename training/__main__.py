"""The command line of the training package: `python -m training COMMAND`."""

from __future__ import annotations

import argparse
import json
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # read when TensorFlow is imported


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 1 with a sentence on stderr where it cannot be carried out."""
    options = _parser().parse_args(arguments)
    try:
        options.run_command(options)
    except (OSError, ValueError) as error:
        print(f"training: {error}", file=sys.stderr)
        return 1
    return 0


def _records(options: argparse.Namespace) -> None:
    from training.data.records import write_records
    from training.datasets.folder import find_slices

    manifest = write_records(find_slices(options.data, options.index), options.out)
    for split, counts in manifest.counts.items():
        print(f"{split}: {sum(counts.values())} slices, {counts}")
    print(f"Fingerprint {manifest.fingerprint}")


def _train(options: argparse.Namespace) -> None:
    from training.engine.train import Configuration, train

    configuration = Configuration(
        records=str(options.records),
        network=options.network,
        size=options.size,
        epochs=options.epochs,
        learning_rate=options.learning_rate,
        validation_share=options.validation_share,
        last_epoch=options.last_epoch,
        precision=options.precision,
        seed=options.seed,
    )
    train(configuration, options.run)


def _evaluate(options: argparse.Namespace) -> None:
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


def _assess(options: argparse.Namespace) -> None:
    from training.data.packing import load_packed
    from training.engine.localizing import read_recipe, run_name
    from training.evaluation.assessment import assess_runs

    packed = load_packed(Path(read_recipe(options.runs / run_name(0)).packed))
    print(json.dumps(assess_runs(options.runs, packed), indent=2))


def _compare(options: argparse.Namespace) -> None:
    from training.evaluation.comparison import table

    print("\n".join(table(options.runs, options.folds, options.look)))


def _export(options: argparse.Namespace) -> None:
    from training.release.export import export

    description = export(options.runs, options.out, options.name, options.records)
    print(f"{description.name}: {description.parameters:,} parameters, {description.sha256}")
    own = description.metrics["on_what_it_was_trained_on"]
    by_group = description.metrics["by_group"]["classes"]["balanced_accuracy"]
    print(f"balanced accuracy by group {by_group:.4f}, on what it was trained on {own:.4f}")
    for part, result in description.metrics.get("official_split", {}).items():
        figures = f"cross-entropy {result['cross_entropy']:.4f}, accuracy {result['accuracy']:.4f}"
        print(f"official network, {part}: {figures}")


def _card(options: argparse.Namespace) -> None:
    from training.release.card import write_card

    print(write_card(options.bundle))


def _assess_external(options: argparse.Namespace) -> None:
    from training.evaluation.external_command import assess_external
    from training.evaluation.external_tables import external_report

    figures = assess_external(options.volumes, options.bundle, keep=options.keep)
    print(external_report(figures))
    if options.json:
        options.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


def _foreign(options: argparse.Namespace) -> None:
    from training.evaluation.foreign import judge_foreign

    counts = judge_foreign(options.bundle, options.data)
    for kind, count in counts.items():
        print(f"{kind:34}{count.refused:5} of {count.total:3} refused", end="")
        print(f", {count.as_upright} answered as upright" if count.as_upright else "")
    refused = sum(count.refused for count in counts.values())
    total = sum(count.total for count in counts.values())
    print(f"{'all':34}{refused:5} of {total:3} refused, {refused / total:.1%}")


def _pack(options: argparse.Namespace) -> None:
    from training.data.packing import pack

    out = options.out or Path(f"runs/packed-{options.size}.npz")
    packed = pack(options.data, out, options.size)
    print(f"{len(packed)} different slices, {int(packed.outlined.sum())} with a known outline")
    print(f"Fingerprint {packed.fingerprint}")


ABLATIONS: dict[str, dict[str, Any]] = {
    "mask": {"mask_weight": 0.0},
    "type-unknown": {"type_unknown_share": 0.0},
    "appearance": {"appearance_share": 0.0},
}
"""What `folds --without` can leave out of the recipe, and what the recipe says then."""


def _folds(options: argparse.Namespace) -> None:
    from training.engine.folds import train_folds
    from training.engine.localizing import FINER, NO_FOLD, Recipe

    changes = dict(FINER) if options.start else {}
    changes |= {key: value for part in options.without for key, value in ABLATIONS[part].items()}
    if options.epochs:
        changes["epochs"] = options.epochs
    whole = Recipe(
        packed=str(options.packed or f"runs/packed-{224 if options.start else 160}.npz"),
        left_out_fold=None,
        draws=options.draws,
        start=str(options.start or ""),
        appearance_share=options.appearance_share,
        precision=options.precision,
        seed=options.seed,
    )
    left_out: list[int | None] = [*options.folds]
    left_out += [NO_FOLD] * options.everything + [None] * options.official
    recipes = [replace(whole, left_out_fold=fold, **changes) for fold in left_out]
    train_folds(recipes, options.runs, not options.classes_alone, options.at_once)


def _audit(options: argparse.Namespace) -> None:
    from training.audit.command import audit
    from training.audit.report import REPORT, summary

    print("\n".join(summary(audit(options.data, options.out, options.index, options.pixels_only))))
    print(f"{options.out / REPORT}")


def _control(options: argparse.Namespace) -> None:
    from training.audit.control import control, table, write_control

    result = control(options.data, options.index)
    print("\n".join(table(result)))
    if options.json:
        write_control(result, options.json)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    records = commands.add_parser("records", help="a data folder → TFRecord shards")
    records.add_argument("data", type=Path, help="the folder with Training/ and Testing/")
    records.add_argument("--index", type=Path, help="index.csv; by default in or beside DATA")
    records.add_argument("--out", type=Path, default=Path("records"))
    records.set_defaults(run_command=_records)

    train = commands.add_parser("train", help="records → a run with its weights")
    train.add_argument("run", type=Path, help="the run's folder; one that was cut off goes on")
    train.add_argument("--records", type=Path, default=Path("records"))
    train.add_argument(
        "--network", choices=("compact_cnn", "efficientnet_cnn", "seed_cnn"), default="compact_cnn"
    )
    train.add_argument("--size", type=int, default=160, help="side of the slices in pixels")
    train.add_argument("--epochs", type=int, default=30)
    train.add_argument("--learning-rate", type=float, default=1e-3)
    train.add_argument(
        "--validation-share", type=float, default=0.2, help="of Training, drawn at random"
    )
    train.add_argument(
        "--last-epoch",
        action="store_true",
        help="its weights count, not those of lowest validation cross-entropy",
    )
    train.add_argument("--precision", default="float32", help="a Keras dtype policy")
    train.add_argument("--seed", type=int, default=0)
    train.set_defaults(run_command=_train)

    evaluate = commands.add_parser("evaluate", help="a run → its figures beside the seed's")
    evaluate.add_argument("run", type=Path)
    evaluate.set_defaults(run_command=_evaluate)

    assess = commands.add_parser("assess", help="the runs of all folds → every figure by group")
    assess.add_argument("runs", type=Path)
    assess.set_defaults(run_command=_assess)

    compare = commands.add_parser("compare", help="recipes side by side, also of single folds")
    compare.add_argument("runs", type=Path, nargs="+", help="a folder of runs for each recipe")
    compare.add_argument("--folds", type=int, nargs="+", default=[0, 1, 2, 3, 4])
    compare.add_argument("--look", default="as they are", help="that slices get: noisy, …")
    compare.set_defaults(run_command=_compare)

    export = commands.add_parser("export", help="the runs → the bundle, checked against Keras")
    export.add_argument("runs", type=Path)
    export.add_argument(
        "--records", type=Path, help="tell too what the official run gives on their Testing split"
    )
    export.add_argument("--out", type=Path, default=Path("resources/model"))
    export.add_argument("--name", default="localizing_cnn 0.11")
    export.set_defaults(run_command=_export)

    card = commands.add_parser("card", help="the bundle's figures → MODEL_CARD.md beside them")
    card.add_argument("--bundle", type=Path, default=Path("resources/model"))
    card.set_defaults(run_command=_card)

    external = commands.add_parser(
        "assess-external", help="what the bundle says of whole heads of other hospitals"
    )
    external.add_argument("volumes", type=Path, help="the folder with manifest.csv")
    external.add_argument("--bundle", type=Path, default=Path("resources/model"))
    external.add_argument("--json", type=Path, help="write the figures there too")
    external.add_argument(
        "--keep", action="store_true", help="write the figures into model.json, for the card"
    )
    external.set_defaults(run_command=_assess_external)

    foreign = commands.add_parser("foreign", help="what the bundle says of foreign images")
    foreign.add_argument("data", type=Path, help="the folder with Testing/")
    foreign.add_argument("--bundle", type=Path, default=Path("resources/model"))
    foreign.set_defaults(run_command=_foreign)

    pack = commands.add_parser("pack", help="every different slice with its outline → one file")
    pack.add_argument("data", type=Path, help="the folder with index.csv and brain-tumor-mri/")
    pack.add_argument("--out", type=Path, help="by default runs/packed-SIZE.npz")
    pack.add_argument("--size", type=int, default=160, help="side of the slices in pixels")
    pack.set_defaults(run_command=_pack)

    folds = commands.add_parser("folds", help="the app's network, once for each fold left out")
    folds.add_argument("runs", type=Path, help="a folder for the runs; one cut off goes on")
    folds.add_argument(
        "--packed", type=Path, help="by default runs/packed-160.npz, after --start -224.npz"
    )
    folds.add_argument("--folds", type=int, nargs="*", default=[0, 1, 2, 3, 4])
    folds.add_argument(
        "--everything", action="store_true", help="and once on all slices: the bundle's network"
    )
    folds.add_argument("--official", action="store_true", help="and once on all of Training")
    folds.add_argument("--start", type=Path, help="coarser runs, whose networks these go on with")
    folds.add_argument(
        "--classes-alone",
        action="store_true",
        help="leave out the head that knows which way is up: finer runs do not need it to start",
    )
    folds.add_argument("--epochs", type=int, help="by default 11, and 8 more after --start")
    folds.add_argument("--draws", type=int, default=4096, help="slices drawn for an epoch")
    folds.add_argument(
        "--appearance-share", type=float, default=0.5, help="of the views that get another look"
    )
    folds.add_argument("--precision", default="float32", help="a Keras dtype policy")
    folds.add_argument("--seed", type=int, default=0)
    folds.add_argument(
        "--at-once", type=int, default=1, help="runs side by side, each on its share of the cores"
    )
    folds.add_argument(
        "--without",
        action="append",
        choices=tuple(ABLATIONS),
        default=[],
        help="leave this out of the recipe; may be given more than once",
    )
    folds.set_defaults(run_command=_folds)

    audit = commands.add_parser("audit", help="a data folder → its copies, leaks, groups and folds")
    audit.add_argument("data", type=Path, help="a folder of CLASS/FILE or SPLIT/CLASS/FILE")
    audit.add_argument("--out", type=Path, default=Path("runs/audit"))
    given = audit.add_mutually_exclusive_group()
    given.add_argument("--index", type=Path, help="gives groups and folds; as in `records`")
    given.add_argument("--pixels-only", action="store_true", help="take nothing from an index")
    audit.set_defaults(run_command=_audit)

    control = commands.add_parser("control", help="what ten statistics of the pixels already tell")
    control.add_argument("data", type=Path, help="the folder that the index's paths start from")
    control.add_argument("--index", type=Path, help="index.csv; by default in or beside DATA")
    control.add_argument("--json", type=Path, help="write the figures there too")
    control.set_defaults(run_command=_control)
    return parser


if __name__ == "__main__":
    sys.exit(main())
