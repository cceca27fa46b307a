"""Faults of the records: one changed byte of the file."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from outcome import Outcome

from braintumor_desktop.domain.decision import Decision
from braintumor_desktop.domain.result import FileResult, to_json
from braintumor_desktop.errors import BraintumorError
from braintumor_desktop.screening.records_opening import ENCRYPTED, open_records
from braintumor_desktop.store.records import Records

_KEY = "1.1.1-key"
_COUNT = 24


def _result(number: int) -> FileResult:
    return FileResult(
        content=f"{number:064x}",
        label="glioma",
        probabilities=(("glioma", 0.987), ("meningioma", 0.009), ("notumor", 0.004)),
        possible=("glioma",),
        format="PNG",
    )


def byte(folder: Path) -> Iterator[Outcome]:
    """One byte of the file is another: what stands is as before, or nothing, and that is said."""
    chance = random.Random(3)
    path = folder / "records.sqlite"
    records = Records(path, "tester")
    records.add(_KEY, [_result(number) for number in range(_COUNT)])
    for number in range(0, _COUNT, 2):
        records.decide(f"{number:064x}", _KEY, Decision("agree"))
    records.close()
    whole = path.read_bytes()
    texts = [place for place in range(len(whole)) if whole[place : place + 6] == b"glioma"]
    for turn in range(400):
        damaged = bytearray(whole)
        # Every other time in what an answer says, where one letter makes another class.
        place = (
            chance.choice(texts) + chance.randrange(40)
            if turn % 2
            else chance.randrange(len(whole))
        )
        damaged[place] ^= 1 << chance.randrange(8)
        copy = folder / f"{turn}.sqlite"
        copy.write_bytes(damaged)
        yield _reread(copy)
        for left in folder.glob(f"{turn}.*"):
            left.unlink()


class _Keys(dict[str, str]):
    def get(self, name: str) -> str:  # type: ignore[override]
        return dict.get(self, name, "")

    put = dict.__setitem__

    def remove(self, name: str) -> None:
        self.pop(name, None)


def _encrypted(folder: Path) -> tuple[Path, _Keys]:
    path, keys = folder / "records.sqlite", _Keys()
    records = open_records(path, "tester", ENCRYPTED, keys)
    records.add(_KEY, [_result(number) for number in range(_COUNT)])
    for number in range(0, _COUNT, 2):
        records.decide(f"{number:064x}", _KEY, Decision("agree"))
    records.close()
    return path, keys


def encrypted_byte(folder: Path) -> Iterator[Outcome]:
    """One bit of encrypted records is another: every page is authenticated, and none is lost."""
    chance = random.Random(3)
    path, keys = _encrypted(folder)
    whole = path.read_bytes()
    copy = folder / "copy" / "records.sqlite"
    copy.parent.mkdir()
    for _turn in range(60):
        damaged = bytearray(whole)
        damaged[chance.randrange(16, len(whole))] ^= 1 << chance.randrange(8)
        copy.write_bytes(damaged)
        yield _reread(copy, keys)
        if copy.read_bytes()[:16] != whole[:16]:
            yield Outcome("silent", "the file was replaced", "the records")


def key_lost(folder: Path) -> Iterator[Outcome]:
    """The keyring has the key no more, has another one, and cannot be reached."""
    path, keys = _encrypted(folder)
    whole = path.read_bytes()
    others = (_Keys(), _Keys(dict.fromkeys(keys, "ab" * 32)), None)
    for other in others:
        yield _reread(path, other)
        if path.read_bytes() != whole:
            yield Outcome("silent", "the file was changed", "the records")


def _reread(path: Path, keys: _Keys | None = None) -> Outcome:
    try:
        records = Records(path, "tester", keys)
    except BraintumorError as error:
        return Outcome("refused", str(error))
    try:
        missing = 0
        for number in range(_COUNT):
            wanted = _result(number)
            found = records.find(wanted.content, _KEY)  # none: answered anew, and nothing is lost
            if found and to_json(found[0]) != to_json(wanted):
                return Outcome("silent", to_json(found[0]))
        stand = records.decisions()
        for number in range(0, _COUNT, 2):
            decision = stand.get(f"{number:064x}", Decision())
            if decision not in (Decision(), Decision("agree")):
                return Outcome("silent", str(decision))
            missing += decision == Decision()
        said = records.answers_lost or records.decisions_lost or records.set_aside
        if missing and not said:
            return Outcome("silent", f"{missing} decisions are not there, and nothing says so")
        if said:
            return Outcome("caution", "some answers were not whole and are answered anew")
        return Outcome("as before")
    except BraintumorError as error:
        return Outcome("refused", str(error))
    finally:
        records.close()


def pipe(folder: Path) -> Iterator[Outcome]:
    """The records' file is a pipe."""
    if not hasattr(os, "mkfifo"):
        return
    os.mkfifo(folder / "records.sqlite")
    try:
        Records(folder / "records.sqlite", "tester").close()
    except BraintumorError as error:
        yield Outcome("refused", str(error))
    else:
        yield Outcome("silent")


FAULTS: tuple[tuple[str, Callable[[Path], Iterable[Outcome]]], ...] = (
    ("Records: one bit of the file is another", byte),
    ("Records: the file is a pipe", pipe),
    ("Records: encrypted, one bit of the file is another", encrypted_byte),
    ("Records: encrypted, the key is lost or another", key_lost),
)
