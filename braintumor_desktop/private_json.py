"""JSON files that only the user may read, written whole or not at all."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any


def write_private_json(path: Path, value: Any) -> None:
    """Write `value` to `path`, with its folder; an earlier file stays until the new one is whole.

    Raises `OSError` where the operating system refuses.
    """
    text = json.dumps(value, indent=2)
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(path.name + ".part")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text + "\n")
    beside.replace(path)
