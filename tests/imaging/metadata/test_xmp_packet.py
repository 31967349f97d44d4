import struct
import zlib
from io import BytesIO

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from imaging import CorruptImage, ImagingError, UnsupportedFormat, decode, sniff
from imaging.errors import UnwritableMetadata
from imaging.metadata.xmp_packet import has_content_credentials, with_xmp_packet, xmp_packets

PACKET = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><!-- one --></x:xmpmeta>'
OTHER = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><!-- another, of odd length --></x:xmpmeta>'
XMP_HEADER = b"http://ns.adobe.com/xap/1.0/\0"
WRITTEN = [
    "jpeg",
    "jpeg progressive",
    "jpeg cmyk",
    "png",
    "png palette",
    "png interlaced",
    "png animated",
    "webp",
    "webp lossless",
    "webp animated",
]


def decoded(data: bytes) -> np.ndarray:
    with Image.open(BytesIO(data)) as image:
        frames = []
        for frame in range(getattr(image, "n_frames", 1)):
            image.seek(frame)
            frames.append(np.asarray(image.convert("RGBA")))
        return np.stack(frames)


def app1(body: bytes) -> bytes:
    return b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body


def webp_chunks(data: bytes) -> list[tuple[bytes, bytes]]:
    assert struct.unpack_from("<I", data, 4)[0] + 8 == len(data)
    at, found = 12, []
    while at < len(data):
        kind, size = struct.unpack_from("<4sI", data, at)
        found.append((kind, data[at + 8 : at + 8 + size]))
        at += 8 + size + size % 2
    return found


def compressed_pixels(data: bytes) -> list[bytes]:
    """The bytes that the pixels are coded in, found in another way than the code does."""
    match sniff(data[:64]):
        case "jpeg":
            return [data[data.index(b"\xff\xda") :]]
        case "png":
            return [piece[:-4] for piece in data.split(b"IDAT")[1:]]
        case _:
            return [body for kind, body in webp_chunks(data) if kind in (b"VP8 ", b"VP8L", b"ANMF")]


@pytest.mark.parametrize("name", WRITTEN)
def test_a_packet_comes_and_goes_and_the_pixels_stay(samples, name):
    data = samples[name].data
    assert xmp_packets(data) == ()
    once = with_xmp_packet(data, PACKET)
    assert xmp_packets(once) == (PACKET,)
    twice = with_xmp_packet(once, OTHER)
    assert xmp_packets(twice) == (OTHER,)
    assert PACKET not in twice
    assert with_xmp_packet(twice, PACKET) == once
    for written in (once, twice):
        assert compressed_pixels(written) == compressed_pixels(data)
        assert np.array_equal(decoded(written), decoded(data))
    assert decode(once).metadata.xmp == (PACKET,)  # and it is found by those who read it


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_other_metadata_stay(kind, chart, encoded):
    tags = Image.Exif()
    tags[0x0131] = "Painter 7"
    tags[0x0112] = 6
    profile = decode_profile()
    picture = Image.fromarray(chart())
    data = encoded(picture, kind, exif=tags.tobytes(), icc_profile=profile, comment=b"hello")
    before, after = decode(data), decode(with_xmp_packet(data, PACKET))
    assert after.metadata.exif == before.metadata.exif != ()
    assert after.metadata.icc == before.metadata.icc == profile
    assert after.metadata.text == before.metadata.text
    assert np.array_equal(after.pixels, before.pixels)


def decode_profile() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def test_in_a_jpeg_it_stands_behind_the_headers(chart, encoded):
    exif = Image.Exif()
    exif[0x0131] = "Painter 7"
    data = encoded(
        Image.fromarray(chart()), "JPEG", exif=exif.tobytes(), icc_profile=decode_profile()
    )
    written = with_xmp_packet(data, PACKET)
    places = [written.index(mark) for mark in (b"Exif\0\0", PACKET, b"ICC_PROFILE")]
    assert places == sorted(places)


def test_the_extension_of_a_jpegs_packet_stays(samples):
    extension = b"http://ns.adobe.com/xmp/extension/\0" + bytes(32) + struct.pack(">II", 9, 0)
    body = extension + b"<x>rest</x>"
    segment = b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body
    data = with_xmp_packet(samples["jpeg"].data, PACKET)
    at = data.index(PACKET) + len(PACKET)
    data = data[:at] + segment + data[at:]
    written = with_xmp_packet(data, OTHER)
    assert written.index(OTHER) + len(OTHER) == written.index(segment)


@pytest.mark.parametrize("name", ["jpeg", "png", "webp"])
def test_what_stands_behind_the_image_stays(samples, name):
    trailer = b"trailer of a phone" * 3
    data = samples[name].data + trailer
    assert with_xmp_packet(data, PACKET).endswith(trailer)
    assert with_xmp_packet(with_xmp_packet(data, PACKET), OTHER).endswith(trailer)


def test_fill_bytes_between_segments_stay(samples):
    data = samples["jpeg"].data
    filled = data[:2] + b"\xff\xff\xff" + data[2:]
    written = with_xmp_packet(filled, PACKET)
    assert written.startswith(data[:2] + b"\xff\xff\xff\xff\xe0")
    assert xmp_packets(written) == (PACKET,)


def test_a_simple_webp_becomes_an_extended_one_of_its_size(chart, encoded):
    for lossless in (True, False):
        for size in ((16, 16), (97, 33), (300, 200)):
            picture = Image.fromarray(chart(*size)).convert("RGBA")
            picture.putpixel((3, 3), (1, 2, 3, 77))
            for source in (picture, picture.convert("RGB")):
                data = encoded(source, "WEBP", lossless=lossless, exact=True)
                written = with_xmp_packet(data, PACKET)
                kind, header = webp_chunks(written)[0]
                assert kind == b"VP8X"
                assert header[0] & 0x04
                assert bool(header[0] & 0x10) == (source.mode == "RGBA")
                assert int.from_bytes(header[4:7], "little") + 1 == size[0]
                assert int.from_bytes(header[7:10], "little") + 1 == size[1]
                assert np.array_equal(decoded(written), decoded(data))


def test_a_compressed_packet_of_a_png_is_read_and_written_plain(samples, png_chunk):
    data = samples["png"].data
    body = b"XML:com.adobe.xmp\0\x01\0\0\0" + zlib.compress(PACKET)
    data = data[:33] + png_chunk(b"iTXt", body) + data[33:]
    assert xmp_packets(data) == (PACKET,)
    assert b"\0\0\0\0\0" + OTHER in with_xmp_packet(data, OTHER)


@pytest.mark.parametrize("name", ["gif", "bmp", "tiff", "avif", "heic"])
def test_other_formats_are_refused(samples, name):
    with pytest.raises(UnsupportedFormat, match="JPEG, PNG and WebP"):
        with_xmp_packet(samples[name].data, PACKET)


@pytest.mark.parametrize("name", ["jpeg", "png", "webp"])
def test_of_several_packets_one_is_replaced_and_the_others_stay(samples, name, png_chunk):
    third = OTHER.replace(b"another", b"third")
    data = samples[name].data
    match name:
        case "jpeg":
            bodies = [XMP_HEADER + packet for packet in (PACKET, b"", OTHER)]
            data = data[:2] + b"".join(app1(body) for body in bodies) + data[2:]
        case "png":
            bodies = [b"XML:com.adobe.xmp\0\0\0\0\0" + packet for packet in (PACKET, b"", OTHER)]
            chunks = b"".join(png_chunk(b"iTXt", body) for body in bodies)
            data = data[:33] + chunks + data[33:]
        case _:
            data = with_xmp_packet(data, PACKET)
            content = data[8:] + b"XMP \0\0\0\0"
            content += struct.pack("<4sI", b"XMP ", len(OTHER)) + OTHER + bytes(len(OTHER) % 2)
            data = b"RIFF" + struct.pack("<I", len(content)) + content
    assert xmp_packets(data) == (PACKET, b"", OTHER)
    for number in range(3):
        expected = [PACKET, b"", OTHER]
        expected[number] = third
        written = with_xmp_packet(data, third, number)
        assert xmp_packets(written) == tuple(expected)
        assert with_xmp_packet(written, xmp_packets(data)[number], number) == data
        assert compressed_pixels(written) == compressed_pixels(data)
    with pytest.raises(ValueError, match="3 XMP packets, no number 3"):
        with_xmp_packet(data, third, 3)


def test_a_packet_that_is_too_long_for_a_jpeg_is_refused(samples):
    longest = 0xFFFF - 2 - len(b"http://ns.adobe.com/xap/1.0/\0")
    written = with_xmp_packet(samples["jpeg"].data, b" " * longest)
    assert xmp_packets(written) == (b" " * longest,)
    with pytest.raises(UnwritableMetadata, match="longer"):
        with_xmp_packet(samples["jpeg"].data, b" " * (longest + 1))


def test_an_index_of_further_pictures_is_not_put_out_of_place(samples):
    index = b"\xff\xe2\0\x0cMPF\0II*\0\0\0"
    xmp = with_xmp_packet(samples["jpeg"].data, PACKET)
    start = xmp.index(b"\xff\xe1")
    behind = xmp[:start] + index + xmp[start:]
    with pytest.raises(UnwritableMetadata, match="further pictures"):
        with_xmp_packet(behind, OTHER)
    before = samples["jpeg"].data[:20] + index + samples["jpeg"].data[20:]
    written = with_xmp_packet(before, PACKET)
    assert written.index(PACKET) < written.index(b"MPF\0")
    assert written[written.index(b"MPF\0") :] == before[before.index(b"MPF\0") :]


def test_content_credentials_are_seen(samples, png_chunk):
    box = b"\0\0\0\x20jumb\0\0\0\x18jumdc2pa"
    jpeg, png, webp = (samples[name].data for name in ("jpeg", "png", "webp animated"))
    segment = b"\xff\xeb" + struct.pack(">H", len(box) + 2) + box
    chunk = b"C2PA" + struct.pack("<I", len(box)) + box
    with_chunk = webp[:4] + struct.pack("<I", len(webp) - 8 + len(chunk)) + webp[8:] + chunk
    assert not any(map(has_content_credentials, (jpeg, png, webp)))
    assert has_content_credentials(jpeg[:2] + segment + jpeg[2:])
    assert has_content_credentials(png[:33] + png_chunk(b"caBX", box) + png[33:])
    assert has_content_credentials(with_chunk)
    elsewhere = (
        b'<x:xmpmeta xmlns:x="adobe:ns:meta/" xmlns:dcterms="http://purl.org/dc/terms/"'
        b' dcterms:provenance="https://a.example/b.c2pa"/>'
    )
    assert has_content_credentials(with_xmp_packet(png, elsewhere))
    assert not has_content_credentials(with_xmp_packet(png, PACKET))


def outcome(data: bytes) -> tuple[bytes, tuple[bytes, ...]] | None:
    try:
        return with_xmp_packet(data, PACKET), xmp_packets(data)
    except ImagingError as error:
        message = str(error)
        assert message.endswith(".")
        return None


@settings(max_examples=200)
@given(data=st.binary(max_size=300))
@pytest.mark.parametrize("magic", [b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF\x20\0\0\0WEBP"])
def test_random_bytes(magic, data):
    outcome(magic + data)


def pixels_of(data: bytes) -> np.ndarray | None:
    try:
        return decode(data).pixels
    except ImagingError:
        return None


@settings(
    max_examples=150,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    edits=st.lists(
        st.tuples(
            st.floats(0, 1, exclude_max=True),
            st.integers(0, 12),
            st.one_of(st.binary(max_size=12), st.sampled_from([b"\xff" * 4, bytes(4)])),
            st.booleans(),
        ),
        min_size=1,
        max_size=4,
    ),
    name=st.sampled_from(WRITTEN),
)
def test_a_damaged_file_is_refused_or_shows_what_it_showed(samples, name, edits):
    data = samples[name].data
    for place, removed, inserted, early in edits:
        at = int(place * (min(len(data), 200) if early else len(data)))
        data = data[:at] + inserted + data[at + removed :]
    written = outcome(data)
    if written is not None:
        assert xmp_packets(written[0])[0] == PACKET
        before, after = pixels_of(data), pixels_of(written[0])
        if before is not None:
            assert after is not None
            assert np.array_equal(after, before)


chunk_kinds = st.sampled_from([b"EXIF", b"ICCP", b"VP8 ", b"VP8L", b"ANIM", b"XYZ ", b"ALPH"])


@given(chunks=st.lists(st.tuples(chunk_kinds, st.binary(max_size=40)), max_size=6))
def test_webp_chunks_stay_in_order(chunks):
    body = b"".join(
        struct.pack("<4sI", kind, len(part)) + part + bytes(len(part) % 2) for kind, part in chunks
    )
    header = struct.pack("<4sI", b"VP8X", 10) + bytes(10)
    content = b"WEBP" + header + body
    data = b"RIFF" + struct.pack("<I", len(content)) + content
    written = webp_chunks(with_xmp_packet(data, PACKET))
    assert written[1:] == [*chunks, (b"XMP ", PACKET)]


png_kinds = st.sampled_from([b"tEXt", b"iTXt", b"IDAT", b"caBX", b"eXIf", b"prVt"])


@given(chunks=st.lists(st.tuples(png_kinds, st.binary(max_size=40)), max_size=6))
def test_png_chunks_stay_in_order(chunks, png_chunk):
    raw = [png_chunk(kind, body) for kind, body in chunks]
    start = b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", bytes(13))
    end = png_chunk(b"IEND", b"")
    written = with_xmp_packet(start + b"".join(raw) + end, PACKET)
    added = png_chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + PACKET)
    assert written == start + added + b"".join(raw) + end


@example(segments=[(0xE1, XMP_HEADER)])
@example(segments=[(0xE1, XMP_HEADER), (0xE1, XMP_HEADER)])
@example(segments=[(0xE0, b"JFIF\0"), (0xE1, XMP_HEADER + OTHER), (0xE1, XMP_HEADER + PACKET)])
@example(segments=[(0xE2, b"a"), (0xE1, XMP_HEADER + OTHER), (0xFE, b"b"), (0xE1, XMP_HEADER)])
@given(
    segments=st.lists(
        st.tuples(
            st.sampled_from([0xE0, 0xE1, 0xE2, 0xDB, 0xFE]),
            st.binary(max_size=40) | st.binary(max_size=9).map(lambda packet: XMP_HEADER + packet),
        ),
        min_size=1,
        max_size=6,
    )
)
def test_jpeg_segments_stay_in_order(segments):
    raw = [
        bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body for marker, body in segments
    ]
    start, end = b"\xff\xd8", b"\xff\xda\0\x02pixels\xff\xd9"
    data = start + b"".join(raw) + end
    segment = app1(XMP_HEADER + PACKET)
    holding = [
        at
        for at, (marker, body) in enumerate(segments)
        if marker == 0xE1 and body.startswith(XMP_HEADER)
    ]
    if not holding:
        written = with_xmp_packet(data, PACKET)
        assert written.replace(segment, b"", 1) == data
    for number, at in enumerate(holding):
        expected = start + b"".join([*raw[:at], segment, *raw[at + 1 :]]) + end
        assert with_xmp_packet(data, PACKET, number) == expected


def test_cut_short(samples):
    for name in ("jpeg", "png", "webp"):
        data = samples[name].data
        cut = 100 if name == "jpeg" else len(data) - 5
        with pytest.raises(CorruptImage):
            with_xmp_packet(data[:cut], PACKET)


def test_real_files_keep_their_pixels(data_dir):
    done = 0
    for path in sorted((data_dir / "files").rglob("*.*")):
        data = path.read_bytes()
        written = with_xmp_packet(data, PACKET)
        assert xmp_packets(written) == (PACKET,)
        assert compressed_pixels(written) == compressed_pixels(data)
        before, after = decode(data, min_side=64), decode(written, min_side=64)
        assert np.array_equal(after.pixels, before.pixels)
        for block in ("exif", "icc", "text", "iptc"):
            assert getattr(after.metadata, block) == getattr(before.metadata, block)
        done += 1
    assert done > 0
