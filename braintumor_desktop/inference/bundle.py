"""The model bundle: `model.onnx` and the `model.json` that says what it is.

The bundle is data, not code: the network is read only after its SHA-256 has been checked, and
nothing in it is ever unpickled.
"""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from braintumor_desktop.domain.answer import NO_TUMOUR
from braintumor_desktop.errors import ModelBundleError
from braintumor_desktop.imaging import prepare
from braintumor_desktop.versions import answering_key

FORMAT = 2
NETWORK_FILE = "model.onnx"
DESCRIPTION_FILE = "model.json"


@dataclass(frozen=True)
class BundleDescription:
    """What `model.json` says.

    `classes` are in the order of the network's outputs, `input_size` is the side of the prepared
    slice in pixels, `preprocessing` the version of `imaging.prepare` that it was trained with.
    The logits are divided by `temperature` before they become probabilities; a class cannot be
    excluded from its entry in `set_thresholds` upwards; a slice whose distance exceeds
    `unlike_threshold` is unlike the training data.
    `training_data` holds what it saw (counts and a fingerprint), `metrics` what was measured.
    """

    name: str
    classes: tuple[str, ...]
    input_size: int
    preprocessing: str
    parameters: int
    sha256: str
    temperature: float
    set_thresholds: dict[str, float]
    unlike_threshold: float
    training_data: dict[str, Any] = field(default_factory=dict)
    metrics: dict[str, Any] = field(default_factory=dict)
    format: int = FORMAT

    @property
    def fingerprint(self) -> str:
        """A SHA-256, in hex, over the network and all that decides what is said of its outputs."""
        deciding = {
            "classes": self.classes,
            "network": self.sha256,
            "preprocessing": self.preprocessing,
            "temperature": self.temperature,
            "thresholds": self.set_thresholds,
            "unlike": self.unlike_threshold,
        }
        return hashlib.sha256(json.dumps(deciding, sort_keys=True).encode()).hexdigest()

    @property
    def answering_key(self) -> str:
        """What an answer depends on besides the file (`versions.answering_key`)."""
        return answering_key(self.fingerprint)


def write_description(description: BundleDescription, folder: Path) -> None:
    """Write `model.json` into `folder`."""
    text = json.dumps(asdict(description), indent=2, ensure_ascii=False)
    (folder / DESCRIPTION_FILE).write_text(text + "\n", encoding="utf-8")


def read_bundle(folder: Path) -> tuple[BundleDescription, bytes]:
    """The description and the checked bytes of the network in `folder`.

    Raises `ModelBundleError` where a file is missing or unreadable, the description is not one
    that this app understands, the network was trained on another preprocessing than this app has,
    or its SHA-256 is not the one in the description.
    """
    description = _read_description(folder)
    if description.preprocessing != prepare.VERSION:
        raise ModelBundleError(
            "The model was trained on preprocessing {theirs}, but this app prepares slices by "
            "{ours}.",
            theirs=description.preprocessing,
            ours=prepare.VERSION,
        )
    network = _read_bytes(folder / NETWORK_FILE)
    if hashlib.sha256(network).hexdigest() != description.sha256:
        raise ModelBundleError(
            "{file} is damaged or was exchanged: its SHA-256 is not the one in {description}.",
            file=NETWORK_FILE,
            description=DESCRIPTION_FILE,
        )
    return description, network


def _read_description(folder: Path) -> BundleDescription:
    try:
        values = json.loads(_read_bytes(folder / DESCRIPTION_FILE))
        if values["format"] != FORMAT:
            raise ModelBundleError(
                "The model bundle has format {theirs}; this app reads format {ours}.",
                theirs=values["format"],
                ours=FORMAT,
            )
        values["classes"] = tuple(values["classes"])
        known = {item.name for item in fields(BundleDescription)}
        description = BundleDescription(**{k: v for k, v in values.items() if k in known})
        sound = (
            len(set(description.classes)) == len(description.classes) > 1
            and all(isinstance(name, str) for name in description.classes)
            and NO_TUMOUR in description.classes
            and isinstance(description.input_size, int)
            and 16 <= description.input_size <= 1024
            and 0 < description.temperature < math.inf
            and description.set_thresholds.keys() == set(description.classes)
            and all(0 <= share <= 1 for share in description.set_thresholds.values())
            and 0 < description.unlike_threshold < math.inf
            and isinstance(description.parameters, int)
            and isinstance(description.metrics, dict)
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelBundleError("{file} is damaged.", file=DESCRIPTION_FILE) from error
    if not sound:
        raise ModelBundleError(
            "{file} names no usable classes, input size, thresholds or figures.",
            file=DESCRIPTION_FILE,
        )
    return description


def _read_bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ModelBundleError(
            "{file} is missing from the model bundle or cannot be read.", file=path.name
        ) from error
