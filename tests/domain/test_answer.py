"""The one rule of how far an answer can be trusted."""

from __future__ import annotations

import json

import pytest

from braintumor_desktop.domain.answer import UNSURE_BELOW, Certainty, excluded
from braintumor_desktop.domain.result import FileResult, from_json, refused, to_json
from braintumor_desktop.errors import FileMissingError
from braintumor_desktop.sources.walk import HiddenError

NAMES = ("glioma", "meningioma", "notumor", "pituitary")


def shares(most: float) -> dict[str, float]:
    return dict(zip(NAMES, (most, *[(1 - most) / 3] * 3), strict=True))


@pytest.mark.parametrize(
    ("most", "possible", "unlike", "certainty", "left_out"),
    [
        (0.9, ("glioma",), False, Certainty.CERTAIN, ("meningioma", "notumor", "pituitary")),
        (UNSURE_BELOW, ("glioma",), False, Certainty.CERTAIN, NAMES[1:]),
        (UNSURE_BELOW - 1e-9, ("glioma",), False, Certainty.UNCERTAIN, ()),
        (0.9, ("glioma", "notumor"), False, Certainty.UNCERTAIN, ("meningioma", "pituitary")),
        (0.5, ("glioma", "notumor"), False, Certainty.UNCERTAIN, ("meningioma", "pituitary")),
        (0.9, NAMES, False, Certainty.UNCERTAIN, ()),
        (0.999, ("glioma",), True, Certainty.UNLIKE, ()),
        (0.5, ("glioma", "notumor"), True, Certainty.UNLIKE, ()),
    ],
)
def test_an_answer_is_certain_only_where_all_three_hold(
    most: float,
    possible: tuple[str, ...],
    unlike: bool,
    certainty: Certainty,
    left_out: tuple[str, ...],
) -> None:
    probabilities = shares(most)
    assert Certainty.of(probabilities, possible, unlike) is certainty
    assert excluded(probabilities, possible, unlike) == left_out
    kept = FileResult(
        label="glioma",
        probabilities=tuple(probabilities.items()),
        possible=possible,
        unlike_training=unlike,
    )
    assert (kept.certainty, kept.excluded) == (certainty, left_out)
    assert kept.needs_look is (certainty is not Certainty.CERTAIN)


def test_a_warning_makes_a_certain_answer_need_a_look_and_no_slice_a_slice() -> None:
    assert Certainty.CERTAIN.needs_look(warned=True)
    assert not Certainty.CERTAIN.needs_look(warned=False)
    assert Certainty.FAILED.needs_look(warned=False)
    assert not Certainty.PASSED.needs_look(warned=True)


def test_a_file_that_is_no_slice_is_passed_and_one_that_cannot_be_read_has_failed() -> None:
    assert refused(HiddenError("It is hidden.")).certainty is Certainty.PASSED
    assert refused(FileMissingError("There is no such file.")).certainty is Certainty.FAILED


BEFORE = {
    "label": "glioma",
    "probabilities": [["glioma", 0.9], ["notumor", 0.1]],
    "possible": ["glioma"],
    "peak": [1.0, 2.5],
    "format": "DICOM",
    "identifiers": {"patient_id": "12", "series_instance_uid": "1.2", "sop_instance_uid": "1.2.3"},
    "warnings": [{"kind": "odd", "template": "It has {n} colours.", "fields": [["n", 3]]}],
    "model": {"name": "net 1", "sha256": "ab"},
}


def test_an_answer_that_version_0_1_kept_is_read_and_written_the_same() -> None:
    result = from_json(json.dumps(BEFORE))
    assert (result.label, result.frame, result.position_mm) == ("glioma", 0, None)
    assert (result.series_instance_uid, result.sop_instance_uid) == ("1.2", "1.2.3")
    assert from_json(to_json(result)) == result
    assert (
        json.loads(to_json(result)).items()
        >= {key: value for key, value in BEFORE.items() if key != "identifiers"}.items()
    )


def test_where_a_file_lies_is_not_kept_with_its_answer() -> None:
    kept = to_json(FileResult(label="glioma", name="Doe.dcm", content="ab" * 32, thumbnail=b"x"))
    assert "Doe" not in kept
    assert "abab" not in kept
