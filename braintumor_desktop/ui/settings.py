"""The user's settings; a damaged file is set aside, never deleted."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QSettings


def open_settings(settings: QSettings) -> tuple[QSettings, Path | None]:
    """`settings`, or fresh ones at the same place where its file is damaged.

    Also returns where the damaged file is now, None where there was none. Settings that are not in
    a file (Windows' registry) are taken as they are.
    """
    file = Path(settings.fileName())
    if not file.is_file() or not _is_damaged(settings, file):
        return settings, None
    form = settings.format()
    aside = _free_name(file)
    try:
        file.rename(aside)
    except OSError:  # then Qt leaves the file alone and this session's settings are not kept
        return settings, None
    return QSettings(str(file), form), aside


def _is_damaged(settings: QSettings, file: Path) -> bool:
    """Whether Qt or this app cannot make sense of the file.

    Qt skips what it does not understand, so it takes the zeros that a power cut leaves for no
    settings, and would write over them.
    """
    if settings.status() is QSettings.Status.FormatError:
        return True
    if file.suffix == ".plist":  # macOS keeps and checks those
        return False
    try:
        lines = file.read_bytes().decode().splitlines()
    except (OSError, UnicodeDecodeError):
        return True
    told = (line.strip() for line in lines)
    return any("\0" in line or not _is_setting(line) for line in told)


def _is_setting(line: str) -> bool:
    return not line or line[0] in ";#" or "=" in line or (line[0] == "[" and line[-1] == "]")


def _free_name(file: Path) -> Path:
    stamp = f"{datetime.now():%Y%m%d-%H%M%S}"
    names = (file.with_name(f"{file.name}.damaged-{stamp}{end}") for end in _endings())
    return next(name for name in names if not name.exists())


def _endings() -> list[str]:
    return ["", *(f"-{number}" for number in range(2, 1000))]
