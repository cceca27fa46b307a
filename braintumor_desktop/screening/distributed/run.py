"""A screening from end to end: files, partitions, answers; goes on where it was cut off."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

from distributed import CancelledError, Client, Future, LocalCluster, as_completed
from distributed.comm import CommClosedError
from distributed.security import Security

from braintumor_desktop.errors import gettext_noop
from braintumor_desktop.screening.distributed.partition import (
    SLICES,
    FileKey,
    Partition,
    partitions,
)
from braintumor_desktop.screening.distributed.results import path_of, with_files_missing
from braintumor_desktop.screening.distributed.source_files import ScreeningError
from braintumor_desktop.screening.distributed.sources import Source
from braintumor_desktop.screening.distributed.tasks import answer_partition, look_at

_FILES_AT_ONCE = 500  # headers that one task looks at
_AHEAD = 3  # tasks under way for each worker: one runs, the next wait beside it
_PLAN = "partitions.json"

_TRIES = 2  # of a partition that failed or missed a file
Progress = Callable[[str, int, int], None]
_Arguments = tuple[tuple[object, ...], dict[str, Any]]

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ClusterOptions:
    """Which machines answer.

    Attributes
    ----------
    address
        The scheduler's, as `tls://host:8786`; empty for this machine alone.
    workers
        On this machine: how many processes, each for one core.
    ca_file, certificate, key
        What TLS between the hosts needs. Without TLS only a scheduler on loopback is spoken to.

    """

    address: str = ""
    workers: int = 1
    ca_file: str = ""
    certificate: str = ""
    key: str = ""


def screen(
    source: Source,
    out: Path,
    options: ClusterOptions,
    *,
    resume: bool = False,
    slices: int = SLICES,
    progress: Progress = lambda *_: None,
) -> int:
    """Answer every series of an archive into `out`, and return how many partitions there are.

    A partition that failed, or that missed a file, is tried once more at the end, as it is when a
    run is resumed. Raises `ScreeningError` where `out` holds results and `resume` is not asked for,
    where the cluster cannot be reached or is lost, and where partitions are without answers at
    last; all others then have theirs.
    """
    out.mkdir(parents=True, exist_ok=True)
    plan = out / _PLAN
    if not resume and (plan.exists() or any(out.glob("part-*.parquet"))):
        raise ScreeningError(
            "The folder holds results already: go on with --resume, or name another."
        )
    with connected(options) as client:
        if plan.exists():
            todo = _read_plan(plan)
        else:
            todo = partitions(_looked_at(client, source, progress), slices)
            _write_plan(plan, todo)
        for _ in range(_TRIES):
            _answer(client, source, out, todo, progress)
    lost = sum(not path_of(out, one.key).exists() for one in todo)
    if lost:
        raise ScreeningError(
            "{count} partitions have no answers, as the archive did not give their files: go on "
            "with --resume.",
            count=lost,
        )
    return len(todo)


def _answer(
    client: Client, source: Source, out: Path, todo: Sequence[Partition], progress: Progress
) -> None:
    """Answer what has no answers, and what missed a file."""
    again = with_files_missing(out)
    left = [one for one in todo if one.key in again or not path_of(out, one.key).exists()]
    done = len(todo) - len(left)
    given: Iterator[_Arguments] = (
        ((source, one, str(out)), {"again": one.key in again}) for one in left
    )
    for future in _bounded(client, answer_partition, given):
        if future.status == "error":
            log.warning("A partition failed: %s", type(future.exception()).__name__)
            continue
        future.result()
        done += 1
        progress(gettext_noop("answered"), done, len(todo))


@contextmanager
def connected(options: ClusterOptions) -> Iterator[Client]:
    """Give a client of the cluster that is asked for, or of one on this machine."""
    logging.getLogger("distributed.worker").setLevel(logging.ERROR)
    if not options.address:
        with (
            LocalCluster(
                n_workers=options.workers,
                threads_per_worker=1,
                host="127.0.0.1",
                dashboard_address="127.0.0.1:0",
            ) as cluster,
            Client(cluster) as client,
        ):
            yield client
        return
    security = _security(options)
    try:
        client = Client(options.address, security=security, timeout=30)
    except (OSError, TimeoutError, ValueError) as error:
        raise ScreeningError("No scheduler answers at the address that was given.") from error
    with client:
        try:
            yield client
        except (CancelledError, CommClosedError, TimeoutError) as error:
            raise ScreeningError(
                "The scheduler is lost: start it again, and go on with --resume."
            ) from error


def _security(options: ClusterOptions) -> Security | None:
    """TLS, which is on unless the scheduler is on this machine."""
    if options.ca_file and options.certificate and options.key:
        return Security(
            require_encryption=True,
            tls_ca_file=options.ca_file,
            tls_client_cert=options.certificate,
            tls_client_key=options.key,
        )
    host = options.address.rpartition("://")[2].rpartition(":")[0].strip("[]")
    if host.startswith("127.") or host in ("localhost", "::1"):
        return None
    raise ScreeningError(
        "Another host is spoken to by TLS alone: name authority, certificate, key."
    )


def _looked_at(client: Client, source: Source, progress: Progress) -> list[FileKey]:
    found: list[FileKey] = []
    gone: list[str] = []

    def look(names: Iterator[str]) -> Iterator[FileKey]:
        chunks = iter(lambda: list(islice(names, _FILES_AT_ONCE)), [])
        given: Iterator[_Arguments] = (((source, chunk), {}) for chunk in chunks)
        for future in _bounded(client, look_at, given):
            keys = future.result()
            yield from keys
            progress(gettext_noop("looked at"), len(found), 0)

    for key in look(source.names()):
        if key.gone:
            gone.append(key.name)
        else:
            found.append(replace(key, series=sys.intern(key.series)))
    if gone:  # it may be there again; else it stands by its folder
        found += look(iter(sorted(gone)))
    return found


def _bounded(
    client: Client, task: Callable[..., Any], arguments: Iterator[_Arguments]
) -> Iterator[Future]:
    """Tasks as they end, with only so many under way that workers are busy.

    A worker that dies costs its tasks nothing: they run elsewhere, up to three times. Raises
    `CancelledError` where the scheduler is lost.
    """
    under_way = as_completed()
    more = True
    while True:
        room = max(2, _AHEAD * len(client.scheduler_info(n_workers=-1)["workers"]))
        while more and under_way.count() < room:
            given = next(arguments, None)
            more = given is not None
            if given is not None:
                own, named = given
                under_way.add(client.submit(task, *own, **named, pure=False, retries=3))
        if under_way.is_empty():
            return
        future = next(under_way)
        if future.cancelled() or future.status == "lost":
            raise CancelledError
        yield future


def _write_plan(path: Path, plan: Sequence[Partition]) -> None:
    beside = path.with_suffix(".part")
    beside.write_text(json.dumps([[one.key, one.names] for one in plan]), encoding="utf-8")
    beside.replace(path)


def _read_plan(path: Path) -> list[Partition]:
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
        return [Partition(key, tuple(names)) for key, names in rows]
    except (OSError, ValueError, TypeError) as error:
        raise ScreeningError("The plan of the screening cannot be read.") from error
