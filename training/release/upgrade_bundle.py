"""Brings a bundle of format 2 to format 3, its network's weights untouched.

    python -m training.release.upgrade_bundle resources/model

The class names and the preprocessing go into the network's metadata, the SHA-256 over description
and network into the description (`braintumor_desktop.inference.bundle`). What `export` writes is of
format 3 already.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from dataclasses import fields
from pathlib import Path

from braintumor_desktop.inference.bundle import (
    DESCRIPTION_FILE,
    FORMAT,
    NETWORK_FILE,
    BundleDescription,
    named_network,
    read_bundle,
    write_description,
)


def upgrade(folder: Path) -> BundleDescription:
    """Rewrite the bundle in `folder`; returns its description as it is read again.

    The hash of the network is exchanged in the model card, too. Raises `ValueError` where the
    bundle is not of format 2, or its network not the one that it names.
    """
    values = json.loads((folder / DESCRIPTION_FILE).read_text(encoding="utf-8"))
    network = (folder / NETWORK_FILE).read_bytes()
    before = hashlib.sha256(network).hexdigest()
    if values["format"] != FORMAT - 1 or values["sha256"] != before:
        raise ValueError(f"{folder} holds no whole bundle of format {FORMAT - 1}.")
    classes = tuple(values["classes"])
    network = named_network(network, classes, values["preprocessing"])
    after = hashlib.sha256(network).hexdigest()
    known = {item.name for item in fields(BundleDescription)}
    values |= {"classes": classes, "sha256": after, "format": FORMAT}
    (folder / NETWORK_FILE).write_bytes(network)
    write_description(BundleDescription(**{k: v for k, v in values.items() if k in known}), folder)
    card = folder / "MODEL_CARD.md"
    if card.is_file():
        text = card.read_text(encoding="utf-8")
        card.write_text(text.replace(before, after), encoding="utf-8")
    return read_bundle(folder)[0]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    print(upgrade(parser.parse_args().folder).sha256)
