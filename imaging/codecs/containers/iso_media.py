"""ISO media files (AVIF, HEIC): their boxes, and the items of metadata in them.

EXIF and XMP are items of the box `meta`; XMP may stand in a box of its own as well, which C2PA's
library writes.

Source: ISO/IEC 14496-12, 8.11 (the box `meta`), and ISO/IEC 23008-12, annex A (EXIF and XMP).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from imaging.codecs.containers.png import inflate
from imaging.codecs.containers.source import LONGEST_BLOCK, Block, Source
from imaging.errors import CorruptImage

# Without these parts of an ISO media file there is no picture.
_PICTURE_BOXES = frozenset({b"ftyp", b"meta", b"mdat", b"moov"})

_MOST_BOXES = 10_000
_MOST_ITEMS = 1000
_XMP_UUID = bytes.fromhex("BE7ACFCB97A942E89C71999491E3AFAC")  # Adobe, XMP part 3, 1.2.7
_XMP_TYPE = b"application/rdf+xml"
_PLAIN, _DEFLATED = b"", b"deflate"
_IN_FILE, _IN_META = 0, 1  # where the offsets of an item count from


class _Box(NamedTuple):
    """One box; `end` is as stated, beyond the file in one that is cut."""

    kind: bytes
    start: int
    body: int
    end: int


def iso_source(data: bytes) -> Source:
    """The ISO media file without what is cut off behind its picture.

    Raises:
        CorruptImage: It ends within a part that the picture needs.
    """
    for box in _boxes(data, 0, len(data)):
        if box.end < box.body or box.end > len(data):
            if box.kind in _PICTURE_BOXES or box.end < box.body:
                raise CorruptImage("The file is cut short: it ends within its picture.")
            return Source(data[: box.start], whole=False)
    return Source(data, whole=True)


def iso_blocks(data: bytes) -> list[Block]:
    """The EXIF and XMP of a still picture, all of them, up to where the file is damaged.

    Compressed ones too, which libheif writes and few programs read.
    """
    found: list[Block] = []
    room = LONGEST_BLOCK
    try:
        for box in _boxes(data, 0, len(data)):
            for name, encoding, body in _metadata_of(data, box):
                plain = inflate(body) if encoding == _DEFLATED else body
                if plain is None or encoding not in (_PLAIN, _DEFLATED):
                    continue
                if name == "exif":  # behind the length of what may stand before the block
                    plain = plain[4 + int.from_bytes(plain[:4]) :]
                found.append((name, plain))
                room -= len(plain)
                if room < 0:
                    return found
    except _Ended:
        return found
    return found


def _boxes(data: bytes, at: int, end: int) -> Iterator[_Box]:
    """Boxes one behind the other; the last may be cut, or damaged so that it ends in its header."""
    for _ in range(_MOST_BOXES):
        if at + 8 > end:
            return
        length, kind, header = int.from_bytes(data[at : at + 4]), data[at + 4 : at + 8], 8
        if length == 1 and at + 16 <= end:
            length, header = int.from_bytes(data[at + 8 : at + 16]), 16
        if length == 0:  # to the end of the file
            length = end - at
        yield _Box(kind, at, at + header, at + length)
        if length < header:
            return
        at += length


class _Ended(Exception):
    """A box is shorter than what should stand in it."""


@dataclass
class _Fields:
    """Reads the fields of a box one after the other.

    Raises:
        _Ended: There are no more bytes.
    """

    data: bytes
    at: int
    end: int

    def number(self, size: int) -> int:
        """Of so many bytes; 0 for a field of none."""
        return int.from_bytes(self.take(size))

    def take(self, size: int) -> bytes:
        """So many bytes."""
        self.at += size
        if self.at > self.end:
            raise _Ended
        return self.data[self.at - size : self.at]

    def text(self) -> bytes:
        """Up to a zero, or to the end."""
        stop = self.data.find(b"\0", self.at, self.end)
        found = self.data[self.at : stop if stop >= 0 else self.end]
        self.at = stop + 1 if stop >= 0 else self.end
        return found


def _metadata_of(data: bytes, box: _Box) -> Iterator[tuple[str, bytes, bytes]]:
    """The metadata that stand in a box of the file, as (`exif` or `xmp`, encoding, bytes)."""
    if box.kind == b"meta":
        yield from _metadata_items(data, box)
    elif box.kind == b"uuid" and data.startswith(_XMP_UUID, box.body):
        yield "xmp", _PLAIN, data[box.body + len(_XMP_UUID) : box.end]


def _metadata_items(data: bytes, meta: _Box) -> Iterator[tuple[str, bytes, bytes]]:
    """What the box `meta` says of EXIF and XMP, as (`exif` or `xmp`, encoding, bytes)."""
    inner = {box.kind: box for box in _boxes(data, meta.body + 4, min(meta.end, len(data)))}
    if not {b"iinf", b"iloc"} <= inner.keys():
        return
    items = dict(_named(data, inner[b"iinf"]))
    base = inner[b"idat"].body if b"idat" in inner else None
    for number, body in _located(data, inner[b"iloc"], base, items):
        yield *items[number], body


def _named(data: bytes, iinf: _Box) -> Iterator[tuple[int, tuple[str, bytes]]]:
    """The items that hold metadata: number -> (`exif` or `xmp`, encoding)."""
    head = _Fields(data, iinf.body, min(iinf.end, len(data)))
    version = head.number(1)
    head.take(3 + (4 if version else 2))  # flags, count
    for box in _boxes(data, head.at, head.end):
        fields = _Fields(data, box.body, min(box.end, head.end))
        version = fields.number(1)
        fields.take(3)
        if box.kind != b"infe" or version < 2:
            continue
        number = fields.number(2 if version == 2 else 4)
        fields.take(2)
        kind = fields.take(4)
        fields.text()
        if kind == b"Exif":
            yield number, ("exif", _PLAIN)
        elif kind == b"mime" and fields.text() == _XMP_TYPE:
            yield number, ("xmp", fields.text())


def _located(
    data: bytes, iloc: _Box, base: int | None, wanted: dict[int, tuple[str, bytes]]
) -> Iterator[tuple[int, bytes]]:
    """The bytes of the wanted items, put together from their extents."""
    fields = _Fields(data, iloc.body, min(iloc.end, len(data)))
    version = fields.number(1)
    fields.take(3)
    sizes = fields.number(2)
    of_offset, of_length, of_base, of_index = (sizes >> shift & 15 for shift in (12, 8, 4, 0))
    of_index = of_index if version else 0
    room = LONGEST_BLOCK + 1  # one byte too many shows that something was left out
    extents = 0
    for _ in range(min(fields.number(2 if version < 2 else 4), _MOST_ITEMS)):
        number = fields.number(2 if version < 2 else 4)
        method = fields.number(2) & 15 if version else _IN_FILE
        fields.take(2)
        start = fields.number(of_base) + (base or 0 if method == _IN_META else 0)
        parts = []
        for _ in range(fields.number(2)):
            extents += 1
            if extents > _MOST_BOXES:
                return
            fields.take(of_index)
            at = start + fields.number(of_offset)
            length = min(fields.number(of_length), room)
            if number in wanted:
                parts.append(data[at : at + length])
                room -= length
        if parts and method in (_IN_FILE, _IN_META):
            yield number, b"".join(parts)
