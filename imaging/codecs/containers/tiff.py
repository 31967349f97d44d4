"""TIFF and BigTIFF: how many pages there are, and the IPTC-IIM of the first."""

import struct

from imaging.codecs.containers.source import Block, too_many_frames
from imaging.errors import CorruptImage
from imaging.metadata.image_resources import iptc_blocks

_IPTC, _RESOURCES = 33723, 34377
_BYTES = {1: 1, 4: 4, 7: 1}  # of one value, by the types that hold bytes
_MOST_TAGS = 1000


def tiff_pages(data: bytes, most_pages: int) -> int:
    """Count the pages of a TIFF or BigTIFF by following its chain of directories.

    Raises:
        CorruptImage: The chain leads out of the file or back to itself.
        ImageTooLarge: More pages than `most_pages`.
    """
    order = "<" if data[:2] == b"II" else ">"
    big = data[2:4] in (b"+\0", b"\0+")
    offset_code, count_code, entry = ("Q", "Q", 20) if big else ("I", "H", 12)
    seen: set[int] = set()
    try:
        (at,) = struct.unpack_from(order + offset_code, data, 8 if big else 4)
        while at:
            if at in seen:
                raise CorruptImage("The TIFF is damaged: its pages lead back to themselves.")
            seen.add(at)
            if len(seen) > most_pages:
                raise too_many_frames(most_pages)
            (entries,) = struct.unpack_from(order + count_code, data, at)
            after = at + struct.calcsize("=" + count_code) + entries * entry
            (at,) = struct.unpack_from(order + offset_code, data, after)
    except (struct.error, OverflowError):
        raise CorruptImage("The TIFF is cut short: a page lies beyond its end.") from None
    return len(seen)


def tiff_iptc(data: bytes) -> list[Block]:
    """The IPTC-IIM records of a TIFF's first page, as (`iptc`, block).

    From their own tag, which libtiff calls an array of integers, and from Photoshop's resources.
    Pillow gives the first integer alone.
    """
    order = "<" if data[:2] == b"II" else ">"
    big = data[2:4] in (b"+\0", b"\0+")
    offset_code, count_code, entry = ("Q", "Q", 20) if big else ("I", "H", 12)
    found = []
    try:
        (at,) = struct.unpack_from(order + offset_code, data, 8 if big else 4)
        (entries,) = struct.unpack_from(order + count_code, data, at)
        at += struct.calcsize("=" + count_code)
        for place in range(at, at + min(entries, _MOST_TAGS) * entry, entry):
            tag, kind, count = struct.unpack_from(order + "HH" + offset_code, data, place)
            if tag not in (_IPTC, _RESOURCES) or kind not in _BYTES:
                continue
            length = count * _BYTES[kind]
            value = place + 4 + struct.calcsize("=" + offset_code)
            if length > struct.calcsize("=" + offset_code):
                (value,) = struct.unpack_from(order + offset_code, data, value)
            body = data[value : value + length]
            if tag == _IPTC:
                found.append(("iptc", body))
            else:
                found += [("iptc", part) for part in iptc_blocks(body)]
    except (struct.error, OverflowError):
        return found
    return found
