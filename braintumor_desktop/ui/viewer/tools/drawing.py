"""Measurements drawn, moved and deleted on a pane by the mouse."""

from __future__ import annotations

from dataclasses import replace

from braintumor_desktop.domain.image import MRISlice
from braintumor_desktop.domain.measurement import Measurement, MeasurementKind, Point, SliceNotes
from braintumor_desktop.ui.viewer.pane import Pane
from braintumor_desktop.ui.viewer.tools import drafts
from braintumor_desktop.ui.viewer.tools.drafts import Hold

REACH = 6.0
"""How near, in screen pixels, the mouse must come to a measurement to take it."""


class Drawing:
    """One pane's draft and what of its measurements is in hand."""

    def __init__(self, pane: Pane) -> None:
        self._pane = pane
        self._hold: Hold | None = None
        self._held: Measurement | None = None
        self._held_on: MRISlice | None = None

    def press(self, kind: MeasurementKind, at: Point) -> None:
        """Take what lies there, else set a point of a draft."""
        pane = self._pane
        draft = pane.view.draft
        if draft is not None and draft.kind is kind:
            self._set_draft(drafts.fix(draft, at))
            return
        hold = drafts.grab(self._kept, at, self._reach)
        if hold is not None:
            self._hold, self._held = hold, self._kept[hold.number]
            self._held_on = pane.current.slice if pane.current is not None else None
            pane.set_view(replace(pane.view, selected=hold.number, draft=None))
        else:
            pane.set_view(
                replace(pane.view, selected=None, draft=drafts.begin(kind, at), cursor=at)
            )
            if kind.points == 1:
                self._set_draft(pane.view.draft)

    def move(self, at: Point, *, pressed: bool) -> None:
        """Draw the draft to the cursor, or move what is in hand; tell where the cursor is."""
        view = replace(self._pane.view, cursor=at)
        if pressed and self._in_hand:
            assert self._hold is not None
            assert self._held is not None
            changed, number = drafts.drag(self._held, self._hold, at), self._hold.number
            self._edit(lambda kept: (*kept[:number], changed, *kept[number + 1 :]), done=False)
        elif view.draft is not None:
            view = replace(view, draft=drafts.follow(view.draft, at))
        self._pane.set_view(view)

    def release(self, at: Point, *, clicked: bool) -> None:
        """Set the draft's next point where a drag ended; a click has set its point already."""
        if self._in_hand and not clicked:
            self._edit(lambda kept: kept)
        self._hold = self._held = self._held_on = None
        draft = self._pane.view.draft
        if draft is not None and not clicked:
            self._set_draft(drafts.fix(draft, at))

    def select(self, at: Point) -> None:
        """Select what lies there, or nothing."""
        hold = drafts.grab(self._kept, at, self._reach)
        number = None if hold is None else hold.number
        self._pane.set_view(replace(self._pane.view, selected=number))

    @property
    def busy(self) -> bool:
        """Whether there is a draft or a selection."""
        return self._pane.view.draft is not None or self._pane.view.selected is not None

    def delete_selected(self) -> bool:
        """Delete what is selected; whether there was something."""
        number = self._pane.view.selected
        if number is None or self._pane.current is None:
            return False
        self._pane.set_view(replace(self._pane.view, selected=None))
        self._edit(lambda kept: (*kept[:number], *kept[number + 1 :]))
        return True

    def give_up(self) -> bool:
        """Forget the draft and the selection; whether there was something."""
        busy = self.busy
        self._pane.set_view(replace(self._pane.view, selected=None, draft=None))
        return busy

    @property
    def _kept(self) -> tuple[Measurement, ...]:
        shown = self._pane.current
        return () if shown is None else self._pane.shared.notes(shown.slice).measurements

    @property
    def _in_hand(self) -> bool:
        """Whether something is held, of the slice that is still shown."""
        shown = self._pane.current
        return self._hold is not None and shown is not None and shown.slice is self._held_on

    @property
    def _reach(self) -> float:
        return REACH / self._pane.state.viewport.scale

    def _set_draft(self, draft: drafts.Draft | None) -> None:
        finished = None if draft is None else draft.finished
        if finished is None:
            self._pane.set_view(replace(self._pane.view, draft=draft))
            return
        self._pane.set_view(replace(self._pane.view, draft=None, selected=len(self._kept)))
        self._edit(lambda kept: (*kept, finished))

    def _edit(self, edit: drafts.Edit, *, done: bool = True) -> None:
        shown = self._pane.current
        assert shown is not None

        def edited(notes: SliceNotes) -> SliceNotes:
            return replace(notes, measurements=edit(notes.measurements))

        self._pane.shared.edit_notes(shown.slice, edited, done=done)
