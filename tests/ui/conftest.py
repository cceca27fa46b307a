"""The real window on real slices, with settings in a temporary folder."""

from __future__ import annotations

import sqlite3
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, QSettings, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from braintumor_desktop import paths
from braintumor_desktop.domain.answer import HeatMap, ModelInfo, Prediction, SliceAnswer
from braintumor_desktop.domain.study import Instance
from braintumor_desktop.imaging.prepare import prepare
from braintumor_desktop.imaging.read import read_slice
from braintumor_desktop.ui import app, theme
from braintumor_desktop.ui.main_window import MainWindow
from braintumor_desktop.ui.session.answering_thread import Engine

WAIT = 60_000  # for a machine that is busy with something else


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # The off-screen platform says this of every window; anything else Qt warns of fails a test.
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.qt_log_ignore("propagateSizeHints", extend=True))


@pytest.fixture(autouse=True)
def _dressed(qapp: QApplication) -> None:
    if not qapp.styleSheet():
        theme.apply(qapp)


@pytest.fixture
def settings(tmp_path: Path) -> QSettings:
    return QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat)


@pytest.fixture
def open_window(qtbot: QtBot, settings: QSettings) -> Iterator[Callable[..., MainWindow]]:
    """Opens the real window with the bundled model, or with the bundle or the engine given."""
    windows: list[MainWindow] = []

    def opener(
        *, bundle: Path | None = None, engine: Callable[[], Engine] | None = None
    ) -> MainWindow:
        load = engine or (lambda: app.load_engine(bundle or paths.model_bundle()))
        window = app.build_window(settings, load)
        windows.append(window)
        window.show()
        if engine is None:
            qtbot.waitUntil(lambda: window.bench.model_settled, timeout=WAIT)
        return window

    yield opener
    for window in windows:
        window.close()
        assert not window.session.running, "the window left a thread behind"
        window.deleteLater()


@pytest.fixture
def open_review(
    qtbot: QtBot, settings: QSettings, tmp_path: Path
) -> Iterator[Callable[..., MainWindow]]:
    """Opens the real window, of the bundle given, with records in a temporary folder."""
    windows: list[MainWindow] = []

    def opener(*started_with: Path, bundle: Path | None = None, encryption: str = "") -> MainWindow:
        model = bundle or paths.model_bundle()
        window = app.build_window(
            settings,
            lambda: app.load_engine(model),
            lambda: app.open_records(tmp_path / "records.sqlite", encryption),
        )
        windows.append(window)
        window.show()
        window.open_paths(started_with)
        qtbot.waitUntil(lambda: window.bench.model_settled, timeout=WAIT)
        return window

    yield opener
    for window in windows:
        window.close()
        assert not window.session.running, "the window left a thread behind"
        window.deleteLater()


@pytest.fixture
def opened(qtbot: QtBot) -> Callable[..., None]:
    """Does something in the window and waits until all is answered."""

    def act(window: MainWindow, do: Callable[..., Any], *arguments: Any) -> None:
        with qtbot.waitSignal(window.bench.idle, timeout=WAIT):
            do(*arguments)

    return act


@pytest.fixture
def meningioma(data_folder: Path) -> Path:
    """A slice whose tumour the network finds."""
    return data_folder / "brain-tumor-mri" / "Testing" / "meningioma" / "Te-me_0100.jpg"


@pytest.fixture
def slices(demo_slice: Path, tmp_path: Path) -> list[Path]:
    """Nine slices of a real head, turned and cut differently, 16 bit."""
    folder = tmp_path / "slices"
    folder.mkdir()
    pixels = cv2.imdecode(np.fromfile(demo_slice, np.uint8), cv2.IMREAD_UNCHANGED)
    files = []
    for i in range(9):
        path = folder / f"slice{i}.png"
        cv2.imencode(".png", np.ascontiguousarray(np.rot90(pixels, i)[4 * i :]))[1].tofile(path)
        files.append(path)
    return files


@pytest.fixture
def no_image(tmp_path: Path) -> Path:
    path = tmp_path / "letter.png"
    path.write_text("Dear colleague")
    return path


@pytest.fixture
def fake_engine() -> Callable[..., Callable[[], Engine]]:
    """An engine that gives the probabilities it is told, with a hook before each answer.

    For what the real model cannot be made to do: a certain probability, a delay, a failure.
    """

    def make(
        shares: tuple[float, ...] = (0.1, 0.2, 0.65, 0.05),
        before: Callable[[Path], None] = lambda path: None,
        names: tuple[str, ...] = ("glioma", "meningioma", "notumor", "pituitary"),
    ) -> Callable[[], Engine]:
        model = ModelInfo("fake 1", "ab" * 32)

        def answer(instance: Instance) -> SliceAnswer:
            before(instance.path)
            mri = read_slice(instance.path)
            prepared = prepare(mri, 64)
            values = np.zeros((4, 4), np.float32)
            values[1, 2] = 8
            heat = HeatMap(values, prepared.crop)
            named = dict(zip(names, shares, strict=True))
            best = max(named, key=named.__getitem__)
            corner = np.array(prepared.crop.to_source(16.0, 16.0, 64))
            square = corner + np.array([[0, 0], [40, 0], [40, 40], [0, 40]], float)
            return SliceAnswer(
                mri, prepared, Prediction(named, (best,), False, heat, (square,), None, model)
            )

        return lambda: Engine(model, answer)

    return make


@contextmanager
def out_of_reach(records: Path) -> Iterator[None]:
    """Records that are open and cannot be written: moved away, as with a share that is gone.

    Windows moves no file that is open: there another program holds them.
    """
    if sys.platform == "win32":
        with closing(sqlite3.connect(records, isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            yield
        return
    aside = records.with_name("aside.sqlite")
    records.rename(aside)
    yield
    aside.rename(records)


@pytest.fixture
def drop() -> Callable[[MainWindow, Sequence[Path]], None]:
    """Drops paths on a window."""
    return _drop


def _drop(window: MainWindow, paths: Sequence[Path]) -> None:
    """The events that a drag from a file manager sends."""
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    copy, left, plain = (
        Qt.DropAction.CopyAction,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
        # Qt 6.12 has another constructor, which Qt 6.8 has not.
        enter = QDragEnterEvent(QPoint(300, 300), copy, mime, left, plain)
    QApplication.sendEvent(window, enter)
    assert enter.isAccepted()
    event = QDropEvent(QPointF(300, 300), copy, mime, left, plain)
    QApplication.sendEvent(window, event)
    assert event.isAccepted()
