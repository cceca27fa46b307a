"""The series around a slice of a review."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from braintumor_desktop.domain.result import FileResult
from braintumor_desktop.domain.study import Instance, Patient
from braintumor_desktop.screening.groups import By, groups, members
from braintumor_desktop.ui.session.open_series import Key


def series_around(rows: Sequence[FileResult], key: Key) -> tuple[list[Instance], Key, Patient]:
    """The slices of the series of a slice, in order of position, the slice, and whose they are.

    The slice alone where it is of no series.
    """
    own = next((row for row in rows if (row.path, row.frame) == key), None)
    who = None if own is None else own.identifiers
    if own is None or who is None:
        return [Instance(*key)], key, Patient()
    patient = Patient(who.patient_id, who.issuer_of_patient_id, who.patient_name)
    (group,) = groups([replace(own, duplicate_of="")], By.SERIES)
    found = [row for row in members(rows, By.SERIES, [group.key]) if row.answered]
    found.sort(key=lambda row: (row.position_mm is None, row.position_mm or 0.0, row.number))
    shown = [Instance(row.path, row.frame) for row in found]
    return shown if Instance(*key) in shown else [Instance(*key)], key, patient
