"""What stands in the middle of the window and beside it, for every state of the selected slice."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QStackedWidget

from braintumor_desktop.domain.answer import SliceAnswer
from braintumor_desktop.domain.decision import Decision
from braintumor_desktop.store.subject import slice_subject
from braintumor_desktop.text import _, reading
from braintumor_desktop.text.bidi import isolated, visible
from braintumor_desktop.ui import theme
from braintumor_desktop.ui.answer.answer_panel import AnswerPanel
from braintumor_desktop.ui.browser.slice_model import Entry, State
from braintumor_desktop.ui.session.workbench import Workbench
from braintumor_desktop.ui.viewer.viewer import Viewer
from braintumor_desktop.ui.widgets.pages import MessagePage


class Stage(QStackedWidget):
    """Welcome, a message, or the viewer; the answer panel says what belongs to it.

    `decided` gives what is decided about a subject, None where nobody keeps decisions.
    """

    def __init__(
        self,
        bench: Workbench,
        viewer: Viewer,
        answer: AnswerPanel,
        welcome: MessagePage,
        decided: Callable[[str], Decision | None],
    ) -> None:
        super().__init__()
        self._bench = bench
        self._decided = decided
        self.viewer, self.answer, self.welcome = viewer, answer, welcome
        self.message = MessagePage()
        self.decide_first = False
        self.setObjectName("centre")
        self.setMinimumWidth(26 * theme.GRID)
        for page in (self.welcome, self.message, self.viewer):
            self.addWidget(page)
        bench.withheld = self._waits_for_decision
        bench.model_changed.connect(self.show_welcome)
        bench.judged.connect(lambda _series: self.show_series())
        answer.anyway_asked.connect(self._show_anyway)
        answer.series.strip.slice_asked.connect(self._go)
        answer.series_asked.connect(self._answer_series)
        viewer.slice_asked.connect(self._go)
        self.show_welcome()

    def show_selected(self) -> None:
        """Show what there is of the slice that is selected."""
        entry, loaded = self._bench.selected, self._bench.loaded
        self.answer.setVisible(entry is not None)
        if entry is None:
            self.viewer.show_nothing()
            self.answer.show_words("", "")
            opening = self._bench.scans.going
            if opening:
                self.message.say(_("Looking at the files…"), "")
            self.setCurrentWidget(self.message if opening else self.welcome)
        elif entry.state in (State.REFUSED, State.FAILED):
            self._show_refused(entry)
        else:
            self._show_in_viewer(loaded)
        self.show_series()
        self.show_decision()

    def show_decision(self) -> None:
        """Say what is decided about the slice on screen."""
        loaded = self._bench.loaded
        given = None if loaded is None else self._decided(_subject(loaded))
        self.answer.decisions.setVisible(given is not None)
        if given is not None:
            self.answer.decisions.show_decision(given)
            if self.decide_first and loaded is not None:
                self._show_in_viewer(loaded)
                self.show_series()

    def show_series(self) -> None:
        """Say what there is to say of the series that the slice is of."""
        entry, series = self._bench.selected, self._bench.series
        several = series is not None and len(series) > 1
        self.answer.series.setVisible(several)
        unasked = series is not None and not self._bench.shelf.is_answered(series.keys[0])
        refused = entry is not None and entry.error is not None
        may = self._bench.model is not None and not refused
        self.answer.ask_series.setVisible(unasked and may)
        if series is not None and entry is not None and several:
            entries = [self._bench.slices.entry(key) for key in series.keys]
            loaded = self._bench.loaded
            self.answer.series.show_series(
                entries,
                series.index[entry.key],
                self._bench.judgement(series),
                withheld=(loaded is None and self.decide_first)
                or (loaded is not None and self._waits_for_decision(loaded)),
            )

    def show_welcome(self) -> None:
        """Say what this is, and what to do next."""
        words = _(
            "PNG, JPEG, BMP, TIFF, DICOM and NIfTI, as files, folders, ZIP archives or discs. "
            "Nothing leaves this computer unless you send it."
        )
        if self._bench.model is None and self._bench.model_settled:
            words = _("{reason} Slices can be looked at, but no answers are given.").format(
                reason=reading.no_model(self._bench.model_error)
            )
        self.welcome.say(_("Drop MRI slices or folders here"), words)
        self.welcome.notice(
            _(
                "For research and education. A network says what a brain MRI looks like to it, "
                "where, and when it cannot tell. It supplements a person's reading, is no medical "
                "device, and must not be relied on for a diagnosis."
            )
        )

    def name(self) -> str:
        """The slice's name for title and screen reader, with the patient's identifier."""
        entry, loaded = self._bench.selected, self._bench.loaded
        name = "" if entry is None else self._bench.slices.name(entry.path)
        who = None if loaded is None else loaded.slice.source.identifiers
        if who is not None and who.patient:
            return _("{file}, patient {patient}").format(
                file=isolated(name), patient=isolated(visible(who.patient))
            )
        return name

    def _show_refused(self, entry: Entry) -> None:
        self.viewer.show_nothing()
        words = _(
            "Something unexpected went wrong with this file. The other slices are not affected."
        )
        if entry.error is not None:
            words = reading.sentence(entry.error)
        self.message.say(self._bench.slices.name(entry.path), words)
        self.answer.show_words(_("No answer"), _("This file could not be opened as a slice."))
        self.setCurrentWidget(self.message)

    def _show_in_viewer(self, loaded: SliceAnswer | None) -> None:
        entry, series = self._bench.selected, self._bench.series
        if entry is None or entry.instance is None:
            return
        if series is None:  # the first picture, while the rest is still looked at
            series = self._bench.shelf.alone(entry.instance)
        self.viewer.show_slices(series, series.index[entry.key])
        self.setCurrentWidget(self.viewer)
        if loaded is None:
            # At once, so that no slice is ever on screen under another one's answer.
            loading = not self._bench.model_settled
            self.answer.show_words(_("Loading the model…") if loading else _("Reading…"), "")
        elif self._waits_for_decision(loaded):
            self.answer.show_words(
                _("Decide first"), _("The AI's answer is shown once you have decided.")
            )
        else:
            self.answer.show_answer(
                loaded,
                self._why_none(),
                asked_for=self._bench.asked_for == entry.key,
                third=series.third(entry.key),
            )

    def _why_none(self) -> str:
        entry = self._bench.selected
        if entry is not None and not self._bench.shelf.is_answered(entry.key):
            return _("A localiser, map or phase image is not answered unless asked.")
        return reading.no_model(self._bench.model_error)

    def _waits_for_decision(self, loaded: SliceAnswer) -> bool:
        """Whether an answer is held back until a person has decided."""
        if not self.decide_first:
            return False
        given = self._decided(_subject(loaded))
        return given is not None and not given.verdict

    def _show_anyway(self) -> None:
        loaded = self._bench.loaded
        if loaded is not None:
            self._bench.ask_for_withheld()
            self.viewer.shared.ask_for(loaded.slice)
            self._show_in_viewer(loaded)
            self.viewer.refresh()

    def _answer_series(self) -> None:
        if self._bench.series is not None:
            self._bench.answer_series(self._bench.series)
            self.show_selected()

    def _go(self, index: int) -> None:
        series = self._bench.series
        if series is not None and 0 <= index < len(series):
            self._bench.select(series.keys[index])


def _subject(loaded: SliceAnswer) -> str:
    return slice_subject(loaded.slice.source.sha256, loaded.slice.source.frame)
