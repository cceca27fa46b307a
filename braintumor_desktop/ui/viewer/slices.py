"""What the viewer is given to show: a series of slices, each at hand or not yet read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from braintumor_desktop.domain.answer import SliceAnswer
from braintumor_desktop.domain.geometry import SliceGeometry
from braintumor_desktop.domain.image import DisplayWindow
from braintumor_desktop.domain.study import Patient, Series, Study


@dataclass(frozen=True)
class Caption:
    """Whom and what the pictures show, as far as the files say."""

    patient: Patient | None = None
    study: Study | None = None
    series: Series | None = None
    name: str = ""
    """What a slice without a series is called, the file's name."""


class SliceProvider(Protocol):
    """A series in its order.

    The owner reads ahead of `Viewer.slice_asked` and calls `Viewer.refresh` when a slice that was
    not at hand is read.
    """

    @property
    def key(self) -> str:
        """Tells this series from others; zoom, window and tools stay while it does not change."""

    @property
    def patient_key(self) -> str:
        """Tells the patient from others; empty where it is not known whose it is.

        Two series stand side by side only where theirs is the same and not empty.
        """

    @property
    def caption(self) -> Caption:
        """What is written on the pictures."""

    @property
    def window(self) -> DisplayWindow | None:
        """The window for the whole series, once it is known; else the first slice's is kept."""

    def __len__(self) -> int:
        """How many slices there are."""

    def at(self, index: int) -> SliceAnswer | None:
        """The slice, or None while it is not read."""

    def geometry(self, index: int) -> SliceGeometry | None:
        """Where a slice lies, known from its header before its pixels are read."""


@dataclass(frozen=True, eq=False)
class LoadedSlices:
    """A provider whose slices are all in memory."""

    slices: Sequence[SliceAnswer]
    key: str
    patient_key: str = ""
    caption: Caption = Caption()
    window: DisplayWindow | None = None

    def __len__(self) -> int:
        return len(self.slices)

    def at(self, index: int) -> SliceAnswer | None:
        """The slice."""
        return self.slices[index]

    def geometry(self, index: int) -> SliceGeometry | None:
        """Where a slice lies."""
        return self.slices[index].slice.geometry
