"""Runs as tasks of a Dask cluster are those of one machine."""

import json

import numpy as np
import pytest

pytest.importorskip("distributed", reason="the extra `screening` is not installed")

from distributed import LocalCluster

from training import __main__ as command
from training.engine.localizing import load_localizing


@pytest.fixture(scope="module")
def address():
    with LocalCluster(
        n_workers=1, threads_per_worker=1, host="127.0.0.1", dashboard_address=None
    ) as cluster:
        yield cluster.scheduler_address


def test_run_on_a_cluster_is_that_of_one_machine(address, runs, packed_file, packed, tmp_path):
    settings = ["--packed", str(packed_file), "--epochs", "1", "--draws", "32", "--folds", "3"]
    arguments = ["folds", str(tmp_path), *settings, "--cluster", address]
    assert command.main(arguments) == 0
    folders = [folder / "without-fold-3" for folder in (tmp_path, runs)]
    (there, here) = (json.loads((run / "history.json").read_text()) for run in folders)
    assert there[0] == pytest.approx(here[0], rel=1e-3)
    pixels = packed.pixels[:16].astype(np.float32)[..., None]
    (there, here) = (
        load_localizing(run, packed.size, 4).predict(pixels, verbose=0)["logits"] for run in folders
    )
    np.testing.assert_allclose(there, here, atol=1e-2)
    before = (folders[0] / "history.json").stat().st_mtime_ns
    assert command.main(arguments) == 0, "what is done is not trained again"
    assert (folders[0] / "history.json").stat().st_mtime_ns == before


def test_error_of_a_run_on_a_cluster_is_one_sentence(address, packed_file, tmp_path, capsys):
    arguments = ["folds", str(tmp_path), "--packed", str(packed_file), "--draws", "32"]
    arguments += ["--folds", "0", "--classes-alone", "--cluster", address]
    assert command.main([*arguments, "--epochs", "1"]) == 0
    assert command.main([*arguments, "--epochs", "99"]) == 1
    assert "without-fold-0 holds a run with another configuration" in capsys.readouterr().err


def test_another_host_is_spoken_to_by_tls_alone(packed_file, tmp_path, capsys):
    arguments = ["folds", str(tmp_path), "--packed", str(packed_file)]
    assert command.main([*arguments, "--cluster", "tcp://192.0.2.1:8786"]) == 1
    assert "TLS alone" in capsys.readouterr().err
