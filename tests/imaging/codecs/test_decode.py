import hashlib
import struct
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image

from evidence import reason
from imaging import (
    CorruptImage,
    EmptyFile,
    ImageTooLarge,
    ImageTooSmall,
    Limits,
    UnsupportedFormat,
    decode,
)

# How a viewer that knows nothing of EXIF would have to turn the chart for each orientation.
STORED = {
    1: lambda upright: upright,
    2: lambda upright: upright[:, ::-1],
    3: lambda upright: upright[::-1, ::-1],
    4: lambda upright: upright[::-1],
    5: lambda upright: upright.transpose(1, 0, 2),
    6: lambda upright: np.rot90(upright, 1),
    7: lambda upright: upright[::-1, ::-1].transpose(1, 0, 2),
    8: lambda upright: np.rot90(upright, -1),
}


def exif_with(orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif.tobytes()


def test_every_kind_of_file_gives_the_chart(sample, assert_chart):
    image = decode(sample.data)
    assert (image.width, image.height, image.format) == (96, 64, sample.format)
    assert image.pixels.shape == (64, 96, 3)
    assert image.pixels.dtype == np.uint8
    assert image.pixels.flags.c_contiguous
    assert not image.pixels.flags.writeable
    assert image.scale == 1.0
    assert image.sha256 == hashlib.sha256(sample.data).hexdigest()
    assert_chart(image, sample.tolerance)


def test_decoding_twice_gives_the_same(sample):
    first, second = decode(sample.data), decode(sample.data)
    assert np.array_equal(first.pixels, second.pixels)
    assert (first.notes, first.metadata) == (second.notes, second.metadata)


def test_many_threads_give_what_one_gives(samples):
    files = [sample.data for sample in samples.values()] * 4
    alone = [decode(data).pixels for data in files]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda data: decode(data).pixels, files))
    assert all(np.array_equal(a, b) for a, b in zip(alone, together, strict=True))


@pytest.mark.parametrize(
    ("name", "note"),
    [
        ("gif animated", reason("first_frame", count=2)),
        ("webp animated", reason("first_frame", count=2)),
        ("png animated", reason("first_frame", count=2)),
        ("avif animated", reason("first_frame", count=3)),
        ("tiff pages", reason("first_page", count=2)),
    ],
)
def test_the_first_frame_is_taken_and_noted(samples, name, note):
    assert decode(samples[name].data).notes == (note,)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("JPEG", {"quality": 95}),
        ("JPEG", {"quality": 95, "progressive": True}),
        ("PNG", {}),
        ("WEBP", {"lossless": True}),
        ("TIFF", {}),
        ("TIFF", {"compression": "tiff_lzw"}),
        ("AVIF", {"quality": 95}),
        ("HEIF", {"quality": 95}),
    ],
    ids=lambda value: str(value),
)
def test_orientation_is_followed(orientation, kind, options, chart, encoded, assert_chart):
    turned = Image.fromarray(np.ascontiguousarray(STORED[orientation](chart())))
    image = decode(encoded(turned, kind, exif=exif_with(orientation), **options))
    assert (image.width, image.height) == (96, 64)
    assert image.pixels.shape == (64, 96, 3)
    assert_chart(image, 6)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_is_followed_at_reduced_size(orientation, chart, encoded, assert_chart):
    turned = Image.fromarray(np.ascontiguousarray(STORED[orientation](chart(480, 320))))
    data = encoded(turned, "JPEG", quality=95, exif=exif_with(orientation))
    image = decode(data, min_side=80)
    assert (image.width, image.height, image.scale) == (480, 320, 0.25)
    assert image.pixels.shape == (80, 120, 3)
    assert_chart(image, 4)


@pytest.mark.parametrize("orientation", [0, 9, 65535])
def test_an_orientation_that_does_not_exist_is_none(orientation, chart, encoded, assert_chart):
    data = encoded(Image.fromarray(chart()), "PNG", exif=exif_with(orientation))
    assert_chart(decode(data), 0)


def test_an_unreadable_exif_block_costs_nothing_but_itself(chart, encoded, assert_chart):
    data = encoded(Image.fromarray(chart()), "PNG", exif=b"Exif\0\0II*\0\xff\xff\xff\xff")
    assert_chart(decode(data), 0)


def test_no_bytes():
    with pytest.raises(EmptyFile):
        decode(b"")


@pytest.mark.parametrize("data", [b"\0", b"hello", b"%PDF-1.4 ...", bytes(1000)])
def test_no_image(data):
    with pytest.raises(UnsupportedFormat, match="JPEG, PNG"):
        decode(data)


def test_the_content_decides_and_not_only_the_first_plugin(samples):
    # A GIF whose signature was overwritten with a PNG's is neither.
    data = samples["png"].data[:8] + samples["gif"].data[8:]
    with pytest.raises(CorruptImage, match="PNG"):
        decode(data)


def test_limit_on_bytes(sample):
    assert decode(sample.data, limits=Limits(bytes=len(sample.data)))
    with pytest.raises(ImageTooLarge, match="bytes"):
        decode(sample.data, limits=Limits(bytes=len(sample.data) - 1))


def test_limit_on_pixels(sample):
    assert decode(sample.data, limits=Limits(pixels=96 * 64))
    with pytest.raises(ImageTooLarge, match="96 x 64 pixels"):
        decode(sample.data, limits=Limits(pixels=96 * 64 - 1))


def test_limit_on_the_shorter_side(sample):
    assert decode(sample.data, limits=Limits(min_side=64))
    with pytest.raises(ImageTooSmall, match="65"):
        decode(sample.data, limits=Limits(min_side=65))


@pytest.mark.parametrize(
    "name", ["gif animated", "webp animated", "png animated", "avif animated", "tiff pages"]
)
def test_limit_on_frames(samples, name):
    with pytest.raises(ImageTooLarge, match="frames"):
        decode(samples[name].data, limits=Limits(frames=1))


@pytest.mark.parametrize("size", [(1, 1), (1, 500), (500, 15)])
def test_too_small_to_judge(size, encoded):
    with pytest.raises(ImageTooSmall, match=f"{size[0]} x {size[1]}"):
        decode(encoded(Image.new("RGB", size), "PNG"))


def test_several_pictures_in_one_jpeg(chart, encoded, assert_chart):
    first, second = Image.fromarray(chart()), Image.new("RGB", (96, 64))
    image = decode(encoded(first, "MPO", save_all=True, append_images=[second], quality=95))
    assert image.format == "jpeg"
    assert image.notes == (reason("first_picture", count=2),)
    assert_chart(image, 4)


def test_a_film_behind_a_jpeg_is_not_part_of_it(samples, assert_chart):
    film = b"\xff\xda" * 1000  # by chance, a film holds many of what would begin a scan
    assert_chart(decode(samples["jpeg"].data + film), 4)


def test_stray_terminators_in_a_gif_are_passed_over(samples, assert_chart):
    data = samples["gif"].data
    assert_chart(decode(data[:-1] + b"\0\0" + data[-1:]), 0)


def test_a_point_of_the_original_is_found_in_the_reduced_pixels(encoded):
    # Dark to the left of column 96 of 203: that edge must lie where the geometry says, whichever
    # way the picture is stored, though a quarter of 203 columns is no whole number of them.
    width, height, edge = 203, 160, 96
    upright = np.full((height, width, 3), 250, np.uint8)
    upright[:, :edge] = 10
    for orientation, stored in STORED.items():
        turned = Image.fromarray(np.ascontiguousarray(stored(upright)))
        data = encoded(turned, "JPEG", quality=95, exif=exif_with(orientation))
        image = decode(data, min_side=40)
        assert image.scale == 0.25
        row = image.pixels[20, :, 0].astype(float)
        found = (250 - row).sum() / 240  # columns that are dark
        x, _ = image.origin
        assert x == (0.25 if orientation in (2, 3, 6, 7) else 0), orientation
        assert abs(found - (x + image.scale * edge)) < 0.1, orientation


def test_an_image_is_never_enlarged(samples):
    image = decode(samples["jpeg"].data, min_side=4000)
    assert image.pixels.shape == (64, 96, 3)


def test_errors_are_one_line(samples):
    cases = [b"", b"x", samples["png"].data[:50], samples["jpeg"].data[:300]]
    for data in cases:
        with pytest.raises(Exception, match=r"\A[^\n]+\.\Z") as caught:
            decode(data)
        assert caught.value.code.startswith("image_")


def test_a_reserved_size_of_zero_is_no_image():
    header = b"BM" + struct.pack("<IHHI", 54, 0, 0, 54)
    header += struct.pack("<IiiHHIIiiII", 40, 0, 0, 1, 24, 0, 0, 0, 0, 0, 0)
    with pytest.raises(CorruptImage):
        decode(header)
