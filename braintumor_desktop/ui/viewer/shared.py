"""What all panes of a viewer share, with a signal for its changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject, Signal

from braintumor_desktop.domain.image import MRISlice
from braintumor_desktop.domain.measurement import SliceNotes
from braintumor_desktop.ui.viewer.state import Display
from braintumor_desktop.ui.viewer.tools.mouse_map import MouseMap

NotesKey = tuple[str, int]
"""The SHA-256 of a file's bytes in hex, and the frame in it."""


class Shared(QObject):
    """The display, the mouse's map and the notes on slices.

    `notes_edited` carries a `NotesKey` and the `SliceNotes` that a person has made.
    """

    changed = Signal()
    notes_edited = Signal(object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.display = Display()
        self.mouse = MouseMap()
        self._notes: dict[NotesKey, SliceNotes] = {}
        self._asked_for: set[NotesKey] = set()

    def update(self, **changes: Any) -> None:
        """Change fields of the display."""
        new = replace(self.display, **changes)
        if new != self.display:
            self.display = new
            self.changed.emit()

    def change_layer(self, name: str, **changes: Any) -> None:
        """Change fields of the layer "heat" or "outline"."""
        self.update(**{name: replace(getattr(self.display, name), **changes)})

    def set_mouse(self, mouse: MouseMap) -> None:
        """Give the buttons other meanings."""
        moving = self.display.tool == self.mouse.first_tool
        self.mouse = mouse
        if moving:
            self.update(tool=mouse.first_tool)

    def ask_for(self, mri: MRISlice) -> None:
        """Show the network's marks on a slice although it is unlike the training data."""
        self._asked_for.add(notes_key(mri))
        self.changed.emit()

    def asked_for(self, mri: MRISlice) -> bool:
        """Whether a person wants to see them."""
        return notes_key(mri) in self._asked_for

    def notes(self, mri: MRISlice) -> SliceNotes:
        """Return what is put down about a slice."""
        return self._notes.get(notes_key(mri), SliceNotes())

    def take_notes(self, notes: dict[NotesKey, SliceNotes]) -> None:
        """Add notes that were kept earlier; those made since stay as they are."""
        self._notes = {**notes, **self._notes}
        self.changed.emit()

    def edit_notes(
        self, mri: MRISlice, edit: Callable[[SliceNotes], SliceNotes], *, done: bool = True
    ) -> None:
        """Change what is put down about a slice; it is kept once the change is `done`."""
        self._notes[notes_key(mri)] = edit(self.notes(mri))
        self.changed.emit()
        if done:
            self.notes_edited.emit(notes_key(mri), self.notes(mri))


def notes_key(mri: MRISlice) -> NotesKey:
    """Return what notes on a slice are kept under: its bytes, not where they lie."""
    return mri.source.sha256 or str(mri.source.path), mri.source.frame
