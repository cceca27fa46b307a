"""From what a scan has found to open slices: new ones, and those that are others now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path

from braintumor_desktop.domain.study import Instance, LeftOut
from braintumor_desktop.ui.browser.slice_model import Entry, SliceListModel, State
from braintumor_desktop.ui.session.open_series import Key, key_of
from braintumor_desktop.ui.session.reading_order import ReadingOrder
from braintumor_desktop.ui.session.scanner import Stamp


@dataclass
class Taken:
    """What becomes of the slices that are opened.

    Attributes
    ----------
    keys
        All of them, in order.
    new
        Entries to add.
    again
        Entries that take the place of those with their keys.
    others_now
        Slices whose pixels and jobs are of a reading before.

    """

    keys: list[Key] = field(default_factory=list)
    new: list[Entry] = field(default_factory=list)
    again: list[Entry] = field(default_factory=list)
    others_now: list[Key] = field(default_factory=list)


class Intake:
    """Adds slices to those that are open, and reads anew what is another thing now."""

    def __init__(self, slices: SliceListModel, order: ReadingOrder) -> None:
        self._slices = slices
        self._order = order
        self._requests = count(1)

    def put(
        self,
        instances: Sequence[Instance],
        stamps: Mapping[Path, Stamp],
        *,
        anew: bool = False,
        unasked: set[Key] | None = None,
    ) -> list[Key]:
        """Add slices that are not open, and read anew those that are others now; all their keys.

        `anew` reads all of them again; `unasked` are those that are answered without being asked,
        None for all.
        """
        taken = _take(self._slices, instances, stamps, self._requests, anew=anew, unasked=unasked)
        for key in taken.others_now:
            self._order.forget(key)
        self._slices.replace(taken.again)
        self._slices.append(taken.new)
        self._order.put(entry for entry in (*taken.new, *taken.again) if not entry.done)
        return taken.keys

    def refuse(self, refused: Sequence[LeftOut]) -> list[Key]:
        """Add what was refused; all their keys."""
        entries = _refusals(refused, self._requests)
        known = [entry for key, entry in entries.items() if self._slices.entry(key) is not None]
        self._slices.replace(known)
        self._slices.append([entry for entry in entries.values() if entry not in known])
        return list(entries)

    def again(self, entries: Iterable[Entry]) -> None:
        """Have slices answered that wait for being asked."""
        asked = [
            replace(entry, request=next(self._requests), state=State.WAITING) for entry in entries
        ]
        self._slices.replace(asked)
        self._order.put(asked)

    def drop(self, key: Key) -> None:
        """Take a slice out, with its job and its pixels."""
        self._order.forget(key)
        if self._slices.entry(key) is not None:
            self._slices.remove(key)


def _take(
    slices: SliceListModel,
    instances: Sequence[Instance],
    stamps: Mapping[Path, Stamp],
    requests: Iterator[int],
    *,
    anew: bool = False,
    unasked: set[Key] | None = None,
) -> Taken:
    """Return what becomes of `instances` beside the `slices` that are open.

    Parameters
    ----------
    slices
        What is open.
    instances, stamps
        The slices, and the stamps of their files.
    requests
        Numbers that count upwards, one for each reading.
    anew
        Whether all of them are read again.
    unasked
        Which of them are answered without being asked; None for all.

    """
    taken = Taken()
    for instance in dict.fromkeys(instances):
        key, stamp = key_of(instance), stamps.get(instance.path, ())
        taken.keys.append(key)
        before = slices.entry(key)
        waits = unasked is None or key in unasked
        state = State.WAITING if waits else State.LISTED
        entry = Entry(instance.path, 0, stamp, state, instance=instance)
        if before is None:
            taken.new.append(replace(entry, request=next(requests)))
        elif anew or before.error is not None or not stamp or stamp != before.stamp:
            taken.again.append(replace(entry, request=next(requests)))
            taken.others_now.append(key)
        elif not waits and before.state in (State.WAITING, State.ANSWERED):
            # The first picture was answered before it was known that its series is not.
            taken.again.append(replace(entry, request=next(requests)))
            taken.others_now.append(key)
        elif before.instance != instance:
            taken.again.append(replace(before, instance=instance))
    return taken


def _refusals(refused: Sequence[LeftOut], requests: Iterator[int]) -> dict[Key, Entry]:
    """Return entries for what was refused, by key."""
    return {
        (one.path, 0): Entry(one.path, next(requests), state=State.REFUSED, error=one.reason)
        for one in refused
    }
