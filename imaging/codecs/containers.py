"""Walks over the containers: what Pillow does not tell, without decoding a pixel.

Viewers show a picture whose file lacks its end, or ends within something behind the pixels, and so
it is judged. Where a walk finds that, it says so, and gives what decoders that insist on the end
need to be given. Whether the pixels themselves are whole is for the decoder to say.

Each walk is bounded by the length of the file, by `limits.frames`, or by `LONGEST_BLOCK`.
"""

import struct
import zlib
from collections.abc import Iterator
from typing import NamedTuple

from imaging.errors import CorruptImage, ImageTooLarge
from imaging.metadata.image_resources import iptc_blocks

LONGEST_BLOCK = 16 * 1024 * 1024
"""Longest metadata block that is kept, and most text of one file, in bytes."""

# At 4 kB a piece, which is small already, enough for 4 GB.
_MOST_CHUNKS = 1_000_000

_PNG_PIXELS = frozenset(
    {b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"acTL", b"fcTL", b"fdAT", b"IEND"},
)

_GIF_EXTENSION, _GIF_IMAGE, _GIF_TRAILER = 0x21, 0x2C, 0x3B
_GIF_COMMENT, _GIF_APPLICATION = 0xFE, 0xFF

_TIFF_IPTC, _TIFF_RESOURCES = 33723, 34377
_TIFF_BYTES = {1: 1, 4: 4, 7: 1}  # of one value, by the types that hold bytes
_MOST_TAGS = 1000

_SPARED = 8
"""Bytes that may be missing of the last macroblocks of a WebP: its decoder reads zeros there."""

_WEBP_PICTURES = frozenset({b"VP8 ", b"VP8L", b"ANMF"})
# Without these parts of an ISO media file there is no picture.
_PICTURE_BOXES = frozenset({b"ftyp", b"meta", b"mdat", b"moov"})


class Source(NamedTuple):
    """A file as its decoder wants it.

    Attributes:
        data: The bytes to decode.
        whole: Whether the file had its end; if not, `data` was given one.
    """

    data: bytes
    whole: bool


class GifBlocks(NamedTuple):
    """What stands in a GIF besides its pixels.

    Attributes:
        frames: How many there are, at least one; a last one that is cut does not count.
        blocks: Comments and XMP packets, as (`comment` or `xmp`, content).
        whole: Whether the file goes on to its trailer, undamaged.
    """

    frames: int
    blocks: list[tuple[str, bytes]]
    whole: bool


def png_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The whole chunks of a PNG up to IEND, as (type, content); image data without content.

    Raises:
        CorruptImage: The file is in absurdly many pieces.
    """
    at = 8
    seen = 0
    while at + 8 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        if at + 12 + length > len(data):
            return
        seen += 1
        if seen > _MOST_CHUNKS:
            raise CorruptImage("The PNG is in more pieces than any encoder makes.")
        if kind == b"IEND":
            return
        body = b"" if kind in (b"IDAT", b"fdAT") else data[at + 8 : at + 8 + length]
        yield kind, body
        at += 12 + length


def png_pixels(data: bytes) -> Source:
    """The PNG with nothing but the chunks that make its pixels.

    Texts and profiles that swell when decompressed then never reach the decoder, and do not
    cost the picture either.
    """
    kept = [data[:8]]
    at = 8
    whole = False
    while at + 8 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        chunk = data[at : at + 12 + length]
        if kind == b"IEND":
            whole = len(chunk) == 12 + length
            break
        if len(chunk) < 12 + length:
            if kind == b"IDAT":  # what is lost may be no more than its checksum
                kept.append(_png_chunk(kind, chunk[8 : 8 + length]))
        elif kind in _PNG_PIXELS:
            kept.append(chunk)
        at += 12 + length
    return Source(b"".join((*kept, _png_chunk(b"IEND", b""))), whole)


def _png_chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png_text(kind: bytes, body: bytes) -> tuple[str, bytes] | None:
    """The keyword and the bytes of one tEXt, zTXt or iTXt chunk; None where it is malformed."""
    keyword, separator, rest = body.partition(b"\0")
    text: bytes | None = rest
    if not separator:
        return None
    if kind == b"zTXt":
        text = inflate(rest[1:])
    elif kind == b"iTXt":
        if len(rest) < 2:
            return None
        compressed, rest = rest[0], rest[2:]
        text = rest.partition(b"\0")[2].partition(b"\0")[2]  # past language and translation
        if compressed:
            text = inflate(text)
    return None if text is None else (keyword.decode("latin-1"), text)


def inflate(data: bytes) -> bytes | None:
    """Decompress zlib data of at most `LONGEST_BLOCK`; None where longer or damaged."""
    stream = zlib.decompressobj()
    try:
        plain = stream.decompress(data, LONGEST_BLOCK)
    except zlib.error:
        return None
    return plain if stream.eof else None


def gif_blocks(data: bytes, most_frames: int) -> GifBlocks:
    """Count the frames of a GIF and collect its comments and XMP.

    Args:
        data: The file.
        most_frames: Counting ends with an error beyond this.

    Raises:
        CorruptImage: The file is damaged, or ends before its first frame begins.
        ImageTooLarge: More frames than `most_frames`.
    """
    frames = 0
    whole = begun = False
    found: list[tuple[str, bytes]] = []
    try:
        at = 13 + _colour_table(data[10])
        while (kind := data[at]) != _GIF_TRAILER:
            if kind == _GIF_IMAGE:
                if frames == most_frames:
                    raise too_many_frames(most_frames)
                begun = True
                at = _sub_blocks_end(data, at + 11 + _colour_table(data[at + 9]))
                frames += 1
            elif kind == _GIF_EXTENSION:
                label, start = data[at + 1], at + 2
                at = _sub_blocks_end(data, start)
                if label == _GIF_COMMENT:
                    found.append(("comment", _joined(data, start)))
                elif label == _GIF_APPLICATION and data[start + 1 : start + 12] == b"XMP DataXMP":
                    # The packet stands there plain; a 256-byte ramp leads readers of blocks out.
                    found.append(("xmp", data[start + 12 : at - 258]))
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


def tiff_iptc(data: bytes) -> list[tuple[str, bytes]]:
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
            if tag not in (_TIFF_IPTC, _TIFF_RESOURCES) or kind not in _TIFF_BYTES:
                continue
            length = count * _TIFF_BYTES[kind]
            value = place + 4 + struct.calcsize("=" + offset_code)
            if length > struct.calcsize("=" + offset_code):
                (value,) = struct.unpack_from(order + offset_code, data, value)
            body = data[value : value + length]
            if tag == _TIFF_IPTC:
                found.append(("iptc", body))
            else:
                found += [("iptc", part) for part in iptc_blocks(body)]
    except (struct.error, OverflowError):
        return found
    return found


def webp_chunks(data: bytes) -> Source:
    """The WebP without what is cut off behind its picture.

    Raises:
        CorruptImage: It ends within its picture, or before it.
    """
    (length,) = struct.unpack_from("<I", data, 4)
    if length + 8 <= len(data):
        return Source(data, whole=True)
    kept = [data[8:12]]
    pictures = 0
    at = 12
    while at + 8 <= len(data):
        kind, length = struct.unpack_from("<4sI", data, at)
        missing = max(at + 8 + length - len(data), 0)
        if missing > (_SPARED if kind in _WEBP_PICTURES and not pictures else 0):
            break
        # The byte that makes a length even may be the one that is missing, too.
        kept.append(data[at : at + 8 + length] + b"\0" * (missing + length % 2))
        pictures += kind in _WEBP_PICTURES
        at += 8 + length + length % 2
    if not pictures:
        raise CorruptImage("The WebP is cut short: it ends within its picture.")
    body = b"".join(kept)
    return Source(b"RIFF" + struct.pack("<I", len(body)) + body, whole=False)


def iso_boxes(data: bytes) -> Source:
    """The ISO media file (AVIF, HEIC) without what is cut off behind its picture.

    Raises:
        CorruptImage: It ends within a part that the picture needs.
    """
    at = 0
    while at + 8 <= len(data):
        length, header = struct.unpack_from(">I", data, at)[0], 8
        if length == 1 and at + 16 <= len(data):
            length, header = struct.unpack_from(">Q", data, at + 8)[0], 16
        if length == 0:  # to the end of the file
            break
        if length < header or at + length > len(data):
            if data[at + 4 : at + 8] in _PICTURE_BOXES or length < header:
                raise CorruptImage("The file is cut short: it ends within its picture.")
            return Source(data[:at], whole=False)
        at += length
    return Source(data, whole=True)


def too_many_frames(most: int) -> ImageTooLarge:
    """The error for an animation or document beyond the limit."""
    return ImageTooLarge(f"The image has more than the {most:,} frames that are accepted.")
