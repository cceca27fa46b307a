"""An archive on a cluster: nothing lost, nothing twice, whatever dies meanwhile."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pydicom
import pytest

pytest.importorskip("distributed", reason="the extra `screening` is not installed")

from braintumor_desktop.cli import main
from braintumor_desktop.errors import BraintumorError
from braintumor_desktop.network import dicomweb
from braintumor_desktop.outputs.screening_counts import group_rows
from braintumor_desktop.screening.distributed.partition import FileKey, Partition, partitions
from braintumor_desktop.screening.distributed.results import open_results, write_rows
from braintumor_desktop.screening.distributed.run import ClusterOptions, connected, screen
from braintumor_desktop.screening.distributed.sample_pictures import draw
from braintumor_desktop.screening.distributed.source_files import ScreeningError, SourceFiles
from braintumor_desktop.screening.distributed.sources import source_of
from braintumor_desktop.screening.distributed.tasks import answer_partition
from tests.network.conftest import free_port, started_orthanc, write_study

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


def test_files_that_are_put_back_are_answered_when_the_run_goes_on(
    archive: Path, undisturbed: Rows, tmp_path: Path
) -> None:
    kept = tmp_path / "kept"

    def take_away(what: str, done: int, _: int) -> None:
        if what == "looked at":
            (archive / "1").rename(kept)

    source, out, options = SourceFiles(str(archive)), tmp_path / "out", ClusterOptions(workers=1)
    try:
        screen(source, out, options, slices=10, progress=take_away)
    finally:
        kept.rename(archive / "1")
    assert _rows(out) != undisturbed
    screen(source, out, options, slices=10, resume=True)
    assert _rows(out) == undisturbed


@dataclass(frozen=True)
class Unsteady(SourceFiles):
    """An archive that gives nothing of one folder as long as there is a certain file."""

    down: str = ""

    @contextmanager
    def as_local(self, names: list[str]) -> Iterator[dict[Path, str]]:
        if Path(self.down).exists() and "/2/" in names[0]:
            raise ConnectionError
        with super().as_local(names) as local:
            yield local


def test_a_source_that_fails_costs_its_partitions_until_the_run_goes_on(
    archive: Path, undisturbed: Rows, tmp_path: Path
) -> None:
    down = tmp_path / "down"
    down.touch()
    source, out, options = (
        Unsteady(str(archive), down=str(down)),
        tmp_path / "out",
        ClusterOptions(workers=1),
    )
    with pytest.raises(ScreeningError, match="1 partitions have no answers"):
        screen(source, out, options, slices=5)
    answered = _rows(out)
    assert answered == [row for row in undisturbed if "/2/" not in str(row["file"])]
    down.unlink()
    screen(source, out, options, resume=True)
    assert _rows(out) == undisturbed


class Stalled(SourceFiles):
    """An archive that never gives its files."""

    @contextmanager
    def as_local(self, names: list[str]) -> Iterator[dict[Path, str]]:
        threading.Event().wait(60)
        yield {}


def test_a_source_that_stalls_ends_the_partition_in_a_sentence(
    archive: Path, tmp_path: Path
) -> None:
    partition = Partition("one", (str(archive / "1" / "000.dcm"),))
    with pytest.raises(ScreeningError, match="too long"):
        answer_partition(Stalled(str(archive)), partition, str(tmp_path), patience_s=0.1)
    assert not list(tmp_path.glob("part-*"))


def _started(*arguments: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", *arguments]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def test_a_scheduler_that_is_killed_is_said_and_the_next_goes_on(
    archive: Path, undisturbed: Rows, tmp_path: Path
) -> None:
    port = free_port()
    address, out, source = f"tcp://127.0.0.1:{port}", tmp_path / "out", SourceFiles(str(archive))
    options = ClusterOptions(address)

    @contextmanager
    def cluster() -> Iterator[subprocess.Popen[bytes]]:
        where = ("--host", "127.0.0.1", "--port", str(port), "--no-dashboard")
        scheduler = _started("distributed.cli.dask_scheduler", *where)
        worker = _started(
            "distributed.cli.dask_worker", address, "--nthreads", "1", "--no-dashboard"
        )
        try:
            yield scheduler
        finally:
            for process in (worker, scheduler):
                process.terminate()
                process.wait(30)

    with cluster() as scheduler:

        def kill(what: str, done: int, _: int) -> None:
            if what == "answered" and done == 1:
                scheduler.kill()
                scheduler.wait()

        with pytest.raises(ScreeningError, match="scheduler is lost"):
            screen(source, out, options, slices=5, progress=kill)
    assert 0 < len(_rows(out)) < len(undisturbed)
    with cluster():
        screen(source, out, options, resume=True)
    assert _rows(out) == undisturbed


def test_a_dicomweb_archive_gives_the_same_answers(
    archive: Path, undisturbed: Rows, tmp_path: Path
) -> None:
    folder = tmp_path / "orthanc"
    folder.mkdir()
    with started_orthanc(folder, free_port()) as (_, web):
        dicomweb.send(web, sorted(set(archive.rglob("*.dcm")) - {archive / "0" / "cut.dcm"}))
        source = source_of(f"dicomweb+{web.url}?ModalitiesInStudy=MR", {"time_out_s": 60})
        screen(source, tmp_path / "out", ClusterOptions(workers=1), slices=10)
        none = source_of(f"dicomweb+{web.url}?PatientID=NOBODY", {})
        assert screen(none, tmp_path / "none", ClusterOptions(workers=1)) == 0
    found = _rows(tmp_path / "out")
    told = ("series_instance_uid", "position_mm", "label", "probability", "distance", "scanner")
    expected = [row for row in undisturbed if row["answered"]]
    assert sorted(str([row[one] for one in told]) for row in found) == sorted(
        str([row[one] for one in told]) for row in expected
    )


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


def test_the_report_names_scanners_and_nobody(
    archive: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    arguments = ["screen", str(archive), "--out", str(out), "--workers", "1", "--slices", "10"]
    assert main(arguments) == 0
    page = (out / "report.html").read_text()
    assert "Tests" in page, "the scanner"
    assert "2026-03" in page, "the month"
    dataset = pydicom.dcmread(archive / "0" / "000.dcm")
    assert str(dataset.PatientName) not in page
    assert page.count("data:image/jpeg") == 3 * 4, "pictures by month, by scanner, by sequence"
    assert (out / "report.pdf").read_bytes().startswith(b"%PDF")
    said = capfd.readouterr().err
    assert "Dashboard: http://127.0.0.1:" in said
    assert " a minute, 0 min left" in said


def test_a_picture_that_may_name_the_patient_is_no_sample(archive: Path, tmp_path: Path) -> None:
    changed = {
        "1": {"BurnedInAnnotation": "YES"},
        "2": {"ImageType": ["ORIGINAL", "PRIMARY", "SCREEN SAVE"]},
        "3": {"ImageType": ["DERIVED", "SECONDARY"]},
        "4": {},
    }
    names = []
    for study, values in changed.items():
        shutil.copytree(archive / study, tmp_path / study)
        for path in sorted((tmp_path / study).iterdir()):
            dataset = pydicom.dcmread(path)
            for keyword, value in values.items():
                setattr(dataset, keyword, value)
            dataset.save_as(path)
            names.append(str(path))
    drawn = draw(SourceFiles(str(tmp_path)), [(name, 0) for name in names])
    assert sorted(name for name, _ in drawn) == names[-5:]


def test_what_is_withheld_by_its_sequence_is_counted_apart(tmp_path: Path) -> None:
    rows = [
        {"file": str(n), "answered": True, "certainty": "unlike", "withheld": n < 6}
        | {"label": "glioma", "distance": n / 10, "sequence": "T1" if n < 6 else "T1+C"}
        for n in range(10)
    ]
    rows[9] |= {"certainty": "certain"}
    write_rows(tmp_path, "0", rows)
    by_sequence = {row.name: row for row in group_rows(open_results(tmp_path), "sequence")}
    (plain, contrast) = (by_sequence[name] for name in ("T1", "T1+C"))
    assert (plain.withheld, plain.unlike, plain.unlike_share) == (6, 0, 0)
    assert (contrast.withheld, contrast.unlike, contrast.tumour) == (0, 3, 1)
    assert contrast.unlike_share == 3 / 4
    assert contrast.quartiles == pytest.approx((0.675, 0.75, 0.825))


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
