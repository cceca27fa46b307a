"""The colours that carry meaning, told apart with any colour vision, on screen and on paper.

Okabe and Ito's palette (https://jfly.uni-koeln.de/color/). Its sky blue is the window's accent, so
that no class wears it. A word always stands beside a colour.
"""

from __future__ import annotations

from braintumor_desktop.domain.answer import NO_TUMOUR

SUSPICIOUS = "#e69f00"
"""What the network finds suspicious, whatever it is; of the classes glioma's."""

CLASS_COLOURS = {
    "glioma": SUSPICIOUS,
    "meningioma": "#cc79a7",
    "pituitary": "#f0e442",
    NO_TUMOUR: "#6f7782",
}
"""By class, as `#rrggbb`. Nothing flagged is grey, never green: it is not a normal finding."""

QUIET = "#9ba3ae"
"""The grey of a class that this app does not know, and of all that has no meaning of its own."""

MEASURED = "#7be0c3"
"""What a person measured, on the pictures; unlike every class and the heat map."""

SIDES = "#f0e442"
"""The letters of the patient's sides, on the pictures."""

# The upper part of matplotlib's "inferno" (CC0): lightness rises evenly, in print and without
# colour vision alike. The darkest part is left out, since it would only dim the anatomy.
HEAT_COLOURS = ("#4a0c6b", "#781c6d", "#a52c60", "#cf4446", "#ed6925", "#fb9b06", "#f7d13d")


def class_colour(name: str) -> str:
    """Return the colour of a class, as `#rrggbb`."""
    return CLASS_COLOURS.get(name, QUIET)


def rgb(colour: str) -> tuple[int, int, int]:
    """Return red, green and blue of `#rrggbb`, each from 0 to 255."""
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return red, green, blue
