from __future__ import annotations

import importlib.util
from collections.abc import Iterator
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


@pytest.fixture
def spanish() -> Iterator[Language]:
    with speaking(Language.of("es_MX")) as _spoken:
        yield Language.of("es_MX")
