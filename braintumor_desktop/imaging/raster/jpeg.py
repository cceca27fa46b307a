"""JPEG: the segments are walked by `jpeg_segments`, a strict libjpeg decodes.

libjpeg fills what is missing from a damaged file with grey, skips what is left over, and by
itself only warns of it; simplejpeg (libjpeg-turbo) makes an error of every such warning.
"""

from __future__ import annotations

import cv2
import numpy as np
import simplejpeg
from numpy.typing import NDArray

from braintumor_desktop.domain.image import ReadWarning
from braintumor_desktop.errors import TruncatedFileError, UnsupportedImageError
from braintumor_desktop.imaging.raster.jpeg_segments import Segments, walk
from braintumor_desktop.imaging.raster.samples import Raster, about_density

SIGNATURE = b"\xff\xd8\xff"

_COLOURS = {1: "GRAY", 3: "RGB", 4: "CMYK"}


def decode(data: bytes) -> Raster:
    """The picture of a JPEG file: baseline, extended or progressive Huffman, 8 bits.

    CMYK and YCCK files are those of Adobe, inverted; without Adobe's marker it is undecided
    whether 0 means ink or paper, and they are refused. Bytes after the end marker are
    ignored, another picture there is said.
    Raises TruncatedFileError, UnsupportedImageError, DimensionsError.
    """
    segments = walk(data)
    if segments.components == 4 and not segments.adobe:
        raise UnsupportedImageError(
            "The JPEG file is CMYK without Adobe's marker: whether its values mean ink or light "
            "is undecided."
        )
    samples = _decode(segments)
    if segments.components == 1:
        samples = samples[..., 0]
    elif segments.components == 4:  # light of each colour, and of all
        samples = np.dstack(
            [cv2.multiply(samples[..., n], samples[..., 3], scale=1 / 255) for n in range(3)]
        )
    stray = ReadWarning("file", "There are bytes in the JPEG file that belong to no part of it.")
    another = ReadWarning(
        "file", "There is another picture behind the first in the JPEG file: it is not read."
    )
    return Raster(
        samples,
        255.0,
        orientation=segments.orientation or 1,
        warnings=(stray,) * segments.stray
        + (another,) * segments.another
        + (about_density(*segments.density) or about_density(*segments.exif_density)),
    )


def _decode(segments: Segments) -> NDArray[np.uint8]:
    """The samples (height, width, components), of the parts of the picture alone."""
    file = [b"\xff\xd8", *segments.parts, b"\xff\xd9"]
    colours = _COLOURS[segments.components]
    try:
        simplejpeg.decode_jpeg_header(b"".join(file))
    except ValueError as error:
        raise UnsupportedImageError(
            "The JPEG file's header is damaged or names a variant that is not read."
        ) from error
    # Some writers fill up behind the data of a scan with zeros, which the decoder takes for data.
    coded, zeros = segments.parts[-1].rstrip(b"\0"), segments.parts[-1].endswith(bytes(2))
    for last in (segments.parts[-1], coded, coded + b"\0")[: 3 if zeros else 1]:
        file[-2] = last
        try:
            samples = simplejpeg.decode_jpeg(b"".join(file), colours)
        except ValueError:
            continue
        return np.asarray(samples, np.uint8)
    raise TruncatedFileError(
        "The JPEG file is damaged: a scan has a gap, ends early, or goes on behind the picture."
    )
