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
from braintumor_desktop.sources.demo import write_demo
from braintumor_desktop.text import _
from braintumor_desktop.text.answers import class_in_text, headline
from braintumor_desktop.text.bidi import without_isolates
from braintumor_desktop.text.language import translated
from braintumor_desktop.text.numbers import exact_percent

OFFSCREEN_PICTURE = Path("window.png")


class NoWindowError(BraintumorError):
    """Qt lacks what it needs from the system to open a window."""

    kind = "no_window"


def open_window(named: Sequence[Path], language: str = "") -> int:
    """Open the window on the slices that `named` lead to; returns its status once it closes."""
    return _run_app([path.absolute() for path in named], None, language)


def demo(picture: Path | None, language: str = "") -> int:
    """Open the window on the demo, a painted lesion and the healthy head; returns its status.

    `language` is what was asked for, empty for that of the settings or the system. With `picture`,
    or where there is no display, the window is saved there as a PNG instead of
    staying open, and the answers are printed.
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
                slices = write_demo(folder, translated)
            except OSError:  # the home folder cannot be written
                slices = write_demo(Path(spare), translated)
            return _run_app(list(slices), None, language)
    check_regular(picture)
    with tempfile.TemporaryDirectory() as folder_name:
        slices = write_demo(Path(folder_name), translated)
        status = _run_app(list(slices), picture.absolute(), language)
        if status == 0:
            _print_answers(slices)
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


def _print_answers(slices: Sequence[Path]) -> None:
    from braintumor_desktop.cli import classify_command
    from braintumor_desktop.inference.classifier import Classifier

    classifier = Classifier.load(paths.model_bundle())
    for place, outcome in classify_command.answered(slices, classifier):
        if isinstance(outcome, BraintumorError):
            raise outcome
        assert outcome.prediction is not None
        print(place.path.name)
        print(f"  {without_isolates(headline(outcome.prediction, outcome.slice.warnings))}")
        if outcome.prediction.unlike_training:
            continue
        for name, share in outcome.prediction.ranked:
            print(f"  {class_in_text(name):<17}{exact_percent(share):>7}")
