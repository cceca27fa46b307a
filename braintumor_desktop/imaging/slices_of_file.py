"""The slices of a file as a sequence of which each is made when it is asked for."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import overload

from braintumor_desktop.domain.image import MRISlice


class SlicesOfFile(Sequence[MRISlice]):
    """A sequence whose parts are lists: each part's slices are made at once."""

    @overload
    def __getitem__(self, index: int) -> MRISlice: ...
    @overload
    def __getitem__(self, index: slice) -> list[MRISlice]: ...
    def __getitem__(self, index: int | slice) -> MRISlice | list[MRISlice]:
        """The slice at `index`; raises SliceReadError where its pixels cannot be read."""
        if isinstance(index, slice):
            return [self.decode(place) for place in range(*index.indices(len(self)))]
        return self.decode(index)

    @abstractmethod
    def decode(self, index: int) -> MRISlice:
        """Make one slice; raises SliceReadError where its pixels cannot be read."""
