"""EXIF orientation: reading it, and turning pixels and coordinates upright."""

from collections.abc import Iterable
from contextlib import suppress

import numpy as np
from PIL import Image

from imaging.types import Pixels

_TAG = 0x0112

# How to turn each orientation upright: transpose first, then flip these axes.
_TRANSPOSED = frozenset({5, 6, 7, 8})
_FLIPPED: dict[int, tuple[int, ...]] = {2: (1,), 3: (0, 1), 4: (0,), 6: (1,), 7: (0, 1), 8: (0,)}


def exif_orientation(blocks: Iterable[bytes]) -> int:
    """The orientation in the first EXIF block that has one, 1 to 8; 1 where none has."""
    for block in blocks:
        tags = Image.Exif()
        value = None
        with suppress(Exception):  # Pillow raises whatever the damage leads to
            tags.load(block)
            value = tags.get(_TAG)
        if isinstance(value, int) and 1 <= value <= 8:
            return value
    return 1


def swaps_sides(orientation: int) -> bool:
    """Whether width and height change places."""
    return orientation in _TRANSPOSED


def upright(pixels: Pixels, orientation: int) -> Pixels:
    """Turn stored pixels upright; the result is contiguous and read-only."""
    if orientation in _TRANSPOSED:
        pixels = pixels.transpose(1, 0, 2)
    if orientation in _FLIPPED:
        pixels = np.flip(pixels, _FLIPPED[orientation])
    pixels = np.ascontiguousarray(pixels)
    pixels.flags.writeable = False  # as frozen as the dataclass that will hold it
    return pixels


def upright_origin(overhang: tuple[float, float], orientation: int) -> tuple[float, float]:
    """Where the top left corner of the image lies in its upright pixels, as (x, y).

    Args:
        overhang: How far the last column and the last row reach out of the image as it is stored,
            in pixels. A flip brings them to the other end.
        orientation: The EXIF orientation.
    """
    across, down = reversed(overhang) if orientation in _TRANSPOSED else overhang
    flipped = _FLIPPED.get(orientation, ())
    return across if 1 in flipped else 0.0, down if 0 in flipped else 0.0
