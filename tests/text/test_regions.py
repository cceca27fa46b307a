"""Numbers, dates and paper as a region writes them."""

from __future__ import annotations

from datetime import date

import pytest

from braintumor_desktop.text import numbers
from braintumor_desktop.text.language import Language, known, speaking, system_tag


@pytest.mark.parametrize(
    ("tag", "code", "whole", "letter"),
    [
        ("es", "es", "es_MX", True),
        ("es_MX.UTF-8", "es", "es_MX", True),
        ("es-ES", "es", "es_ES", False),
        ("es_419", "es", "es_MX", True),
        ("en_US.UTF-8", "en", "en_US", True),
        ("en_GB", "en", "en_GB", False),
        ("en", "en", "en", False),
        ("de_DE@euro", "en", "en_DE", False),
        ("", "en", "en", False),
    ],
)
def test_a_tag_says_language_region_and_paper(
    tag: str, code: str, whole: str, letter: bool
) -> None:
    language = Language.of(tag)
    assert (language.code, language.tag, language.letter_paper) == (code, whole, letter)


@pytest.mark.parametrize(
    ("tag", "count", "share", "small", "day"),
    [
        ("en", "12,345", "1,234.5", "0.468", "2026-03-01"),
        ("es_MX", "12,345", "1,234.5", "0.468", "1 mar 2026"),
        ("es_ES", "12\u00a0345", "1\u00a0234,5", "0,468", "1 mar 2026"),
        ("es_AR", "12\u00a0345", "1\u00a0234,5", "0,468", "1 mar 2026"),
    ],
)
def test_numbers_and_days_are_the_region_s(
    tag: str, count: str, share: str, small: str, day: str
) -> None:
    with speaking(Language.of(tag)):
        assert numbers.integer(12345) == count
        assert numbers.decimal(1234.5, 1) == share
        assert numbers.significant(0.4678, 3) == small
        assert numbers.day(date(2026, 3, 1)) == numbers.day("20260301") == day


@pytest.mark.parametrize("damaged", ["", "2026", "20261399", "no date"])
def test_what_is_no_date_stays_as_it_stands(damaged: str) -> None:
    assert numbers.day(damaged) == damaged


@pytest.mark.parametrize(
    ("environment", "tag"),
    [
        ({}, "en"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LANG": "es_MX.UTF-8"}, "es_MX.UTF-8"),
        ({"LANG": "es_MX.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANG": "C", "LANGUAGE": "es:en"}, "es"),
    ],
)
def test_the_system_s_language_is_read_as_gettext_does(
    environment: dict[str, str], tag: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    assert system_tag(environment) == tag


def test_only_languages_with_a_catalogue_are_known() -> None:
    assert known("es-AR")
    assert known("EN")
    assert not known("fr")
    assert not known("")
