from __future__ import annotations

import pytest

from braintumor_desktop.domain.study import Patient, Series, Study
from braintumor_desktop.text import language
from braintumor_desktop.text.language import Language
from braintumor_desktop.ui.viewer import captions
from braintumor_desktop.ui.viewer.slices import Caption


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("HERNÁNDEZ^ANA MARÍA", "HERNÁNDEZ, ANA MARÍA"),
        ("Smith^John^^Dr", "Smith, John Dr"),
        ("Yamada^Tarou=山田^太郎", "Yamada, Tarou"),
        ("ANON", "ANON"),
        ("^Ana", "Ana"),
        ("", ""),
    ],
)
def test_names_are_written_as_people_write_them(name: str, written: str) -> None:
    assert captions.person_name(name) == written


@pytest.mark.parametrize(
    ("birth", "then", "years"),
    [
        ("19610412", "20260411", 64),
        ("19610412", "20260412", 65),
        ("20240229", "20250228", 0),
        ("", "20260301", None),
        ("1961", "20260301", None),
        ("20270101", "20260301", None),
        ("18000101", "20260301", None),
        ("19611399", "20260301", None),
    ],
)
def test_the_age_is_that_on_the_day_of_the_study(birth: str, then: str, years: int | None) -> None:
    assert captions.age_in_years(birth, then) == years


def test_what_the_file_does_not_say_is_not_said() -> None:
    assert captions.who_lines(Caption(), names=True) == ()
    assert captions.who_lines(Caption(Patient(), Study("1")), names=True) == ()
    assert captions.series_lines(None, 0, 1, sides_known=True) == ()
    assert captions.series_lines(None, 4, 9, sides_known=False) == ("5 of 9", "Side not marked")
    spaced = Series("1", (), sequence="FLAIR", slice_spacing_mm=6.5)
    said = captions.series_lines(spaced, 0, 20, sides_known=True)
    assert said == ("FLAIR", "1 of 20", "Slices 6.5 mm apart")


def test_spanish_is_spoken_and_names_stay_hidden_in_it() -> None:
    who = Caption(Patient("7", "", "PÉREZ^LUIS", "19700101", "M"), Study("1", "20260301"))
    with language.speaking(Language.of("es_MX")):
        assert captions.who_lines(who, names=True)[-1] == "1 mar 2026"
        hidden = captions.who_lines(who, names=False)
    assert len(hidden) == 1
    assert "56" in hidden[0]
    assert "PÉREZ" not in hidden[0]
    assert "1970" not in hidden[0]
