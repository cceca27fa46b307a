"""A screening from end to end: files, partitions, answers; goes on where it was cut off."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

import dask
from distributed import CancelledError, Client, Future, LocalCluster, as_completed
from distributed.comm import CommClosedError
from distributed.security import Security

from braintumor_desktop.errors import gettext_noop
from braintumor_desktop.screening.distributed.partition import SLICES
from braintumor_desktop.screening.distributed.plan import (
    Plan,
    buckets_for,
    close_plan,
    folder_of,
    keep_list,
    planned,
    read_plan,
)
from braintumor_desktop.screening.distributed.results import (
    open_results,
    with_files_missing,
    written_keys,
)
from braintumor_desktop.screening.distributed.sample_pictures import Wanted, choose, write_samples
from braintumor_desktop.screening.distributed.source_files import ScreeningError
from braintumor_desktop.screening.distributed.sources import Source
from braintumor_desktop.screening.distributed.tasks import (
    LookedAt,
    answer_partition,
    draw_samples,
    look_at,
    plan_bucket,
)

_FILES_AT_ONCE = 1000  # headers that one task looks at
_PICTURES_AT_ONCE = 16
_AHEAD = 3  # tasks under way for each worker: one runs, the next wait beside it
_TRIES = 2  # of a partition that failed or missed a file
# Dask stops each process a hundred times a second to look what it does: 3 % of a worker's time.
_UNWATCHED = {
    "distributed.worker.profile.enabled": False,
    "distributed.admin.tick.interval": "500 ms",
}
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
    dashboard: Callable[[str], None] = lambda _: None,
) -> int:
    """Answer every series of an archive into `out`, and return how many partitions there are.

    A partition that failed, or that missed a file, is tried once more at the end, as it is when a
    run is resumed. `dashboard` is told where Dask's is, if there is one.

    Raises `ScreeningError` where `out` holds results and `resume` is not asked for, where the
    cluster cannot be reached or is lost, and where partitions are without answers at last; all
    others then have theirs.
    """
    out.mkdir(parents=True, exist_ok=True)
    if not resume and (folder_of(out).exists() or written_keys(out)):
        raise ScreeningError(
            "The folder holds results already: go on with --resume, or name another."
        )
    with connected(options) as client:
        if "dashboard" in client.scheduler_info().get("services", {}):
            dashboard(client.dashboard_link)
        plan = read_plan(out) or make_plan(client, source, out, slices, progress)
        for _ in range(_TRIES):
            _answer(client, source, out, plan, progress)
        _sample(client, source, out)
    written = written_keys(out)
    lost = sum(one.key not in written for one in planned(out, plan))
    if lost:
        raise ScreeningError(
            "{count} partitions have no answers, as the archive did not give their files: go on "
            "with --resume.",
            count=lost,
        )
    return plan.partitions


def make_plan(client: Client, source: Source, out: Path, slices: int, progress: Progress) -> Plan:
    """Look at every file, and put whole series into partitions; what is known is not asked again.

    Neither the names nor what is known of them are held here: there may be any number.
    """
    looked: list[str] = []
    gone: list[str] = []
    files = 0

    def look(names: Iterator[str], last: bool) -> None:
        nonlocal files
        chunks = iter(lambda: list(islice(names, _FILES_AT_ONCE)), [])
        given: Iterator[_Arguments] = (
            ((source, chunk, str(out)), {"last": last}) for chunk in chunks
        )
        for future in _bounded(client, look_at, given):
            found: LookedAt = _result(future)
            looked.append(found.name)
            gone.extend(found.gone)
            files += found.files
            progress(gettext_noop("looked at"), files, 0)

    look(source.names(), last=False)
    look(iter(sorted(gone)), last=True)  # they may be there again
    keep_list(out, looked)
    buckets = buckets_for(files)
    tasks: Iterator[_Arguments] = (
        ((str(out), number, buckets, slices), {}) for number in range(buckets)
    )
    plan = Plan(sum(map(_result, _bounded(client, plan_bucket, tasks))), buckets)
    close_plan(out, plan)
    return plan


def _result(future: Future) -> Any:
    """What a task of the plan gave; raises `ScreeningError` where it failed at last."""
    if future.status == "error" and not isinstance(future.exception(), ScreeningError):
        raise ScreeningError(
            "The archive did not give its files: go on with --resume."
        ) from future.exception()
    return future.result()


def _answer(client: Client, source: Source, out: Path, plan: Plan, progress: Progress) -> None:
    """Answer what has no answers, and what missed a file."""
    again, there = with_files_missing(out), written_keys(out)
    done = len(there - again)
    progress(gettext_noop("answered"), done, plan.partitions)  # what the rate begins with
    given: Iterator[_Arguments] = (
        ((source, one, str(out)), {"again": one.key in again})
        for one in planned(out, plan)
        if one.key in again or one.key not in there
    )
    for future in _bounded(client, answer_partition, given):
        if future.status == "error":
            log.warning("A partition failed: %s", type(future.exception()).__name__)
            continue
        future.result()
        done += 1
        progress(gettext_noop("answered"), done, plan.partitions)


@contextmanager
def connected(options: ClusterOptions) -> Iterator[Client]:
    """Give a client of the cluster that is asked for, or of one on this machine."""
    logging.getLogger("distributed.worker").setLevel(logging.ERROR)
    if not options.address:
        with (
            dask.config.set(_UNWATCHED),
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


def _sample(client: Client, source: Source, out: Path) -> None:
    """Keep small pictures of some slices of each group; a source that fails costs its pictures."""
    chosen = choose(open_results(out)) if written_keys(out) else []
    wanted = sorted({(one.file, one.frame) for one in chosen})
    given: Iterator[_Arguments] = (
        ((source, wanted[start : start + _PICTURES_AT_ONCE]), {})
        for start in range(0, len(wanted), _PICTURES_AT_ONCE)
    )
    found: dict[Wanted, bytes] = {}
    for future in _bounded(client, draw_samples, given):
        if future.status == "error":
            log.warning("Samples are lacking: %s", type(future.exception()).__name__)
        else:
            found |= future.result()
    pictures = ((one, found.get((one.file, one.frame), b"")) for one in chosen)
    write_samples(out, (replace(one, jpeg=jpeg) for one, jpeg in pictures if jpeg))


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
        workers = client.scheduler_info(n_workers=-1).get("workers")
        if workers is None:  # what is said of a scheduler that does not answer
            raise CancelledError
        room = max(2, _AHEAD * len(workers))
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
