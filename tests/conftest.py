"""What every test may ask for."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from gettext import NullTranslations
from pathlib import Path

import cv2
import numpy as np
import pydicom
import pytest
import sqlcipher3  # noqa: F401 - before TensorFlow, whose own SQLite it would use instead
from pydicom.data import get_testdata_file
from pydicom.fileset import FileSet
from pydicom.uid import generate_uid

from braintumor_desktop import paths
from braintumor_desktop.inference.classifier import Classifier
from braintumor_desktop.store.records import Records
from braintumor_desktop.text.language import Language, speaking, use

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")  # before anything imports Qt
if sys.platform == "win32":  # where the off-screen platform knows no fonts of the system
    os.environ.setdefault("QT_QPA_FONTDIR", str(Path(os.environ["SYSTEMROOT"], "Fonts")))

REPOSITORY = Path(__file__).resolve().parent.parent


def pytest_addoption(parser: pytest.Parser) -> None:
    words = "note in a file what keeps the interface's thread for more than a frame, and say it"
    parser.addoption("--watch-interface", metavar="FILE", type=Path, help=words)


@pytest.fixture(autouse=True, scope="session")
def _watched(request: pytest.FixtureRequest) -> Iterator[None]:
    """With `--watch-interface` times what the window does, in this process and in others."""
    into: Path | None = request.config.getoption("watch_interface")
    if into is None:
        yield
        return
    from braintumor_desktop.ui.worklist import review_dock  # noqa: F401
    from tests.ui import watcher

    into.write_text("", "utf-8")
    os.environ[watcher.INTO] = str(into.absolute())
    watching = watcher.InterfaceWatcher()
    watching.watch_calls()
    watching.watch_events(request.getfixturevalue("qapp"))
    yield
    watcher.add_to(into, watching)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what the watcher found."""
    into = terminalreporter.config.getoption("watch_interface")
    if into is not None and into.is_file():
        from tests.ui.watcher import report

        terminalreporter.section("the interface's thread")
        for line in report(into):
            terminalreporter.line(line)


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every test begins in English, whatever the system speaks or the test before spoke."""
    monkeypatch.setenv("LANGUAGE", "en")
    use(Language.of("en"))
    yield
    use(Language.of("en"))


class Marking(NullTranslations):
    """Puts brackets around every sentence that it is asked for, and makes it 40 % longer."""

    def gettext(self, message: str) -> str:
        return f"⟦{message}{'·' * (2 * len(message) // 5)}⟧" if message else ""

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self.gettext(msgid1 if n == 1 else msgid2)

    def pgettext(self, context: str, message: str) -> str:
        return self.gettext(message)


@pytest.fixture
def pseudo() -> Iterator[None]:
    """A made-up language, in which what escaped the catalogue stands without brackets."""
    with speaking(Language("en", "", Marking())):
        yield


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """The data set: `BRAINTUMOR_DATA`, else `../shared/data`; skips the test where neither is."""
    named = os.environ.get("BRAINTUMOR_DATA")
    folder = Path(named) if named else REPOSITORY.parent / "shared" / "data"
    if (folder / "index.csv").is_file():
        return folder
    reason = f"no data set in {folder}; BRAINTUMOR_DATA can name its folder"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def cases() -> Path:
    """The small inputs of `shared/cases`; `BRAINTUMOR_SHARED` can name another `../shared`."""
    shared = Path(os.environ.get("BRAINTUMOR_SHARED") or REPOSITORY.parent / "shared")
    if not (shared / "cases").is_dir():
        pytest.skip(f"no cases in {shared}")
    return shared / "cases"


@pytest.fixture(scope="session")
def on_a_share(cases: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., str]:
    """Runs Python with files below a folder "share" on a file system that refuses what is named.

    `on_a_share("flock", "-m", …)` gives what was written to the standard streams.
    """
    compiler = shutil.which("gcc")
    if compiler is None or not sys.platform.startswith("linux"):
        pytest.skip("no gcc, or no Linux")
    faults = tmp_path_factory.mktemp("faults") / "fs_faults.so"
    source = cases / "share" / "fs_faults.c"
    subprocess.run([compiler, "-shared", "-fPIC", "-o", faults, source, "-ldl"], check=True)

    def run(fault: str, *arguments: str) -> str:
        environment = os.environ | {"LD_PRELOAD": str(faults), "FAULT": fault, "SHARE": "/share/"}
        command = [sys.executable, *arguments]
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
        return done.stdout + done.stderr

    return run


def _shared(name: str, marker: str) -> Path:
    """A folder of `BRAINTUMOR_SHARED`, else `../shared`; skips the test where neither has it."""
    shared = Path(os.environ.get("BRAINTUMOR_SHARED") or REPOSITORY.parent / "shared")
    if (shared / name / marker).exists():
        return shared / name
    reason = f"no {name} in {shared}; BRAINTUMOR_SHARED can name another folder"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def dicom_cases() -> Path:
    """Public DICOM files with known values."""
    return _shared("dicom-cases", "cases.json")


@pytest.fixture(scope="session")
def shared_cases() -> Path:
    """Small inputs that went wrong once."""
    return _shared("cases", "README.md")


@pytest.fixture(scope="session")
def demo_slice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo slice as a file: a sagittal T1 head, 256x256 pixels, 16-bit PNG."""
    from braintumor_desktop.sources.demo import write_demo_slice

    return write_demo_slice(tmp_path_factory.mktemp("demo"))


@pytest.fixture(scope="session")
def disc_viewer() -> tuple[str, ...]:
    """What lies on a clinic's disc beside the slices."""
    return (
        *("AUTORUN.INF", "Thumbs.db", "INDEX.HTM", "README", "LICENSE.TXT", "VIEWER/V.EXE"),
        *("VIEWER/QT5CORE.DLL", "VIEWER/LOGO.PNG", "VIEWER/ICON.BMP", "VIEWER/HELP.PDF"),
        *("VIEWER/LIBQT.SO.5", "VIEWER/RUN2", "VIEWER/LANG/DE.XML", "VIEWER/JRE/RT.JAR"),
        *(".DS_Store", "VIEWER/BANNER.GIF"),
    )


@pytest.fixture(scope="session")
def disc(
    tmp_path_factory: pytest.TempPathFactory, demo_slice: Path, disc_viewer: tuple[str, ...]
) -> Path:
    """Two patients with 24 slices each, in two series, a DICOMDIR, and a viewer."""
    root = tmp_path_factory.mktemp("disc") / "cd"
    files = FileSet()
    for patient in ("One", "Two"):
        study, frame = generate_uid(), generate_uid()
        for number, description in ((1, "AX T1"), (2, "AX FLAIR")):
            series = generate_uid()
            for place in range(12):
                dataset = pydicom.dcmread(str(get_testdata_file("MR_small.dcm")))
                dataset.PatientID, dataset.PatientName = patient, f"Test^{patient}"
                dataset.StudyInstanceUID, dataset.FrameOfReferenceUID = study, frame
                dataset.StudyDate, dataset.SeriesInstanceUID = "20260301", series
                dataset.SeriesNumber, dataset.SeriesDescription = number, description
                dataset.SOPInstanceUID = generate_uid()
                dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
                dataset.InstanceNumber = 12 - place  # against the position
                dataset.ImagePositionPatient = [0, 0, 5 * place]
                dataset.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
                files.add(dataset)
    files.write(root)
    for name in disc_viewer:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"MZ\x90 of the viewer")
    shutil.copy(demo_slice, root / "VIEWER" / "LOGO.PNG")
    return root


@pytest.fixture(scope="session")
def classifier() -> Classifier:
    return Classifier.load(paths.model_bundle())


@pytest.fixture
def records(tmp_path: Path) -> Iterator[Records]:
    opened = Records(tmp_path / "records.sqlite", "tester")
    yield opened
    opened.close()


@pytest.fixture
def mixed(tmp_path: Path, demo_slice: Path) -> Path:
    """Fifteen slices, a copy, an archive, a truncated file, a letter, something hidden."""
    folder = tmp_path / "mixed"
    (folder / "b").mkdir(parents=True)
    pixels = cv2.imdecode(np.fromfile(demo_slice, np.uint8), cv2.IMREAD_UNCHANGED)
    encoded = [
        cv2.imencode(".png", np.ascontiguousarray(np.rot90(pixels, i)[3 * i :]))[1].tobytes()
        for i in range(15)
    ]
    for i, data in enumerate(encoded[:10]):
        (folder / f"a{i}.png").write_bytes(data)
    (folder / "b" / "copy.png").write_bytes(encoded[0])
    (folder / "b" / "cut.png").write_bytes(encoded[1][:900])
    (folder / "b" / "letter.txt").write_text("Dear colleague")
    (folder / ".DS_Store").write_bytes(b"x")
    with zipfile.ZipFile(folder / "c.zip", "w") as archive:
        for i, data in enumerate(encoded[10:]):
            archive.writestr(f"in/z{i}.png", data)
        archive.writestr(".hidden", b"x")
    return folder
