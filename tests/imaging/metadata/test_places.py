"""Metadata in every place of a file where tools put them."""

import struct
import zlib
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin, TiffImagePlugin

from imaging import decode
from imaging.metadata.image_resources import image_resources, resource_blocks
from imaging.metadata.raw_profiles import raw_profile
from tests.detector.readers.making import SOFTWARE, USER_COMMENT, exif, packet, picture

EXIF = exif({SOFTWARE: "Painter 7"}, {USER_COMMENT: b"ASCII\0\0\0Steps: 20"})
XMP = packet('xmp:CreatorTool="Painter 7"')
CREDIT = b"\x1c\x02\x6e\x00\x07Painter"
RESOURCES = b"8BIM\x04\x04\0\0" + struct.pack(">I", len(CREDIT)) + CREDIT


def profile(name: str, body: bytes) -> str:
    """As ImageMagick writes it: 36 bytes a line."""
    digits = body.hex()
    lines = [digits[at : at + 72] for at in range(0, len(digits), 72)]
    return "\n".join(("", name, f"{len(body):8d}", *lines, ""))


def png(*texts: tuple[str, str], compressed: bool = True) -> bytes:
    info = PngImagePlugin.PngInfo()
    for keyword, text in texts:
        info.add_text(keyword, text, zip=compressed)
    file = BytesIO()
    Image.new("RGB", (40, 30), "white").save(file, "PNG", pnginfo=info)
    return file.getvalue()


@pytest.mark.parametrize("compressed", [True, False])
@pytest.mark.parametrize(
    ("name", "body", "kind", "block"),
    [
        ("exif", EXIF, "exif", EXIF[6:]),
        ("exif", EXIF[6:], "exif", EXIF[6:]),
        ("APP1", EXIF, "exif", EXIF[6:]),
        ("APP1", b"http://ns.adobe.com/xap/1.0/\0" + XMP, "xmp", XMP),
        ("xmp", XMP, "xmp", XMP),
        ("iptc", RESOURCES, "iptc", CREDIT),
        ("iptc", CREDIT, "iptc", CREDIT),
        ("8bim", RESOURCES, "iptc", CREDIT),
    ],
)
def test_raw_profiles_of_a_png(name, body, kind, block, compressed):
    text = (f"Raw profile type {name}", profile(name, body))
    metadata = decode(png(text, compressed=compressed)).metadata
    assert getattr(metadata, kind) == (block,)
    assert metadata.text == ()


def test_a_raw_profile_turns_the_picture_upright():
    turned = exif({0x0112: 6}, {})
    image = decode(png(("Raw profile type exif", profile("exif", turned))))
    assert (image.width, image.height) == (30, 40)


def test_what_is_no_profile_stays_a_text():
    text = ("Raw profile type exif", "\nexif\n  40\nnot hexadecimal")
    assert decode(png(text)).metadata.text == ((text[0], text[1].encode()),)


@given(st.binary(max_size=200))
def test_random_profiles_and_resources_never_raise(data):
    list(raw_profile(data))
    list(raw_profile(b"\nexif\n 8\n" + data.hex().encode()))
    list(image_resources(data))
    list(image_resources(b"8BIM" + data))


def test_resources_end_where_they_are_damaged():
    assert list(resource_blocks(RESOURCES * 2)) == [("iptc", CREDIT), ("iptc", CREDIT)]
    assert list(resource_blocks(RESOURCES[:-1])) == []


def test_exif_and_xmp_among_photoshops_resources():
    both = b"".join(
        b"8BIM" + number + b"\0\0" + struct.pack(">I", len(body)) + body + bytes(len(body) % 2)
        for number, body in ((b"\x04\x22", EXIF[6:]), (b"\x04\x24", XMP))
    )
    assert list(resource_blocks(RESOURCES + both)) == [
        ("iptc", CREDIT),
        ("exif", EXIF[6:]),
        ("xmp", XMP),
    ]


@pytest.mark.parametrize("header", [b"", b"http://ns.adobe.com/xap/1.0/", b"\xef\xbb\xbf"])
def test_a_packet_without_its_header(header):
    data = picture()
    body = header + XMP
    segment = b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body
    assert decode(data[:2] + segment + data[2:]).metadata.xmp == (XMP,)


def test_the_page_that_is_judged_has_its_say():
    thumbnail, work = Image.new("RGB", (40, 30)), Image.new("RGB", (80, 60), "red")
    said = TiffImagePlugin.ImageFileDirectory_v2()
    said[700], said[0x0131], said[33723] = XMP, "Painter 7", CREDIT
    reduced = TiffImagePlugin.ImageFileDirectory_v2()
    reduced[254] = 1
    work.encoderinfo = {"tiffinfo": said}
    file = BytesIO()
    thumbnail.save(file, "TIFF", save_all=True, append_images=[work], tiffinfo=reduced)
    image = decode(file.getvalue())
    assert (image.width, image.metadata.xmp, image.metadata.iptc) == (80, (XMP,), (CREDIT,))
    assert ("Software", "Painter 7") in image.metadata.texts.exif


def segment(marker: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def test_every_segment_of_a_jpeg_is_kept():
    data = picture("JPEG")
    second = exif({SOFTWARE: "Another"}, {})
    segments = (
        segment(0xE1, EXIF),
        segment(0xE1, second),
        segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + XMP),
        segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<x/>"),
        segment(0xED, b"Photoshop 3.0\0" + RESOURCES),
        segment(0xFE, b"first"),
        segment(0xFE, b"second"),
    )
    metadata = decode(data[:2] + b"".join(segments) + data[2:]).metadata
    assert metadata.exif == (EXIF[6:], second[6:])
    assert metadata.xmp == (XMP, b"<x/>")
    assert metadata.iptc == (CREDIT,)
    assert metadata.text == (("comment", b"first"), ("comment", b"second"))
    assert metadata.texts.iptc == (("Credit", "Painter"),)
    assert ("Software", "Another") in metadata.texts.exif


def test_exif_that_goes_on_in_the_next_segment():
    long = exif({}, {USER_COMMENT: b"ASCII\0\0\0" + b"a" * 90_000})
    parts = segment(0xE1, long[:60_000]), segment(0xE1, b"Exif\0\0" + long[60_000:])
    data = picture("JPEG")
    metadata = decode(data[:2] + b"".join(parts) + data[2:]).metadata
    assert metadata.exif == (long[6:],)
    assert dict(metadata.texts.exif)["UserComment"] == "a" * 90_000


def test_blocks_are_bounded():
    data = picture("JPEG")
    segments = b"".join(segment(0xE1, b"Exif\0\0II*\0%d" % n) for n in range(100))
    image = decode(data[:2] + segments + data[2:])
    assert len(image.metadata.exif) == 16
    assert image.notes[0].code == "metadata_left_out"


def tiff(order: str, *tags: tuple[int, int, int, bytes]) -> bytes:
    """A page of one white pixel, 16 x 16 of it, with these tags (number, type, count, content)."""
    side, pixels = 16, b"\xff" * 256
    plain = {256: side, 257: side, 258: 8, 259: 1, 262: 1, 277: 1, 278: side, 279: len(pixels)}
    entries = [(tag, 4, 1, struct.pack(order + "I", value)) for tag, value in plain.items()]
    entries += [(273, 4, 1, struct.pack(order + "I", 8)), *tags]
    head = b"II*\0" if order == "<" else b"MM\0*"
    at = 8 + len(pixels)
    rest = b""
    rows = b""
    values = at + 2 + 12 * len(entries) + 4
    for tag, kind, count, body in sorted(entries):
        place = body if len(body) == 4 else struct.pack(order + "I", values + len(rest))
        rest += b"" if len(body) == 4 else body
        rows += struct.pack(order + "HHI", tag, kind, count) + place
    directory = struct.pack(order + "H", len(entries)) + rows + bytes(4)
    return head + struct.pack(order + "I", at) + pixels + directory + rest


@pytest.mark.parametrize("order", ["<", ">"])
def test_iptc_of_a_tiff(order):
    padded = CREDIT + b"\0" * (-len(CREDIT) % 4)
    as_integers = (33723, 4, len(padded) // 4, padded)
    as_resources = (34377, 1, len(RESOURCES), RESOURCES)
    for tag in (as_integers, (33723, 7, len(CREDIT), CREDIT), as_resources):
        image = decode(tiff(order, tag))
        assert image.metadata.texts.iptc == (("Credit", "Painter"),)
        assert image.pixels.min() == 255


def test_a_tag_in_the_other_directory():
    block = exif({USER_COMMENT: b"ASCII\0\0\0Steps: 20"}, {})
    assert ("UserComment", "Steps: 20") in decode(picture("JPEG", exif=block)).metadata.texts.exif


def test_the_chunk_in_which_comfyui_puts_the_graph_of_an_animation():
    data = png()
    body = b"prompt\0{}"
    chunk = struct.pack(">I", len(body)) + b"comf" + body
    chunk += struct.pack(">I", zlib.crc32(b"comf" + body))
    image = decode(data[:-12] + chunk + data[-12:])
    assert image.metadata.text == (("prompt", b"{}"),)
