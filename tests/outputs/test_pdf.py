from __future__ import annotations

import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import cv2
import matplotlib
import numpy as np
import pydicom
import pytest
from fontTools.ttLib import TTCollection, TTFont
from matplotlib.font_manager import fontManager
from numpy.typing import NDArray
from pydicom.data import get_testdata_file

from braintumor_desktop.domain.answer import HeatMap, Prediction
from braintumor_desktop.domain.decision import Decision
from braintumor_desktop.domain.image import Crop, ReadWarning
from braintumor_desktop.domain.measurement import (
    Measurement,
    MeasurementKind,
    SliceNotes,
)
from braintumor_desktop.domain.result import FileResult
from braintumor_desktop.imaging.read import decode_frames
from braintumor_desktop.inference.classifier import Classifier
from braintumor_desktop.inference.series import SliceInSeries, answer_series
from braintumor_desktop.outputs.atomic import ExportError, whole_file
from braintumor_desktop.outputs.pdf import Report, revisited
from braintumor_desktop.outputs.pdf_fonts import Fonts
from braintumor_desktop.outputs.pdf_page import LEFT, Page
from braintumor_desktop.outputs.pdf_series import Decided
from braintumor_desktop.rendering.display import default_window, to_grey
from braintumor_desktop.screening.batch import Batch
from braintumor_desktop.screening.progress import Control
from braintumor_desktop.sources.walk import walk
from braintumor_desktop.store.records import Records
from braintumor_desktop.text.answers import disclaimer
from braintumor_desktop.text.language import Language, speaking
from braintumor_desktop.text.series_words import series_counts, series_headline

DISCLAIMER = f"{disclaimer()}."

needs_poppler = pytest.mark.skipif(
    shutil.which("pdftoppm") is None or shutil.which("pdftotext") is None,
    reason="poppler's pdftoppm and pdftotext are not installed",
)


@pytest.fixture
def rows(demo_slice: Path, classifier: Classifier, records: Records) -> list[FileResult]:
    mr = Path(str(get_testdata_file("MR_small.dcm")))
    return list(Batch(classifier, records, 1).rows(walk([demo_slice, mr]), Control()))


def _text(path: Path) -> str:
    done = subprocess.run(["pdftotext", "-layout", str(path), "-"], capture_output=True, text=True)
    return done.stdout


def _pages(path: Path) -> list[str]:
    """The text of each page, on one line."""
    return [" ".join(page.split()) for page in _text(path).split("\f")[:-1]]


def _words(path: Path) -> list[tuple[float, float, str]]:
    """Where each word ends, to the right and below, in points, and the word."""
    done = subprocess.run(["pdftotext", "-bbox", str(path), "-"], capture_output=True, text=True)
    found = re.findall(r'xMax="([\d.]+)" yMax="([\d.]+)">(.*?)</word>', done.stdout)
    return [(float(right), float(below), word) for right, below, word in found]


def _pictures(page: Path) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The insides of the two pictures of a page."""
    image = cv2.imdecode(np.fromfile(page, np.uint8), cv2.IMREAD_COLOR).astype(np.int64)
    height, width, _ = image.shape
    rows = slice(int(0.17 * height), int(0.46 * height))
    return (
        image[rows, int(0.1 * width) : int(0.45 * width)],
        image[rows, int(0.54 * width) : int(0.9 * width)],
    )


@needs_poppler
def test_pages_that_name_nobody_say_which_of_the_patients_they_are_about(
    disc: Path, classifier: Classifier, records: Records, tmp_path: Path
) -> None:
    found = list(Batch(classifier, records, 1).rows(walk([disc]), Control()))
    mine = [row for row in found if row.answered and row.identifiers is not None]
    assert len({row.identifiers.patient for row in mine if row.identifiers}) == 2
    path = tmp_path / "report.pdf"
    with Report(path, classifier, slice_pages=False) as report:
        for row in mine:
            report.add(row, Decision())
    pages = _pages(path)
    for number in (1, 2):
        assert sum(f"Patient {number} of 2, not named" in page for page in pages) == 2
    assert "Test" not in _text(path), "whose name is Test^One"
    with Report(path, classifier, slice_pages=False) as report:
        report.add(mine[0], Decision())
    assert "not named" not in _text(path)


def test_no_line_ends_between_a_number_and_its_unit() -> None:
    fonts = Fonts()
    page = Page(fonts, "Report")
    for most in range(30, 60):
        lines = page._lines(LEFT, "x" * most + " of 33\u00a0% and" * 8, 9)
        assert not [line for line in lines if line.lstrip().startswith("%")]


@needs_poppler
def test_a_page_has_pictures_bars_and_words(
    rows: list[FileResult], classifier: Classifier, tmp_path: Path
) -> None:
    path = tmp_path / "report.pdf"
    with Report(path, classifier) as report:
        report.add(rows[0], Decision("disagree", "meningioma", "Clear artefact."))
        report.add(rows[1], Decision())
        gone = replace(rows[0], path=tmp_path / "gone.png")
        report.add(gone, Decision("unsure", "", "Biopsy proven, Dr K."))
        report.add(replace(rows[0], path=rows[1].path), Decision("agree", "glioma"))
    text = _text(path)
    assert text.count(DISCLAIMER) == 8, "three folders, a series, four slices"
    assert "A person agreed: Glioma." in text
    assert "decided is about the file as it was." in " ".join(text.split())
    for words in (
        "says: Meningioma.",
        "Clear artefact.",
        "Nobody has decided yet.",
        "Possible by the AI's measure: only no tumour.",
        "There is no such file.",
        "A person looked and is unsure.",
        "Biopsy proven, Dr K.",
        "The file has changed since it was answered.",
        "Pituitary tumour",
        classifier.description.sha256,
    ):
        assert words in text
    subprocess.run(["pdftoppm", "-r", "60", "-png", str(path), str(tmp_path / "page")], check=True)
    pages = sorted(tmp_path.glob("page*.png"))
    assert len(pages) == 8
    original, seen = _pictures(pages[4])
    assert original.std() > 20
    assert seen.std() > 20
    assert np.ptp(seen, axis=2).max() < 12, "a heat map where every tumour can be excluded"


@needs_poppler
def test_a_tumour_s_page_shows_where_the_evidence_is(
    classifier: Classifier, records: Records, data_folder: Path, tmp_path: Path
) -> None:
    slices = [data_folder / "brain-tumor-mri" / "Testing" / "meningioma" / "Te-me_0100.jpg"]
    (row,) = Batch(classifier, records, 1).rows(walk(slices), Control())
    path = tmp_path / "report.pdf"
    with Report(path, classifier) as report:
        report.add(row, Decision())
    assert "evidence for meningioma" in _text(path)
    subprocess.run(["pdftoppm", "-r", "60", "-png", str(path), str(tmp_path / "page")], check=True)
    _, seen = _pictures(tmp_path / "page-2.png")
    assert np.ptp(seen, axis=2).max() > 30, "no heat map"


@needs_poppler
def test_an_outline_of_less_than_a_square_millimetre_is_not_called_none(
    classifier: Classifier, records: Records, data_folder: Path, tmp_path: Path
) -> None:
    picture = data_folder / "brain-tumor-mri" / "Testing" / "meningioma" / "Te-me_0100.jpg"
    pixels = cv2.imread(str(picture), cv2.IMREAD_GRAYSCALE).astype("<i2")
    dataset = pydicom.dcmread(str(get_testdata_file("MR_small.dcm")))
    dataset.Rows, dataset.Columns = pixels.shape
    dataset.PixelSpacing = ["0.02", "0.02"]
    dataset.PixelData = pixels.tobytes()
    dataset.save_as(tmp_path / "small.dcm")
    (row,) = Batch(classifier, records, 1).rows(walk([tmp_path / "small.dcm"]), Control())
    assert 0 < (row.area_mm2 or 0) < 0.5
    path = tmp_path / "report.pdf"
    with Report(path, classifier) as report:
        report.add(row, Decision())
    assert "Outlined as tumour: less than 1 mm²." in " ".join(_text(path).split())


@needs_poppler
def test_the_patient_is_named_only_if_asked(
    rows: list[FileResult], classifier: Classifier, tmp_path: Path
) -> None:
    dicom = rows[1].identifiers
    assert dicom is not None
    assert dicom.patient_id
    for asked in (False, True):
        path = tmp_path / f"{asked}.pdf"
        with Report(path, classifier, patient_data=asked) as report:
            report.add(rows[1], Decision())
        assert (dicom.patient_id in _text(path)) is asked


@needs_poppler
def test_a_long_comment_costs_nothing_else_on_the_page(
    rows: list[FileResult], classifier: Classifier, tmp_path: Path
) -> None:
    path = tmp_path / "report.pdf"
    words = " ".join(f"word{number}" for number in range(600))
    with Report(path, classifier) as report:
        report.add(rows[0], Decision("unsure", "", words))
    for page in _pages(path):  # the series' and the slice's
        above, below = page.split(DISCLAIMER)
        assert classifier.description.sha256 in above
        assert "word0 word1" in above
        assert "cut here; the table has all of it" in above
        assert "word599" not in above
        assert below == ""


@needs_poppler
@pytest.mark.parametrize(
    "unit",
    [
        "PATIENT MOVED DURING SCAN REPEAT THE MEASUREMENT WITH CONTRAST ",
        "MMMMMMMM ",
        "M",
        "-Q",
        "0123456789 ",
        "Größe 23 mm, KM-Anreicherung homogen. ",
        "ЖЖЖ ",
        "محمد ",
    ],
)
def test_no_letter_is_lost_beside_the_page(
    rows: list[FileResult], classifier: Classifier, tmp_path: Path, unit: str
) -> None:
    words = (unit * 90)[:90].strip()
    dicom = rows[1].identifiers
    assert dicom is not None
    named = replace(rows[1], name=words, identifiers=replace(dicom, patient_name=words))
    path = tmp_path / "report.pdf"
    with Report(path, classifier, patient_data=True) as report:
        report.add(named, Decision("unsure", "", words))
    found = _words(path)
    assert max(right for right, _, _ in found) < 595 - 20
    printed = "".join(word for _, _, word in found)
    if unit != "محمد ":  # which pdftotext tells as it likes
        found = printed.count(words.replace(" ", ""))
        assert found >= 5, "the patient and the comment on both pages, and the file"
    assert classifier.description.sha256 in printed


@needs_poppler
def test_what_is_long_costs_nothing_that_comes_after_it(
    rows: list[FileResult], classifier: Classifier, tmp_path: Path
) -> None:
    warned = replace(rows[0], warnings=(ReadWarning("modality", "MODALITY " * 300),))
    path = tmp_path / "report.pdf"
    with Report(path, classifier) as report:
        report.add(warned, Decision("unsure", "", "Ask Dr K."))
    before, after = _pages(path)[1].split(DISCLAIMER)
    assert "Ask Dr K." in before
    assert classifier.description.sha256 in before
    assert after == ""


@needs_poppler
def test_a_font_counts_with_the_face_that_prints(
    rows: list[FileResult], classifier: Classifier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fonts = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    bold, regular = TTFont(fonts / "STIXGeneralBol.ttf"), TTFont(fonts / "DejaVuSansMono.ttf")
    only_bold = "Ⓐ"
    assert ord(only_bold) in bold.getBestCmap()
    for font, style, weight in ((bold, "Bold", 700), (regular, "Regular", 400)):
        for record in font["name"].names:
            names = {1: "Hospital", 2: style, 4: f"Hospital {style}", 16: "Hospital", 17: style}
            record.string = names.get(record.nameID, record.toUnicode())
        font["OS/2"].usWeightClass = weight
        font["OS/2"].fsSelection = 0x20 if weight == 700 else 0x40
        font["head"].macStyle = int(weight == 700)
    collection = TTCollection()
    collection.fonts = [bold, regular]
    collection.save(tmp_path / "hospital.ttc")
    known = [entry for entry in fontManager.ttflist if entry.name == "DejaVu Sans"]
    monkeypatch.setattr(fontManager, "ttflist", known)
    fontManager.addfont(tmp_path / "hospital.ttc")
    path = tmp_path / "report.pdf"
    with Report(path, classifier) as report:
        report.add(rows[0], Decision("unsure", "", f"Grade {only_bold} II"))
    assert "Grade \\u24b6 II" in _text(path)


@needs_poppler
def test_names_in_any_script_stay_different(
    classifier: Classifier, records: Records, data_folder: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "slices"
    folder.mkdir()
    names = ("山田^太郎", "佐藤^花子", "Смирнов^Иван")
    slices = sorted((data_folder / "dicom-series").glob("*.dcm"))
    for name, path in zip(names, slices, strict=False):
        dataset = pydicom.dcmread(path)
        dataset.SpecificCharacterSet, dataset.PatientName = "ISO_IR 192", name
        dataset.PatientID = ""
        dataset.save_as(folder / path.name)
    path = tmp_path / "report.pdf"
    with Report(path, classifier, patient_data=True) as report:
        for row in Batch(classifier, records, 1).rows(walk([folder]), Control()):
            report.add(row, Decision("unsure", "", "Ask 田中. A boundary: ⌓"))
    text = _text(path)
    for name in names:
        by_number = name.encode("ascii", "backslashreplace").decode()
        assert f"Patient {name}" in text or f"Patient {by_number}" in text
    assert "Смирнов^Иван" in text
    assert "Ask 田中" in text or "Ask \\u7530\\u4e2d" in text
    assert "⌓" in text, "a font that matplotlib has beside its own shows it"
    assert ("characters that this font lacks" in text) == ("Ask 田中" not in text)


@needs_poppler
def test_a_long_name_leaves_its_patient_readable(
    classifier: Classifier, records: Records, tmp_path: Path
) -> None:
    folder = tmp_path / "slices"
    deep = folder / ("Hospital " + "x" * 200) / ("Doe " + "山" * 60) / ("Series " + "z" * 150)
    deep.mkdir(parents=True)
    shutil.copy(str(get_testdata_file("MR_small.dcm")), deep / "slice.dcm")
    (row,) = Batch(classifier, records, 1).rows(walk([folder]), Control())
    path = tmp_path / "report.pdf"
    with Report(path, classifier, patient_data=True) as report:
        report.add(row, Decision())
    words = _words(path)
    assert max(right for right, _, _ in words) < 595 - 36
    (above,) = (bottom for _, bottom, word in words if word.endswith("/slice.dcm"))
    below = [bottom for _, bottom, word in words if word == "Patient"][-1]
    assert below - above > 8, "they do not lie on each other"


@pytest.mark.skipif(sys.platform == "win32", reason="no limits of a file's size")
@pytest.mark.parametrize("limit", [1_000, 30_000])
def test_a_report_that_the_disk_has_no_room_for_is_one_sentence(
    rows: list[FileResult], classifier: Classifier, tmp_path: Path, limit: int
) -> None:
    import resource

    target = tmp_path / "report.pdf"
    target.write_bytes(b"%PDF, an earlier one")

    def write() -> None:
        with whole_file(target) as path, Report(path, classifier) as report:
            for row in rows * 3:
                report.add(row, Decision())

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, before[1]))
    try:
        with pytest.raises(ExportError, match=r"report\.pdf cannot be written"):
            write()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert target.read_bytes() == b"%PDF, an earlier one"
    assert list(tmp_path.glob("*.part")) == []


@needs_poppler
def test_a_report_on_nothing_says_so(classifier: Classifier, tmp_path: Path) -> None:
    with Report(tmp_path / "a.pdf", classifier):
        pass
    assert "no answered slice" in _text(tmp_path / "a.pdf")


@needs_poppler
@pytest.mark.parametrize(
    ("share", "possible", "unlike", "warned", "said"),
    [
        (0.9, ("notumor",), False, False, "Possible by the AI's measure: only no tumour."),
        (0.74, ("notumor",), False, False, "Every class is possible: none is probable enough"),
        (0.9, ("glioma", "notumor"), False, False, "Possible: glioma, no tumour."),
        (0.99, ("notumor",), True, False, "No answer: unlike the training images"),
        (0.99, ("notumor",), False, True, "Read with a warning."),
    ],
)
def test_a_page_excludes_no_more_than_the_window_does(
    rows: list[FileResult],
    classifier: Classifier,
    tmp_path: Path,
    share: float,
    possible: tuple[str, ...],
    unlike: bool,
    warned: bool,
    said: str,
) -> None:
    shares = dict.fromkeys(classifier.classes, (1 - share) / 3) | {"notumor": share}
    warnings = (ReadWarning("modality", "It is a CT."),) if warned else ()
    row = replace(
        rows[0],
        probabilities=tuple(shares.items()),
        possible=possible,
        unlike_training=unlike,
        warnings=warnings,
    )
    path = tmp_path / "report.pdf"
    with Report(path, classifier) as report:
        report.add(row, Decision())
    series, page = _pages(path)
    assert said in page
    assert ("only no tumour" in page) == (said.startswith("Possible by") or warned)
    assert ("needs a look" in page.lower()) == (
        said != "Possible by the AI's measure: only no tumour."
    )
    usable = "Suspicious in 0 of 1 usable slice."
    if unlike:
        usable = "Suspicious in 0 of 0 usable slices; 1 not usable."
    assert usable in series


@needs_poppler
def test_of_a_slice_unlike_the_training_nothing_is_said_or_marked(
    classifier: Classifier, records: Records, data_folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "slices").mkdir()
    named = data_folder / "brain-tumor-mri" / "Testing" / "meningioma" / "Te-me_0100.jpg"
    picture = shutil.copy(named, tmp_path / "slices" / "a.jpg")
    (row,) = Batch(classifier, records, 1).rows(walk([Path(picture)]), Control())
    path = tmp_path / "report.pdf"
    with Report(path, classifier) as report:
        report.add(replace(row, unlike_training=True), Decision())
    for page in _pages(path):
        said = re.split("Limits|Its figures", page)[0]  # behind them is what was measured elsewhere
        assert "eningioma" not in page
        assert not re.search(r"\d\s?%", re.sub(r"\b(100|50|0)\s?%", "", said)), "but the scale's"
    subprocess.run(["pdftoppm", "-r", "60", "-png", str(path), str(tmp_path / "page")], check=True)
    for picture in tmp_path.glob("page*.png"):
        image = cv2.imdecode(np.fromfile(picture, np.uint8), cv2.IMREAD_COLOR).astype(np.int64)
        coloured = np.flatnonzero((np.ptp(image, axis=2) > 20).any(axis=1))
        assert len(coloured) < 10, "more than the line that says that no side is marked"


@needs_poppler
def test_identifiers_after_a_name_from_right_to_left_stay_as_they_are(
    cases: Path, classifier: Classifier, records: Records, tmp_path: Path
) -> None:
    rows = list(Batch(classifier, records, 1).rows(walk([cases / "names"]), Control()))
    path = tmp_path / "report.pdf"
    with Report(path, classifier, patient_data=True) as report:
        for row in rows:
            report.add(row, Decision("unsure", "", "أحمد has 12-345"))
    pages = _pages(path)
    assert len(pages) == 8
    for row, series, page in zip(rows, pages[:4], pages[4:], strict=True):
        assert row.identifiers is not None
        for text in (series, page):
            assert f"Identifier {row.identifiers.patient_id} Series" in text


@needs_poppler
def test_a_series_has_its_page_before_its_slices(
    classifier: Classifier, records: Records, data_folder: Path, tmp_path: Path
) -> None:
    rows = list(Batch(classifier, records, 1).rows(walk([data_folder / "dicom-series"]), Control()))
    path = tmp_path / "report.pdf"
    with Report(path, classifier, slice_pages=False) as report:
        for row in rows[:3]:
            report.add(row, Decision())
        report.add(rows[3], Decision("disagree", "glioma", "Biopsy."))
    (page,) = _pages(path)
    unusable = sum(row.unlike_training for row in rows[:4])
    assert f"{4 - unusable} usable slice" in page
    assert "Study 2013-07-17 Series anat-T1w Modality MR Slices 4 slices" in page
    assert "A person disagreed and says: Glioma. Biopsy." in page
    assert "No statement about this series" in page
    assert "Too few of its slices are usable to say something of it." in page
    assert "Nothing is said here of the whole series or of the patient." in page
    assert "Not answered on this sequence: T1" in page


@needs_poppler
def test_a_series_page_says_what_its_rule_says_who_decided_and_how_far_it_holds(
    classifier: Classifier, records: Records, data_folder: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "flair"
    folder.mkdir()
    for path in sorted((data_folder / "dicom-series").iterdir()):
        dataset = pydicom.dcmread(path)
        dataset.SeriesDescription = "AX FLAIR"
        for times in ("RepetitionTime", "EchoTime", "InversionTime"):
            if times in dataset:
                del dataset[times]
        dataset.save_as(folder / path.name)
    rows = list(Batch(classifier, records, 1).rows(walk([folder]), Control()))
    path = tmp_path / "report.pdf"
    whole = Decided(Decision("disagree", "glioma", "Seen on T2."), "Dr K, 2026-11-30")
    with Report(path, classifier, slice_pages=False) as report:
        for row in rows:
            report.add(
                row, Decision("agree", row.label), decided_by="Dr L, 2026-11-29", series=whole
            )
    (page,) = _pages(path)
    expected = answer_series([_in_series(row) for row in rows], classifier.series_rule)
    assert expected.usable_count >= 6
    assert series_headline(expected) in page
    assert series_counts(expected) in page
    assert "A person disagreed and says: Glioma. Dr K, 2026-11-30 Seen on T2." in page
    assert "Dr L, 2026-11-29" in page
    assert "On whole heads of other hospitals" in page
    assert "FLAIR" in page


def _in_series(row: FileResult) -> SliceInSeries:
    heat = HeatMap(np.zeros((1, 1), np.float32), Crop(0, 0, 1, 1, 1, 1))
    assert row.model is not None
    shares = dict(row.probabilities)
    said = Prediction(shares, row.possible, row.unlike_training, heat, (), None, row.model)
    return SliceInSeries(said)


def _spoken(path: Path) -> list[tuple[int, str]]:
    """What a screen reader finds: the depth of each structure element and its words."""
    done = subprocess.run(["pdfinfo", "-struct-text", str(path)], capture_output=True, text=True)
    lines = done.stdout.splitlines()
    return [((len(line) - len(line.lstrip())) // 2, line.strip()) for line in lines]


@needs_poppler
def test_the_report_is_tagged_in_its_language_and_read_in_the_order_of_the_page(
    rows: list[FileResult], classifier: Classifier, tmp_path: Path
) -> None:
    path = tmp_path / "report.pdf"
    with speaking(Language.of("es_MX")), Report(path, classifier) as report:
        report.add(rows[0], Decision("disagree", "meningioma", "Revisión."))
    told = subprocess.run(["pdfinfo", str(path)], capture_output=True, text=True).stdout
    assert "Tagged:          yes" in told
    assert re.search(r"Title: +Reporte", told)
    raw = path.read_bytes()
    assert b"/Lang (es-MX)" in raw
    assert b"/DisplayDocTitle true" in raw
    spoken = [words for _depth, words in _spoken(path)]
    kinds = [words.split()[0] for words in spoken if not words.startswith('"')]
    assert kinds[0] == "Document"
    assert kinds.count("Sect") == 2, "the folder's page and the slice's"
    assert kinds.count("H1") == 2
    assert kinds.count("Lbl") <= kinds.count("LBody")
    assert kinds.index("H1") < kinds.index("Figure") < len(kinds) - kinds[::-1].index("LBody")
    assert spoken[-1].strip('"') == disclaimer_in("es_MX"), "the last thing that is read"
    # Each picture says in words what it shows.
    figures = kinds.count("Figure")
    assert figures >= 4
    assert len(re.findall(rb"/Alt [(<]", raw)) == figures
    with_words = {words.strip('"') for words in spoken}
    assert any("Meningioma" in words for words in with_words)


def disclaimer_in(tag: str) -> str:
    with speaking(Language.of(tag)):
        return f"{disclaimer()}."


@needs_poppler
def test_paper_is_as_the_region_has_it(classifier: Classifier, tmp_path: Path) -> None:
    for tag, size in (("en_GB", "595.44 x 841.68"), ("es_MX", "612 x 792")):
        path = tmp_path / f"{tag}.pdf"
        with speaking(Language.of(tag)), Report(path, classifier):
            pass
        done = subprocess.run(["pdfinfo", str(path)], capture_output=True, text=True)
        assert size in done.stdout


@needs_poppler
def test_what_a_person_measured_is_in_the_report_drawn_and_in_figures(
    classifier: Classifier, records: Records, tmp_path: Path
) -> None:
    mr = Path(str(get_testdata_file("MR_small.dcm")))  # 64 x 64 pixels of 0.3125 mm
    (row,) = Batch(classifier, records, 1).rows(walk([mr]), Control())
    length = Measurement(MeasurementKind.LENGTH, ((10.0, 10.0), (42.0, 10.0)))
    ellipse = Measurement(MeasurementKind.ELLIPSE, ((20.0, 20.0), (40.0, 40.0)))
    path = tmp_path / "report.pdf"
    with Report(path, classifier) as report:
        report.add(row, Decision(), SliceNotes((length, ellipse), key_image=True))
    text = " ".join(_text(path).split())
    assert "Length 10.0 mm" in text
    assert "Ellipse 30.68 mm², mean " in text
    assert "Key image Marked by a person." in text
    subprocess.run(["pdftoppm", "-r", "60", "-png", str(path), str(tmp_path / "page")], check=True)
    original, _ = _pictures(tmp_path / "page-2.png")
    assert np.ptp(original, axis=2).max() > 60, "nothing is drawn"


def test_a_frame_s_page_shows_that_frame(
    dicom_cases: Path, classifier: Classifier, records: Records
) -> None:
    enhanced = dicom_cases / "pydicom+pydicom-data/data_store/data/emri_small.dcm"
    rows = list(Batch(classifier, records, 1).rows(walk([enhanced]), Control()))
    frames = decode_frames(enhanced.read_bytes(), enhanced)
    assert len(rows) == len(frames) == 10
    for row in (rows[0], rows[7]):
        picture = revisited(row, Decision(), classifier).picture
        assert picture is not None
        pixels = frames[row.frame].pixels
        np.testing.assert_array_equal(
            picture.original, to_grey(pixels, default_window(frames[row.frame]))
        )
    gone = revisited(replace(rows[0], frame=10), Decision(), classifier)
    assert gone.picture is None
    assert gone.result.reason is not None


@needs_poppler
def test_pictures_in_a_report_say_which_side_is_which_or_that_the_file_does_not(
    classifier: Classifier, records: Records, data_folder: Path, demo_slice: Path, tmp_path: Path
) -> None:
    head = sorted((data_folder / "dicom-series").glob("*.dcm"))[12]
    marked, unmarked = Batch(classifier, records, 1).rows(walk([head, demo_slice]), Control())
    for row, said in ((marked, {"R", "L", "A", "P"}), (unmarked, {"Side", "marked"})):
        path = tmp_path / f"{row.number}.pdf"
        with Report(path, classifier) as report:
            report.add(row, Decision())
        page = set(_pages(path)[-1].split())
        assert said <= page
        assert ("Side" in page) == (row is unmarked)
