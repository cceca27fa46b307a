"""One window a user: a second start hands its files to the first and ends."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from time import monotonic, sleep

from PySide6.QtCore import QFile, QIODevice, QObject, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from braintumor_desktop.ui.system.private import make_private

_MILLISECONDS = 1500
_STARTING_S = 20.0
"""How long another start, which is first, may take until it answers."""
_MOST_BYTES = 1_000_000
_TAKEN = b"taken\n"


def address(folder: Path) -> str:
    """Where the first instance listens: a socket in the user's own `folder`, or a pipe on Windows.

    Not in the shared temporary folder, where somebody else could listen under the name.
    """
    if sys.platform == "win32":
        return "braintumor-desktop-" + hashlib.sha256(str(folder).encode()).hexdigest()[:16]
    return str(folder / "instance")


def hand_over(where: str, paths: Sequence[Path]) -> bool:
    """Give `paths`, made absolute, to the instance that listens at `where`.

    False where there is none or it does not answer; then this one opens them itself.
    """
    socket = QLocalSocket()
    socket.connectToServer(where)
    if not socket.waitForConnected(_MILLISECONDS):
        return False
    message = json.dumps([str(path.absolute()) for path in paths])
    socket.write(message.encode() + b"\n")
    received = b""
    while not received.endswith(b"\n"):
        if not socket.waitForReadyRead(_MILLISECONDS):
            return False
        received += socket.readAll().data()
    return received == _TAKEN


def come_first(where: str, paths: Sequence[Path]) -> FirstInstance | None:
    """Be the first instance, which listens at `where`; None where `paths` were handed to it.

    Of several starts at once one gets the lock; the others wait until it answers. Where it does
    not, this one opens a window of its own, which does not listen.
    """
    waits_until = monotonic() + _STARTING_S
    while not hand_over(where, paths):
        first = FirstInstance(where)
        if first.listening or first.alone or monotonic() > waits_until:
            return first
        first.close()
        sleep(0.1)
    return None


class FirstInstance(QObject):
    """Listens for what later starts are asked to open; only the same user may connect."""

    paths_handed = Signal(list)

    def __init__(self, where: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._accept)
        self._received: dict[QLocalSocket, bytes] = {}
        self._lock = QFile(where + ".lock", self)
        self.alone = False
        if sys.platform != "win32":
            try:
                Path(where).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            except OSError:
                self.alone = True  # the home folder cannot be written: nowhere to listen
                return
            make_private(Path(where + ".lock"))
            if not _claim(self._lock):
                return  # the first one lives, too busy to answer: the name stays its own
        if not self._server.listen(where):
            # What a start that was killed has left: nobody answered there.
            QLocalServer.removeServer(where)
            self._server.listen(where)

    @property
    def listening(self) -> bool:
        """Whether later starts find this one. If not, they open windows of their own."""
        return self._server.isListening()

    def close(self) -> None:
        """Listen no longer."""
        self._server.close()
        self._lock.close()

    def _accept(self) -> None:
        while (socket := self._server.nextPendingConnection()) is not None:
            self._received[socket] = b""
            socket.readyRead.connect(lambda socket=socket: self._read(socket))
            socket.disconnected.connect(lambda socket=socket: self._forget(socket))
            self._read(socket)

    def _read(self, socket: QLocalSocket) -> None:
        self._received[socket] += socket.readAll().data()
        message = self._received[socket]
        if len(message) > _MOST_BYTES:
            socket.abort()
        elif message.endswith(b"\n"):
            paths = _paths(message)
            if paths is None:
                socket.abort()
                return
            socket.write(_TAKEN)
            socket.flush()
            socket.disconnectFromServer()
            self.paths_handed.emit(paths)

    def _forget(self, socket: QLocalSocket) -> None:
        self._received.pop(socket, None)
        socket.deleteLater()


if sys.platform != "win32":
    import fcntl

    def _claim(lock: QFile) -> bool:
        """Lock the file until it is closed; False where another process has it.

        The system's own lock ends with its process, where what a file says would stay.
        """
        if not lock.open(QIODevice.OpenModeFlag.ReadWrite):
            return True  # it cannot be written: nobody else can have it either
        try:
            fcntl.flock(lock.handle(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:
            return True  # a file system without locks
        return True


def _paths(message: bytes) -> list[Path] | None:
    try:
        names = json.loads(message)
    except ValueError:
        return None
    if isinstance(names, list) and all(isinstance(name, str) for name in names):
        return [Path(name) for name in names]
    return None
