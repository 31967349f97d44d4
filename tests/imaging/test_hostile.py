import struct
import sys
import zlib

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from imaging import (
    CorruptImage,
    DecodedImage,
    ImageTooLarge,
    ImagingError,
    Limits,
    UnsupportedFormat,
    decode,
)

SIDE = 30_000


@pytest.fixture(autouse=True)
def silent(capfd):
    """Whatever is read here, nothing is printed: not by Python, not by a C library."""
    yield
    sys.stderr.flush()
    out, err = capfd.readouterr()
    assert (out, err) == ("", "")


def outcome(data, **options):
    """The image, or None where it was refused in the one way that is allowed."""
    try:
        image = decode(data, **options)
    except ImagingError as error:
        message = str(error)
        assert message.endswith(".")
        assert "\n" not in message
        assert "0x" not in message
        return None
    assert isinstance(image, DecodedImage)
    assert image.pixels.dtype == np.uint8
    assert image.pixels.shape[2] == 3
    return image


def test_a_truncated_file_is_never_taken_for_a_whole_one(sample):
    whole = decode(sample.data)
    step = max(1, len(sample.data) // 400)
    cuts = {*range(0, len(sample.data), step), *range(len(sample.data) - 20, len(sample.data))}
    for cut in sorted(cuts):
        image = outcome(sample.data[:cut])
        if image is None:
            continue
        # Only what was not asked for may be missing, the second page of a document, or what stands
        # behind the pixels: and that is told.
        if sample.name != "tiff pages":
            assert "end_missing" in {note.code for note in image.notes}, cut
        lost = len(sample.data) - cut
        if sample.format == "webp" and lost <= 8:
            assert (image.pixels == whole.pixels).all(axis=2).mean() > 0.5, cut
        else:
            assert np.array_equal(image.pixels, whole.pixels), cut


def test_a_real_file_cut_short(data_dir):
    path = next((data_dir / "train").rglob("*.jpg"))
    data = path.read_bytes()
    for part in np.linspace(0.02, 0.999, 25):
        with pytest.raises(CorruptImage):
            decode(data[: int(part * len(data))], min_side=448)


@settings(deadline=None, max_examples=200)
@given(data=st.binary(max_size=300))
def test_random_bytes(data):
    outcome(data)


MAGICS = (
    b"\xff\xd8\xff",
    b"\x89PNG\r\n\x1a\n",
    b"GIF89a",
    b"RIFF\xff\0\0\0WEBP",
    b"II*\0",
    b"MM\0+\0\x08\0\0",
    b"BM\0\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0",
    b"\0\0\0\x10ftypavif\0\0\0\0",
    b"\0\0\0\x10ftypheic\0\0\0\0",
)


@settings(deadline=None, max_examples=300)
@given(magic=st.sampled_from(MAGICS), data=st.binary(max_size=400))
def test_random_bytes_behind_a_magic_number(magic, data):
    outcome(magic + data)


@settings(
    deadline=None,
    max_examples=80,
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
        max_size=6,
    )
)
def test_mutations_of_every_kind_of_file(sample, edits):
    data = sample.data
    for place, removed, inserted, early in edits:  # early: the headers, where it hurts the most
        at = int(place * (min(len(data), 128) if early else len(data)))
        data = data[:at] + inserted + data[at + removed :]
    image = outcome(data, limits=Limits(pixels=1_000_000))
    if image is not None:
        again = decode(data, limits=Limits(pixels=1_000_000))
        assert image.width * image.height <= 1_000_000
        assert np.array_equal(image.pixels, again.pixels)


def huge_png(png_chunk):
    header = struct.pack(">IIBBBBB", SIDE, SIDE, 8, 2, 0, 0, 0)
    rows = zlib.compress(bytes(1_000_000))
    chunks = png_chunk(b"IHDR", header) + png_chunk(b"IDAT", rows) + png_chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


def restated(data, place, width, height):
    """The file with another size written at `place`, by the two packed numbers."""
    return data[:place] + width + height + data[place + len(width) + len(height) :]


def test_thirty_thousand_pixels_a_side_are_refused_by_the_header(samples, png_chunk):
    side16, side32 = SIDE.to_bytes(2), SIDE.to_bytes(4)
    little16, little32 = SIDE.to_bytes(2, "little"), SIDE.to_bytes(4, "little")
    jpeg, gif, bmp = (samples[name].data for name in ("jpeg", "gif", "bmp"))
    tiff = samples["tiff lzw"].data
    for tag, old in ((b"\x00\x01", 96), (b"\x01\x01", 64)):
        entry = tag + b"\x03\0\x01\0\0\0" + old.to_bytes(4, "little")
        assert entry in tiff
        tiff = tiff.replace(entry, entry[:8] + little32)
    avif, heic = (samples[name].data for name in ("avif", "heic"))
    size = (96).to_bytes(4) + (64).to_bytes(4)
    files = {
        "png": huge_png(png_chunk),
        "jpeg": restated(jpeg, jpeg.index(b"\xff\xc0") + 5, side16, side16),
        "gif": restated(gif, 6, little16, little16),
        "bmp": restated(bmp, 18, little32, little32),
        "tiff": tiff,
        "avif": avif.replace(size, side32 + side32),
        "heic": heic.replace(size, side32 + side32),
    }
    for name, data in files.items():
        # libavif refuses more than 16,384 x 16,384 pixels itself, and does not say why.
        expected = CorruptImage if name == "avif" else ImageTooLarge
        with pytest.raises(expected, match=r"more pixels|more than|at most"):
            decode(data)
        for limit in (10**9, 10**12):  # nor does a careless limit bring the decoder down
            assert outcome(data, limits=Limits(pixels=limit)) is None, name


def test_a_webp_of_the_largest_size_is_refused_by_the_header(samples):
    data = samples["webp animated"].data
    place = data.index(b"VP8X") + 12
    with pytest.raises(ImageTooLarge, match="pixels"):
        decode(restated(data, place, b"\xff\x3f\0", b"\xff\x3f\0"))


def test_between_the_two_limits_of_pillow_nothing_is_printed(png_chunk):
    # 100 million pixels: where Pillow alone would warn. The data are missing, so it is damaged.
    header = struct.pack(">IIBBBBB", 10_000, 10_000, 1, 0, 0, 0, 0)
    chunks = png_chunk(b"IHDR", header) + png_chunk(b"IDAT", b"") + png_chunk(b"IEND", b"")
    with pytest.raises(CorruptImage):
        decode(b"\x89PNG\r\n\x1a\n" + chunks)


def test_an_animation_of_too_many_frames(samples):
    data = samples["gif"].data
    at = data.index(b"\x2c\0\0\0\0")
    frame = data[at:-1]
    many = data[:at] + frame * 10_001 + b"\x3b"
    assert len(many) < Limits().bytes
    with pytest.raises(ImageTooLarge, match="10,000 frames"):
        decode(many)


def test_a_png_in_countless_pieces(samples, png_chunk):
    data = samples["png"].data
    with pytest.raises(CorruptImage, match="pieces"):
        decode(data[:33] + png_chunk(b"tEXt", b"a\0") * 1_000_001 + data[33:])


def test_a_document_that_leads_back_to_itself(samples):
    data = bytearray(samples["tiff"].data)
    (first,) = struct.unpack_from("<I", data, 4)
    (entries,) = struct.unpack_from("<H", data, first)
    struct.pack_into("<I", data, first + 2 + 12 * entries, first)
    with pytest.raises(CorruptImage, match="back to themselves"):
        decode(bytes(data))


def test_a_file_renamed_by_its_first_bytes(samples):
    signatures = {"png": b"\x89PNG\r\n\x1a\n", "gif": b"GIF89a", "jpeg": b"\xff\xd8\xff\xe0"}
    for name, signature in signatures.items():
        for other, sample in samples.items():
            if sample.format != name:
                data = signature + sample.data[len(signature) :]
                assert outcome(data) is None, (name, other)


@pytest.mark.parametrize("kind", ["EPS", "PDF", "PPM", "TGA", "ICO", "PCX", "SGI", "JPEG2000"])
def test_other_formats_of_pillow_are_never_tried(kind, encoded):
    with pytest.raises(UnsupportedFormat):
        decode(encoded(Image.new("RGB", (64, 64)), kind))


def test_an_svg_is_not_an_image_here():
    with pytest.raises(UnsupportedFormat):
        decode(b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>")
