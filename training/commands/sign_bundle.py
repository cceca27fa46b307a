"""`sign`: a bundle and a secret key of minisign's → the bundle, signed."""

from __future__ import annotations

import argparse
from pathlib import Path

HELP = "a bundle and a secret key of minisign's → the bundle, signed"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--key", type=Path, required=True, help="the file of the secret key")


def run(options: argparse.Namespace) -> None:
    """Run the command."""
    from training.release.bundle_signing import sign_bundle

    signature = sign_bundle(options.bundle, options.key)
    whose = signature.signer or "none that the app trusts as it is installed here"
    print(f"signed with key {signature.key_id}: {whose}")
