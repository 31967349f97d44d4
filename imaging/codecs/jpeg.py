"""The fast way through a JPEG: DCT-scaled, strict, and without a detour through Pillow."""

import re

import simplejpeg

from imaging.codecs.containers.source import Source
from imaging.errors import CorruptImage
from imaging.types import Pixels

# Each scan of a progressive file is a pass over all coefficients. Encoders write about ten.
_MOST_SCANS = 200

_SCAN, _END = b"\xff\xda", b"\xff\xd9"

# In entropy-coded data, 0xFF is followed by 0x00 or by a restart marker (0xD0 to 0xD7).
_MARKER = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")

# What may stand between or behind scans: tables, scans, application segments, comments, the end.
_BETWEEN_SCANS = frozenset({0xC4, 0xCC, 0xD9, 0xDA, 0xDB, 0xDC, 0xDD, *range(0xE0, 0xF0), 0xFE})

# Start of a frame, of whatever kind.
_FRAMES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
_ALL_BITS = 16

_MOST_EIGHTHS = 5

_COLOURSPACES = {"L": "GRAY", "RGB": "RGB", "CMYK": "CMYK"}


def reduction(width: int, height: int, min_side: int | None) -> int:
    """In how many eighths of its size to decode an image: 1 to 5, or 8 for all of it.

    The smallest that leaves the shorter side at least `min_side` long. Six and seven eighths are
    left out: they cost as much as the whole image, and come out the least like it.
    """
    if min_side is None:
        return 8
    eighths = max(1, -(-8 * min_side // min(width, height)))
    return eighths if eighths <= _MOST_EIGHTHS else 8


def scans(data: bytes) -> int:
    """Count the scans of a JPEG up to its end, whatever is embedded in it or follows."""
    found = 0
    at = 2
    while marker := _MARKER.search(data, at):
        if marker.group() == _END:
            break
        found += marker.group() == _SCAN
        at = marker.end() + int.from_bytes(data[marker.end() : marker.end() + 2])
    return found


def ended(data: bytes) -> Source:
    """The JPEG with its end, if it has none.

    Some cameras leave the end out, or write what else they know (`SEFT`) in its place.

    Raises:
        CorruptImage: Whole scans are missing, too, without which the picture is coarser.
    """
    if data.endswith(_END):
        return Source(data, whole=True)
    left: dict[int, list[int]] = {}  # by component: the bits that each coefficient still lacks
    at = 2
    in_scans = False
    cut = len(data.removesuffix(b"\xff"))
    while marker := _MARKER.search(data, at):
        if marker.group() == _END:
            return Source(data, whole=True)
        kind = marker.group()[1]
        if in_scans and kind not in _BETWEEN_SCANS:
            cut = marker.start()
            break
        start = marker.end()
        segment = data[start : start + int.from_bytes(data[start : start + 2])]
        if kind in _FRAMES:
            left = {component: [_ALL_BITS] * 64 for component in segment[8::3]}
        elif marker.group() == _SCAN and len(segment) > 5:
            in_scans = True
            first, last, bits = segment[-3:]
            for component in segment[3:-3:2]:
                for coefficient in range(first, min(last, 63) + 1):
                    left.setdefault(component, [0] * 64)[coefficient] = bits & 15
        at = start + len(segment)
    if any(map(any, left.values())):
        raise CorruptImage("The JPEG is cut short: its data end before the image.")
    return Source(data[:cut] + _END, whole=False)


def decode_jpeg(data: bytes, mode: str, width: int, height: int, eighths: int) -> Pixels | None:
    """Decode a JPEG at `eighths`/8 of its size, strictly.

    Args:
        data: The file.
        mode: Pillow's name of the colours that the file holds: `L`, `RGB` or `CMYK`.
        width: Width that the header states, in pixels.
        height: Height that the header states, in pixels.
        eighths: Scale in eighths, 1 to 8. libjpeg rounds the size up, so that the last row
            and column may lie partly beyond the image; coordinates scale by exactly eighths/8.

    Returns:
        uint8 [h, w, 3], for `L` [h, w, 1], for `CMYK` [h, w, 4] with 0 as no ink; None where
        the file is outside of what this way handles, though it may not be damaged.

    Raises:
        CorruptImage: The data end before the image does, or the header contradicts itself.
    """
    if data.count(_SCAN) > _MOST_SCANS and scans(data) > _MOST_SCANS:
        raise CorruptImage(f"The JPEG has more than {_MOST_SCANS} scans, which no encoder writes.")
    if mode not in _COLOURSPACES:
        return None
    scaled = (-(-height * eighths // 8), -(-width * eighths // 8))
    try:
        if simplejpeg.decode_jpeg_header(data)[:2] != (height, width):
            raise CorruptImage("The JPEG states two different sizes.")
        pixels: Pixels = simplejpeg.decode_jpeg(
            data, _COLOURSPACES[mode], min_height=scaled[0], min_width=scaled[1], strict=True
        )
    except ValueError as error:
        if "premature end" in str(error).lower():
            raise CorruptImage("The JPEG is cut short: its data end before the image.") from error
        return None
    if pixels.shape[:2] != scaled:
        return None
    # Adobe's convention, which every CMYK JPEG follows, stores ink inverted.
    return 255 - pixels if mode == "CMYK" else pixels
