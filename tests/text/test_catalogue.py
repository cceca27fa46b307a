"""The catalogues: whole, well formed, compiled, and nothing beside them."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from string import Formatter
from types import ModuleType
from typing import Any

import pytest

PACKAGE = Path(__file__).resolve().parents[2] / "braintumor_desktop"
SHOWN_BY = re.compile(
    r"^(QLabel|QAction|QCheckBox|QPushButton|QToolButton|QRadioButton|QGroupBox|QMenu|QDockWidget|"
    r"set(Text|Title|WindowTitle|ToolTip|StatusTip|WhatsThis|PlaceholderText|AccessibleName|"
    r"AccessibleDescription|LabelText|InformativeText|DetailedText)|add(Action|Menu|Tab|Item|Button|"
    r"ToolBar)|showMessage|getOpenFileName|getOpenFileNames|getSaveFileName|getExistingDirectory|"
    r"information|warning|critical|question|paragraph|named|set_title|set_xlabel|print|add_argument|add_parser|ArgumentTypeError)$"
)
"""Calls whose texts a person reads."""


def _fields(text: str) -> set[str]:
    named = {field for _, field, _, _ in Formatter().parse(text.replace("%(", "%_(")) if field}
    return named | set(re.findall(r"%(?:\(\w+\))?[rsd]", text))


def _pairs(message: Any) -> list[tuple[str, str]]:
    if isinstance(message.id, list | tuple):
        return [(message.id[min(place, 1)], said) for place, said in enumerate(message.string)]
    return [(message.id, message.string)]


@pytest.mark.parametrize("language", ["es"])
def test_everything_is_translated(messages: ModuleType, language: str) -> None:
    left = [message.id for message in messages.untranslated(messages.updated(language))]
    assert not left, f"{len(left)} without a translation: make messages, then {language}'s .po"


@pytest.mark.parametrize("language", ["es"])
def test_a_translation_has_the_fields_of_its_template(messages: ModuleType, language: str) -> None:
    for message in messages.load(language):
        for template, said in _pairs(message) if message.id else ():
            if not said:
                continue  # the other test's
            assert _fields(said) == _fields(template), template
            assert said.strip() == said or template.strip() != template, template
            assert said.count("&") == template.count("&") or template.count("&") > 1, template


@pytest.mark.parametrize("language", ["es"])
def test_the_compiled_catalogue_is_that_of_its_text(messages: ModuleType, language: str) -> None:
    compiled = messages.po_path(language).with_suffix(".mo").read_bytes()
    assert compiled == messages.as_mo(messages.load(language)), "make messages"


def test_a_throw_away_variable_never_hides_the_translator() -> None:
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                names = [one for one in ast.walk(node) if isinstance(one, ast.Name)]
                hidden = any(one.id == "_" and isinstance(one.ctx, ast.Store) for one in names)
                called = any(one.id == "_" and isinstance(one.ctx, ast.Load) for one in names)
                assert not (hidden and called), f"{path.name}:{node.lineno}"


def test_no_text_is_shown_that_is_not_marked() -> None:
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        place = path.relative_to(PACKAGE).as_posix()
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and SHOWN_BY.match(_name(node.func)):
                found += [f"{place}:{node.lineno}: {text}" for text in _unmarked(node)]
    assert not found, "\n".join(found)


def _name(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        owner = function.value
        is_log = isinstance(owner, ast.Name) and owner.id in ("log", "logging", "warnings")
        return "" if is_log else function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _unmarked(call: ast.Call) -> list[str]:
    shown = [*call.args, *(one.value for one in call.keywords if one.arg in ("help", "text"))]
    texts: list[str] = []
    for argument in shown:
        if isinstance(argument, ast.JoinedStr):
            parts = [one.value for one in argument.values if isinstance(one, ast.Constant)]
            texts += [
                str(one) for one in parts if re.search(r"[A-Za-z]{2,} [A-Za-z]{2,}", str(one))
            ]
        elif isinstance(argument, ast.Constant) and isinstance(argument.value, str):
            sentence = re.search(r"[A-Za-z]{2,}[ …][^:]*", argument.value) and " " in argument.value
            titled = argument.value[:1].isupper() and argument.value[1:].islower()
            if sentence or titled:
                texts.append(argument.value)
    return [
        text for text in texts if not text.startswith(("braintumor-desktop", "PDF (", "DICOM ("))
    ]
