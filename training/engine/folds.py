"""Several runs of one recipe, some of them at once: cores that share a run wait for each other."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing.connection import wait
from pathlib import Path

from training.engine.localizing import train_localizing
from training.engine.recipe import Recipe, run_name
from training.engine.upright import train_upright

_LARGE = str(1 << 33)
KEEP_MEMORY = {
    "MALLOC_MMAP_THRESHOLD_": _LARGE,
    "MALLOC_TRIM_THRESHOLD_": _LARGE,
    "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",
}
"""What glibc's malloc is told: else every step asks the system for its large arrays anew."""


def train_folds(recipes: Sequence[Recipe], runs: Path, heads: bool, at_once: int) -> None:
    """Train the networks of `recipes` in folders of `runs`, and the heads for which way is up.

    `at_once` of them side by side, each on its share of the cores, in processes of their own.
    Raises what a run raises, and `ValueError` where a process was ended from outside; all other
    runs end with it, and go on at the next call after their last whole epoch.
    """
    at_once = min(at_once, len(recipes))
    if at_once <= 1:
        for recipe in recipes:
            train_run(recipe, runs, heads)
        return
    threads = str(max(1, (os.cpu_count() or 1) // at_once))
    share = dict.fromkeys(("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS"), threads)
    spawn = multiprocessing.get_context("spawn")
    with (
        _environment(share | KEEP_MEMORY),  # that the processes start with
        ProcessPoolExecutor(at_once, spawn, _end_with_parent) as pool,
    ):
        try:
            for run in as_completed(
                [pool.submit(train_run, each, runs, heads) for each in recipes]
            ):
                run.result()
        except BaseException as error:
            for process in multiprocessing.active_children():
                process.terminate()  # else the pool would train all that waits first
            if isinstance(error, BrokenProcessPool):
                words = "A run was ended from outside, as where memory is short: start it again."
                raise ValueError(words) from error
            raise


def train_run(recipe: Recipe, runs: Path, heads: bool) -> None:
    """Train one network, or go on after its last whole epoch, in a folder of `runs`."""
    run = runs / run_name(recipe.left_out_fold)
    print(f"Training {run.name}", flush=True)
    train_localizing(recipe, run)
    if heads:
        train_upright(recipe, run)


@contextmanager
def _environment(values: dict[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(values)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _end_with_parent() -> None:
    """Else a process whose parent was killed would train on beside the one that is started next."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent's to answer
    parent = multiprocessing.parent_process()
    if parent is not None:
        watched = parent.sentinel
        threading.Thread(target=lambda: wait([watched]) and os._exit(1), daemon=True).start()
