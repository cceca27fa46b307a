"""GDCM in a process of its own, for it aborts on damage: a path a line, answered by a line of JSON.

The pixels are left beside the file, under its name and `.raw`.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import gdcm


def read(path: str) -> dict[str, object]:
    """Shape and numpy type of the one frame of a file; empty where GDCM does not read it."""
    reader = gdcm.ImageReader()
    reader.SetFileName(path)
    if not reader.Read():
        return {}
    image = reader.GetImage()
    if image.GetNumberOfDimensions() != 2:
        return {}
    kind = image.GetPixelFormat()
    buffer = image.GetBuffer()
    if isinstance(buffer, str):
        buffer = buffer.encode("utf-8", "surrogateescape")
    Path(path + ".raw").write_bytes(buffer)
    sign = "i" if kind.GetPixelRepresentation() else "u"
    return {
        "dtype": f"{sign}{kind.GetBitsAllocated() // 8}",
        "shape": [image.GetDimension(1), image.GetDimension(0)],
    }


for line in sys.stdin:
    answer: dict[str, object] = {}
    try:
        answer = read(line.strip())
    except Exception as error:
        answer = {"error": type(error).__name__}
    print(json.dumps(answer), flush=True)
