from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from gettext import NullTranslations
from pathlib import Path
from types import ModuleType

import pytest

from braintumor_desktop.text.language import Language, speaking

MESSAGES = Path(__file__).resolve().parents[2] / "resources" / "translations" / "messages.py"


@pytest.fixture(scope="session")
def messages() -> ModuleType:
    """What `make messages` runs."""
    spec = importlib.util.spec_from_file_location("translation_messages", MESSAGES)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    import sys

    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


class Marking(NullTranslations):
    """Puts brackets around every sentence that it is asked for, and makes it 40 % longer."""

    def gettext(self, message: str) -> str:
        return f"⟦{message}{'·' * (2 * len(message) // 5)}⟧" if message else ""

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self.gettext(msgid1 if n == 1 else msgid2)

    def pgettext(self, context: str, message: str) -> str:
        return self.gettext(message)


@pytest.fixture
def pseudo() -> Iterator[None]:
    """A made-up language, in which what escaped the catalogue stands without brackets."""
    with speaking(Language("en", "", Marking())):
        yield


@pytest.fixture
def spanish() -> Iterator[Language]:
    with speaking(Language.of("es_MX")) as _spoken:
        yield Language.of("es_MX")
