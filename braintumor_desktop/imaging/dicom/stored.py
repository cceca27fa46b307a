"""The stored values of a DICOM file, one frame at a time (PS3.5, section 8 and annex A)."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.encaps import get_frame, parse_basic_offsets, parse_fragments
from pydicom.pixels.decoders.base import get_decoder
from pydicom.pixels.processing import convert_color_space
from pydicom.pixels.utils import expand_ybr422
from pydicom.uid import ExplicitVRBigEndian, RLELossless

from braintumor_desktop.errors import TruncatedFileError, UnsupportedImageError, gettext_noop
from braintumor_desktop.imaging import decoder_process
from braintumor_desktop.imaging.dicom.attributes import attribute, contradiction
from braintumor_desktop.imaging.dicom.codestream import (
    J2K_START,
    JPEG_START,
    check_frame_header,
    read_frame_header,
)
from braintumor_desktop.imaging.dicom.file import DicomFile
from braintumor_desktop.imaging.dicom.layout import COLOUR, Layout
from braintumor_desktop.imaging.dicom.rle import check_segments
from braintumor_desktop.imaging.dicom.transfer_syntax import LOSSY, NATIVE

_CODECS = "braintumor_desktop.imaging.dicom.codecs"
_PART = gettext_noop("The pixels of the DICOM file (PixelData (7FE0,0010))")


class StoredFrames:
    """The frames of a file as they are stored, decoded when they are asked for."""

    def __init__(self, file: DicomFile, layout: Layout, count: int) -> None:
        """Check that the pixel data can be `count` frames; raises SliceReadError's kinds."""
        self._layout = layout
        self._count = count
        self._syntax = file.syntax
        self._data: bytes = file.dataset.PixelData
        self._offsets = _extended_offsets(file)
        self._says_lossy = file.syntax in LOSSY
        self._fragments: list[int] = []
        if file.syntax in NATIVE:
            if file.dataset["PixelData"].is_undefined_length:  # items, whose heads would be pixels
                raise contradiction("TransferSyntaxUID", file.syntax.name)
            _check_length(len(self._data), layout.frame_bytes * count)
            words = file.dataset["PixelData"].VR == "OW"
            if file.syntax == ExplicitVRBigEndian and words and layout.allocated == 8:
                even = self._data + bytes(len(self._data) % 2)  # two values a word, swapped
                self._data = np.frombuffer(even, "<u2").byteswap().tobytes()
        else:
            if not file.dataset["PixelData"].is_undefined_length:
                raise contradiction("TransferSyntaxUID", file.syntax.name)
            self._check_fragments()

    def read(self, frame: int) -> tuple[NDArray[Any], bool]:
        """The values of a frame, (rows, columns) or (rows, columns, 3), and whether it is lossy.

        As they come: bits above BitsStored are still there, and a codestream's values have its own
        sign. Three samples are red, green and blue.
        """
        if self._syntax in NATIVE:
            return self._native(frame), False
        codestream = self._codestream(frame)
        if self._syntax == RLELossless:
            return self._run_lengths(codestream), False
        header = read_frame_header(codestream)
        check_frame_header(header, self._layout)
        colour = ""
        if header.samples == 3:
            ybr = "YBR" if self._layout.photometric.startswith("YBR") else "RGB"
            colour = header.colour or ybr
        values = decoder_process.decode(
            _CODECS,
            header.codec,
            codestream[header.start :],
            header.rows * header.columns * header.samples,
            _PART,
            colour=colour,
        )
        if values.shape[:2] != (self._layout.rows, self._layout.columns):
            raise contradiction("Rows", self._layout.rows)
        return values, self._says_lossy or header.lossy

    def _native(self, frame: int) -> NDArray[Any]:
        layout = self._layout
        order = ">" if self._syntax == ExplicitVRBigEndian else "<"
        kind = np.dtype(f"{order}{'i' if layout.signed else 'u'}{layout.allocated // 8}")
        count = layout.frame_bytes // kind.itemsize
        values = np.frombuffer(self._data, kind, count, frame * layout.frame_bytes)
        if layout.photometric == "YBR_FULL_422":
            raw = expand_ybr422(values.tobytes(), layout.allocated)
            values = np.frombuffer(raw, kind)
        native = values.astype(kind.newbyteorder("="), copy=False)
        return _picture(native, layout, layout.planar)

    def _run_lengths(self, codestream: bytes) -> NDArray[Any]:
        """RLE Lossless, by pydicom, whose planes come as planes whatever the header says."""
        layout = self._layout
        plane = layout.rows * layout.columns
        check_segments(codestream, plane, layout.samples * layout.allocated // 8)
        try:
            decoded, _ = get_decoder(RLELossless).as_buffer(
                _encapsulated(codestream),
                index=0,
                rows=layout.rows,
                columns=layout.columns,
                number_of_frames=1,
                samples_per_pixel=layout.samples,
                photometric_interpretation=layout.photometric,
                bits_allocated=layout.allocated,
                bits_stored=layout.stored,
                pixel_representation=int(layout.signed),
                planar_configuration=1,
                pixel_keyword="PixelData",
            )
        except MemoryError:  # says nothing of the file
            raise
        except Exception as error:  # pydicom raises whatever damaged data lead to
            raise _damaged() from error
        kind = np.dtype(f"<{'i' if layout.signed else 'u'}{layout.allocated // 8}")
        return _picture(np.frombuffer(decoded, kind), layout, planar=True)

    def _codestream(self, frame: int) -> bytes:
        """The bytes of a frame, its fragments joined."""
        if len(self._fragments) == self._count:  # each is a frame, whatever a table says of them
            start = self._fragments[frame] + 8
            length = int.from_bytes(self._data[start - 4 : start], "little")
            return self._data[start : start + length]
        try:
            return bytes(
                get_frame(
                    self._data,
                    frame,
                    number_of_frames=self._count,
                    extended_offsets=self._offsets,
                )
            )
        except MemoryError:
            raise
        except Exception as error:  # as above
            raise _damaged() from error

    def _check_fragments(self) -> None:
        """Raise where more frames begin than the header says, or fewer can be there."""
        stream = BytesIO(self._data)
        try:
            offsets = parse_basic_offsets(stream)
            _, self._fragments = parse_fragments(stream)
        except MemoryError:
            raise
        except Exception as error:  # as above
            raise _damaged() from error
        ends = [
            place + 8 + int.from_bytes(self._data[place + 4 : place + 8], "little")
            for place in self._fragments
        ]
        if ends != [*self._fragments[1:], len(self._data)]:  # one is shorter than it says
            raise _damaged()
        begun = sum(
            self._data.startswith((JPEG_START, J2K_START), place + 8) for place in self._fragments
        )
        if begun > self._count or len(offsets) > self._count:
            raise contradiction("NumberOfFrames", self._count)
        if len(self._fragments) < self._count:
            raise TruncatedFileError(
                "The DICOM file has {frames} frames (NumberOfFrames (0028,0008)), but its pixels "
                "have {found} parts.",
                frames=self._count,
                found=len(self._fragments),
            )


def _picture(values: NDArray[Any], layout: Layout, planar: bool) -> NDArray[Any]:
    """Values in the shape of a picture, with colours last, and those red, green and blue."""
    if layout.photometric not in COLOUR:
        return values.reshape(layout.rows, layout.columns)
    if planar:
        values = values.reshape(3, layout.rows, layout.columns).transpose(1, 2, 0)
    values = values.reshape(layout.rows, layout.columns, 3)
    if layout.photometric.startswith("YBR"):
        return np.asarray(convert_color_space(values, "YBR_FULL", "RGB"))
    return values


def _extended_offsets(file: DicomFile) -> tuple[bytes, bytes] | None:
    """The extended offset table (PS3.3, C.7.6.3.1.8), where both of its parts are there."""
    offsets = attribute(file.dataset, "ExtendedOffsetTable")
    lengths = attribute(file.dataset, "ExtendedOffsetTableLengths")
    return (offsets, lengths) if offsets and lengths else None


def _check_length(found: int, needed: int) -> None:
    """Raise unless the pixel data have the bytes that the header promises, and not one more.

    One byte may make the length even. More are the picture's, or were put into it: read on, it
    would be shifted.
    """
    if found < needed:
        raise TruncatedFileError(
            "{part} have {found} bytes of {needed}.", part=_PART, found=found, needed=needed
        )
    if found > needed + needed % 2:
        raise UnsupportedImageError(
            "{part} have {found} bytes, but its header describes {needed}.",
            part=_PART,
            found=found,
            needed=needed,
        )


def _encapsulated(codestream: bytes) -> bytes:
    """A frame as pixel data of its own: an empty offset table, and one item."""
    item = b"\xfe\xff\x00\xe0"
    return item + bytes(4) + item + len(codestream).to_bytes(4, "little") + codestream


def _damaged() -> TruncatedFileError:
    return TruncatedFileError("{part} are damaged.", part=_PART)
