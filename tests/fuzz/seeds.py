"""The sound files that are damaged."""

from __future__ import annotations

import io
import sys
import tempfile
from pathlib import Path

import cv2
import numpy as np
import tifffile
from PIL import Image

from braintumor_desktop.imaging.read import read_slice
from braintumor_desktop.sources.demo import write_demo_slice

SIDE = 96


def raster() -> dict[str, bytes]:
    """The demo slice, small, in every variant of PNG, JPEG, BMP and TIFF that is read."""
    with tempfile.TemporaryDirectory() as folder:
        pixels = read_slice(write_demo_slice(Path(folder))).pixels
    small = cv2.resize(pixels / pixels.max(), (SIDE, SIDE - 5), interpolation=cv2.INTER_AREA)
    grey, deep = (small * 255).astype(np.uint8), (small * 65535).astype(np.uint16)
    rgb = np.dstack([grey, np.roll(grey, 3), grey])
    deep_rgb = np.dstack([deep, np.roll(deep, 3), deep])
    one = Image.fromarray(grey)
    found = {}

    def add(name: str, image: Image.Image, form: str, **options: object) -> None:
        stream = io.BytesIO()
        image.save(stream, form, **options)
        found[name] = stream.getvalue()

    exif = Image.Exif()
    exif[274] = 6
    for mode in ("1", "L", "P", "RGB", "RGBA", "LA"):
        image = one.convert(mode) if mode != "LA" else one.convert("RGBA").convert("LA")
        add(f"PNG {mode}", image, "PNG", exif=exif if mode == "L" else None)
        if mode != "LA":
            add(f"BMP {mode}", image, "BMP")
    found["PNG 16"] = cv2.imencode(".png", deep)[1].tobytes()
    found["PNG RGB 16"] = cv2.imencode(".png", deep_rgb)[1].tobytes()
    add("JPEG", one, "JPEG", exif=exif)
    add("JPEG progressive", one, "JPEG", progressive=True)
    add("JPEG restarts", one, "JPEG", restart_marker_blocks=5)
    add("JPEG RGB", Image.fromarray(rgb), "JPEG", optimize=True)
    add("JPEG RGB progressive", Image.fromarray(rgb), "JPEG", progressive=True)
    add("JPEG CMYK", Image.fromarray(rgb).convert("CMYK"), "JPEG")
    for compression in ("raw", "packbits", "tiff_lzw", "tiff_adobe_deflate"):
        add(f"TIFF {compression}", one, "TIFF", compression=compression)
        deep_one = Image.fromarray(deep)
        add(f"TIFF 16 {compression}", deep_one, "TIFF", compression=compression)
    for name, array, options in (
        ("tiles", deep, {"tile": (32, 32), "compression": "zlib", "predictor": True}),
        ("big-endian", deep, {"byteorder": ">", "rowsperstrip": 16}),
        ("float", small.astype(np.float32), {"rowsperstrip": 20}),
        ("signed", deep.astype(np.int16), {}),
        ("planes", rgb, {"photometric": "rgb", "planarconfig": "contig"}),
        ("planes 16", deep_rgb.transpose(2, 0, 1), {"planarconfig": "separate"}),
        ("white 0", 255 - grey, {"photometric": "miniswhite"}),
    ):
        stream = io.BytesIO()
        if name == "planes 16":
            options["photometric"] = "rgb"
        tifffile.imwrite(stream, np.ascontiguousarray(array), **options)
        found[f"TIFF {name}"] = stream.getvalue()
    return found


def dicom() -> dict[str, bytes]:
    """The files of `tests/benchmarks/dicom_mutants.py`, half of them compressed."""
    sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "benchmarks"))
    import dicom_mutants

    return {f"DICOM {number}": data for number, data in enumerate(dicom_mutants.load())}
