"""Slices as their files are now: what lies in memory of a file is dropped once it is another."""

from __future__ import annotations

from braintumor_desktop.domain.image import MRISlice
from braintumor_desktop.domain.study import Instance
from braintumor_desktop.sources.archive import archive_of
from braintumor_desktop.sources.instances import InstanceReader
from braintumor_desktop.ui.session.scanner import Stamp, stamp_of


class FreshReader:
    """Reads instances, frames of one file after the other. Not for several threads at once."""

    def __init__(self) -> None:
        self._reader = InstanceReader()
        self._stamp: Stamp = ()

    def read(self, instance: Instance) -> MRISlice:
        """The slice; raises what `InstanceReader.read` raises."""
        stamp = stamp_of(archive_of(instance.path) or instance.path)
        if not stamp or stamp != self._stamp:
            self._reader.close()
            self._reader, self._stamp = InstanceReader(), stamp
        return self._reader.read(instance)
