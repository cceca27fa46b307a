"""Runs as tasks of a Dask cluster are those of one machine, whatever worker dies."""

import json
import subprocess
import sys
import threading

import numpy as np
import pytest

pytest.importorskip("distributed", reason="the extra `screening` is not installed")

import psutil  # comes with distributed
from distributed import Client

from tests.network.conftest import free_port
from training import __main__ as command
from training.engine.localizing import load_localizing

HOSTS = ("127.0.0.2", "127.0.0.3")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """A scheduler, and two workers at addresses of their own: the address, and the nannies."""
    if sys.platform != "linux":
        pytest.skip("only Linux has all of 127.0.0.0/8")
    address = f"tcp://127.0.0.1:{free_port()}"
    folder = tmp_path_factory.mktemp("cluster")
    where = ["--host", "127.0.0.1", "--port", address.rpartition(":")[2], "--no-dashboard"]
    commands = [["scheduler", *where]]
    for host in HOSTS:
        own = ["--nthreads", "1", "--no-dashboard", "--local-directory", str(folder)]
        commands.append(["worker", address, "--host", host, *own])
    started = []
    try:
        for name, *arguments in commands:
            line = [sys.executable, "-m", f"distributed.cli.dask_{name}", *arguments]
            started.append(subprocess.Popen(line))
        with Client(address, timeout=60) as client:
            client.wait_for_workers(2, timeout=60)
        yield address, [psutil.Process(one.pid) for one in started[1:]]
    finally:
        for process in reversed(started):
            process.terminate()
            process.wait(60)


def test_runs_on_a_cluster_are_those_of_one_machine(cluster, runs, packed_file, packed, tmp_path):
    address, _ = cluster
    settings = ["--packed", str(packed_file), "--epochs", "1", "--draws", "32"]
    arguments = ["folds", str(tmp_path), *settings, "--folds", "3", "4", "--cluster", address]
    assert command.main(arguments) == 0
    pixels = packed.pixels[:16].astype(np.float32)[..., None]
    for fold in (3, 4):
        folders = [folder / f"without-fold-{fold}" for folder in (tmp_path, runs)]
        (there, here) = (json.loads((run / "history.json").read_text()) for run in folders)
        assert there[0] == pytest.approx(here[0], rel=1e-3)  # it depends on the views drawn
        (there, here) = (
            load_localizing(run, packed.size, 4).predict(pixels, verbose=0)["logits"]
            for run in folders
        )
        np.testing.assert_allclose(there, here, atol=1e-2)
    written = [path.stat().st_mtime_ns for path in sorted(tmp_path.rglob("*.h5"))]
    assert command.main(arguments) == 0
    again = [path.stat().st_mtime_ns for path in sorted(tmp_path.rglob("*.h5"))]
    assert again == written, "what is done is not trained again"


def test_run_goes_on_at_another_worker_where_its_own_is_killed(cluster, packed_file, tmp_path):
    address, nannies = cluster
    history, killed = tmp_path / "without-fold-0" / "history.json", []

    def kill() -> None:
        while not history.is_file():
            if over.wait(0.2):
                return
        killed.append(json.loads(history.read_text()))
        for nanny in nannies:
            for process in nanny.children(recursive=True):
                if "train_run_of_stdin" in " ".join(process.cmdline()):
                    killed.append(process)
                    process.parent().kill()

    over = threading.Event()
    killer = threading.Thread(target=kill)
    killer.start()
    arguments = ["folds", str(tmp_path), "--packed", str(packed_file), "--draws", "32"]
    arguments += ["--folds", "0", "--classes-alone", "--epochs", "3", "--cluster", address]
    try:
        assert command.main(arguments) == 0
    finally:
        over.set()
        killer.join()
    before, process = killed
    assert not process.is_running(), "what trained there has ended with its worker"
    rows = json.loads(history.read_text())
    assert len(rows) == 3
    assert rows[: len(before)] == before, "no epoch is trained twice"


def test_error_of_a_run_on_a_cluster_is_one_sentence(cluster, packed_file, tmp_path, capsys):
    run = tmp_path / "without-fold-0"
    run.mkdir()
    (run / "configuration.json").write_text("{}")
    arguments = ["folds", str(tmp_path), "--packed", str(packed_file), "--folds", "0"]
    assert command.main([*arguments, "--cluster", cluster[0]]) == 1
    assert "without-fold-0 holds a run with another configuration" in capsys.readouterr().err


def test_another_host_is_spoken_to_by_tls_alone(packed_file, tmp_path, capsys):
    arguments = ["folds", str(tmp_path), "--packed", str(packed_file)]
    assert command.main([*arguments, "--cluster", "tcp://192.0.2.1:8786"]) == 1
    assert "TLS alone" in capsys.readouterr().err
