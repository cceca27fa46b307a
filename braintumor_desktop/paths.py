"""Where the app's resources are: in a source tree, an installed wheel or a frozen app."""

from __future__ import annotations

import sys
from pathlib import Path

MODEL_CARD = "MODEL_CARD.md"
PACKAGE = Path(__file__).resolve().parent


def resources() -> Path:
    """The folder that holds `model/`, `icons/` and `styles/`.

    PyInstaller unpacks it below `sys._MEIPASS`, the wheel carries it inside the package, and in a
    source tree it stands beside the package.
    """
    frozen = getattr(sys, "_MEIPASS", None)
    if frozen is not None:
        return Path(frozen) / "resources"
    inside = PACKAGE / "resources"
    return inside if inside.is_dir() else PACKAGE.parent / "resources"


def model_bundle() -> Path:
    """The folder of the bundled model: `model.onnx`, `model.json`, `MODEL_CARD.md`."""
    return resources() / "model"
