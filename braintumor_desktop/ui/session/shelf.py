"""The one ordered collection of what is open: patients, studies, series, slices. No Qt."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from braintumor_desktop.domain.answer import SliceAnswer
from braintumor_desktop.domain.study import (
    Catalogue,
    Instance,
    LeftOut,
    Patient,
    Series,
    Study,
)
from braintumor_desktop.ui.session.open_series import Key, OpenSeries, key_of


class Shelf:
    """Series in order, with what was refused and what else lies beside the slices."""

    def __init__(self, look: Callable[[Key], SliceAnswer | None]) -> None:
        self._look = look
        self._asked: set[str] = set()
        self._at: dict[tuple[object, ...], int] = {}
        self._place: dict[Key, OpenSeries] = {}
        self.series: list[OpenSeries] = []
        self.refused: dict[Path, LeftOut] = {}
        self.other_files: dict[Path, LeftOut] = {}
        self.complete = True

    def put(self, catalogue: Catalogue) -> list[OpenSeries]:
        """Add what was found; the series that have come, those grown among them.

        A series with slices that are open already takes the place of the one that it has grown
        from; else its slices that are new stand as a part of their own.
        """
        came = []
        for patient in catalogue.patients:
            for study in patient.studies:
                for series in study.series:
                    came.append(self._put(patient.patient, study, series))
        self.refused |= {one.path: one for one in catalogue.refused}
        self.other_files |= {one.path: one for one in catalogue.other_files}
        self.complete = catalogue.complete
        self._index()
        return came

    def add_slices(self, instances: Sequence[Instance], patient: Patient) -> None:
        """Add slices in their order, of which no more is known than whose one series they are."""
        if len(instances) == 1 and not patient.said:
            self.series.append(self.alone(instances[0]))
        else:
            series = Series("", tuple(instances), part=str(instances[0].path))
            self.series.append(OpenSeries(patient, Study(""), series, self._look))
        self._index()

    def refusals_mended(self, found: Iterable[Path]) -> list[Path]:
        """Forget refusals of files and folders in which there is something now; which they were."""
        files = set(found)
        folders = {path.parent for path in files}
        told = files | folders | {above for folder in folders for above in folder.parents}
        mended = [path for path in self.refused if path in told]
        for path in mended:
            del self.refused[path]
        return mended

    def remove(self, key: Key) -> None:
        """Take a slice out; a series goes with its last."""
        self.refused.pop(key[0], None)
        series = self._place.get(key)
        if series is None:
            return
        left = tuple(one for one in series.series.instances if key_of(one) != key)
        at = self.series.index(series)
        self.series[at : at + 1] = [_with(series, left)] if left else []
        self._index()

    def clear(self) -> None:
        """Take everything out."""
        self.series, self.refused, self.other_files = [], {}, {}
        self._place, self._at = {}, {}
        self._asked.clear()
        self.complete = True

    def series_of(self, key: Key) -> OpenSeries | None:
        """The series of a slice."""
        return self._place.get(key)

    def alone(self, instance: Instance) -> OpenSeries:
        """A slice that is in no series yet as one of its own."""
        series = Series("", (instance,), part=str(instance.path), description=instance.path.name)
        return OpenSeries(Patient(), Study(""), series, self._look)

    def is_pictured(self, key: Key) -> bool:
        """Whether a slice's thumbnail stands for its series; one of no series stands for itself."""
        series = self._place.get(key)
        return series is None or series.middle == key

    def ask(self, series: OpenSeries) -> None:
        """Take note that a series is to be answered that is not unasked."""
        self._asked.add(series.key)

    def is_answered(self, key: Key) -> bool:
        """Whether a slice is answered."""
        series = self._place.get(key)
        return series is None or series.answered_unasked or series.key in self._asked

    def around(self, key: Key, reach: int) -> list[Key]:
        """A slice and those up to `reach` beside it in its series, the nearest first."""
        series = self._place.get(key)
        if series is None:
            return [key]
        at, keys = series.index[key], series.keys
        beside = [at + side * far for far in range(1, reach + 1) for side in (1, -1)]
        return [key, *(keys[place] for place in beside if 0 <= place < len(keys))]

    def neighbour(self, key: Key, steps: int, *, beyond: bool = False) -> Key | None:
        """The slice so many further in its series; a picture's neighbours are other pictures.

        `beyond` the series' end there is the next one. None where there is none.
        """
        series = self._place.get(key)
        if series is not None and len(series) > 1:
            place = series.index[key] + steps
            if 0 <= place < len(series):
                return series.keys[place]
            if not beyond:
                return series.keys[0 if place < 0 else -1]
        order = [one.keys for one in self.series if one.pictures]
        order += [((path, 0),) for path in self.refused]
        at = next((n for n, keys in enumerate(order) if key in keys), None)
        if at is None or not 0 <= at + steps < len(order):
            return None
        return order[at + steps][0]

    def series_beside(self, key: Key, steps: int) -> Key | None:
        """The middle of the series so many further; None where there is none."""
        pictured = [one for one in self.series if one.pictures]
        series = self._place.get(key)
        if series not in pictured or not 0 <= pictured.index(series) + steps < len(pictured):
            return None
        return pictured[pictured.index(series) + steps].middle

    def _put(self, patient: Patient, study: Study, series: Series) -> OpenSeries:
        opened = OpenSeries(patient, study, series, self._look)
        at = self._at.get(opened.identity, -1)
        before = self.series[at] if at >= 0 else None
        if before is not None and set(before.keys) <= set(opened.keys):
            if before.keys == opened.keys:
                return before
            self.series[at] = opened
            return opened
        fresh = tuple(one for one in series.instances if key_of(one) not in self._place)
        if len(fresh) < len(series.instances):
            if not fresh:
                return self._place[key_of(series.instances[0])]
            opened = _with(opened, fresh)
        self._at.setdefault(opened.identity, len(self.series))
        self.series.append(opened)
        return opened

    def _index(self) -> None:
        self._place = {key: series for series in self.series for key in series.keys}
        self._at = {series.identity: at for at, series in reversed(list(enumerate(self.series)))}


def _with(series: OpenSeries, instances: tuple[Instance, ...]) -> OpenSeries:
    return OpenSeries(
        series.patient, series.study, replace(series.series, instances=instances), series.look
    )
