"""`export`: the runs → the bundle, checked against Keras."""

from __future__ import annotations

import argparse
from pathlib import Path

HELP = "the runs → the bundle, checked against Keras"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("runs", type=Path)
    parser.add_argument(
        "--records", type=Path, help="tell too what the official run gives on their Testing split"
    )
    parser.add_argument(
        "--volumes", type=Path, help="DATA/volumes: tell what left-out whole heads get, fit series"
    )
    parser.add_argument(
        "--abstain-on", nargs="*", default=[], help="sequences that the bundle says nothing of"
    )
    parser.add_argument("--out", type=Path, default=Path("resources/model"))
    parser.add_argument("--sign", type=Path, metavar="KEY", help="sign it with this secret key")
    parser.add_argument("--name", default="localizing_cnn 1.1")


def run(options: argparse.Namespace) -> None:
    """Run the command."""
    from training.release.export import export

    description = export(
        options.runs,
        options.out,
        options.name,
        options.records,
        options.volumes,
        options.abstain_on,
    )
    if options.sign is not None:
        from training.release.bundle_signing import sign_bundle

        print(f"signed with key {sign_bundle(options.out, options.sign).key_id}")
    print(f"{description.name}: {description.parameters:,} parameters, {description.sha256}")
    own = description.metrics["on_what_it_was_trained_on"]
    by_group = description.metrics["by_group"]["classes"]["balanced_accuracy"]
    print(f"balanced accuracy by group {by_group:.4f}, on what it was trained on {own:.4f}")
    for part, result in description.metrics.get("official_split", {}).items():
        figures = f"cross-entropy {result['cross_entropy']:.4f}, accuracy {result['accuracy']:.4f}"
        print(f"official network, {part}: {figures}")
