"""Runs as tasks of a Dask cluster, on hosts that share the folder of the runs."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import threading
import uuid
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile
from urllib.parse import urlsplit

from training.engine.folds import KEEP_MEMORY, train_run
from training.engine.recipe import Recipe, run_name

_LOOPBACK = ("localhost", "::1")
_LOOK_S = 2.0  # between two looks at whether the run is still wanted
_SAID = 3  # how a run's process ends that has said why
_PROCESS = "from training.engine.cluster import train_run_of_stdin; train_run_of_stdin()"


def train_on_cluster(recipes: Sequence[Recipe], runs: Path, heads: bool, address: str) -> None:
    """Train the networks of `recipes` as `train_folds` does, each on a worker of a Dask cluster.

    A run whose worker dies goes on at another after its last whole epoch, as does one whose
    command was ended and is called again. A worker should have one thread, so that it trains one
    run at a time; `packed` and `runs` are the same paths on all hosts.

    Parameters
    ----------
    recipes, runs, heads
        As for `train_folds`.
    address
        The scheduler's. Where it is not on this machine, `tls://host:8786`: certificates are those
        of Dask's own settings, `DASK_DISTRIBUTED__COMM__TLS__CA_FILE` and its like.

    Raises
    ------
    ValueError
        Where the address is another host's without TLS, no scheduler answers or a worker died
        too often; else what a run raises. All other runs end with it.

    """
    try:
        from distributed import Client, Event, KilledWorker, as_completed
    except ImportError as error:
        words = 'Training on a cluster needs Dask: pip install "braintumor-desktop[screening]".'
        raise ValueError(words) from error

    parts = urlsplit(address)
    host = parts.hostname or ""
    if parts.scheme != "tls" and not (host.startswith("127.") or host in _LOOPBACK):
        raise ValueError("Another host is spoken to by TLS alone: tls://host:port.")
    try:
        client = Client(address, timeout=30)
    except (OSError, TimeoutError) as error:
        raise ValueError("No scheduler answers at the address that was given.") from error
    with client:
        over = f"over-{uuid.uuid4().hex}"
        given = (runs.resolve(), heads, over)
        left = [client.submit(_train_on_worker, each, *given, pure=False) for each in recipes]
        try:
            for future in as_completed(left):
                future.result()
        except KilledWorker as error:
            words = "A run's worker died too often, as where memory is short: start it again."
            raise ValueError(words) from error
        finally:
            Event(over).set()  # a task that has begun is not ended by `cancel`
            client.cancel(left)


def _train_on_worker(recipe: Recipe, runs: Path, heads: bool, over: str) -> None:
    """Train a run in a process of its own, which ends with the worker and with the command.

    In the worker's own process it would be another network: Dask's threads draw from the random
    numbers that the seed of the run is for. Its folder is written by one at a time: where a command
    was killed and is called again, the second waits for what the first one has under way.
    """
    from distributed import Event, Lock, get_client, get_worker

    ended = Event(over)
    workers = get_client().scheduler_info(n_workers=-1)["workers"]
    hosts = [one["host"] for one in workers.values()]
    beside = hosts.count(workers[get_worker().address]["host"])
    threads = max(1, (os.cpu_count() or 1) // beside)
    with Lock(f"run-{runs / run_name(recipe.left_out_fold)}"):
        _train_in_process((recipe, runs, heads), threads, ended.is_set)


def _train_in_process(
    run: tuple[Recipe, Path, bool], threads: int, ended: Callable[[], bool]
) -> None:
    share = dict.fromkeys(("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS"), str(threads))
    with TemporaryFile("w+", encoding="utf-8") as said:
        process = subprocess.Popen(
            [sys.executable, "-c", _PROCESS],
            stdin=subprocess.PIPE,
            stdout=said,
            env=os.environ | share | KEEP_MEMORY,
        )
        assert process.stdin is not None
        with process, process.stdin:  # which stays open: where it closes, the process ends
            try:
                pickle.dump(run, process.stdin)
                process.stdin.flush()
                while process.poll() is None and not ended():
                    with suppress(subprocess.TimeoutExpired):
                        process.wait(_LOOK_S)
            finally:
                process.kill()
        said.seek(0)
        lines = said.read().splitlines()
    if process.returncode == _SAID:
        raise ValueError(lines[-1])
    if process.returncode < 0:
        raise ValueError("A run was ended from outside, as where memory is short: start it again.")
    if process.returncode:
        raise RuntimeError("A run failed in a way that is not foreseen: its worker's log says how.")


def train_run_of_stdin() -> None:
    """Train the run that the parent gives by standard input, and end when that closes."""
    run = pickle.load(sys.stdin.buffer)  # a pipe of the parent's: no one else writes there
    threading.Thread(
        target=lambda: sys.stdin.buffer.read() or os._exit(1), name="parent", daemon=True
    ).start()
    try:
        train_run(*run)
    except ValueError as error:
        print(error)
        sys.stdout.flush()
        os._exit(_SAID)
    sys.stdout.flush()
    os._exit(0)  # not by way of the thread that holds the pipe
