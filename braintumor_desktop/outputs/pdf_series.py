"""The page of one series: where along it something is suspicious, its key slices, what is decided.

Figures stand with their denominators; nothing is averaged over slices, what is said of the series
is what its rule says, and nothing is said of a patient.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from heapq import heappush, heappushpop
from itertools import count

import numpy as np
from matplotlib.axes import Axes

from braintumor_desktop.domain.answer import NO_TUMOUR
from braintumor_desktop.domain.decision import Decision
from braintumor_desktop.domain.image import DicomIdentifiers
from braintumor_desktop.domain.result import FileResult
from braintumor_desktop.domain.series_answer import SeriesAnswer
from braintumor_desktop.inference.bundle import BundleDescription
from braintumor_desktop.inference.measured import measured_elsewhere
from braintumor_desktop.inference.series import SeriesRule, statement, suspicious_from
from braintumor_desktop.outputs.pdf_fonts import Fonts
from braintumor_desktop.outputs.pdf_page import LINE, QUIET, Facts, Page
from braintumor_desktop.outputs.pdf_slice import decided, draw_original
from braintumor_desktop.rendering.palette import class_colour
from braintumor_desktop.rendering.slice_picture import SlicePicture
from braintumor_desktop.screening.pipeline import Screened
from braintumor_desktop.text import _, answers, isolated, ngettext, worklist_words
from braintumor_desktop.text.numbers import day, integer, percent
from braintumor_desktop.text.reading import sentence
from braintumor_desktop.text.series_words import (
    series_counts,
    series_headline,
    slices,
    why_not_answered,
)

KEY_SLICES = 3
_MOST_DECISIONS = 12

_numbers = count()  # ties of the heap: pictures are not compared


@dataclass(frozen=True, slots=True)
class _Slice:
    """What the strip shows of a slice; `tumour` is None where it is not usable."""

    number: int
    position_mm: float | None
    tumour: float | None
    suspicious: bool


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision, and who made it when, as it is printed; empty where that is not known."""

    decision: Decision
    by: str = ""


@dataclass(eq=False)
class SeriesSummary:
    """What a page says of a series, gathered slice by slice; pixels are kept of key slices only.

    `name` is the folder of files that belong to no series, else empty. `rule` is by what a series
    is judged, `decided` what is decided about it as a whole, and by whom.
    """

    name: str
    rule: SeriesRule | None = None
    identifiers: DicomIdentifiers | None = None
    sequence: str = ""
    decided: Decided | None = None
    slices: list[_Slice] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    warned: Counter[str] = field(default_factory=Counter)
    withheld: Counter[str] = field(default_factory=Counter)
    decisions: list[tuple[str, Decided]] = field(default_factory=list)
    key: list[tuple[float, int, FileResult, SlicePicture]] = field(default_factory=list)
    middle: tuple[FileResult, SlicePicture] | None = None

    def add(self, screened: Screened) -> None:
        """Take a slice of the series."""
        row = screened.result
        self.identifiers = self.identifiers or row.identifiers
        if screened.decision != Decision():
            told = Decided(screened.decision, screened.decided_by)
            self.decisions.append((worklist_words.file_name(row), told))
        if row.reason is not None:
            self.refused[sentence(row.reason)] += 1
            self.slices.append(_Slice(row.number, row.position_mm, None, False))
            return
        self.warned.update(sentence(warning) for warning in row.warnings)
        self.sequence = self.sequence or row.sequence
        usable = not row.unlike_training
        if not usable:
            self.withheld[answers.abstention(row)] += 1
        tumour = row.tumour_probability if usable else None
        suspicious = tumour is not None and tumour >= suspicious_from(self.rule)
        self.slices.append(_Slice(row.number, row.position_mm, tumour, suspicious))
        if screened.picture is None:
            return
        self.middle = self.middle or (row, screened.picture)
        if suspicious and tumour is not None:
            entry = (tumour, next(_numbers), row, screened.picture)
            if len(self.key) < KEY_SLICES:
                heappush(self.key, entry)
            else:
                heappushpop(self.key, entry)

    @property
    def answer(self) -> SeriesAnswer:
        """The counts, and of a series what its rule says of the whole, as in the window."""
        usable = [one.tumour is not None for one in self.slices]
        rule = self.rule if self.identifiers is not None else None
        return statement(usable, sum(one.suspicious for one in self.slices), rule)

    def in_order(self) -> list[_Slice]:
        """The slices by position, where all have one, else as they came."""
        if all(one.position_mm is not None for one in self.slices):
            return sorted(self.slices, key=lambda one: (one.position_mm or 0.0, one.number))
        return self.slices


def series_page(
    summary: SeriesSummary, fonts: Fonts, description: BundleDescription, *, patient_data: bool
) -> Page:
    """Return the page of a series, or of a folder's files that belong to none."""
    dicom = summary.identifiers
    page = Page(fonts, _("Brain MRI series") if dicom is not None else _("Brain MRI slices"))
    if dicom is None:
        page.named(_("Folder {name}").format(name=isolated(summary.name or ".")))
    elif patient_data:
        page.patient(dicom)
    page.facts(_about(summary))
    answer = summary.answer
    if dicom is not None:
        page.headline(series_headline(answer))
        if answer.reason:
            page.paragraph(why_not_answered(answer.reason))
    page.paragraph(series_counts(answer))
    _strip(page, summary)
    _key_slices(page, summary)
    page.facts(_said(summary, description))
    return page


def _about(summary: SeriesSummary) -> Facts:
    dicom, facts = summary.identifiers, [(_("Slices"), slices(len(summary.slices)))]
    if dicom is None:
        return facts
    named = (
        (_("Study"), day(dicom.study_date)),
        (_("Series"), dicom.series_description),
        (_("Modality"), dicom.modality),
    )
    return [(title, isolated(value)) for title, value in named if value] + facts


def _strip(page: Page, summary: SeriesSummary) -> None:
    """A line for each slice: as high as a tumour is probable, grey where it is not usable."""
    height = 0.09
    page.y -= 0.02
    title = _("Probability of any tumour, slice by slice in order; grey: not usable")
    axes = page.axes(0.12, page.y - height, 0.8, height, title)
    page.y -= height + 0.02
    ordered = summary.in_order()
    places = np.arange(len(ordered))
    for chosen, colour in ((True, class_colour("glioma")), (False, QUIET)):
        own = [place for place, one in enumerate(ordered) if one.tumour is not None
               and one.suspicious is chosen]  # fmt: skip
        heights = [ordered[place].tumour or 0.0 for place in own]
        axes.vlines(places[own], 0, heights, colors=colour, linewidth=_line(page, len(ordered)))
    left = [place for place, one in enumerate(ordered) if one.tumour is None]
    axes.vlines(places[left], 0, 1, colors=LINE, linewidth=_line(page, len(ordered)))
    _quiet(axes, len(ordered))
    page.describe(axes, f"{title}. {series_counts(summary.answer)}")


def _line(page: Page, count: int) -> float:
    """As wide, in points, as there is room for each slice."""
    return max(0.2, 0.7 * 0.8 * float(page.figure.get_figwidth()) * 72 / max(count, 12))


def _quiet(axes: Axes, count: int) -> None:
    axes.set(xlim=(-0.5, max(count, 12) - 0.5), ylim=(0, 1), xticks=[], yticks=[0, 0.5, 1])
    axes.set_yticklabels([percent(share) for share in (0, 0.5, 1)])
    axes.tick_params(length=0, labelsize=7, labelcolor=QUIET)
    for name, side in axes.spines.items():
        side.set(color=LINE, visible=name == "bottom")


def _key_slices(page: Page, summary: SeriesSummary) -> None:
    chosen = [(row, picture) for _share, _n, row, picture in sorted(summary.key, reverse=True)]
    if not chosen and summary.middle is not None:
        chosen = [summary.middle]
    if not chosen:
        return
    height = 0.2
    page.y -= 0.015
    for place, (row, picture) in enumerate(chosen):
        told = not row.unlike_training
        title = worklist_words.file_name(row).rsplit("/", 1)[-1]
        axes = page.axes(0.08 + 0.285 * place, page.y - height, 0.27, height, title)
        draw_original(axes, picture, row.label if told and row.label != NO_TUMOUR else "")
        page.describe(axes, f"{title}: {answers.finding(row)}")
    page.y -= height + 0.01
    said = [
        _("{file}: {answer}, {percent}").format(
            file=isolated(worklist_words.file_name(row).rsplit("/", 1)[-1]),
            answer=answers.finding(row),
            percent=percent(row.probability),
        )
        for row, _picture in chosen
        if not row.unlike_training
    ]
    if said:
        page.paragraph("; ".join(said))


def _said(summary: SeriesSummary, description: BundleDescription) -> Facts:
    facts: Facts = []
    for title, counted in (
        (_("Not usable"), summary.withheld),
        (_("No answer"), summary.refused),
        (_("Warnings"), summary.warned),
    ):
        for words, times in counted.most_common(3):
            facts.append((title, _times(words, times)))
    facts += _decisions(summary)
    held = answers.measured_on(measured_elsewhere(description), summary.sequence)
    facts += [(_("Limits"), _limits(summary)), ("", held)]
    facts += [(_("Model"), description.name), ("", f"SHA-256 {description.sha256}")]
    return facts


def _decisions(summary: SeriesSummary) -> Facts:
    """What is decided of the whole, then slice by slice, and by whom."""
    facts: Facts = []
    if summary.decided is not None:
        facts.append((_("Decision on the series"), _decided(summary.decided)))
    shown = summary.decisions[:_MOST_DECISIONS]
    for name, one in shown:
        words = _("{file}: {decision}").format(file=isolated(name), decision=_decided(one))
        facts.append((_("Decision"), words))
    if len(summary.decisions) > len(shown):
        more = len(summary.decisions) - len(shown)
        words = _("{count} more decisions are in the table.").format(count=integer(more))
        facts.append((_("Decision"), words))
    return facts or [(_("Decision"), _("Nobody has decided yet."))]


def _decided(one: Decided) -> str:
    parts = (decided(one.decision), isolated(one.by), one.decision.comment)
    return " ".join(part for part in parts if part)


def _limits(summary: SeriesSummary) -> str:
    if summary.identifiers is None or summary.answer.reason:
        return _(
            "Every slice was judged on its own. Nothing is said here of the whole series or "
            "of the patient. What is not flagged is not a normal finding."
        )
    return _(
        "What is said of the series goes by the share of its usable slices that are suspicious. "
        "Nothing is said here of the patient. What is not flagged is not a normal finding."
    )


def _times(words: str, times: int) -> str:
    said = ngettext("{count} slice: {words}", "{count} slices: {words}", times)
    return said.format(count=integer(times), words=words)
