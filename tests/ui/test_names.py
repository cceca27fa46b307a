"""Every identifier reads as it stands in the file, beside names of any direction.

Laid out by Qt, as on screen: digits and signs of an identifier stand from left to right in their
order.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from PySide6.QtGui import QFont, QTextLayout, QTextOption

from braintumor_desktop.domain.image import DicomIdentifiers
from braintumor_desktop.domain.study import Patient, Study
from braintumor_desktop.errors import FileMissingError
from braintumor_desktop.imaging.read import read_slice
from braintumor_desktop.text import _, isolated, people, reading
from braintumor_desktop.text.language import Language, speaking
from braintumor_desktop.ui.viewer.captions import who_lines
from braintumor_desktop.ui.viewer.slices import Caption

PACKAGE = Path(__file__).resolve().parents[2] / "braintumor_desktop"
ARABIC = "محمد أحمد"


def as_read(line: str, part: str) -> bool:
    """Whether the characters of `part`, found in `line`, stand from left to right."""
    layout = QTextLayout(line, QFont("DejaVu Sans", 20))
    layout.setTextOption(QTextOption())
    layout.beginLayout()
    laid = layout.createLine()
    laid.setLineWidth(10_000)
    layout.endLayout()
    start = line.index(part)
    places = []
    for index in range(start, start + len(part)):
        (run,) = layout.glyphRuns(index, 1)[:1] or [None]
        assert run is not None
        places.append(run.positions()[0].x())
    return places == sorted(places)


@pytest.mark.usefixtures("qapp")
def test_what_is_not_isolated_is_turned() -> None:
    assert as_read("12-345", "12-345")
    assert not as_read(f"{ARABIC} 12-345", "12-345"), "else this test says nothing"
    assert as_read(f"{isolated(ARABIC)} {isolated('12-345')}", "12-345")


@pytest.mark.usefixtures("qapp")
@pytest.mark.parametrize("name", ["s00.dcm", "s01.dcm", "s05.dcm", "s06.dcm"])
@pytest.mark.parametrize("language", ["en", "es_MX"])
def test_an_identifier_reads_as_it_stands_in_the_file(
    cases: Path, name: str, language: str
) -> None:
    dicom = read_slice(cases / "names" / name).source.identifiers
    assert dicom is not None
    assert any("\u0600" <= letter <= "\u06ff" for letter in dicom.patient_name)
    patient = Patient(dicom.patient_id, name=dicom.patient_name)
    with speaking(Language.of(language)):
        lines = {
            "caption": who_lines(Caption(patient=patient, study=Study("1")), names=True)[0],
            "title": _("{file}, patient {patient}").format(
                file=isolated(f"{ARABIC}.dcm"), patient=isolated(dicom.patient)
            ),
            "cell": people.patient(dicom),
            "issuer": people.patient(
                DicomIdentifiers(dicom.patient_id, issuer_of_patient_id=ARABIC)
            ),
        }
        error = FileMissingError("{who} {number}", who=ARABIC, number=dicom.patient_id)
        lines["sentence"] = reading.sentence(error)
    for where, line in lines.items():
        assert as_read(line, dicom.patient_id), where


NAMES = {"file", "folder", "name", "patient", "series", "sequence", "issuer", "identifier"}
# A file with its frame is isolated as a whole, where it is put into a line.
AS_A_WHOLE = {"worklist_words.py"}
SAFE = {"isolated", "sequence_name", "class_name", "class_in_text"}


def test_every_name_that_goes_into_a_line_of_the_window_is_isolated() -> None:
    found = []
    for room in ("ui", "text", "outputs"):
        for path in sorted((PACKAGE / room).rglob("*.py")):
            if path.name in AS_A_WHOLE:
                continue
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Call) and _is_format(node.func):
                    found += [
                        f"{path.relative_to(PACKAGE)}:{node.lineno}: {given.arg}"
                        for given in node.keywords
                        if given.arg in NAMES and not _safe(given.value)
                    ]
    assert not found, "\n".join(found)


def _is_format(function: ast.expr) -> bool:
    return isinstance(function, ast.Attribute) and function.attr == "format"


def _safe(value: ast.expr) -> bool:
    if isinstance(value, ast.Call):
        function = value.func
        name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
        return name in SAFE
    return isinstance(value, ast.Constant)
