"""The command line speaks the language that is asked for, or the system's."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import pytest

from braintumor_desktop import cli
from braintumor_desktop.cli import main
from braintumor_desktop.text.language import current


def _parsers(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    yield parser
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for own in action.choices.values():
                yield from _parsers(own)


@pytest.mark.usefixtures("pseudo")
def test_no_help_escapes_the_catalogue() -> None:
    said = []
    for parser in _parsers(cli._parser()):
        said += [parser.description, parser.epilog]
        for action in parser._actions:
            if not isinstance(action, argparse._HelpAction):
                said.append(action.help)
            if isinstance(action, argparse._SubParsersAction):
                said += [choice.help for choice in action._choices_actions]
    shown = [text for text in said if text]
    assert len(shown) > 40
    assert not [text for text in shown if "⟦" not in text]


@pytest.mark.parametrize(
    "arguments", [["--language", "es", "--help"], ["--help", "--language=es_MX"]]
)
def test_help_is_spanish_where_it_is_asked_for(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 0
    said = capsys.readouterr().out
    assert said.startswith("uso: braintumor-desktop")
    for part in (
        "mostrar esta ayuda y salir",
        "argumentos posicionales",
        "no es un dispositivo médico",
    ):
        assert part in said
    assert "usage" not in said


def test_the_system_s_language_is_spoken(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LANGUAGE", "es_MX:en")
    with pytest.raises(SystemExit):
        main(["batch"])
    assert "faltan los siguientes argumentos" in capsys.readouterr().err
    assert current().tag == "es_MX"
    assert current().letter_paper


def test_an_error_is_said_in_it_and_json_stays_for_programs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = str(tmp_path / "a.png")
    assert main(["classify", missing, "--language", "es"]) == 1
    assert "rechazado" in (said := capsys.readouterr().out)
    assert "No existe ese archivo." in said
    assert main(["classify", missing, "--json", "--language", "es"]) == 1
    assert '"message": "There is no such file."' in capsys.readouterr().out


def test_a_language_without_a_catalogue_is_refused_by_name(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--language", "fr", "info"])
    assert ended.value.code == 2
    assert "there is no 'fr'; there are: en, es" in capsys.readouterr().err
