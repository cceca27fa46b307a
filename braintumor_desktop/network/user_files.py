"""Where the user's list of archives is kept, and what was retrieved from them."""

from __future__ import annotations

from pathlib import Path

import platformdirs

_NAME = "braintumor-desktop"


def archives_file() -> Path:
    """Return the file with the user's archives, which need not be there."""
    return platformdirs.user_config_path(_NAME, appauthor=False) / "archives.json"


def cache_folder() -> Path:
    """Return the folder of what was retrieved, which need not be there."""
    return platformdirs.user_cache_path(_NAME, appauthor=False) / "retrieved"
