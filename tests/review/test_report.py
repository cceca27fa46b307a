from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from pydicom.data import get_testdata_file

from braintumor_desktop.inference.classifier import Classifier
from braintumor_desktop.review.batch import Batch, Row
from braintumor_desktop.review.progress import Control
from braintumor_desktop.review.records import Decision, Records
from braintumor_desktop.review.report import DISCLAIMER, Report
from braintumor_desktop.review.walk import walk

needs_poppler = pytest.mark.skipif(
    shutil.which("pdftoppm") is None or shutil.which("pdftotext") is None,
    reason="poppler's pdftoppm and pdftotext are not installed",
)


@pytest.fixture
def rows(demo_slice: Path, classifier: Classifier, records: Records) -> list[Row]:
    mr = Path(str(get_testdata_file("MR_small.dcm")))
    return list(Batch(classifier, records, 1).rows(walk([demo_slice, mr]), Control()))


def _text(path: Path) -> str:
    done = subprocess.run(["pdftotext", "-layout", str(path), "-"], capture_output=True, text=True)
    return done.stdout


@needs_poppler
def test_a_page_has_pictures_bars_and_words(
    rows: list[Row], classifier: Classifier, tmp_path: Path
) -> None:
    path = tmp_path / "report.pdf"
    with Report(path, classifier) as report:
        report.add(rows[0], Decision("disagree", "meningioma", "Clear artefact."))
        report.add(rows[1], Decision())
        report.add(replace(rows[0], path=tmp_path / "gone.png"), Decision())
    text = _text(path)
    assert text.count(DISCLAIMER) == 3
    for words in (
        "says: Meningioma.",
        "Clear artefact.",
        "Nobody has decided yet.",
        "excluded",
        "There is no such file.",
        "Pituitary tumour",
        classifier.description.sha256,
    ):
        assert words in text
    subprocess.run(["pdftoppm", "-r", "60", "-png", str(path), str(tmp_path / "page")], check=True)
    pages = sorted(tmp_path.glob("page*.png"))
    assert len(pages) == 3
    image = cv2.imdecode(np.fromfile(pages[0], np.uint8), cv2.IMREAD_COLOR).astype(int)
    height, width, _ = image.shape
    left = image[int(0.17 * height) : int(0.46 * height), int(0.1 * width) : int(0.45 * width)]
    right = image[int(0.17 * height) : int(0.46 * height), int(0.54 * width) : int(0.9 * width)]
    assert left.std() > 20, "no original"
    assert np.ptp(right, axis=2).max() > 60, "no heat map"


@needs_poppler
def test_the_patient_is_named_only_if_asked(
    rows: list[Row], classifier: Classifier, tmp_path: Path
) -> None:
    dicom = rows[1].outcome.identifiers
    assert dicom is not None
    assert dicom.patient_id
    for asked in (False, True):
        path = tmp_path / f"{asked}.pdf"
        with Report(path, classifier, patient_data=asked) as report:
            report.add(rows[1], Decision())
        assert (dicom.patient_id in _text(path)) is asked


@needs_poppler
def test_a_report_on_nothing_says_so(classifier: Classifier, tmp_path: Path) -> None:
    with Report(tmp_path / "a.pdf", classifier):
        pass
    assert "no answered slice" in _text(tmp_path / "a.pdf")
