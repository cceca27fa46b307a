"""Which language is spoken, and how its region writes numbers, dates and paper.

Templates stay English everywhere below: they are translated where a person reads them. What is
spoken is set once at the start (`use`) and may change while the window is open, so that no sentence
is made before it is shown: no module keeps a translated string.
"""

from __future__ import annotations

import gettext as catalogues
import locale
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from braintumor_desktop import paths

DOMAIN = "braintumor_desktop"
LANGUAGES = {"en": "English", "es": "Español (México)"}
"""The languages that there is a catalogue for, each by its own name."""

_HOME = {"en": "", "es": "MX"}
"""The region where none is said. English without one writes A4 and ISO dates."""

# Unicode's CLDR 46: measurementData/paperSize, and numbers/symbols of the Spanish locales.
_LETTER = frozenset(
    ["BZ", "CA", "CL", "CO", "CR", "GT", "MX", "NI", "PA", "PH", "PR", "SV", "US", "VE"]
)
_COMMA = frozenset(["AR", "BO", "CL", "CO", "CR", "EC", "ES", "GQ", "PY", "UY", "VE"])


Message = tuple[str, str]
"""A context, empty where there is none, and an English template."""


@dataclass(frozen=True)
class Language:
    """A language as a region writes it.

    Attributes
    ----------
    code
        "en" or "es".
    region
        Two letters, as "MX"; empty where it is not known.
    catalogue
        What translates; the English templates themselves where there is none.

    """

    code: str
    region: str = ""
    catalogue: catalogues.NullTranslations = field(
        default_factory=catalogues.NullTranslations, compare=False, repr=False
    )

    @property
    def tag(self) -> str:
        """The language tag, as "es_MX" or "en"."""
        return f"{self.code}_{self.region}" if self.region else self.code

    @property
    def decimal_comma(self) -> bool:
        """Whether 0.5 is written 0,5; Mexico writes the point."""
        return self.code == "es" and self.region in _COMMA

    @property
    def letter_paper(self) -> bool:
        """Whether a page is Letter, 8.5 by 11 inches, instead of A4."""
        return self.region in _LETTER

    def spoken(self) -> dict[str, Message]:
        """Return what each translation says, as a template with its context.

        In English, what there is a translation of in any language.
        """
        entries = _entries(self.code)
        return {said: template for template, said in entries.items()}

    def say(self, message: Message) -> str:
        """Return the translation of a template with its context."""
        context, template = message
        if context:
            return self.catalogue.pgettext(context, template)
        return self.catalogue.gettext(template)

    @classmethod
    def of(cls, tag: str) -> Language:
        """Return the language of a tag as "es", "es_MX", "es-AR" or "en_GB.UTF-8".

        What there is no catalogue for is English, with the region's paper.
        """
        parts = tag.split(".")[0].split("@")[0].replace("-", "_").split("_")
        code = parts[0].lower()
        region = next((part.upper() for part in parts[1:] if len(part) == 2), "")
        known = code if code in LANGUAGES else "en"
        return cls(known, region or _HOME.get(code, ""), _catalogue(known))


def _catalogue(code: str) -> catalogues.NullTranslations:
    return catalogues.translation(DOMAIN, folder(), [code], fallback=True)


def _entries(code: str) -> dict[Message, str]:
    """Templates with their contexts, and what a language says for each."""
    english = code == "en"
    any_other = next(one for one in LANGUAGES if one != "en")
    kept = getattr(_catalogue(any_other if english else code), "_catalog", {})
    entries: dict[Message, str] = {}
    for key, said in kept.items():
        if isinstance(key, str) and key:  # those by number are pairs, and never stand alone
            context, parted, template = key.rpartition("\x04")
            message = (context if parted else "", template)
            entries[message] = template if english else str(said)
    return entries


def folder() -> Path:
    """Return the folder of the compiled catalogues, `LANGUAGE/LC_MESSAGES/DOMAIN.mo` in it."""
    return paths.resources() / "translations"


def known(tag: str) -> bool:
    """Whether there are sentences in the language of a tag."""
    return tag.replace("-", "_").split("_")[0].lower() in LANGUAGES


def system_tag(environ: Mapping[str, str] = os.environ) -> str:
    """Return the tag of the language that the system is set to; "en" where it does not say.

    The variables and their order are those of GNU gettext.
    """
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        found = environ.get(name, "").split(":")[0]
        if found:
            return "en" if found.split(".")[0] in ("C", "POSIX") else found
    if sys.platform == "win32":
        import ctypes

        number = ctypes.windll.kernel32.GetUserDefaultUILanguage()
        return locale.windows_locale.get(number, "en")
    return "en"


class _Spoken:
    """The language that is spoken now: the one thing of this app that all sentences share."""

    def __init__(self) -> None:
        self.language = Language("en")


_SPOKEN = _Spoken()


def use(language: Language) -> None:
    """Speak `language` from now on, in every thread."""
    _SPOKEN.language = language


def current() -> Language:
    """Return the language that is spoken now."""
    return _SPOKEN.language


@contextmanager
def speaking(language: Language) -> Iterator[None]:
    """Speak `language` inside the block."""
    before = current()
    use(language)
    try:
        yield
    finally:
        use(before)


def use_for_argparse() -> None:
    """Have argparse's own words, which it takes from `gettext`'s global domain, in the language."""
    catalogues.textdomain(DOMAIN)
    catalogues.bindtextdomain(DOMAIN, str(folder()))
    os.environ["LANGUAGE"] = current().tag  # which processes started from here speak, too


def _(message: str) -> str:
    """Return the translation of an English template, which is marked by this call."""
    return translated(message)


def translated(message: str) -> str:
    """Return the translation of a template that is marked elsewhere, as an error's."""
    return current().catalogue.gettext(message) if message else ""


def ngettext(one: str, several: str, number: int) -> str:
    """Return the translation that goes with a number; both templates are marked by this call."""
    return current().catalogue.ngettext(one, several, number)


def pgettext(context: str, message: str) -> str:
    """Return the translation where the same English word has two; `context` tells them apart."""
    return current().catalogue.pgettext(context, message)
