"""What vendors say in elements of their own that the standard has an attribute for."""

from __future__ import annotations

import math
from typing import Any

from pydicom.dataset import Dataset

# The b-value in elements of Siemens, GE, Philips and United Imaging: group, creator, element.
_B_VALUES = (
    (0x0019, "SIEMENS MR HEADER", 0x0C),
    (0x0043, "GEMS_PARM_01", 0x39),
    (0x2001, "Philips Imaging DD 001", 0x03),
    (0x0065, "Image Private Header", 0x09),
)
_GE_ADDS = 1e9
# GE writes parts of a complex image with the ImageType of a magnitude; this element tells them.
_GE_PART = (0x0043, "GEMS_PARM_01", 0x2F)
_GE_PARTS = {1: "PHASE", 2: "REAL", 3: "IMAGINARY"}


def private_value(dataset: Dataset, group: int, creator: str, element: int) -> Any:
    """The value of a private element by its creator, None where it is absent or damaged."""
    try:
        first, last = group << 16 | 0x10, group << 16 | 0xFF  # where creators stand (PS3.5, 7.8.1)
        for place in sorted(key for key in map(int, dataset.keys()) if first <= key <= last):
            block = place & 0xFF
            name = dataset.get((group, block))
            if name is not None and str(name.value).strip() == creator:
                found = dataset.get((group, block << 8 | element))
                return None if found is None else found.value
    except MemoryError:
        raise
    except Exception:  # what is damaged says nothing
        return None
    return None


def stand_ins(dataset: Dataset) -> dict[str, tuple[Any, str]]:
    """What vendors' elements say, by the keyword of the attribute that they stand for.

    Each with how the element is called in a sentence.
    """
    found: dict[str, tuple[Any, str]] = {}
    for group, creator, element in _B_VALUES:
        b_value = _number(private_value(dataset, group, creator, element))
        if b_value is not None and b_value >= 0:
            found["DiffusionBValue"] = b_value % _GE_ADDS, _called(group, creator, element)
            break
    part = _GE_PARTS.get(int(_number(private_value(dataset, *_GE_PART)) or 0))
    if part:
        found["ComplexImageComponent"] = part, _called(*_GE_PART)
    return found


def _called(group: int, creator: str, element: int) -> str:
    return f"{creator} ({group:04X},xx{element:02X})"


def _number(value: Any) -> float | None:
    """The first number of a value of whatever kind a writer has kept it in."""
    if isinstance(value, bytes):  # of a VR that the writer did not know
        value = value.decode("latin-1").strip("\0 ").split("\\")
    if value is not None and not isinstance(value, str) and hasattr(value, "__len__"):
        value = value[0] if len(value) else None
    try:
        found = float(value)
    except (TypeError, ValueError):
        return None
    return found if math.isfinite(found) else None
