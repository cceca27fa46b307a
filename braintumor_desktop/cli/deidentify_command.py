"""`deidentify`: copies of DICOM files that do not name the patient."""

from __future__ import annotations

import argparse
import sys

from braintumor_desktop.errors import BraintumorError, NotAnImageError
from braintumor_desktop.imaging.dicom.file import has_prefix
from braintumor_desktop.outputs.deidentify import write_deidentified
from braintumor_desktop.outputs.pseudonyms import Pseudonyms
from braintumor_desktop.sources.walk import walk
from braintumor_desktop.text import _
from braintumor_desktop.text.numbers import integer
from braintumor_desktop.text.reading import plain_sentence


def run(options: argparse.Namespace) -> bool:
    """Write the copies; returns whether a file was left out."""
    pseudonyms = Pseudonyms(options.pseudonyms)
    written = left_out = 0
    for item in walk(options.paths):
        try:
            if item.read is None:
                raise item.problem or NotAnImageError("There is nothing to read.")
            data = item.read()
            if not has_prefix(data):
                raise NotAnImageError("It is no DICOM file.")
            write_deidentified(data, pseudonyms, options.out, options.pixels_confirmed)
            written += 1
        except BraintumorError as error:
            print(f"{item.name}: {plain_sentence(error)}", file=sys.stderr)
            left_out += 1
    print(
        _("Copies written: {written}; files left out: {left_out}.").format(
            written=integer(written), left_out=integer(left_out)
        )
    )
    return bool(left_out) or not written
