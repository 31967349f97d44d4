"""The XMP packets of a JPEG, PNG or WebP: taking them out, and putting another in the place of one.

The standard knows one packet for each file; files with several exist, and no program reads them as
every other does. So whoever writes one says which, and the others stay where they are.

Only containers are taken apart and joined again: the compressed pixels and all other metadata stay
byte for byte what they were. Where each container keeps its packet: Adobe, XMP Specification
Part 3, Storage in Files (2020); Google, WebP Container Specification.
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass

from imaging.codecs.containers.png import SIGNATURE_LENGTH, png_chunks, png_text, raw_chunk
from imaging.codecs.containers.webp import XMP_KINDS, webp_chunks
from imaging.codecs.formats import sniff
from imaging.errors import CorruptImage, UnsupportedFormat, UnwritableMetadata

_SOI, _SOS, _APP0, _APP1, _APP2 = 0xD8, 0xDA, 0xE0, 0xE1, 0xE2
_XMP_HEADER = b"http://ns.adobe.com/xap/1.0/\0"
_EXIF_HEADER = b"Exif\0\0"
_MPF_HEADER = b"MPF\0"
_LONGEST_SEGMENT = 0xFFFF - 2

_KEYWORD = "XML:com.adobe.xmp"
_TEXT_CHUNKS = frozenset({b"tEXt", b"zTXt", b"iTXt"})

_MANIFEST_PARTS = frozenset({b"\xeb", b"caBX", b"C2PA"})  # APP11 of a JPEG, chunks of the others
_PROVENANCE = (b"http://purl.org/dc/terms/", b"provenance")

_XMP_FLAG, _ALPHA_FLAG = 0x04, 0x10


@dataclass(frozen=True)
class _Part:
    """A piece of a file that stays whole: a JPEG segment or a chunk of a PNG or WebP.

    Attributes:
        kind: Marker or chunk type.
        body: What it holds.
        raw: All its bytes, with marker, length and checksum.
    """

    kind: bytes
    body: bytes
    raw: bytes


@dataclass(frozen=True)
class _Opened:
    """A file taken apart.

    Attributes:
        parts: As far as the packet can stand.
        rest: Everything behind them.
        packets: The packets in order, each with the index of the part that holds it.
    """

    parts: tuple[_Part, ...]
    rest: bytes
    packets: tuple[tuple[int, bytes], ...]


def xmp_packets(data: bytes) -> tuple[bytes, ...]:
    """The XMP packets of a file in order, empty ones too; of a JPEG without their extension.

    Args:
        data: The whole file: a JPEG, PNG or WebP.

    Raises:
        UnsupportedFormat: Another format.
        CorruptImage: The container is damaged or cut short.
        UnwritableMetadata: A packet is compressed and damaged.
    """
    opened, _ = _take_apart(data)
    return tuple(packet for _, packet in opened.packets)


def with_xmp_packet(data: bytes, packet: bytes, number: int = 0) -> bytes:
    """The file with this XMP packet in place of one of its own, or added if it has none.

    Args:
        data: The whole file: a JPEG, PNG or WebP.
        packet: In UTF-8.
        number: Of the packet that it replaces, as `xmp_packets` orders them.

    Raises:
        UnsupportedFormat: Another format.
        CorruptImage: The container is damaged or cut short.
        UnwritableMetadata: The packet does not fit.
        ValueError: There are packets, but none of that number.
    """
    opened, join = _take_apart(data)
    if opened.packets and not 0 <= number < len(opened.packets):
        raise ValueError(f"there are {len(opened.packets)} XMP packets, no number {number}")
    return join(opened, packet, opened.packets[number][0] if opened.packets else None)


def has_content_credentials(data: bytes) -> bool:
    """Whether there is a C2PA manifest, signed over the file's bytes: in it, or elsewhere.

    C2PA Technical Specification 2.2, appendix A.3 (embedding manifests into various file formats)
    and 11.4 (external manifests, to which XMP leads).

    Args:
        data: The whole file: a JPEG, PNG or WebP.

    Raises:
        UnsupportedFormat: Another format.
        CorruptImage: The container is damaged or cut short.
        UnwritableMetadata: An XMP packet is compressed and damaged.
    """
    opened, _ = _take_apart(data)
    embedded = any(part.kind in _MANIFEST_PARTS and b"c2pa" in part.raw for part in opened.parts)
    return embedded or any(
        all(mark in packet for mark in _PROVENANCE) for _, packet in opened.packets
    )


_Join = Callable[[_Opened, bytes, int | None], bytes]
"""Puts a packet into the part of this index; None adds a part."""


def _take_apart(data: bytes) -> tuple[_Opened, _Join]:
    match sniff(data[:64]):
        case "jpeg":
            return _open(*_jpeg_parts(data), _jpeg_packet), _join_jpeg
        case "png":
            return _open(*_png_parts(data), _png_packet), _join_png
        case "webp":
            return _open(*_webp_parts(data), _webp_packet), _join_webp
        case _:
            raise UnsupportedFormat("A label can be written into JPEG, PNG and WebP files alone.")


def _open(parts: list[_Part], rest: bytes, packet_of: Callable[[_Part], bytes | None]) -> _Opened:
    found = ((at, body) for at, part in enumerate(parts) if (body := packet_of(part)) is not None)
    return _Opened(tuple(parts), rest, tuple(found))


def _replaced(opened: _Opened, part: _Part, at: int | None, place: int) -> bytes:
    """The file with the part in place of the one at an index, or else inserted at a place."""
    before, after = (place, place) if at is None else (at, at + 1)
    parts = (*opened.parts[:before], part, *opened.parts[after:])
    return b"".join(one.raw for one in parts) + opened.rest


# JPEG: the segments up to the first scan.


def _jpeg_parts(data: bytes) -> tuple[list[_Part], bytes]:
    parts = [_Part(b"\xd8", b"", data[:2])]
    at = 2
    while at + 4 <= len(data):
        start = at
        while data[at : at + 2] == b"\xff\xff":  # fill bytes
            at += 1
        if data[at : at + 1] != b"\xff" or at + 4 > len(data):
            break
        marker, length = struct.unpack_from(">BH", data, at + 1)
        if marker == _SOS:
            return parts, data[start:]
        if marker < 0xC0 or 0xD0 <= marker < _SOS or length < 2 or at + 2 + length > len(data):
            break  # only segments with a length stand before a scan
        end = at + 2 + length
        parts.append(_Part(bytes([marker]), data[at + 4 : end], data[start:end]))
        at = end
    raise CorruptImage("The JPEG is damaged before its pixels.")


def _jpeg_packet(part: _Part) -> bytes | None:
    if part.kind[0] == _APP1 and part.body.startswith(_XMP_HEADER):
        return part.body.removeprefix(_XMP_HEADER)
    return None


def _join_jpeg(opened: _Opened, packet: bytes, at: int | None) -> bytes:
    body = _XMP_HEADER + packet
    if len(body) > _LONGEST_SEGMENT:
        raise UnwritableMetadata("The JPEG's XMP would become longer than a JPEG can hold.")
    # Behind the headers of JFIF and EXIF, where readers look for it. An index of further pictures
    # (CIPA DC-007) counts from itself, so what stands before it may grow.
    place = 1
    while place < len(opened.parts) and _is_header(opened.parts[place]):
        place += 1
    indexed = opened.parts[: at or 0]
    if any(part.kind[0] == _APP2 and part.body.startswith(_MPF_HEADER) for part in indexed):
        raise UnwritableMetadata("The JPEG's XMP stands behind its index of further pictures.")
    raw = struct.pack(">BBH", 0xFF, _APP1, len(body) + 2) + body
    return _replaced(opened, _Part(bytes([_APP1]), body, raw), at, place)


def _is_header(part: _Part) -> bool:
    marker = part.kind[0]
    return marker == _APP0 or (marker == _APP1 and part.body.startswith(_EXIF_HEADER))


# PNG: all chunks.


def _png_parts(data: bytes) -> tuple[list[_Part], bytes]:
    parts = [_Part(b"", b"", data[:SIGNATURE_LENGTH])]
    for chunk in png_chunks(data):
        if not chunk.whole:
            break
        if chunk.kind == b"IEND":
            return parts, data[chunk.start :]
        body = chunk.body if chunk.kind in _TEXT_CHUNKS else b""
        parts.append(_Part(chunk.kind, body, chunk.raw))
    raise CorruptImage("The PNG is cut short: its end is missing.")


def _png_packet(part: _Part) -> bytes | None:
    if part.kind not in _TEXT_CHUNKS or not part.body.startswith(_KEYWORD.encode() + b"\0"):
        return None
    text = png_text(part.kind, part.body)
    if text is None:
        raise UnwritableMetadata("The PNG's XMP is damaged.")
    return text[1]


def _join_png(opened: _Opened, packet: bytes, at: int | None) -> bytes:
    # Neither compressed, as XMP in a PNG must not be, nor in a language.
    body = _KEYWORD.encode() + bytes(5) + packet
    raw = raw_chunk(b"iTXt", body)
    kinds = [part.kind for part in opened.parts]
    if b"IHDR" not in kinds:
        raise CorruptImage("The PNG is damaged: its header is missing.")
    return _replaced(opened, _Part(b"iTXt", body, raw), at, kinds.index(b"IHDR") + 1)


# WebP: all chunks within the length that the file states.


def _webp_parts(data: bytes) -> tuple[list[_Part], bytes]:
    (length,) = struct.unpack_from("<I", data, 4)
    stop = 8 + length
    at = 12
    parts = []
    for chunk in webp_chunks(data, min(stop, len(data))):
        if chunk.end > stop:
            break
        parts.append(_webp_part(chunk.kind, data[chunk.body : chunk.end]))
        at = chunk.end + (chunk.end - chunk.body) % 2
    if not parts or at < stop or stop > len(data):
        raise CorruptImage("The WebP is damaged or cut short.")
    return parts, data[stop:]


def _webp_part(kind: bytes, body: bytes) -> _Part:
    return _Part(kind, body, struct.pack("<4sI", kind, len(body)) + body + bytes(len(body) % 2))


def _webp_packet(part: _Part) -> bytes | None:
    return part.body if part.kind in XMP_KINDS else None


def _join_webp(opened: _Opened, packet: bytes, at: int | None) -> bytes:
    parts = list(opened.parts)
    new = _webp_part(b"XMP ", packet)
    if at is None:
        parts.append(new)
    else:
        parts[at] = new
    if parts[0].kind != b"VP8X":
        parts.insert(0, _extended_header(parts[0]))
    header = parts[0].body
    if len(header) < 10:
        raise CorruptImage("The WebP is damaged: its header is too short.")
    parts[0] = _webp_part(b"VP8X", bytes([header[0] | _XMP_FLAG]) + header[1:])
    content = b"WEBP" + b"".join(part.raw for part in parts)
    return b"RIFF" + struct.pack("<I", len(content)) + content + opened.rest


def _extended_header(pixels: _Part) -> _Part:
    """The VP8X chunk that a simple WebP needs before it can hold metadata."""
    body, flags = pixels.body, 0
    if pixels.kind == b"VP8 " and body[3:6] == b"\x9d\x01\x2a" and len(body) >= 10:
        width, height = (side & 0x3FFF for side in struct.unpack_from("<HH", body, 6))
    elif pixels.kind == b"VP8L" and body[:1] == b"\x2f" and len(body) >= 5:
        (bits,) = struct.unpack_from("<I", body, 1)
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        flags = _ALPHA_FLAG if bits >> 28 & 1 else 0
    else:
        raise CorruptImage("The WebP is damaged: its pixels do not come first.")
    if not width or not height:
        raise CorruptImage("The WebP is damaged: it has no pixels.")
    sides = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return _webp_part(b"VP8X", bytes([flags, 0, 0, 0]) + sides)
