from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path

import pytest

from braintumor_desktop.domain.decision import Decision
from braintumor_desktop.domain.image import DicomIdentifiers, ReadWarning
from braintumor_desktop.domain.result import FileResult, refused
from braintumor_desktop.errors import BraintumorError, TruncatedFileError
from braintumor_desktop.screening.groups import By, groups, members
from braintumor_desktop.screening.worklist import (
    Certainty,
    Column,
    Counts,
    Filter,
    sort_key,
)
from braintumor_desktop.sources.passed_over import HiddenError
from braintumor_desktop.text import worklist_words


def _row(number: int, label: str, share: float, *, patient: str = "", **more: object) -> FileResult:
    rest = "notumor" if label != "notumor" else "glioma"
    dicom = DicomIdentifiers(patient_id=patient, series_instance_uid=f"{patient}.{label}")
    result = FileResult(
        label=label,
        probabilities=((label, share), (rest, 1 - share)),
        possible=(label,),
        identifiers=dicom if patient else None,
    )
    return _placed(number, replace(result, **more))  # type: ignore[arg-type]


def _refused(number: int, error: BraintumorError) -> FileResult:
    return _placed(number, refused(error))


def _placed(number: int, result: FileResult) -> FileResult:
    name = f"{number}.dcm"
    return replace(result, number=number, name=name, path=Path(name), content=f"{number:064x}")


ROWS = [
    _row(0, "glioma", 0.9, patient="A"),
    _row(1, "glioma", 0.6, patient="A", possible=("glioma", "notumor")),
    _row(2, "notumor", 0.8, patient="A"),
    _row(3, "meningioma", 0.7, patient="B", unlike_training=True),
    _row(4, "notumor", 0.9, warnings=(ReadWarning("odd", "Odd."),)),
    _refused(5, TruncatedFileError("Ends.")),
    _refused(6, HiddenError("Hidden.")),
]
NONE = Decision()


def _kept(wanted: Filter) -> list[int]:
    return [row.number for row in ROWS if wanted.accepts(row, NONE)]


def test_filters_keep_what_is_asked_for() -> None:
    assert _kept(Filter()) == list(range(6)), "what is no slice is counted, not listed"
    assert _kept(Filter(certainty=Certainty.PASSED)) == [6]
    assert _kept(Filter(label="glioma")) == [0, 1]
    assert _kept(Filter(needs_look=True)) == [1, 3, 4, 5]
    assert _kept(Filter(certainty=Certainty.UNCERTAIN)) == [1]
    assert _kept(Filter(certainty=Certainty.UNLIKE)) == [3]
    assert _kept(Filter(certainty=Certainty.FAILED)) == [5]
    assert _kept(Filter(text="4.DCM")) == [4]
    assert not Filter(undecided=True).accepts(ROWS[0], Decision("unsure"))


def test_what_is_not_probable_enough_is_uncertain_though_it_stands_alone() -> None:
    assert _row(0, "notumor", 0.74).certainty is Certainty.UNCERTAIN
    assert _row(0, "notumor", 0.8).certainty is Certainty.CERTAIN


@pytest.mark.parametrize(
    ("column", "order"),
    [
        (Column.PROBABILITY, [3, 5, 6, 1, 2, 0, 4]),
        (Column.VERDICT, [3, 5, 6, 0, 1, 2, 4]),
        (Column.CERTAINTY, [5, 3, 1, 0, 2, 4, 6]),
        (Column.DECISION, [0, 1, 2, 3, 5, 6, 4]),
    ],
)
def test_rows_are_sorted_with_ties_in_the_walk_s_order(column: Column, order: list[int]) -> None:
    key = sort_key(column, {ROWS[4].content: Decision("unsure")})
    assert [row.number for row in sorted(ROWS, key=key)] == order


def test_counts() -> None:
    counts = Counts()
    counts.add(ROWS)
    counts.add([replace(ROWS[0], duplicate_of="0.dcm")])
    assert counts.labels == {"glioma": 3, "notumor": 2}
    assert (counts.total, counts.failed, counts.passed, counts.duplicates) == (8, 2, 1, 1)
    assert counts.needs_look == 4


@pytest.mark.parametrize("name", ["M\u00fcller/1.png", "Mu\u0308ller/1.png"])
@pytest.mark.parametrize("typed", ["m\u00fcll", "MU\u0308LL"])
def test_a_letter_with_dots_is_found_however_it_is_written(name: str, typed: str) -> None:
    assert Filter(text=typed).accepts(replace(ROWS[0], name=name), NONE)


def test_a_patient_s_slices_together() -> None:
    patient, other, unnamed = groups([*ROWS, replace(ROWS[0], duplicate_of="0.dcm")], By.PATIENT)
    assert (patient.name, patient.slices, patient.usable, patient.suspicious) == ("A", 3, 3, 2)
    assert patient.strongest is ROWS[0]
    assert (other.name, other.needs_look) == ("B", 1)
    assert (unnamed.name, unnamed.slices, unnamed.usable) == ("", 3, 1)
    assert len(groups(ROWS, By.SERIES)) == 6, "files of no series stand alone"


def test_a_slice_is_suspicious_by_any_tumour_as_for_its_series() -> None:
    shared = (("notumor", 0.4), ("glioma", 0.35), ("meningioma", 0.25))
    row = replace(_row(0, "notumor", 0.4, patient="A"), probabilities=shared)
    (group,) = groups([row], By.SERIES)
    assert group.suspicious == 1, "a tumour has 0.6, though no type has the most"


def test_of_a_patient_no_class_and_no_mean_is_said() -> None:
    healthy = [_row(n, "notumor", 0.9, patient="H") for n in range(34)]
    alarms = [_row(34 + n, "meningioma", 0.94, patient="H") for n in range(14)]
    unlike = [_row(48 + n, "glioma", 0.99, patient="H", unlike_training=True) for n in range(6)]
    (group,) = groups([*healthy, *alarms, *unlike], By.PATIENT)
    assert (group.suspicious, group.usable, group.not_usable) == (14, 48, 6)
    assert worklist_words.suspicious(14, 48, 6) == "14 of 48 usable; 6 not usable"
    assert {item.name for item in fields(group)} == {
        "key", "slices", "usable", "suspicious", "strongest", "needs_look", "said"
    }  # fmt: skip


def test_patients_of_two_hospitals_with_the_same_identifier_are_two_groups() -> None:
    rows = []
    for number, issuer in enumerate(("North", "South", "North")):
        row = _row(number, "glioma", 0.9)
        dicom = DicomIdentifiers(patient_id="12", issuer_of_patient_id=issuer)
        rows.append(replace(row, identifiers=dicom))
    found = groups(rows, By.PATIENT)
    assert [(group.name, group.slices) for group in found] == [("12 (North)", 2), ("12 (South)", 1)]
    assert members(rows, By.PATIENT, [("12 (North)", "", "")]) == [rows[0], rows[2]]
