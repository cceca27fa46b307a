"""A series that is open: what the browser lists, the strip draws and the viewer walks through."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from braintumor_desktop.domain.answer import SliceAnswer
from braintumor_desktop.domain.geometry import Plane, SliceGeometry
from braintumor_desktop.domain.image import DisplayWindow
from braintumor_desktop.domain.study import Instance, Patient, Series, SeriesKind, Study
from braintumor_desktop.rendering.series_window import SeriesWindow
from braintumor_desktop.ui.viewer.slices import Caption

Key = tuple[Path, int]
"""A slice: its file, or member of an archive, and the frame in it."""


def key_of(instance: Instance) -> Key:
    """The key of an instance."""
    return instance.path, instance.frame


@dataclass(frozen=True, eq=False)
class OpenSeries:
    """A series in its order, as `viewer.slices.SliceProvider`.

    Attributes
    ----------
    patient, study, series
        What the headers say.
    look
        Gives a slice's pixels with what may be shown of its answer; None while it is not read.

    """

    patient: Patient
    study: Study
    series: Series
    look: Callable[[Key], SliceAnswer | None]

    @cached_property
    def keys(self) -> tuple[Key, ...]:
        """The slices in order."""
        return tuple(map(key_of, self.series.instances))

    @cached_property
    def index(self) -> dict[Key, int]:
        """Where each slice stands."""
        return {key: place for place, key in enumerate(self.keys)}

    def take_values(self, key: Key, loaded: SliceAnswer) -> None:
        """Take a slice that was read into account for the window of the series."""
        if len(self) > 1:
            self.values.add(self.index[key], loaded.slice)

    @cached_property
    def identity(self) -> tuple[tuple[str, ...], str, str, str]:
        """What tells it from other open series."""
        return (self.patient.key, self.study.study_instance_uid, *self.series.key)

    @cached_property
    def values(self) -> SeriesWindow:
        """Gathers the values of its slices as they are read."""
        return SeriesWindow()

    def third(self, key: Key) -> int | None:
        """In which third of the head a slice lies, 0 from below; None where that is not known.

        Of axial series with positions, as the network's figures by height are.
        """
        places = [one.geometry for one in self.series.instances]
        heights = [one.position[2] for one in places if one is not None]
        if self.series.plane is not Plane.AXIAL or len(heights) < max(3, len(places)):
            return None
        own = heights[self.index[key]]
        return 3 * sum(height < own for height in heights) // len(heights)

    @property
    def middle(self) -> Key:
        """The slice for the thumbnail."""
        return key_of(self.series.middle)

    @property
    def is_picture(self) -> bool:
        """Whether it is one file that says nothing of a series."""
        return len(self.keys) == 1 and not self.series.series_instance_uid

    @property
    def pictures(self) -> bool:
        """Whether there is something to look at; a report or a plan has none."""
        return self.series.kind is not SeriesKind.OTHER

    @property
    def answered_unasked(self) -> bool:
        """Whether its slices are answered without being asked: localisers and maps are not."""
        return self.series.kind is SeriesKind.IMAGES

    @property
    def key(self) -> str:
        """Tells this series from others."""
        return repr(self.identity)

    @property
    def patient_key(self) -> str:
        """Tells the patient from others; empty where it is not known whose it is."""
        return repr(self.patient.key) if self.patient.said else ""

    @property
    def caption(self) -> Caption:
        """What is written on the pictures."""
        if self.is_picture and not self.patient.said:
            return Caption(name=self.keys[0][0].name)
        return Caption(self.patient, self.study, self.series)

    @property
    def window(self) -> DisplayWindow | None:
        """That of all its slices, as far as they were read; None before the first was."""
        return self.values.window

    def __len__(self) -> int:
        return len(self.keys)

    def at(self, index: int) -> SliceAnswer | None:
        """The slice, or None while it is not read."""
        return self.look(self.keys[index])

    def geometry(self, index: int) -> SliceGeometry | None:
        """Where a slice lies, known from its header."""
        return self.series.instances[index].geometry
