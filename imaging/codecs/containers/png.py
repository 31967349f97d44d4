"""PNG: its chunks, the texts in them, and the file without all but its pixels."""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from imaging.codecs.containers.source import LONGEST_BLOCK, Source
from imaging.errors import CorruptImage

# At 4 kB a piece, which is small already, enough for 4 GB.
_MOST_CHUNKS = 1_000_000

_PIXELS = frozenset({b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"acTL", b"fcTL", b"fdAT"})

SIGNATURE_LENGTH = 8
"""Bytes before the first chunk."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """One chunk of a PNG, which copies its bytes only when it is asked for them.

    Attributes:
        kind: Its type, four bytes.
        start: Where its length stands in the file.
        length: Of its content, as the file states it.
        file: The whole file.
    """

    kind: bytes
    start: int
    length: int
    file: bytes = field(repr=False)

    @property
    def end(self) -> int:
        """Where the next one starts, behind the checksum; beyond the file in one that is cut."""
        return self.start + 12 + self.length

    @property
    def whole(self) -> bool:
        """Whether the file goes on to its checksum."""
        return self.end <= len(self.file)

    @property
    def body(self) -> bytes:
        """Its content, as far as it is there."""
        return self.file[self.start + 8 : self.start + 8 + self.length]

    @property
    def raw(self) -> bytes:
        """All its bytes, with length, type and checksum, as far as they are there."""
        return self.file[self.start : self.end]


def png_chunks(data: bytes) -> Iterator[Chunk]:
    """The chunks of a PNG in order, with IEND where there is one; only the last may be cut.

    Raises:
        CorruptImage: The file is in absurdly many pieces.
    """
    at = SIGNATURE_LENGTH
    for _ in range(_MOST_CHUNKS):
        if at + 8 > len(data):
            return
        length, kind = struct.unpack_from(">I4s", data, at)
        chunk = Chunk(kind, at, length, data)
        yield chunk
        if kind == b"IEND":
            return
        at = chunk.end
    raise CorruptImage("The PNG is in more pieces than any encoder makes.")


def png_pixels(data: bytes) -> Source:
    """The PNG with nothing but the chunks that make its pixels.

    Texts and profiles that swell when decompressed then never reach the decoder, and do not
    cost the picture either.

    Raises:
        CorruptImage: The file is in absurdly many pieces.
    """
    kept = [data[:SIGNATURE_LENGTH]]
    whole = False
    for chunk in png_chunks(data):
        if chunk.kind == b"IEND":
            whole = chunk.whole
        elif chunk.whole and chunk.kind in _PIXELS:
            kept.append(chunk.raw)
        elif chunk.kind == b"IDAT":  # what is lost may be no more than its checksum
            kept.append(raw_chunk(b"IDAT", chunk.body))
    return Source(b"".join((*kept, raw_chunk(b"IEND", b""))), whole)


def raw_chunk(kind: bytes, body: bytes) -> bytes:
    """A chunk with its length and checksum."""
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
