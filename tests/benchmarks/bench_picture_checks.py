"""How often the checks of `imaging.picture_checks` flag a slice; prints JSON.

Untouched: the slices of the data set and of the volumes beside it (`BRAINTUMOR_DATA` or
`../shared/data`), every `--step`th. Altered: of every `--altered`th of them a sheet of 2 to 20
slices, exports in a viewer's window of 0.5 to 1.5 times the tissue's median, and one with a stroke
or letters drawn in, half of all these through JPEG. The random numbers have a seed. Nothing is
asserted.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import random
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import cv2
import matplotlib as mpl
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from braintumor_desktop.imaging.picture_checks import look
from braintumor_desktop.imaging.read import read_slice

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
FONTS = Path(mpl.get_data_path()) / "fonts" / "ttf"
GRIDS = ((1, 2), (2, 1), (2, 2), (1, 3), (2, 3), (3, 3), (4, 4), (4, 5))
WINDOWS = (0.5, 0.75, 1.0, 1.25, 1.5)
SHAPES = ("circle", "ellipse", "rectangle", "line", "arrow", "cross", "calliper", "text")


def paths(data: Path) -> Iterator[tuple[str, Path]]:
    """The set's name and the file of every untouched slice."""
    for folder in ("brain-tumor-mri", "tumor-type-unknown", "volumes/train", "volumes/external"):
        for path in sorted((data / folder).rglob("*")):
            if path.suffix.lower() in (".jpg", ".jpeg") or folder == "tumor-type-unknown":
                yield folder, path


def grey(path: Path) -> np.ndarray:
    return read_slice(path).pixels.round().astype(np.uint8)


def sheet(pictures: list[np.ndarray], rows: int, columns: int, tight: bool) -> np.ndarray:
    """A grid of slices, each in the middle of its cell or, `tight`, its head over all of it."""
    side = 192 if rows * columns <= 9 else 128
    whole = np.zeros((rows * side, columns * side), np.uint8)
    for number, picture in enumerate(pictures):
        ys, xs = np.nonzero(picture > 25)
        if tight and len(ys):
            picture = picture[ys.min() : ys.max() + 1, xs.min() : xs.max() + 1]
        scale = side / max(picture.shape)
        width, height = (max(1, round(length * scale)) for length in picture.shape[::-1])
        size = (side, side) if tight else (width, height)
        small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
        row, column = divmod(number, columns)
        top = row * side + (side - small.shape[0]) // 2
        left = column * side + (side - small.shape[1]) // 2
        whole[top : top + small.shape[0], left : left + small.shape[1]] = small
    return whole


def windowed(picture: np.ndarray, width: float) -> np.ndarray:
    """As a viewer exports it in a window about the tissue's median, `width` times that wide."""
    tissue = picture[picture > 0.15 * np.quantile(picture, 0.995)]
    median = float(np.median(tissue)) if len(tissue) else 128.0
    low = median * (1 - width / 2)
    return ((picture - low) / (width * median) * 255).round().clip(0, 255).astype(np.uint8)


def drawn(picture: np.ndarray, shape: str, random: random.Random) -> tuple[np.ndarray, str]:
    """With one shape over the head, and a word for how well it can be seen."""
    height, width = picture.shape
    scale = max(height, width) / 512
    level = random.choice((255, 255, 255, 230, 200))
    stroke = max(1, round(random.choice((1, 2, 3, 4)) * max(scale, 0.6)))
    smooth = random.choice((1, 1, 4))
    layer = Image.new("L", (width * smooth, height * smooth), 0)
    draw = ImageDraw.Draw(layer)
    ys, xs = np.nonzero(picture > 40)
    place = random.randrange(len(ys)) if len(ys) else 0
    x, y = (xs[place] * smooth, ys[place] * smooth) if len(ys) else (layer.width / 2,) * 2
    radius, angle = random.uniform(12, 60) * scale * smooth, random.uniform(0, 2 * math.pi)
    options = {"outline": 255, "width": stroke * smooth}
    line = {"fill": 255, "width": stroke * smooth}
    tip = (x + 2 * radius * math.cos(angle), y + 2 * radius * math.sin(angle))
    if shape in ("circle", "calliper"):
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), **options)
    elif shape == "ellipse":
        draw.ellipse((x - radius, y - radius / 2, x + radius, y + radius / 2), **options)
    elif shape == "rectangle":
        draw.rectangle((x - radius, y - radius / 2, x + radius, y + radius / 2), **options)
    elif shape in ("line", "arrow"):
        draw.line((x, y, *tip), **line)
    elif shape == "cross":
        draw.line((x - radius, y, x + radius, y), **line)
        draw.line((x, y - radius, x, y + radius), **line)
    if shape == "arrow":
        for turn in (0.5, -0.5):
            barb = (
                x + radius * math.cos(angle + turn) / 2,
                y + radius * math.sin(angle + turn) / 2,
            )
            draw.line((x, y, *barb), **line)
    if shape in ("text", "calliper"):
        name = random.choice(("DejaVuSans.ttf", "DejaVuSans-Bold.ttf"))
        font = ImageFont.truetype(FONTS / name, int(random.uniform(12, 20) * smooth))
        draw.text((min(x + radius, layer.width * 0.75), y), "18.2 mm", fill=255, font=font)
    share = np.asarray(layer.resize((width, height), Image.Resampling.BOX), np.float32) / 255
    faint = level < 255 or stroke < 2 or smooth > 1
    together = picture * (1 - share) + level * share
    return together.round().astype(np.uint8), "faint" if faint else "plain"


def kinds(picture: np.ndarray, random: random.Random | None = None) -> set[str]:
    if random is not None and random.random() < 0.5:
        quality = [cv2.IMWRITE_JPEG_QUALITY, random.choice((75, 85, 92))]
        picture = cv2.imdecode(cv2.imencode(".jpg", picture, quality)[1], cv2.IMREAD_GRAYSCALE)
    return {warning.kind for warning in look(picture.astype(np.float32))}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--step", type=int, default=1)
    parser.add_argument("--altered", type=int, default=40)
    parser.add_argument("--list", action="store_true", help="name the untouched that are flagged")
    options = parser.parse_args()
    data = Path(os.environ.get("BRAINTUMOR_DATA", SHARED))
    slices = list(paths(data))
    flagged: dict[str, Counter[str]] = defaultdict(Counter)
    seconds = 0.0
    for name, path in slices[:: options.step]:
        pixels = read_slice(path).pixels
        start = time.process_time()
        found = {warning.kind for warning in look(pixels)}
        seconds += time.process_time() - start
        flagged[name].update(found)
        flagged[name]["slices"] += 1
        if options.list and found:
            print(*sorted(found), path.relative_to(data))
    generator = random.Random(0)
    altered: dict[str, list[bool]] = defaultdict(list)
    for number, (_, path) in enumerate(slices[:: options.altered]):
        picture = grey(path)
        rows, columns = GRIDS[number % len(GRIDS)]
        first = generator.randrange(len(slices) - 20)
        many = [grey(other) for _, other in slices[first : first + rows * columns]]
        if number % 2:
            many = [grey(generator.choice(slices)[1]) for _ in many]
        for tight in (False, True):
            hit = "sheet" in kinds(sheet(many, rows, columns, tight), generator)
            altered[f"sheet {'tight' if tight else 'loose'}"].append(hit)
        for width in WINDOWS:
            hit = "saturated" in kinds(windowed(picture, width), generator)
            altered[f"window {width}"].append(hit)
        shape = SHAPES[number % len(SHAPES)]
        together, word = drawn(picture, shape, generator)
        altered[f"drawn {word} {shape}"].append("drawn" in kinds(together, generator))
    total: Counter[str] = sum(flagged.values(), Counter())
    print(
        json.dumps(
            {
                "untouched": {name: dict(counts) for name, counts in flagged.items()},
                "untouched_share": {
                    kind: round(total[kind] / total["slices"], 4)
                    for kind in ("sheet", "saturated", "drawn")
                },
                "milliseconds": round(1000 * seconds / total["slices"], 2),
                "altered": {
                    name: f"{sum(hits)} of {len(hits)}" for name, hits in sorted(altered.items())
                },
            },
            indent=1,
        )
    )


if __name__ == "__main__":
    main()
