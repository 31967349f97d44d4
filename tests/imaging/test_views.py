import csv
import math
from io import BytesIO

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from imaging import Corner, DecodedImage, decode, detail_view, global_view, thumbnail

SIZE = 224
# Measured over 40 pictures in each of six sizes and kinds of file: 52.8 to 55.2 dB on the mean,
# 43.3 at worst (fine detail in a file decoded at barely twice the view's size).
LEAST_DB, LEAST_MEAN_DB = 42.0, 52.0
# A detail view enlarges the same decoded pixels by half: 51.1 dB on the mean, 47.7 at worst.
LEAST_DETAIL_MEAN_DB = 50.0


def reference(picture, size):
    """What torchvision's Resize(size, BICUBIC) and CenterCrop(size) do to a Pillow image."""
    width, height = picture.size
    if width <= height:
        resized = (size, int(size * height / width))
    else:
        resized = (int(size * width / height), size)
    picture = picture.resize(resized, Image.Resampling.BICUBIC)
    left = round((resized[0] - size) / 2.0)
    top = round((resized[1] - size) / 2.0)
    return np.asarray(picture.crop((left, top, left + size, top + size)))


def detail_reference(picture, size, corner):
    """The same for Resize(3 / 2 of the size) and a crop at a corner."""
    width, height = picture.size
    side = size * 3 // 2
    if width <= height:
        resized = (side, int(side * height / width))
    else:
        resized = (int(side * width / height), side)
    picture = picture.resize(resized, Image.Resampling.BICUBIC)
    left = resized[0] - size if "RIGHT" in corner.name else 0
    top = resized[1] - size if "BOTTOM" in corner.name else 0
    return np.asarray(picture.crop((left, top, left + size, top + size)))


def decibels(a, b):
    error = np.mean((a.astype(float) - b) ** 2)
    return math.inf if error == 0 else 10 * math.log10(255**2 / error)


def whole(pixels):
    height, width = pixels.shape[:2]
    return DecodedImage(pixels, width, height, "png", "")


@pytest.fixture(scope="module")
def pictures(data_dir):
    """Real pictures, an even choice over sources and classes."""
    with (data_dir / "manifest.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["path"].endswith(".jpg")]
    chosen = []
    for row in rows[:: len(rows) // 20][:20]:
        with Image.open(data_dir / row["path"]) as picture:
            chosen.append(picture.convert("RGB"))
    return chosen


@pytest.mark.parametrize(
    ("size", "options"),
    [
        ((1200, 1700), {"quality": 85}),
        ((1201, 1703), {"quality": 85}),
        ((1703, 1201), {"quality": 92, "subsampling": 0}),
        ((1201, 1703), {"quality": 75, "progressive": True}),
        ((999, 1333), {"quality": 85, "subsampling": 1}),
        ((2047, 907), {"quality": 85}),
    ],
    ids=str,
)
def test_reduced_decoding_gives_the_reference_view(pictures, size, options, encoded):
    found = []
    for picture in pictures:
        data = encoded(picture.resize(size, Image.Resampling.LANCZOS), "JPEG", **options)
        image = decode(data, min_side=2 * SIZE)
        assert image.scale < 1
        assert min(image.pixels.shape[:2]) >= 2 * SIZE
        with Image.open(BytesIO(data)) as plain:
            found.append(decibels(global_view(image, SIZE), reference(plain, SIZE)))
    assert min(found) >= LEAST_DB
    assert np.mean(found) >= LEAST_MEAN_DB


@pytest.mark.parametrize("orientation", range(1, 9))
def test_reduced_decoding_and_orientation(pictures, orientation, encoded):
    exif = Image.Exif()
    exif[0x0112] = orientation
    turn = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_270,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_90,
    }
    for picture in pictures[:4]:
        stored = picture.resize((1201, 1703), Image.Resampling.LANCZOS)
        data = encoded(stored, "JPEG", quality=85, exif=exif)
        with Image.open(BytesIO(data)) as plain:
            upright = plain.transpose(turn[orientation]) if orientation > 1 else plain
            expected = reference(upright, SIZE)
        assert decibels(global_view(decode(data, min_side=2 * SIZE), SIZE), expected) >= LEAST_DB


def test_the_files_as_they_are(data_dir, pictures):
    with (data_dir / "manifest.csv").open(newline="") as file:
        paths = [row["path"] for row in csv.DictReader(file) if row["split"] == "dev"]
    for path in paths[:: len(paths) // 25]:
        data = (data_dir / path).read_bytes()
        image = decode(data, min_side=2 * SIZE)
        expected = reference(Image.fromarray(decode(data).pixels), SIZE)
        assert decibels(global_view(image, SIZE), expected) >= LEAST_DB, path


@settings(deadline=None, max_examples=60)
@given(width=st.integers(16, 700), height=st.integers(16, 700), size=st.sampled_from([32, 224]))
def test_a_full_decode_gives_the_reference_up_to_rounding(width, height, size):
    pixels = np.random.default_rng(width * 1000 + height).integers(
        64, 192, (height, width, 3), np.uint8
    )
    view = global_view(whole(pixels), size)
    assert view.shape == (size, size, 3)
    assert view.dtype == np.uint8
    expected = reference(Image.fromarray(pixels), size).astype(int)
    assert np.abs(view - expected).max() <= 2  # Pillow rounds between its two passes


@pytest.mark.parametrize("corner", Corner)
def test_details_of_reduced_decodings_give_the_reference(pictures, corner, encoded):
    found = []
    for picture, size in zip(
        pictures[:8], 2 * [(1201, 1703), (1703, 1201), (999, 1333), (2047, 907)], strict=True
    ):
        data = encoded(picture.resize(size, Image.Resampling.LANCZOS), "JPEG", quality=85)
        image = decode(data, min_side=2 * SIZE)
        assert image.scale < 1
        with Image.open(BytesIO(data)) as plain:
            expected = detail_reference(plain, SIZE, corner)
        found.append(decibels(detail_view(image, SIZE, corner), expected))
    assert min(found) >= LEAST_DB
    assert np.mean(found) >= LEAST_DETAIL_MEAN_DB


@settings(deadline=None, max_examples=40)
@given(
    width=st.integers(16, 500), height=st.integers(16, 500), corner=st.sampled_from(list(Corner))
)
def test_details_of_a_full_decode_are_the_reference_up_to_rounding(width, height, corner):
    pixels = np.random.default_rng(width * 1000 + height).integers(
        64, 192, (height, width, 3), np.uint8
    )
    view = detail_view(whole(pixels), 32, corner)
    expected = detail_reference(Image.fromarray(pixels), 32, corner).astype(int)
    assert np.abs(view - expected).max() <= 2


def test_four_details_of_a_square_show_all_of_it():
    square = np.arange(48 * 48 * 3, dtype=np.uint32).reshape(48, 48, 3).astype(np.uint8)
    views = [detail_view(whole(square), 32, corner) for corner in Corner]
    pasted = np.zeros_like(square)
    for view, (right, down) in zip(views, (c.value for c in Corner), strict=True):
        pasted[16 * down : 16 * down + 32, 16 * right : 16 * right + 32] = view
    np.testing.assert_array_equal(pasted, square)


def test_a_view_at_its_own_size_is_the_picture(chart):
    pixels = chart(224, 224)
    assert np.array_equal(global_view(whole(pixels), 224), pixels)


def test_extreme_shapes():
    for width, height in ((16, 5000), (5000, 16), (1, 1)):
        view = global_view(whole(np.full((height, width, 3), 77, np.uint8)), 224)
        assert (view == 77).all()


def test_thumbnails_are_small_upright_and_bare(chart, encoded, assert_chart):
    exif = Image.Exif()
    exif[0x010F] = "a maker"
    image = decode(encoded(Image.fromarray(chart(900, 600)), "JPEG", quality=95, exif=exif))
    small = thumbnail(image, 120)
    assert len(small) < 4000
    again = decode(small)
    assert (again.width, again.height, again.format) == (120, 80, "jpeg")
    assert again.metadata.exif == ()
    assert_chart(again, 6)


def test_thumbnails_are_never_larger_than_the_picture(chart):
    again = decode(thumbnail(whole(chart(40, 30)), 160))
    assert (again.width, again.height) == (40, 30)
