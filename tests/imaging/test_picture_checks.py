"""What a picture shows of its own making: sheets, viewers' windows, strokes; and what does not."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import cv2
import numpy as np
import pytest
from pydicom import dcmread, examples
from pydicom.uid import generate_uid

from braintumor_desktop.imaging.picture_checks import look
from braintumor_desktop.imaging.read import decode_slice, read_slice

PICTURES = Path(__file__).resolve().parents[3] / "shared" / "cases" / "pictures"


@pytest.fixture(scope="module")
def head(demo_slice: Path) -> np.ndarray:
    """The demo slice as a viewer exports it whole: uint8 (512, 512)."""
    pixels = read_slice(demo_slice).pixels
    scaled = cv2.resize(pixels * (230 / pixels.max()), (512, 512), interpolation=cv2.INTER_CUBIC)
    return scaled.clip(0, 255).round().astype(np.uint8)


def kinds(picture: np.ndarray) -> set[str]:
    return {warning.kind for warning in look(picture.astype(np.float32))}


def of_jpeg(picture: np.ndarray) -> np.ndarray:
    ok, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 85])
    assert ok
    return cv2.imdecode(data, cv2.IMREAD_GRAYSCALE)


def test_a_plain_slice(head: np.ndarray, demo_slice: Path) -> None:
    assert kinds(head) == kinds(of_jpeg(head)) == set()
    assert read_slice(demo_slice).warnings == ()


@pytest.mark.parametrize(("rows", "columns"), [(1, 2), (2, 1), (2, 2), (1, 3), (3, 3), (4, 5)])
def test_several_slices_on_one_picture(rows: int, columns: int, head: np.ndarray) -> None:
    small = cv2.resize(head, (160, 160), interpolation=cv2.INTER_AREA)
    sheet = np.tile(small, (rows, columns))
    assert kinds(sheet) == kinds(of_jpeg(sheet)) == {"sheet"}
    (warning,) = look(sheet.astype(np.float32))
    assert f"({rows * columns})" in str(warning)


def test_a_sheet_whose_last_places_are_empty(head: np.ndarray) -> None:
    small = cv2.resize(head, (160, 160), interpolation=cv2.INTER_AREA)
    sheet = np.tile(small, (2, 3))
    sheet[160:, 160:] = 0
    assert kinds(sheet) == {"sheet"}


@pytest.mark.parametrize("width", [0.5, 0.75, 1.0])
def test_a_viewers_window(width: float, head: np.ndarray) -> None:
    median = float(np.median(head[head > 40]))
    shown = (head - median * (1 - width / 2)) / (width * median) * 255
    assert "saturated" in kinds(shown.round().clip(0, 255))


def test_a_wide_window_is_none(head: np.ndarray) -> None:
    assert kinds((head * 1.05).round().clip(0, 255)) == set()


SHAPES = {
    "circle": lambda picture, colour: cv2.circle(picture, (250, 260), 40, colour, 3),
    "ellipse": lambda picture, colour: cv2.ellipse(
        picture, (260, 240), (60, 25), 30, 0, 360, colour, 2
    ),
    "rectangle": lambda picture, colour: cv2.rectangle(picture, (200, 200), (290, 260), colour, 2),
    "arrow": lambda picture, colour: cv2.arrowedLine(picture, (200, 180), (270, 250), colour, 3),
    "calliper": lambda picture, colour: cv2.line(picture, (200, 230), (300, 240), colour, 2),
    "text": lambda picture, colour: cv2.putText(
        picture, "24.1 mm", (190, 250), cv2.FONT_HERSHEY_SIMPLEX, 0.8, colour, 2
    ),
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("level", [255, 220])
def test_something_drawn_in(shape: str, level: int, head: np.ndarray) -> None:
    picture = SHAPES[shape](head.copy(), level)
    assert kinds(picture) == {"drawn"}
    assert kinds(of_jpeg(picture)) == {"drawn"}


def test_a_small_coloured_mark(head: np.ndarray) -> None:
    """Of less than a thousandth of the picture, on a level that its brightness hides."""
    picture = cv2.cvtColor(head, cv2.COLOR_GRAY2BGR)
    cv2.line(picture, (240, 260), (260, 250), (160, 40, 60), 2)
    ok, data = cv2.imencode(".png", picture)
    assert ok
    (warning,) = decode_slice(data.tobytes(), Path("x.png")).warnings
    assert (warning.kind, "coloured" in str(warning)) == ("drawn", True)


def test_a_dicom_slice_is_looked_at_alike(head: np.ndarray) -> None:
    dataset = dcmread(examples.get_path("mr"))
    dataset.Rows, dataset.Columns = head.shape
    dataset.PixelData = SHAPES["circle"](head.copy(), 255).astype("<i2").tobytes()
    dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    for name in ("SmallestImagePixelValue", "LargestImagePixelValue", "PixelPaddingValue"):
        if name in dataset:
            del dataset[name]
    stream = BytesIO()
    dataset.save_as(stream)
    warned = {w.kind for w in decode_slice(stream.getvalue(), Path("x.dcm")).warnings}
    assert "drawn" in warned


@pytest.mark.parametrize("pixels", [np.zeros((9, 9)), np.eye(64) * 4, np.arange(5.0)[None]])
def test_of_hardly_any_levels_nothing_is_said(pixels: np.ndarray) -> None:
    assert kinds(pixels) == set()


@pytest.mark.skipif(not PICTURES.is_dir(), reason=f"no folder {PICTURES}")
def test_pictures_of_others() -> None:
    wanted = {"sheet": "sheet", "window": "saturated", "caliper": "drawn"}
    paths = sorted(PICTURES.glob("*.png"))
    assert len(paths) == 12
    for path in paths:
        expected = wanted.get(path.name.partition("_")[0])
        said = [warning.kind for warning in read_slice(path).warnings]
        assert said == ([expected] if expected else []), path.name


def test_few_untouched_slices_are_flagged(data_folder: Path) -> None:
    """`tests/benchmarks/bench_picture_checks.py` has the figures of all of them."""
    paths = sorted((data_folder / "brain-tumor-mri").rglob("*.jpg"))[::35]
    assert len(paths) > 200
    found = [warning.kind for path in paths for warning in read_slice(path).warnings]
    for kind in ("sheet", "saturated", "drawn"):
        assert found.count(kind) <= 0.02 * len(paths), kind  # at most 1 % of all


@pytest.mark.parametrize("shape", [(1, 300), (300, 1)])
def test_a_picture_of_one_line_is_looked_at(shape: tuple[int, int]) -> None:
    assert look(np.arange(300, dtype=np.float32).reshape(shape)) == ()
