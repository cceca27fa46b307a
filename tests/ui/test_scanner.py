from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from braintumor_desktop.sources import catalogue
from braintumor_desktop.ui.session.scanner import Found, Scanner

WAIT = 20_000


@pytest.fixture
def scanner() -> Iterator[Scanner]:
    made = Scanner()
    made.start()
    yield made
    made.stop()
    assert made.wait(5000)


def scan(qtbot: QtBot, scanner: Scanner, *paths: Path, request: int = 1) -> Found:
    with qtbot.waitSignal(scanner.finished_scan, timeout=WAIT) as end:
        scanner.scan(request, list(paths))
    assert end.args[0] == request
    return end.args[1]


def test_pictures_come_in_order_with_what_was_refused_and_the_rest(
    qtbot: QtBot, scanner: Scanner, slices: list[Path]
) -> None:
    folder = slices[0].parent
    (folder / "cut.dcm").write_bytes(b"x" * 300)
    (folder / "Thumbs.db").write_bytes(b"x" * 300)
    firsts: list[Path] = []
    scanner.first.connect(lambda request, instance: firsts.append(instance.path))
    found = scan(qtbot, scanner, folder, folder / "gone.png", request=7)
    names = [series.instances[0].path.name for series in found.catalogue.series]
    assert names == [path.name for path in slices]
    assert firsts == slices[:1], "the first is told while the rest is looked at"
    assert {one.path.name for one in found.catalogue.refused} == {"cut.dcm", "gone.png"}
    assert [one.path.name for one in found.catalogue.other_files] == ["Thumbs.db"]
    assert set(found.stamps) == set(slices)
    assert all(found.stamps.values())


def test_a_scan_that_fails_refuses_its_paths_and_the_next_one_goes_on(
    qtbot: QtBot, scanner: Scanner, slices: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = catalogue.scan

    def fail(*_: object, **__: object) -> object:
        monkeypatch.setattr(catalogue, "scan", real)
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(catalogue, "scan", fail)
    found = scan(qtbot, scanner, slices[0])
    (refused,) = found.catalogue.refused
    assert refused.path == slices[0]
    assert "Input/output error" in str(refused.reason)
    assert len(scan(qtbot, scanner, slices[0], request=2).catalogue.series) == 1


def test_a_scan_that_is_given_up_ends_early_with_what_it_has(
    qtbot: QtBot, scanner: Scanner, slices: list[Path]
) -> None:
    scanner.forget(1)
    found = scan(qtbot, scanner, slices[0].parent)
    assert not found.catalogue.complete
