from io import BytesIO

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from evidence import reason
from imaging import CorruptImage, decode
from imaging.codecs.jpeg import reduction, scans


def by_pillow(data):
    with Image.open(BytesIO(data)) as image:
        return np.asarray(image.convert("RGB"))


@pytest.fixture(scope="module")
def noise():
    rng = np.random.default_rng(7)
    coarse = rng.integers(0, 256, (30, 40, 3), np.uint8)
    return Image.fromarray(coarse).resize((203, 151), Image.Resampling.BICUBIC)


@pytest.mark.parametrize(
    ("mode", "options"),
    [
        ("RGB", {"quality": 90}),
        ("RGB", {"quality": 90, "progressive": True}),
        ("RGB", {"quality": 90, "subsampling": 0}),
        ("RGB", {"quality": 90, "subsampling": 1}),
        ("RGB", {"quality": 90, "keep_rgb": True}),
        ("RGB", {"quality": 90, "restart_marker_blocks": 3}),
        ("L", {"quality": 90}),
        ("CMYK", {"quality": 90}),
    ],
    ids=str,
)
def test_the_fast_way_gives_what_pillow_gives(noise, encoded, mode, options):
    data = encoded(noise.convert(mode), "JPEG", **options)
    assert np.array_equal(decode(data).pixels, by_pillow(data))


@given(
    width=st.integers(1, 4000),
    height=st.integers(1, 4000),
    min_side=st.integers(1, 3000),
)
def test_reduction_is_the_smallest_that_suffices(width, height, min_side):
    k = reduction(width, height, min_side)
    suffice = [n for n in (1, 2, 3, 4, 5, 8) if min(width, height) * n >= 8 * min_side]
    assert k == min(suffice, default=8)
    assert reduction(width, height, None) == 8


@pytest.mark.parametrize("min_side", range(19, 160, 10))
def test_sizes_and_scale_at_every_reduction(noise, encoded, min_side):
    image = decode(encoded(noise, "JPEG"), min_side=min_side)
    assert (image.width, image.height) == (203, 151)
    k = round(image.scale * 8)
    assert k == reduction(203, 151, min_side)
    assert image.pixels.shape == (-(-151 * k // 8), -(-203 * k // 8), 3)


def test_cmyk_at_reduced_size(chart, encoded, assert_chart):
    ink = Image.fromarray(chart(480, 320)).convert("CMYK")
    image = decode(encoded(ink, "JPEG", quality=95), min_side=80)
    assert (image.scale, image.pixels.shape) == (0.25, (80, 120, 3))
    assert_chart(image, 4)


def test_inks_with_their_own_luminance(noise, encoded):
    # Adobe's YCCK: the same inks, coded as luminance, colour differences and black.
    data = bytearray(encoded(noise.convert("CMYK"), "JPEG", quality=95))
    adobe = data.index(b"Adobe")
    data[adobe + 11] = 2
    image = decode(bytes(data))
    assert np.array_equal(image.pixels, by_pillow(bytes(data)))


@pytest.mark.parametrize("name", ["jpeg", "jpeg progressive", "jpeg cmyk"])
def test_missing_data_are_an_error(samples, name):
    data = samples[name].data
    for missing in (3, 4, 50):
        with pytest.raises(CorruptImage, match="cut short"):
            decode(data[:-missing])


@pytest.mark.parametrize("name", ["jpeg", "jpeg progressive", "jpeg cmyk"])
@pytest.mark.parametrize(
    "trailer", [b"", b"\xff", b"\0\0\x30\x0aSEFT" + bytes(range(256)) * 8 + b"SEFT"], ids=len
)
def test_a_missing_end_is_told_where_the_picture_is_whole(samples, name, trailer):
    data = samples[name].data
    image = decode(data[:-2] + trailer)
    assert image.notes[0].code == "end_missing"
    assert np.array_equal(image.pixels, decode(data).pixels)


def test_what_follows_the_end_does_not_matter(samples):
    data = samples["jpeg"].data
    assert decode(data + b"SEFT" * 30).notes == ()


def test_an_end_put_behind_half_of_the_data_is_an_error(noise, encoded):
    data = encoded(noise, "JPEG", quality=95)
    with pytest.raises(CorruptImage, match="cut short"):
        decode(data[: len(data) // 2] + b"\xff\xd9")


def test_harmless_disorder_is_read_and_noted(samples, assert_chart):
    data = samples["jpeg"].data
    scan = data.index(b"\xff\xda")
    image = decode(data[:scan] + b"\x01\x02\x03" + data[scan:])
    assert image.notes == (reason("jpeg_damaged"),)
    assert_chart(image, 4)


def test_scans_are_counted_up_to_the_end(samples):
    assert scans(samples["jpeg"].data) == 1
    progressive = samples["jpeg progressive"].data
    assert scans(progressive) > 3
    assert scans(progressive + b"\xff\xda" * 10) == scans(progressive)


def test_a_file_of_endless_scans_is_refused(samples):
    data = samples["jpeg progressive"].data
    last = data.rindex(b"\xff\xda")
    with pytest.raises(CorruptImage, match="scans"):
        decode(data[:last] + data[last:-2] * 300 + b"\xff\xd9")


def test_two_stated_sizes_are_refused_or_the_decoded_one_holds(samples):
    data = samples["jpeg"].data
    frame = data.index(b"\xff\xc0")
    length = int.from_bytes(data[frame + 2 : frame + 4])
    second = bytearray(data[frame : frame + 2 + length])
    second[5:7] = (30000).to_bytes(2)
    with pytest.raises(CorruptImage):
        decode(data[:frame] + bytes(second) + data[frame:])
