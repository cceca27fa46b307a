"""The window's Archive menu; its dialogs, and all that speaks to a network, come when asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu

from braintumor_desktop.network.user_files import archives_file, cache_folder
from braintumor_desktop.text import _

if TYPE_CHECKING:  # highdicom and ONNX Runtime come with them
    from braintumor_desktop.inference.classifier import Classifier
    from braintumor_desktop.outputs.dicom_export import Persons


class ArchiveMenu(QObject):
    """Searches archives and hands answers over.

    Parameters
    ----------
    window
        The window whose menu bar it hangs in, before `before`.
    before
        The menu that it stands in front of.
    open_paths
        Opens what was retrieved.
    opened
        Gives the paths that are open.
    classifier
        Gives the network that is loaded, or raises why there is none.
    persons
        Gives what persons decided and marked, None for nothing.

    """

    def __init__(
        self,
        window: QMainWindow,
        before: QMenu,
        open_paths: Callable[[Sequence[Path]], None],
        opened: Callable[[], Sequence[Path]],
        classifier: Callable[[], Classifier],
        persons: Callable[[], Persons | None],
    ) -> None:
        super().__init__(window)
        self._window, self._open, self._opened = window, open_paths, opened
        self._classifier, self._persons = classifier, persons
        self.menu = QMenu(_("A&rchive"), window)
        window.menuBar().insertMenu(before.menuAction(), self.menu)
        self.query = self._add(_("&Studies in the archive…"), "Ctrl+Shift+Q", self._query)
        self.answers = self._add(_("&Answers as DICOM…"), "Ctrl+Shift+E", self._answers)
        self.menu.addSeparator()
        self.clear = self._add(_("&Clear what was retrieved"), "", self._clear)
        self.menu.aboutToShow.connect(lambda: self.answers.setEnabled(bool(self._opened())))

    def _add(self, words: str, key: str, act: Callable[[], None]) -> QAction:
        action = self.menu.addAction(words)
        if key:
            action.setShortcut(QKeySequence(key))
        action.triggered.connect(act)
        return action

    def _query(self) -> None:
        from braintumor_desktop.network.cache import Cache
        from braintumor_desktop.ui.archive.query_dialog import QueryDialog

        dialog = QueryDialog(archives_file(), Cache(cache_folder()), self._window)
        dialog.retrieved.connect(lambda folder: self._open([folder]))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _answers(self) -> None:
        from braintumor_desktop.ui.archive.answers_dialog import AnswersDialog

        if given := self._opened():
            dialog = AnswersDialog(
                given, archives_file(), self._classifier, self._window, self._persons()
            )
            dialog.finished.connect(dialog.deleteLater)
            dialog.open()

    def _clear(self) -> None:
        from braintumor_desktop.network.cache import Cache

        Cache(cache_folder()).clear()
