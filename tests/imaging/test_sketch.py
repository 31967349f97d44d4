from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from imaging import DecodedImage, decode, decode_for_view, sketch


def picture(width, height):
    """A smooth pattern that tells directions apart."""
    y, x = np.mgrid[:height, :width]
    red = 127 + 120 * np.sin(x / width * 9)
    green = 127 + 120 * np.cos(y / height * 7)
    return np.dstack([red, green, x * 255 / width]).astype(np.uint8)


def whole(pixels):
    height, width = pixels.shape[:2]
    return DecodedImage(pixels, width, height, "png", "")


@pytest.mark.parametrize(
    ("size", "expected"),
    [((960, 480), (480, 240)), ((480, 1440), (160, 480)), ((2000, 3), (480, 1)), ((99, 64), None)],
)
def test_the_longest_side_is_bounded_and_nothing_is_enlarged(size, expected):
    made = sketch(whole(picture(*size)))
    assert made.dtype == np.uint8
    assert made.shape == (expected or size)[::-1]


def test_it_is_luma():
    pixels = picture(64, 48)
    expected = pixels @ np.array([0.299, 0.587, 0.114])
    assert np.abs(sketch(whole(pixels)) - expected).max() <= 1


def test_a_reduced_decode_gives_the_same_sketch():
    out = BytesIO()
    Image.fromarray(picture(2411, 1613)).save(out, "JPEG", quality=95)
    reduced = decode_for_view(out.getvalue(), 224)
    assert reduced.scale < 1
    small, full = sketch(reduced), sketch(decode(out.getvalue()))
    assert small.shape == full.shape
    assert np.abs(small.astype(int) - full).mean() < 1


def test_a_longer_side_can_be_asked_for():
    assert sketch(whole(picture(960, 480)), side=640).shape == (320, 640)
