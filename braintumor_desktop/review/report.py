"""The PDF report: a page for every slice, drawn by matplotlib, text and plots as vectors.

Without Qt, so that the command line makes it too. matplotlib takes a second to import: whoever
wants a report imports this module then.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from textwrap import fill, wrap
from types import TracebackType
from typing import Any, Self

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.figure import Figure

from braintumor_desktop import __version__
from braintumor_desktop.errors import BraintumorError, FileAccessError
from braintumor_desktop.imaging.slice import DicomIdentifiers
from braintumor_desktop.inference.classifier import Classifier
from braintumor_desktop.inference.prediction import Prediction
from braintumor_desktop.review.answer import Answer, answer_file
from braintumor_desktop.review.batch import Row
from braintumor_desktop.review.records import Decision

DISCLAIMER = "Research and education; not a medical device; not for diagnosis on its own."
A4_INCHES = (8.27, 11.69)
NAMES = {
    "glioma": "Glioma",
    "meningioma": "Meningioma",
    "pituitary": "Pituitary tumour",
    "notumor": "No tumour",
}
# The window's colours (Okabe and Ito), on paper.
_COLOURS = {
    "glioma": "#e69f00",
    "meningioma": "#cc79a7",
    "pituitary": "#f0e442",
    "notumor": "#009e73",
}
_INK, _QUIET, _LINE = "#15171b", "#5d646e", "#c9cdd3"
_STYLE: dict[Any, Any] = {"pdf.fonttype": 42, "font.size": 9, "text.parse_math": False}
_FIGURES = 8  # of the model, at most
_LINE_HEIGHT, _BOTTOM = 0.0145, 0.06  # shares of the page
_CUT = "… (cut here; the table has all of it)"


class Report:
    """A PDF that grows by a page for every slice; complete once the block ends."""

    def __init__(self, path: Path, classifier: Classifier, *, patient_data: bool = False) -> None:
        """Write to `path`; identifiers of the patient only with `patient_data`."""
        self._classifier = classifier
        self._patient_data = patient_data
        with matplotlib.rc_context(_STYLE):
            self._pages = PdfPages(
                path, metadata={"Title": "Brain MRI slices", "Creator": _creator()}
            )
        self._empty = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with matplotlib.rc_context(_STYLE):  # fonts are written at the end
            if self._empty:
                figure = Figure(figsize=A4_INCHES)
                figure.text(0.08, 0.92, "There is no answered slice to report on.")
                self._save(figure)
            self._pages.close()  # type: ignore[no-untyped-call]

    def add(self, row: Row, decision: Decision) -> None:
        """A page for one row; a slice that cannot be read (any more) gets its reason."""
        with matplotlib.rc_context(_STYLE):
            figure = Figure(figsize=A4_INCHES)
            self._head(figure, row)
            try:
                answer = answer_file(row.path, self._classifier)
                if answer.slice.source.sha256 != row.content:
                    raise FileAccessError("The file has changed since it was answered.")
            except BraintumorError as error:
                figure.text(0.08, 0.86, fill(f"There is no answer. {error}", 90), va="top")
            else:
                _pictures(figure, answer)
                _bars(figure.add_axes((0.26, 0.37, 0.58, 0.12)), answer)
                self._facts(figure, answer, decision)
            self._save(figure)

    def _save(self, figure: Figure) -> None:
        figure.text(0.08, 0.04, DISCLAIMER, weight="bold", color=_INK)
        self._pages.savefig(figure)  # type: ignore[no-untyped-call]
        self._empty = False

    def _head(self, figure: Figure, row: Row) -> None:
        name = row.name.encode("utf-8", "replace").decode()
        figure.text(0.08, 0.945, "Brain MRI slice", size=16, color=_INK)
        figure.text(0.92, 0.945, date.today().isoformat(), ha="right", color=_QUIET)
        figure.text(0.08, 0.925, fill(f"File {name}", 100), color=_QUIET, va="top")
        dicom = row.outcome.identifiers
        if self._patient_data and dicom is not None:
            figure.text(0.08, 0.895, _patient(dicom), color=_QUIET, va="top")

    def _facts(self, figure: Figure, answer: Answer, decision: Decision) -> None:
        prediction = answer.prediction
        facts = [
            ("Answer", f"{_name(prediction.label)}, {_percent(prediction.ranked[0][1])}"),
            ("Certainty", _certainty(prediction)),
        ]
        if prediction.area_mm2 is not None and prediction.outline:
            facts.append(("Outline", f"{prediction.area_mm2:,.0f} mm² by the network's outline."))
        facts += [("Warning", str(warning)) for warning in answer.slice.warnings]
        facts.append(("Decision", _decision(decision)))
        description = self._classifier.description
        # Two lines: in one, a hash of wide letters runs off the page.
        facts += [("Model", description.name), ("", f"SHA-256 {description.sha256}")]
        figures = list(_leaves(description.metrics))[:_FIGURES]
        facts.append(("Its figures", "; ".join(figures) or "The bundle has no figures."))
        if decision.comment:  # the last, as it may be too long for the page
            facts.append(("Comment", decision.comment))
        y = 0.32
        for title, words in facts:
            room = max(1, int((y - _BOTTOM) / _LINE_HEIGHT))
            text = "\n".join(wrap(words, 92, max_lines=room, placeholder=f" {_CUT}"))
            figure.text(0.08, y, title, color=_QUIET, va="top")
            figure.text(0.2, y, text, color=_INK, va="top", linespacing=1.3)
            y -= 0.006 + _LINE_HEIGHT * (text.count("\n") + 1)


def _certainty(prediction: Prediction) -> str:
    """What is said beside the answer, as in the window."""
    if prediction.unlike_training:
        return "The slice is unlike those that the network was trained on: needs a look."
    if len(prediction.possible) > 1:
        possible = ", ".join(map(_name, prediction.possible))
        return f"Uncertain: needs a look. Cannot be excluded: {possible}."
    if prediction.improbable:
        return "Uncertain: needs a look. No class is probable enough to exclude the others."
    return "Every other class can be excluded by the network's own measure."


def _pictures(figure: Figure, answer: Answer) -> None:
    mri, prepared, prediction = answer.slice, answer.prepared, answer.prediction
    height, width = mri.pixels.shape
    rows_mm, columns_mm = mri.spacing_mm or (1.0, 1.0)
    original = figure.add_axes((0.08, 0.53, 0.4, 0.31))
    original.set_title("Original, with the network's outline", size=9, color=_QUIET, loc="left")
    low, high = np.percentile(mri.pixels, (0.5, 99.5))
    original.imshow(
        mri.pixels, "gray", vmin=low, vmax=max(high, low + 1e-9), extent=(0, width, height, 0),
        aspect=rows_mm / columns_mm, interpolation="bilinear",
    )  # fmt: skip
    for polygon in prediction.outline:
        closed = np.vstack([polygon, polygon[:1]])
        original.plot(*closed.T, color=_COLOURS.get(prediction.label, "white"), linewidth=1.2)
    original.set(xlim=(0, width), ylim=(height, 0))
    seen = figure.add_axes((0.52, 0.53, 0.4, 0.31))
    title = "What the network sees"
    if prediction.located:
        title += f"; evidence for {_name(prediction.suspect)}"
    seen.set_title(title, size=9, color=_QUIET, loc="left")
    extent = (0, prepared.size, prepared.size, 0)
    seen.imshow(prepared.pixels, "gray", vmin=0, vmax=1, extent=extent)
    if prediction.located:
        heat = np.clip(prediction.heat_map.values, 0, None)
        strength = heat / max(float(heat.max()), 1e-9)
        seen.imshow(
            strength,
            "inferno",
            vmin=0,
            vmax=1,
            extent=extent,
            interpolation="bicubic",
            alpha=np.asarray(0.7 * strength),
        )
    for axes in (original, seen):
        axes.set_anchor("NW")
        axes.set_axis_off()


def _bars(axes: Axes, answer: Answer) -> None:
    ranked = answer.prediction.ranked[::-1]
    axes.barh(
        [_name(name) for name, _ in ranked],
        [share for _, share in ranked],
        color=[_COLOURS.get(name, _QUIET) for name, _ in ranked],
        height=0.6,
    )
    for line, (_, share) in enumerate(ranked):
        axes.text(min(share, 1.0) + 0.01, line, _percent(share), va="center", color=_INK)
    axes.set(xlim=(0, 1.0), xticks=[])
    axes.set_title("Probabilities", size=9, color=_QUIET, loc="left")
    axes.tick_params(length=0)
    for name, side in axes.spines.items():
        side.set(color=_LINE, visible=name == "left")


def _name(label: str) -> str:
    return NAMES.get(label, label)


def _percent(share: float) -> str:
    """To whole percents, never rounded to certainty."""
    if 0.99 < share < 1:
        return "> 99 %"
    if 0 < share < 0.01:
        return "< 1 %"
    return f"{share:.0%}".replace("%", " %")


def _decision(decision: Decision) -> str:
    match decision.verdict:
        case "agree":
            return f"A person agreed: {_name(decision.class_name)}."
        case "disagree":
            return f"A person disagreed and says: {_name(decision.class_name)}."
        case "unsure":
            return "A person looked and is unsure."
        case _:
            return "Nobody has decided yet."


def _patient(dicom: DicomIdentifiers) -> str:
    return fill(
        f"Patient {dicom.patient_name or '?'}, {dicom.patient_id or '?'}; series "
        f"{dicom.series_instance_uid or '?'}",
        100,
    )


def _leaves(values: dict[str, Any], above: str = "") -> Iterator[str]:
    for name, value in values.items():
        if isinstance(value, dict):
            yield from _leaves(value, f"{above}{name} ")
        elif isinstance(value, int | float) and not isinstance(value, bool):
            yield f"{above}{name} {value:.4g}".replace("_", " ")


def _creator() -> str:
    return f"braintumor-desktop {__version__}"
