import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imaging import decode
from imaging.codecs.containers.webp import webp_blocks, webp_chunks
from imaging.metadata.xmp_packet import with_xmp_packet, xmp_packets
from tests.detector.readers.making import packet, picture

FILE = picture("WEBP")
FIRST, SECOND = packet('xmp:Rating="1"'), packet('xmp:Rating="2"')


def with_chunks(*chunks: tuple[bytes, bytes]) -> bytes:
    """The file with chunks behind its picture, which its header does not announce."""
    added = b"".join(
        kind + struct.pack("<I", len(body)) + body + bytes(len(body) % 2) for kind, body in chunks
    )
    return FILE[:4] + struct.pack("<I", len(FILE) - 8 + len(added)) + FILE[8:] + added


@pytest.mark.parametrize("kind", [b"XMP ", b"XMP\0"])
def test_xmp_as_programs_name_it(kind):
    assert decode(with_chunks((kind, FIRST))).metadata.xmp == (FIRST,)


def test_all_packets_are_read():
    data = with_chunks((b"XMP ", FIRST), (b"EXIF", b"II*\0"), (b"XMP ", SECOND))
    assert webp_blocks(data) == [("xmp", FIRST), ("exif", b"II*\0"), ("xmp", SECOND)]
    assert decode(data).metadata.xmp == (FIRST, SECOND)


def test_a_packet_is_replaced_whatever_its_name():
    written = with_xmp_packet(with_chunks((b"XMP\0", FIRST)), SECOND)
    assert xmp_packets(written) == (SECOND,)
    assert decode(written).metadata.xmp == (SECOND,)


@given(st.binary(max_size=100))
def test_any_bytes_are_walked(rest):
    chunks = list(webp_chunks(FILE[:12] + rest))
    assert all(one.end <= 12 + len(rest) for one in chunks[:-1])
    webp_blocks(FILE[:12] + rest)
