"""A patient's or a series' slices together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
from operator import attrgetter

from braintumor_desktop.domain.image import DicomIdentifiers
from braintumor_desktop.domain.result import FileResult
from braintumor_desktop.domain.series_answer import SUSPICIOUS_FROM


class By(StrEnum):
    """What slices are put together by."""

    SERIES = "series"
    PATIENT = "patient"


Key = tuple[str, str, str]


@dataclass(frozen=True)
class Group:
    """Slices of one series or patient; `key` tells it from others: patient, series, file.

    A series' key has its patient, too: two who have one UID by mistake are two.

    Counts with their denominators and nothing else: no class and no mean, which was not measured
    on patients or series. `usable` slices of `slices` have an answer that is not withheld;
    `suspicious` of them are so by the series' rule. `strongest` is the usable slice
    with the highest probability of any tumour (1 less that of no tumour), the first to look at;
    where all are withheld, the first of those. Duplicates are left out. `said` is what the first
    slice's file says of whose it is, and of its series.
    """

    key: Key
    slices: int
    usable: int
    suspicious: int
    strongest: FileResult | None
    needs_look: int
    said: DicomIdentifiers | None = None

    @property
    def name(self) -> str:
        """The patient, or the series' UID, else the file's name; empty where nothing is said."""
        patient, uid, file = self.key
        return file or uid or patient

    @property
    def is_series(self) -> bool:
        """Whether the files say that it is a series."""
        return bool(self.key[1])

    @property
    def not_usable(self) -> int:
        """How many slices have no answer, or one that is withheld."""
        return self.slices - self.usable


def groups(rows: Iterable[FileResult], by: By) -> list[Group]:
    """The groups in the order in which their first slices come."""
    found: dict[Key, list[FileResult]] = defaultdict(list)
    for row in rows:
        if not row.duplicate_of and row.content:
            found[_key(row, by)].append(row)
    return [_group(key, members) for key, members in found.items()]


def _group(key: Key, members: list[FileResult]) -> Group:
    usable = [row for row in members if row.answered and not row.unlike_training]
    return Group(
        key=key,
        slices=len(members),
        usable=len(usable),
        suspicious=sum(row.tumour_probability >= SUSPICIOUS_FROM for row in usable),
        strongest=max(usable, key=attrgetter("tumour_probability"), default=None)
        or next((row for row in members if row.answered), None),
        needs_look=sum(row.needs_look for row in members),
        said=members[0].identifiers,
    )


def _key(row: FileResult, by: By) -> Key:
    dicom = row.identifiers or DicomIdentifiers()
    if by is By.PATIENT:
        return dicom.patient, "", ""
    uid = dicom.series_instance_uid
    return dicom.patient, uid, "" if uid else row.name


def members(rows: Iterable[FileResult], by: By, keys: Collection[Key]) -> list[FileResult]:
    """The slices of the groups with these keys, in the order of `rows`."""
    return [row for row in rows if not row.duplicate_of and row.content and _key(row, by) in keys]
