from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from braintumor_desktop import crash_log as faults


def python(code: str, home: Path, *arguments: str, **environment: str) -> str:
    folders = dict.fromkeys(("XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"), str(home))
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env={**os.environ, **folders, **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )
    return f"{done.stdout}{done.stderr}exit {done.returncode}"


MAIN = "import sys; from braintumor_desktop.ui import app; sys.exit(app.main(sys.argv[1:]))"


def test_the_screenshot_shows_the_window_in_colour(tmp_path: Path, demo_slice: Path) -> None:
    import cv2
    import numpy as np

    target = tmp_path / "fenêtre.png"
    said = python(MAIN, tmp_path, "--screenshot", str(target), str(demo_slice))
    assert said == "exit 0"
    image = cv2.imdecode(np.fromfile(target, np.uint8), cv2.IMREAD_COLOR).astype(int)
    assert image.shape == (800, 1280, 3)
    assert np.ptp(image, axis=2).max() > 100, "no bars"
    beside = image[:, 800:990].max(axis=(1, 2))  # what the network sees, with nothing over it
    assert beside[350:520].max() > 150 > 60 > beside[120:320].max()
    logs = "".join(log.read_text() for log in tmp_path.rglob("app.log"))
    assert demo_slice.name not in logs


def test_a_screenshot_writes_its_settings_nowhere_that_lasts(
    tmp_path: Path, demo_slice: Path
) -> None:
    code = f"""
import sys
from pathlib import Path
from braintumor_desktop.ui import app
build = app.build_window
def watched(settings, *rest):
    print(settings.fileName())
    return build(settings, *rest)
app.build_window = watched
sys.exit(app.run([Path({str(demo_slice)!r})], Path({str(tmp_path / "a.png")!r})))
"""
    said = python(code, tmp_path)
    settings, status = said.splitlines()
    assert status == "exit 0"
    assert settings != os.devnull, "Qt would replace the device by a file"
    assert not Path(settings).parent.exists()


def test_a_picture_that_cannot_be_written_is_a_failure(tmp_path: Path, demo_slice: Path) -> None:
    target = tmp_path / "no folder" / "a.png"
    said = python(MAIN, tmp_path, "--screenshot", str(target), str(demo_slice))
    assert "cannot be written" in said
    assert said.endswith("exit 1")


def test_the_window_starts_without_the_heavy_libraries(tmp_path: Path) -> None:
    heavy = "{'matplotlib', 'tensorflow', 'keras', 'onnxruntime', 'cv2', 'pydicom'}"
    code = f"import sys; from braintumor_desktop.ui import app; print({heavy} & set(sys.modules))"
    assert python(code, tmp_path) == "set()\nexit 0"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="displays are named on Linux only")
def test_without_a_display_it_says_so(tmp_path: Path) -> None:
    none = dict.fromkeys(("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY"), "")
    assert "no display" in python(MAIN, tmp_path, **none)


def test_a_trace_holds_places_in_the_code_and_causes_but_no_messages() -> None:
    def inner() -> None:
        raise KeyError("Mr Example")

    try:
        try:
            inner()
        except KeyError as error:
            raise ValueError("/home/someone/scan.dcm") from error
    except ValueError as error:
        said = faults.trace(error)
    assert "KeyError" in said
    assert "ValueError" in said
    assert "test_app.py" in said
    assert "inner" in said
    for secret in ("Example", "scan.dcm", "/"):
        assert secret not in said
