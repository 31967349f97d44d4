import pytest
from hypothesis import given
from hypothesis import strategies as st

from imaging import CorruptImage, decode
from imaging.codecs.containers.gif import gif_blocks
from tests.detector.readers.making import packet, picture

FILE = picture("GIF", comment=b"drawn")
XMP = packet('xmp:Rating="1"')
RAMP = b"\x01" + bytes(range(255, -1, -1)) + b"\0"


def blocks(body: bytes) -> bytes:
    parts = [body[at : at + 255] for at in range(0, len(body), 255)]
    return b"".join(bytes([len(part)]) + part for part in parts) + b"\0"


def with_extension(content: bytes) -> bytes:
    """The file with an XMP extension as the last of its blocks."""
    return FILE[:-1] + b"\x21\xff\x0bXMP DataXMP" + content + b";"


@pytest.mark.parametrize("content", [XMP + RAMP, blocks(XMP)], ids=["plain", "in blocks"])
def test_xmp_as_adobe_and_as_c2pa_write_it(content):
    metadata = decode(with_extension(content)).metadata
    assert metadata.xmp == (XMP,)
    assert metadata.text == (("comment", b"drawn"),)


@pytest.mark.parametrize("name", [b"MGK8BIM0000", b"MGKIPTC0000"])
def test_iptc_as_imagemagick_writes_it(name):
    credit = b"\x1c\x02\x6e\x00\x05drawn"
    resources = b"8BIM\x04\x04\0\0" + len(credit).to_bytes(4, "big") + credit
    content = blocks(resources if b"8BIM" in name else credit)
    data = FILE[:-1] + b"\x21\xff\x0b" + name + content + b";"
    assert decode(data).metadata.iptc == (credit,)


@given(st.integers(0, 400), st.binary(min_size=1, max_size=8))
def test_damage_is_an_error_of_ours_or_none(at, wrong):
    data = with_extension(blocks(XMP))
    at += len(FILE)
    for damaged in (data[:at], data[:at] + wrong + data[at + len(wrong) :]):
        try:
            found = gif_blocks(damaged, 10)
        except CorruptImage:
            continue
        assert sum(len(body) for _, body in found.blocks) <= len(damaged)
