"""The decoding process: takes compressed frames from its input, one by one, and gives back values.

Its limits are its own where the system has them (`RLIMIT_AS`); elsewhere who started it watches.
It ends when its input does, as when the app is killed.
"""

from __future__ import annotations

import json
import os
import struct
import sys
from contextlib import suppress
from typing import Any, BinaryIO

ARGUMENT = "--decode-pixels"
"""The first argument by which the frozen app is the decoding process and nothing else."""

LENGTHS = struct.Struct("<IQ")
"""What goes before a message: the bytes of its head, which is JSON, and of its data."""

READY = b"\1"
_ACCEPTED = ("braintumor_desktop.imaging.dicom.codecs", "braintumor_desktop.imaging.raster")


def main() -> None:
    """Live until the input ends."""
    memory = int(sys.argv[-1])
    # What a library prints must not come between the messages.
    output = os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    source = os.fdopen(os.dup(0), "rb")
    from braintumor_desktop.imaging.dicom import codecs

    codecs.load()  # before the first frame's time runs
    _limit_memory(memory)
    output.write(READY)
    output.flush()
    while (message := receive(source)) is not None:
        send(output, *_answer(*message))


def send(stream: BinaryIO, head: dict[str, Any], data: Any = b"") -> None:
    """Write one message."""
    text = json.dumps(head).encode()
    view = memoryview(data).cast("B") if len(data) else b""
    stream.write(LENGTHS.pack(len(text), len(view)))
    stream.write(text)
    stream.write(view)
    stream.flush()


def receive(stream: BinaryIO) -> tuple[dict[str, Any], bytes] | None:
    """Read one message; None where the stream has ended."""
    lengths = stream.read(LENGTHS.size)
    if len(lengths) < LENGTHS.size:
        return None
    head_bytes, data_bytes = LENGTHS.unpack(lengths)
    head, data = stream.read(head_bytes), stream.read(data_bytes)
    if len(head) < head_bytes or len(data) < data_bytes:
        return None
    return json.loads(head), data


def _answer(job: dict[str, Any], data: bytes) -> tuple[dict[str, Any], Any]:
    """What one job gives: values, or that there are none."""
    import importlib

    import numpy as np

    module, name = job["module"], job["function"]
    if not module.startswith(_ACCEPTED):
        return {"failed": "job"}, b""
    try:
        function = getattr(importlib.import_module(module), name)
        values = np.ascontiguousarray(function(data, **job["options"]))
    except MemoryError:
        return {"failed": "memory"}, b""
    except ImportError:  # an installation without its decoder
        return {"failed": "missing"}, b""
    except BaseException:  # whatever damaged data lead to; Rust's panics are no Exception
        return {"failed": "damaged"}, b""
    return {"dtype": values.dtype.str, "shape": values.shape}, values


def _limit_memory(most: int) -> None:
    with suppress(ImportError, OSError, ValueError):  # Windows has none, a lower one may be set
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (most, most))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    main()
