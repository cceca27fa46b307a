"""A clinic's disc in the window, by every way in; a folder of pictures as one series."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtWidgets import QFileDialog

from braintumor_desktop.ui.main_window import MainWindow

Opener = Callable[..., MainWindow]


def _texts(window: MainWindow, above: QModelIndex | None = None) -> Iterator[str]:
    """The browser's lines, each below what it belongs to."""
    tree = window.browser.tree
    parent = above or QModelIndex()
    for row in range(tree.rowCount(parent)):
        index = tree.index(row, 0, parent)
        yield str(index.data(Qt.ItemDataRole.AccessibleTextRole) or index.data())
        yield from _texts(window, index)


@pytest.fixture(params=["menu", "folder", "drop", "started with", "zip", "dicomdir"])
def way(
    request: pytest.FixtureRequest,
    disc: Path,
    tmp_path: Path,
    drop: Callable[[MainWindow, Sequence[Path]], None],
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[[MainWindow], None]:
    """Opens the disc in one of the ways that a person has."""

    def act(window: MainWindow) -> None:
        match request.param:
            case "menu":
                chosen = [str(disc / "DICOMDIR")], ""
                monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_: chosen)
                window.actions_.open_files.trigger()
            case "folder":
                monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(disc))
                window.actions_.open_folder.trigger()
            case "drop":
                drop(window, [disc])
            case "started with":
                window.open_paths([disc])
            case "zip":
                packed = shutil.make_archive(str(tmp_path / "cd"), "zip", disc)
                window.open_paths([Path(packed)])
            case _:
                drop(window, [disc / "DICOMDIR"])

    return act


def test_the_disc_is_two_patients_with_their_series(
    open_window: Opener,
    opened: Callable[..., None],
    fake_engine: Callable[..., object],
    way: Callable[[MainWindow], None],
) -> None:
    window = open_window(engine=fake_engine())
    opened(window, way, window)
    series = window.bench.shelf.series
    found = [(one.patient.name, one.series.description, len(one.keys)) for one in series]
    assert found == [
        ("Test^One", "AX T1", 12),
        ("Test^One", "AX FLAIR", 12),
        ("Test^Two", "AX T1", 12),
        ("Test^Two", "AX FLAIR", 12),
    ]
    assert not window.bench.shelf.refused
    said = " ".join(_texts(window))
    assert said.index("One") < said.index("AX T1") < said.index("AX FLAIR") < said.index("Two")


def test_a_folder_of_numbered_pictures_is_one_series_by_the_menu(
    open_window: Opener,
    opened: Callable[..., None],
    fake_engine: Callable[..., object],
    slices: list[Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    window = open_window(engine=fake_engine())
    folder = str(slices[0].parent)
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: folder)
    opened(window, window.actions_.open_as_series.trigger)
    (series,) = window.bench.shelf.series
    assert [path.name for path, _frame in series.keys] == [path.name for path in slices]
    assert len(series.keys) == 9
