import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.pixels.views import COUNT, recompressed_view, views_of
from imaging import Corner, DecodedImage, detail_view, global_view


def _image(width: int, height: int) -> DecodedImage:
    y, x = np.mgrid[0:height, 0:width]
    waves = 127 + 60 * np.sin(x / 9) + 60 * np.sin(y / 7)
    pixels = np.repeat(waves[..., None], 3, axis=2).astype(np.uint8)
    return DecodedImage(pixels, width, height, "png", "0" * 64)


@given(st.integers(16, 900), st.integers(16, 900))
@settings(max_examples=20, deadline=None)
def test_the_whole_its_detail_and_the_whole_recompressed(width: int, height: int) -> None:
    image = _image(width, height)
    views = views_of(image, 64)
    assert views.shape == (COUNT, 64, 64, 3)
    assert views.dtype == np.uint8
    np.testing.assert_array_equal(views[0], global_view(image, 64))
    np.testing.assert_array_equal(views[1], detail_view(image, 64, Corner.TOP_LEFT))
    np.testing.assert_array_equal(views[-1], recompressed_view(image, 64))


@pytest.mark.parametrize("size", [(300, 300), (900, 500)])
def test_recompression_is_mild(size: tuple[int, int]) -> None:
    views = views_of(_image(*size), 224).astype(float)
    difference = np.abs(views[-1] - views[0]).mean()
    assert 0.1 < difference < 6
