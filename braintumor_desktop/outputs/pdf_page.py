"""One page of the report: its paper, its head and foot, and text that stays on it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from unicodedata import bidirectional

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from braintumor_desktop.domain.image import DicomIdentifiers
from braintumor_desktop.outputs.pdf_fonts import Fonts
from braintumor_desktop.outputs.pdf_tags import Tag
from braintumor_desktop.text import _, answers, isolated
from braintumor_desktop.text.bidi import without_isolates
from braintumor_desktop.text.language import current
from braintumor_desktop.text.numbers import day

A4_INCHES, LETTER_INCHES = (8.27, 11.69), (8.5, 11.0)
INK, QUIET, LINE = "#15171b", "#5d646e", "#c9cdd3"
POINTS = 9
STYLE: dict[Any, Any] = {"pdf.fonttype": 42, "font.size": POINTS, "text.parse_math": False}
LEFT, RIGHT, BOTTOM = 0.08, 0.92, 0.06  # shares of the page
_INDENT = 0.22
_LINE_HEIGHT, _GAP = 0.0145, 0.006
_LAST = "last"  # the gid of what is read at the end

Facts = list[tuple[str, str]]
"""Titles with what is said below them."""


class Page:
    """A page that grows from its top: `y` is where the next thing goes, a share of the height."""

    def __init__(self, fonts: Fonts, title: str) -> None:
        self.figure = Figure(figsize=LETTER_INCHES if current().letter_paper else A4_INCHES)
        self._fonts = fonts
        self._tags: dict[str, Tag] = {}
        self._text(LEFT, 0.945, title, "H1", size=16, color=INK)
        self._text(RIGHT, 0.945, day(date.today()), "P", ha="right", color=QUIET)
        last = f"{answers.disclaimer()}."
        self.figure.text(LEFT, 0.04, last, weight="bold", color=INK, gid=_LAST)
        self.y = 0.932

    @property
    def tags(self) -> dict[str, Tag]:
        """What the page's parts are, by their gids, in the order in which they are read."""
        return {**self._tags, _LAST: Tag("P")}

    def whose(self, number: int, count: int) -> None:
        """Say at the top which of the report's patients it is about, who are not named."""
        said = _("Patient {number} of {count}, not named").format(number=number, count=count)
        self._text(RIGHT, 0.922, said, "P", ha="right", color=INK)

    def headline(self, text: str) -> None:
        """What is said of the whole, in large letters."""
        shown = self._fonts.shown(text)
        self.y -= 2 * _GAP
        self._text(LEFT, self.y, shown, "H2", size=13, color=INK, va="top")
        self.y -= 1.8 * _LINE_HEIGHT

    def named(self, text: str) -> None:
        """Two lines at most, of what is long the beginning and the end."""
        self._put(LEFT, self._name_lines(text), QUIET)
        self.y -= _GAP

    def patient(self, dicom: DicomIdentifiers) -> None:
        """Who it is: each on a line of its own, where nothing beside it turns an identifier."""
        for title, value in (
            (_("Patient"), dicom.patient_name),
            (_("Identifier"), dicom.patient),
            (_("Series"), dicom.series_instance_uid),
        ):
            self._put(LEFT, self._lines(LEFT, f"{title} {isolated(value) or '?'}", 3), QUIET)
        self.y -= _GAP

    def paragraph(self, text: str, *, most: int = 4) -> None:
        """Whole words over the page's width."""
        self._put(LEFT, self._lines(LEFT, text, most), INK)
        self.y -= _GAP

    def facts(self, facts: Facts) -> None:
        """Titles and words down to the foot; what is long leaves a line for each that follows."""
        for after, (title, words) in zip(range(len(facts) - 1, -1, -1), facts, strict=True):
            room = self.y - BOTTOM - after * (_GAP + _LINE_HEIGHT)
            lines = self._lines(_INDENT, words, max(1, int(room / _LINE_HEIGHT)))
            own = {"family": self._fonts.families, "va": "top", "linespacing": 1.3}
            self._text(LEFT, self.y, title, "Lbl", color=QUIET, **own)
            self._put(_INDENT, lines, INK, "LBody")
            self.y -= _GAP

    def axes(self, left: float, bottom: float, width: float, height: float, title: str) -> Axes:
        """Axes with a quiet title over them."""
        axes = self.figure.add_axes((left, bottom, width, height))
        shown, families = self._fonts.shown(title), self._fonts.families
        room = width * self.figure.get_figwidth() * 72 / POINTS
        shown = shown[: self._fonts.fitting(shown, room)]
        axes.set_title(shown, size=POINTS, color=QUIET, loc="left", family=families)
        self.describe(axes, title)
        return axes

    def describe(self, axes: Axes, words: str) -> None:
        """Say what a picture shows, for who hears the page."""
        gid = axes.get_gid() or str(len(self._tags))
        axes.set_gid(gid)
        self._tags[gid] = Tag("Figure", without_isolates(words))

    def _text(self, x: float, y: float, words: str, role: str, **look: Any) -> None:
        gid = str(len(self._tags))
        self._tags[gid] = Tag(role)
        self.figure.text(x, y, words, gid=gid, **look)

    def _put(self, x: float, lines: Sequence[str], colour: str, role: str = "P") -> None:
        # What is copied out of the report shall not carry what nobody sees, where nothing turns.
        turning = any(bidirectional(one) in ("R", "AL", "AN") for line in lines for one in line)
        words = "\n".join(lines if turning else map(without_isolates, lines))
        families = self._fonts.families
        look = {"family": families, "color": colour, "va": "top", "linespacing": 1.3}
        self._text(x, self.y, words, role, **look)
        self.y -= _LINE_HEIGHT * len(lines)

    def _lines(self, x: float, text: str, most: int) -> list[str]:
        """At most so many lines of whole words, from `x` to the right margin."""
        room, tail = self._ems(x), ""
        lines: list[str] = []
        rest = self._fonts.shown(text).strip()
        while rest and not tail:
            end = self._fonts.fitting(rest, room)
            if end < len(rest):
                if len(lines) + 1 == most:
                    tail = " " + _("… (cut here; the table has all of it)")
                    end = self._fonts.fitting(rest, room - self._fonts.width(tail))
                space = rest.rfind(" ", 0, end + 1)
                end = space if space > 0 else max(1, end)
            # The space stays, so that who hears the page does not hear two words as one.
            kept = " " if rest[end : end + 1] == " " and not tail else ""
            lines.append(rest[:end].rstrip() + tail + kept)
            rest = rest[end:].lstrip()
        return lines

    def _name_lines(self, text: str) -> list[str]:
        room = self._ems(LEFT)
        name = " ".join(self._fonts.shown(text).split())
        end = self._fonts.fitting(name, room)
        if self._fonts.width(name[end:]) <= room:
            return [name[:end], name[end:]] if name[end:] else [name]
        end = self._fonts.fitting(name, room - self._fonts.width(" …"))
        return [f"{name[:end]} …", name[-self._fonts.fitting(name[::-1], room) :]]

    def _ems(self, x: float) -> float:
        """The room from `x` to the right margin, in em."""
        # A little less than there is: kerning makes the worst pairs wider than `Fonts.width` says.
        return 0.97 * (RIGHT - x) * float(self.figure.get_figwidth()) * 72 / POINTS


def bare(axes: Axes) -> None:
    """Take frame and ticks away, and let the picture stand at the top left."""
    axes.set_anchor("NW")
    axes.set_axis_off()
