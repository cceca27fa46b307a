"""`open` and `demo`: the window. Qt is imported only here, and only when it is about to open."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import platformdirs

from braintumor_desktop import paths
from braintumor_desktop.errors import BraintumorError
from braintumor_desktop.outputs.atomic import check_regular
from braintumor_desktop.sources.demo import write_demo_slice
from braintumor_desktop.text import _
from braintumor_desktop.text.answers import class_in_text
from braintumor_desktop.text.numbers import exact_percent

OFFSCREEN_PICTURE = Path("window.png")


class NoWindowError(BraintumorError):
    """Qt lacks what it needs from the system to open a window."""

    kind = "no_window"


def open_window(named: Sequence[Path], language: str = "") -> int:
    """Open the window on the slices that `named` lead to; returns its status once it closes."""
    return _run_app([path.absolute() for path in named], None, language)


def demo(picture: Path | None, language: str = "") -> int:
    """Open the window on the demo slice; returns its status.

    `language` is what was asked for, empty for that of the settings or the system. With `picture`,
    or where there is no display, the window is saved there as a PNG instead of
    staying open, and the answer is printed.
    """
    if not has_display():
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
        picture = picture or OFFSCREEN_PICTURE
        print(_("There is no display: the window opens off-screen."), flush=True)
    if picture is None:
        # Kept, so that it can be opened again from the window's list of recent files.
        folder = platformdirs.user_cache_path("braintumor-desktop", appauthor=False)
        with tempfile.TemporaryDirectory() as spare:
            try:
                path = write_demo_slice(folder)
            except OSError:  # the home folder cannot be written
                path = write_demo_slice(Path(spare))
            return _run_app([path], None, language)
    check_regular(picture)
    with tempfile.TemporaryDirectory() as folder_name:
        path = write_demo_slice(Path(folder_name))
        status = _run_app([path], picture.absolute(), language)
        if status == 0:
            _print_answer(path)
            print(_("The window: {file}").format(file=picture.absolute()))
        return status


def has_display() -> bool:
    """Whether Qt has somewhere to open a window."""
    if not sys.platform.startswith("linux") or os.environ.get("QT_QPA_PLATFORM"):
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))


def _run_app(files: list[Path], picture: Path | None, language: str) -> int:
    try:
        from braintumor_desktop.ui import app
    except ImportError as error:
        if not (error.name or "").startswith("PySide6") and ".so" not in str(error):
            raise
        raise NoWindowError(
            "Qt cannot start on this system ({reason}); the README names what it needs.",
            reason=error,
        ) from error
    return app.run(files, picture, language)


def _print_answer(path: Path) -> None:
    from braintumor_desktop.cli import classify_command
    from braintumor_desktop.inference.classifier import Classifier

    (answered,) = classify_command.answered([path], Classifier.load(paths.model_bundle()))
    outcome = answered[1]
    if isinstance(outcome, BraintumorError):
        raise outcome
    assert outcome.prediction is not None
    for name, share in outcome.prediction.ranked:
        print(f"{class_in_text(name):<17}{exact_percent(share):>7}")
