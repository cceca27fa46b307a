"""A screening's distances from the training data as plots, and its samples as sheets."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from itertools import islice

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.image import imread
from matplotlib.ticker import MaxNLocator

from braintumor_desktop.outputs.screening_counts import FEW, GroupRow
from braintumor_desktop.text import _
from braintumor_desktop.text.numbers import integer

_MOST = 30  # groups in a plot
_BLUE, _GREY = "#0072b2", "#555555"
_A_SHEET = 6  # groups on a page of pictures

Picture = tuple[bytes, str]
"""A JPEG file's content, and what is said below it."""


def shown(rows: Sequence[GroupRow]) -> list[GroupRow]:
    """Return the groups that have enough slices to say something."""
    return [row for row in rows if row.answered >= FEW and row.quartiles is not None]


def in_time(rows: Sequence[GroupRow]) -> Figure:
    """Plot the distance month by month: the median, and from the lower to the upper quartile."""
    own = shown(rows)
    figure = Figure(figsize=(8, 3.6), layout="constrained")
    axes = figure.add_subplot()
    places = np.arange(len(own))
    low, middle, high = _quartiles(own)
    axes.fill_between(places, low, high, color=_BLUE, alpha=0.2, linewidth=0, step="mid")
    axes.plot(places, middle, "o-", color=_BLUE, markersize=4, linewidth=1)
    axes.axhline(1, color=_GREY, linewidth=1)
    axes.set_xticks(places, [f"{row.name}\n({integer(row.answered)})" for row in own], fontsize=7)
    if len(own) > 12:
        axes.xaxis.set_major_locator(MaxNLocator(12, integer=True))
    axes.set_ylabel(_distance())
    axes.set_ylim(bottom=0)
    axes.spines[["top", "right"]].set_visible(False)
    return figure


def by_group(rows: Sequence[GroupRow]) -> Figure:
    """Plot the distance of each group, the most unlike first: quartiles as a bar, the median."""
    own = shown(rows)[:_MOST]
    figure = Figure(figsize=(8, 1.2 + 0.32 * max(1, len(own))), layout="constrained")
    axes = figure.add_subplot()
    places = np.arange(len(own))
    low, middle, high = _quartiles(own)
    axes.barh(places, high - low, left=low, height=0.5, color=_BLUE, alpha=0.3)
    axes.plot(middle, places, "o", color=_BLUE, markersize=5)
    axes.set_yticks(places, [f"{shortened(row.name)}  ({integer(row.answered)})" for row in own])
    axes.set_ylim(len(own) - 0.5, -0.5)
    axes.axvline(1, color=_GREY, linewidth=1)
    axes.set_xlabel(_distance())
    axes.set_xlim(left=0)
    axes.spines[["top", "right"]].set_visible(False)
    return figure


def png(figure: Figure) -> bytes:
    """Return a figure as a PNG file's content."""
    buffer = io.BytesIO()
    FigureCanvasAgg(figure).print_png(buffer)  # type: ignore[no-untyped-call]
    return buffer.getvalue()


def sheets(title: str, groups: Sequence[tuple[str, Sequence[Picture]]]) -> Iterator[Figure]:
    """Draw pages of pictures: a row for each group, its name above."""
    waiting = iter(groups)
    while page := list(islice(waiting, _A_SHEET)):
        figure = Figure(figsize=(8.3, 11.7))
        figure.text(0.08, 0.96, title, fontsize=12)
        across = max(len(pictures) for _name, pictures in page)
        for row, (name, pictures) in enumerate(page):
            top = 0.92 - row * 0.15
            figure.text(0.08, top, shortened(name, 80), fontsize=8)
            for column, (jpeg, said) in enumerate(pictures):
                axes = figure.add_axes((0.08 + column * 0.84 / across, top - 0.115, 0.15, 0.105))
                _draw(axes, jpeg, said)
        yield figure


def shortened(name: str, most: int = 44) -> str:
    """Return a name that fits, its middle left out: names differ at their ends."""
    half = most // 2
    return name if len(name) <= most else f"{name[:half]}…{name[-half:]}"


def _draw(axes: Axes, jpeg: bytes, said: str) -> None:
    axes.imshow(imread(io.BytesIO(jpeg), format="jpeg"), cmap="gray", vmin=0, vmax=255)
    axes.axis("off")
    axes.set_title(said, fontsize=5.5, y=-0.16)


def _quartiles(rows: Sequence[GroupRow]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    found = np.array([row.quartiles for row in rows], float).reshape(-1, 3)
    return found[:, 0], found[:, 1], found[:, 2]


def _distance() -> str:
    return _("distance from the training data (1: as these)")
