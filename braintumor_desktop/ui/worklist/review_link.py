"""What ties the worklist to the pictures: the line that is shown, and what is on screen."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject

from braintumor_desktop.text import _, reading
from braintumor_desktop.ui.browser.slice_model import State
from braintumor_desktop.ui.session.open_series import Key
from braintumor_desktop.ui.session.workbench import Workbench
from braintumor_desktop.ui.worklist.around import series_around
from braintumor_desktop.ui.worklist.review_dock import ReviewDock


class ReviewLink(QObject):
    """Shows the slice of the line that is selected, in its series, and tells what is on screen."""

    def __init__(self, dock: ReviewDock, bench: Workbench, forget: Callable[[], None]) -> None:
        """`forget` lets what was copied go, when another patient's slices are asked for."""
        super().__init__(dock)
        self._dock = dock
        self._page = dock.page
        self._bench = bench
        self._forget = forget
        self._page.slice_asked.connect(self._show_row)
        self._page.finished.connect(self._complete)
        bench.shown_changed.connect(self._tell_shown)
        bench.model_changed.connect(self.say_nothing_answers)

    def say_nothing_answers(self) -> None:
        """Say why nothing can be reviewed, where there is no network."""
        if self._bench.model_settled and self._bench.model is None:
            words = _("{reason} Without it nothing can be reviewed.")
            reason = reading.no_model(self._bench.model_error)
            self._page.said.say(words.format(reason=reason))

    def _tell_shown(self) -> None:
        entry, loaded = self._bench.selected, self._bench.loaded
        if entry is not None and loaded is not None:
            self._page.take_shown(entry.key, loaded.slice.source.sha256)
        elif entry is not None and entry.state in (State.REFUSED, State.FAILED):
            self._page.take_shown(entry.key)
        else:
            self._page.take_shown(None)

    def _show_row(self, key: Key | None) -> None:
        if self._dock.isHidden():
            return
        if key is None:
            self._bench.close_all()
            self._forget()
            return
        entry, series = self._bench.selected, self._bench.series
        coming = entry is not None and entry.key == key and entry.state is State.WAITING
        if series is not None and len(series) > 1 and key in series.index:
            self._bench.select(key)
        elif not coming:
            self._bench.show_only(*series_around(self._page.view.model.rows, key))

    def _complete(self) -> None:
        """Show the whole series of the slice on screen, some of which was not answered before."""
        entry, series = self._bench.selected, self._bench.series
        if self._dock.isHidden() or entry is None or entry.error is not None:
            return
        around = series_around(self._page.view.model.rows, entry.key)
        keys = {(one.path, one.frame) for one in around[0]}
        if len(keys) > 1 and (series is None or set(series.index) != keys):
            self._bench.show_only(*around)
