"""DICOM files: from bytes to a data set whose transfer syntax is certain (DICOM PS3.10)."""

from __future__ import annotations

import logging
import math
import struct
import warnings
import zlib
from collections.abc import Iterable
from io import BytesIO
from typing import Any

from pydicom import dcmread
from pydicom.datadict import dictionary_VR, tag_for_keyword
from pydicom.dataelem import RawDataElement
from pydicom.dataset import FileDataset
from pydicom.multival import MultiValue
from pydicom.sequence import Sequence
from pydicom.tag import Tag
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    RLELossless,
)
from pydicom.valuerep import EXPLICIT_VR_LENGTH_32, VR

from braintumor_desktop.errors import (
    NotAnImageError,
    TruncatedFileError,
    UnsupportedImageError,
)
from braintumor_desktop.imaging.limits import MAX_FILE_BYTES, check_file_bytes

# pydicom quotes values in its warnings, on stderr and in its log: a patient's name can be one.
# Set once, here: warnings.catch_warnings around a call is not safe beside other threads.
warnings.filterwarnings("ignore", module=r"pydicom|braintumor_desktop\.imaging\.dicom")
logging.getLogger("pydicom").setLevel(logging.CRITICAL + 1)

# What the app claims to read. Others are refused by name, whatever pydicom could do with them.
TRANSFER_SYNTAXES = frozenset(
    {
        ImplicitVRLittleEndian,
        ExplicitVRLittleEndian,
        DeflatedExplicitVRLittleEndian,
        ExplicitVRBigEndian,
        RLELossless,
    }
)

_PREFIX_END = 132
_TRANSFER_SYNTAX = 0x0010
_IMAGE_STORAGE = "1.2.840.10008.5.1.4.1.1."
_UNDEFINED_LENGTH = 0xFFFFFFFF


def has_prefix(data: bytes) -> bool:
    """Whether the 128 bytes of preamble and "DICM" are there (PS3.10, 7.1)."""
    return data[128:_PREFIX_END] == b"DICM"


def may_lack_prefix(data: bytes) -> bool:
    """Whether the file could be an old DICOM file without preamble: worth a try, no more.

    It begins with file meta information, or with a tag of group 0008 that the standard knows.
    """
    for order in "<>":
        if len(data) >= 8:
            group, element = struct.unpack_from(order + "HH", data)
            if group == 2 and element == 0 and order == "<":
                return True
            if group == 8 and element in (0x0000, 0x0001, 0x0005, 0x0008, 0x0012, 0x0016, 0x0018):
                return True
    return False


def parse(data: bytes, *, header_only: bool = False) -> FileDataset:
    """The data set, with `file_meta.TransferSyntaxUID` set to one of TRANSFER_SYNTAXES.

    Without file meta information the syntax is taken from the elements themselves, and believed
    only if they lead to the SOP class of an image. With `header_only`, what stands before the
    pixels, whatever the transfer syntax. Raises TruncatedFileError, UnsupportedImageError,
    NotAnImageError, DimensionsError.
    """
    start = _PREFIX_END if has_prefix(data) else 0
    has_meta = data[start : start + 2] == b"\2\0"
    if has_meta:
        syntax, body = _meta_information(data, start)
        if not header_only:
            _require_supported(syntax)
        if syntax == DeflatedExplicitVRLittleEndian:
            _check_inflated(data[body:])
    elif has_prefix(data):
        raise UnsupportedImageError(
            "The DICOM file has no file meta information (group 0002): its transfer syntax is "
            "unknown."
        )
    try:
        dataset = dcmread(BytesIO(data), force=True, stop_before_pixels=header_only)
    except MemoryError:  # says nothing of the file
        raise
    except Exception as error:  # pydicom raises whatever its readers meet: EOFError, struct.error…
        raise TruncatedFileError("The DICOM file's elements are cut or damaged.") from error
    if not has_meta:
        _adopt_encoding(dataset)
    return dataset


def attribute(dataset: Any, keyword: str) -> Any:
    """The value of an attribute, None where it is absent or empty.

    Raises TruncatedFileError where its bytes are no value of its kind.
    """
    try:
        value = dataset.get(keyword)
        if dictionary_VR(keyword) == "SQ" and not isinstance(value, Sequence | None):
            raise TypeError(f"{keyword} is no sequence")
    except MemoryError:
        raise
    except Exception as error:  # as above, and its converters raise many more
        raise TruncatedFileError(
            "The DICOM attribute {keyword} {tag} is damaged.", keyword=keyword, tag=tag(keyword)
        ) from error
    return None if value is None or value == "" else value


def numbers(dataset: Any, keyword: str) -> tuple[float, ...]:
    """The values of a decimal attribute; NaN for what is no number, () where it is absent."""
    try:
        value = attribute(dataset, keyword)
    except TruncatedFileError:
        return (math.nan,)
    return tuple(_number(item) for item in _values(value))


def texts(dataset: Any, keyword: str) -> tuple[str, ...]:
    """The values of a text attribute in capitals, () where it is absent."""
    return tuple(str(item).strip().upper() for item in _values(attribute(dataset, keyword)))


def tag(keyword: str) -> str:
    """The tag of a keyword as the standard writes it: "(0028,0010)"."""
    return str(Tag(tag_for_keyword(keyword) or 0)).replace(" ", "").upper()


def ends_early(dataset: FileDataset, data: bytes) -> bool:
    """Whether the file ends inside an element: pydicom then returns what it has.

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


def _values(value: Any) -> Iterable[Any]:
    return value if isinstance(value, (MultiValue, list)) else () if value is None else (value,)


def _number(item: Any) -> float:
    try:
        return float(item)
    except (TypeError, ValueError):
        return math.nan


def _meta_information(data: bytes, position: int) -> tuple[UID, int]:
    """The transfer syntax, and where the data set begins.

    The group 0002 is always explicit little endian (PS3.10, 7.1).
    """
    syntax = ""
    while data[position : position + 2] == b"\2\0":
        if position + 12 > len(data):
            raise TruncatedFileError("The DICOM file ends inside its file meta information.")
        element, vr, length = struct.unpack_from("<2xH2sH", data, position)
        position += 8
        if vr.decode("latin-1") in EXPLICIT_VR_LENGTH_32:
            (length,) = struct.unpack_from("<I", data, position)
            position += 4
        elif vr.decode("latin-1") not in set(VR):
            raise TruncatedFileError("The DICOM file meta information is damaged.")
        if position + length > len(data):
            raise TruncatedFileError("The DICOM file ends inside its file meta information.")
        if element == _TRANSFER_SYNTAX:
            syntax = data[position : position + length].rstrip(b"\0 ").decode("latin-1")
        position += length
    if not syntax:
        raise UnsupportedImageError(
            "The DICOM file does not say its transfer syntax (TransferSyntaxUID (0002,0010))."
        )
    return UID(syntax), position


def _require_supported(syntax: UID) -> None:
    if syntax in TRANSFER_SYNTAXES:
        return
    known = UID(syntax).is_transfer_syntax if not syntax.is_private else False
    raise UnsupportedImageError(
        "The DICOM file is stored in the transfer syntax {name} ({uid}), which is not read.",
        name=syntax.name if known else "unknown",
        uid=str(syntax),
    )


def _check_inflated(deflated: bytes) -> None:
    """Raise where a deflated data set is damaged or inflates beyond what a file may have."""
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        size = len(inflater.decompress(deflated, MAX_FILE_BYTES + 1))
    except zlib.error as error:
        raise TruncatedFileError("The DICOM file's deflated data set is damaged.") from error
    check_file_bytes(size)
    if not inflater.eof:
        raise TruncatedFileError("The DICOM file's deflated data set ends early.")


def _adopt_encoding(dataset: FileDataset) -> None:
    """Give a file without meta information the syntax that pydicom read it with."""
    sop_class = str(attribute(dataset, "SOPClassUID") or "")
    if not sop_class.startswith(_IMAGE_STORAGE):
        raise NotAnImageError("The file is of no image format that is read here.")
    implicit, little = dataset.original_encoding
    if implicit:
        dataset.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian
    elif little:
        dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    else:
        dataset.file_meta.TransferSyntaxUID = ExplicitVRBigEndian
