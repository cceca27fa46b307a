"""The PDF report: a page for every series, then, where asked, one for every slice.

Drawn by matplotlib, text and plots as vectors; without Qt, so that the command line makes it too.
matplotlib takes a second to import: whoever wants a report imports this module then. Headings,
lists and what pictures show are tagged, so that a screen reader reads the page in its order.
"""

from __future__ import annotations

import pickle
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

import matplotlib

from braintumor_desktop import __version__
from braintumor_desktop.domain.decision import Decision
from braintumor_desktop.domain.measurement import NO_NOTES, SliceNotes
from braintumor_desktop.domain.result import FileResult, refused
from braintumor_desktop.errors import BraintumorError, FileAccessError
from braintumor_desktop.imaging.read import decode_frames
from braintumor_desktop.inference.classifier import Classifier
from braintumor_desktop.outputs.pdf_fonts import Fonts
from braintumor_desktop.outputs.pdf_page import STYLE, Page
from braintumor_desktop.outputs.pdf_series import Decided, SeriesSummary, series_page
from braintumor_desktop.outputs.pdf_slice import slice_page
from braintumor_desktop.outputs.pdf_tags import TaggedPdf
from braintumor_desktop.outputs.slice_notes import noted
from braintumor_desktop.rendering.slice_picture import slice_picture
from braintumor_desktop.screening.pipeline import Screened
from braintumor_desktop.screening.slice_answering import answer_slice
from braintumor_desktop.sources.archive import read_named_bytes
from braintumor_desktop.text import _
from braintumor_desktop.text.language import current


class Report:
    """A PDF over what is written to it, a sink of the pipeline; complete once the block ends.

    A series is that of the DICOM files that name it; other files go by their folders.
    """

    pictures = True

    def __init__(
        self,
        path: Path,
        classifier: Classifier,
        *,
        patient_data: bool = False,
        slice_pages: bool = True,
    ) -> None:
        """Write to `path`; identifiers of the patient only with `patient_data`."""
        self._classifier = classifier
        self._patient_data = patient_data
        self._fonts = Fonts()
        self._series: dict[tuple[str, str], SeriesSummary] = {}
        self._file = path.open("wb")
        # In the order of the file the series come first, but they are whole only at the end.
        self._slices = tempfile.TemporaryFile() if slice_pages else None  # noqa: SIM115
        with matplotlib.rc_context(STYLE):
            language = current().tag.replace("_", "-")
            title = _("Brain MRI report")
            self._pages = TaggedPdf(self._file, title=title, creator=_creator(), language=language)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if error is None:
                with self._file, matplotlib.rc_context(STYLE):  # fonts are written at the end
                    for page in self._all():
                        self._pages.add(page.figure, page.tags)
                    self._pages.close()
        finally:
            with suppress(OSError):  # as on a full disk, where the end cannot be written either
                self._file.close()
            if self._slices is not None:
                self._slices.close()

    def write(self, screened: Screened) -> None:
        """Take a slice, or a file without an answer that somebody has decided about."""
        row = screened.result
        if not row.answered and screened.decision == Decision():
            return
        self._take(screened)

    def add(
        self,
        row: FileResult,
        decision: Decision,
        notes: SliceNotes = NO_NOTES,
        decided_by: str = "",
        series: Decided | None = None,
    ) -> None:
        """Take a slice that was answered before: it is read again, for its pixels.

        `notes` are what a person measured on it, `decided_by` who decided about it, `series` what
        is decided about its series.
        """
        screened = revisited(row, decision, self._classifier, notes)
        summary = self._take(replace(screened, decided_by=decided_by))
        summary.decided = series or summary.decided

    def _take(self, screened: Screened) -> SeriesSummary:
        key = _series_of(screened.result)
        new = SeriesSummary(key[1], self._classifier.series_rule)
        summary = self._series.setdefault(key, new)
        summary.add(screened)
        if self._slices is not None:
            pickle.dump(screened, self._slices)
        return summary

    def _all(self) -> Iterator[Page]:
        description = self._classifier.description
        if not self._series:
            page = Page(self._fonts, _("Brain MRI slices"))
            page.paragraph(_("There is no answered slice to report on."))
            yield page
        numbers = self._numbers()
        for summary in self._series.values():
            page = series_page(summary, self._fonts, description, patient_data=self._patient_data)
            whose = "" if summary.identifiers is None else summary.identifiers.patient
            if not self._patient_data and len(numbers) > 1 and whose in numbers:
                page.whose(numbers[whose], len(numbers))
            yield page
        if self._slices is None:
            return
        self._slices.seek(0)
        while True:
            try:
                screened = pickle.load(self._slices)  # of this process, a moment ago
            except EOFError:
                return
            yield slice_page(screened, self._fonts, description, patient_data=self._patient_data)

    def _numbers(self) -> dict[str, int]:
        """Patients by identifier, numbered as they came: pages that name none are told apart."""
        said = [one.identifiers.patient for one in self._series.values() if one.identifiers]
        return {patient: place for place, patient in enumerate(dict.fromkeys(said), start=1)}


def revisited(
    row: FileResult, decision: Decision, classifier: Classifier, notes: SliceNotes = NO_NOTES
) -> Screened:
    """Return a row that was answered before with its picture, or with why there is none now.

    `notes` are what a person measured on the frame.
    """
    try:
        frames = decode_frames(read_named_bytes(row.path), row.path)
        if row.frame >= len(frames) or frames[row.frame].source.sha256 != row.content:
            raise FileAccessError(
                "The file has changed since it was answered. What was decided is about the file "
                "as it was."
            )
        answer = answer_slice(frames[row.frame], classifier)
    except BraintumorError as error:
        gone = replace(
            refused(error, row.identifiers),
            **{name: getattr(row, name) for name in ("number", "name", "path", "content", "frame")},
        )
        return Screened(gone, None, decision)
    assert answer.prepared is not None
    assert answer.prediction is not None
    picture = slice_picture(answer.slice, answer.prepared, answer.prediction, notes)
    return Screened(row, picture, decision, noted(answer.slice, notes))


def _series_of(row: FileResult) -> tuple[str, str]:
    """What slices are put together by: the patient's series, or the folder."""
    dicom = row.identifiers
    if dicom is not None and dicom.series_instance_uid:
        return f"{dicom.patient}\n{dicom.series_instance_uid}", ""
    return "", row.name.rpartition("/")[0] or row.path.parent.name


def _creator() -> str:
    return f"braintumor-desktop {__version__}"
