"""What the bundled network says of images that it should not answer for."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import matplotlib
import numpy as np
import pydicom.data
import sklearn.datasets
from numpy.typing import NDArray

from braintumor_desktop.domain.answer import Prediction
from braintumor_desktop.errors import BraintumorError
from braintumor_desktop.imaging.prepare import prepare
from braintumor_desktop.imaging.read import read_slice
from braintumor_desktop.inference.classifier import Classifier
from training.datasets.slice_review import UPSIDE_DOWN, read_findings

# Shipped with pydicom: CT, ultrasound, a liver, dose grids, secondary captures; no MR of a head.
_OTHER_MODALITIES = (
    "CT_small.dcm",
    "examples_palette.dcm",
    "examples_rgb_color.dcm",
    "examples_ybr_color.dcm",
    "image_dfl.dcm",
    "liver_1frame.dcm",
    "rtdose_1frame.dcm",
    "SC_rgb_rle.dcm",
    "SC_rgb_small_odd.dcm",
)
_FLIPPED, _ON_ITS_SIDE = _TURNED = ("slices upside down", "slices turned by 90°")
_COPIES = 40  # of each kind that is drawn at random or cut from slices


@dataclass
class Count:
    """Of `total` images of a kind, how many are refused or called unlike the training data.

    `as_upright` of the others are slices that get the same answer as before they were turned.
    """

    total: int = 0
    refused: int = 0
    as_upright: int = 0


def judge_foreign(bundle: Path, data: Path) -> dict[str, Count]:
    """What the network in `bundle` says of foreign images, by their kind.

    `data` is the folder with `Testing/`, whose slices are inverted, turned and cut; those that
    are known to stand upside down are not turned upside down. Refused is also what cannot be read
    or has no content. Raises `FileNotFoundError` where there are no such slices.
    """
    classifier = Classifier.load(bundle)
    counts: dict[str, Count] = {}
    with tempfile.TemporaryDirectory() as folder:
        for kind, path, upright in _images(data, Path(folder)):
            count = counts.setdefault(kind, Count())
            count.total += 1
            answer = _answer(path, classifier)
            if answer is None or answer.unlike_training:
                count.refused += 1
            elif upright is not None:
                before = _answer(upright, classifier)
                count.as_upright += before is not None and before.label == answer.label
    return counts


def _answer(path: Path, classifier: Classifier) -> Prediction | None:
    try:
        prepared = prepare(read_slice(path), classifier.input_size)
    except BraintumorError:
        return None
    return classifier.classify(prepared)


def _images(data: Path, folder: Path) -> Iterator[tuple[str, Path, Path | None]]:
    """The kind and file of every image, and where it is a turned slice, the upright one's file."""
    for name in _OTHER_MODALITIES:
        path = Path(str(pydicom.data.get_testdata_file(name)))
        yield "other modalities and body parts", path, None
    testing = sorted((data / "Testing").glob("*/*.jpg"))
    if not testing:
        raise FileNotFoundError(f"There are no slices in {data / 'Testing'}.")
    paths = testing[:: max(1, len(testing) // _COPIES)][:_COPIES]
    findings = read_findings()
    names = [path.relative_to(data).as_posix() for path in paths]
    standing = {number for number, name in enumerate(names) if findings.get(name) == UPSIDE_DOWN}
    for kind, number, pixels in _drawn(paths):
        if kind == _FLIPPED and number in standing:
            continue  # would stand upright
        path = folder / f"{kind}-{number}.png"
        cv2.imencode(".png", pixels)[1].tofile(path)
        yield kind, path, paths[number] if kind in _TURNED else None


def _drawn(paths: list[Path]) -> Iterator[tuple[str, int, NDArray[np.uint8]]]:
    rng = np.random.default_rng(0)
    for number in range(_COPIES):
        yield "photographs", number, _part(_photographs()[number % 4], rng)
        yield "text", number, _text(rng)
        yield "noise", number, rng.integers(0, 256, (256, 256), np.uint8)
        yield "blank", number, np.full((256, 256), number * 6, np.uint8)
    for number, path in enumerate(paths):
        slice_ = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_GRAYSCALE)
        pixels = np.asarray(slice_, np.uint8)
        height, width = pixels.shape
        yield "slices inverted", number, 255 - pixels
        yield _FLIPPED, number, pixels[::-1]
        yield _ON_ITS_SIDE, number, np.rot90(pixels).copy()
        middle = pixels[height // 3 : 2 * height // 3, width // 3 : 2 * width // 3]
        yield "slices cut to their middle ninth", number, middle


def _photographs() -> list[NDArray[np.uint8]]:
    samples = Path(matplotlib.get_data_path()) / "sample_data"
    files = [samples / "grace_hopper.jpg", samples / "Minduka_Present_Blue_Pack.png"]
    own = [np.asarray(cv2.imread(str(path), cv2.IMREAD_GRAYSCALE), np.uint8) for path in files]
    shipped = sklearn.datasets.load_sample_images().images
    return own + [np.asarray(image.mean(axis=2), np.uint8) for image in shipped]


def _part(pixels: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """A random square of half the shorter side or more."""
    shorter = min(pixels.shape)
    side = int(rng.integers(shorter // 2, shorter + 1))
    top, left = (int(rng.integers(0, extent - side + 1)) for extent in pixels.shape)
    return pixels[top : top + side, left : left + side].copy()


def _text(rng: np.random.Generator) -> NDArray[np.uint8]:
    page = np.full((400, 400), 255, np.uint8)
    for line in range(30, 400, 24):
        words = " ".join("".join(rng.choice(list("abcdefghij"), 5)) for _ in range(5))
        cv2.putText(page, words, (10, line), cv2.FONT_HERSHEY_SIMPLEX, 0.6, 0, 1)
    return page
