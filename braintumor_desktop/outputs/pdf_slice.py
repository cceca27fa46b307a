"""The page of one slice: what it is, what the network said, what a person decided."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from braintumor_desktop.domain.decision import Decision
from braintumor_desktop.domain.result import FileResult
from braintumor_desktop.inference.bundle import BundleDescription
from braintumor_desktop.outputs.pdf_fonts import Fonts
from braintumor_desktop.outputs.pdf_page import INK, LINE, Facts, Page, bare
from braintumor_desktop.rendering.orientation import EdgeLetters
from braintumor_desktop.rendering.palette import MEASURED, SIDES, class_colour
from braintumor_desktop.rendering.slice_picture import SlicePicture
from braintumor_desktop.screening.pipeline import Screened
from braintumor_desktop.text import _, answers, isolated, worklist_words
from braintumor_desktop.text.card_summary import judged
from braintumor_desktop.text.numbers import decimal, percent
from braintumor_desktop.text.reading import sentence

# Behind letters on a picture: edges of their own would make shapes of them, which nobody can read
# aloud or search for.
_DARK = {"facecolor": "black", "alpha": 0.6, "linewidth": 0, "pad": 1}


def slice_page(
    screened: Screened, fonts: Fonts, description: BundleDescription, *, patient_data: bool
) -> Page:
    """Return the page of a slice, or of a file without an answer.

    Of a slice unlike the training data it shows no class, no bars, no outline and no heat map.
    """
    row, picture = screened.result, screened.picture
    page = Page(fonts, _("Brain MRI slice"))
    page.named(_("File {name}").format(name=isolated(worklist_words.file_name(row))))
    if patient_data and row.identifiers is not None:
        page.patient(row.identifiers)
    said = [(_("Answer"), _without_answer(row))]
    model: Facts = []
    page.y = min(page.y, 0.87)
    if row.answered and picture is not None:
        told = not row.unlike_training
        _pictures(page, picture, row.label if told else "")
        if told:
            bars = page.axes(0.26, 0.37, 0.58, 0.12, _("Probabilities"))
            page.describe(bars, _bars(bars, row))
        said, model, page.y = _answer(row), _model(description), 0.32 if told else 0.48
    comment = [(_("Comment"), screened.decision.comment)] if screened.decision.comment else []
    by = f"{decided(screened.decision)} {isolated(screened.decided_by)}".strip()
    # The comment last, as it may be too long for the page.
    page.facts([*said, *screened.noted, (_("Decision"), by), *model, *comment])
    return page


def decided(decision: Decision) -> str:
    """A decision as a sentence."""
    words = {
        "agree": _("A person agreed: {class_name}."),
        "disagree": _("A person disagreed and says: {class_name}."),
        "unsure": _("A person looked and is unsure."),
    }
    said = words.get(decision.verdict, _("Nobody has decided yet."))
    return said.format(class_name=answers.class_name(decision.class_name))


def _without_answer(row: FileResult) -> str:
    reason = sentence(row.reason) if row.reason is not None else ""
    return _("There is no answer. {reason}").format(reason=reason).strip()


def _answer(row: FileResult) -> Facts:
    facts = [
        (_("Answer"), answers.headline(row, row.warnings)),
        ("", answers.explanation(row, row.warnings)),
        (_("Certainty"), answers.possible(row)),
    ]
    if row.area_mm2 and not row.unlike_training:
        facts.append((_("Outline"), answers.outlined_area(row.area_mm2)))
    if row.position_mm is not None:
        place = _("{position} mm along the series").format(position=decimal(row.position_mm, 1))
        facts.append((_("Position"), place))
    return facts + [(_("Warning"), sentence(warning)) for warning in row.warnings]


def _model(description: BundleDescription) -> Facts:
    figures = " ".join(judged(description.metrics))
    return [
        # Two lines: in one, the hash would be broken.
        (_("Model"), description.name),
        ("", f"SHA-256 {description.sha256}"),
        (_("Its figures"), figures or _("The bundle has no figures.")),
    ]


def _pictures(page: Page, picture: SlicePicture, label: str) -> None:
    """The original and what the network saw; outline and heat map where `label` is said."""
    title = _("Original, with the network's outline") if label else _("Original")
    draw_original(page.axes(0.08, 0.53, 0.4, 0.31, title), picture, label)
    title = _("What the network sees")
    if label and picture.heat is not None:
        title = _("What the network sees; evidence for {class_name}").format(
            class_name=answers.class_in_text(picture.suspect)
        )
    seen = page.axes(0.52, 0.53, 0.4, 0.31, title)
    size = picture.prepared.shape[0]
    extent = (0, size, size, 0)
    seen.imshow(picture.prepared, "gray", vmin=0, vmax=255, extent=extent)
    heat = picture.heat_rgba() if label else None
    if heat is not None:
        seen.imshow(heat, extent=extent, interpolation="bilinear")
    _letters(seen, picture.letters)
    bare(seen)


def draw_original(axes: Axes, picture: SlicePicture, label: str) -> None:
    """The slice in its window, with the outline where `label` is a class that is said."""
    height, width = picture.original.shape
    axes.imshow(picture.original, "gray", vmin=0, vmax=255, extent=(0, width, height, 0))
    for polygon in picture.outline if label else ():
        closed = np.vstack([polygon, polygon[:1]])
        axes.plot(*closed.T, color=class_colour(picture.suspect), linewidth=1.2)
    for line in picture.measured:
        marker = "+" if len(line) <= 3 else ""  # the ends of lengths and angles, not of an ellipse
        axes.plot(*line.T, color=MEASURED, linewidth=1.0, marker=marker, markersize=4)
    axes.set(xlim=(0, width), ylim=(height, 0))
    _letters(axes, picture.letters)
    bare(axes)


def _letters(axes: Axes, letters: EdgeLetters) -> None:
    """Where the edges lead in the patient; said, where the file does not say."""
    where = [
        (letters.left, 0.03, 0.5, 8),
        (letters.right, 0.97, 0.5, 8),
        (letters.top, 0.5, 0.96, 8),
        (letters.bottom, 0.5, 0.04, 8),
    ]
    if not letters:
        where = [(_("Side not marked"), 0.5, 0.97, 6)]
    for words, x, y, size in where:
        axes.text(
            x, y, words, transform=axes.transAxes, color=SIDES, size=size,
            ha="center", va="center", bbox=_DARK,
        )  # fmt: skip


def _bars(axes: Axes, row: FileResult) -> str:
    """Draw the probabilities; returns them in words, the most probable first."""
    ranked = sorted(row.probabilities, key=lambda item: item[1])
    axes.barh(
        [answers.class_name(name) for name, _share in ranked],
        [share for _name, share in ranked],
        color=[class_colour(name) for name, _share in ranked],
        height=0.6,
    )
    for line, (_name, share) in enumerate(ranked):
        axes.text(min(share, 1.0) + 0.01, line, percent(share), va="center", color=INK)
    axes.set(xlim=(0, 1.0), xticks=[])
    axes.tick_params(length=0)
    for name, side in axes.spines.items():
        side.set(color=LINE, visible=name == "left")
    said = [f"{answers.class_name(name)} {percent(share)}" for name, share in reversed(ranked)]
    return ", ".join((_("Probabilities"), *said))
