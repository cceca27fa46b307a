"""Names and identifiers inside sentences: each reads as it stands, whatever stands beside it."""

from __future__ import annotations

from unicodedata import bidirectional, category

_FSI, _PDI = "\u2068", "\u2069"
_TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def visible(text: str) -> str:
    r"""Return `text` with what cannot be seen by number, as `\udcfc`.

    What is no text, as file names on Linux need not be, Qt would leave out: two names would look
    alike. What changes the direction of reading would let one end with another's suffix.
    """
    return "".join(ascii(one)[1:-1] if _unseen(one) else one for one in text)


def _unseen(one: str) -> bool:
    return category(one) in ("Cc", "Cs", "Zl", "Zp") or one in _TURNING


def isolated(text: str) -> str:
    """Return a name, identifier or file name as it goes into a line: visible, and isolated.

    Between FIRST STRONG ISOLATE and POP DIRECTIONAL ISOLATE (UAX #9, 2.4.2) neither an Arabic name
    before it nor one behind it turns `12-345` into `345-12`. Text that reads from left to right
    whatever stands beside it, as `T1` or `slice 7.png`, gets none.
    """
    seen = visible(text)
    return seen if not seen or _steady(seen) else f"{_FSI}{seen}{_PDI}"


def without_isolates(text: str) -> str:
    """Return `text` for a terminal, which knows neither directions nor hard spaces."""
    return text.replace(_FSI, "").replace(_PDI, "").replace("\u00a0", " ")


def _steady(text: str) -> bool:
    """Whether it begins with a left-to-right letter, has no others, and ends in letter or digit.

    Digits behind a left-to-right letter read with it (rule W7); signs at the end might not.
    """
    kinds = [bidirectional(one) for one in text]
    return not {"R", "AL", "AN"} & set(kinds) and kinds[0] == "L" and kinds[-1] in ("L", "EN")
