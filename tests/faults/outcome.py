"""What became of one damaged copy."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from braintumor_desktop.domain.image import MRISlice
from braintumor_desktop.errors import BraintumorError
from braintumor_desktop.imaging.read import decode_slice


@dataclass(frozen=True)
class Outcome:
    """`became` is refused, caution, as before or silent; `said` is the sentence that is shown."""

    became: str
    said: str = ""
    lost: str = ""


def of_reading(data: bytes, before: MRISlice) -> Outcome:
    """What is read of a damaged copy of a file that was read as `before`."""
    try:
        after = decode_slice(data, Path("copy"))
    except BraintumorError as error:
        return Outcome("refused", str(error))
    known = {warning.kind for warning in before.warnings}
    more = [str(warning) for warning in after.warnings if warning.kind not in known]
    same = (
        after.pixels.shape == before.pixels.shape
        and np.array_equal(after.pixels, before.pixels)
        and after.spacing_mm == before.spacing_mm
        and after.source.identifiers == before.source.identifiers
    )
    if more:
        return Outcome("caution", more[0])
    return Outcome("as before" if same else "silent")
