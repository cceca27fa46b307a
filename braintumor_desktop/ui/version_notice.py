"""Help → Check for a newer version: compares two numbers, and only when a person asks."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMessageBox, QWidget

from braintumor_desktop import __version__
from braintumor_desktop.errors import BraintumorError
from braintumor_desktop.text import _, isolated
from braintumor_desktop.text.reading import sentence
from braintumor_desktop.ui.dialogs.about import notice
from braintumor_desktop.ui.preferences import Preferences
from braintumor_desktop.ui.session.task_thread import TaskRunner


class VersionNotice(QObject):
    """Asks the address of the settings, or of the policy, and says in a box what came of it."""

    def __init__(self, window: QWidget, preferences: Preferences) -> None:
        super().__init__(window)
        self._window, self._preferences = window, preferences
        self._runner = TaskRunner(self)
        self._box: QMessageBox | None = None
        self._told = ""

    @property
    def busy(self) -> bool:
        """Whether somebody is being asked."""
        return self._runner.running

    def ask(self) -> None:
        """Ask which version is the newest; nothing is installed, and nothing asked by itself."""
        address = self._preferences.value("version_address").strip()
        if not address:
            self._say(_("No address that tells of newer versions is set (View, Settings)."))
            return
        self._say(_("Asking {address}…").format(address=isolated(address)))
        if not self._runner.busy:
            self._runner.do(lambda: self._fetch(address), self._end)

    def stop(self) -> None:
        """End, with what is in hand; nothing is said of it."""
        self._runner.stop()

    def _fetch(self, address: str) -> None:
        from braintumor_desktop.network.newest_version import newest_version  # TLS comes with it

        self._told = newest_version(address)

    def _end(self, error: BraintumorError | None) -> None:
        if self._box is None:
            return  # nobody waits for it any more
        from braintumor_desktop.network.newest_version import is_newer

        if error is not None:
            self._say(sentence(error))
        elif is_newer(self._told, __version__):
            said = _("Version {newer} is available; this is version {version}.")
            self._say(said.format(newer=self._told, version=__version__))
        else:
            said = _("There is no newer version than this one, {version}.")
            self._say(said.format(version=__version__))

    def _say(self, words: str) -> None:
        if self._box is None:
            self._box = notice(self._window, words)
            self._box.setWindowTitle(_("Newer version"))
            self._box.finished.connect(self._forget)
            self._box.open()
        self._box.setText(words)

    def _forget(self) -> None:
        self._box = None
