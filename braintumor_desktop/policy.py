"""What an administrator has fixed for all users of the machine."""

from __future__ import annotations

import json
import stat
import sys
from pathlib import Path
from typing import Any

import platformdirs

SIGNED_ONLY = "signed_bundles_only"
"""The switch, in settings and policy, by which only signed bundles are used."""

RECORDS_ENCRYPTION = "records_encryption"
"""How records are kept, in settings and policy: `encrypted`, `clear`, or as they are."""

_MOST_BYTES = 65_536


def policy_file() -> Path:
    """Where an administrator can fix preferences for all users of the machine."""
    if sys.platform.startswith("linux"):
        return Path("/etc/braintumor-desktop/policy.json")
    return platformdirs.site_config_path("braintumor-desktop", appauthor=False) / "policy.json"


def read_policy(path: Path) -> tuple[dict[str, Any], bool]:
    """What the file at `path` fixes, and whether it could be made sense of; nothing without one."""
    try:
        status = path.stat()
    except (OSError, ValueError):
        return {}, True
    if not stat.S_ISREG(status.st_mode) or status.st_size > _MOST_BYTES:
        return {}, False
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}, False
    return (found, True) if isinstance(found, dict) else ({}, False)


def trusted_keys_folder() -> Path:
    """Where an administrator puts the public keys of others whose bundles are trusted."""
    return policy_file().parent / "keys"
