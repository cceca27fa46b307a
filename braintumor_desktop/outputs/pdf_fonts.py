"""Which characters the report can show, how wide, and what it says of those that no font has.

matplotlib brings one font and prints a box for what that lacks: two names of boxes are the same.
"""

from __future__ import annotations

from contextlib import suppress
from itertools import accumulate, takewhile

from matplotlib.font_manager import FontProperties, findfont, fontManager, get_font
from matplotlib.ft2font import FT2Font, LoadFlags

_OWN = "DejaVu Sans"
_PLAIN = {"style": "normal", "weight": 400, "stretch": "normal"}
_BOXES = ("Last Resort", "Emoji")  # the one has a box for everything, the other pictures in colour
_TRUETYPE = (1, 0)  # version of the table "maxp"; matplotlib embeds others against the standard
_JOINING = frozenset("\u00a0\u202f")  # spaces at which no line ends: between number and unit
_ISOLATES = frozenset("\u2068\u2069")  # of `text.isolated`: seen by what lays out, not by people
_NOTE = r"(\…: characters that this font lacks)"


class Fonts:
    """matplotlib's own font, and those of the system that texts have needed beside it."""

    def __init__(self) -> None:
        self.families = [_OWN]
        self._fonts = [_printing(_OWN)]
        self._lacking: set[str] = set()
        self._advances: dict[str, float] = {}

    def shown(self, text: str) -> str:
        r"""`text` as `families` have it: what none has by number, as `\u5c71`, and said so."""
        text = "".join(" " if one.isspace() and one not in _JOINING else one for one in text)
        kept = _ISOLATES | _JOINING
        seen = "".join(one if one in kept or self._has(one) else ascii(one)[1:-1] for one in text)
        return text if seen == text else f"{seen} {_NOTE}"

    def width(self, text: str) -> float:
        """How wide a text that is `shown` is, in em.

        Without what letters do to each other: those that join are narrower, and kerning makes the
        worst pairs (as in -Q-Q-Q) 6 % wider.
        """
        return sum(map(self._advance, text))

    def fitting(self, text: str, room: float) -> int:
        """How many of the first characters of `text` have room, in em."""
        ends = accumulate(map(self._advance, text))
        return sum(1 for _ in takewhile(lambda end: end <= room, ends))

    def _advance(self, character: str) -> float:
        if character in _ISOLATES:
            return 0.0
        if character not in self._advances:
            having = (font for font in self._fonts if font.get_char_index(ord(character)))
            font = next(having, self._fonts[0])
            glyph = font.load_char(ord(character), LoadFlags.NO_SCALE)
            self._advances[character] = glyph.horiAdvance / font.units_per_EM
        return self._advances[character]

    def _has(self, character: str) -> bool:
        if not character.isprintable() or character in self._lacking:
            return False
        if any(font.get_char_index(ord(character)) for font in self._fonts):
            return True
        if self._look_for(character):
            return True
        self._lacking.add(character)
        return False

    def _look_for(self, character: str) -> bool:
        """Take the first of the system's fonts that has it."""
        for entry in fontManager.ttflist:
            plain = all(getattr(entry, name) == value for name, value in _PLAIN.items())
            if not plain or any(w in entry.name for w in _BOXES):
                continue
            with suppress(OSError, RuntimeError):  # gone since it was listed, or damaged
                if not get_font(entry.fname).get_char_index(ord(character)):
                    continue
                font = _printing(entry.name)  # may be another file, or another one in this file
                table = font.get_sfnt_table("maxp")
                if table and table["version"] == _TRUETYPE and font.get_char_index(ord(character)):
                    self.families.append(entry.name)
                    self._fonts.append(font)
                    return True
        return False


def _printing(family: str) -> FT2Font:
    """What matplotlib prints a family with."""
    return get_font(findfont(FontProperties(family=[family])))
