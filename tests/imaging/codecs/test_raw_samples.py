import io

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from imaging import Limits
from imaging.codecs.raw_samples import exact_pixels


def pixels(channels):
    return np.random.default_rng(0).integers(0, 256, (96, 64, channels), dtype=np.uint8)


def saved(samples, kind="PNG", **options):
    out = io.BytesIO()
    Image.fromarray(samples).save(out, kind, **options)
    return out.getvalue()


def test_exact_pixels_are_those_of_the_file():
    samples = pixels(4)
    assert np.array_equal(exact_pixels(saved(samples)), samples)
    assert np.array_equal(exact_pixels(saved(samples, "WEBP", lossless=True, exact=True)), samples)
    assert np.array_equal(exact_pixels(saved(samples[..., :3])), samples[..., :3])


def test_what_has_no_exact_pixels():
    samples = pixels(3)
    whole = saved(samples)
    assert exact_pixels(saved(samples, "JPEG")) is None
    assert exact_pixels(whole[: len(whole) // 2]) is None
    assert exact_pixels(whole, limits=Limits(pixels=100)) is None
    assert exact_pixels(whole, limits=Limits(bytes=100)) is None
    assert exact_pixels(saved(samples[..., 0])) is None
    assert exact_pixels(b"") is None


@given(st.binary(max_size=200))
def test_any_bytes_have_exact_pixels_or_none(data):
    assert exact_pixels(data) is None
    assert exact_pixels(b"\x89PNG\r\n\x1a\n" + data) is None
    assert exact_pixels(b"RIFF\xff\0\0\0WEBP" + data) is None
