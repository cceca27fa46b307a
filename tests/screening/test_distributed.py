"""An archive on a cluster: nothing lost, nothing twice, whatever dies meanwhile."""

from __future__ import annotations

import os
import shutil
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pydicom
import pytest

pytest.importorskip("distributed", reason="the extra `screening` is not installed")

from braintumor_desktop.cli import main
from braintumor_desktop.errors import BraintumorError
from braintumor_desktop.screening.distributed.partition import FileKey, partitions
from braintumor_desktop.screening.distributed.results import open_results
from braintumor_desktop.screening.distributed.run import ClusterOptions, connected, screen
from braintumor_desktop.screening.distributed.source_files import ScreeningError, SourceFiles
from tests.network.conftest import free_port, write_study

Rows = list[dict[str, object]]


def _archive(folder: Path, studies: int = 6, slices: int = 5) -> Path:
    for number in range(studies):
        write_study(folder / f"{number}", slices, f"P{number}", seed=number)
    (folder / "0" / "cut.dcm").write_bytes((folder / "0" / "000.dcm").read_bytes()[:3000])
    return folder


def _rows(out: Path) -> Rows:
    rows: Rows = open_results(out).to_table().to_pylist()
    return sorted(rows, key=lambda row: (str(row["file"]), str(row["frame"])))


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _archive(tmp_path_factory.mktemp("archive"))


@pytest.fixture(scope="module")
def undisturbed(archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Rows:
    out = tmp_path_factory.mktemp("results") / "out"
    screen(SourceFiles(str(archive)), out, ClusterOptions(workers=1), slices=10)
    return _rows(out)


def test_every_file_has_one_row_and_the_cause_where_it_is_refused(
    archive: Path, undisturbed: Rows
) -> None:
    files = sorted(str(path) for path in archive.rglob("*") if path.is_file())
    assert [row["file"] for row in undisturbed] == files
    (cut,) = [row for row in undisturbed if str(row["file"]).endswith("cut.dcm")]
    assert (cut["answered"], cut["refusal"]) == (False, "truncated")
    assert all(row["label"] for row in undisturbed if row is not cut)


def test_a_series_is_never_torn() -> None:
    files = [FileKey(f"{series}/{n}", f"1.{series}") for series in range(7) for n in range(30)]
    made = partitions(files, slices=50)
    of_series = [{name.split("/")[0] for name in one.names} for one in made]
    assert sum(map(len, of_series)) == 7
    assert made == partitions(reversed(files), slices=50), "the same whatever the order"


def test_workers_that_are_killed_cost_nothing(
    archive: Path, undisturbed: Rows, tmp_path: Path
) -> None:
    killed = threading.Event()

    def kill_first(what: str, done: int, _: int) -> None:
        if what == "answered" and done == 1 and not killed.is_set():
            killed.set()
            with connected_workers() as pids:
                os.kill(pids[0], signal.SIGKILL)

    import psutil  # comes with distributed

    class connected_workers:  # noqa: N801
        def __enter__(self) -> list[int]:
            children = psutil.Process().children(recursive=True)
            return [one.pid for one in children if "spawn_main" in " ".join(one.cmdline())]

        def __exit__(self, *_: object) -> None: ...

    options = ClusterOptions(workers=2)
    screen(SourceFiles(str(archive)), tmp_path / "out", options, slices=5, progress=kill_first)
    assert killed.is_set()
    assert _rows(tmp_path / "out") == undisturbed


def test_what_was_cut_off_goes_on_and_is_the_same(
    archive: Path, undisturbed: Rows, tmp_path: Path
) -> None:
    class CutOffError(Exception):
        pass

    def cut(what: str, done: int, _: int) -> None:
        if what == "answered" and done == 1:
            raise CutOffError

    source, out, options = SourceFiles(str(archive)), tmp_path / "out", ClusterOptions(workers=1)
    with pytest.raises(CutOffError):
        screen(source, out, options, slices=10, progress=cut)
    before = {path: path.stat().st_mtime_ns for path in out.glob("part-*")}
    assert before
    with pytest.raises(ScreeningError, match="--resume"):
        screen(source, out, options, slices=10)
    screen(source, out, options, slices=10, resume=True)
    assert all(path.stat().st_mtime_ns == stamp for path, stamp in before.items())
    assert _rows(out) == undisturbed


def test_files_that_are_gone_meanwhile_are_said(tmp_path: Path) -> None:
    folder = _archive(tmp_path / "archive", studies=2)

    def take_away(what: str, done: int, _: int) -> None:
        if what == "looked at":
            shutil.rmtree(folder / "1")

    screen(
        SourceFiles(str(folder)), tmp_path / "out", ClusterOptions(workers=1), progress=take_away
    )
    gone = [row for row in _rows(tmp_path / "out") if "/1/" in str(row["file"])]
    assert len(gone) == 5
    assert {row["refusal"] for row in gone} == {"not_found"}


@pytest.fixture
def bucket(archive: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, str]]:
    """The archive in an object store on loopback."""
    server = pytest.importorskip("moto.server", reason="moto is not installed")
    import s3fs

    for key in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(key, "testing")
    port = free_port()
    store = server.ThreadedMotoServer(ip_address="127.0.0.1", port=port, verbose=False)
    store.start()
    try:
        endpoint = f"http://127.0.0.1:{port}"
        system = s3fs.S3FileSystem(endpoint_url=endpoint)
        system.mkdir("archive")
        system.put(str(archive), "archive/mr", recursive=True)
        yield "s3://archive/mr", endpoint
    finally:
        store.stop()


def _said(rows: Rows) -> list[str]:
    return sorted(str((Path(str(r["file"])).name, r["label"], r["probability"])) for r in rows)


def test_an_object_store_gives_the_same_answers(
    bucket: tuple[str, str], undisturbed: Rows, tmp_path: Path
) -> None:
    address, endpoint = bucket
    source = SourceFiles(address, {"endpoint_url": endpoint})
    screen(source, tmp_path / "out", ClusterOptions(workers=1))
    found = [
        (Path(str(r["file"])).name, r["label"], r["probability"]) for r in _rows(tmp_path / "out")
    ]
    assert sorted(found, key=str) == sorted(
        [(Path(str(r["file"])).name, r["label"], r["probability"]) for r in undisturbed], key=str
    )


def test_the_report_names_scanners_and_nobody(archive: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert main(["screen", str(archive), "--out", str(out), "--workers", "1"]) == 0
    page = (out / "report.html").read_text()
    assert "Tests" in page, "the scanner"
    assert "202603" in page, "the month"
    dataset = pydicom.dcmread(archive / "0" / "000.dcm")
    assert str(dataset.PatientName) not in page
    assert (out / "report.pdf").read_bytes().startswith(b"%PDF")


@pytest.mark.parametrize(
    ("address", "words"),
    [("tls://192.0.2.1:8786", "TLS alone"), ("tcp://127.0.0.1:1", "No scheduler answers")],
)
def test_a_cluster_that_cannot_be_used_is_one_sentence(address: str, words: str) -> None:
    with pytest.raises(BraintumorError, match=words), connected(ClusterOptions(address)):
        pass


def test_an_address_that_leads_nowhere_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ScreeningError, match="nothing to screen"):
        screen(SourceFiles(str(tmp_path / "none")), tmp_path / "out", ClusterOptions())
