"""Runs side by side are those of one after the other, and none outlives its command."""

import json
import os
import signal
import subprocess
import sys

import numpy as np
import pytest

from training import __main__ as command
from training.engine.localizing import load_localizing


def test_runs_side_by_side_are_those_of_one_after_the_other(runs, packed_file, packed, tmp_path):
    settings = ["--packed", str(packed_file), "--epochs", "1", "--draws", "32", "--folds", "3"]
    assert command.main(["folds", str(tmp_path), *settings]) == 0
    pixels = packed.pixels[:16].astype(np.float32)[..., None]
    folders = [folder / "without-fold-3" for folder in (tmp_path, runs)]
    (alone, beside) = (json.loads((run / "history.json").read_text()) for run in folders)
    assert alone[0] == pytest.approx(beside[0], rel=1e-3)  # it depends on the views drawn
    (alone, beside) = (
        load_localizing(run, packed.size, 4).predict(pixels, verbose=0)["logits"] for run in folders
    )
    np.testing.assert_allclose(alone, beside, atol=1e-2)


def test_error_of_a_run_ends_those_beside_it_and_is_one_sentence(packed_file, tmp_path, capsys):
    arguments = ["folds", str(tmp_path), "--packed", str(packed_file), "--draws", "32"]
    assert command.main([*arguments, "--folds", "0", "--epochs", "1", "--classes-alone"]) == 0
    assert command.main([*arguments, "--epochs", "99", "--at-once", "2"]) == 1
    assert "without-fold-0 holds a run with another configuration" in capsys.readouterr().err
    assert not (tmp_path / "without-fold-4").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="no signals to send")
@pytest.mark.parametrize("how", ["SIGINT", "SIGKILL"])
def test_runs_of_a_command_that_is_ended_end_with_it(how, packed_file, tmp_path):
    arguments = ["folds", str(tmp_path), "--packed", str(packed_file), "--classes-alone"]
    arguments += ["--folds", "0", "1", "2", "--epochs", "99", "--draws", "32", "--at-once", "2"]
    ended = subprocess.Popen(
        [sys.executable, "-m", "training", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,  # so that what returns to the start of its line is a line
        start_new_session=True,
    )
    histories = [tmp_path / f"without-fold-{fold}" / "history.json" for fold in (0, 1)]
    while not all(path.is_file() for path in histories):
        assert ended.stdout.readline()
    if how == "SIGINT":
        os.killpg(ended.pid, signal.SIGINT)  # as Ctrl-C does
    else:
        ended.kill()
    ended.communicate(timeout=60)  # the output ends when the last of its processes has
    assert not (tmp_path / "without-fold-2").exists()
    for path in histories:  # what the next command goes on with
        epochs = len(json.loads(path.read_text()))
        assert 1 <= epochs < 99
        assert (path.parent / f"after-{epochs:03d}.keras").is_file()
