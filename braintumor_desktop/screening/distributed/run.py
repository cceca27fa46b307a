"""A screening from end to end: files, partitions, answers; goes on where it was cut off."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from distributed import Client, LocalCluster, as_completed
from distributed.security import Security

from braintumor_desktop.errors import gettext_noop
from braintumor_desktop.screening.distributed.partition import (
    SLICES,
    FileKey,
    Partition,
    partitions,
)
from braintumor_desktop.screening.distributed.results import path_of
from braintumor_desktop.screening.distributed.source_files import ScreeningError, SourceFiles
from braintumor_desktop.screening.distributed.tasks import answer_partition, look_at

_FILES_AT_ONCE = 500  # headers that one task looks at
_AHEAD = 3  # tasks under way for each worker: one runs, the next wait beside it
_PLAN = "partitions.json"

Progress = Callable[[str, int, int], None]


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
    source: SourceFiles,
    out: Path,
    options: ClusterOptions,
    *,
    resume: bool = False,
    slices: int = SLICES,
    progress: Progress = lambda *_: None,
) -> int:
    """Answer every series of an archive into `out`, and return how many partitions there are.

    Raises `ScreeningError` where `out` holds results and `resume` is not asked for, or where the
    cluster cannot be reached.
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
        left = [one for one in todo if not path_of(out, one.key).exists()]
        done = len(todo) - len(left)
        for _ in _bounded(client, answer_partition, ((source, one, str(out)) for one in left)):
            done += 1
            progress(gettext_noop("answered"), done, len(todo))
    return len(todo)


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
        yield client


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


def _looked_at(client: Client, source: SourceFiles, progress: Progress) -> list[FileKey]:
    names = source.names()
    chunks = iter(lambda: list(islice(names, _FILES_AT_ONCE)), [])
    found: list[FileKey] = []
    for keys in _bounded(client, look_at, ((source, chunk) for chunk in chunks)):
        found += keys
        progress(gettext_noop("looked at"), len(found), 0)
    return found


def _bounded(
    client: Client, task: Callable[..., Any], arguments: Iterator[tuple[object, ...]]
) -> Iterator[Any]:
    """The results of tasks as they come, with only so many under way that workers are busy.

    A worker that dies costs its tasks nothing: they run elsewhere, up to three times.
    """
    under_way = as_completed()
    more = True
    while True:
        room = max(2, _AHEAD * len(client.scheduler_info(n_workers=-1)["workers"]))
        while more and under_way.count() < room:
            given = next(arguments, None)
            more = given is not None
            if given is not None:
                under_way.add(client.submit(task, *given, pure=False, retries=3))
        if under_way.is_empty():
            return
        yield next(under_way).result()


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
