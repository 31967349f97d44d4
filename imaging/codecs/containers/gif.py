"""GIF: its frames, its comments, its XMP and its IPTC-IIM."""

from typing import NamedTuple

from imaging.codecs.containers.source import Block, too_many_frames
from imaging.errors import CorruptImage
from imaging.metadata.image_resources import resource_blocks

_EXTENSION, _IMAGE, _TRAILER = 0x21, 0x2C, 0x3B
_COMMENT, _APPLICATION = 0xFE, 0xFF

# Behind a packet that stands there plain, this leads out whoever takes its bytes for lengths.
# Adobe, XMP Specification Part 3, 1.1.2.
_RAMP = b"\x01" + bytes(range(255, -1, -1)) + b"\0"


class GifBlocks(NamedTuple):
    """What stands in a GIF besides its pixels.

    Attributes:
        frames: How many there are, at least one; a last one that is cut does not count.
        blocks: Comments and metadata, as (`comment`, `xmp`, `iptc` or `exif`, content).
        whole: Whether the file goes on to its trailer, undamaged.
    """

    frames: int
    blocks: list[Block]
    whole: bool


def gif_blocks(data: bytes, most_frames: int) -> GifBlocks:
    """Count the frames of a GIF and collect its comments and metadata.

    Args:
        data: The file.
        most_frames: Counting ends with an error beyond this.

    Raises:
        CorruptImage: The file is damaged, or ends before its first frame begins.
        ImageTooLarge: More frames than `most_frames`.
    """
    frames = 0
    whole = begun = False
    found: list[Block] = []
    try:
        at = 13 + _colour_table(data[10])
        while (kind := data[at]) != _TRAILER:
            if kind == _IMAGE:
                if frames == most_frames:
                    raise too_many_frames(most_frames)
                begun = True
                at = _sub_blocks_end(data, at + 11 + _colour_table(data[at + 9]))
                frames += 1
            elif kind == _EXTENSION:
                label, start = data[at + 1], at + 2
                at = _sub_blocks_end(data, start)
                if label == _COMMENT:
                    found.append(("comment", _joined(data, start)))
                elif label == _APPLICATION:
                    found += _application(data, start, at)
            elif kind == 0:  # a stray terminator, which viewers pass over
                at += 1
            elif frames:
                return GifBlocks(frames, found, whole=False)
            else:
                raise CorruptImage("The GIF is damaged: something else stands between its blocks.")
        whole = True
    except IndexError:
        if not begun:
            raise CorruptImage("The GIF is cut short: it ends before its picture.") from None
    return GifBlocks(max(frames, 1), found, whole)


def _application(data: bytes, start: int, end: int) -> list[Block]:
    """The metadata in an extension of an application."""
    match data[start + 1 : start + 12]:
        case b"XMP DataXMP":
            return [("xmp", _xmp(data, start + 12, end))]
        case b"MGK8BIM0000":  # ImageMagick
            return list(resource_blocks(_joined(data, start + 12)))
        case b"MGKIPTC0000":
            return [("iptc", _joined(data, start + 12))]
    return []


def _xmp(data: bytes, start: int, end: int) -> bytes:
    """The packet of an extension, as Adobe has it or in blocks as everything else, as C2PA does."""
    plain = end - len(_RAMP)
    return data[start:plain] if data[plain:end] == _RAMP else _joined(data, start)


def _colour_table(flags: int) -> int:
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _sub_blocks_end(data: bytes, at: int) -> int:
    while length := data[at]:
        at += 1 + length
    return at + 1


def _joined(data: bytes, at: int) -> bytes:
    parts = []
    while length := data[at]:
        parts.append(data[at + 1 : at + 1 + length])
        at += 1 + length
    return b"".join(parts)
