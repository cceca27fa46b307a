"""The PDF report: a page for every slice, drawn by matplotlib, text and plots as vectors.

Without Qt, so that the command line makes it too. matplotlib takes a second to import: whoever
wants a report imports this module then.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.figure import Figure

from braintumor_desktop import __version__
from braintumor_desktop.domain.answer import Prediction, SliceAnswer
from braintumor_desktop.domain.decision import Decision
from braintumor_desktop.domain.image import DicomIdentifiers, ReadWarning
from braintumor_desktop.domain.result import FileResult
from braintumor_desktop.errors import BraintumorError, FileAccessError
from braintumor_desktop.inference.classifier import Classifier
from braintumor_desktop.outputs.pdf_fonts import Fonts
from braintumor_desktop.screening.answer_file import answer_file

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
_POINTS = 9
_STYLE: dict[Any, Any] = {"pdf.fonttype": 42, "font.size": _POINTS, "text.parse_math": False}
_FIGURES = 8  # of the model, at most
_LINE_HEIGHT, _GAP, _RIGHT, _BOTTOM = 0.0145, 0.006, 0.92, 0.06  # shares of the page
_CUT = "… (cut here; the table has all of it)"

_Facts = list[tuple[str, str]]


class Report:
    """A PDF that grows by a page for every slice; complete once the block ends."""

    def __init__(self, path: Path, classifier: Classifier, *, patient_data: bool = False) -> None:
        """Write to `path`; identifiers of the patient only with `patient_data`."""
        self._classifier = classifier
        self._patient_data = patient_data
        self._fonts = Fonts()
        self._file = path.open("wb")
        with matplotlib.rc_context(_STYLE):
            self._pages = PdfPages(
                self._file, metadata={"Title": "Brain MRI slices", "Creator": _creator()}
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
        if error is not None:  # as on a full disk, where the end cannot be written either
            with suppress(OSError):
                self._file.close()
            return
        with self._file, matplotlib.rc_context(_STYLE):  # fonts are written at the end
            if self._empty:
                figure = Figure(figsize=A4_INCHES)
                figure.text(0.08, 0.92, "There is no answered slice to report on.")
                self._save(figure)
            self._pages.close()  # type: ignore[no-untyped-call]

    def add(self, row: FileResult, decision: Decision) -> None:
        """A page for one row; a slice that cannot be read (any more) gets its reason."""
        with matplotlib.rc_context(_STYLE):
            figure = Figure(figsize=A4_INCHES)
            self._head(figure, row)
            try:
                answer = answer_file(row.path, self._classifier)
                if answer.slice.source.sha256 != row.content:
                    raise FileAccessError(
                        "The file has changed since it was answered. What was decided is about "
                        "the file as it was."
                    )
            except BraintumorError as error:
                said, model, top = [("Answer", f"There is no answer. {error}")], [], 0.85
            else:
                _pictures(figure, answer)
                _bars(figure.add_axes((0.26, 0.37, 0.58, 0.12)), answer)
                said, model, top = _facts(answer), self._model(), 0.32
            # The last, as it may be too long for the page.
            comment = [("Comment", decision.comment)] if decision.comment else []
            self._list(figure, top, [*said, ("Decision", _decision(decision)), *model, *comment])
            self._save(figure)

    def _save(self, figure: Figure) -> None:
        figure.text(0.08, 0.04, DISCLAIMER, weight="bold", color=_INK)
        self._pages.savefig(figure)  # type: ignore[no-untyped-call]
        self._empty = False

    def _head(self, figure: Figure, row: FileResult) -> None:
        figure.text(0.08, 0.945, "Brain MRI slice", size=16, color=_INK)
        figure.text(0.92, 0.945, date.today().isoformat(), ha="right", color=_QUIET)
        self._text(figure, 0.08, 0.932, self._name_lines(0.08, f"File {row.name}"), _QUIET)
        dicom = row.identifiers
        if self._patient_data and dicom is not None:
            self._text(figure, 0.08, 0.903, self._lines(0.08, _patient(dicom), 3), _QUIET)

    def _model(self) -> _Facts:
        description = self._classifier.description
        figures = list(_leaves(description.metrics))[:_FIGURES]
        return [
            # Two lines: in one, the hash would be broken.
            ("Model", description.name),
            ("", f"SHA-256 {description.sha256}"),
            ("Its figures", "; ".join(figures) or "The bundle has no figures."),
        ]

    def _list(self, figure: Figure, top: float, facts: _Facts) -> None:
        y = top
        for after, (title, words) in zip(range(len(facts) - 1, -1, -1), facts, strict=True):
            room = y - _BOTTOM - after * (_GAP + _LINE_HEIGHT)  # a line is left for each after it
            lines = self._lines(0.2, words, max(1, int(room / _LINE_HEIGHT)))
            figure.text(0.08, y, title, color=_QUIET, va="top")
            self._text(figure, 0.2, y, lines, _INK)
            y -= _GAP + _LINE_HEIGHT * len(lines)

    def _lines(self, x: float, text: str, most: int) -> list[str]:
        """At most so many lines of whole words, from `x` to the right margin."""
        room, tail = _ems(x), ""
        lines: list[str] = []
        rest = self._fonts.shown(text).strip()
        while rest and not tail:
            end = self._fonts.fitting(rest, room)
            if end < len(rest):
                if len(lines) + 1 == most:
                    tail = f" {_CUT}"
                    end = self._fonts.fitting(rest, room - self._fonts.width(tail))
                space = rest.rfind(" ", 0, end + 1)
                end = space if space > 0 else max(1, end)
            lines.append(rest[:end].rstrip() + tail)
            rest = rest[end:].lstrip()
        return lines

    def _name_lines(self, x: float, text: str) -> list[str]:
        """Two lines at most: of a long name the beginning and the end."""
        room, name = _ems(x), " ".join(self._fonts.shown(text).split())
        end = self._fonts.fitting(name, room)
        if self._fonts.width(name[end:]) <= room:
            return [name[:end], name[end:]]
        end = self._fonts.fitting(name, room - self._fonts.width(" …"))
        return [f"{name[:end]} …", name[-self._fonts.fitting(name[::-1], room) :]]

    def _text(self, figure: Figure, x: float, y: float, lines: list[str], colour: str) -> None:
        words, families = "\n".join(lines), self._fonts.families
        figure.text(x, y, words, family=families, color=colour, va="top", linespacing=1.3)


def _facts(answer: SliceAnswer) -> _Facts:
    prediction, warned = answer.prediction, answer.slice.warnings
    assert prediction is not None
    facts = [
        ("Answer", f"{_name(prediction.label)}, {_percent(prediction.ranked[0][1])}"),
        ("Certainty", _certainty(prediction, warned)),
    ]
    if prediction.area_mm2 is not None and prediction.outline:
        size = f"{prediction.area_mm2:,.0f}" if prediction.area_mm2 >= 1 else "less than 1"
        facts.append(("Outline", f"{size} mm² by the network's outline."))
    return facts + [("Warning", str(warning)) for warning in warned]


def _ems(x: float) -> float:
    """The room from `x` to the right margin, in em."""
    return (_RIGHT - x) * A4_INCHES[0] * 72 / _POINTS


def _certainty(prediction: Prediction, warned: Sequence[ReadWarning]) -> str:
    """What is said beside the answer, as in the window."""
    if prediction.unlike_training:
        return "The slice is unlike those that the network was trained on: needs a look."
    if len(prediction.possible) > 1:
        possible = ", ".join(map(_name, prediction.possible))
        return f"Uncertain: needs a look. Cannot be excluded: {possible}."
    if prediction.improbable:
        return "Uncertain: needs a look. No class is probable enough to exclude the others."
    if warned:
        return f"Read with a warning: needs a look. Cannot be excluded: {_name(prediction.label)}."
    return "Every other class can be excluded by the network's own measure."


def _pictures(figure: Figure, answer: SliceAnswer) -> None:
    mri, prepared, prediction = answer.slice, answer.prepared, answer.prediction
    assert prepared is not None
    assert prediction is not None
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


def _bars(axes: Axes, answer: SliceAnswer) -> None:
    assert answer.prediction is not None
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
    return (
        f"Patient {dicom.patient_name or '?'}, {dicom.patient or '?'}; series "
        f"{dicom.series_instance_uid or '?'}"
    )


def _leaves(values: dict[str, Any], above: str = "") -> Iterator[str]:
    for name, value in values.items():
        if isinstance(value, dict):
            yield from _leaves(value, f"{above}{name} ")
        elif isinstance(value, int | float) and not isinstance(value, bool):
            yield f"{above}{name} {value:.4g}".replace("_", " ")


def _creator() -> str:
    return f"braintumor-desktop {__version__}"
