from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtNetwork import QLocalSocket
from pytestqt.qtbot import QtBot

from braintumor_desktop.ui import app
from braintumor_desktop.ui.main_window import MainWindow
from braintumor_desktop.ui.system import single_instance
from braintumor_desktop.ui.system.single_instance import FirstInstance

SECOND = "import sys; from braintumor_desktop.ui import app; sys.exit(app.main(sys.argv[1:]))"


@pytest.fixture
def where(tmp_path: Path) -> str:
    return single_instance.address(tmp_path / "own")


def test_without_a_first_instance_nothing_is_handed_over(where: str, tmp_path: Path) -> None:
    assert not single_instance.hand_over(where, [tmp_path / "a.png"])


@pytest.mark.qt_log_ignore(
    "(raise|propagateSizeHints)", extend=True
)  # the off-screen platform cannot
def test_a_second_start_hands_its_files_to_the_first_window(
    qtbot: QtBot,
    open_window: Callable[..., MainWindow],
    slices: list[Path],
    tmp_path: Path,
) -> None:
    names = ("HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "LOCALAPPDATA")
    folders = dict.fromkeys(names, str(tmp_path))
    code = "import platformdirs; print(platformdirs.user_cache_path('braintumor-desktop', False))"
    environment = {**os.environ, **folders}
    said = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    window = open_window()
    where = single_instance.address(Path(said.stdout.strip()))
    app._listen(window, FirstInstance(where))
    second = subprocess.Popen(
        [sys.executable, "-c", SECOND, slices[0].name], cwd=slices[0].parent, env=environment
    )
    qtbot.waitUntil(lambda: window.bench.slices.rowCount() == 1, timeout=20_000)
    assert window.bench.slices.entry(slices[0]) is not None
    assert second.wait(20) == 0


@pytest.mark.skipif(sys.platform == "win32", reason="pipes on Windows have no file")
def test_only_the_user_may_connect_and_what_a_killed_start_left_is_no_hindrance(
    where: str, qtbot: QtBot
) -> None:
    left = FirstInstance(where)
    mode = stat.S_IMODE(Path(where).stat().st_mode)
    assert mode & 0o077 == 0
    os.link(where, where + "-left")
    left.close()
    Path(where + "-left").rename(where)  # a socket that nobody listens at
    assert FirstInstance(where).listening


BUSY = """
import subprocess
import sys
from pathlib import Path
from PySide6.QtCore import QCoreApplication
from braintumor_desktop.ui.system import single_instance
application = QCoreApplication([])
where = sys.argv[1]
print(single_instance.hand_over(where, [Path("a.png")]))
print(single_instance.FirstInstance(where).listening)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no folder there")
def test_a_folder_that_cannot_be_made_leaves_the_window_its_own(tmp_path: Path) -> None:
    (tmp_path / "cache").write_bytes(b"")  # as where the home folder cannot be written
    assert not FirstInstance(str(tmp_path / "cache" / "name")).listening


@pytest.mark.skipif(sys.platform == "win32", reason="pipes on Windows have no file")
def test_a_first_instance_too_busy_to_answer_keeps_its_name(where: str, qtbot: QtBot) -> None:
    first = FirstInstance(where)
    # Its events wait meanwhile, as during a long write.
    second = subprocess.run(
        [sys.executable, "-c", BUSY, where], capture_output=True, text=True, check=True
    )
    assert second.stdout.split() == ["False", "False"]
    handed: list[list[Path]] = []
    first.paths_handed.connect(handed.append)
    third = QLocalSocket()
    third.connectToServer(where)
    third.write(b'["b.png"]\n')
    qtbot.waitUntil(lambda: [Path("b.png")] in handed)


KILLED = """
import os, sys
from PySide6.QtCore import QCoreApplication
from braintumor_desktop.ui.system import single_instance
application = QCoreApplication([])
first = single_instance.FirstInstance(sys.argv[1])
print(first.listening, flush=True)
os.kill(os.getpid(), 9)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
@pytest.mark.parametrize(
    "says",
    [None, "", f"{os.getpid()}\npython\nelsewhere.local\n1\n2\n"],
    ids=["its own", "nothing", "another machine"],
)
def test_a_first_instance_that_was_killed_does_not_keep_its_name(
    where: str, qtbot: QtBot, says: str | None
) -> None:
    killed = subprocess.run([sys.executable, "-c", KILLED, where], capture_output=True, text=True)
    assert killed.stdout == "True\n"
    lock = Path(where + ".lock")
    assert lock.exists()
    if says is not None:  # a disk that was full; another machine's, whose home is the same
        lock.write_text(says)
    assert FirstInstance(where).listening


@pytest.mark.parametrize("message", [b"no json\n", b'{"a": 1}\n', b"[1, 2]\n"])
def test_what_is_no_list_of_paths_opens_nothing(where: str, qtbot: QtBot, message: bytes) -> None:
    first = FirstInstance(where)
    handed: list[list[Path]] = []
    first.paths_handed.connect(handed.append)
    socket = QLocalSocket()
    socket.connectToServer(where)
    with qtbot.waitSignal(socket.disconnected):
        socket.write(message)
    assert handed == []
    assert first.listening


STARTS = """
import subprocess
import sys
from pathlib import Path
from PySide6.QtCore import QCoreApplication, QTimer
from braintumor_desktop.ui.system import single_instance
app = QCoreApplication([])
first = single_instance.come_first(sys.argv[1], [Path(sys.argv[2])])
if first is None:
    print("handed")
    sys.exit()
taken = []
first.paths_handed.connect(taken.extend)
def end():
    print("first", first.listening, len(taken))
    first.close()
    app.exit()
QTimer.singleShot(int(sys.argv[3]), end)
app.exec()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="a pipe's name there cannot be taken twice")
def test_four_starts_at_once_make_one_window(tmp_path: Path) -> None:
    where = str(tmp_path / "cache" / "instance")
    starts = [
        subprocess.Popen(
            [sys.executable, "-c", STARTS, where, f"/slice{number}.png", "12000"],
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(4)
    ]
    said = [start.communicate(timeout=120)[0].strip() for start in starts]
    assert sorted(said) == ["first True 3", "handed", "handed", "handed"]
    assert (tmp_path / "cache" / "instance.lock").stat().st_mode & 0o777 == 0o600
