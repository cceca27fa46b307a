"""Which characters the report can show, and what it says of those that no font has.

matplotlib brings one font and prints a box for what that lacks: two names of boxes are the same.
"""

from __future__ import annotations

from contextlib import suppress

from matplotlib.font_manager import FontProperties, findfont, fontManager, get_font

_OWN = "DejaVu Sans"
_PLAIN = {"style": "normal", "weight": 400, "stretch": "normal"}
_BOXES = ("Last Resort", "Emoji")  # the one has a box for everything, the other pictures in colour
_TRUETYPE = (1, 0)  # version of the table "maxp"; matplotlib embeds others against the standard
_NOTE = r"(\…: characters that this font lacks)"


class Fonts:
    """matplotlib's own font, and those of the system that texts have needed beside it."""

    def __init__(self) -> None:
        self.families = [_OWN]
        self._fonts = [get_font(findfont(FontProperties(family=[_OWN])))]
        self._lacking: set[str] = set()

    def shown(self, text: str) -> str:
        r"""`text` as `families` have it: what none has by number, as `\u5c71`, and said so."""
        text = "".join(" " if one.isspace() else one for one in text)
        seen = "".join(one if self._has(one) else ascii(one)[1:-1] for one in text)
        return text if seen == text else f"{seen} {_NOTE}"

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
                font = get_font(entry.fname)
                table = font.get_sfnt_table("maxp")
                if table and table["version"] == _TRUETYPE and font.get_char_index(ord(character)):
                    self.families.append(entry.name)
                    self._fonts.append(font)
                    return True
        return False
