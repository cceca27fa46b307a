"""Runs as tasks of a Dask cluster, on hosts that share the folder of the runs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from training.engine.folds import train_run
from training.engine.recipe import Recipe

_LOOPBACK = ("localhost", "::1")


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
        too often; else what a run raises. What has not begun by then is not trained.

    """
    try:
        from distributed import Client, KilledWorker, as_completed
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
        left = [
            client.submit(train_run, each, runs.resolve(), heads, pure=False) for each in recipes
        ]
        try:
            for future in as_completed(left):
                future.result()
        except KilledWorker as error:
            words = "A run's worker died too often, as where memory is short: start it again."
            raise ValueError(words) from error
        finally:
            client.cancel(left)
