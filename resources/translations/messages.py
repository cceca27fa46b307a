"""`make messages`: what is to be translated, brought into the catalogues and compiled.

Needs Babel, which the app does not. Without an argument the catalogues are updated and compiled;
`--check` says what is missing and changes nothing.
"""

from __future__ import annotations

import ast
import builtins
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
DOMAIN = "braintumor_desktop"
LANGUAGES = ("es",)

# Which arguments of a call are texts, and which is the context.
_MARKERS = {"_": (0,), "gettext_noop": (0,), "ngettext": (0, 1), "pgettext": (1,)}
_WARNINGS = {"ReadWarning": 1}


ARGPARSE = (
    "usage: ",
    "positional arguments",
    "options",
    "show this help message and exit",
    "%(prog)s: error: %(message)s\n",
    "argument %(argument_name)s: %(message)s",
    "the following arguments are required: %s",
    "unrecognized arguments: %s",
    "expected one argument",
    "expected at least one argument",
    "expected at most one argument",
    "invalid %(type)s value: %(value)r",
    "invalid choice: %(value)r (choose from %(choices)s)",
    "ignored explicit argument %r",
    "ambiguous option: %(option)s could match %(matches)s",
    "not allowed with argument %s",
)
"""What Python's argparse says, by `gettext` (CPython 3.11 to 3.13, Lib/argparse.py)."""


@dataclass(frozen=True)
class Marked:
    """A text that is marked, where, and in which context."""

    texts: tuple[str, ...]
    context: str | None
    place: str


def marked(source: str, place: str) -> Iterator[Marked]:
    """Yield what a module marks: by `_` and its like, as an error's or a warning's template."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = _name(node.func)
        if name in _MARKERS and isinstance(node.func, ast.Name):
            texts = tuple(_text(node, index) for index in _MARKERS[name])
            if not all(texts):
                raise SystemExit(f"{place}:{node.lineno}: {name}() needs texts, not variables")
            yield Marked(texts, _text(node, 0) if name == "pgettext" else None, place)
            continue
        template = ""
        if name in _WARNINGS:
            template = _text(node, _WARNINGS[name])
        elif (name.endswith("Error") and not hasattr(builtins, name)) or name == "__init__":
            template = _text(node, 0)
        if " " in template:
            yield Marked((template,), None, place)


def _name(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _text(call: ast.Call, index: int) -> str:
    if len(call.args) <= index:
        return ""
    argument = call.args[index]
    is_text = isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    return str(argument.value) if is_text else ""  # type: ignore[attr-defined]


def template() -> Catalog:
    """Return everything that is marked in the app, sorted, as a catalogue without translations."""
    found: dict[tuple[str | None, tuple[str, ...]], set[str]] = {}
    for path in sorted((ROOT / "braintumor_desktop").rglob("*.py")):
        place = path.relative_to(ROOT).as_posix()
        for one in marked(path.read_text("utf-8"), place):
            found.setdefault((one.context, one.texts), set()).add(place)
    for text in ARGPARSE:
        found.setdefault((None, (text,)), set()).add("argparse")
    catalogue = Catalog(domain=DOMAIN, charset="utf-8")
    for (context, texts), places in sorted(found.items(), key=lambda item: item[0][1]):
        key = texts if len(texts) > 1 else texts[0]
        locations = [(place, 0) for place in sorted(places)]
        catalogue.add(key, locations=locations, context=context)
    return catalogue


def po_path(language: str) -> Path:
    """Return where a language's catalogue is."""
    return HERE / language / "LC_MESSAGES" / f"{DOMAIN}.po"


def load(language: str) -> Catalog:
    """Return a language's catalogue."""
    with po_path(language).open("rb") as stream:
        return read_po(stream, locale=language, domain=DOMAIN)


def updated(language: str) -> Catalog:
    """Return a language's catalogue with what is marked now; what no longer is, is dropped."""
    catalogue = load(language) if po_path(language).exists() else Catalog(language, DOMAIN)
    catalogue.update(template(), no_fuzzy_matching=True, update_header_comment=False)
    catalogue.obsolete.clear()
    return catalogue


def as_po(catalogue: Catalog) -> bytes:
    """Return a catalogue as text."""
    stream = BytesIO()
    write_po(stream, catalogue, width=100, include_lineno=False, sort_output=True)
    lines = stream.getvalue().decode("utf-8").splitlines(keepends=True)
    # Dates and versions of tools would change with every run.
    volatile = ('"POT-Creation-Date', '"PO-Revision-Date', '"Generated-By')
    return "".join(line for line in lines if not line.startswith(volatile)).encode("utf-8")


def as_mo(catalogue: Catalog) -> bytes:
    """Return a catalogue compiled, as `gettext` reads it."""
    stream = BytesIO()
    plain = read_po(BytesIO(as_po(catalogue)), locale=catalogue.locale, domain=DOMAIN)
    plain.creation_date = plain.revision_date = datetime(2026, 1, 1, tzinfo=UTC)  # not of the run
    write_mo(stream, plain)
    return stream.getvalue()


def untranslated(catalogue: Catalog) -> list[Message]:
    """Return what has no translation, or one that nobody has checked."""
    missing = []
    for message in catalogue:
        if message.id:
            said = message.string if isinstance(message.string, list | tuple) else [message.string]
            if not all(said) or message.fuzzy:
                missing.append(message)
    return missing


def main() -> int:
    """Update and compile, or with `--check` only look; 1 where something is missing."""
    missing = 0
    for language in LANGUAGES:
        catalogue = updated(language)
        left = untranslated(catalogue)
        missing += len(left)
        if "--check" not in sys.argv:
            path = po_path(language)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(as_po(catalogue))
            path.with_suffix(".mo").write_bytes(as_mo(catalogue))
        print(f"{language}: {len(catalogue)} sentences, {len(left)} without a translation")
        for message in left:
            print(f"  {message.id!r}")
    return 1 if missing and "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
