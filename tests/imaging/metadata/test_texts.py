import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import TiffImagePlugin

from imaging import decode
from imaging.metadata.exif import exif_texts
from imaging.metadata.iptc import iptc_texts
from imaging.metadata.unicode import decode_text, decode_utf16
from tests.detector.readers.making import (
    DESCRIPTION,
    MAKE,
    SOFTWARE,
    USER_COMMENT,
    exif,
    packet,
    picture,
    png,
)

XP_COMMENT = 0x9C9C


def user_comment(body: bytes) -> str | None:
    return dict(exif_texts(exif({}, {USER_COMMENT: body})[6:])).get("UserComment")


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-16", "utf-8"])
@pytest.mark.parametrize("text", ["Steps: 20, café", "落款 Steps: 20", "a"])
def test_a_unicode_comment_in_whatever_order_it_was_written(encoding, text):
    assert user_comment(b"UNICODE\0" + text.encode(encoding)) == text


def test_the_other_character_codes_of_a_comment():
    assert user_comment(b"ASCII\0\0\0Steps: 20") == "Steps: 20"
    assert user_comment(b"\0" * 8 + "café".encode()) == "café"
    assert user_comment(b"JIS\0\0\0\0\0" + "落款".encode("iso2022_jp")) == "落款"
    assert user_comment(b"Steps: 20, Sampler: Euler") == "Steps: 20, Sampler: Euler"
    assert user_comment(b"UNICODE\0") is None


def test_chinese_alone_follows_the_order_of_the_block():
    assert decode_utf16("落款".encode("utf-16-le"), little=True) == "落款"
    assert decode_utf16("落款".encode("utf-16-be"), little=False) == "落款"


def test_text_of_unstated_encoding():
    assert decode_text("café 落款".encode()) == "café 落款"
    assert decode_text(b"caf\xe9") == "café"
    assert decode_text("落款".encode("utf-16")) == "落款"
    assert decode_text("\ufeff落款".encode()) == "落款"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF", "HEIF"])
def test_all_texts_of_a_file(kind):
    block = exif(
        {
            SOFTWARE: "Painter 7",
            DESCRIPTION: "dessin animé".encode(),
            XP_COMMENT: "落款\0".encode("utf-16-le"),
        },
        {USER_COMMENT: b"UNICODE\0" + "落款".encode("utf-16-be")},
    )
    texts = dict(decode(picture(kind, exif=block)).metadata.texts.all)
    assert texts["EXIF:Software"] == "Painter 7"
    assert texts["EXIF:ImageDescription"] == "dessin animé"
    assert texts["EXIF:XPComment"] == "落款"
    assert texts["EXIF:UserComment"] == "落款"


def test_texts_of_a_tiff():
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    tags[SOFTWARE] = "Painter 7"
    tags[DESCRIPTION] = "dessin animé".encode()
    texts = dict(decode(picture("TIFF", tiffinfo=tags)).metadata.texts.all)
    assert texts["EXIF:Software"] == "Painter 7"
    assert texts["EXIF:ImageDescription"] == "dessin animé"


def test_texts_comments_and_xmp():
    xmp = packet('xmp:CreatorTool="x"')
    assert decode(png({"parameters": "落款", "Comment": "c"}, xmp)).metadata.texts.all == (
        ("parameters", "落款"),
        ("Comment", "c"),
        ("xmp", xmp.decode()),
    )
    assert ("comment", "hello") in decode(picture("JPEG", comment=b"hello")).metadata.texts.all


def entry(tag: int, kind: int, count: int, value: int) -> bytes:
    return struct.pack("<HHII", tag, kind, count, value)


def block(*entries: bytes, rest: bytes = b"") -> bytes:
    return b"II*\0\x08\0\0\0" + struct.pack("<H", len(entries)) + b"".join(entries) + rest


@pytest.mark.parametrize(
    "data",
    [
        block(entry(MAKE, 2, 0xFFFFFFFF, 8)),
        block(entry(MAKE, 5, 1000, 8), rest=bytes(8000)),
        block(entry(0x8769, 4, 1, 8)),  # a directory that is its own
        block(entry(0x8769, 4, 1, 0xFFFFFFFF)),
        block(*(entry(tag, 7, 60_000, 8) for tag in range(2000)), rest=bytes(60_000)),
        b"II*\0\xff\xff\xff\xff",
        b"MM\0*",
        b"",
    ],
    ids=range(8),
)
def test_a_block_that_lies_gives_little(data):
    assert sum(len(text) for _, text in exif_texts(data)) <= len(data)


@given(st.binary(max_size=300))
def test_random_blocks_never_raise(data):
    exif_texts(data)
    exif_texts(b"II*\0\x08\0\0\0" + data)
    iptc_texts(data)
    iptc_texts(b"\x1c\x02" + data)


@given(st.integers(0, 300), st.integers(0, 255))
def test_mutated_blocks_never_raise(at, value):
    whole = bytearray(
        exif({SOFTWARE: "Painter 7", MAKE: "Canon"}, {USER_COMMENT: b"UNICODE\0" + b"a\0" * 20})
    )
    whole[6 + at % (len(whole) - 6)] = value
    exif_texts(bytes(whole[6:]))


def test_iptc_records():
    def dataset(record: int, number: int, body: bytes) -> bytes:
        return bytes((0x1C, record, number)) + len(body).to_bytes(2, "big") + body

    records = dataset(1, 90, b"\x1b%G") + dataset(2, 110, "Made with 落款".encode())
    records += dataset(2, 110, b"second") + dataset(2, 65, b"Painter")
    assert iptc_texts(records) == (
        ("Credit", "Made with 落款"),
        ("Credit", "second"),
        ("OriginatingProgram", "Painter"),
    )
    assert iptc_texts(records[:-3])[-1] == ("OriginatingProgram", "Pain")
    assert iptc_texts(b"\x1c\x02\x6e\x80\x04\xff\xff\xff\xff") == ()
    assert iptc_texts(b"") == ()
