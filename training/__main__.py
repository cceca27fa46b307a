"""The command line of the training package: `python -m training COMMAND`."""

from __future__ import annotations

import argparse
import os
import sys

from training.commands import (
    assess_external,
    assess_folds,
    audit_data,
    compare_recipes,
    evaluate_run,
    export_bundle,
    judge_foreign,
    pack_slices,
    pixel_control,
    sign_bundle,
    train_folds,
    train_seed,
    write_card,
    write_records,
)

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # read when TensorFlow is imported

COMMANDS = {
    "records": write_records,
    "train": train_seed,
    "evaluate": evaluate_run,
    "pack": pack_slices,
    "folds": train_folds,
    "assess": assess_folds,
    "assess-external": assess_external,
    "compare": compare_recipes,
    "export": export_bundle,
    "card": write_card,
    "sign": sign_bundle,
    "foreign": judge_foreign,
    "audit": audit_data,
    "control": pixel_control,
}
"""The commands by name; each imports what it needs when it runs, as TensorFlow takes seconds."""


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 1 with a sentence on stderr where it cannot be carried out."""
    options = _parser().parse_args(arguments)
    try:
        options.run_command(options)
    except (OSError, ValueError) as error:
        print(f"training: {error}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, module in COMMANDS.items():
        command = commands.add_parser(name, help=module.HELP)
        module.add_arguments(command)
        command.set_defaults(run_command=module.run)
    return parser


if __name__ == "__main__":
    sys.exit(main())
