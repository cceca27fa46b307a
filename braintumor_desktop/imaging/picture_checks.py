"""What a picture shows of its own making: several slices, a viewer's window, something drawn in.

The network learned from none of these, and answers them like any other. Each check was set so that
at most one in a hundred untouched slices is flagged (`tests/benchmarks/bench_picture_checks.py`).
All of them look at levels of brightness from 0 (darkest pixel) to 255 (brightest).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from braintumor_desktop.domain.image import ByteLevels, FloatImage, ReadWarning
from braintumor_desktop.imaging.levels import byte_levels, counts_of, stretched

Levels = NDArray[np.uint8]

_FEWEST_LEVELS = 24  # of a picture with fewer nothing can be said

# Several slices. Shares of a side or of a cell of the grid.
_SMALL_SIDE = 256
_SHEET_SIDE = 192
_MOST_CELLS = 6  # along each side
_LEAST_PIXELS = 40  # of a cell's side: of fewer nobody makes a slice
_TISSUE = 0.1  # of the 99.5th percentile
_EMPTY_LINE, _THIN_LINE, _THICK_LINE = 0.08, 0.55, 0.8
_JUMP = 2.2  # across an edge between two pictures, times that between neighbouring lines
_SPAN, _LEAST_CELL, _EMPTY_CELL = 0.35, 0.06, 0.03
_FULL = 0.4  # of the cells

# Saturation. Shares of the head.
_TOP, _BOTTOM = 253, 2  # levels from here, and below here, are clipped
_BESIDE_TOP, _BESIDE_BOTTOM = 9, 12  # levels beside, by which the unclipped share is judged
_MOST_CLIPPED, _MOST_CLIPPED_TWICE = 0.15, 0.065

# Strokes.
_MOST_SIDE = 1100  # larger pictures are thinned out
_REACH = 4  # pixels to either side of a stroke's centre line
_DROP = 60  # levels
_STEP = 0.55  # of the drop happens between two neighbouring pixels
_DARK = 0.5  # of the tissue: what is darker is air or bone, beside which scalp is thin and bright
_SAME = 8  # levels that a stroke varies by
_STROKE, _STROKE_COARSE, _STROKE_SATURATED = 18, 30, 50  # pixels
_LETTERS, _LETTERS_SHARE = 45, 0.5  # pixels of a fine picture, and of all that are on strokes
_FINE_SIDE = 450  # a picture of fewer pixels shows vessels as sharp as strokes


def look(pixels: FloatImage, counted: ByteLevels | None = None) -> tuple[ReadWarning, ...]:
    """The cautions about a slice's own pixels, float32 (height, width).

    `counted` is what `byte_levels` says of them, where somebody asked already.

    Kinds: `sheet`, several slices on one picture; `saturated`, a large share of the head is
    clipped to white or black; `drawn`, there are strokes as of a calliper or of letters.
    """
    levels, histogram = stretched(pixels, counted or byte_levels(pixels))
    if np.count_nonzero(histogram) < _FEWEST_LEVELS:
        return ()
    white = int(np.searchsorted(np.cumsum(histogram), 0.995 * levels.size))
    small = _small(levels)
    cells = sheet_cells(levels, small, white)
    warnings = []
    if cells > 1:
        warnings.append(
            ReadWarning(
                "sheet",
                "The picture shows several slices ({count}): an answer would be about none of "
                "them.",
                (("count", cells),),
            )
        )
    share = clipped_share(levels, small, histogram)
    if share:
        warnings.append(
            ReadWarning(
                "saturated",
                "A large share of the head ({percent} %) is plain white or black, as by the window "
                "of a viewer: what was there is lost.",
                (("percent", round(100 * share)),),
            )
        )
    if stroke_pixels(levels, histogram):
        warnings.append(
            ReadWarning(
                "drawn",
                "Something seems to be drawn into the picture, as letters or a measurement are.",
            )
        )
    return tuple(warnings)


def _small(levels: Levels) -> Levels:
    """The picture with sides of 256 to 511 pixels, where it is larger."""
    step = max(1, max(levels.shape) // _SMALL_SIDE)
    height, width = levels.shape
    size = max(1, width // step), max(1, height // step)
    return np.asarray(cv2.resize(levels, size, interpolation=cv2.INTER_AREA), np.uint8)


def sheet_cells(levels: Levels, small: Levels, white: int) -> int:
    """How many slices stand in a grid on the picture; 1 where there is no grid.

    A grid is one of equal cells between whose lines there is little tissue, little beside that in
    the cells, or an edge from side to side; and whose cells are either empty or hold a head. A
    single head has most of its tissue where such a line would be.
    """
    height, width = levels.shape
    scale = min(1.0, _SHEET_SIDE / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    tissue = cv2.resize(small, size, interpolation=cv2.INTER_AREA) > _TISSUE * white
    across_rows, across_columns = (_line_means(tissue.view(np.uint8), axis) for axis in (1, 0))
    steps = _mean_steps(levels[1:], levels[:-1], 1), _mean_steps(levels[:, 1:], levels[:, :-1], 0)
    rows = _possible_divisions(across_rows, steps[0])
    columns = _possible_divisions(across_columns, steps[1])
    most = 1
    for down in rows:
        for across in columns:
            aspect = (size[1] / down) / (size[0] / across)
            if down * across > 1 and 0.4 < aspect < 2.5:
                most = max(most, _full_cells(tissue, down, across))
    return most


def _mean_steps(after: Levels, before: Levels, axis: int) -> NDArray[np.float64]:
    """The mean step from each line to the next; none where there is one line alone."""
    if not after.size:
        return np.zeros(0)
    return _line_means(np.asarray(cv2.absdiff(after, before), np.uint8), axis)


def _line_means(levels: Levels, axis: int) -> NDArray[np.float64]:
    """The mean of each row (`axis` 1) or column (0), to the last bit NumPy's in float64.

    Sums of bytes are whole numbers.
    """
    sums = cv2.reduce(levels, axis, cv2.REDUCE_SUM, dtype=cv2.CV_32S)
    return np.asarray(sums.ravel() / np.float64(levels.shape[axis]), np.float64)


def _middle(values: NDArray[np.floating]) -> float:
    """The median of a few values: NumPy's own takes longer to begin than they to be sorted."""
    ranked = np.sort(values)
    return float(ranked[(len(ranked) - 1) // 2] + ranked[len(ranked) // 2]) / 2


def _possible_divisions(profile: NDArray[np.floating], steps: NDArray[np.floating]) -> list[int]:
    """The numbers of equal parts that a side may be divided into.

    `profile` is the share of tissue in each line, `steps` the mean step from each full-size line
    to the next.
    """
    filled = profile[profile > 0.02]
    usual = _middle(filled) if len(filled) else 0.0

    def divides(place: float) -> bool:
        around = _around(profile, place, 0.015)
        gap = float(around.min()) if len(around) else 1.0
        if gap <= max(_EMPTY_LINE, _THIN_LINE * usual):
            return True
        near, far = _around(steps, place, 0.012), _around(steps, place, 0.08)
        if not len(near) or gap >= _THICK_LINE * usual:
            return False
        return bool(near.max() >= _JUMP * (_middle(far) + 0.25))

    return [
        parts
        for parts in range(1, min(_MOST_CELLS, len(steps) // _LEAST_PIXELS) + 1)
        if all(divides(number / parts) for number in range(1, parts))
    ]


def _around(line: NDArray[np.floating], place: float, reach: float) -> NDArray[np.floating]:
    length = len(line)
    margin = max(1, int(reach * length))
    return line[max(0, int(place * length) - margin) : int(place * length) + margin + 1]


def _full_cells(tissue: NDArray[np.bool_], down: int, across: int) -> int:
    """The cells of a grid that hold a head, 0 where it is none."""
    height, width = tissue.shape
    full = 0
    for row in range(down):
        for column in range(across):
            cell = tissue[
                row * height // down : (row + 1) * height // down,
                column * width // across : (column + 1) * width // across,
            ]
            spans = [_span(cell.mean(axis=axis)) for axis in (0, 1)]
            if cell.mean() > _LEAST_CELL and min(spans) > _SPAN:
                full += 1
            elif cell.mean() >= _EMPTY_CELL:
                return 0
    return full if full > 1 and full >= _FULL * down * across else 0


def _span(profile: NDArray[np.floating]) -> float:
    """From the first to the last line with tissue, as a share of all."""
    lines = np.flatnonzero(profile > _LEAST_CELL)
    return float(lines[-1] - lines[0]) / len(profile) if len(lines) else 0.0


def clipped_share(levels: Levels, small: Levels, histogram: NDArray[np.int64]) -> float:
    """The share of the head that is clipped to white or black, 0 where that is not much.

    The levels beside the last say how many pixels would be there without clipping. Bone and air
    are black inside the head of a sound slice; so black counts only together with white.
    """
    hull = _head(small)
    step = min(side // part for side, part in zip(levels.shape, small.shape, strict=True))
    # Too few of all pixels are white, even if every one of them is in the head and the rest black.
    if histogram[_TOP:].sum() < 0.9 * _MOST_CLIPPED_TWICE**2 * cv2.countNonZero(hull) * step**2:
        return 0.0
    full = cv2.resize(hull, levels.shape[::-1], interpolation=cv2.INTER_NEAREST)
    counts = counts_of(levels, np.asarray(full, np.uint8))
    if not counts.any():
        return 0.0
    shares = counts / counts.sum()
    beside = shares[_TOP - _BESIDE_TOP : _TOP].mean()
    white = max(0.0, float(shares[_TOP:].sum() - beside * (256 - _TOP)))
    beside = shares[_BOTTOM : _BOTTOM + _BESIDE_BOTTOM].mean()
    black = max(0.0, float(shares[:_BOTTOM].sum() - beside * _BOTTOM))
    if white > _MOST_CLIPPED or (white * black) ** 0.5 > _MOST_CLIPPED_TWICE:
        return white + black
    return 0.0


def _head(small: Levels) -> Levels:
    """The convex hull of what is not background: 1 inside and 0 outside."""
    mask = (small > _TISSUE * 255).astype(np.uint8)
    mask = np.asarray(cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)), np.uint8)
    contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    areas = [cv2.contourArea(contour) for contour in contours]
    hull = np.zeros_like(mask)
    if areas:
        parts = [c for c, a in zip(contours, areas, strict=True) if a > max(areas) / 10]
        if parts:
            cv2.drawContours(hull, [cv2.convexHull(np.concatenate(parts))], -1, 1, cv2.FILLED)
    return hull


def stroke_pixels(levels: Levels, histogram: NDArray[np.int64] | None = None) -> int:
    """The pixels of the longest stroke or of the letters drawn over tissue, 0 where that is little.

    A stroke is brighter than what is at both sides of it, by a step and not by a slope, and all
    of one level. Where a picture is saturated, vessels and rims look much the same. `histogram` has
    how many pixels have each level, where that is known.
    """
    step = -(-max(levels.shape) // _MOST_SIDE)
    levels = np.ascontiguousarray(levels[::step, ::step])
    tissue = counts_of(levels) if histogram is None or step > 1 else histogram.copy()
    tissue[: int(_TISSUE * 255)] = 0
    usual = int(np.searchsorted(np.cumsum(tissue), tissue.sum() / 2))
    ridges = np.zeros_like(levels)
    for rows, columns in _ridges(levels, max(1, round(_DARK * usual))):
        ridges[rows, columns] = 1
    fine = max(levels.shape) >= _FINE_SIDE
    enough = _STROKE if fine else _STROKE_COARSE
    if cv2.countNonZero(ridges) < enough:
        return 0
    found = np.bincount(levels[ridges > 0], minlength=256)
    level = int(np.convolve(found, np.ones(7), "same").argmax())
    same = cv2.inRange(levels, max(0, level - _SAME), min(255, level + _SAME))
    same = np.asarray(cv2.bitwise_and(ridges, same), ridges.dtype)
    count = cv2.countNonZero(same)
    if count < enough:
        return 0
    left, top, width, height = cv2.boundingRect(same)
    same = np.ascontiguousarray(same[top : top + height, left : left + width])
    _, parts = cv2.connectedComponents(same)
    longest = int(np.bincount(parts[same > 0]).max(initial=0))
    group = _largest_group(same) if fine and count >= _LETTERS else 0
    if longest < enough and group < max(_LETTERS, _LETTERS_SHARE * count):
        return 0
    white = (levels >= _TOP - 3).astype(np.uint8)
    if (
        longest < _STROKE_SATURATED
        and np.asarray(cv2.erode(white, np.ones((7, 7), np.uint8))).any()
    ):
        return 0
    return max(longest, group)


def _largest_group(same: NDArray[Any]) -> int:
    """The pixels of the largest group of strokes that stand as near to each other as letters."""
    _, groups = cv2.connectedComponents(cv2.dilate(same, np.ones((7, 11), np.uint8)))
    return int(np.bincount(groups[same > 0]).max(initial=0))


def _ridges(levels: Levels, dark: int) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Rows and columns of pixels that are on a stroke, seen across it along rows and columns."""
    reach = _REACH
    padded = np.asarray(
        cv2.copyMakeBorder(levels, reach, reach, reach, reach, cv2.BORDER_REPLICATE), np.uint8
    )
    far = np.arange(_REACH + 1)[:, np.newaxis]
    for down, across in ((0, 1), (1, 0)):
        lowest = _lowest(padded, down, across)
        enough = cv2.inRange(cv2.subtract(levels, cv2.max(*lowest)), _DROP, 255)
        bright = cv2.inRange(cv2.min(*lowest), dark, 255)
        found = np.flatnonzero(cv2.bitwise_and(enough, bright) > 0)
        rows, columns = np.divmod(found, levels.shape[1])
        for side in (1, -1):
            line = padded[
                rows + _REACH + side * down * far, columns + _REACH + side * across * far
            ].astype(np.int16)
            steep = (line[:-1] - line[1:]).max(axis=0) >= _STEP * (line[0] - line.min(axis=0))
            rows, columns = rows[steep], columns[steep]
        yield rows, columns


def _lowest(padded: Levels, down: int, across: int) -> tuple[Levels, Levels]:
    """The lowest level of the `_REACH` pixels behind and of those before each one, in a direction.

    `padded` goes on by `_REACH` at every side. The pixels before one are those behind another.
    """
    height, width = (side - 2 * _REACH for side in padded.shape)
    size = (_REACH, 1) if across else (1, _REACH)
    # The lowest from each place of the padded picture on: the anchor is the window's first pixel.
    runs = cv2.erode(padded, np.ones(size[::-1], np.uint8), anchor=(0, 0))
    behind, before = (
        np.asarray(
            runs[
                _REACH + shift * down : _REACH + shift * down + height,
                _REACH + shift * across : _REACH + shift * across + width,
            ],
            np.uint8,
        )
        for shift in (1, -_REACH)
    )
    return behind, before
