"""The files behind the paths that a person names, as whole ones; what lies beside slices is not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from braintumor_desktop.errors import BraintumorError
from braintumor_desktop.imaging.read import SNIFFED
from braintumor_desktop.sources.passed_over import PASSED_OVER, check_slice_like
from braintumor_desktop.sources.walk import walk


def files_below(
    paths: Iterable[Path], passed_over: list[Path] | None = None
) -> Iterator[tuple[Path, BraintumorError | None]]:
    """Each slice's file as `walk` finds it, or a path with what is wrong with it.

    Paths stay relative where they were. What is passed over (hidden files, indices, what lies
    beside slices) is added to `passed_over`, so that it can be said how many there were.
    """
    for item in walk(list(paths)):
        problem = item.problem
        if item.peek is not None and not item.named:
            try:
                head = item.peek(SNIFFED)
                check_slice_like(item.path, head, named=item.named, on_disc=item.on_disc)
            except BraintumorError as error:
                problem = error
        if not isinstance(problem, PASSED_OVER):
            yield item.path, problem
        elif passed_over is not None:
            passed_over.append(item.path)
