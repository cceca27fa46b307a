"""What the viewer's panes need of the session: slices to show, notes to find and to keep."""

from __future__ import annotations

from PySide6.QtCore import QObject

from braintumor_desktop.domain.measurement import SliceNotes
from braintumor_desktop.errors import BraintumorError
from braintumor_desktop.text import reading
from braintumor_desktop.ui.dialogs import about as dialogs
from braintumor_desktop.ui.session.notes_keeper import NotesKeeper
from braintumor_desktop.ui.session.open_series import OpenSeries
from braintumor_desktop.ui.session.workbench import Workbench
from braintumor_desktop.ui.viewer.shared import NotesKey
from braintumor_desktop.ui.viewer.viewer import Viewer


class PictureLinks(QObject):
    """Keeps every pane supplied; the selected slice is that of the active pane."""

    def __init__(self, viewer: Viewer, bench: Workbench, keeper: NotesKeeper | None) -> None:
        super().__init__(viewer)
        self._viewer, self._bench, self._keeper = viewer, bench, keeper
        viewer.slice_needed.connect(lambda _series, _index: self._want())
        viewer.pane_activated.connect(self._select)
        viewer.picture_failed.connect(self.say)
        viewer.notes_edited.connect(self._keep)
        viewer.grid.laid_out.connect(self._fill)
        bench.shown_changed.connect(self._refresh)
        bench.shelf_changed.connect(self._fill)
        if keeper is not None:
            keeper.found.connect(viewer.take_notes)
            keeper.failed.connect(self.say)
            for pane in viewer.grid.panes:
                pane.shown.connect(self._find)

    def say(self, error: BraintumorError) -> None:
        """Say why notes were not kept or a picture was not written."""
        dialogs.notice(self._viewer.window(), reading.sentence(error)).open()

    def _select(self, series: OpenSeries | None) -> None:
        if series is not None:
            self._bench.select(series.keys[self._viewer.active.index])
        self._want()

    def _fill(self) -> None:
        """Show the study's other series in the panes that are empty."""
        series = self._bench.series
        shown = self._viewer.active.slices
        if series is None or shown is None or not series.patient_key:
            return
        if shown.patient_key != series.patient_key:
            return
        study = series.study.study_instance_uid
        others = [
            one
            for one in self._bench.shelf.series
            if one.pictures and len(one) > 1 and one.patient_key == series.patient_key
        ]
        # Those of the same study come first, as a reader would hang them.
        others.sort(key=lambda one: one.study.study_instance_uid != study)
        self._viewer.grid.fill(others)
        self._want()

    def _want(self) -> None:
        """Have read what stands beside the selected slice and is not at hand."""
        for pane in self._viewer.grid.visible_panes:
            series, beside = pane.slices, pane is not self._viewer.active
            if beside and isinstance(series, OpenSeries) and pane.current is None:
                self._bench.order.want(series.keys[pane.index])

    def _refresh(self) -> None:
        for pane in self._viewer.grid.visible_panes:
            if pane is not self._viewer.active:
                pane.refresh()
        self._find()

    def _find(self) -> None:
        for pane in self._viewer.grid.visible_panes:
            if self._keeper is not None and pane.current is not None:
                self._keeper.find(pane.current.slice.source.sha256)

    def _keep(self, key: NotesKey, notes: SliceNotes) -> None:
        if self._keeper is not None:
            self._keeper.keep(key, notes)
