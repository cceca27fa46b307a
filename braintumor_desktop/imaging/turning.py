"""How a picture that is stored sideways or mirrored is turned to be looked at, and back.

Without OpenCV: the window needs it as it starts.
"""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray


def upright(image: NDArray[Any], orientation: int) -> NDArray[Any]:
    """The image as it is meant to be seen.

    `orientation` is Exif's and TIFF's tag 0x0112 (TIFF 6.0, section 8): 1 upright, 2 mirrored,
    3 turned by 180 degrees, 4 flipped, 5 transposed, 6 to be turned clockwise, 7 transversed,
    8 to be turned anticlockwise. Any other value says nothing and changes nothing.
    """
    if orientation in (5, 6, 7, 8):
        image = image.swapaxes(0, 1)
    if orientation in (2, 3, 6, 7):
        image = image[:, ::-1]
    if orientation in (3, 4, 7, 8):
        image = image[::-1]
    return image


def as_stored(image: NDArray[Any], orientation: int) -> NDArray[Any]:
    """The inverse of `upright`."""
    return upright(image, {6: 8, 8: 6}.get(orientation, orientation))
