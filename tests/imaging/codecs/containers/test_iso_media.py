"""The items of metadata in files that are put together here, and in files of real programs."""

import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imaging import decode
from imaging.codecs.containers.iso_media import iso_blocks
from tests.detector.readers.making import SOFTWARE, exif, packet, picture

XMP, OTHER = packet('xmp:Rating="1"'), packet('xmp:Rating="2"')
EXIF = exif({SOFTWARE: "Painter 7"}).removeprefix(b"Exif\0\0")
MIME = b"mime\0application/rdf+xml\0"


def box(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I", len(body) + 8) + kind + body


def full(kind: bytes, version: int, *parts: bytes) -> bytes:
    return box(kind, bytes([version, 0, 0, 0]), *parts)


def file(*items: tuple[bytes, bytes], method: int = 1) -> bytes:
    """A file without a picture: each item as its entry behind the number, and its bytes.

    With method 1 the items stand in the box `idat`, with 0 in the file.
    """
    kinds = [
        full(b"infe", 2, struct.pack(">HH", number, 0), entry)
        for number, (entry, _) in enumerate(items)
    ]
    iinf = full(b"iinf", 0, struct.pack(">H", len(items)), *kinds)
    head = box(b"ftyp", b"avif\0\0\0\0")
    content = b"".join(body for _, body in items)
    at = 0 if method else len(head) + 8
    places = []
    for number, (_, body) in enumerate(items):
        half = len(body) // 2  # in two extents, as files that were edited have them
        places.append(
            struct.pack(">HHHHIIII", number, method, 0, 2, at, half, at + half, len(body) - half)
        )
        at += len(body)
    iloc = full(b"iloc", 1, b"\x44\x00", struct.pack(">H", len(items)), *places)
    within = box(b"idat", content) if method else b""
    outside = b"" if method else box(b"mdat", content)
    return head + outside + full(b"meta", 0, iinf, iloc, within)


@pytest.mark.parametrize("method", [0, 1])
def test_all_items_of_metadata_are_read(method):
    data = file(
        (b"hvc1\0", b"pixels"),
        (MIME, XMP),
        (b"Exif\0", bytes(4) + EXIF),
        (b"Exif\0", b"\0\0\0\x06Exif\0\0" + EXIF),
        (MIME + b"deflate\0", zlib.compress(OTHER)),
        (b"mime\0text/plain\0", b"neither"),
        method=method,
    )
    assert iso_blocks(data) == [("xmp", XMP), ("exif", EXIF), ("exif", EXIF), ("xmp", OTHER)]


def test_an_encoding_that_nobody_writes_is_left_alone():
    assert iso_blocks(file((MIME + b"br\0", XMP), (MIME, OTHER))) == [("xmp", OTHER)]


def test_xmp_in_a_box_of_its_own():
    own = box(b"uuid", bytes.fromhex("BE7ACFCB97A942E89C71999491E3AFAC"), OTHER)
    another = box(b"uuid", bytes(16), b"something else")
    data = own + another + file((MIME, XMP))
    assert iso_blocks(data) == [("xmp", OTHER), ("xmp", XMP)]


@pytest.mark.parametrize("kind", ["AVIF", "HEIF"])
def test_what_pillow_writes(kind):
    data = picture(kind, xmp=XMP, exif=exif({SOFTWARE: "Painter 7"}))
    assert set(iso_blocks(data)) == {("exif", EXIF), ("xmp", XMP)}
    metadata = decode(data).metadata
    assert metadata.xmp == (XMP,)
    assert set(metadata.texts.exif) == {("Software", "Painter 7")}


def test_what_swells_is_bounded():
    bomb = zlib.compress(bytes(12 << 20))
    found = iso_blocks(file(*[(MIME + b"deflate\0", bomb)] * 40))
    assert sum(len(body) for _, body in found) <= 32 << 20


def test_extents_without_end_are_not_followed():
    entry = full(b"infe", 2, struct.pack(">HH", 1, 0), MIME)
    iinf = full(b"iinf", 0, struct.pack(">H", 1), entry)
    empty = struct.pack(">HHHH", 1, 1, 0, 0xFFFF)
    iloc = full(b"iloc", 1, b"\0\0", struct.pack(">H", 1000), empty * 1000)
    data = box(b"ftyp", b"avif\0\0\0\0") + full(b"meta", 0, iinf, iloc)
    assert iso_blocks(data) == []


WHOLE = file((MIME, XMP), (b"Exif\0", bytes(4) + EXIF))


@given(st.integers(0, len(WHOLE) - 1), st.binary(min_size=1, max_size=8))
def test_no_damage_raises(at, wrong):
    for data in (WHOLE[:at], WHOLE[:at] + wrong + WHOLE[at + len(wrong) :]):
        assert sum(len(body) for _, body in iso_blocks(data)) <= 2 * len(data)
