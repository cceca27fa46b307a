"""The values of DICOM attributes: absent, damaged and oddly written ones told apart.

Every function takes a pydicom data set, or anything that answers `get(keyword)` as one does.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import cache
from typing import Any

from pydicom.datadict import dictionary_VR, tag_for_keyword
from pydicom.dataset import Dataset
from pydicom.multival import MultiValue
from pydicom.sequence import Sequence
from pydicom.tag import Tag

from braintumor_desktop.errors import TruncatedFileError, UnsupportedImageError


def attribute(dataset: Any, keyword: str) -> Any:
    """The value of an attribute, None where it is absent or empty.

    Raises TruncatedFileError where its bytes are no value of its kind.
    """
    try:
        value = stored(dataset, keyword) if isinstance(dataset, Dataset) else dataset.get(keyword)
        if _is_sequence(keyword) and not isinstance(value, Sequence | None):
            raise TypeError(f"{keyword} is no sequence")
    except MemoryError:
        raise
    except Exception as error:  # pydicom's converters raise whatever they meet
        raise TruncatedFileError(
            "The DICOM attribute {keyword} {tag} is damaged.", keyword=keyword, tag=tag(keyword)
        ) from error
    empty = value is None or value == "" or (isinstance(value, MultiValue) and not value)
    return None if empty else value


def stored(dataset: Dataset, keyword: str) -> Any:
    """The value as pydicom has it, None where it is absent; raises what pydicom raises.

    Most of what is asked for is absent, of which pydicom convinces itself by an exception.
    """
    place = tag_for_keyword(keyword)
    if place is None:
        return dataset.get(keyword)
    there = place in dataset.keys()  # noqa: SIM118 (`in dataset` makes a tag of it each time)
    return dataset[place].value if there else None


def required(dataset: Any, keyword: str) -> Any:
    """The value of an attribute, or UnsupportedImageError that names what is lacking."""
    value = attribute(dataset, keyword)
    if value is None:
        raise missing(keyword)
    return value


def integer(dataset: Any, keyword: str) -> int:
    """The whole number that an attribute must have; raises UnsupportedImageError for others."""
    value = required(dataset, keyword)
    if isinstance(value, float) and value.is_integer():  # in text, by a writer's mistake
        value = int(value)
    if not isinstance(value, int):
        raise contradiction(keyword, value)
    return int(value)


def numbers(dataset: Any, keyword: str) -> tuple[float, ...]:
    """The values of a decimal attribute, () where it is absent.

    A decimal comma, which some writers put (PS3.5, 6.2 has the point alone), is read as a point;
    NaN stands for what is no number.
    """
    try:
        value = attribute(dataset, keyword)
    except TruncatedFileError:
        return (math.nan,)
    return tuple(_number(item) for item in _values(value))


def number(dataset: Any, keyword: str) -> float | None:
    """The first value of a decimal attribute that is a finite number, None where there is none."""
    found = numbers(dataset, keyword)[:1]
    return found[0] if found and math.isfinite(found[0]) else None


def texts(dataset: Any, keyword: str) -> tuple[str, ...]:
    """The values of a text attribute in capitals, () where it is absent."""
    return tuple(str(item).strip().upper() for item in _values(attribute(dataset, keyword)))


def text(dataset: Any, keyword: str) -> str:
    """The value of a text attribute as it stands, "" where it is absent or damaged."""
    try:
        value = attribute(dataset, keyword)
    except TruncatedFileError:
        return ""
    if isinstance(value, MultiValue):
        value = "\\".join(map(str, value))
    return "" if value is None else str(value).strip()


def tag(keyword: str) -> str:
    """The tag of a keyword as the standard writes it: "(0028,0010)"."""
    return str(Tag(tag_for_keyword(keyword) or 0)).replace(" ", "").upper()


def missing(keyword: str) -> UnsupportedImageError:
    """The error for an attribute that the pixels need and the file lacks."""
    return UnsupportedImageError(
        "The DICOM file lacks the attribute {keyword} {tag}.", keyword=keyword, tag=tag(keyword)
    )


def contradiction(keyword: str, value: object) -> UnsupportedImageError:
    """The error for an attribute at odds with the others."""
    return UnsupportedImageError(
        "The DICOM attribute {keyword} {tag} is {value}, which does not fit the rest of the file.",
        keyword=keyword,
        tag=tag(keyword),
        value=value,
    )


@cache
def _is_sequence(keyword: str) -> bool:
    return dictionary_VR(keyword) == "SQ"


def _values(value: Any) -> Iterable[Any]:
    return value if isinstance(value, (MultiValue, list)) else () if value is None else (value,)


def _number(item: Any) -> float:
    try:
        return float(item.replace(",", ".") if isinstance(item, str) else item)
    except (TypeError, ValueError):
        return math.nan
