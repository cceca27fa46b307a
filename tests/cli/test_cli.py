from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pydicom.data
import pytest

from braintumor_desktop import __version__, paths
from braintumor_desktop.cli import classify_command, main
from braintumor_desktop.domain.image import MRISlice
from braintumor_desktop.imaging.read import read_slice
from braintumor_desktop.inference.classifier import Classifier
from braintumor_desktop.screening.slice_answering import answer_slice
from braintumor_desktop.text.numbers import exact_percent

COMMAND = [sys.executable, "-m", "braintumor_desktop"]
CLASSES = {"glioma", "meningioma", "notumor", "pituitary"}
IN_TEXT = {"glioma", "meningioma", "pituitary tumour", "no tumour"}


@pytest.fixture(scope="session")
def dicom_slice() -> Path:
    return Path(str(pydicom.data.get_testdata_file("MR_small.dcm", download=False)))


def _records(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def _environment(**changes: str) -> dict[str, str]:
    display = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    return {k: v for k, v in os.environ.items() if k not in display} | changes


def test_json_has_every_field_and_the_rest_is_done_after_a_failure(
    demo_slice: Path, dicom_slice: Path, tmp_path: Path
) -> None:
    text = tmp_path / "notes.png"
    text.write_text("not an image")
    files = [demo_slice, tmp_path / "missing.png", text, dicom_slice]
    done = subprocess.run(
        [*COMMAND, "classify", "--json", *map(str, files)],
        capture_output=True,
        text=True,
        env=_environment(),
    )
    assert (done.returncode, done.stderr) == (1, "")
    records = _records(done.stdout)
    assert [record["path"] for record in records] == [str(path) for path in files]

    for record, (height, width) in ((records[0], (256, 256)), (records[3], (64, 64))):
        assert set(record) == {
            "path",
            "series_instance_uid",
            "frame",
            "position_mm",
            "index",
            "probabilities",
            "label",
            "possible",
            "unlike_training",
            "needs_look",
            "peak",
            "outline",
            "area_mm2",
            "model",
            "warnings",
        }
        assert record["label"] in record["possible"]
        assert set(record["probabilities"]) == CLASSES
        assert sum(record["probabilities"].values()) == pytest.approx(1)
        assert record["label"] == max(record["probabilities"], key=record["probabilities"].get)
        x, y = record["peak"]
        assert 0 <= x <= width
        assert 0 <= y <= height
        assert set(record["model"]) == {"name", "sha256"}
        assert len(record["model"]["sha256"]) == 64
        assert all(isinstance(warning, str) for warning in record["warnings"])

    for record, kind in ((records[1], "not_found"), (records[2], "not_an_image")):
        assert set(record) == {"path", "error"}
        assert record["error"]["kind"] == kind
        assert record["error"]["message"].endswith(".")


def test_success_is_status_0_and_people_get_one_aligned_line(
    demo_slice: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["classify", "--threads", "2", str(demo_slice)]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert line[:17].strip() in IN_TEXT
    assert line[17:24].strip().endswith("%")
    assert line[26:].startswith(str(demo_slice))


def test_a_folder_is_classified_file_by_file(
    demo_slice: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    content = demo_slice.read_bytes()
    for name in ("b.png", "a.png", ".hidden.png"):
        (tmp_path / name).write_bytes(content)
    cv2.imencode(".png", np.zeros((64, 64), np.uint8))[1].tofile(tmp_path / "c.png")
    assert main(["classify", "--json", str(tmp_path)]) == 1
    records = _records(capsys.readouterr().out)
    assert [Path(record["path"]).name for record in records] == ["a.png", "b.png", "c.png"]
    assert records[2]["error"]["kind"] == "blank"
    assert records[0]["probabilities"] == records[1]["probabilities"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows makes no such links")
def test_a_link_to_a_folder_is_said_not_to_be_followed(
    demo_slice: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "scout.png").write_bytes(demo_slice.read_bytes())
    link = tmp_path / "T1"
    link.symlink_to(demo_slice.parent, target_is_directory=True)
    for command in ("classify", "info"):
        assert main([command, str(tmp_path)]) == 1
        said = capsys.readouterr().out
        assert str(link) in said
        assert "It is a link to a folder, which is not followed." in said
        assert "scout.png" in said


@pytest.mark.parametrize(
    ("share", "possible", "unlike", "look"),
    [
        (0.9, ("notumor",), False, False),
        (0.74, ("notumor",), False, True),
        (0.9, ("glioma", "notumor"), False, True),
        (0.99, ("notumor",), True, True),
    ],
)
def test_a_slice_that_needs_a_look_is_said_to(
    demo_slice: Path, share: float, possible: tuple[str, ...], unlike: bool, look: bool
) -> None:
    classifier = Classifier.load(paths.model_bundle())
    real = answer_slice(read_slice(demo_slice), classifier)
    shares = dict.fromkeys(classifier.classes, (1 - share) / 3) | {"notumor": share}
    prediction = replace(
        real.prediction, probabilities=shares, possible=possible, unlike_training=unlike
    )
    answer = replace(real, prediction=prediction)
    assert (
        json.loads(classify_command.as_json(classify_command.Place(demo_slice), answer))[
            "needs_look"
        ]
        is look
    )
    assert (
        "(needs a look)" in classify_command.as_text(classify_command.Place(demo_slice), answer)
    ) is look


@pytest.mark.parametrize(
    ("share", "said"),
    [(0.9994, ">99.9%"), (0.99977, ">99.9%"), (0.999, "99.9%"), (0.9, "90.0%"), (1.0, "100.0%")],
)
def test_no_probability_is_rounded_to_certainty(demo_slice: Path, share: float, said: str) -> None:
    classifier = Classifier.load(paths.model_bundle())
    real = answer_slice(read_slice(demo_slice), classifier)
    shares = dict.fromkeys(classifier.classes, (1 - share) / 3) | {"notumor": share}
    answer = replace(real, prediction=replace(real.prediction, probabilities=shares))
    assert (
        classify_command.as_text(classify_command.Place(demo_slice), answer)[17:24].strip() == said
    )


def test_a_slice_that_is_read_with_a_warning_needs_a_look(
    dicom_slice: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dataset = pydicom.dcmread(dicom_slice)
    dataset.Modality = "CT"
    dataset.save_as(tmp_path / "ct.dcm")
    assert main(["classify", "--json", str(tmp_path / "ct.dcm")]) == 0
    (record,) = _records(capsys.readouterr().out)
    assert record["needs_look"] is True


def test_an_unforeseen_error_is_that_files_error(
    demo_slice: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real = classify_command.answer_slice
    breaks = tmp_path / "breaks.png"
    breaks.write_bytes(demo_slice.read_bytes())

    def breaking(mri: MRISlice, classifier: Any) -> Any:
        if mri.source.path.name == "breaks.png":
            raise ValueError("a detail that is for developers")
        return real(mri, classifier)

    monkeypatch.setattr(classify_command, "answer_slice", breaking)
    assert main(["classify", "--json", str(breaks), str(demo_slice)]) == 1
    broken, answered = _records((captured := capsys.readouterr()).out)
    assert broken["error"]["kind"] == "internal"
    assert "label" in answered
    assert captured.err == ""

    assert main(["classify", "--debug", str(breaks)]) == 1
    assert "a detail that is for developers" in capsys.readouterr().err


def test_without_a_model_nothing_is_classified(
    demo_slice: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(paths, "model_bundle", lambda: tmp_path)
    assert main(["classify", str(demo_slice)]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("braintumor-desktop: ")
    assert "model" in captured.err

    assert main(["info"]) == 1
    assert "Model: none." in capsys.readouterr().out


def test_the_reader_of_the_output_may_leave(demo_slice: Path) -> None:
    process = subprocess.Popen(
        [*COMMAND, "classify", "--json", *[str(demo_slice)] * 300],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    assert "label" in json.loads(process.stdout.readline())
    process.stdout.close()
    assert process.stderr.read() == ""
    process.stderr.close()
    assert process.wait(60) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends Ctrl-C to a whole console")
def test_ctrl_c_ends_it_without_a_traceback(demo_slice: Path) -> None:
    process = subprocess.Popen(
        [*COMMAND, "classify", "--json", *[str(demo_slice)] * 2000],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    process.stdout.readline()
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (130, "")
    assert len(output.splitlines()) < 1999


@pytest.mark.skipif(sys.platform != "linux", reason="names that are no text exist on Linux only")
def test_a_name_that_is_no_text_stays_readable() -> None:
    for style, expected in (([], b"caf\\udce9.png"), (["--json"], b"caf\\udce9.png")):
        done = subprocess.run(
            [*COMMAND, "classify", *style, b"caf\xe9.png"],
            capture_output=True,
            env=_environment(PYTHONIOENCODING="ascii"),
        )
        assert (done.returncode, done.stderr) == (1, b"")
        assert expected in done.stdout


def test_info_names_the_versions_the_model_and_how_a_file_is_read(
    demo_slice: Path, dicom_slice: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["info", str(demo_slice), str(dicom_slice)]) == 0
    output = capsys.readouterr().out
    assert __version__ in output
    assert pydicom.__version__ in output
    description = json.loads((paths.model_bundle() / "model.json").read_text("utf-8"))
    assert description["sha256"] in output
    assert ", ".join(description["classes"]) in output
    assert "PNG, 256 x 256 pixels" in output
    assert "DICOM, 64 x 64 pixels" in output
    assert "spacing 0.3125 x 0.3125 mm" in output
    # People read what info prints to each other; a patient's name is not needed for that.
    assert str(pydicom.dcmread(dicom_slice).PatientName) not in output

    assert main(["info", "missing.png"]) == 1
    assert "refused (not_found)" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [["classify"], ["classify", "x", "--threads", "0"], ["--no"]])
def test_a_command_that_makes_no_sense_is_status_2(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert "usage:" in capsys.readouterr().err


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"braintumor-desktop {__version__}\n"


@pytest.mark.parametrize("arguments", [[], ["slice.png"], ["open", "slice.png"]])
def test_the_window_opens_by_default_on_absolute_paths(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[tuple[list[Path], Path | None, str]] = []
    monkeypatch.setattr("braintumor_desktop.ui.app.run", lambda *given: opened.append(given) or 0)
    assert main(arguments) == 0
    assert opened == [([Path("slice.png").absolute()] if arguments else [], None, "")]


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is always a display")
def test_without_a_display_the_window_says_so() -> None:
    done = subprocess.run([*COMMAND], capture_output=True, text=True, env=_environment())
    assert done.returncode == 1
    assert done.stderr.startswith("There is no display")


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is always a display")
def test_the_demo_without_a_display_saves_the_window_and_prints_the_answer(tmp_path: Path) -> None:
    done = subprocess.run(
        [*COMMAND, "demo"], capture_output=True, text=True, cwd=tmp_path, env=_environment()
    )
    assert (done.returncode, done.stderr) == (0, "")
    lines = [line.strip() for line in done.stdout.splitlines()]
    shares = [line.rsplit(None, 1) for line in lines if line.endswith("%")]
    assert {name for name, _ in shares} == IN_TEXT
    assert sum(float(share.strip("<>%")) for _, share in shares) == pytest.approx(100, abs=0.3)
    assert "Not answered on this sequence: T1" in lines
    assert str(tmp_path / "window.png") in done.stdout
    picture = cv2.imdecode(np.fromfile(tmp_path / "window.png", np.uint8), cv2.IMREAD_COLOR)
    assert min(picture.shape[:2]) >= 400
    assert len(np.unique(picture.reshape(-1, 3), axis=0)) > 100  # not an empty window


@pytest.mark.skipif(sys.platform == "win32", reason="Windows makes no such links")
def test_the_demo_s_picture_is_not_written_through_a_link(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "letter.txt").write_text("Dear colleague")
    (tmp_path / "window.png").symlink_to(tmp_path / "letter.txt")
    assert main(["demo", "--screenshot", str(tmp_path / "window.png")]) == 1
    assert "is no regular file; it was left as it is." in capsys.readouterr().err
    assert (tmp_path / "letter.txt").read_text() == "Dear colleague"


def test_what_is_hardly_probable_is_not_called_impossible() -> None:
    shown = [exact_percent(share) for share in (0.0004, 0.001, 0.0)]
    assert shown == ["<0.1%", "0.1%", "0.0%"]
