"""The composition root: builds the window and everything it needs, once, and runs it."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib import import_module
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs
from PySide6.QtCore import (
    QCoreApplication,
    QEvent,
    QMessageLogContext,
    QObject,
    QSettings,
    Qt,
    QTemporaryDir,
    QTimer,
    QtMsgType,
    qInstallMessageHandler,
)
from PySide6.QtGui import QGuiApplication, QIcon
from PySide6.QtWidgets import QApplication, QSplitter

from braintumor_desktop import __version__, paths
from braintumor_desktop import crash_log as faults
from braintumor_desktop.domain.answer import Prediction, SliceAnswer
from braintumor_desktop.domain.image import MRISlice
from braintumor_desktop.domain.series_answer import SeriesAnswer
from braintumor_desktop.domain.study import Instance
from braintumor_desktop.freed_memory import give_back_freed
from braintumor_desktop.policy import RECORDS_ENCRYPTION, SIGNED_ONLY, policy_file, read_policy
from braintumor_desktop.text import _, isolated
from braintumor_desktop.text.bidi import without_isolates
from braintumor_desktop.text.language import Language, system_tag, use, use_for_argparse
from braintumor_desktop.ui import theme
from braintumor_desktop.ui.dialogs import about as dialogs
from braintumor_desktop.ui.main_window import MainWindow
from braintumor_desktop.ui.preferences import Preferences
from braintumor_desktop.ui.session.answering_thread import Engine
from braintumor_desktop.ui.session.session import Session
from braintumor_desktop.ui.settings import open_settings
from braintumor_desktop.ui.system import single_instance
from braintumor_desktop.ui.system.application import Application
from braintumor_desktop.ui.system.faults_shown import FaultBox
from braintumor_desktop.ui.system.private import make_private
from braintumor_desktop.ui.system.translator import Translator, tag_of
from braintumor_desktop.ui.system.window_geometry import FIRST, share_out

if TYPE_CHECKING:  # it comes with what the window starts without
    from braintumor_desktop.store.records import Records

APP = "braintumor-desktop"

log = logging.getLogger(__name__)


def load_engine(bundle: Path, signed_only: bool = False) -> Engine:
    """Load the bundled model; with `signed_only` only where somebody trusted has signed it.

    Called in the worker: the window does not wait for ONNX Runtime.
    """
    from braintumor_desktop.imaging.prepare import prepare
    from braintumor_desktop.inference.classifier import Classifier
    from braintumor_desktop.inference.series import SliceInSeries, answer_series
    from braintumor_desktop.ui.session.fresh_reader import FreshReader

    # The first answer needs the one, the worklist the other: the window does not wait for them.
    for later in ("session.review", "worklist.review_dock", "worklist.review_link"):
        import_module(f"braintumor_desktop.ui.{later}")
    classifier = Classifier.load(bundle, signed_only=signed_only)
    reader = FreshReader()

    def look(instance: Instance) -> SliceAnswer:
        mri = reader.read(instance)
        return SliceAnswer(mri, prepare(mri, classifier.input_size))

    def answer(instance: Instance) -> SliceAnswer:
        looked = look(instance)
        assert looked.prepared is not None
        return replace(looked, prediction=classifier.classify(looked.prepared))

    def judge(slices: Sequence[tuple[Instance, Prediction | None]]) -> SeriesAnswer:
        in_order = [
            SliceInSeries(
                prediction,
                position_mm=None if one.geometry is None else one.geometry.position_mm,
                spacing_mm=one.spacing_mm,
            )
            for one, prediction in slices
        ]
        return answer_series(in_order, classifier.series_rule)

    key = classifier.description.answering_key
    return Engine(classifier.info, answer, key, classifier, look, judge)


def open_records(path: Path, wanted: str = "") -> Records:
    """Open the store at `path` for who is logged in. Called in a worker, when it is asked for.

    `wanted` is how it is to be kept (`screening.records_opening`).
    """
    from braintumor_desktop.screening.records_opening import open_records
    from braintumor_desktop.store.records import user_name

    return open_records(path, user_name(), wanted)


def open_user_records(place: str, wanted: str) -> Records:
    """Open the store at `place`, of the settings, else the user's own."""
    from braintumor_desktop.store.records import user_records

    return open_records(Path(place) if place else user_records(), wanted)


def read(instance: Instance) -> MRISlice:
    """Read a slice; for the case that there is no model."""
    from braintumor_desktop.sources.catalogue import read_instance

    return read_instance(instance)


def build_window(
    settings: QSettings,
    load: Callable[[], Engine],
    open_records: Callable[[], Records] | None = None,
    preferences: Preferences | None = None,
) -> MainWindow:
    """The window with everything behind it; `load` is called in a thread, and `open_records` too.

    Without `open_records` there is no review.
    """
    # The window gives Python's lock away at every call of Qt, and has to wait for it afterwards:
    # no longer than this, where the default is 5 ms.
    sys.setswitchinterval(0.001)
    session = Session(load, read, open_records)
    icon = QIcon(str(paths.resources() / "icons" / "app.svg"))
    window = MainWindow(session, settings, icon, preferences)
    session.setParent(window)
    session.records_trouble.connect(window.say_records_trouble)
    session.start()
    return window


def run(slices: Sequence[Path], screenshot: Path | None = None, language: str = "") -> int:
    """Open the window on files and folders; the exit status.

    `language` is what was asked for, empty for that of the settings or the system.
    With `screenshot` the window opens off-screen, with fresh settings and outlines on, is
    saved as a PNG there once all slices are answered, and closes.
    """
    if screenshot is not None:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    elif not _has_screen():
        print(_("There is no display to open the window on."), file=sys.stderr)
        return 1
    if sys.platform == "win32":  # where the off-screen platform knows no fonts of the system
        fonts = Path(os.environ.get("SYSTEMROOT", r"C:\Windows"), "Fonts")
        os.environ.setdefault("QT_QPA_FONTDIR", str(fonts))
    give_back_freed()
    _log_to_file()
    qInstallMessageHandler(_say_qt_message)
    app = Application(sys.argv[:1])
    QCoreApplication.setOrganizationName(APP)
    QCoreApplication.setApplicationName(APP)
    QCoreApplication.setApplicationVersion(__version__)
    QGuiApplication.setDesktopFileName(APP)  # by which Wayland finds the icon
    where = single_instance.address(platformdirs.user_cache_path(APP, appauthor=False))
    first = None if screenshot is not None else single_instance.come_first(where, slices)
    if screenshot is None and first is None:
        return 0
    settings, aside = open_settings(QSettings())
    if first is not None and sys.platform.startswith("linux"):  # macOS keeps them in its own way
        make_private(Path(settings.fileName()))
    fresh = QTemporaryDir() if screenshot is not None else None
    if fresh is not None:
        # Not os.devnull: Qt saves by renaming, so root would get a file for a device.
        settings = QSettings(fresh.filePath("settings.ini"), QSettings.Format.IniFormat)
        settings.setValue("outline", True)
    policy, sound = read_policy(policy_file()) if screenshot is None else ({}, True)
    preferences = Preferences(settings, policy)
    signed_only = bool(preferences.value(SIGNED_ONLY))
    place, encryption = (str(preferences.value(one)) for one in ("records", RECORDS_ENCRYPTION))
    theme.apply(app, preferences.value("theme"))
    theme.follow_system(app)
    translator = Translator(app)
    translator.speak(language or tag_of(settings, str(preferences.value("language"))))
    window = build_window(
        settings,
        lambda: load_engine(paths.model_bundle(), signed_only),
        None if screenshot is not None else lambda: open_user_records(place, encryption),
        preferences,
    )
    preferences.changed.connect(lambda key: _apply(app, translator, preferences, key))
    _report_faults(window)
    if screenshot is not None:
        window.resize(FIRST)  # the off-screen platform's screen is no measure
        sides = window.centralWidget()
        assert isinstance(sides, QSplitter)
        share_out(FIRST.width(), sides)
        window.views.shared.update(network_view=True)
        _shoot_when_idle(window, screenshot)
    elif first is not None:
        _listen(window, first)
        app.paths_handed.connect(first.paths_handed)
    window.installEventFilter(FirstPaint(window))
    window.show()
    if aside is not None and screenshot is None:
        _say_set_aside(window, aside)
    if not sound:
        words = _("The administrator's policy file cannot be read: it does not hold.")
        dialogs.notice(window, words).open()
    window.open_paths(list(slices))
    status = app.exec()
    settings.sync()  # else Qt saves later, and makes the folder again
    if fresh is not None:
        fresh.remove()
    return status


def main(argv: Sequence[str] | None = None) -> int:
    """The windowed entry point: paths to open, from the command line or the system."""
    use(Language.of(system_tag()))
    use_for_argparse()
    parser = argparse.ArgumentParser(prog=f"{APP}-window")
    parser.add_argument("paths", nargs="*", type=Path, help=_("slices or folders to open"))
    parser.add_argument(
        "--screenshot", type=Path, metavar="PNG", help=_("save the window off-screen, and end")
    )
    parser.add_argument("--language", default="", metavar="LANGUAGE", help=_("en or es"))
    options = parser.parse_args(argv)
    return run(options.paths, options.screenshot, options.language)


def _has_screen() -> bool:
    """Qt ends the whole process where it finds no display, so ask before it does."""
    if not sys.platform.startswith("linux") or os.environ.get("QT_QPA_PLATFORM"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


class FirstPaint(QObject):
    """Logs, once, when the window is on screen and answers: the benchmarks wait for it."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Wait for the window's first paint."""
        if event.type() is QEvent.Type.Paint:
            watched.removeEventFilter(self)
            QTimer.singleShot(0, lambda: log.info("The window is open."))
        return False


def _apply(app: QApplication, translator: Translator, preferences: Preferences, key: str) -> None:
    """Let what is set for the whole application hold now."""
    if key == "theme":
        theme.apply(app, preferences.value(key))
    elif key == "language":
        translator.speak(str(preferences.value(key)) or system_tag())


def _listen(window: MainWindow, first: single_instance.FirstInstance) -> None:
    """Open what later starts, or Finder, hand over, in front of all other windows."""
    first.setParent(window)

    def take(handed: list[Path]) -> None:
        window.setWindowState(window.windowState() & ~Qt.WindowState.WindowMinimized)
        window.raise_()
        window.activateWindow()
        window.open_paths(handed)

    first.paths_handed.connect(take)


def _say_set_aside(window: MainWindow, aside: Path) -> None:
    words = _(
        "The settings were damaged. They are kept as {file}, and the app starts with fresh ones.",
    )
    dialogs.notice(window, words.format(file=isolated(aside.name))).open()


def _say_qt_message(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
    """Pass on what Qt says, but for what the off-screen platform says of every window."""
    if "propagateSizeHints" not in message:
        print(message, file=sys.stderr)


def _shoot_when_idle(window: MainWindow, target: Path) -> None:
    def shoot() -> None:
        # Each level of nested layouts asks the next one above to be laid out anew.
        for _round in range(8):
            QCoreApplication.processEvents()
        saved = window.grab().save(str(target), "PNG")
        if not saved:
            words = _("{name} cannot be written.").format(name=isolated(str(target)))
            print(without_isolates(words), file=sys.stderr)
        window.close()
        QCoreApplication.exit(0 if saved else 1)

    window.bench.idle.connect(
        lambda: QTimer.singleShot(0, shoot), Qt.ConnectionType.SingleShotConnection
    )


def _log_to_file() -> None:
    """A small rotating log. What is logged holds no path, no name and no message of an error."""
    folder = Path(platformdirs.user_log_dir(APP, appauthor=False))
    try:
        make_private(folder / "app.log")
        handler = RotatingFileHandler(
            folder / "app.log", maxBytes=256_000, backupCount=2, encoding="utf-8"
        )
    except OSError:  # a log is no reason not to work
        return
    handler.setFormatter(faults.PrivateFormatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    package = logging.getLogger("braintumor_desktop")
    package.addHandler(handler)
    package.setLevel(logging.INFO)


def _report_faults(window: MainWindow) -> None:
    """Log what nobody caught, and say one plain sentence; the window stays."""
    faults_shown = FaultBox(window)
    window.bench.model_changed.connect(lambda: setattr(faults_shown, "model", window.bench.model))
    faults_shown.install()
