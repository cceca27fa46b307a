"""DICOM files: from bytes to a data set whose transfer syntax is certain (DICOM PS3.10).

The file meta information is read here, not by pydicom: it must be known before anything is
inflated, it may lack its length, and two that disagree would be two readings. Elements are read by
pydicom one by one, so that one that stands twice, or what stands behind the last, does not pass.
"""

from __future__ import annotations

import logging
import struct
import warnings
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from mmap import mmap
from typing import Any

from pydicom.charset import convert_encodings
from pydicom.datadict import keyword_for_tag
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.filereader import data_element_generator
from pydicom.tag import BaseTag, Tag
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)
from pydicom.valuerep import EXPLICIT_VR_LENGTH_32, VR

from braintumor_desktop.errors import (
    NotAnImageError,
    TruncatedFileError,
    UnsupportedImageError,
)
from braintumor_desktop.imaging.dicom.attributes import attribute
from braintumor_desktop.imaging.dicom.attributes import tag as attribute_tag
from braintumor_desktop.imaging.dicom.nested import NestedElements
from braintumor_desktop.imaging.dicom.transfer_syntax import require_supported
from braintumor_desktop.imaging.limits import MAX_FILE_BYTES, check_file_bytes

# pydicom quotes values in its warnings, on stderr and in its log: a patient's name can be one.
# Set once, here: warnings.catch_warnings around a call is not safe beside other threads.
warnings.filterwarnings("ignore", module=r"pydicom|braintumor_desktop\.imaging\.dicom")
logging.getLogger("pydicom").setLevel(logging.CRITICAL + 1)

_PREFIX_END = 132
_TRANSFER_SYNTAX = 0x0010
_IMAGE_STORAGE = "1.2.840.10008.5.1.4.1.1."
_TRAILER = struct.Struct("<II")
_UNDEFINED_LENGTH = 0xFFFFFFFF
_MOST_ELEMENTS = 50_000
_PIXELS = frozenset({0x7FE00008, 0x7FE00009, 0x7FE00010})
_PADDING = frozenset(byte * 0x01010101 for byte in range(256))  # as tags, what fills a file up
_CAPITALS = range(0x41, 0x5B)

# Of an element that stands twice with two values, those that decide pixels, place or identity.
_FUNCTIONAL_GROUPS = frozenset({0x52009229, 0x52009230})
_DECISIVE_GROUPS = frozenset({0x0010, 0x0020, 0x0028, 0x5200, 0x7FE0})
_DECISIVE = frozenset({0x00080005, 0x00080016, 0x00080018, 0x00080060, 0x00089215})


@dataclass(frozen=True, eq=False)
class DicomFile:
    """A data set and what of the file it was read from.

    `dataset` has `file_meta.TransferSyntaxUID`. `body` is what its elements were read from, the
    file itself or what a deflated one inflates to; they end at `end` in it. `cut` is whether that
    is inside an element. `twice` are the tags that stand twice with different values, of which the
    first counts.
    """

    dataset: FileDataset
    syntax: UID
    body: bytes | mmap
    end: int
    cut: bool
    twice: tuple[BaseTag, ...]

    @property
    def deflated(self) -> bool:
        """Whether the data set was compressed as a whole, which has no checksum."""
        return bool(self.syntax == DeflatedExplicitVRLittleEndian)


def has_prefix(data: bytes | mmap) -> bool:
    """Whether the 128 bytes of preamble and "DICM" are there (PS3.10, 7.1)."""
    return data[128:_PREFIX_END] == b"DICM"


def may_lack_prefix(data: bytes | mmap) -> bool:
    """Whether the file could be an old DICOM file without preamble: worth a try, no more.

    It begins with file meta information, or with a tag of group 0008 that the standard knows.
    """
    for order in "<>":
        if len(data) >= 8:
            group, element = struct.unpack(order + "HH", data[:4])
            if group == 2 and order == "<" and element in (0x0000, 0x0001, 0x0002, 0x0010):
                return True
            if group == 8 and element in (0x0000, 0x0001, 0x0005, 0x0008, 0x0012, 0x0016, 0x0018):
                return True
    return False


def read_file(data: bytes | mmap, *, header_only: bool = False) -> DicomFile:
    """The data set of a DICOM file, whose transfer syntax is one of TRANSFER_SYNTAXES.

    Without file meta information the syntax is taken from the elements themselves, and believed
    only if they lead to the SOP class of an image. With `header_only`, what stands before the
    pixels, whatever the transfer syntax; of an `mmap` the pixels are then not touched. Raises
    TruncatedFileError, UnsupportedImageError, NotAnImageError, DimensionsError.
    """
    start = _PREFIX_END if has_prefix(data) else 0
    has_meta = data[start : start + 2] == b"\2\0"
    syntax, position, body = UID(""), start, data
    if has_meta:
        syntax, position = _meta_information(data, start)
        if not header_only:
            require_supported(syntax)
        if syntax == DeflatedExplicitVRLittleEndian:
            body, position = _inflated(data[position:]), 0
    elif has_prefix(data):
        raise UnsupportedImageError(
            "The DICOM file has no file meta information (group 0002): its transfer syntax is "
            "unknown."
        )
    little = syntax != ExplicitVRBigEndian
    if not has_meta:
        little = data[position : position + 1] != b"\0"  # the group's low byte comes first
    implicit = not all(byte in _CAPITALS for byte in body[position + 4 : position + 6])
    try:
        found = _Elements(body, position, implicit, little, header_only)
    except MemoryError:  # says nothing of the file
        raise
    except Exception as error:  # pydicom raises whatever its readers meet: EOFError, struct.error…
        raise TruncatedFileError("The DICOM file's elements are cut or damaged.") from error
    dataset = found.dataset()
    if not has_meta:
        _require_image(dataset)
        explicit = ExplicitVRLittleEndian if little else ExplicitVRBigEndian
        syntax = ImplicitVRLittleEndian if implicit else explicit
    dataset.file_meta.TransferSyntaxUID = syntax
    return DicomFile(dataset, syntax, body, found.end, found.cut, tuple(found.twice))


def parse(data: bytes | mmap, *, header_only: bool = False) -> FileDataset:
    """The data set alone, as `read_file` finds it."""
    return read_file(data, header_only=header_only).dataset


def refuse_twice(file: DicomFile) -> None:
    """Raise where an element that decides pixels, place or identity has two values."""
    for tag in file.twice:
        if tag in _DECISIVE or tag.group in _DECISIVE_GROUPS:
            raise UnsupportedImageError(
                "The DICOM file says {name} twice, with different values: which is meant is "
                "undecided.",
                name=named(tag),
            )


def named(tag: BaseTag) -> str:
    """An element's keyword and tag, or its tag alone where the standard has no name for it."""
    text = str(tag).replace(" ", "").upper()
    return f"{keyword_for_tag(tag)} {text}".strip()


def ends_early(dataset: FileDataset, data: bytes) -> bool:
    """Whether a file that pydicom has read ends inside an element: it returns what it has.

    Zeros behind the last element are padding.
    Not for deflated files, whose inflation would have failed.
    """
    if not dataset or dataset.file_meta.TransferSyntaxUID == DeflatedExplicitVRLittleEndian:
        return not dataset
    try:
        last = dataset.get_item(max(dataset.keys()))
    except MemoryError:
        raise
    except Exception as error:  # a kind of value that pydicom does not know
        raise TruncatedFileError("The DICOM file's elements are cut or damaged.") from error
    if not isinstance(last, RawDataElement) or last.length == _UNDEFINED_LENGTH:
        return False
    end = last.value_tell + last.length
    return end > len(data) or any(data[end:])


def without_cut(dataset: FileDataset) -> FileDataset:
    """`dataset` without an element that the file ends in: pydicom gives as much as there is."""
    for key in list(dataset.keys()):
        item = dataset.get_item(key)
        if isinstance(item, RawDataElement) and len(item.value or b"") < item.length:
            del dataset[key]
    return dataset


class _Elements:
    """The elements of a data set, read one by one."""

    def __init__(
        self, body: bytes | mmap, start: int, implicit: bool, little: bool, header_only: bool
    ) -> None:
        self.end = start
        self.cut = False
        self.twice: dict[BaseTag, None] = {}
        self._elements: dict[BaseTag, RawDataElement | DataElement] = {}
        self._encoding = implicit, little
        stream: Any = body if isinstance(body, mmap) else BytesIO(body)
        stream.seek(start)
        places: dict[BaseTag, tuple[int, int]] = {}
        for element in self._read(stream, header_only):
            end = stream.tell()
            if isinstance(element, RawDataElement) and element.length != _UNDEFINED_LENGTH:
                self.cut = element.value_tell + element.length > len(body)
            if len(self._elements) > _MOST_ELEMENTS:
                raise ValueError("more elements than a picture has")
            if element.tag in self._elements:
                first, last = places[element.tag]
                if body[first:last] != body[self.end : end]:
                    self.twice[element.tag] = None
            else:
                self._elements[element.tag] = element
                places[element.tag] = self.end, end
            if element.tag in _FUNCTIONAL_GROUPS and not header_only:
                raw = isinstance(element, RawDataElement)
                place = element.value_tell if raw else element.file_tell  # type: ignore[union-attr]
                nested = NestedElements(body, implicit, little)
                nested.sequence(place or self.end, end)
                self.twice |= dict.fromkeys(nested.twice)
            self.end = end

    def _read(self, stream: Any, header_only: bool) -> Iterator[RawDataElement | DataElement]:
        def stop(tag: BaseTag, _vr: str | None, _length: int) -> bool:
            return tag in _PADDING or (header_only and tag in _PIXELS)

        implicit, little = self._encoding
        return data_element_generator(stream, implicit, little, stop)

    def dataset(self) -> FileDataset:
        """They as a data set."""
        content = Dataset(self._elements)
        charset = _encodings(content)
        dataset = FileDataset("", content, None, FileMetaDataset(), *self._encoding)
        dataset.set_original_encoding(*self._encoding, charset)
        return dataset


def _encodings(content: Dataset) -> Any:
    """Those of the file's texts; raises TruncatedFileError where it names none by a text."""
    keyword = "SpecificCharacterSet"
    try:
        return convert_encodings(attribute(content, keyword))
    except TypeError as error:  # damage has made it whole numbers
        raise TruncatedFileError(
            "The DICOM attribute {keyword} {tag} is damaged.",
            keyword=keyword,
            tag=attribute_tag(keyword),
        ) from error


def _meta_information(data: bytes | mmap, position: int) -> tuple[UID, int]:
    """The transfer syntax, and where the data set begins.

    The group 0002 is always explicit little endian (PS3.10, 7.1).
    """
    found: set[str] = set()
    while data[position : position + 2] == b"\2\0":
        if position + 12 > len(data):
            raise TruncatedFileError("The DICOM file ends inside its file meta information.")
        element, vr, length = struct.unpack("<2xH2sH", data[position : position + 8])
        position += 8
        if vr.decode("latin-1") in EXPLICIT_VR_LENGTH_32:
            (length,) = struct.unpack("<I", data[position : position + 4])
            position += 4
        elif vr.decode("latin-1") not in set(VR):
            raise TruncatedFileError("The DICOM file meta information is damaged.")
        if position + length > len(data):
            raise TruncatedFileError("The DICOM file ends inside its file meta information.")
        if element == _TRANSFER_SYNTAX:
            if vr != b"UI":  # its value would be some other thing
                raise TruncatedFileError("The DICOM file meta information is damaged.")
            found.add(data[position : position + length].rstrip(b"\0 ").decode("latin-1"))
        position += length
    if len(found) > 1:
        raise UnsupportedImageError(
            "The DICOM file says {name} twice, with different values: which is meant is undecided.",
            name=named(Tag(0x00020010)),
        )
    syntax = found.pop() if found else ""
    if not syntax:
        raise UnsupportedImageError(
            "The DICOM file does not say its transfer syntax (TransferSyntaxUID (0002,0010))."
        )
    return UID(syntax), position


def _inflated(deflated: bytes) -> bytes:
    """What a deflated data set inflates to; raises where it is damaged or more than a file."""
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        body = inflater.decompress(deflated, MAX_FILE_BYTES + 1)
    except zlib.error as error:
        raise TruncatedFileError("The DICOM file's deflated data set is damaged.") from error
    check_file_bytes(len(body))
    if not inflater.eof:
        raise TruncatedFileError("The DICOM file's deflated data set ends early.")
    if len(inflater.unused_data) == _TRAILER.size:  # some writers put gzip's end behind it
        checksum, length = _TRAILER.unpack(inflater.unused_data)
        if (checksum == zlib.crc32(body)) != (length == len(body)):
            raise TruncatedFileError("The DICOM file's deflated data set is damaged.")
    return body


def _require_image(dataset: FileDataset) -> None:
    """Raise unless a file without meta information leads to the SOP class of an image."""
    sop_class = str(attribute(dataset, "SOPClassUID") or "")
    if not sop_class.startswith(_IMAGE_STORAGE):
        raise NotAnImageError("The file is of no image format that is read here.")
