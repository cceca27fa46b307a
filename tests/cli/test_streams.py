"""Commands whose output goes nowhere, or whose reader leaves."""

from __future__ import annotations

import errno
import subprocess
import sys
from pathlib import Path

import pytest

from braintumor_desktop.cli import main, streams


@pytest.mark.skipif(sys.platform == "win32", reason="the shell's way to close streams")
def test_closed_streams_are_no_error(demo_slice: Path) -> None:
    command = f'"{sys.executable}" -m braintumor_desktop classify "{demo_slice}" >&- 2>&-'
    assert subprocess.run(command, shell=True, check=False).returncode == 0


def test_a_reader_that_leaves_is_told_from_a_disk_that_is_full(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert streams.reader_left(BrokenPipeError())
    assert not streams.reader_left(OSError(errno.ENOSPC, "full"))
    monkeypatch.setattr(sys, "platform", "win32")
    assert streams.reader_left(OSError(errno.EINVAL, "Invalid argument"))


def test_a_full_disk_is_not_swallowed(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("braintumor_desktop.cli._run", full)
    with pytest.raises(OSError, match="No space"):
        main(["info"])
