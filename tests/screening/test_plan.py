"""The plan of a screening: every file once, no series torn, nothing looked at twice."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

pytest.importorskip("distributed", reason="the extra `screening` is not installed")

from braintumor_desktop.errors import BraintumorError
from braintumor_desktop.imaging.dicom.headers import FIRST_BYTES, read_header, read_series
from braintumor_desktop.imaging.read import SNIFFED, format_of
from braintumor_desktop.screening.distributed.partition import FileKey
from braintumor_desktop.screening.distributed.plan import (
    Plan,
    close_plan,
    keep_list,
    looked_name,
    planned,
    read_plan,
    write_bucket,
    write_looked,
)
from braintumor_desktop.screening.distributed.results import open_results
from braintumor_desktop.screening.distributed.run import ClusterOptions, screen
from braintumor_desktop.screening.distributed.source_files import SourceFiles
from braintumor_desktop.screening.distributed.tasks import look_at
from tests.network.conftest import write_study


def test_series_alone_is_that_of_the_whole_header(dicom_cases: Path) -> None:
    compared = 0
    for path in sorted(dicom_cases.rglob("*")):
        if not path.is_file() or not format_of(path.open("rb").read(SNIFFED)).startswith("DICOM"):
            continue
        content = path.read_bytes()
        try:
            series = read_header(lambda count, content=content: content[:count]).series
        except BraintumorError:
            continue
        found = read_series(lambda count, content=content: content[:count])
        assert found == series.series_instance_uid, path.name
        compared += 1
    assert compared > 20


def test_series_behind_a_long_header_is_found(tmp_path: Path) -> None:
    (path,) = write_study(tmp_path, 1)
    import pydicom

    dataset = pydicom.dcmread(path)
    dataset.add_new(0x00190010, "LO", "TESTS")
    for place in range(3):  # a series' UID that begins where the first bytes end, or behind
        dataset.add_new(0x00191001, "OB", b"\0" * (FIRST_BYTES - 700 + 60 * place))
        dataset.save_as(path)
        content = path.read_bytes()
        found = read_series(lambda count, content=content: content[:count])
        assert found == dataset.SeriesInstanceUID


@pytest.mark.parametrize("buckets", [1, 7])
def test_plan_has_every_file_once_and_no_series_in_two(tmp_path: Path, buckets: int) -> None:
    files = [FileKey(f"a/{series}/{n}", f"1.{series}") for series in range(90) for n in range(20)]
    files += [FileKey(f"b/{n % 3}/{n}\udcff") for n in range(60)]  # no text, and no series
    names = []
    for start in range(0, len(files), 333):  # series stand in two of these
        some = files[start : start + 333]
        names.append(looked_name([one.name for one in some], last=False))
        write_looked(tmp_path, names[-1], some, last=False)
    keep_list(tmp_path, names)
    counts = [write_bucket(tmp_path, number, buckets, 50) for number in range(buckets)]
    close_plan(tmp_path, Plan(sum(counts), buckets))
    plan = read_plan(tmp_path)
    assert plan is not None
    made = list(planned(tmp_path, plan))
    assert len(made) == plan.partitions > 10
    assert sorted(name for one in made for name in one.names) == sorted(one.name for one in files)
    group = {one.name: one.group for one in files}
    groups = [{group[name] for name in one.names} for one in made]
    assert sum(map(len, groups)) == 93
    assert not list((tmp_path / "plan").glob("looked-*"))


class Counted(SourceFiles):
    """An archive that says how often it was asked, and that lacks a file at first."""

    asked: list[int] = []  # noqa: RUF012

    def look_at(self, names: Sequence[str]) -> list[FileKey]:
        self.asked.append(len(names))
        return super().look_at(names)


def test_what_was_looked_at_is_not_looked_at_again(tmp_path: Path) -> None:
    names = [str(path) for path in write_study(tmp_path / "archive", 3)]
    source, out = Counted(str(tmp_path / "archive")), str(tmp_path / "out")
    Counted.asked.clear()
    first = look_at(source, [*names, "/gone/away"], out)
    assert (first.files, first.gone) == (3, ["/gone/away"])
    assert look_at(source, [*names, "/gone/away"], out) == first
    assert Counted.asked == [4]
    again = look_at(source, first.gone, out, last=True)
    assert (again.files, again.gone) == (1, []), "else it would be lost"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has names that are no text")
def test_file_whose_name_is_no_text_has_its_row(tmp_path: Path) -> None:
    (path,) = write_study(tmp_path / "archive", 1)
    path.rename(os.fsdecode(os.fsencode(path.with_name("cr")) + b"\xe2ne.dcm"))
    screen(SourceFiles(str(tmp_path / "archive")), tmp_path / "out", ClusterOptions())
    (row,) = open_results(tmp_path / "out").to_table().to_pylist()
    assert Path(row["file"]).name == "cr\\xe2ne.dcm"
    assert row["answered"]
