"""TIFF and BigTIFF: their pages, and what Pillow does not read of them."""

import struct
from typing import NamedTuple

from imaging.codecs.containers.source import Block, too_many_frames
from imaging.errors import CorruptImage
from imaging.metadata.image_resources import resource_blocks

_IPTC, _RESOURCES = 33723, 34377
_BYTES = {1: 1, 4: 4, 7: 1}  # of one value, by the types that hold bytes
_MOST_TAGS = 1000


class _Layout(NamedTuple):
    """How the numbers of a file are written: codes of `struct`, and the length of a tag."""

    offset: str
    entries: str
    tag: str
    tag_length: int


def _layout(data: bytes) -> _Layout:
    order = "<" if data[:2] == b"II" else ">"
    if data[2:4] in (b"+\0", b"\0+"):
        return _Layout(f"{order}Q", f"{order}Q", f"{order}HHQ", 20)
    return _Layout(f"{order}I", f"{order}H", f"{order}HHI", 12)


def tiff_pages(data: bytes, most_pages: int) -> tuple[int, ...]:
    """Where the directory of each page stands, by following their chain.

    Raises:
        CorruptImage: The chain leads out of the file or back to itself.
        ImageTooLarge: More pages than `most_pages`.
    """
    layout = _layout(data)
    seen: dict[int, None] = {}  # ordered
    try:
        (at,) = struct.unpack_from(layout.offset, data, 8 if layout.tag_length == 20 else 4)
        while at:
            if at in seen:
                raise CorruptImage("The TIFF is damaged: its pages lead back to themselves.")
            seen[at] = None
            if len(seen) > most_pages:
                raise too_many_frames(most_pages)
            (entries,) = struct.unpack_from(layout.entries, data, at)
            after = at + struct.calcsize(layout.entries) + entries * layout.tag_length
            (at,) = struct.unpack_from(layout.offset, data, after)
    except (struct.error, OverflowError):
        raise CorruptImage("The TIFF is cut short: a page lies beyond its end.") from None
    return tuple(seen)


def tiff_blocks(data: bytes, page: int) -> list[Block]:
    """The IPTC-IIM records of a page, and what else stands among Photoshop's resources.

    IPTC-IIM has a tag of its own, which libtiff calls an array of integers: Pillow gives the first
    of them alone.

    Args:
        data: The file.
        page: Where its directory stands, from `tiff_pages`.
    """
    layout = _layout(data)
    room = struct.calcsize(layout.offset)
    found: list[Block] = []
    try:
        (entries,) = struct.unpack_from(layout.entries, data, page)
        at = page + struct.calcsize(layout.entries)
        for number in range(min(entries, _MOST_TAGS)):
            place = at + number * layout.tag_length
            tag, kind, count = struct.unpack_from(layout.tag, data, place)
            if tag not in (_IPTC, _RESOURCES) or kind not in _BYTES:
                continue
            length = count * _BYTES[kind]
            value = place + layout.tag_length - room
            if length > room:
                (value,) = struct.unpack_from(layout.offset, data, value)
            body = data[value : value + length]
            found += [("iptc", body)] if tag == _IPTC else resource_blocks(body)
    except (struct.error, OverflowError):
        return found
    return found
