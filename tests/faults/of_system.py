"""Faults of the system around the app: shares, pipes, other programs' files, two at once."""

from __future__ import annotations

import csv
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from outcome import Outcome

from braintumor_desktop.sources.demo import write_demo_slice
from braintumor_desktop.store.records import Records

SOURCE = Path(__file__).parents[3] / "shared" / "cases" / "share" / "fs_faults.c"
_SLICES = 3


class Place:
    """A folder of slices on a share, another beside it, a home, and the app's command line."""

    def __init__(self, folder: Path) -> None:
        self.share, self.home, self.local = (folder / name for name in ("SHARE", "home", "local"))
        for path in (self.share, self.home, self.local):
            path.mkdir()
        first = write_demo_slice(self.local)
        for number in range(_SLICES - 1):
            data = first.read_bytes()
            (self.share / f"{number}.png").write_bytes(data + bytes(number + 1))
        self.table = self.local / "table.csv"

    def start(
        self, *arguments: object, program: str = "", **environment: str
    ) -> subprocess.Popen[str]:
        kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
        home = {"HOME": str(self.home), "XDG_DATA_HOME": str(self.home), "LANGUAGE": "en"}
        what = ("-c", program) if program else ("-m", "braintumor_desktop")
        command = [sys.executable, *what, *map(str, arguments)]
        return subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**kept, **home, **environment},
        )

    def batch(
        self, *arguments: object, table: Path | None = None, program: str = "", **environment: str
    ) -> Outcome:
        """Run a batch over everything; what became of its table."""
        wanted = self.table if table is None else table
        roots = arguments or (self.share, self.local)
        run = self.start("batch", "--out", wanted, *roots, program=program, **environment)
        try:
            _, said = run.communicate(timeout=180)
        except subprocess.TimeoutExpired:
            run.kill()
            return Outcome("silent", "it hangs")
        lines = [line for line in said.splitlines() if line.strip()]
        last = lines[-1] if lines else ""
        if "Traceback" in said or run.returncode < 0:
            return Outcome("silent", last)
        rows = _rows(wanted)
        if not rows:
            return Outcome("refused", last, "" if last else "the table")
        reasons = [row["reason"] for row in rows if row.get("reason")]
        if reasons or run.returncode or len(rows) < _SLICES:
            return Outcome("caution", reasons[0] if reasons else last)
        return Outcome("as before", last)


def _rows(table: Path) -> list[dict[str, str]]:
    if not table.exists():
        return []
    with table.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def shared(fault: str) -> Callable[[Path], Iterator[Outcome]]:
    """The system answers as a share does; records and slices are on it, the table beside it."""

    def inject(folder: Path) -> Iterator[Outcome]:
        if sys.platform != "linux" or not SOURCE.exists() or not shutil.which("gcc"):
            return
        library = folder / "fs_faults.so"
        subprocess.run(["gcc", "-shared", "-fPIC", "-o", library, SOURCE, "-ldl"], check=True)
        place = Place(folder)
        records = place.share / "records.sqlite"
        yield place.batch(
            "--records", records if fault not in ("stale", "eacces", "hostdown") else
            place.local / "records.sqlite", place.share, place.local,
            LD_PRELOAD=str(library), FAULT=fault, SHARE="/SHARE",
        )  # fmt: skip

    return inject


def pipes(folder: Path) -> Iterator[Outcome]:
    """A DICOMDIR, and one of the files, are pipes that nobody writes into."""
    place = Place(folder)
    os.mkfifo(place.share / "DICOMDIR")
    os.mkfifo(place.share / "slice.dcm")
    yield place.batch()


def jobs(folder: Path) -> Iterator[Outcome]:
    """`--jobs 99999999999`."""
    place = Place(folder)
    yield place.batch("--jobs", "99999999999", place.share, place.local)


def another_program_s(folder: Path) -> Iterator[Outcome]:
    """`--records` names another program's database."""
    place = Place(folder)
    path = place.local / "mail.sqlite"
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE mail (text TEXT)")
    database.close()
    before = path.read_bytes()
    outcome = place.batch("--records", path, place.share)
    yield Outcome(outcome.became, outcome.said, "" if path.read_bytes() == before else "its file")


def two_first_runs(folder: Path) -> Iterator[Outcome]:
    """Two runs begin at once with the same new records."""
    place = Place(folder)
    runs = []
    for number in range(2):
        where = place.share if number else place.local
        table, records = place.local / f"{number}.csv", place.home / "new.sqlite"
        runs.append(place.start("batch", "--out", table, "--records", records, where))
    said = [run.communicate(timeout=180)[1] for run in runs]
    records = Records(place.home / "new.sqlite", "tester")
    kept = len({event["content"] for event in records.audit() if event["event"] == "answered"})
    records.close()
    failed = any("Traceback" in text for text in said) or any(run.returncode for run in runs)
    lost = "" if kept == _SLICES else f"{_SLICES - kept} answers"
    yield Outcome("silent" if failed else "as before", "", lost)


def left(folder: Path) -> Iterator[Outcome]:
    """Who reads the output has left."""
    place = Place(folder)
    run = place.start("classify", "--json", *sorted(place.share.glob("*.png")))
    assert run.stdout is not None
    run.stdout.close()
    assert run.stderr is not None
    said = run.stderr.read()
    run.wait()
    yield Outcome("silent" if "Traceback" in said or "Exception" in said else "as before", said)


def no_account(folder: Path) -> Iterator[Outcome]:
    """The system knows no account for the user's number."""
    place = Place(folder)
    code = (
        "import pwd, sys\n"
        "def unknown(number): raise KeyError(number)\n"
        "pwd.getpwuid = unknown\n"
        "from braintumor_desktop.cli import main\n"
        "sys.exit(main(sys.argv[1:]))"
    )
    yield place.batch(
        "--records", place.local / "new.sqlite", place.share, place.local, program=code
    )


_PIPES = (("System: a DICOMDIR and a file are pipes", pipes),) if hasattr(os, "mkfifo") else ()
_NUMBERS = (
    (("System: no account for the user's number", no_account),) if hasattr(os, "getuid") else ()
)
FAULTS: tuple[tuple[str, Callable[[Path], Iterable[Outcome]]], ...] = (
    ("Share without locks (flock)", shared("flock")),
    ("Share without locks (fcntl)", shared("posixlock")),
    ("Share without permissions (chmod)", shared("chmod")),
    ("Share without shared memory", shared("shm")),
    ("Share that cannot fsync", shared("fsync")),
    ("Share that has gone away (NFS)", shared("stale")),
    ("Share that has gone away (SMB)", shared("hostdown")),
    ("Folder that may not be searched", shared("eacces")),
    *_PIPES,
    ("System: `--jobs 99999999999`", jobs),
    ("System: `--records` of another program", another_program_s),
    ("System: two first runs on the same new records", two_first_runs),
    ("System: who reads the output has left", left),
    *_NUMBERS,
)
