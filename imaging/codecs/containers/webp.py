"""WebP: its chunks, and what stands in them besides the picture."""

import struct
from collections.abc import Iterator
from typing import NamedTuple

from imaging.codecs.containers.source import Block, Source
from imaging.errors import CorruptImage

_SPARED = 8
"""Bytes that may be missing of the last macroblocks of a WebP: its decoder reads zeros there."""

_PICTURES = frozenset({b"VP8 ", b"VP8L", b"ANMF"})

# ImageMagick 6 and GraphicsMagick end the type of XMP with a zero, where a blank belongs.
XMP_KINDS = frozenset({b"XMP ", b"XMP\0"})
"""Types of the chunks that hold XMP."""

_BLOCKS = {b"EXIF": "exif"} | dict.fromkeys(XMP_KINDS, "xmp")


class Chunk(NamedTuple):
    """One chunk of a WebP.

    Attributes:
        kind: Its type, four bytes.
        start: Where it stands in the file.
        body: Where its content does.
        end: Where its content ends, as stated: beyond the file in one that is cut.
    """

    kind: bytes
    start: int
    body: int
    end: int


def webp_chunks(data: bytes, stop: int | None = None) -> Iterator[Chunk]:
    """The chunks of a WebP in order; only the last may be cut.

    Args:
        data: The whole file.
        stop: Where the last one ends; None for the end of the file.
    """
    at = 12
    while at + 8 <= (len(data) if stop is None else stop):
        kind, length = struct.unpack_from("<4sI", data, at)
        yield Chunk(kind, at, at + 8, at + 8 + length)
        at += 8 + length + length % 2


def webp_blocks(data: bytes) -> list[Block]:
    """The EXIF and XMP of a WebP, all of them, whether its header announces them or not."""
    return [
        (_BLOCKS[chunk.kind], data[chunk.body : chunk.end])
        for chunk in webp_chunks(data)
        if chunk.kind in _BLOCKS and chunk.end <= len(data)
    ]


def webp_source(data: bytes) -> Source:
    """The WebP without what is cut off behind its picture.

    Raises:
        CorruptImage: It ends within its picture, or before it.
    """
    (length,) = struct.unpack_from("<I", data, 4)
    if length + 8 <= len(data):
        return Source(data, whole=True)
    kept = [data[8:12]]
    pictures = 0
    for chunk in webp_chunks(data):
        missing = max(chunk.end - len(data), 0)
        if missing > (_SPARED if chunk.kind in _PICTURES and not pictures else 0):
            break
        # The byte that makes a length even may be the one that is missing, too.
        filled = b"\0" * (missing + (chunk.end - chunk.body) % 2)
        kept.append(data[chunk.start : chunk.end] + filled)
        pictures += chunk.kind in _PICTURES
    if not pictures:
        raise CorruptImage("The WebP is cut short: it ends within its picture.")
    body = b"".join(kept)
    return Source(b"RIFF" + struct.pack("<I", len(body)) + body, whole=False)
