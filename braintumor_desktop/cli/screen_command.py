"""`screen`: an archive answered on a cluster, into Parquet, with a report."""

from __future__ import annotations

import argparse
import json
import sys
import time

from braintumor_desktop.errors import BraintumorError
from braintumor_desktop.text import _
from braintumor_desktop.text.language import translated
from braintumor_desktop.text.numbers import decimal, integer


class _ExtraError(BraintumorError):
    """The extra that this needs is not installed."""

    kind = "extra"


def run(options: argparse.Namespace) -> bool:
    """Screen; returns whether something failed."""
    try:
        from braintumor_desktop.outputs.screening_report import write_report
        from braintumor_desktop.screening.distributed.results import open_results
        from braintumor_desktop.screening.distributed.run import ClusterOptions, screen
        from braintumor_desktop.screening.distributed.sample_pictures import read_samples
        from braintumor_desktop.screening.distributed.sources import source_of
    except ImportError as error:
        raise _ExtraError(
            'Screening needs more than the app has: pip install "braintumor-desktop[screening]".'
        ) from error

    source = source_of(options.source, json.loads(options.storage_options or "{}"))
    cluster = ClusterOptions(
        options.cluster, options.workers, options.tls_ca, options.tls_cert, options.tls_key
    )
    screen(
        source,
        options.out,
        cluster,
        resume=options.resume,
        slices=options.slices,
        progress=_Shown(),
        dashboard=lambda link: print(_("Dashboard: {link}").format(link=link), file=sys.stderr),
    )
    results = open_results(options.out)
    for path in write_report(results, read_samples(options.out), options.out):
        print(path)
    return False


class _Shown:
    """Progress with rate and time left, on a terminal in one line."""

    def __init__(self) -> None:
        self._start = time.monotonic()
        self._began: dict[str, tuple[float, int]] = {}

    def __call__(self, what: str, done: int, total: int) -> None:
        # What is counted without an end begins at 0 with the run; else the first call says where.
        first = (time.monotonic(), done) if total else (self._start, 0)
        began, before = self._began.setdefault(what, first)
        a_second = (done - before) / max(time.monotonic() - began, 1e-3)
        fields = {"what": translated(what), "done": integer(done), "total": integer(total)}
        if not total:
            said = _("{what} {done}, {rate} a second").format(**fields, rate=integer(a_second))
        elif a_second > 0:
            minutes = integer((total - done) / a_second / 60)
            said = _("{what} {done} of {total}, {rate} a minute, {minutes} min left").format(
                **fields, rate=decimal(60 * a_second, 1), minutes=minutes
            )
        else:
            said = _("{what} {done} of {total}").format(**fields)
        end = "\r" if sys.stderr.isatty() else "\n"
        print(f"{said}   ", end=end, file=sys.stderr, flush=True)
