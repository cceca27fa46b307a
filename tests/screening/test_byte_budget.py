"""What is in memory at once is bounded over all workers, and a walk is counted while it is used."""

from __future__ import annotations

import threading
import zipfile
from pathlib import Path

import pytest

from braintumor_desktop.inference.classifier import Classifier
from braintumor_desktop.screening import batch as module
from braintumor_desktop.screening.batch import Batch
from braintumor_desktop.screening.byte_budget import ByteBudget
from braintumor_desktop.screening.progress import MOST_ARCHIVES, Control, ReadAhead
from braintumor_desktop.sources.walk import Item, walk
from braintumor_desktop.store.records import Records

SIZE = 3 * 2**20


class _Watched:
    """Files that hold what is read in memory; `most` is how much was there at once."""

    def __init__(self, folder: Path, count: int) -> None:
        self._lock = threading.Lock()
        self._there = 0
        self.most = 0
        self.items = []
        for number in range(count):
            path = folder / f"{number}.png"
            with path.open("wb") as stream:
                stream.truncate(SIZE)  # without a byte on disk
            self.items.append(Item(path.name, path, self._read))

    def _read(self) -> bytes:
        with self._lock:
            self._there += SIZE
            self.most = max(self.most, self._there)
        return bytes(SIZE)

    def let_go(self, size: int) -> None:
        with self._lock:
            self._there -= size


def test_many_large_files_are_not_in_memory_at_once(
    tmp_path: Path, classifier: Classifier, records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = _Watched(tmp_path, 24)
    limit = 2 * SIZE

    class Budget(ByteBudget):
        def __init__(self) -> None:
            super().__init__(limit)

        def give(self, size: int) -> None:
            files.let_go(size)
            super().give(size)

    monkeypatch.setattr(module, "ByteBudget", Budget)
    rows = list(Batch(classifier, records, 4).rows(iter(files.items), Control()))
    assert len(rows) == 24
    assert {row.reason.kind for row in rows if row.reason} == {"not_an_image"}
    assert SIZE <= files.most <= limit


def test_a_file_larger_than_the_limit_is_read_alone(
    tmp_path: Path, classifier: Classifier, records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "ByteBudget", lambda: ByteBudget(SIZE // 2))
    files = _Watched(tmp_path, 5)
    rows = list(Batch(classifier, records, 2).rows(iter(files.items), Control()))
    assert len(rows) == 5


def test_a_walk_is_counted_while_its_items_are_taken(mixed: Path) -> None:
    expected = [item.name for item in walk([mixed])]
    items = ReadAhead(walk([mixed]))
    assert [item.name for item in items] == expected
    assert items.total == items.done == len(expected)
    items.close()


def test_what_a_walk_raises_is_raised_where_its_items_are_taken() -> None:
    def failing() -> object:
        yield Item("a.png", Path("a.png"))
        raise ZeroDivisionError

    items = ReadAhead(failing())  # type: ignore[arg-type]
    assert next(items).name == "a.png"
    with pytest.raises(ZeroDivisionError):
        next(items)
    items.close()


def test_no_more_archives_are_open_than_there_may_be(tmp_path: Path) -> None:
    for number in range(3 * MOST_ARCHIVES):
        with zipfile.ZipFile(tmp_path / f"{number:03}.zip", "w") as archive:
            archive.writestr("a.txt", b"letter")
            archive.writestr("b.txt", b"letter")
    walked = 0

    def counted() -> object:
        nonlocal walked
        for item in walk([tmp_path]):
            walked += 1
            yield item

    items = ReadAhead(counted())  # type: ignore[arg-type]
    taken = [next(items) for _ in range(4)]
    assert walked <= 2 * (MOST_ARCHIVES + 4)
    assert items.total is None
    taken += items
    assert len(taken) == 6 * MOST_ARCHIVES
    assert taken[-1].read is not None
    assert taken[-1].read() == b"letter"
