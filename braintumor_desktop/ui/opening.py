"""Every way in: menus, recent paths and what is dropped. All of them take the same things."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Protocol

import platformdirs
from PySide6.QtCore import QObject, QSettings, Qt, QUrl
from PySide6.QtWidgets import QFileDialog, QLabel, QMenu, QWidget

from braintumor_desktop.errors import BraintumorError
from braintumor_desktop.text import _, isolated, ngettext, reading
from braintumor_desktop.text.bidi import visible
from braintumor_desktop.text.language import translated
from braintumor_desktop.text.numbers import integer
from braintumor_desktop.ui import theme
from braintumor_desktop.ui.dialogs import about as dialogs
from braintumor_desktop.ui.system.recent import RecentPaths
from braintumor_desktop.ui.widgets.file_names import distinct_names

Open = Callable[[Sequence[Path]], None]


class OpenPaths(Protocol):
    """Opens paths; with `as_series` the numbered pictures of a folder are one series."""

    def __call__(self, paths: Sequence[Path], *, as_series: bool = False) -> None:
        """Open them."""


class Opening(QObject):
    """Asks what to open and hands it to `open_paths` or `review`."""

    def __init__(
        self, parent: QWidget, settings: QSettings, open_paths: OpenPaths, review: Open
    ) -> None:
        super().__init__(parent)
        self._parent = parent
        self._settings = settings
        self._open = open_paths
        self._review = review
        self.recent = RecentPaths(settings)
        self.reviews = False

    def choose_files(self) -> None:
        """Ask for files and open them."""
        names, _filter = QFileDialog.getOpenFileNames(
            self._parent, _("Open slices"), self._last_folder()
        )
        if names:
            self._settings.setValue("folder", str(Path(names[0]).parent))
            self._open([Path(name) for name in names])

    def choose_folder(self) -> None:
        """Ask for a folder and open it."""
        self._choose_folder(_("Open a folder of slices"), self._open)

    def choose_as_series(self) -> None:
        """Ask for a folder of numbered pictures and open them as one series."""
        title = _("Open the pictures of a folder as one series")
        self._choose_folder(title, partial(self._open, as_series=True))

    def choose_review(self) -> None:
        """Ask for a folder and review it."""
        self._choose_folder(_("Review a folder of slices"), self._review)

    def open_demo(self) -> None:
        """Open the demo, which comes with the app; says why where it cannot be written."""
        from braintumor_desktop.sources.demo import write_demo  # OpenCV comes with it

        try:
            folder = platformdirs.user_cache_path("braintumor-desktop", appauthor=False)
            self._open(write_demo(folder, translated))
        except (OSError, BraintumorError) as error:
            if isinstance(error, BraintumorError):
                said = reading.sentence(error)
            else:
                said = isolated(error.strerror or type(error).__name__)
            words = _("The demo cannot be opened: {reason}.").format(reason=said)
            dialogs.notice(self._parent, words).open()

    def fill_recent(self, menu: QMenu) -> None:
        """Offer what was opened last."""
        menu.clear()
        paths = self.recent.paths()
        names = distinct_names(paths)
        for path in paths:
            action = menu.addAction(names[path].replace("&", "&&"))
            action.setToolTip(theme.plain(visible(str(path))))
            action.triggered.connect(lambda *_, path=path: self._open([path]))
        menu.setToolTipsVisible(True)
        menu.addSeparator()
        clear = menu.addAction(_("Clear the list"))
        clear.setEnabled(bool(paths))
        clear.triggered.connect(self.recent.clear)

    def take_dropped(self, urls: Sequence[QUrl], *, reviewing: bool) -> None:
        """Open what was dropped: what holds many goes through the worklist, where there is one.

        Where the worklist is shown, as `reviewing` says, everything does. What is no path, as a
        picture of a web page, is said not to be opened.
        """
        paths = [Path(url.toLocalFile()) for url in urls if url.isLocalFile()]
        remote = len(urls) - len(paths)
        if remote:
            words = ngettext(
                "{count} thing that was dropped is at an address of the network, which is not "
                "opened: save it on this computer first.",
                "{count} things that were dropped are at addresses of the network, which are not "
                "opened: save them on this computer first.",
                remote,
            )
            dialogs.notice(self._parent, words.format(count=integer(remote))).open()
        if self.reviews and (reviewing or any(map(_holds_many, paths))):
            self._review(paths)
        else:
            self._open(paths)

    def _choose_folder(self, title: str, then: Open) -> None:
        name = QFileDialog.getExistingDirectory(self._parent, title, self._last_folder())
        if name:
            self._settings.setValue("folder", name)
            then([Path(name)])

    def _last_folder(self) -> str:
        return str(self._settings.value("folder", ""))


class DropMark(QLabel):
    """Says over the middle of the window that what is dragged there would be opened."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._over = parent
        self.setText(_("Drop to open"))
        self.setObjectName("drop")
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setProperty("role", "headline")
        self.hide()

    def mark(self, over: bool) -> None:
        """Show it, as large as what it lies over, or hide it."""
        margin = theme.GRID
        self.setGeometry(self._over.rect().adjusted(margin, margin, -margin, -margin))
        self.raise_()
        self.setVisible(over)


def _holds_many(path: Path) -> bool:
    try:
        folder = path.is_dir()
    except OSError:  # may not be looked at: opening it will say so
        folder = False
    return folder or path.suffix.lower() == ".zip" or path.name.upper() == "DICOMDIR"
