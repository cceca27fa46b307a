"""Commands of the tests' own that print JSON, run as somebody types them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any


def told_by(command: Path, *arguments: str | int | Path) -> dict[str, Any]:
    """Run a script with `--json` and return what it prints; it must end with 0."""
    done = subprocess.run(
        [sys.executable, command, *map(str, arguments), "--json"],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found
